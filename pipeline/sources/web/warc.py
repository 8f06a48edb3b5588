"""Web archives as crawlers write them: of each page that was answered with 200 its main text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.sources.adapter import Adapter, Reading, packed
from pipeline.sources.options import option_flaws
from pipeline.sources.web.options import WARC_OPTIONS, WarcOptions, web_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.adapter import Said
    from pipeline.sources.file import InputFile
    from pipeline.sources.records import Item


def _read(path: InputFile, how: Reading) -> Iterator[Item]:
    from pipeline.sources.web.reader import read_web  # noqa: PLC0415  the options are checked without it

    return read_web(path, how, web_options(how.said, WarcOptions), converted=False)


def _flaws(said: Said) -> list[str]:
    return option_flaws(said, WarcOptions)


ADAPTER: Final = Adapter(read=_read, suffixes=packed(".warc"), options=WARC_OPTIONS, flaws=_flaws)
