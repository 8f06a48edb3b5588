"""What a manifest says about its licence, from words as written to one finding with its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeVar

from filters.licenses.evidence import Evidence, Note
from filters.licenses.spdx import NOASSERTION, combine, normalise, parse, render
from filters.licenses.syntax import MAX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_TEXT: Final = 1 << 22  # code points; no manifest that a person wrote is longer
_MAX_CLAIMS: Final = 200  # licences in one place of a manifest
_MAX_NAME: Final = 240  # code points; what is longer is a text
_MAX_FOLDED: Final = 100  # code points of a name that runs over lines
_COPYRIGHT: Final = re.compile(r"\s*(?:copyright\b|\(c\)|©)", re.IGNORECASE)
_FILE: Final = re.compile(
    r"(?:please\s+)?see\b.*|(?:the\s+)?(?:file:?\s+)?[\w./-]*(?:licen[cs]e|copying)[\w./-]*"
    r"(?:\s+file)?|file://.*|(?:[\w./-]+)\.(?:txt|md|rst)",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile(r"\d")
_NUMBER_WORDS: Final = re.compile(
    r"\b(?:new|revised|modified|simplified|original|two|three|four|zero|boost)\b", re.IGNORECASE
)
# what people write around a name: who sells the other licence, what an exception is for
_ASIDES: Final = (
    (re.compile(r"^dual[ -]licen[cs]ed?\s*[-\u2013\u2014:]\s*", re.IGNORECASE), ""),
    (
        re.compile(r"\bor (?:an? |the )?(?:[A-Z]\w+ )?commercial licen[cs]e$", re.IGNORECASE),
        "or Commercial",
    ),
    (
        re.compile(
            r"\bwith (?:an? )?((?:special |linking )?exception)(?: (?:which|that|to|for)\b.*)?$",
            re.IGNORECASE,
        ),
        r"with \1",
    ),
    (re.compile(r"(?<=\d)-or-later\b", re.IGNORECASE), "+"),
)
_LISTED_FAMILY: Final = re.compile(r"[A-Za-z-]*?-(?=\d)")


_T = TypeVar("_T")


class MetadataError(ValueError):
    """A manifest that cannot be read. The message names the kind of mistake, never the text."""


class Claim(NamedTuple):
    """A licence as written; `start` and `end` in code points of the manifest, 0 where not found.

    `defers`: the value names or is a text, which has to be read instead.
    """

    value: str
    start: int = 0
    end: int = 0
    defers: bool = False


def settle(
    claims: Sequence[Claim],
    operator: Literal["AND", "OR"] = "AND",
    words: Mapping[str, str] | None = None,
) -> tuple[Evidence, ...]:
    """Join what stands in one place of a manifest to one finding, or to none for no claim.

    `words` are the names of one ecosystem, lower case, that mean something else or nothing
    elsewhere. The note is `partial` where a file or whole text must be read instead, `family`
    where a versioned licence was named without its version.
    """
    read = [_read(claim, words or {}) for claim in claims if _says(claim.value)]
    if not read:
        return ()
    expression = render(combine(operator, [parse(found) for found, _ in read]))
    if len(expression) > MAX_LENGTH:
        expression = NOASSERTION
    spans = [(claim.start, claim.end) for claim in claims if claim.end]
    return (
        Evidence(
            kind="metadata",
            expression=expression,
            start=min((start for start, _ in spans), default=0),
            end=max((end for _, end in spans), default=0),
            note=_note([note for _, note in read]),
        ),
    )


def _note(notes: list[Note]) -> Note:
    return "partial" if "partial" in notes else "family" if "family" in notes else ""


def _says(value: str) -> bool:
    """Whether anything is claimed: old setuptools wrote UNKNOWN where nothing was."""
    return value.strip() not in {"", "UNKNOWN", "null", "~"}


def _read(claim: Claim, words: Mapping[str, str]) -> tuple[str, Note]:
    """Give a claim's expression, and what is known about its vagueness."""
    value = claim.value.strip()
    if claim.defers or is_text(value):
        return NOASSERTION, "partial"
    value = " ".join(value.split()).strip("\"'").rstrip(".,;")
    known = words.get(value.lower())
    if known is not None:
        return known, ""
    found = normalise(value)
    if found.unknown or found.expression == NOASSERTION:
        plain = normalise(_without_asides(value))
        found = found if plain.unknown or plain.expression == NOASSERTION else plain
    if (found.unknown or found.expression == NOASSERTION) and _FILE.fullmatch(value) is not None:
        return NOASSERTION, "partial"
    return found.expression, "family" if _is_vague(value, found.expression) else ""


def _without_asides(value: str) -> str:
    for pattern, plain in _ASIDES:
        value = pattern.sub(plain, value)
    return value


def bounded(claims: list[_T]) -> list[_T]:
    """Refuse a list that nobody wrote, whose claims would take long to find in the text."""
    if len(claims) > _MAX_CLAIMS:
        raise MetadataError(f"more than {_MAX_CLAIMS} licences")
    return claims


def is_text(value: str) -> bool:
    """Whether the value is a licence's own words, not its name."""
    folded = "\n" in value.strip()
    return len(value) > (_MAX_FOLDED if folded else _MAX_NAME) or (
        folded and _COPYRIGHT.match(value) is not None
    )


def _is_vague(value: str, expression: str) -> bool:
    numbered = _DIGITS.search(expression) is not None and expression != value
    return numbered and _DIGITS.search(value) is None and _NUMBER_WORDS.search(value) is None


def family(expression: str) -> str:
    """Give what stands before the first number of one id: `GPL-`, `BSD-`, `CC-BY-`; else ``""``."""
    match = _LISTED_FAMILY.match(expression)
    return match[0] if match is not None and " " not in expression else ""


def locate(text: str, value: str, *anchors: str) -> tuple[int, int]:
    """Find the value after each of the patterns in turn, as `start, end`; `0, 0` if it is not there."""
    at = 0
    for anchor in anchors:
        match = re.compile(anchor, re.MULTILINE | re.IGNORECASE).search(text, at)
        if match is None:
            return 0, 0
        at = match.end()
    start = text.find(value, at) if value else -1
    return (start, start + len(value)) if start >= 0 else (0, 0)
