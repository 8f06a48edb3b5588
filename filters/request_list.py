"""A free-form opt-out request read line by line: the subjects it names, and what is unclear and why.

People write names, URLs, bullets, links and half a sentence. Every line that is not blank is accounted
for: it gives subjects, or a reason why it does not with what to write instead, or both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from filters.request_tokens import LABELS, Reading, names_something, token_subject
from filters.subjects import KINDS, Subject, stored_subject, subject
from filters.urls import SubjectError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Line", "Parsed", "Reading", "parse", "render"]

_BULLET: Final = re.compile(r"\s*(?:>\s*)*(?:(?:[-*+•–]|\(?\d{1,4}[.)])\s+)?(?:\[([ xX]?)\]\s+)?")  # noqa: RUF001  a dash as people type it
_LABEL: Final = re.compile(
    r"[*_`]{0,2}([A-Za-z][A-Za-z0-9_-]*(?: blob)?)[*_`]{0,2}\s*:(?!//)[*_`]{0,2}(.*)"
)
_STORED: Final = re.compile(r"([a-z0-9_]+) = (.*)")
_MARKUP: Final = re.compile(
    r"[-=_#`|:+~>.\s]*|\s*(?:\*\s*){3,}|\s*#{1,6}\s.*|\s*```.*|\s*<!--.*?-->\s*"
)
_LINK: Final = re.compile(r"!?\[[^\[\]]*\]\(\s*<?([^()<>\s]+)>?[^()]*\)")
_SEPARATOR: Final = re.compile(r"[\s,|]+|;(?!(?:origin|path|visit|anchor|lines|bytes)=)")
_SPACED_PAIR: Final = re.compile(r"[\w.-]\s+/\s*[\w.-]|[\w.-]\s*/\s+[\w.-]")
_WRAPPING: Final = "`\"'<>()[]{}“”‘’"  # noqa: RUF001  quotes as people type them
_TRAILING: Final = ".,;:!?"
# Words that say nothing beside names.
_BETWEEN: Final = frozenset({"", "&", "+", "and", "also", "plus", "as", "well"})
_AGAINST: Final = frozenset(
    {"but", "except", "excluding", "keep", "not", "unless", "without", "don't", "dont", "other"}
)
_TALK: Final = frozenset(
    {"a", "account", "best", "cheers", "code", "dear", "delete", "for", "from", "hello", "hey",
     "hi", "i", "is", "it", "me", "my", "of", "opt-out", "please", "project", "projects", "regards",
     "remove", "repo", "repos", "repositories", "repository", "sincerely", "thank", "thanks", "the",
     "these", "this", "those", "to", "yes", "no", "you", "your", "yours"}
)  # fmt: skip
_MOST_WORDS: Final = 2  # bare names on one line; more are a sentence
_ONE_NAME: Final = "a sentence or several bare names: write one name a line, or its URL"
_BESIDE: Final = "words stand beside the names: check that these alone are meant"
_UNSURE: Final = "an exception or a condition: write only what is to be left out"
_SPACED: Final = "blanks around a slash: write owner/name without them, or two names on two lines"
_NO_KIND: Final = f"an unknown kind: write one of {', '.join(KINDS)}"
_NO_NAME: Final = "no subject is named here: write one subject a line, as a URL or kind: value"


class Line(msgspec.Struct, frozen=True):
    """One line as given (`number` from 1), what it names, and why it needs a look, `""` if it does not.

    `markup`: a heading, a rule, an empty or unticked box; it names nothing and is not unclear.
    """

    number: int
    text: str
    subjects: tuple[Subject, ...] = ()
    why: str = ""
    markup: bool = False


class Parsed(msgspec.Struct, frozen=True):
    """Every line of a request that is not blank."""

    lines: tuple[Line, ...]

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Every subject once, in the order in which they come."""
        return tuple(dict.fromkeys(each for line in self.lines for each in line.subjects))

    @property
    def unclear(self) -> tuple[Line, ...]:
        """The lines that somebody must look at."""
        return tuple(line for line in self.lines if line.why and not line.markup)


def parse(text: str, reading: Reading | None = None) -> Parsed:
    """Read a request; never raises."""
    how = Reading() if reading is None else reading
    lines = enumerate(text.splitlines(), start=1)
    return Parsed(tuple(_line(number, line, how) for number, line in lines if line.strip()))


def render(parsed: Parsed) -> str:
    """Write what was read: `kind = value` for each subject, lines that are unclear or markup as given.

    `parse` reads it back as the same subjects and the same unclear lines.
    """
    return "".join(f"{each}\n" for line in parsed.lines for each in _rendered(line))


def _rendered(line: Line) -> list[str]:
    if line.why:
        return [line.text]
    return [f"{it.kind} = {f'{it.repo} ' if it.repo else ''}{it.value}" for it in line.subjects]


