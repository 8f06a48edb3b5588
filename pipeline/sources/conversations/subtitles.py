"""Read subtitles of films: SubRip, WebVTT and the XML of OPUS, one file a document. See docs/conversations.md."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pipeline.sources.adapter import Adapter, Reading
from pipeline.sources.conversations.cues import UNTOLD, Cue, parse_srt, parse_vtt
from pipeline.sources.conversations.encodings import charset, decode, printable
from pipeline.sources.conversations.opus import Opus, RefusedError
from pipeline.sources.conversations.spoken import Spoken
from pipeline.sources.conversations.tokens import join_words
from pipeline.sources.options import read_options
from pipeline.sources.records import RAW_LIMIT, Bad, Item, Raw
from pipeline.sources.trees.folder import FolderOptions
from pipeline.sources.trees.folder_files import NO_TEXT, File, digest_files, folder, read_files
from pipeline.sources.trees.paths import TREE_OPTIONS, tree_flaws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.adapter import Said
    from pipeline.sources.file import InputFile

MOST: Final = 200_000
"""Cues of a file: a film has one or two thousand."""

_SUFFIXES: Final = (".srt", ".vtt", ".xml", ".srt.gz", ".vtt.gz", ".xml.gz")
_PLACE: Final = re.compile(
    r"(?:\A|/)(?P<language>[a-z]{2,3}(?:_[a-zA-Z]{2,4})?)/(?P<year>[0-9]{1,4})/(?P<film>[0-9]{1,10})"
    r"/(?P<number>[0-9]{1,10})\.xml(?:\.gz)?\Z"
)
_NAMED: Final = re.compile(
    r"[._](?P<language>(?!hi\b)[a-z]{2}(?:[-_][A-Za-z]{2,4})?)(?:[._](?:hi|sdh|cc|forced))?\.(?:srt|vtt)(?:\.gz)?\Z"
)
_DAY: Final = re.compile(r"(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]")


class SubtitleOptions(FolderOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.options]` of subtitles."""

    sounds: bool = False
    encoding: str = ""


class _Read(NamedTuple):
    """The text of a file, what is told of it, and what is odd."""

    text: str
    told: dict[str, Any]
    odd: tuple[str, ...] = ()


def read_subtitles(path: InputFile, how: Reading) -> Iterator[Item]:
    """Yield an item for each file of subtitles below a folder, in the order of paths.

    What is no subtitles is bad: `shape:subtitles`, or `xml` where it is broken.
    """
    options = read_options(how.said, SubtitleOptions, tree_flaws)

    def take(file: File) -> Iterator[Raw | Bad]:
        yield _take(file, options)

    return read_files(folder(path), how, options, _SUFFIXES, take)


def _take(file: File, options: SubtitleOptions) -> Raw | Bad:
    name = file.path.lower().removesuffix(".gz")
    try:
        read = (
            _of_opus(file.data, options) if name.endswith(".xml") else _of_cues(file, name, options)
        )
    except RefusedError as refused:
        return Bad(0, 0, str(refused), file.data[:RAW_LIMIT], file.name)
    record = {**_told(file), **read.told, "text": read.text}
    drop = "" if read.text else NO_TEXT
    return Raw(0, 0, record, drop=drop, odd=read.odd, edited=True)


def _of_opus(data: bytes, options: SubtitleOptions) -> _Read:
    document, spoken = Opus(), Spoken(sounds=options.sounds)
    document.parse(data)
    sentences = [each if isinstance(each, str) else join_words(each) for each in document.sentences]
    text = spoken.of_sentences(list(map(printable, sentences)))
    told: dict[str, Any] = {"left_out": dict(+spoken.left_out)} if +spoken.left_out else {}
    about = dict(document.about)
    day = about.pop("date", "")
    if _DAY.fullmatch(day) is not None:
        told["created"] = day
    return _Read(text, told | ({"film": about} if about else {}))


def _of_cues(file: File, name: str, options: SubtitleOptions) -> _Read:
    found = decode(file.data, options.encoding)
    text = printable(found.text)
    is_vtt = name.endswith(".vtt") or text.startswith("WEBVTT")
    cues = list(itertools.islice(parse_vtt(text) if is_vtt else parse_srt(text), MOST + 1))
    if len(cues) > MOST or (text.strip() and all(cue.start == UNTOLD for cue in cues)):
        raise RefusedError("shape:subtitles")
    spoken = Spoken(sounds=options.sounds)
    spoken_text = spoken.of_cues(cues)
    told: dict[str, Any] = {"cues": len(cues)}
    if +spoken.left_out:
        told["left_out"] = dict(+spoken.left_out)
    if found.encoding not in {"ascii", "utf-8"}:
        told["encoding"] = found.encoding
    odd = {
        "encoding-guessed": found.guessed,
        "characters-lost": "\ufffd" in text,
        "cut": bool(cues) and not cues[-1].lines,
        **_odd_times(cues),
    }
    return _Read(spoken_text, told, tuple(name for name, is_so in odd.items() if is_so))


def _odd_times(cues: list[Cue]) -> dict[str, bool]:
    untold = any(cue.start == UNTOLD for cue in cues)
    cues = [cue for cue in cues if cue.start != UNTOLD]
    pairs = list(itertools.pairwise(cues))
    return {
        "times-unreadable": untold,
        "times-backwards": any(after.start < before.start for before, after in pairs)
        or any(cue.end < cue.start for cue in cues),
        "times-overlap": any(before.start <= after.start < before.end for before, after in pairs),
    }


def _told(file: File) -> dict[str, Any]:
    """Say what the path tells: OPUS has `language/year/film/number.xml`, others `name.language.srt`."""
    place = _PLACE.search(file.place)
    if place is None:
        named = _NAMED.search(file.path)
        return {"id": file.name} | ({} if named is None else {"language": named["language"]})
    language, year, film, number = place.groups()
    told = {
        "id": f"opensubtitles/{language}/{year}/{film}/{number}",
        "language": language,
        "url": f"https://www.opensubtitles.org/subtitles/{number}",
        "imdb": f"tt{int(film):07}",
    }
    return told | ({"year": year} if len(year) == 4 else {})  # noqa: PLR2004  0 stands for none


def _flaws(said: Said) -> list[str]:
    found = tree_flaws(said, SubtitleOptions)
    if found:
        return found
    encoding = read_options(said, SubtitleOptions, tree_flaws).encoding
    is_none = encoding and not charset(encoding)
    return [f"options.encoding: {encoding!r} is no character set"] if is_none else []


ADAPTER: Final = Adapter(
    read=read_subtitles,
    unit="folder",
    digest=digest_files,
    options={
        **TREE_OPTIONS,
        "hidden": "also what begins with a dot",
        "sounds": "keep what is said in brackets of sounds and speakers",
        "encoding": "the character set of what is no UTF-8; without it, it is guessed",
    },
    flaws=_flaws,
)
