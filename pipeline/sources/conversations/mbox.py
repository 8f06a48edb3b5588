"""Read mailboxes in which all messages stand in one file (RFC 4155 and its cousins), as a stream.

A message begins at a line `From ` with a date, behind a blank line or at the start. Where a mailbox does not
quote such lines in messages, what stands behind one is a row of its own: nothing is lost.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from pipeline.sources.adapter import Adapter, Reading, packed
from pipeline.sources.compressed import Trusted
from pipeline.sources.conversations.messages import MAIL_OPTIONS, Mailbox, MailOptions
from pipeline.sources.options import read_options
from pipeline.sources.records import RAW_LIMIT, Bad, Damage, Item
from pipeline.sources.trees.paths import TREE_OPTIONS, largest, tree_flaws

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.sources.adapter import Said
    from pipeline.sources.file import InputFile

_FROM: Final = re.compile(
    rb"From [^\n]{0,400}?\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +[^\n]{0,20}?[0-9]{1,2}:[0-9]{2}[^\n]{0,40}"
)
_QUOTED: Final = re.compile(rb"^>(?=>*From )", re.MULTILINE)
_LONGEST: Final = 64 << 10  # bytes of a line that is held before it has ended
_ENDINGS: Final = (".gz", ".zst")


class Message(NamedTuple):
    """The bytes of a message, and the line that it begins at, from 1.

    `begun`: a line `From ` stands before it. Of one that is `oversize` the first bytes are here.
    """

    line: int
    data: bytes
    begun: bool
    oversize: bool


def read_mbox(path: InputFile, how: Reading) -> Iterator[Item]:
    """Yield an item for each message, in order, and `Damage` last where there is some.

    A message that damage cut is part of it. What stands before the first message is `Bad("shape:mbox")`.
    """
    options = read_options(how.said, MailOptions, tree_flaws)
    mailbox = Mailbox(_name(path.name), options)
    source = Trusted(path)
    about = {key: value for key in ("repo", "url") if (value := getattr(options, key))}
    row, held = 0, None
    for message in messages(source, largest(how, options)):
        if held is not None:
            yield _item(row, held, mailbox, about)
            row += 1
        held = message
    if held is not None and source.damage is None:
        yield _item(row, held, mailbox, about)
        row += 1
    if source.damage is not None:
        yield Damage(row, source.damage.reason, source.damage.detail)


def _item(row: int, message: Message, mailbox: Mailbox, about: dict[str, str]) -> Item:
    if message.oversize:
        return Bad(row, message.line, "oversize", message.data)
    if not message.begun:
        return Bad(row, message.line, "shape:mbox", message.data[:RAW_LIMIT])
    item = mailbox.take(_QUOTED.sub(b"", message.data))
    if isinstance(item, Bad):
        return msgspec.structs.replace(item, row=row, line=message.line)
    return msgspec.structs.replace(
        item, row=row, line=message.line, record={**item.record, **about}
    )


def messages(chunks: Iterable[bytes], limit: int) -> Iterator[Message]:
    """Cut a mailbox into messages; of one that is longer than `limit` bytes only the first are held."""
    held = _Held(limit, 1, begun=False)
    number, blank, whole = 0, True, True
    for piece in _pieces(chunks):
        if whole:
            number += 1
            if blank and piece.startswith(b"From ") and _FROM.match(piece) is not None:
                yield from held.close()
                held, blank = _Held(limit, number, begun=True), False
                whole = piece.endswith(b"\n")
                continue
        blank = whole and not piece.strip()
        whole = piece.endswith(b"\n")
        held.add(piece)
    yield from held.close()


class _Held:
    """A message as it is gathered."""

    def __init__(self, limit: int, line: int, *, begun: bool) -> None:
        self._limit, self._line, self._begun = limit, line, begun
        self._pieces: list[bytes] = []
        self._size = 0

    def add(self, piece: bytes) -> None:
        fitted = self._size <= self._limit
        self._size += len(piece)
        if self._size <= self._limit:
            self._pieces.append(piece)
        elif fitted:
            self._pieces = [b"".join([*self._pieces, piece])[:RAW_LIMIT]]

    def close(self) -> Iterator[Message]:
        """Yield the message, unless nothing stands where the first one might."""
        data = b"".join(self._pieces)
        if self._begun or data.strip():
            yield Message(self._line, data, self._begun, self._size > self._limit)


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines with their ends; a line that is too long comes in pieces, of which the last has its end."""
    tail = b""
    for chunk in chunks:
        *lines, tail = (tail + chunk).split(b"\n")
        for line in lines:
            yield line + b"\n"
        if len(tail) > _LONGEST:
            yield tail
            tail = b""
    if tail:
        yield tail


def _name(name: str) -> str:
    """Return the name of a mailbox, packed or not."""
    return next((name.removesuffix(each) for each in _ENDINGS if name.endswith(each)), name)


def _flaws(said: Said) -> list[str]:
    return tree_flaws(said, MailOptions)


_OPTIONS: Final = {key: TREE_OPTIONS[key] for key in ("max_bytes", "repo", "url")}

ADAPTER: Final = Adapter(
    read=read_mbox,
    suffixes=packed(".mbox", ".mbx"),
    options={**_OPTIONS, **MAIL_OPTIONS},
    flaws=_flaws,
)
