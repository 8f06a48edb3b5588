"""A mail as a record. See docs/conversations.md: what is taken of it, and what is left out."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal

from filters.subjects import find_addresses
from pipeline.sources.conversations.encodings import printable
from pipeline.sources.conversations.mime import Body, MailError, Part
from pipeline.sources.conversations.quotes import Written
from pipeline.sources.fields import ID_DIGITS
from pipeline.sources.records import RAW_LIMIT, Bad, Raw
from pipeline.sources.trees.folder import FolderOptions
from pipeline.sources.trees.folder_files import NO_TEXT
from pipeline.sources.trees.members import Met

MESSAGE_TWICE: Final = "message-twice"
"""A message with this Message-ID was met before in the same input."""

_HEADERS: Final = frozenset(
    {"from", "date", "subject", "message-id", "received", "to", "return-path", "mime-version"}
)
_EARLIEST: Final = datetime(
    1971, 1, 1, tzinfo=UTC
)  # the year of the first mail between two machines
_LATEST: Final = datetime(
    2035, 1, 1, tzinfo=UTC
)  # a fixed day, as for commits: equal inputs, equal bytes
_MESSAGE_ID: Final = re.compile(r"<([^<>]{1,998})>")
_SPELLED_OUT: Final = re.compile(
    r"(\S{1,64}) at (\S{1,64}\.\S{2,64})"
)  # as archives of Mailman show it
_LONGEST: Final = 1000  # characters of an author
_DATE: Final = 200  # characters of a date that are looked at

MAIL_OPTIONS: Final = {
    "subject": "begin the text with the subject",
    "quotes": "drop or keep what is quoted or forwarded",
    "signatures": "drop or keep signatures and the footers of lists",
}
Kept = Literal["drop", "keep"]


class MailOptions(FolderOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.options]` of mail."""

    subject: bool = True
    quotes: Kept = "drop"
    signatures: Kept = "drop"


class Mailbox:
    """Makes records of the messages of one input, which is called `name`; remembers their ids, 8 bytes each."""

    def __init__(self, name: str, options: MailOptions) -> None:
        self._name = name
        self._options = options
        self._met = Met()

    def take(self, data: bytes) -> Raw | Bad:
        """Make the record of a message. What is no mail is `Bad`, and one with too much of something."""
        try:
            part = Part(data)
            if not part.names & _HEADERS:
                return Bad(0, 0, "shape:mail", data[:RAW_LIMIT])
            return self._record(part)
        except MailError as error:
            return Bad(0, 0, str(error), data[:RAW_LIMIT])

    def _record(self, part: Part) -> Raw:
        body = Body(quotes=self._options.quotes == "keep")
        written = Written(
            quotes=self._options.quotes == "keep", signatures=self._options.signatures == "keep"
        )
        text = written.clean(body.text(part).text)
        subject = printable(part.header("subject")) if self._options.subject else ""
        left_out = dict(+(body.left_out + written.left_out))
        name = self._id(part.raw("message-id"))
        created, odd = _created(part.raw("date"))
        record: dict[str, Any] = {
            "id": name,
            "text": f"{subject}\n\n{text}" if subject and text else text,
            "created": created,
            "author": author_of(part),
        }
        record |= {"left_out": left_out} if left_out else {}
        drop = "" if text else NO_TEXT
        if name and self._met.add(name):
            drop = MESSAGE_TWICE
        return Raw(0, 0, record, drop=drop, odd=tuple(sorted(body.odd | odd)), edited=True)

    def _id(self, message_id: str) -> str:
        """Name a message by a digest: a Message-ID holds the names of machines, and of people."""
        found = _MESSAGE_ID.search(message_id)
        own = message_id.strip() if found is None else found[1].strip()
        return mail_id(self._name, own) if own else ""


def mail_id(mailbox: str, message_id: str) -> str:
    """Return the id of a mail in an input of this name; the Message-ID stands without its brackets."""
    return f"mail:{hashlib.sha256(f'{mailbox}/{message_id}'.encode()).hexdigest()[:ID_DIGITS]}"


def author_of(part: Part) -> str:
    """Return who wrote a mail: the addresses in From and Sender, which no release ever shows."""
    told = [_with_address(each) for name in ("from", "sender") for each in part.headers(name)]
    return ", ".join(dict.fromkeys(told))[:_LONGEST]


def _with_address(value: str) -> str:
    return value if find_addresses(value) else _SPELLED_OUT.sub(r"\1@\2", value)


def _created(date: str) -> tuple[str, set[str]]:
    """Return a date in UTC. One that cannot be is none: a request may be for what was written before a day."""
    if not date:
        return "", set()
    try:
        found = parsedate_to_datetime(date[:_DATE])
        moment = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return "", {"date-unreadable"}
    if moment < _EARLIEST:
        return "", {"date-early"}
    if moment >= _LATEST:
        return "", {"date-future"}
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z"), set()
