"""The natural language of the comments and documentation strings of a piece of code.

A small scanner a family of languages (`filters/_tables/comments.toml`) steps over strings and collects
comments from the beginning until there is enough to tell the language by. What is left out: notices of
licence and copyright, which say nothing of who wrote the code, and lines that are code themselves. It
is no parser: in odd places a string is taken for a comment or a comment for a string.
"""

from __future__ import annotations

import functools
import re
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from filters.prose import UNDETERMINED, natural_language

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD: Final = 8_192  # code points that are looked at
_ENOUGH: Final = 400  # code points of comments that are judged
_FEWEST: Final = 40  # letters: below, comments are labels, names and marks
_SIGN: Final = 4  # letters that an ideograph or a syllable sign counts for
_LONGEST: Final = 2_000  # code points of one comment that are read
# What a notice says, in lower case; it says nothing of who wrote the code.
_NOTICE: Final = (
    *("copyright", "licens", "licenc", "spdx", "all rights reserved", "warranty", "redistribut"),
    *("permission is hereby", "(c) 19", "(c) 20", "\u00a9"),
)
# Frequent words of English and of no other large language, nor keywords of programs. Where every
# eighth word is one of them the text is English, and no model is asked.
_ENGLISH: Final = frozenset([
    "the", "of", "to", "that", "be", "are", "it", "which", "should", "was", "these", "those", "will", "when",
    "has", "have", "been", "we", "its", "you", "your", "their", "than", "then", "such", "may", "can", "used",
    "using", "because",
])  # fmt: skip
_ENGLISH_SHARE: Final = 8
_ENGLISH_WORDS: Final = 9  # words of comment from which that is enough
_BEFORE: Final = "\"'([*#/-.,:;!?<>=~|%\u2014"
_BEHIND: Final = "\"'*#/-.,:;!?<>=~|\u2014"
# Runs of ASCII beside words of scripts that put no blank between.
_RUNS: Final = re.compile("[!-~]+")
_SIGNS: Final = re.compile("[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_LETTERS: Final = re.compile(r"[^\W\d_]")


class _Scanner(NamedTuple):
    """`pattern` matches comments, told by a group, and strings; `first` groups must begin a line."""

    pattern: re.Pattern[str]
    first: frozenset[int]


@functools.cache
def _scanners() -> dict[str, _Scanner]:
    table = tomllib.loads(files("filters._tables").joinpath("comments.toml").read_text("utf-8"))
    scanners: dict[str, _Scanner] = {}
    for family in table.values():
        parts = list(_parts(family))
        # every alternative begins with a sign of its own, so that the search skips to the next of these
        scanner = _Scanner(
            re.compile("|".join(part for part, _ in parts), re.DOTALL | re.MULTILINE),
            frozenset(_first_groups(parts)),
        )
        for language in family["languages"].split("|"):
            scanners.setdefault(language, scanner)
    return scanners


def _first_groups(parts: list[tuple[str, bool]]) -> Iterator[int]:
    groups = 0
    for part, is_first in parts:
        groups += re.compile(part).groups
        if is_first:
            yield groups


_DOCS: Final = {
    "statements": ((r'"""(.*?)(?:"""|\Z)', True), (r"'''(.*?)(?:'''|\Z)", True)),
    "begin": ((r"=begin\b(.*?)(?:^=end\b|\Z)", True),),
    "pod": ((r"=(?=[a-z])(?<![^\n]=)(.*?)(?:^=cut\b|\Z)", True),),
    "attributes": (
        (r'@\w*doc\s+~?[sS]?"""(.*?)(?:"""|\Z)', False),
        (r'""".*?(?:"""|\Z)', False),
    ),
}


def _parts(family: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Give the alternatives in the order in which they are tried, and whether each must begin a line.

    None can fail after a long way: what is not closed runs to the end of its line or of the text,
    so that no sign is read twice.
    """
    for kind in family.get("docs", ()):
        yield from _DOCS[kind]
    for opening, closing in family.get("block", ()):
        yield rf"{re.escape(opening)}(.*?)(?:{re.escape(closing)}|\Z)", False
    for key in ("first", "line"):
        for sign in family.get(key, ()):
            # lines of comment that follow each other are one comment
            opened = re.escape(sign)
            yield rf"{opened}([^\n]*+(?:\n[ \t]*+{opened}[^\n]*+)*+)", key == "first"
    if family.get("char"):
        yield r"'(?:[^'\\\n]|\\[^\n]{1,8}?)'", False
    for quote in family.get("quotes", ()):
        yield rf"{quote}[^{quote}\\\n]*+(?:\\.[^{quote}\\\n]*+)*+{quote}?", False
    for quote in family.get("open", ()):
        yield rf"{quote}[^{quote}\\]*+(?:\\.[^{quote}\\]*+)*+{quote}?", False


def comments(language: str, text: str) -> Iterator[str]:
    """Give the comments of the first 8,192 code points, each at most 2,000 long, in their order.

    Comments on lines that follow each other are one. A language whose comments are not known has none.
    """
    scanner = _scanners().get(language)
    if scanner is None:
        return
    for found in scanner.pattern.finditer(text[:_HEAD]):
        group = found.lastindex
        if group is not None and (group not in scanner.first or _begins_line(text, found.start())):
            yield found[group][:_LONGEST]


def _begins_line(text: str, start: int) -> bool:
    """Say whether nothing but blanks, or the letters before a raw string, stands before on the line."""
    return not text[text.rfind("\n", 0, start) + 1 : start].strip(" \trRuU@")


def comment_language(language: str, text: str) -> str:
    """Tell the language of the comments of code: ISO 639-1, else 639-3, `und` where they are too few."""
    words: list[str] = []
    length = 0
    for comment in comments(language, text):
        lowered = comment[: 2 * _ENOUGH].lower()
        if any(map(lowered.__contains__, _NOTICE)):
            continue
        plain = lowered[:_ENOUGH].split()
        for said in (plain,) if _is_english(plain) else map(_said, comment.split("\n")):
            words += said
            length += sum(map(len, said))
            if length >= _ENOUGH:
                break
        if length >= _ENOUGH:
            break
    return _judged(words) if length >= _FEWEST // _SIGN else UNDETERMINED


def _is_english(words: list[str]) -> bool:
    """Say whether words in lower case are English beyond doubt."""
    if len(words) < _ENGLISH_WORDS:
        return False
    return _ENGLISH_SHARE * sum(map(_ENGLISH.__contains__, words)) >= len(words)


def _judged(words: list[str]) -> str:
    if _is_english([word.lower() for word in words]):
        return "en"
    sample = " ".join(words)[: 2 * _ENOUGH]
    letters = len(_LETTERS.findall(sample)) + (_SIGN - 1) * len(_SIGNS.findall(sample))
    if letters < _FEWEST:
        return UNDETERMINED
    # Short English comments, the most by far, are not worth the second model; those with accents are.
    return natural_language(sample, second=not sample.isascii())


def _said(line: str) -> list[str]:
    """Give the words of a line of comment without decoration; none where most look like code."""
    said: list[str] = []
    code = 0
    for word in line.split():
        if word.islower() and word.isalpha():
            said.append(word)
            continue
        bare = word.lstrip(_BEFORE).rstrip(_BEHIND)
        if not bare:
            continue
        if "(" not in bare:
            bare = bare.rstrip(")]")
        if not bare.isascii():
            said.append(_RUNS.sub(" ", bare))
        elif _is_word(bare):
            said.append(bare)
        else:
            code += 1
    return said if len(said) >= code else []


def _is_word(bare: str) -> bool:
    """Tell a word of ASCII, maybe with hyphens or an apostrophe, from a name in camel case and the like."""
    plain = bare.replace("-", "").replace("'", "")
    return plain.isalpha() and (plain[1:].islower() or plain.isupper())
