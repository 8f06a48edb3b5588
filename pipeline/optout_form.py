"""The opt-out form as people send it back: every answer is read, or named as missing or unclear.

Issue forms come as `### Heading` and an answer, `_No response_` for none (GitHub's documentation of
issue forms); mail comes quoted; people change the case of headings, tick boxes and write words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from manifests.registry import Copies, DataKind, Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["QUESTIONS", "Answers", "Choice", "Form", "Question", "read_form"]


class Choice(NamedTuple):
    """One answer to choose: what is recorded, how the form says it, and a pattern that means it."""

    value: str
    label: str
    words: str


class Question(NamedTuple):
    """One question of the form; without `choices` the answer is free text."""

    name: str
    heading: str
    required: bool = False
    choices: tuple[Choice, ...] = ()


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What the form says; an answer that is not given is the one that protects most."""

    what: str = ""
    authority: Level = ""
    copies: Copies = "near"
    future: bool = True
    kinds: tuple[DataKind, ...] = ()
    basis: str = ""
    contact: str = ""
    proof: str = ""
    remarks: str = ""


class Form(msgspec.Struct, frozen=True):
    """A form that was read: `what_line` is the line of the file (from 1) that `what` begins at.

    `unclear` says which answers do not read and how to write them, `missing` holds the headings of
    required answers that are not given.
    """

    answers: Answers
    what_line: int
    unclear: tuple[str, ...]
    missing: tuple[str, ...]


_RELATIONS: Final = (
    Choice("self", "I wrote it", r"wrote|author"),
    Choice("account", "It is in my account", r"account"),
    Choice("owner", "I own or maintain it", r"owner|own|maintain(?:er)?"),
    Choice("domain", "The site is mine", r"site|domain"),
    Choice("legal", "I act for its owner", r"act for|on behalf|lawyer|mandate|represent"),
)
_COPIES: Final = (
    Choice("near", "Near copies too, such as forks that were changed", r"near|fork\w*"),
    Choice("exact", "Exact copies too, changed ones may stay", r"exact|identical"),
    Choice("none", "No copies, only what I name", r"no copies|none|only what i name"),
)
_FUTURE: Final = (
    Choice("yes", "Leave out what I publish later, too", r"yes|later|future"),
    Choice("no", "Only what is there today", r"today|now|existing"),
)
_KINDS: Final = (
    Choice("all", "All kinds", r"all|everything"),
    Choice("code", "Code and files", r"code|files?"),
    Choice("commits", "Commits", r"commits?"),
    Choice("issues", "Issues", r"issues?"),
    Choice("pulls", "Pull requests", r"pulls?|pull requests?|prs?|merge requests?"),
    Choice("comments", "Comments", r"comments?"),
    Choice("questions", "Questions and answers", r"questions?|answers?|q&a"),
    Choice("web", "Web pages", r"web|pages?"),
    Choice("text", "Other text", r"other|texts?"),
)
_BASES: Final = (
    Choice("", "None in particular", r"none|no"),
    Choice("gdpr-17", "GDPR, article 17 (erasure)", r"17|erasure"),
    Choice("gdpr-21", "GDPR, article 21 (objection)", r"21|objection"),
    Choice("dsm-4", "Directive (EU) 2019/790, article 4 (text and data mining)", r"790|dsm|mining"),
    Choice("contract", "A contract", r"contract"),
    Choice("copyright", "Copyright law of another country", r"copyright"),
)
QUESTIONS: Final = (
    Question("what", "What should be left out?", required=True),
    Question("authority", "What are you to it?", required=True, choices=_RELATIONS),
    Question("copies", "Copies elsewhere", choices=_COPIES),
    Question("future", "What you publish later", choices=_FUTURE),
    Question("kinds", "Kinds of data", choices=_KINDS),
    Question("basis", "Legal basis", choices=_BASES),
    Question("contact", "How to reach you"),
    Question("proof", "Proof"),
    Question("remarks", "Anything else"),
)

_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_QUOTED: Final = re.compile(r"(?:[ \t]*>)+[ \t]?")
_MARKED: Final = re.compile(r"\s*(?:#{1,6}\s*[*_]{0,3}|[*_]{1,3})(.+)")
_BOX: Final = re.compile(r"\s*(?:[-*+]|\d+[.)])?\s*\[\s*([xX✓✔]?)\s*\]\s*(.*)")
_BULLET: Final = re.compile(r"\s*[-*+•]\s+")
_NOTHING: Final = frozenset({"", "noresponse", "noanswer", "na", "tbd", "todo"})
_DENIED: Final = re.compile(r"\b(?:not|no|don'?t|except|without|but)\b", re.IGNORECASE)


class _Line(NamedTuple):
    number: int
    depth: int  # of quotation
    text: str


class _Section(NamedTuple):
    line: int
    text: str


def read_form(text: str) -> Form:
    """Read a form that was filled in; never raises."""
    found = dict(_sections(text))
    unclear: list[str] = []
    given: dict[str, object] = {}
    for question in QUESTIONS:
        section = _only(question, found.get(question.name, []), unclear)
        if _is_nothing(section.text):
            continue
        if not question.choices:
            given[question.name] = section.text
            continue
        several = question.name == "kinds"
        values = _chosen(section.text, question.choices, several=several)
        if values is None or (len(values) > 1 and not several):
            labels = "; ".join(each.label for each in question.choices)
            unclear.append(f"{question.heading}: write one of: {labels}")
        elif values:
            given[question.name] = _typed(question.name, values)
    missing = tuple(
        each.heading
        for each in QUESTIONS
        if each.required
        and each.name not in given
        and not any(one.startswith(f"{each.heading}:") for one in unclear)
    )
    first = next((each.line for each in found.get("what", []) if not _is_nothing(each.text)), 1)
    return Form(msgspec.convert(given, Answers), first, tuple(unclear), missing)


