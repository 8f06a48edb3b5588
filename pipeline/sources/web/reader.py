"""Make items of the records of a web archive: of pages their main text, of converted texts the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from pipeline.sources.records import RAW_LIMIT, Bad, Damage, Item, Raw
from pipeline.sources.trees.members import Met
from pipeline.sources.web.charset import decode
from pipeline.sources.web.digests import holds
from pipeline.sources.web.fields import spelled
from pipeline.sources.web.framing import Framed, Lost, records
from pipeline.sources.web.page import read_page
from pipeline.sources.web.pieces import pieces
from pipeline.sources.web.reserved import reservation
from pipeline.sources.web.response import TOO_LARGE, Response, read_response
from pipeline.sources.web.told import day_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.adapter import Reading
    from pipeline.sources.file import InputFile
    from pipeline.sources.web.fields import Fields
    from pipeline.sources.web.options import WarcOptions

URL_BYTES: Final = "url-bytes"
"""What is odd of a record: its URL is no UTF-8; the bytes are percent-encoded."""
NO_DATE: Final = "date"
"""What is odd of a record: its date is none."""

_PASSED: Final = frozenset({b"warcinfo", b"request", b"metadata"})
_KINDS: Final = frozenset({b"response", b"resource", b"conversion", b"revisit", b"continuation"})
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_PLAIN: Final = "text/plain"
_HTTP: Final = re.compile(rb"application/http(?:[;\s].*)?", re.IGNORECASE | re.DOTALL)
_ID: Final = re.compile(rb"<?([!-;=?-~]{1,200})>?")
_MEDIA: Final = re.compile(
    r"\s*([a-z]{1,20})/([a-z0-9.+-]{1,100})\s*(?:;.*)?", re.IGNORECASE | re.DOTALL
)
_CHARSET: Final = re.compile(r""";\s*charset\s*=\s*["']?([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)
_MAIN_TYPES: Final = frozenset(
    ("application", "audio", "font", "image", "message", "model", "multipart", "text", "video")
)
_OWN_NAMES: Final = {
    "application/pdf": "pdf", "application/json": "json", "application/ld+json": "json", "text/xml": "xml",
    "application/xml": "xml", "application/rss+xml": "feed", "application/atom+xml": "feed", "text/css": "css",
    "text/javascript": "javascript", "application/javascript": "javascript", "application/x-javascript": "javascript",
}  # fmt: skip
_LOOKS_HTML: Final = re.compile(
    rb"\s{0,256}(?:<!--.{0,1000}?-->\s{0,256})?<(?:!doctype html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_SITE_FILES: Final = frozenset({"/robots.txt", "/ai.txt", "/.well-known/tdmrep.json"})


def read_web(
    path: InputFile, how: Reading, options: WarcOptions, *, converted: bool
) -> Iterator[Item]:
    """Yield an item for each record that has or could have a text; `converted` texts are wanted, or pages.

    `line` is the record's number in the file from 1, `row` counts items: what tells of a record (`request`,
    `metadata`) or of the file (`warcinfo`) is none.
    """
    taker = _Taker(how, options, converted=converted)
    row = 0
    for record in records(pieces(path, options.max_ratio), how.max_record):
        if isinstance(record, Lost):
            if record.final:
                yield Damage(row, record.reason, record.detail)
                return
            yield Bad(row, record.number, record.reason, record.raw)
        elif (item := taker.take(row, record)) is not None:
            yield item
        else:
            continue
        row += 1


class _Taker:
    """Makes items of records."""

    def __init__(self, how: Reading, options: WarcOptions, *, converted: bool) -> None:
        self._options = options
        # who looks for files by their path finds none here: no page is read for that
        self._leaves_text = how.wanted is not None and not how.wanted("")
        self._converted = converted
        self._met = Met()

    def take(self, row: int, record: Framed) -> Item | None:
        """Return the item of a record, `None` for what tells of others."""
        kind = record.fields.get("warc-type").lower()
        if kind in _PASSED:
            return None
        name = _ID.fullmatch(record.fields.get("warc-record-id"))
        flaw = self._flaw(record, b"" if name is None else name[1])
        if name is None or flaw:
            return _bad(row, record, flaw)
        about, odd = _about(name[1].decode("ascii"), record)
        drop = self._unwanted(kind, record)
        if drop or self._leaves_text:
            return Raw(row, record.number, about | {"text": ""}, drop=drop, odd=odd)
        if kind == b"response":
            return self._response(row, record, about, odd)
        content = Response("200", record.fields, record.block, (record.block,))
        return self._content(row, record, about, content, odd)

    def _flaw(self, record: Framed, name: bytes) -> str:
        """Return what is wrong with a record that is one."""
        if not name:
            return "warc:id"
        if self._met.add(name.decode("ascii")):
            return "warc:id-twice"
        is_whole = len(record.block) == record.size
        return "digest:block" if is_whole and _differs(record, "block", record.block) else ""

    def _unwanted(self, kind: bytes, record: Framed) -> str:
        """Return why a record gives nothing, whatever is in it."""
        wanted = {b"conversion"} if self._converted else {b"response", b"resource"}
        if kind not in wanted:
            return f"record:{kind.decode()}" if kind in _KINDS else "record:unknown"
        if record.fields.get("warc-truncated"):
            return "truncated"
        if record.fields.get("warc-segment-number"):
            return "segmented"
        if len(record.block) < record.size:
            return TOO_LARGE
        return "" if record.fields.get("warc-target-uri") else "no-url"

    def _response(
        self, row: int, record: Framed, about: dict[str, Any], odd: tuple[str, ...]
    ) -> Item:
        if not _HTTP.fullmatch(record.fields.get("content-type")):
            return Raw(row, record.number, about | {"text": ""}, drop="not-http", odd=odd)
        response = read_response(record.block, self._options.max_bytes)
        return self._content(row, record, about, response, odd + response.odd)

    def _content(
        self,
        row: int,
        record: Framed,
        about: dict[str, Any],
        response: Response,
        odd: tuple[str, ...],
    ) -> Item:
        """Make the item of a payload."""
        if _differs(record, "payload", *response.forms):
            return _bad(row, record, "digest:payload")
        media = _media(response, record.fields)
        drop = _refused(response, media, about["url"])
        if not drop and len(response.content) > self._options.max_bytes:
            drop = TOO_LARGE
        if drop:
            return Raw(row, record.number, about | {"text": ""}, drop=drop, odd=odd)
        is_html = media in _HTML
        label = _CHARSET.search(response.fields.text("content-type"))
        text, strange = decode(response.content, "" if label is None else label[1], is_html=is_html)
        drop = self._reserved(response.fields, text if is_html else "")
        if drop:
            return Raw(row, record.number, about | {"text": ""}, drop=drop, odd=odd + strange)
        if is_html:
            page = read_page(text, about["url"], main=self._options.text == "main")
            about |= page.told.facts(about.get("created", ""))
            text, drop = page.text, page.flaw
        drop = drop or _empty(text)
        about["text"] = "" if drop else text
        return Raw(row, record.number, about, drop=drop, odd=odd + strange, edited=is_html)

    def _reserved(self, fields: Fields, html: str) -> str:
        said = reservation(fields, html) if self._options.signals else ""
        return f"signal:{said}" if said else ""


def _about(own: str, record: Framed) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Say where and when a record's content was met."""
    fields, odd = record.fields, record.odd
    place = fields.get("warc-target-uri").removeprefix(b"<").removesuffix(b">")
    try:
        url = place.decode()
    except UnicodeDecodeError:
        url, odd = quote(place, safe="%:/?#[]@!$&'()*+,;="), (*odd, URL_BYTES)
    about: dict[str, Any] = {"id": own, "url": url}
    told = {
        "created": fields.text("warc-date"),
        "refers_to": fields.text("warc-refers-to").strip("<>"),
        "identified_languages": fields.text("warc-identified-content-language"),
    }
    if not day_of(told["created"]):
        told["created"], odd = "", (*odd, NO_DATE)
    return about | {key: value for key, value in told.items() if value}, odd


def _differs(record: Framed, what: str, *contents: bytes) -> bool:
    """Tell whether a digest that the record states is that of none of the contents."""
    stated = record.fields.all(f"warc-{what}-digest")
    return any(holds(spelled(each), *contents) is False for each in stated)


def _bad(row: int, record: Framed, reason: str) -> Bad:
    return Bad(row, record.number, reason, record.block[:RAW_LIMIT])


def _media(response: Response, fields: Fields) -> str:
    """Return the media type, as the site says, else as the crawler found, else as it looks; `""` for none."""
    said = (response.fields.text("content-type"), fields.text("warc-identified-payload-type"))
    for each in said:
        found = _MEDIA.fullmatch(each)
        if found is not None:
            return f"{found[1]}/{found[2]}".lower()
    return "text/html" if _LOOKS_HTML.match(response.content[:4096]) else ""


def _refused(response: Response, media: str, url: str) -> str:
    """Return why a payload gives no document, whatever it says."""
    if response.status and response.status != "200":
        return f"status:{response.status}"
    if _path(url) in _SITE_FILES:
        return "site-file"
    if not response.status:
        return response.flaw
    if media not in _HTML and media != _PLAIN:
        kind = media.partition("/")[0]
        return f"type:{_OWN_NAMES.get(media) or (kind if kind in _MAIN_TYPES else 'unknown')}"
    return response.flaw


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _empty(text: str) -> str:
    if "\0" in text:
        return "binary"
    return "" if text.strip() else "empty"
