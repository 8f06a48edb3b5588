"""The compiled loop that cuts a text into words as the SPDX matching guidelines compare them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from filters.jit import kernel

# The kinds of words: the last two may be there or not without a difference.
PLAIN, NUMBER, STATED = range(3)
_FNV_START: Final = np.uint64(14695981039346656037)
_FNV_PRIME: Final = np.uint64(1099511628211)
_NEWLINE, _SPACE, _HYPHEN, _DOT, _COLON, _SLASH = 0x0A, 0x20, 0x2D, 0x2E, 0x3A, 0x2F
_OPEN, _CLOSE, _SIGN, _LESS, _MORE = 0x28, 0x29, 0xA9, 0x3C, 0x3E
_ZERO, _NINE, _A, _C, _I, _V, _X, _Z = 0x30, 0x39, 0x61, 0x63, 0x69, 0x76, 0x78, 0x7A
_UPPER_A, _UPPER_Z, _CASE = 0x41, 0x5A, 0x20
_ACCENTED, _UNSPACED, _HARD_SPACE = 0xC0, 0x2E80, 0xA0
# Signs among the letters: multiplication and division; dashes, quotes, bullets, arrows, lines of
# boxes; blanks and brackets of Chinese and Japanese; selectors, the byte order mark, wide signs.
_TIMES, _DIVIDED, _SIGNS, _SIGNS_END = 0xD7, 0xF7, 0x2000, 0x2C00
_EAST, _EAST_END, _WIDE, _WIDE_END = 0x3000, 0x3021, 0xFE00, 0xFF10
_YEAR_DIGITS, _ROMAN = 4, 4
_LONG_LINE: Final = 200  # code points
_STATED = 16  # words that state a copyright; where a text has lost its line breaks, its own follow
_WWW = 0x77


@kernel
def _fold(code: int) -> int:
    if _UPPER_A <= code <= _UPPER_Z:
        return code + _CASE
    if _ACCENTED <= code < _ACCENTED + _CASE - 1:
        return code + _CASE
    return code


@kernel
def _is_digit(code: int) -> bool:
    return _ZERO <= code <= _NINE


@kernel
def _is_letter(code: int) -> bool:
    if code < _ACCENTED:
        return _A <= _fold(code) <= _Z
    if code == _TIMES or code == _DIVIDED:  # noqa: PLR1714, SIM109  numba makes a set of it each time
        return False
    return code < _UNSPACED and not _SIGNS <= code < _SIGNS_END


@kernel
def _is_alone(code: int) -> bool:
    """Tell a character of a script without blanks, which is a word by itself."""
    return code >= _UNSPACED and not _EAST <= code < _EAST_END and not _WIDE <= code < _WIDE_END


@kernel
def _spells(codes: Any, at: int, word: Any) -> bool:
    """Tell whether `word`, in lower case, stands at `at`."""
    if at + len(word) > len(codes):
        return False
    for offset in range(len(word)):  # noqa: SIM110  numba compiles no generators
        if _fold(codes[at + offset]) != word[offset]:
            return False
    return True


@kernel
def _is_copyright_line(codes: Any, start: int, copyright_word: Any) -> bool:
    """Tell a line that states a copyright: the word or the sign first, and a year or a sign in it."""
    at = start
    while at < len(codes) and codes[at] != _NEWLINE and not _is_letter(codes[at]):
        if codes[at] == _SIGN or _is_digit(codes[at]):
            break
        at += 1
    stated = sign = year = item = False
    first = at
    digits = 0
    while at < len(codes) and codes[at] != _NEWLINE:
        code = codes[at]
        if at == first:
            stated = code == _SIGN or _spells(codes, at, copyright_word)
            item = _fold(code) == _C and at > start and codes[at - 1] == _OPEN
        sign |= code == _SIGN
        sign |= _fold(code) == _C and codes[at - 1] == _OPEN and at + 1 < len(codes)
        digits = digits + 1 if _is_digit(code) else 0
        year |= digits == _YEAR_DIGITS
        if digits == _YEAR_DIGITS and at - digits + 1 == first:
            stated = True
        at += 1
    # `(c)` may be the third item of a list
    return (stated and (sign or year)) or (item and year)


@kernel
def _has_more(codes: Any, start: int) -> bool:
    """Tell a line that is too long for a statement of copyright alone: a text without line breaks."""
    for at in range(start, min(start + _LONG_LINE, len(codes))):
        if codes[at] == _NEWLINE:
            return False
    return start + _LONG_LINE < len(codes)


@kernel
def _is_address(codes: Any, start: int, end: int) -> bool:
    """Tell `scheme:/` and `www.` by their first word."""
    if end + 1 >= len(codes):
        return False
    if codes[end] == _COLON:
        return bool(codes[end + 1] == _SLASH)
    return bool(codes[end] == _DOT and end - start == 3 and _fold(codes[start]) == _WWW)  # noqa: PLR2004  three letters


@kernel
def _skip_address(codes: Any, at: int) -> int:
    while at < len(codes) and codes[at] > _SPACE and codes[at] != _HARD_SPACE:
        if codes[at] == _LESS or codes[at] == _MORE:
            break
        at += 1
    return at


@kernel
def _end_of_number(codes: Any, at: int) -> int:
    while at < len(codes):
        if _is_digit(codes[at]):
            at += 1
        elif codes[at] == _DOT and at + 1 < len(codes) and _is_digit(codes[at + 1]):
            at += 2
        else:
            break
    return at


@kernel
def _end_of_value(codes: Any, start: int, end: int) -> int:
    """Find the end of a number without `.0`: version 2.0 is version 2."""
    while end - start > 2 and codes[end - 1] == _ZERO and codes[end - 2] == _DOT:  # noqa: PLR2004  a digit, a dot and a zero
        end -= 2
    return end


@kernel
def _end_of_word(codes: Any, at: int, joined: Any) -> int:
    """Find the end of a word; a prefix of `joined` and its hyphen belong to what follows."""
    start = at
    while at < len(codes) and _is_letter(codes[at]):
        at += 1
    if at - start == joined.shape[1] and at + 1 < len(codes) and codes[at] == _HYPHEN:
        for row in range(len(joined)):
            if _spells(codes, start, joined[row]) and _is_letter(codes[at + 1]):
                return _end_of_word(codes, at + 1, joined)
    return at


@kernel
def _hash(codes: Any, start: int, end: int) -> Any:
    """FNV-1a over the folded code points; hyphens are no part of a word."""
    value = _FNV_START
    for at in range(start, end):
        if codes[at] != _HYPHEN:
            value = (value ^ np.uint64(_fold(codes[at]))) * _FNV_PRIME
    return value


@kernel
def _is_numbering(codes: Any, start: int, end: int, fresh: bool) -> bool:
    """Tell the number of a paragraph or list item: `1.`, `(2)`, `iv)` at a line's start or in parentheses."""
    if end >= len(codes):
        return False
    closed = codes[end] == _CLOSE or codes[end] == _DOT or codes[end] == _COLON
    bracketed = start > 0 and codes[start - 1] == _OPEN and codes[end] == _CLOSE
    if not ((fresh and closed) or bracketed):
        return False
    if _is_digit(codes[start]):
        return True
    if end - start > _ROMAN:
        return False
    for at in range(start, end):
        code = _fold(codes[at])
        if code not in {_I, _V, _X}:
            return False
    return True


