"""`[redact]`: what the config says of redaction, the key behind it, and the compiled rules.

The key never stands in a config, a task or a file of a release: it comes from the environment or
from a file of its own, and what is published of it is an id that tells two keys apart.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import msgspec

from filters.redact.redactor import Choice, Redactor, Scope
from filters.redact.replace import SURROGATES, Action, Replacement, keyed
from filters.redact.rule import TYPES, Level
from pipeline.errors import ConfigError, at
from pipeline.keys import lent
from pipeline.recognising import open_recognisers, recogniser_flaws
from pipeline.tables import suggestion

if TYPE_CHECKING:
    from pathlib import Path

KEY_VARIABLE: Final = "GRISTMILL_REDACTION_KEY"
_LEAST_KEY: Final = 16  # bytes; as many as the digests made with it have


class Redact(msgspec.Struct, frozen=True, kw_only=True):
    """`[redact]`: `replace` maps types to what becomes of them, `key` is the file with the key.

    Without `key` the environment's GRISTMILL_REDACTION_KEY counts; without either there are no
    surrogates, and the ledger holds no digests of what was redacted.
    """

    level: Level = "balanced"
    replace: dict[str, Action] = {}
    key: str = ""
    scope: Scope = "document"
    copyright_emails: Choice = "redact"
    allow: tuple[str, ...] = ()
    recognisers: tuple[str, ...] = ()

    @property
    def needs_key(self) -> bool:
        """Surrogates are derived with the key."""
        return self.level != "off" and "surrogate" in self.replace.values()


def check_redact(redact: Redact) -> list[str]:
    """List what is wrong with the table itself."""
    found = []
    for kind, action in sorted(redact.replace.items()):
        if kind not in TYPES:
            found.append(f"replace.{kind}: no type is called so{suggestion(kind, TYPES)}")
        elif action == "surrogate" and kind not in SURROGATES:
            have = " and ".join(sorted(SURROGATES))
            found.append(
                f"replace.{kind}: only {have} have surrogates: use placeholder, drop or keep"
            )
    if "" in redact.allow:
        found.append("allow: a pattern is empty")
    for name in dict.fromkeys(redact.recognisers):
        found += [f"recognisers: {problem}" for problem in recogniser_flaws(name)]
        if redact.recognisers.count(name) > 1:
            found.append(f"recognisers: {name!r} is there twice")
    return found


def read_key(redact: Redact, root: Path) -> bytes:
    """Read the key, without a line feed at its end; empty where none is given.

    Raises:
        ConfigError: it is missing where it is needed, cannot be read, or is too short.
    """
    if redact.key:
        where = redact.key
        try:
            key = (root / redact.key).read_bytes().rstrip(b"\r\n")
        except OSError as error:
            raise ConfigError(at("redact", where, f"the key: {error.strerror}")) from None
    else:
        where = KEY_VARIABLE
        key = os.environ.get(KEY_VARIABLE, "").encode(errors="surrogateescape")
    if not key and not redact.key:
        if redact.needs_key:
            raise ConfigError(f"redact: surrogates need a key: set redact.key or {KEY_VARIABLE}")
        return b""
    if len(key) < _LEAST_KEY:
        raise ConfigError(at("redact", where, f"the key is shorter than {_LEAST_KEY} bytes"))
    return key


def key_id(redact: Redact, root: Path) -> str:
    """Name the key by what cannot be turned back into it; empty where there is none."""
    return _id_of(b"" if redact.level == "off" else read_key(redact, root))


def _id_of(key: bytes) -> str:
    return keyed(key, "key id").hex() if key else ""


def open_redactor(redact: Redact, root: Path, expected: str | None = None) -> Redactor:
    """Make the redactor of a process, its rules compiled or taken from the cache.

    Raises:
        ConfigError: the key is not there, or is not the one with the id `expected`.
    """
    # the rules bring phonenumbers and detect-secrets along: only who redacts pays for them
    from pipeline.rule_cache import cached_scanner  # noqa: PLC0415

    if redact.level == "off":
        return Redactor("off")
    key = (lent(expected) if expected else None) or read_key(redact, root)
    if expected is not None and _id_of(key) != expected:
        raise ConfigError(
            "redact: the key of this process is not the one that the run started with"
        )
    return Redactor(
        level=redact.level,
        replacement=Replacement(tuple(sorted(redact.replace.items())), key),
        scope=redact.scope,
        copyright_emails=redact.copyright_emails,
        allow=redact.allow,
        recognisers=open_recognisers(redact.recognisers, redact.level),
        scanner=cached_scanner(redact.level),
    )


def warm_rules(redact: Redact) -> tuple[str, ...]:
    """Compile the rules, or find them compiled; return the names of the files in the cache that hold them."""
    from pipeline.rule_cache import cached_names, cached_scanner  # noqa: PLC0415  as above

    if redact.level == "off":
        return ()
    cached_scanner(redact.level)
    return cached_names(redact.level)
