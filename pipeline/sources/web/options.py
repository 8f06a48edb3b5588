"""What `[sources.options]` may say of web archives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal

import msgspec

from pipeline.sources.options import read_options
from pipeline.sources.trees.members import RATIO

if TYPE_CHECKING:
    from pipeline.sources.adapter import Said

Count = Annotated[int, msgspec.Meta(ge=1)]


class WetOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`max_bytes` of the longest content that is read, `max_ratio` of bytes unpacked for each one read."""

    max_bytes: Annotated[int, msgspec.Meta(ge=1, le=32 << 20)] = 4 << 20
    max_ratio: Count = RATIO


class WarcOptions(WetOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`text` is what is taken of a page, `signals` whether its own word against training is heeded."""

    text: Literal["main", "all"] = "main"
    signals: bool = True


WET_OPTIONS: Final = {
    "max_bytes": "bytes of the longest content that is read",
    "max_ratio": "bytes that may be unpacked for each byte read",
}
WARC_OPTIONS: Final = {
    **WET_OPTIONS,
    "text": "main: the main text of a page; all: whatever it shows",
    "signals": "whether pages are left out that say so themselves",
}


def web_options(said: Said, kind: type[WetOptions]) -> WarcOptions:
    """Return the options of a source, those of pages with their defaults where there are none.

    Raises:
        ConfigError: they are wrong.
    """
    read_options(said, kind)
    return read_options(said, WarcOptions)
