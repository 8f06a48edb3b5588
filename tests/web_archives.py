"""Web archives as crawlers write them, and as nobody should: records are made here byte by byte."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
from collections.abc import Iterable

from fastwarc.warc import WarcRecord, WarcRecordType

DATE = "2026-03-04T05:06:07Z"
ARTICLE = "The upper race feeds the wheel from above, and the miller opens it at dawn."
MENU = "Home Products Imprint"


def page(article: str = ARTICLE, head: str = "") -> bytes:
    """A page with a menu, an article and a footer."""
    return (
        f"<!DOCTYPE html><html><head><title>The mill</title>{head}</head><body>"
        f"<nav><ul><li>{MENU}</li></ul></nav><main><h1>The mill</h1><p>{article}</p></main>"
        f"<footer class='footer'>Cookies</footer></body></html>"
    ).encode()


def name(number: int) -> str:
    return f"urn:uuid:00000000-0000-4000-8000-{number:012d}"


def record(
    block: bytes, number: int = 1, *extra: tuple[str, str], kind: str = "response", **fields: str
) -> bytes:
    """One record; `fields` replace the usual ones, `_` standing for `-`, and `""` leaves one away."""
    told = {
        "WARC-Type": kind,
        "WARC-Target-URI": f"https://mill.example/{number}",
        "WARC-Date": DATE,
        "WARC-Record-ID": f"<{name(number)}>",
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block)),
    }
    told |= {key.replace("_", "-"): value for key, value in fields.items()}
    version = told.pop("version", "WARC/1.0")
    lines = [version, *(f"{key}: {value}" for key, value in (*told.items(), *extra) if value)]
    head = "\r\n".join(lines).encode("utf-8", "surrogateescape")
    return head + b"\r\n\r\n" + block + b"\r\n\r\n"


def http(
    body: bytes, media: str = "text/html; charset=utf-8", *headers: str, status: str = "200 OK"
) -> bytes:
    """A response of HTTP."""
    lines = [f"HTTP/1.1 {status}", *([f"Content-Type: {media}"] if media else []), *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def packed(records: Iterable[bytes]) -> bytes:
    """A gzip member for each record, as the standard has it."""
    return b"".join(gzip.compress(each, mtime=0) for each in records)


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()  # noqa: S324  what archives have


def written(
    pages: Iterable[tuple[str, bytes]], *, packs: bool = True, kind: str = "response"
) -> bytes:
    """An archive by fastwarc's writer: `warcinfo`, and before each response its request."""
    made = [_write("warcinfo", 1000, b"software: mill\r\n", "", "application/warc-fields")]
    for number, (url, body) in enumerate(pages, start=1):
        if kind == "conversion":
            made.append(_write(kind, number, body, url, "text/plain"))
            continue
        asked = b"GET / HTTP/1.1\r\nHost: mill.example\r\n\r\n"
        made.append(
            _write("request", 1000 + number, asked, url, "application/http; msgtype=request")
        )
        made.append(_write(kind, number, http(body), url, "application/http; msgtype=response"))
    return packed(made) if packs else b"".join(made)


def _write(kind: str, number: int, block: bytes, url: str, media: str) -> bytes:
    made = WarcRecord()
    made.init_headers(
        record_type=getattr(WarcRecordType, kind),
        record_urn=name(number).removeprefix("urn:").encode(),
    )
    made.set_bytes_content(block)
    made.headers["Content-Type"] = media
    made.headers["WARC-Date"] = DATE
    if url:
        made.headers["WARC-Target-URI"] = url
    out = io.BytesIO()
    made.write(out, checksum_data=True)
    return out.getvalue()
