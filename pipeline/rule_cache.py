"""The compiled redaction rules, kept between runs; those made for another processor are compiled again."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Final

from filters.redact.database import BEST, build, dump, fingerprint, load
from filters.redact.rules import rules
from pipeline.cache import keep, made_alone, read_cached
from pipeline.preflight import code_digest

if TYPE_CHECKING:
    from filters.redact.database import Scanner
    from filters.redact.rule import Level

_SHORT: Final = 16  # digits of the digest of the code, which shapes the sieve beside the database


@cache
def cached_scanner(level: Level) -> Scanner:
    """Return the compiled rules of one level."""
    table = rules(level)
    if BEST == "re":
        return build(table)
    (name,) = cached_names(level)
    with suppress(OSError, ValueError):
        return load(table, read_cached(name))
    with made_alone(f"rules-{level}"):
        with suppress(OSError, ValueError):  # somebody has made them meanwhile
            return load(table, read_cached(name))
        scanner = build(table)
        keep(name, dump(scanner))
    return scanner


@cache
def cached_names(level: Level) -> tuple[str, ...]:
    """Return the names of the files in the cache that hold the rules of one level; there may be none."""
    if BEST == "re":
        return ()
    return (f"rules-{fingerprint(rules(level))}-{code_digest()[:_SHORT]}.hsdb",)
