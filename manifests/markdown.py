"""Markdown that holds whatever stands in it: tables, values in code style, numbers for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Lay out a table; a bar or a line break in a cell is escaped."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """Set a value in code style; backticks in it would end that."""
    return "`" + text.replace("`", "'") + "`"


def number(value: int) -> str:
    """Spell a count."""
    return f"{value:,}"


def size_text(value: int) -> str:
    """Spell a size in the largest decimal unit that leaves a whole part."""
    size, units = float(value), ["B", "kB", "MB", "GB", "TB", "PB"]
    while size >= 1000 and len(units) > 1:  # noqa: PLR2004  decimal units, as disks are sold
        size, units = size / 1000, units[1:]
    return f"{value} B" if units[0] == "B" else f"{size:.1f} {units[0]}"