def _typed(name: str, values: Sequence[str]) -> object:
    if name == "kinds":
        return () if "all" in values else tuple(sorted(set(values)))
    return values[0] == "yes" if name == "future" else values[0]


def _only(question: Question, sections: Sequence[_Section], unclear: list[str]) -> _Section:
    """Return the one answer; what to leave out may be said in several places, which all count."""
    said = {each.text: each for each in sections if not _is_nothing(each.text)}
    if not said:
        return _Section(1, "")
    first = next(iter(said.values()))
    if len(said) > 1 and question.name == "what":
        return _Section(first.line, "\n".join(said))
    if len(said) > 1:
        unclear.append(f"{question.heading}: stands twice, the first answer counts: keep one")
    return first


def _sections(text: str) -> Iterator[tuple[str, list[_Section]]]:
    """Cut a form at its headings: those with a mark if the first question has one, else all."""
    lines = list(_lines(text))
    heads = _heads(lines, marked=True)
    if not any(name == "what" for name, _ in heads.values()):
        heads = _heads(lines, marked=False)
    depth = min((lines[at].depth for at in heads), default=0)
    heads = {at: head for at, head in heads.items() if lines[at].depth == depth}
    ends = [*heads, len(lines)][1:]
    found: dict[str, list[_Section]] = {}
    for (start, (name, rest)), end in zip(heads.items(), ends, strict=True):
        body = [rest, *(_unquoted(each, depth) for each in lines[start + 1 : end])]
        blank = next((n for n, each in enumerate(body) if each.strip()), 0)
        answer = "\n".join(body[blank:]).strip()
        found.setdefault(name, []).append(_Section(lines[start].number + blank, answer))
    yield from found.items()


def _lines(text: str) -> Iterator[_Line]:
    """Yield the lines without comments, which leave their line feeds."""
    text = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text.removeprefix("\ufeff"))
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        quoted = _QUOTED.match(line)
        yield _Line(number, 0 if quoted is None else quoted[0].count(">"), line)


def _heads(lines: Sequence[_Line], *, marked: bool) -> Mapping[int, tuple[str, str]]:
    """Find the headings by position: the question's name, and what stands behind on the same line."""
    found: dict[int, tuple[str, str]] = {}
    for at, line in enumerate(lines):
        text = _unquoted(line, line.depth)
        mark = _MARKED.fullmatch(text)
        if marked and mark is None:
            continue
        head = _head(mark[1] if mark is not None else text)
        if head is not None:
            found[at] = head
    return found


def _head(text: str) -> tuple[str, str] | None:
    for question in QUESTIONS:
        words = r"\W+".join(map(re.escape, re.findall(r"\w+", question.heading)))
        found = re.fullmatch(
            rf"\W*{words}\s*[?:*_#]*(?:(?<=[?:*_])\s*(\S.*))?\s*", text, re.IGNORECASE
        )
        if found is not None:
            return question.name, found[1] or ""
    return None


def _unquoted(line: _Line, depth: int) -> str:
    """Strip so many marks of quotation, fewer where the line has fewer."""
    text = line.text
    for _ in range(min(depth, line.depth)):
        text = text.lstrip(" \t").removeprefix(">")
    return text.removeprefix(" ") if depth and line.depth else text


def _is_nothing(text: str) -> bool:
    return _plain(text) in _NOTHING


def _plain(text: str) -> str:
    return "".join(re.findall(r"\w+", text.casefold().replace("_", "")))


def _chosen(text: str, choices: Sequence[Choice], *, several: bool) -> list[str] | None:
    """Return the values that are ticked or written, `None` for an answer that is none of them."""
    lines = [(_BOX.fullmatch(line), line) for line in text.splitlines()]
    said = [box[2] for box, _ in lines if box is not None and box[1]]
    if not said:
        rest = "\n".join(line for box, line in lines if box is None).strip()
        whole = _exact(rest, choices) if several else _meant(rest, choices)
        if whole is not None:
            return [whole]
        said = [_BULLET.sub("", each) for each in re.split(r"\n|[,;]|\band\b", rest)]
    values = [_meant(each, choices) for each in said if _plain(each)]
    known = [each for each in values if each is not None]
    return known if len(known) == len(values) else None


def _exact(text: str, choices: Sequence[Choice]) -> str | None:
    """Return the value whose label, value or words a text is."""
    for choice in choices:
        if _plain(text) in {_plain(choice.label), _plain(choice.value) or _plain(choice.label)}:
            return choice.value
    lowered = text.casefold()
    named = [c.value for c in choices if re.fullmatch(rf"\W*(?:{c.words})\W*", lowered) is not None]
    return named[0] if len(named) == 1 else None


def _meant(text: str, choices: Sequence[Choice]) -> str | None:
    """Return the value that a text is, or whose words alone stand in it and are not denied."""
    exact = _exact(text, choices)
    if exact is not None or _DENIED.search(text) is not None:
        return exact
    lowered = text.casefold()
    named = [c.value for c in choices if re.search(rf"\b(?:{c.words})\b", lowered) is not None]
    return named[0] if len(named) == 1 else None
