"""Read IRC logs: one document for each channel and day. See docs/conversations.md and docs/decisions/0049."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from fnmatch import translate
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple
from urllib.parse import quote

import msgspec

from filters.urls import SubjectError, canonical_host, parse_url
from pipeline.sources.adapter import Adapter, Reading
from pipeline.sources.conversations.encodings import charset
from pipeline.sources.conversations.irc_lines import Line, parse_lines, uncoloured
from pipeline.sources.conversations.nicks import People
from pipeline.sources.options import read_options
from pipeline.sources.records import RAW_LIMIT, Bad, Item, Raw
from pipeline.sources.trees.folder import FolderOptions
from pipeline.sources.trees.folder_files import NO_TEXT, File, digest_files, folder, read_files
from pipeline.sources.trees.paths import TREE_OPTIONS, tree_flaws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.adapter import Said
    from pipeline.sources.file import InputFile

BOTS: Final = (
    *("ubottu*", "ubotu*", "ubot[0-9]*", "lubotu*", "kubotu*", "floodbot*", "drone*bot"),
    *("ubuntulog*", "meetingology*", "mootbot*", "supybot*", "chanserv", "nickserv", "memoserv"),
)
"""The nicks of programs that talk in the channels of Ubuntu, and of the services of networks."""

_SUFFIXES: Final = (".txt", ".log", ".weechatlog", ".txt.gz", ".log.gz")
_DATED: Final = re.compile(r"(?<![0-9])([12][0-9]{3})[/.-]?([01][0-9])[/.-]?([0-3][0-9])(?![0-9])")
_CHANNEL: Final = re.compile(r"[#&+!][^\s/\x07,]{1,80}")
_LAID_OUT: Final = re.compile(
    r"(?:\A|/)[12][0-9]{3}/[01][0-9]/[0-3][0-9]/[^/]+\Z"
)  # as irclogs.ubuntu.com
_ENDING: Final = re.compile(r"(?:\.(?:txt|log|weechatlog))?(?:\.gz)?\Z", re.IGNORECASE)
_NOWHERE: Final = "irc.invalid"  # a host that no mail reaches (RFC 2606)


class IrcOptions(FolderOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.options]` of IRC logs."""

    nicks: Literal["numbered", "kept"] = "numbered"
    bots: tuple[str, ...] = BOTS
    site: str = ""
    encoding: str = "cp1252"


class _Day(NamedTuple):
    """What was said on one day, and what was left out of it."""

    day: date | None
    lines: list[Line]
    counts: Counter[str]


def read_irc(path: InputFile, how: Reading) -> Iterator[Item]:
    """Yield an item for each day of each log below a folder, in the order of paths.

    A log of no known shape is `Bad("shape:irc")`; a day on which nobody spoke has a reason to be dropped.
    """
    options = read_options(how.said, IrcOptions, tree_flaws)
    reader = _Reader(options)
    return read_files(folder(path), how, options, _SUFFIXES, reader.take)


class _Reader:
    """Makes documents of logs."""

    def __init__(self, options: IrcOptions) -> None:
        self._options = options
        self._bots = re.compile(
            "|".join(translate(each.lower()) for each in options.bots) or r"\A\Z."
        )
        self._site = options.site.rstrip("/")
        self._host = _host(options.site) or _NOWHERE

    def take(self, file: File) -> Iterator[Raw | Bad]:
        """Yield a document for each day of a log."""
        text, mixed = _decode(file.data, self._options.encoding)
        days = list(self._days(text, _dated(file.place)))
        counts = sum((each.counts for each in days), Counter[str]())
        if text.strip() and counts["known"] < max(1, counts["unknown"]):
            yield Bad(0, 0, "shape:irc", file.data[:RAW_LIMIT], file.name)
            return
        met: Counter[date | None] = Counter()
        for each in days:
            met[each.day] += 1
            odd = {"encoding-mixed": mixed, "lines-unknown": each.counts["unknown"] > 0}
            found = self._document(file, each, met[each.day])
            yield msgspec.structs.replace(found, odd=tuple(name for name in odd if odd[name]))

    def _days(self, text: str, told: date | None) -> Iterator[_Day]:
        """Cut a log at its days; what the path tells counts for all of it."""
        now = _Day(told, [], Counter())
        for line in parse_lines(text):
            if told is None and line.day is not None and line.day != now.day:
                if now.day is not None or now.lines:
                    yield now
                now = _Day(line.day, [], Counter())
            now.counts["unknown" if line.kind == "unknown" else "known"] += 1
            if line.kind in {"talk", "action"} and self._bots.match(line.nick.lower()):
                now.counts["bots"] += 1
            elif line.kind != "unknown":
                now.counts["events"] += line.kind in {"event", "day"}
                now.lines.append(line)
        yield now

    def _document(self, file: File, day: _Day, turn: int) -> Raw:
        channel = _channel(file.path)
        people = People(day.lines, numbered=self._options.nicks == "numbered")
        said = [each for each in day.lines if each.kind in {"talk", "action"} and each.text]
        text = "\n".join(map(people.spell, said))
        record: dict[str, Any] = {
            "id": _name(file, day.day, channel, turn, _host(self._site)),
            "text": text,
            "url": f"{self._site}/{quote(_below_site(file))}" if self._site else "",
            "created": "" if day.day is None else day.day.isoformat(),
            "author": " ".join(f"{each}@{self._host}" for each in people.speakers()),
            "channel": channel,
            "messages": len(said),
            "speakers": len({people.person(each.nick) for each in said}),
        }
        left_out = {
            key: day.counts[key] for key in ("bots", "events", "unknown") if day.counts[key]
        }
        record |= {"left_out": left_out} if left_out else {}
        return Raw(0, 0, record, drop="" if text else NO_TEXT, edited=True)