def _line(number: int, text: str, how: Reading) -> Line:
    stored = _STORED.fullmatch(text)
    if stored is not None:
        exact = _stored(stored[1], stored[2])
        if exact is not None:
            return Line(number, text, (exact,))
    bullet = _BULLET.match(text)
    rest = text[bullet.end() :] if bullet is not None else text
    if bullet is not None and bullet[1] in {" ", ""}:
        return Line(number, text, why="a box that is not ticked", markup=True)
    label = _LABEL.fullmatch(rest.strip())
    if label is not None and label[1].lower() in LABELS:
        subjects, why = _labelled(LABELS[label[1].lower()], label[2], how)
        return Line(number, text, subjects, why)
    if _MARKUP.fullmatch(text) is not None:
        return Line(number, text, why="a heading or a rule, which names nothing", markup=True)
    subjects, why = _free(rest, how)
    return Line(number, text, subjects, why)


def _stored(kind: str, value: str) -> Subject | None:
    """Read what `render` wrote, and nothing else."""
    repo, _, glob = value.partition(" ")
    try:
        made = (
            stored_subject(kind, glob, repo=repo) if kind == "path" else stored_subject(kind, value)
        )
    except SubjectError:
        return None
    same = made.kind == kind and made.value == (glob if kind == "path" else value)
    return made if same and made.repo == (repo if kind == "path" else "") else None


def _labelled(kind: str, value: str, how: Reading) -> tuple[tuple[Subject, ...], str]:
    """Read `kind: value`; ids and paths may hold blanks and commas."""
    value = value.strip()
    if not value:
        return (), "nothing stands after the kind: write kind: value on one line"
    if kind == "id":
        return _each([value], lambda each: subject("id", each.strip("`").strip()))
    if kind == "path":
        repo, _, glob = _unwrapped(value).partition(" ")
        return _each([glob], lambda each: subject("path", _unwrapped(each), repo=repo))
    if kind == "author":
        return _each([value], lambda each: _author(each, how))
    return _each(_tokens(value), lambda each: _named(kind, each, how))


def _named(kind: str, token: str, how: Reading) -> Subject:
    if kind == "owner" and how.owners_on and re.fullmatch(r"@?[\w-]+", token) is not None:
        return token_subject(token, how)
    if kind == "owner":
        token = re.sub(r"(?<=[^/])/(?:\*|all|ALL)\Z", "", token)
    return subject(kind, token, key=how.key)


def _author(text: str, how: Reading) -> Subject:
    if re.fullmatch(r"[0-9a-f]{8}:[0-9a-f]{64}", text) is not None:
        return stored_subject("author", text)
    return subject("author", text, key=how.key)


def _free(rest: str, how: Reading) -> tuple[tuple[Subject, ...], str]:
    """Read a line without a label: names, and words between them."""
    words = [each for each in _tokens(rest) if each.lower() not in _BETWEEN]
    named = [each for each in words if names_something(each)]
    prose = [each for each in words if not names_something(each)]
    unclear = _unclear(rest, words, named, prose)
    if unclear:
        return (), unclear
    if not named and _are_names(prose, rest):
        return _each(prose, lambda each: token_subject(each, how))
    if not named:
        return (), _ONE_NAME if how.owners_on else _NO_NAME
    subjects, why = _each(named, lambda each: token_subject(each, how))
    return subjects, "; ".join(filter(None, [why, _BESIDE if prose else ""]))


def _unclear(rest: str, words: list[str], named: list[str], prose: list[str]) -> str:
    """Say why nothing on a line can be taken for a name, `""` where something can."""
    if any(each.lower() in _AGAINST for each in prose):
        return _UNSURE
    if _SPACED_PAIR.search(rest) is not None:
        return _SPACED
    if not words:
        return _NO_NAME
    return _NO_KIND if not named and ":" in rest.strip().rstrip(":") else ""


def _are_names(words: list[str], rest: str) -> bool:
    """Say whether bare words are names rather than a sentence: few of them, or commas between all."""
    if any(each.lower() in _TALK for each in words):
        return False
    return len(words) <= _MOST_WORDS or rest.count(",") >= len(words) - 1


def _each(tokens: list[str], read: Callable[[str], Subject]) -> tuple[tuple[Subject, ...], str]:
    """Read every token; the reasons of those that are unclear go together, each of them once."""
    subjects: list[Subject] = []
    reasons: list[str] = []
    for token in tokens:
        try:
            subjects.append(read(token))
        except SubjectError as error:
            reasons.append(str(error))
    if not tokens:
        reasons.append(_NO_NAME)
    return tuple(dict.fromkeys(subjects)), "; ".join(dict.fromkeys(reasons))


def _tokens(text: str) -> list[str]:
    """Split a line at blanks, commas and bars; links give their target, wrapping is dropped."""
    text = _LINK.sub(r" \1 ", text)
    tokens = (_unwrapped(each) for each in _SEPARATOR.split(text))
    return [each for each in tokens if re.search(r"[\w*]", each) is not None]


def _unwrapped(text: str) -> str:
    """Drop quotes, brackets, emphasis and the end of a sentence around a word."""
    before = ""
    while text != before:
        before = text
        text = text.strip().strip(_WRAPPING).rstrip(_TRAILING)
        for mark in ("**", "__", "~~"):
            if text.startswith(mark) and text.endswith(mark):
                text = text[2:-2]
    return text
