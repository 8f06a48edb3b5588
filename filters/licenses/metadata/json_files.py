"""JSON manifests: npm, Composer, Bower, CPAN, Zenodo and whatever else keeps a licence at the top."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

from filters.licenses.metadata.claims import Claim, MetadataError, bounded, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from filters.licenses.evidence import Evidence

_TOKEN: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|[{}\[\]]')
_NAMES: Final = ("type", "name", "id", "expression", "@id", "identifier", "title", "url")
# strings and comments that stay open match too, so that none is tried from every place in it
_COMMENT: Final = re.compile(r'("(?:[^"\\\n]|\\.)*"?)|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_DANGLING: Final = re.compile(r'("(?:[^"\\\n]|\\.)*"?)|,(?=\s*[}\]])')


def reader(
    *keys: str,
    operator: Literal["AND", "OR"] = "AND",
    words: Mapping[str, str] | None = None,
) -> Callable[[str], tuple[Evidence, ...]]:
    """Make a reader of the first of the top-level keys that claims anything."""

    def read(text: str) -> tuple[Evidence, ...]:
        document = load(text)
        if not isinstance(document, dict):
            return ()
        for key in keys:
            found = settle(_claims(document.get(key), text, _after(text, key)), operator, words)
            if found:
                return found
        return ()

    return read


def load(text: str) -> Any:
    """Parse JSON. Raises `MetadataError`."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MetadataError("not JSON") from error


def plain(text: str) -> str:
    """Blank out comments and last commas (JSONC) without moving anything."""

    def blank(match: re.Match[str]) -> str:
        return match[1] or re.sub(r"[^\n]", " ", match[0])

    return _DANGLING.sub(blank, _COMMENT.sub(blank, text))


def _after(text: str, key: str) -> int:
    """Give the place behind `"key":` of the outermost object, the last one as parsers do; or -1."""
    depth, found, quoted = 0, -1, f'"{key}"'
    if quoted not in text:
        return -1
    for match in _TOKEN.finditer(text):
        part = match[0]
        if part in "{[":
            depth += 1
        elif part in "}]":
            depth -= 1
        elif depth == 1 and part == quoted:
            rest = text[match.end() : match.end() + 80].lstrip()
            if rest.startswith(":"):
                found = match.end()
    return found


def _claims(value: Any, text: str, after: int) -> list[Claim]:
    """Read strings, lists of them and objects with a type, a name or an address."""
    found: list[Claim] = []
    for entry in bounded(value) if isinstance(value, list) else [value]:
        said = _name(entry) if isinstance(entry, dict) else entry
        if isinstance(said, str):
            start, end = _place(text, said, after)
            found.append(Claim(said, start, end))
            after = end or after
    return found


def _name(entry: dict[str, Any]) -> str | None:
    for key in _NAMES:
        value = entry.get(key)
        if isinstance(value, str) and value.strip():
            return value
    return None


def _place(text: str, value: str, after: int) -> tuple[int, int]:
    """Find the string as it is written, quotes not counted; escapes other than orjson's are missed."""
    if after < 0:
        return 0, 0
    try:
        quoted = orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        return 0, 0
    start = text.find(quoted, after)
    return (start + 1, start + len(quoted) - 1) if start >= 0 else (0, 0)