def _decode(data: bytes, fallback: str) -> tuple[str, bool]:
    """Decode a log, and tell whether its lines are in more than one encoding, as they are where all may talk."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return uncoloured(data.decode("utf-16", "replace")), False
    try:
        return uncoloured(data.decode("utf-8-sig")), False
    except UnicodeDecodeError:
        lines = (_decode_line(each, fallback) for each in data.split(b"\n"))
        return uncoloured("\n".join(lines)), True


def _decode_line(line: bytes, fallback: str) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode(fallback, "replace")


def _dated(place: str) -> date | None:
    """Return the last day that a path tells, as `2012/04/06`, `2012-04-06` or `20120406`."""
    found = None
    for each in _DATED.finditer(place):
        try:
            found = date(int(each[1]), int(each[2]), int(each[3]))
        except ValueError:
            continue
    return found


def _channel(path: str) -> str:
    """Return the channel that a log is of: the last part of its path that is named like one, or the file's name."""
    parts = [_ENDING.sub("", each) for each in path.split("/")]
    named = (found[0] for each in reversed(parts) if (found := _CHANNEL.search(each)))
    return next(named, parts[-1])


def _below_site(file: File) -> str:
    """Return the path of a log where logs lie by day, from the year on, else the path in the folder."""
    found = _LAID_OUT.search(file.place)
    return file.path if found is None else found[0].removeprefix("/")


def _name(file: File, day: date | None, channel: str, turn: int, site: str) -> str:
    """Name a document by day and channel where logs lie by day, else by its path; `turn` counts returns to a day."""
    told = _dated(file.place)
    if day is not None and _LAID_OUT.search(file.place) is not None:
        name = f"{site}/" * bool(site) + f"{day:%Y/%m/%d}/{channel}"
    else:
        name = file.name if day is None or told is not None else f"{file.name}/{day.isoformat()}"
    return name if turn == 1 else f"{name}//{turn}"


def _host(site: str) -> str:
    try:
        return canonical_host(parse_url(site).host) if site else ""
    except SubjectError:
        return ""


def _flaws(said: Said) -> list[str]:
    found = tree_flaws(said, IrcOptions)
    if found:
        return found
    options = read_options(said, IrcOptions, tree_flaws)
    if options.site and not (
        options.site.startswith(("https://", "http://")) and _host(options.site)
    ):
        found.append(
            f"options.site: {options.site!r} is no address of a site: https://irclogs.example.org"
        )
    if not charset(options.encoding):
        found.append(f"options.encoding: {options.encoding!r} is no character set")
    return found


ADAPTER: Final = Adapter(
    read=read_irc,
    unit="folder",
    digest=digest_files,
    options={
        **TREE_OPTIONS,
        "hidden": "also what begins with a dot",
        "nicks": "numbered: who speaks is user1, user2 in each document; kept: as in the log",
        "bots": "globs of nicks that are programs, whose lines are left out",
        "site": "the address at which the folder's files stand; its host is that of nicks in requests",
        "encoding": "the character set of lines that are no UTF-8",
    },
    flaws=_flaws,
)
