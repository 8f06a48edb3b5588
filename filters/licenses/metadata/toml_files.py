"""TOML manifests: Cargo, and those of languages whose package file has a licence in one table."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, Final

from filters.licenses.metadata.claims import Claim, MetadataError, bounded, locate, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from filters.licenses.evidence import Evidence

# tomllib takes quadratic time for a key of very many parts
_DEEP: Final = re.compile(r"(?<![\w.\"'-])(?:[\"']?[\w-]+[\"']?[ \t]{0,8}\.[ \t]{0,8}){64}")
_KEYS: Final = ("license", "licenses", "licence", "licences")


def load(text: str) -> dict[str, Any]:
    """Parse TOML. Raises `MetadataError`."""
    if _DEEP.search(text) is not None:
        raise MetadataError("nested too deeply")
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError) as error:  # a number of 5,000 digits is the latter
        raise MetadataError("not TOML") from error


def table(document: dict[str, Any], *path: str) -> dict[str, Any]:
    """Give the table at the path, an empty one where there is none."""
    found: Any = document
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def read_cargo(text: str) -> tuple[Evidence, ...]:
    """Read Cargo.toml: `license` over `license-file`, and `[workspace.package]` for its members.

    A package that inherits (`license.workspace = true`) says nothing here: its workspace does, in
    a folder above.
    """
    document = load(text)
    for path in (("package",), ("project",), ("workspace", "package")):
        found = _cargo_claims(text, table(document, *path), ".".join(path))
        if found:
            return settle(found)
    return ()


def _cargo_claims(text: str, values: dict[str, Any], name: str) -> list[Claim]:
    for key in ("license", "license-file"):
        value = values.get(key)
        if isinstance(value, str):
            span = locate(text, value, rf"^[ \t]*\[{re.escape(name)}\]", rf"^[ \t]*{key}[ \t]*=")
            return [Claim(value, *span, defers=key == "license-file")]
    return []


def reader(*tables: str) -> Callable[[str], tuple[Evidence, ...]]:
    """Make a reader of the first licence in these tables (dotted; `""` is the top)."""

    def read(text: str) -> tuple[Evidence, ...]:
        document = load(text)
        for name in tables:
            values = table(document, *filter(None, name.split(".")))
            for key in _KEYS:
                found = _claims(text, values.get(key), key)
                if found:
                    return settle(found)
        return ()

    return read


def _claims(text: str, value: Any, key: str) -> list[Claim]:
    """Read a string, a list of strings, or a list of tables with a `type`."""
    entries = value if isinstance(value, list) else [value]
    named = [each.get("type") if isinstance(each, dict) else each for each in entries]
    strings = bounded([each for each in named if isinstance(each, str)])
    return [Claim(each, *locate(text, each, rf"\b{key}\b")) for each in strings]
