"""Compile the rules' supersets into the databases that tell which rules may match on which lines.

Supersets that show a cheap sign on every line that they match in (`gates`) have a database of their
own, for the lines with that sign; the signs and all other supersets are sought everywhere.
"""

from __future__ import annotations

import hashlib
import platform
from functools import cache, lru_cache
from re import _parser  # type: ignore[attr-defined]  # the parser has no public name
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from filters.redact.gates import GATES, gate, is_literal
from filters.redact.superset import superset

try:
    import hyperscan
except ImportError:  # pragma: no cover  a platform without a wheel
    hyperscan = None  # type: ignore[assignment]  # stands for a missing module

if TYPE_CHECKING:
    from filters.redact.rule import Rule

Engine = Literal["hyperscan", "re"]
BEST: Final[Engine] = "re" if hyperscan is None else "hyperscan"

# A rule whose matches are no longer than this sees a long line in windows.
_NARROW: Final = 1000
_DIGEST: Final = 32
# How many databases run over every text
_FIRST: Final = 3
# How many bytes tell the size of one dumped database
_SIZE: Final = 8


class Scanner(NamedTuple):
    """Some rules, and the databases that tell where they may match (None: look everywhere).

    Rules with equal supersets share one expression: `sharing` lists, for each expression, the rules
    whose superset it is, in two parts: on whole lines, in windows. The `databases` run over every
    text; the number that they give for gate `n` is that of the last expression and `n + 1` more.
    Where a gate fires, its one of the `gated` databases runs over that line.
    """

    rules: tuple[Rule, ...]
    databases: tuple[Any, ...] | None
    sharing: tuple[tuple[tuple[Rule, ...], tuple[Rule, ...]], ...] = ()
    gated: tuple[Any, ...] = ()


def build(rules: tuple[Rule, ...], engine: Engine = BEST) -> Scanner:
    """Compile the rules for one engine; takes some seconds for a thousand rules.

    Raises ValueError with the rule's id where Hyperscan refuses a pattern.
    """
    if engine == "re":
        return Scanner(rules, None)
    shared = _shared(rules)
    try:
        every = tuple(_compiled(part) for part in _parts(tuple(shared)))
        return Scanner(rules, every[:_FIRST], _parted(shared), every[_FIRST:])
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


def _parted(
    shared: dict[bytes, tuple[Rule, ...]],
) -> tuple[tuple[tuple[Rule, ...], tuple[Rule, ...]], ...]:
    """Part the rules of each superset into those on whole lines and those in windows."""
    return tuple(
        (
            tuple(rule for rule in rules if not is_windowed(rule)),
            tuple(rule for rule in rules if is_windowed(rule)),
        )
        for rules in shared.values()
    )


def _parts(spelled: tuple[bytes, ...]) -> list[dict[int, bytes]]:
    """Part numbered expressions into databases: first those sought everywhere, then one a gate.

    Of the former one is for what has literals, one for other supersets, and one for the gates.
    """
    parts: list[dict[int, bytes]] = [{} for _ in range(_FIRST + len(GATES))]
    for number, expression in enumerate(spelled):
        which = gate(expression)
        place = (0 if is_literal(expression) else 1) if which is None else _FIRST + which
        parts[place][number] = expression
    for which, sign in enumerate(GATES):
        if parts[_FIRST + which]:
            parts[2][len(spelled) + which] = sign
    return parts


def _compiled(numbered: dict[int, bytes]) -> Any:
    """Compile expressions into a database; None where there are none."""
    if not numbered:
        return None
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=list(numbered.values()), ids=list(numbered), elements=len(numbered), flags=0
    )
    return database


def _refused(rules: tuple[Rule, ...]) -> str:
    """Name the rules whose pattern does not compile alone; all of them if each does."""
    names = []
    for rule in rules:
        try:
            _compiled(dict(enumerate(expressions((rule,)))))
        except hyperscan.error:
            names.append(rule.id)
    return ", ".join(names) or "table"


def fingerprint(rules: tuple[Rule, ...]) -> str:
    """Return what a compiled database depends on as a SHA-256: supersets, gates, library, processor."""
    parts = [platform.machine().encode(), *_library(), *GATES, *expressions(rules)]
    return hashlib.sha256(b"".join(len(part).to_bytes(8) + part for part in parts)).hexdigest()


@cache
def _library() -> tuple[bytes, ...]:
    """Return the library's version and the processor features that it compiles for."""
    return () if hyperscan is None else (hyperscan.__name__.encode(), _compiled({0: b"a"}).info())


def dump(scanner: Scanner) -> bytes:
    """Return a scanner's databases as bytes for `load`; empty where there are none."""
    if scanner.databases is None:
        return b""
    each = (
        b"" if database is None else hyperscan.dumpb(database)
        for database in (*scanner.databases, *scanner.gated)
    )
    sized = (len(part).to_bytes(_SIZE) + part for part in each)
    return bytes.fromhex(fingerprint(scanner.rules)) + b"".join(sized)


def load(rules: tuple[Rule, ...], data: bytes) -> Scanner:
    """Return the scanner that `dump` wrote, in milliseconds instead of a compilation.

    Raises ValueError when the data are of other rules, another library or processor, or damaged.
    """
    if hyperscan is None or data[:_DIGEST] != bytes.fromhex(fingerprint(rules)):
        raise ValueError("a database of other rules, another library or another processor")
    every = tuple(map(_loaded, _sized(data[_DIGEST:])))
    return Scanner(rules, every[:_FIRST], _parted(_shared(rules)), every[_FIRST:])


def _sized(data: bytes) -> list[bytes]:
    """Take apart what `dump` joined."""
    parts = []
    for _ in range(_FIRST + len(GATES)):
        end = _SIZE + int.from_bytes(data[:_SIZE])
        parts.append(data[_SIZE:end])
        if len(data) < end:
            raise ValueError("a damaged database: it is cut off")
        data = data[end:]
    return parts


def _loaded(data: bytes) -> Any:
    if not data:
        return None
    try:
        return hyperscan.loadb(data, hyperscan.HS_MODE_BLOCK)
    except hyperscan.error as error:
        raise ValueError(f"a damaged database: {error}") from error


@cache
def is_windowed(rule: Rule) -> bool:
    """Tell whether a rule sees a long line in windows."""
    longest = _parser.parse(rule.pattern.pattern, rule.pattern.flags).getwidth()[1]
    return rule.cut or (rule.reach == 0 and bool(longest <= _NARROW))
