"""The text of a mail: its parts told apart, decoded, and those chosen that were written to be read.

The standard library parses headers and transfer encodings. It does not cut messages into parts here: its parser asks
every open boundary about every line, and calls itself for each part in a part, so that a small file takes hours.
"""

from __future__ import annotations

import binascii
import re
from collections import Counter
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value
from typing import Final, NamedTuple

from filters.html_text import html_text
from pipeline.sources.conversations.encodings import charset, decode, printable

MAX_HEADERS: Final = 256 << 10
"""Bytes of the headers of a message or a part. Servers take 64 KiB to 1 MiB; a part's are a few hundred bytes."""
MAX_VALUE: Final = 2000
"""Characters of a header that are looked at."""
MAX_DEPTH: Final = 16
"""Parts in each other."""
MAX_PARTS: Final = 1000

# A header, or the line that it goes on in; where a line is neither, headers end, as for who reads mail.
_HEADERS: Final = re.compile(
    rb"(?:>?From [^\n]*\n)?((?:(?:[!-9;-~]+:|[ \t])[^\n]*(?:\n|\Z))*)(?:\r?\n)?"
)
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]+")
_LONGEST_BOUNDARY: Final = 200  # RFC 2046 section 5.1.1 allows 70
_SAME: Final = 10  # headers of one name; more than one is somebody's trick
_BLOCKQUOTE: Final = re.compile(r"<(/?)blockquote\b[^<>]{0,1000}>", re.IGNORECASE)
_SPACES: Final = re.compile(r"\s+")


class MailError(Exception):
    """A message that is not taken apart; the reason is `header`, `depth` or `parts`."""


class Found(NamedTuple):
    """The text of a part, and whether it was written as plain text."""

    text: str
    is_plain: bool


class Part:
    """A message, or a part of one: its headers and the bytes behind them."""

    def __init__(self, data: bytes) -> None:
        found = _HEADERS.match(data, 0, MAX_HEADERS + 1)
        end = 0 if found is None else found.end()
        if found is None or end > MAX_HEADERS:
            raise MailError("header")
        parsed = BytesHeaderParser(policy=compat32).parsebytes(found[1])
        self._headers = [(name.lower(), str(value)) for name, value in parsed.raw_items()]
        self.body = data[end:]
        self._type = Message()
        self._type["Content-Type"] = self.raw("content-type")[:MAX_VALUE] or "text/plain"

    def raw(self, name: str) -> str:
        """Return the first header of a name as it stands there, on one line."""
        return _plain(next((value for each, value in self._headers if each == name), ""))

    def header(self, name: str) -> str:
        """Return the first header of a name, decoded (RFC 2047)."""
        return _decoded(self.raw(name))

    def headers(self, name: str) -> list[str]:
        """Return all headers of a name, decoded, as far as anybody looks."""
        found = [value for each, value in self._headers if each == name]
        return [_decoded(_plain(value)) for value in found[:_SAME]]

    @property
    def names(self) -> set[str]:
        """The names of all headers, in lower case."""
        return {name for name, _ in self._headers}

    @property
    def kind(self) -> str:
        """The type of the content, in lower case."""
        return self._type.get_content_type()

    def parameter(self, name: str) -> str:
        """Return a parameter of the type of the content."""
        try:
            value = self._type.get_param(name, "")
            return collapse_rfc2231_value(value or "")[:MAX_VALUE]
        except (ValueError, LookupError, TypeError):  # what it takes apart was written by anybody
            return ""

    @property
    def is_attached(self) -> bool:
        """Whether it is to be kept beside the message and not read in it."""
        return self.raw("content-disposition").lower().startswith("attachment")


