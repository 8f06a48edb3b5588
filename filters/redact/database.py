"""Compile the rules' supersets into the database that tells which rules may match on which lines."""

from __future__ import annotations

import hashlib
import json
import platform
from functools import cache, lru_cache
from re import _parser  # type: ignore[attr-defined]  # the parser has no public name
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from filters.redact import sieve
from filters.redact.superset import superset

try:
    import hyperscan
except ImportError:  # pragma: no cover  a platform without a wheel
    hyperscan = None  # type: ignore[assignment]  # stands for a missing module

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from filters.redact.rule import Rule
    from filters.redact.sieve import Sieve
    from filters.redact.spelled import Spelled

Engine = Literal["hyperscan", "re"]
BEST: Final[Engine] = "re" if hyperscan is None else "hyperscan"

# A rule whose matches are no longer than this sees a long line in windows.
_NARROW: Final = 1000
_DIGEST: Final = 32
_LENGTH: Final = 8


# For each expression of a database, the rules whose superset it is: on whole lines, in windows
Sharing = tuple[tuple[tuple["Rule", ...], tuple["Rule", ...]], ...]


class Compiled(NamedTuple):
    """A Hyperscan database of supersets, and the sieve of the lines on which one can match."""

    database: Any
    sieve: Sieve


class Scanner(NamedTuple):
    """Some rules, and what tells where they may match (None: look everywhere).

    Rules with equal supersets share one expression of the database.
    """

    rules: tuple[Rule, ...]
    compiled: Compiled | None
    sharing: Sharing = ()


def build(rules: tuple[Rule, ...], engine: Engine = BEST) -> Scanner:
    """Compile the rules for one engine; takes some seconds for a thousand rules.

    Raises ValueError with the rule's id where Hyperscan refuses a pattern.
    """
    if engine == "re":
        return Scanner(rules, None)
    shared = _shared(rules)
    try:
        compiled = Compiled(_compiled(tuple(shared)), sieve.build(shared))
        return Scanner(rules, compiled, _parted(shared))
    except hyperscan.error as error:
        raise ValueError(f"rule {_refused(rules)}: {error}") from error


@lru_cache(maxsize=8)
def expressions(rules: tuple[Rule, ...]) -> tuple[bytes, ...]:
    """Return the superset of each rule."""
    return tuple(superset(rule.trigger or rule.pattern, in_context=not rule.cut) for rule in rules)


def _shared(rules: tuple[Rule, ...]) -> dict[bytes, tuple[Rule, ...]]:
    """Group rules by their superset, in order."""
    shared: dict[bytes, tuple[Rule, ...]] = {}
    for rule, spelled in zip(rules, expressions(rules), strict=True):
        shared[spelled] = (*shared.get(spelled, ()), rule)
    return shared


def _parted(shared: dict[bytes, tuple[Rule, ...]]) -> Sharing:
    """Part the rules of each superset into those on whole lines and those in windows."""
    return tuple(
        (
            tuple(rule for rule in rules if not is_windowed(rule)),
            tuple(rule for rule in rules if is_windowed(rule)),
        )
        for rules in shared.values()
    )


def _compiled(spelled: tuple[bytes, ...]) -> Any:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=list(spelled), ids=list(range(len(spelled))), elements=len(spelled), flags=0
    )
    return database


def _refused(rules: tuple[Rule, ...]) -> str:
    """Name the rules whose pattern does not compile alone; all of them if each does."""
    names = []
    for rule in rules:
        try:
            _compiled(expressions((rule,)))
        except hyperscan.error:
            names.append(rule.id)
    return ", ".join(names) or "table"


def fingerprint(rules: tuple[Rule, ...]) -> str:
    """Return what a compiled database depends on as a SHA-256: the regexes, library, processor.

    Not how supersets are made: whoever keeps a database has to name the code beside this. (To make
    them all just for a digest takes half a second.)
    """
    parts = [platform.machine().encode(), *_library()]
    for rule in rules:
        parts += [_spelled(rule.pattern), _spelled(rule.trigger), bytes([rule.cut, rule.reach > 0])]
    return hashlib.sha256(b"".join(len(part).to_bytes(8) + part for part in parts)).hexdigest()


def _spelled(regex: re.Pattern[str] | Spelled | None) -> bytes:
    return b"" if regex is None else f"{regex.flags} {regex.pattern}".encode()


@cache
def _library() -> tuple[bytes, ...]:
    """Return the library's version and the processor features that it compiles for."""
    return () if hyperscan is None else (hyperscan.__name__.encode(), _compiled((b"a",)).info())


def dump(scanner: Scanner) -> bytes:
    """Return a scanner as bytes for `load`, without its rules; empty where there is no database."""
    if scanner.compiled is None:
        return b""
    places = {id(rule): place for place, rule in enumerate(scanner.rules)}
    shared = [[[places[id(rule)] for rule in part] for part in both] for both in scanner.sharing]
    parts = [
        json.dumps(shared).encode(),
        sieve.dump(scanner.compiled.sieve),
        hyperscan.dumpb(scanner.compiled.database),
    ]
    head = bytes.fromhex(fingerprint(scanner.rules))
    return head + b"".join(len(part).to_bytes(_LENGTH) + part for part in parts)


def load(rules: tuple[Rule, ...], data: bytes | memoryview) -> Scanner:
    """Return the scanner that `dump` wrote, in milliseconds instead of a compilation.

    Raises ValueError when the data are of other rules, another library or processor, or damaged.
    """
    if hyperscan is None or data[:_DIGEST] != bytes.fromhex(fingerprint(rules)):
        raise ValueError("a database of other rules, another library or another processor")
    try:
        shared, sifting, compiled = _parts(data[_DIGEST:])
        database = hyperscan.loadb(compiled, hyperscan.HS_MODE_BLOCK)
        sharing = tuple(
            (tuple(rules[place] for place in whole), tuple(rules[place] for place in windowed))
            for whole, windowed in json.loads(shared)
        )
        return Scanner(rules, Compiled(database, sieve.load(sifting)), sharing)
    except (hyperscan.error, IndexError, TypeError, ValueError) as error:
        raise ValueError(f"a damaged database: {error}") from error


def _parts(data: bytes | memoryview) -> Iterator[bytes]:
    """Yield the parts of a dump, each behind its length."""
    start = 0
    while start < len(data):
        stop = start + _LENGTH + int.from_bytes(data[start : start + _LENGTH])
        yield bytes(data[start + _LENGTH : stop])
        start = stop


def scratch(database: Any) -> Any:
    """Return a scratch space for one thread that scans with the database."""
    return hyperscan.Scratch(database)


@cache
def is_windowed(rule: Rule) -> bool:
    """Tell whether a rule sees a long line in windows."""
    longest = _parser.parse(rule.pattern.pattern, rule.pattern.flags).getwidth()[1]
    return rule.cut or (rule.reach == 0 and bool(longest <= _NARROW))
