"""What a line shows at a glance: its bytes, which stand side by side, how many, in how long runs.

A mark is one bit. `needs` works out which marks a line must bear for a superset to match on it;
`sieve` finds the marks of each line. More marks let fewer lines through; none can lose a match.
Beside each mark stands the percentage of lines of real code, prose and other scripts that bear it
(65,000 lines): what a choice between two needs goes by, and nothing else.
"""

from __future__ import annotations

from typing import Final, NamedTuple

_DIGITS: Final = b"0123456789"
_UPPER: Final = bytes(range(0x41, 0x5B))
_LETTERS: Final = _UPPER + bytes(range(0x61, 0x7B))
_WORD: Final = _LETTERS + _DIGITS
_HIGH: Final = bytes(range(0x80, 0x100))
_HEXADECIMAL: Final = _DIGITS + b"abcdefABCDEF"
_SIGNS: Final = bytes(byte for byte in range(0x21, 0x7F) if byte not in _WORD)


class Present(NamedTuple):
    """One of `members` occurs. The unions stand for what a pattern leaves open, as the kind of quote."""

    name: str
    members: frozenset[int]
    percent: float


class Pair(NamedTuple):
    """One of `first` occurs right before one of `second`."""

    name: str
    first: frozenset[int]
    second: frozenset[int]
    percent: float


class Steps(NamedTuple):
    """At least so many of `members` occur, in all or in one run: one mark for each of `least`."""

    name: str
    members: frozenset[int]
    least: tuple[int, ...]
    percents: tuple[float, ...]


PRESENT: Final = tuple(
    Present(name, frozenset(members), percent)
    for name, members, percent in (
        ("quote", b"\"'`", 22.4),
        ("equals", b"=", 12.1),
        ("colon", b":", 18.6),
        ("quote or sign", b"\"'`=:", 41.4),
        ("equals or colon", b"=:", 29.1),
        ("assigning", b"=:>,(", 47.6),
        ("assigning or quote", b"=:>,(\"'`[{<|\\", 55.9),
        ("at", b"@", 1.1),
        ("dollar", b"$", 0.5),
        ("slash", b"/", 6.1),
        ("angle", b"<>", 4.7),
        ("opening", b"([{", 21.2),
        ("closing", b")]}", 21.8),
        ("backslash", b"\\", 1.8),
        ("separator", b",;|\t", 22.9),
        ("dash", b"-", 8.8),
        ("low line", b"_", 20.8),
        ("dot", b".", 31.6),
        ("upper", _UPPER, 38.0),
        ("high", _HIGH, 8.9),
        ("digit or sign", _DIGITS + _HIGH + b"!@#$%^&*?+=~", 38.6),
        ("punctuation", _SIGNS, 70.4),
    )
)
PAIRS: Final = tuple(
    Pair(name, frozenset(first), frozenset(second), percent)
    for name, first, second, percent in (
        ("upper digit", _UPPER, _DIGITS, 0.5),
        ("digit upper", _DIGITS, _UPPER, 0.2),
        ("upper upper", _UPPER, _UPPER, 9.0),
        ("digit digit", _DIGITS, _DIGITS, 14.0),
        ("digit dot", _DIGITS, b".", 3.6),
        ("dot digit", b".", _DIGITS, 1.6),
        ("digit dash", _DIGITS, b"-", 0.5),
        ("hexadecimal dash", _HEXADECIMAL, b"-", 3.0),
        ("hexadecimal colon", _HEXADECIMAL, b":", 4.1),
        ("colon hexadecimal", b":", _HEXADECIMAL, 2.3),
        ("closing separator", b")]}", b",;|\t", 3.3),
        ("separator opening", b",;|\t ", b"([{", 6.4),
        ("opening value", b"([{", _DIGITS + b"\"'`Nbx", 5.6),
        ("space dash", b" \t\"'", b"-", 2.9),
        ("dash letter", b"-", _LETTERS, 5.5),
        ("space slash", b" \"'", b"/", 1.1),
        ("space star", b" \t", b"*", 2.1),
        ("closing space", b")]}", b" \t", 3.8),
    )
)
COUNTED: Final = (
    Steps(
        "digits",
        frozenset(_DIGITS),
        (1, 2, 4, 6, 8, 10),
        (20.7, 16.7, 12.8, 10.9, 8.8, 7.9),
    ),
    Steps("colons", frozenset(b":"), (2, 4), (7.3, 0.4)),
    Steps("dashes", frozenset(b"-"), (2, 4), (3.5, 1.4)),
    Steps("dots", frozenset(b"."), (2, 3), (11.0, 4.3)),
)
RUNS: Final = (
    Steps(
        "token",
        frozenset(_WORD + _HIGH + b"+/=_-.~"),
        (12, 16, 20, 32),
        (36.0, 21.9, 14.8, 5.4),
    ),
    Steps("hexadecimal", frozenset(_HEXADECIMAL), (4, 8, 16, 32), (8.0, 0.7, 0.05, 0.02)),
    Steps("word", frozenset(_WORD), (12, 16, 20, 32), (14.0, 6.8, 4.6, 1.5)),
)

_STEPS: Final = (*COUNTED, *RUNS)
_PERCENTS: Final = (
    *(mark.percent for mark in PRESENT),
    *(mark.percent for mark in PAIRS),
    *(percent for steps in _STEPS for percent in steps.percents),
)
# The place of the first mark of each kind of steps
_FIRST: Final = {
    steps.name: len(PRESENT) + len(PAIRS) + sum(len(before.least) for before in _STEPS[:place])
    for place, steps in enumerate(_STEPS)
}


def present(members: frozenset[int]) -> int:
    """Return the marks of a line on which one of these bytes occurs, whichever it is."""
    return sum(1 << place for place, mark in enumerate(PRESENT) if members <= mark.members)


def paired(first: frozenset[int], second: frozenset[int]) -> int:
    """Return the marks of a line on which one of `first` stands right before one of `second`."""
    return sum(
        1 << place
        for place, mark in enumerate(PAIRS, len(PRESENT))
        if first <= mark.first and second <= mark.second
    )


def reached(steps: Steps, count: int) -> int:
    """Return the marks of a line on which so many bytes of a class occur."""
    met = sum(count >= least for least in steps.least)
    return ((1 << met) - 1) << _FIRST[steps.name]


def share(marks: int) -> float:
    """Guess which share of lines bears all of these marks: as many as bear the rarest of them."""
    rarest = min(
        (percent for place, percent in enumerate(_PERCENTS) if marks >> place & 1), default=100.0
    )
    return rarest / 100
