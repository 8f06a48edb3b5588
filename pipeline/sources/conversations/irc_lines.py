"""The lines of IRC logs, as the programs that are known to keep them spell them: who said what, on which day.

Known are the logs of irclogs.ubuntu.com, irssi, weechat, energymech, supybot and what looks like one of them.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from pipeline.sources.conversations.encodings import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["talk", "action", "event", "day", "unknown"]

_STAMP: Final = re.compile(
    r"[\[(]?(?:(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ])?[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?"
    r"(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?(?: ?[AP]M)?[\])]?(?P<gap>[ \t]{1,8}|$)"
)
_TALK: Final = re.compile(r"<[ @+%&~!]?(?P<nick>[^\s<>]{1,64})> ?(?P<text>.*)")
_ACTION: Final = re.compile(r"[ \t]?\*[ \t](?P<nick>[^\s*][^\s]{0,63})(?: (?P<text>.*))?")
# What services say, and the lists of who is there that irssi keeps.
_NOTICE: Final = re.compile(
    r"-[^\s-][^\s]{0,200}- .*|\[Users [^\]]{1,100}\]|(?:\[[ @+%&~!][^\s\]]{1,64} {0,64}\] ?)+"
)
_EVENT: Final = re.compile(r"(?:={3}|-!-|\*{3})(?: (?P<text>.*))?")
_DAY: Final = re.compile(
    r"--- (?:Log opened|Day changed) [A-Z][a-z]{2} (?P<month>[A-Z][a-z]{2}) (?P<day>[0-9]{2})"
    r" (?:[0-9:]{8} )?(?P<year>[0-9]{4})"
)
_LOG: Final = re.compile(r"--- Log closed .*|\*{4} (?:BEGIN|END)(?:NING)? LOGGING .*")
_RENAMED: Final = re.compile(
    r"(?:Nick change: )?(?P<old>[^\s]{1,64}) (?:is now known as|->) (?P<new>[^\s]{1,64})"
)
_CAME: Final = re.compile(
    r"(?:Joins: |Parts: |Quits: )?(?P<nick>[^\s]{1,64})"
    r"(?: \[[^\]]{0,300}\]| \([^)]{0,300}\))? (?:has (?:joined|left|quit)|\()"
)
_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_CODES: Final = re.compile(  # colours and the like: modern.ircdocs.horse/formatting
    "\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?|\x04[0-9a-fA-F]{0,6}|[\x02\x0f\x11\x16\x1d\x1e\x1f]"
)
_WEECHAT: Final = {"-->": "event", "<--": "event", "--": "event", "": "unknown", "=!=": "event"}
_MODES: Final = "@+%&~!"


class Line(NamedTuple):
    """One line: of `talk` and an `action` the nick and the words, of an `event` the nick that it is about.

    `new` is what an event renames the nick to. `day` is the one that the line tells, if any.
    """

    kind: Kind
    nick: str = ""
    text: str = ""
    new: str = ""
    day: date | None = None


def uncoloured(text: str) -> str:
    """Leave out what colours a text, and all other control characters."""
    return printable(_CODES.sub("", text))


def parse_lines(text: str) -> Iterator[Line]:
    """Parse the lines of an uncoloured log, the blank ones left out."""
    return (_parse(each) for each in text.split("\n") if each.strip())


def _parse(line: str) -> Line:  # noqa: PLR0911  one return for each kind of line
    opened = _DAY.match(line)
    if opened is not None:
        return Line("day", day=_date(opened["year"], opened["month"], opened["day"]))
    if _LOG.fullmatch(line) is not None:
        return Line("event")
    stamp = _STAMP.match(line)
    if stamp is None:  # the events of irclogs.ubuntu.com have no time
        return _event(line) or Line("unknown")
    day = None if stamp["day"] is None else _date(*stamp["day"].split("-"))
    rest = line[stamp.end() :]
    if "\t" in stamp["gap"] and "\t" in rest:
        return _weechat(rest)._replace(day=day)
    found = _TALK.fullmatch(rest)
    if found is not None:
        return Line("talk", found["nick"], found["text"].strip(), day=day)
    event = _event(rest)
    if event is not None:
        return event._replace(day=day)
    found = _ACTION.fullmatch(rest)
    if found is not None:
        return Line("action", found["nick"], (found["text"] or "").strip(), day=day)
    return Line("event" if _NOTICE.fullmatch(rest) is not None else "unknown", day=day)


def _weechat(rest: str) -> Line:
    """Parse what weechat has behind a time: the nick or a mark, a tab, and the words."""
    nick, tab, text = rest.partition("\t")
    nick = nick.strip()
    if not tab:
        return Line("unknown")
    if nick == "*":
        nick, _, text = text.partition(" ")
        return Line("action", nick, text.strip()) if nick else Line("unknown")
    if nick in _WEECHAT:
        return Line("unknown") if not nick else _about(text)
    name = nick.lstrip(_MODES)
    return Line("talk", name, text.strip()) if name and " " not in name else Line("unknown")


def _event(text: str) -> Line | None:
    found = _EVENT.fullmatch(text)
    return None if found is None else _about(found["text"] or "")


def _about(text: str) -> Line:
    """Tell whom an event is about, as far as that is somebody who came, went or took another name."""
    renamed = _RENAMED.match(text)
    if renamed is not None:
        return Line("event", renamed["old"], new=renamed["new"])
    came = _CAME.match(text)
    return Line("event") if came is None else Line("event", came["nick"])


def _date(year: str, month: str, day: str) -> date | None:
    number = (
        _MONTHS.index(month) + 1 if month in _MONTHS else int(month) if month.isdecimal() else 0
    )
    try:
        return date(int(year), number, int(day))
    except ValueError:
        return None
