"""One quick look at a text says whether any word stands in it that licence evidence needs."""

from __future__ import annotations

import functools
import re
from typing import Any, Final

from filters.licenses.notices.engine import ENGINE, compile_words

# At least one of these stands wherever a licence is named, granted, refused or quoted: a literal in
# lower case and, where it is too common by itself, a pattern that must be found as well. Between
# the words of a pattern there is room for a line break with its comment marks.
GATE: Final[tuple[tuple[str, str], ...]] = (
    ("licen", ""), ("spdx", ""), ("gpl", ""), ("copyleft", ""), ("copying", ""), ("wtfpl", ""),
    ("redistribut", ""), ("warrant", ""), ("permission", r"permission\W{1,12}(?:is|to|notice|of|from)\b"),
    ("permission", r"(?:written|express|prior|without)\W{1,12}permission"),
    ("proprietary", ""), ("confidential", ""), ("beerware", ""), ("beer-ware", ""),
    ("apache", ""), ("mozilla public", ""), ("artistic", ""), ("hereby", ""), ("gnu general", ""),
    ("reserved", r"\bno\W{1,12}rights\W{1,12}reserved"), ("domain", r"public\W{0,12}domain"),
    ("commons", r"creative\W{0,12}commons"), ("trade", r"trade\W{1,12}secret"),
    ("unauthori", r"unauthori[sz]ed\W{1,12}(?:cop|use|repro|dup|dist|disc|mod)"),
    ("terms", r"same\W{1,12}terms"), ("terms", r"under\W{1,12}(?:the\W{1,12})?terms"),
    ("mit", r"\bmit\b"), ("bsd", r"\bbsd"), ("cc", r"\bcc\W?(?:0|zero|by)\b"), ("mpl", r"\bmpl\b"),
    ("for any", r"for\W{1,12}any\W{1,12}(?:purpose|use)\b"),
    ("lizenz", ""), ("lisens", ""), ("lisans", ""), ("licencj", ""),
    ("лиценз", ""), ("Лиценз", ""), ("ЛИЦЕНЗ", ""), ("ліценз", ""), ("Ліценз", ""),
    ("άδεια", ""), ("Άδεια", ""), ("ライセンス", ""), ("使用許諾", ""), ("許可", ""),
    ("許諾", ""), ("허가서", ""), ("创作共用", ""), ("创用", ""),
    ("知识共享", ""), ("創用", ""), ("クリエイティブ", ""), ("커먼즈", ""), ("许可", ""),
    ("授权", ""), ("授權", ""), ("라이선스", ""), ("라이센스", ""), ("giấy phép", ""),
    ("רישיון", ""), ("ترخيص", ""), ("رخصة", ""), ("อนุญาต", ""), ("लाइसेंस", ""),
)  # fmt: skip


_REACH: Final = 800  # code points around a word in which what is said with it stands


def mentions_license(text: str) -> bool:
    """Say whether the text holds a word of `GATE`: `False` only where there is no evidence.

    In 8 kB of source some 5 microseconds, of which the scan for all words at once takes most.
    """
    if ENGINE is None:
        return _mentions_slowly(text)
    found: list[int] = []
    data = text.encode("utf-8", "surrogatepass")
    _database(once=True).scan(data, match_event_handler=lambda *_: found.append(1))
    return bool(found)


def passages(text: str) -> list[tuple[int, int]]:
    """Return the parts of a text, whole lines where they are short, around the words of `GATE`."""
    spans: list[tuple[int, int]] = []
    for at in sorted(_places(text)):
        if spans and at + _REACH <= spans[-1][1]:
            continue
        start = text.rfind("\n", 0, max(0, at - _REACH)) + 1
        start = start if at - start < 2 * _REACH else text.rfind(" ", 0, at - _REACH) + 1
        end = text.find("\n", at + _REACH)
        end = len(text) if end < 0 else end
        end = end if end - at < 2 * _REACH else _blank(text, at + _REACH)
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _blank(text: str, at: int) -> int:
    found = text.find(" ", at)
    return len(text) if found < 0 else found


def _places(text: str) -> set[int]:
    """Return where words of `GATE` end."""
    if ENGINE is None:
        return _places_slowly(text)
    ends: set[int] = set()
    data = text.encode("utf-8", "surrogatepass")
    _database(once=False).scan(data, match_event_handler=lambda _i, _s, end, *_: ends.add(end))
    return ends if len(data) == len(text) else _letters(data, ends)


def _letters(data: bytes, ends: set[int]) -> set[int]:
    """Count in code points what was counted in bytes."""
    found: set[int] = set()
    before = letters = 0
    for end in sorted(ends):
        letters += len(data[before:end].decode("utf-8", "surrogatepass"))
        found.add(letters)
        before = end
    return found


@functools.cache
def _database(*, once: bool) -> Any:
    """Compile the words once a process (some 20 ms)."""
    words = tuple(pattern or re.escape(literal) for literal, pattern in GATE)
    flags = ENGINE.HS_FLAG_CASELESS | (ENGINE.HS_FLAG_SINGLEMATCH if once else 0)
    # one id for all: the first word that is found silences the others
    return compile_words(words, [0] * len(words), flags)


@functools.cache
def _patterns() -> tuple[tuple[str, re.Pattern[str] | None], ...]:
    flags = re.IGNORECASE | re.ASCII
    return tuple(
        (literal.lower(), re.compile(pattern, flags) if pattern else None)
        for literal, pattern in GATE
    )


def _mentions_slowly(text: str) -> bool:
    lower = text.lower()
    return any(
        literal in lower and (pattern is None or pattern.search(text) is not None)
        for literal, pattern in _patterns()
    )


def _places_slowly(text: str) -> set[int]:
    return {
        match.end()
        for literal, pattern in GATE
        for match in re.finditer(pattern or re.escape(literal), text, re.IGNORECASE | re.ASCII)
    }