class Body:
    """Gathers the text of a message; `left_out` counts what is none, and `odd` what is wrong with it.

    Without `quotes`, what HTML marks as a quotation is one line `>`.
    """

    def __init__(self, *, quotes: bool = True) -> None:
        self._quotes = quotes
        self.left_out: Counter[str] = Counter()
        self.odd: set[str] = set()
        self._parts = 0

    def text(self, part: Part, depth: int = 0) -> Found:
        """Return the text of a message or part.

        Raises:
            MailError: it has too many parts, or too many in each other.
        """
        self._parts += 1
        if depth > MAX_DEPTH:
            raise MailError("depth")
        if self._parts > MAX_PARTS:
            raise MailError("parts")
        boundary = part.parameter("boundary")
        if part.kind.startswith("multipart/") and 0 < len(boundary) <= _LONGEST_BOUNDARY:
            return self._of_parts(part, boundary, depth)
        is_text = part.kind in {"text/plain", "text/html"} or part.kind.startswith("multipart/")
        if not is_text or part.is_attached:
            is_message = part.kind.startswith("message/")
            self.left_out["messages" if is_message else "attachments"] += 1
            return Found("", is_plain=False)
        return self._of_text(part)

    def _of_parts(self, part: Part, boundary: str, depth: int) -> Found:
        pieces, is_closed = _split(part.body, boundary.encode("utf-8", "replace"))
        if not is_closed:
            self.odd.add("mime-cut")
        if part.kind == "multipart/digest":
            self.left_out["messages"] += len(pieces)
            return Found("", is_plain=False)
        found = [
            each for piece in pieces if (each := self.text(Part(piece), depth + 1)).text.strip()
        ]
        if not found:
            return Found("", is_plain=False)
        if (
            part.kind == "multipart/alternative"
        ):  # the last is the richest one (RFC 2046 section 5.1.4)
            return next((each for each in found if each.is_plain), found[-1])
        text = "\n\n".join(each.text.strip("\n") for each in found)
        return Found(text, all(each.is_plain for each in found))

    def _of_text(self, part: Part) -> Found:
        data = self._decoded(part)
        if data is None:
            self.left_out["attachments"] += 1
            return Found("", is_plain=False)
        declared = part.parameter("charset")
        found = decode(data, declared)
        if not data.isascii() and charset(declared) not in {"ascii", found.encoding}:
            self.odd.add("charset-wrong" if charset(declared) else "charset-unknown")
        text = printable(found.text)
        if part.kind == "text/html":
            return Found(html_text(text if self._quotes else _unquoted(text)).text, is_plain=False)
        if part.parameter("format").lower() == "flowed":
            text = unflow(text, delete_space=part.parameter("delsp").lower() == "yes")
        return Found(text, is_plain=True)

    def _decoded(self, part: Part) -> bytes | None:
        """Undo the transfer encoding; `None` where it is not known."""
        match part.raw("content-transfer-encoding").lower().strip(" ;\"'"):
            case "base64":
                try:
                    return binascii.a2b_base64(part.body)
                except binascii.Error:
                    self.odd.add("encoding-broken")
                    clean = _NOT_BASE64.sub(b"", part.body)
                    clean = clean[:-1] if len(clean) % 4 == 1 else clean
                    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))
            case "quoted-printable":
                return binascii.a2b_qp(part.body)
            case "" | "7bit" | "8bit" | "binary" | "7-bit" | "8-bit":
                return part.body
            case _:
                return None


def _unquoted(html: str) -> str:
    """Put a line `>` in the place of each quotation that stands in no other."""
    pieces, depth, done = list[str](), 0, 0
    for tag in _BLOCKQUOTE.finditer(html):
        if not tag[1]:
            if depth == 0:
                pieces += (html[done : tag.start()], "<br>&gt;<br>")
            depth += 1
        elif depth > 0:
            depth -= 1
        done = done if depth else tag.end()
    return "".join(pieces) + (html[done:] if depth == 0 else "")


def unflow(text: str, *, delete_space: bool) -> str:
    """Put lines together that were broken to fit a screen (RFC 3676); what is quoted keeps its lines."""
    lines: list[str] = []
    flows = False
    for each in text.split("\n"):
        if each.startswith(">"):
            lines.append(each)
            flows = False
            continue
        line = each.removeprefix(" ")
        if flows:
            lines[-1] += line
        else:
            lines.append(line)
        flows = line.endswith(" ") and line != "-- "
        if flows and delete_space:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


def _split(body: bytes, boundary: bytes) -> tuple[list[bytes], bool]:
    """Cut a body at a boundary, and tell whether it is closed as it should be."""
    line = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    pieces: list[bytes] = []
    start = -1
    for found in line.finditer(body):
        if start >= 0:
            pieces.append(body[start : found.start()])
            if len(pieces) > MAX_PARTS:
                raise MailError("parts")
        if found[1] is not None:
            return pieces, True
        start = found.end() + (2 if body[found.end() : found.end() + 1] == b"\r" else 1)
    if start >= 0:
        pieces.append(body[start:])
    return pieces, False


def _plain(value: str) -> str:
    """Return a header as it stands there, on one line; what is no ASCII is decoded as any text is."""
    data = value[:MAX_VALUE].encode("utf-8", "surrogateescape")
    return _SPACES.sub(" ", decode(data).text).strip()


def _decoded(value: str) -> str:
    if "=?" not in value:
        return value
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError, LookupError):
        return value
    text = "".join(
        decode(piece, name or "").text if isinstance(piece, bytes) else piece
        for piece, name in pieces
    )
    return _SPACES.sub(" ", text).strip()
