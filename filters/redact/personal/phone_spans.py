"""Tell how much of a run of digits and gaps is one telephone number, with its extension."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from filters.redact.personal.phone_plans import is_fiction, is_phone, is_sane
from filters.redact.personal.phone_words import LANGUAGES

if TYPE_CHECKING:
    from filters.redact.rule import Range

_EXTENSION: Final = re.compile(
    r"(?:;ext=|[ ,;]{0,2}(?:ext(?:ension|n)?\b\.?|x|poste|durchwahl|DW|ramal|내선|内線|доб\.?|anexo|int\.|#)"
    r"[ .:]{0,2})\d{1,6}(?![\w-])",
    re.IGNORECASE | re.ASCII,
)
_CUT: Final = re.compile(r"(?<=\d)(?=[^\d])")


@lru_cache(maxsize=1 << 10)
def regions_of(words: str) -> tuple[str, ...]:
    """Return where the language of the words before a number is spoken."""
    return next((regions for pattern, regions in LANGUAGES if pattern.search(words)), ())


def longest(match: re.Match[str], regions: tuple[str | None, ...]) -> Range | None:
    """Return the longest run of groups from the start that is a number, with its extension."""
    text, (start, stop) = match.string, match.span("span")
    ends = [stop, *(start + cut.start() for cut in reversed([*_CUT.finditer(match["span"])]))]
    for end in ends:
        if is_fiction(text[start:end]):
            return None
        if _ends(text, end) and is_phone(text[start:end], regions):
            return with_extension(text, _opened(text, start, end), end)
    return None


def _ends(text: str, end: int) -> bool:
    after = text[end : end + 1]
    word = after.isascii() and (after.isalnum() or after in ("_", "%"))
    if after == "." and text[end + 1 : end + 2].isdigit():
        return False
    return not word or _EXTENSION.match(text, end) is not None


def _opened(text: str, start: int, end: int) -> int:
    """Take in the bracket before a number if it closes within it."""
    piece = text[start:end]
    lone = ")" in piece and piece.find(")") < (piece + "(").find("(")
    return start - 1 if lone and text[start - 1 : start] == "(" else start


def with_extension(text: str, start: int, end: int) -> Range:
    """Return a number's range with the extension that follows it."""
    extension = _EXTENSION.match(text, end)
    return start, end if extension is None else extension.end()


def possible(match: re.Match[str], between: str) -> Range | None:
    """Accept a number that no plan knows when it is grouped like one, right behind a plain word."""
    number = match["span"]
    groups = re.findall(r"\d+", number)
    direct = len(between.strip(" :=\"'>.(-\t")) == 0
    usual = len(groups) in (3, 4, 5) and max(map(len, groups)) <= 4 and len(groups[-1]) >= 2  # noqa: PLR2004  `415 555 2671`
    sized = 9 <= sum(map(len, groups)) <= 13  # noqa: PLR2004  national numbers with their trunk digit
    if not (
        direct and usual and sized and _ends(match.string, match.end("span")) and is_sane(number)
    ):
        return None
    start, end = match.span("span")
    return with_extension(match.string, _opened(match.string, start, end), end)
