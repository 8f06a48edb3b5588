"""The paths of the server: what is answered, and what each request may be.

A body that is refused is read to its end before that is said, or else the client would lose the answer with the
connection; one that is much too large is not.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec
from tornado.web import Application, RequestHandler, stream_request_body

from pipeline.errors import where
from pipeline.qa.reader.serve.asked import MOST, read_asked
from pipeline.qa.reader.serve.guard import check_from
from pipeline.qa.reader.serve.metrics import ANSWER, KIND
from pipeline.qa.reader.serve.page import PAGE, POLICY
from pipeline.qa.reader.serve.refusal import RefusedError
from pipeline.terminal import say

if TYPE_CHECKING:
    from pipeline.qa.reader.serve.desk import Desk

_JSON: Final = "application/json"
_READ_AWAY: Final = 64 << 20  # bytes of a body that is refused
_GONE: Final = 0  # the status of a request whose client went away
_HEADERS: Final = {
    "Server": "gristmill",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@stream_request_body
class Handler(RequestHandler):
    """A request: looked at when its head is there, answered when all of it is, told of in one line at its end."""

    PATH: ClassVar[str] = "-"
    METHODS: ClassVar[tuple[str, ...]] = ("GET", "HEAD")

    def initialize(self, desk: Desk) -> None:
        """Begin a request."""
        self.desk = desk
        self.body = bytearray()
        self.refusal: RefusedError | None = None
        self.told = ""
        self._read, self._ended = 0, False
        desk.in_hand += 1

    async def respond(self) -> None:
        """Answer."""
        raise NotImplementedError

    def set_default_headers(self) -> None:
        """Set what every answer says."""
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        """Look at the head; what is refused is said now only if the body would be too long to read it away."""
        try:
            self.check()
        except RefusedError as refusal:
            self.refusal = refusal
            if self._length() > _READ_AWAY or "Expect" in self.request.headers:
                self.refuse(refusal)

    def check(self) -> None:
        """See to it that the request may be made.

        Raises:
            RefusedError: it may not.
        """
        headers = self.request.headers
        check_from(headers.get("Host"), headers.get("Origin"), local=self.desk.local)
        if self.request.method not in self.METHODS:
            raise RefusedError("method: it is not one of this path", HTTPStatus.METHOD_NOT_ALLOWED)

    def data_received(self, chunk: bytes) -> None:
        """Take a part of the body."""
        self._read += len(chunk)
        if self._read > _READ_AWAY:
            self.refuse(_too_large(self.desk.limits.body))
        elif self._read > self.desk.limits.body and self.refusal is None:
            self.refusal = _too_large(self.desk.limits.body)
        elif self.refusal is None:
            self.body += chunk

    async def get(self) -> None:
        """Answer whatever method it is: `check` has looked at that."""
        try:
            if self.refusal is not None:
                raise self.refusal
            await self.respond()
        except RefusedError as refusal:
            self.refuse(refusal)

    head = post = put = delete = patch = options = get

    def refuse(self, refusal: RefusedError) -> None:
        """Say why there is no answer."""
        if refusal.status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.set_header("Allow", ", ".join(self.METHODS))
        if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE:
            self.set_header("Retry-After", "1")
        self.reply(msgspec.json.encode({"error": str(refusal)}), status=refusal.status)

    def reply(self, body: bytes, kind: str = _JSON, status: int = HTTPStatus.OK) -> None:
        """Send an answer, in so many seconds or not at all."""
        self.set_status(status)
        self.set_header("Content-Type", kind)
        stream: Any = getattr(self.request.connection, "stream", None)
        sent = self.finish(body)
        timer = asyncio.get_running_loop().call_later(self.desk.limits.patience, stream.close)
        sent.add_done_callback(lambda _: timer.cancel())

    def write_error(self, status_code: int, **_kwargs: Any) -> None:
        """Say what Tornado refuses, or that there was a fault, as all errors are said."""
        fault = status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        problem = "a fault of the server" if fault else HTTPStatus(status_code).phrase
        self.reply(msgspec.json.encode({"error": problem}), status=status_code)

    def log_exception(self, _kind: Any, value: BaseException | None, _trace: Any) -> None:
        """Name a fault without a text; a traceback may quote one."""
        if isinstance(value, Exception) and self.get_status() >= HTTPStatus.INTERNAL_SERVER_ERROR:
            say(f"serve: {where(value)}", error=True)

    def compute_etag(self) -> None:
        """Have none: answers are not kept."""

    def on_finish(self) -> None:
        """End the request."""
        self._end(self.get_status())

    def on_connection_close(self) -> None:
        """End a request that nobody waits for any more."""
        self._end(_GONE)

    def _end(self, status: int) -> None:
        if self._ended:
            return
        self._ended = True
        seconds = self.request.request_time()
        self.desk.in_hand -= 1
        self.desk.metrics.request(self.PATH, status, seconds)
        method = self.request.method if self.request.method in self.SUPPORTED_METHODS else "-"
        outcome = status or "gone"
        say(f"serve: {method} {self.PATH} {outcome} {seconds * 1000:.1f} ms{self.told}", error=True)

    def _length(self) -> int:
        told = self.request.headers.get("Content-Length", "0")
        return int(told) if told.isascii() and told.isdecimal() else 0


class Answer(Handler):
    """`POST /answer`: a question, or several."""

    PATH = ANSWER
    METHODS = ("POST",)

    def check(self) -> None:
        """See to it that there is a body of JSON that is not too large."""
        super().check()
        headers = self.request.headers
        kind, _, more = headers.get("Content-Type", "").lower().partition(";")
        charset = more.strip().removeprefix("charset=").strip('"')
        if kind.strip() != _JSON or charset not in {"", "utf-8"} or "Content-Encoding" in headers:
            raise RefusedError(
                "content-type: it is not application/json in UTF-8, uncompressed",
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            )
        if "Content-Length" not in headers and "Transfer-Encoding" not in headers:
            raise RefusedError("content-length: it is missing", HTTPStatus.LENGTH_REQUIRED)
        if self._length() > self.desk.limits.body:
            raise _too_large(self.desk.limits.body)

    async def respond(self) -> None:
        """Answer what is asked."""
        asked = read_asked(bytes(self.body), min(MOST, self.desk.most))
        self.body.clear()
        self.told = f", {len(asked.questions)} asked"
        self.job = self.desk.worker.put(asked.questions)
        told = await self.job.told
        if self.job.gone:
            return
        if None in told:
            place = asked.place(told.index(None)).removesuffix(".") or "question"
            raise RefusedError(f"{place}: the reader fails on it", HTTPStatus.INTERNAL_SERVER_ERROR)
        reply = asked.reply(told, self.desk.threshold)
        limit = self.desk.threshold if asked.threshold is None else asked.threshold
        self.desk.metrics.told([each.abstaining(limit) for each in told])
        self.reply(reply)

    def on_connection_close(self) -> None:
        """Have the worker leave out what nobody waits for."""
        super().on_connection_close()
        job = getattr(self, "job", None)
        if job is not None:
            job.gone = True


class Health(Handler):
    """`GET /health`: which reader answers, 200 while it does."""

    PATH = "/health"

    async def respond(self) -> None:
        """Say so."""
        ready = self.desk.worker.ready
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        if not ready:
            self.set_header("Retry-After", "1")
        self.reply(msgspec.json.encode(self.desk.about | {"ready": ready}), status=status)


class Counts(Handler):
    """`GET /metrics`."""

    PATH = "/metrics"

    async def respond(self) -> None:
        """Tell the counts."""
        self.reply(self.desk.metrics.render(ready=self.desk.worker.ready), KIND)


class Page(Handler):
    """`GET /`: a page to ask by hand."""

    PATH = "/"

    async def respond(self) -> None:
        """Give it out."""
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Frame-Options", "DENY")
        self.reply(PAGE, "text/html; charset=utf-8")


class Missing(Handler):
    """Any other path."""

    def check(self) -> None:
        """Say that there is nothing.

        Raises:
            RefusedError: always.
        """
        headers = self.request.headers
        check_from(headers.get("Host"), headers.get("Origin"), local=self.desk.local)
        raise RefusedError("path: there is nothing", HTTPStatus.NOT_FOUND)


def application(desk: Desk) -> Application:
    """Return all paths."""
    given = {"desk": desk}
    return Application(
        [(each.PATH, each, given) for each in (Page, Answer, Health, Counts)],
        default_handler_class=Missing,
        default_handler_args=given,
        log_function=lambda _: None,  # each handler tells of itself
    )


def _too_large(most: int) -> RefusedError:
    return RefusedError(
        f"body: it is larger than {most:,} bytes", HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    )  # fmt: skip