@kernel
def cut(
    codes: Any, copyright_word: Any, joined: Any, hashes: Any, starts: Any, ends: Any, kinds: Any
) -> int:
    """Fill the four arrays with a word a place; return how many there are.

    Left out are single letters, numbering, addresses; `NUMBER`s make no difference, nor do
    the first words of a line that states a copyright: `STATED` where the line says no more, else as
    numbers are. A `.0` at the end of a number goes.
    """
    at = found = 0
    fresh = True  # no word yet on this line
    stated = _STATED if _is_copyright_line(codes, 0, copyright_word) else 0
    crowded = stated > 0 and _has_more(codes, 0)
    while at < len(codes):
        code = codes[at]
        if code == _NEWLINE:
            at += 1
            fresh = True
            stated = _STATED if _is_copyright_line(codes, at, copyright_word) else 0
            crowded = stated > 0 and _has_more(codes, at)
            continue
        number = _is_digit(code)
        if number:
            end = _end_of_number(codes, at)
        elif _is_letter(code):
            end = _end_of_word(codes, at, joined)
        elif _is_alone(code):
            end = at + 1
        else:
            at += 1
            continue
        if not number and _is_address(codes, at, end):
            at = _skip_address(codes, end)
            fresh = False
            continue
        if (end - at > 1 or number or code >= _UNSPACED) and not _is_numbering(
            codes, at, end, fresh
        ):
            hashes[found] = _hash(codes, at, _end_of_value(codes, at, end) if number else end)
            starts[found], ends[found] = at, end
            kinds[found] = NUMBER if number or stated > 0 else PLAIN
            if stated > 0 and not crowded:
                kinds[found] = STATED
            stated -= 1
            found += 1
        fresh = False
        at = end
    return found
