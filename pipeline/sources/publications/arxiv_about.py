"""What arXiv tells of its papers, as in its metadata snapshot: a file of JSON lines beside an archive of papers."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from pipeline.errors import ConfigError, at
from pipeline.sources.publications.xml_records import known

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 64 << 20
"""Bytes of such a file: it is held, so that there is one for each archive and not one of two million papers."""

About = dict[str, dict[str, Any]]
"""By id without version: the keys of a record that are told."""


class _Version(msgspec.Struct):
    created: str = ""


class _Line(msgspec.Struct):
    """A line of the snapshot; what else it has is passed over."""

    id: str
    title: str | None = None
    authors: str | None = None
    license: str | None = None
    categories: str | None = None
    doi: str | None = None
    versions: list[_Version] = []


def read_about(path: Path) -> About:
    """Read a file that tells of papers; of two lines on one paper the last counts.

    Raises:
        ConfigError: it is too large, or a line of it is none of the snapshot's.
    """
    if path.stat().st_size > MAX_BYTES:
        raise ConfigError(
            at("read", str(path), f"over {MAX_BYTES >> 20} MiB: cut it, one file for each archive")
        )
    decoder = msgspec.json.Decoder(_Line)
    found: About = {}
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                told = decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise ConfigError(
                    at("read", f"{path}:{number}", "no line of arXiv's metadata")
                ) from None
            found[told.id] = _keys(told)
    return found


def _keys(told: _Line) -> dict[str, Any]:
    return known(
        license=told.license or "",
        created=_day(told.versions[0].created) if told.versions else "",
        author=told.authors or "",
        title=" ".join((told.title or "").split()),
        categories=(told.categories or "").split(),
        doi=told.doi or "",
    )


def _day(said: str) -> str:
    """Return the day of a date as mail has it; `""` of what is none."""
    try:
        return parsedate_to_datetime(said).strftime("%Y-%m-%d")
    except (ValueError, TypeError, IndexError):
        return ""
