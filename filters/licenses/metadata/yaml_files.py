"""YAML manifests, read line by line: the value of one key, be it plain, quoted, a list or a block."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from filters.licenses.metadata.claims import Claim, bounded, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from filters.licenses.evidence import Evidence

_COMMENT: Final = re.compile(r"(?:^|\s)#.*$")
_TAG: Final = re.compile(r"(?:[!&][^\s\[{\"']*\s+)+")
_ITEM: Final = re.compile(r"[ \t]*-[ \t]+(?P<v>[^\r\n]*)")
_QUOTED: Final = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\n]|'')*)'")
_NAME: Final = re.compile(r"(?:name|id|type)\s*:\s*(?P<v>[^,}\r\n]+)")
_FRONT: Final = re.compile(
    r"---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?$", re.DOTALL | re.MULTILINE
)
_NEXT: Final = re.compile(r"\r?\n([^\r\n]*)")
_MAX_LIST: Final = 8192  # code points of a list
_NULLS: Final = frozenset(["null", "~", "", "{}", "[]"])


def reader(
    *keys: str,
    nested: bool = False,
    operator: Literal["AND", "OR"] = "AND",
    words: Mapping[str, str] | None = None,
) -> Callable[[str], tuple[Evidence, ...]]:
    """Make a reader of the first of the keys that claims anything, at the top or, nested, anywhere."""

    def read(text: str) -> tuple[Evidence, ...]:
        for key in keys:
            found = settle(values(text, key, nested=nested), operator, words)
            if found:
                return found
        return ()

    return read


def front_matter(
    read: Callable[[str], tuple[Evidence, ...]],
) -> Callable[[str], tuple[Evidence, ...]]:
    """Make a reader of the block between `---` lines that opens a text."""

    def inside(text: str) -> tuple[Evidence, ...]:
        match = _FRONT.match(text)
        # its offsets are the text's: what comes before is as long as the opening line
        return read(" " * (match.start(1) - 1) + "\n" + match[1]) if match is not None else ()

    return inside


def values(text: str, key: str, *, nested: bool) -> list[Claim]:
    """Give what stands at each occurrence of the key, with its place."""
    indent = r"[ \t]*(?:-[ \t]+)?" if nested else ""
    pattern = re.compile(
        rf"^(?P<i>{indent})[\"']?{re.escape(key)}[\"']?[ \t]*:(?:[ \t]+(?P<v>[^\r\n]*))?[ \t]*\r?$",
        re.MULTILINE,
    )
    found: list[Claim] = []
    for match in pattern.finditer(text):
        value, at = _trim(match["v"] or ""), match.end()
        start = match.start("v") + _lead(match["v"] or "")
        if value[:1] in {"|", ">"}:
            found.extend(_block(text, at, len(match["i"])))
        elif value:
            found.extend(_flow(text, value, start))
        else:
            found.extend(_items(text, at))
        bounded(found)
    return found


def _trim(value: str) -> str:
    """Drop tags, anchors, and comments outside of quotes."""
    value = value[_lead(value) :]
    quoted = _QUOTED.match(value)
    return quoted[0] if quoted is not None else _COMMENT.sub("", value).strip()


def _lead(value: str) -> int:
    match = _TAG.match(value)
    return match.end() if match is not None else 0


def _flow(text: str, value: str, start: int) -> list[Claim]:
    """Read a plain or quoted scalar, or a list or map in brackets, which may run over lines."""
    if value.startswith("{"):
        match = _NAME.search(value)
        return _scalar(match["v"].strip(), start + match.start("v")) if match is not None else []
    if not value.startswith("["):
        return _scalar(value, start)
    end = text.find("]", start, start + _MAX_LIST)
    inside = text[start + 1 : end] if end >= 0 else value[1:]
    found: list[Claim] = []
    for match in re.finditer(r"[^,\[\]]+", inside):
        item = match[0]
        lead = len(item) - len(item.lstrip())
        found.extend(_scalar(_trim(item.strip()), start + 1 + match.start() + lead))
    return found


def _scalar(value: str, start: int) -> list[Claim]:
    quoted = _QUOTED.fullmatch(value)
    if quoted is not None:
        inner = quoted[1] if quoted[1] is not None else quoted[2].replace("''", "'")
        return [Claim(inner, start + 1, start + len(value) - 1)] if inner else []
    return [Claim(value, start, start + len(value))] if value.lower() not in _NULLS else []


def _items(text: str, at: int) -> list[Claim]:
    """Read the `- item` lines that follow; a map's `name` stands for its item."""
    found: list[Claim] = []
    for match in _NEXT.finditer(text, at, at + _MAX_LIST):
        line = match[1]
        item = _ITEM.fullmatch(line)
        if item is None:
            if line.strip() and not line.lstrip().startswith("#"):
                break
            continue
        named = _NAME.match(item["v"])
        part = item if named is None else named
        shift = 0 if named is None else item.start("v")
        start = match.start(1) + shift + part.start("v")
        found.extend(_scalar(_trim(part["v"]), start + _lead(part["v"])))
    return found


def _block(text: str, at: int, indent: int) -> list[Claim]:
    """Read a literal or folded block: the lines below that are indented deeper than the key."""
    lines: list[str] = []
    start = end = at
    for match in _NEXT.finditer(text, at):
        line = match[1]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        if line.strip():
            start = start if end > at else match.end() - len(line.lstrip())
            end = match.end()
        lines.append(line.strip())
    return [Claim("\n".join(lines).strip(), start, end)] if end > start else []
