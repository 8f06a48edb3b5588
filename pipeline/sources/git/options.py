"""What `[sources.options]` may say of a git repository."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from pipeline.errors import ConfigError, at

if TYPE_CHECKING:
    from pipeline.sources.adapter import Said

OPTIONS: Final = {
    "ref": "a branch, a tag or the id of a commit; HEAD unless given",
    "at": "a point in time: the first commit that is not after it, from the ref along first parents",
    "url": "the origin that documents are said to come from, else that of the repository's own config",
    "max_bytes": "the largest file that becomes a document",
    "max_files": "the most files that a repository may have",
    "alternates": "whether objects may be borrowed from another repository",
}
MAX_BYTES: Final = 10_000_000
"""Bytes of the largest file; Software Heritage's own pipeline to The Stack v2 skips what is larger, too."""

MAX_FILES: Final = 5_000_000
"""Files of a repository; the largest known have below a million, and a tree of trees can name any number."""

_REF: Final = re.compile(r"(?!-|/|.*(?:\.\.|//|@\{|/$|\.$))[^\x00-\x20\x7f~^:?*\[\\]+")
_ORIGIN: Final = re.compile(r"[^\x00-\x20\x7f-\x9f\ud800-\udfff]+")


class Options(NamedTuple):
    """The options, checked; `at` in seconds since 1970, `url` is `None` where none is given."""

    ref: str = "HEAD"
    at: int | None = None
    url: str | None = None
    max_bytes: int = MAX_BYTES
    max_files: int = MAX_FILES
    alternates: bool = False


def read_options(said: Said) -> Options:
    """Check the options of a source.

    Raises:
        ConfigError: naming all that is wrong.
    """
    problems: list[str] = []
    values: dict[str, Any] = {}
    for name, value in said.options.items():
        try:
            values[name] = _READ[name](value)
        except ValueError as error:
            problems.append(at("plan", f"source {said.name!r}", f"options.{name}: {error}"))
    if problems:
        raise ConfigError("\n".join(problems))
    return Options(**values)


def _ref(value: object) -> str:
    if not isinstance(value, str) or _REF.fullmatch(value) is None:
        raise ValueError("write the name of a branch or a tag, or the id of a commit")
    return value


def _time(value: object) -> int:
    """Read a date or time of ISO 8601; one without an offset is UTC, a day its beginning."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        raise ValueError("write a date or a time, as in 2024-05-01 or 2024-05-01T12:00:00Z")  # noqa: TRY004  a value of the config is wrong, not a type of ours
    moment = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return int(moment.timestamp() // 1)


def _url(value: object) -> str:
    if not isinstance(value, str) or _ORIGIN.fullmatch(value) is None:
        raise ValueError("write the repository's URL")
    try:
        parts = urlsplit(value)
    except ValueError:
        raise ValueError("write the repository's URL") from None
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("leave out who logs in, and all behind the path: it would be published")
    return value


def _count(value: object) -> int:
    if type(value) is not int or value < 1:
        raise ValueError("write a whole number above 0")
    return value


def _flag(value: object) -> bool:
    if type(value) is not bool:
        raise ValueError("write true or false")
    return value


_READ: Final = {
    "ref": _ref,
    "at": _time,
    "url": _url,
    "max_bytes": _count,
    "max_files": _count,
    "alternates": _flag,
}
