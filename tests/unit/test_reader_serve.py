"""What a server of a reader does without a network: ways back to a text, who may ask, and one question that fails."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import redirect_stderr, suppress
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from filters.normalise import nfc
from filters.qa import Question
from pipeline.qa.reader.given import outward
from pipeline.qa.reader.hints import count_rarity
from pipeline.qa.reader.inputs import Input, Preparer, Reading
from pipeline.qa.reader.model_file import Opened
from pipeline.qa.reader.network import Scores
from pipeline.qa.reader.reader import Reader, Sureness
from pipeline.qa.reader.serve.asked import read_asked
from pipeline.qa.reader.serve.batching import Queue, Worker
from pipeline.qa.reader.serve.desk import Desk, Limits
from pipeline.qa.reader.serve.guard import Door, is_local, is_loopback
from pipeline.qa.reader.serve.handlers import application
from pipeline.qa.reader.serve.journal import tell
from pipeline.qa.reader.serve.metrics import Metrics
from pipeline.qa.reader.serve.refusal import RefusedError

MARKED = st.text(
    st.sampled_from("aqo\u0301\u0323\u0307\u0308\u1112\u1161\u11ab\u212b한é\U0001d15e\u0344 "), max_size=24
)  # fmt: skip


@given(MARKED, st.data())
def test_a_span_of_the_nfc_stands_in_what_was_given(text: str, data: st.DataObject) -> None:
    plain, edits = nfc(text)
    if not plain:
        return
    start = data.draw(st.integers(0, len(plain) - 1))
    end = data.draw(st.integers(start + 1, len(plain)))
    first, last = outward(edits, start, end)
    assert 0 <= first < last <= len(text)
    moved = edits.forward(first, last)
    assert moved is not None
    assert moved[0] <= start < end <= moved[1]
    straight = edits.backward(start, end)
    assert straight is None or straight == (first, last)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True), ("localhost:8766", True), ("LocalHost.", True), ("a.localhost", True),
        ("127.0.0.1", True), ("127.1.2.3:80", True), ("[::1]", True), ("[::1]:8766", True),
        ("", False), ("mill.example", False), ("localhost.mill.example", False),
        ("127.0.0.1.mill.example", False), ("notlocalhost", False), ("0.0.0.0", False), ("[::]", False),  # noqa: S104  it is refused
        ("localhost:port", False), ("user@localhost", False), ("localhost, mill.example", False),
        ("127.0.0.1/", False), ("::1", False), ("2130706433", False), ("192.0.2.1:8766", False),
    ],
)  # fmt: skip
def test_a_host_is_local_by_its_name_alone(host: str, local: bool) -> None:
    assert is_local(host) is local


def test_an_address_of_all_is_not_loopback() -> None:
    assert [is_loopback(each) for each in ("127.0.0.1", "::1", "0.0.0.0", "::", "192.0.2.1", "x")] == [  # noqa: S104  what the test is about
        True, True, False, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("door", "host", "origin", "comes"),
    [
        (Door(local=True), "localhost:1", None, True),
        (Door(local=True), "192.0.2.1", None, False),
        (Door(local=True), "localhost", "http://[", False),
        (Door(local=True), "", "http://[", False),
        (Door(local=True), None, None, False),
        (Door(True, frozenset({"mill.example"})), "Mill.Example.:443", "https://mill.example.:443", True),
        (Door(True, frozenset({"mill.example"})), "oats.example", None, False),
        (Door(True, frozenset({"mill.example"})), "192.0.2.1", None, False),
        (Door(local=False), "oats.example", "http://oats.example", True),
        (Door(local=False), "oats.example", "http://oats.example:81", False),
        (Door(False, frozenset({"mill.example"})), "oats.example", None, False),
        (Door(False, frozenset({"mill.example"})), "192.0.2.1:8766", None, True),
        (Door(False, frozenset({"mill.example"})), "[2001:db8::1]", None, True),
    ],
)  # fmt: skip
def test_a_door_lets_in_who_names_the_server(
    door: Door, host: str | None, origin: str | None, comes: bool
) -> None:
    if comes:
        door.check(host, origin)
    else:
        with pytest.raises(RefusedError, match="another server"):
            door.check(host, origin)


@pytest.mark.parametrize("mark", ["\u0301", "\u0323", "\u0344", "\u0f73", "\u302a", "\u3099"])
def test_so_many_marks_that_their_order_takes_long_are_refused(mark: str) -> None:
    def body(key: str, marks: int) -> bytes:
        text = ("o" + mark * marks + " ") * 3
        return msgspec.json.encode({"question": "Who?", "context": "He."} | {key: text})

    for key in ("question", "context"):
        assert len(read_asked(body(key, 30)).questions) == 1
        with pytest.raises(RefusedError, match=f"^{key}: it has more than 30 combining marks"):
            read_asked(body(key, 31))


def test_a_log_that_nobody_reads_stops_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with suppress(BrokenPipeError), os.fdopen(writing, "w") as stream, redirect_stderr(stream):
        tell("ready")
        with pytest.raises(BrokenPipeError):
            print("ready", file=stream, flush=True)


def test_texts_that_were_read_are_not_kept_for_ever() -> None:
    preparer = opened().reader.preparer
    texts = [f"The mill of {number} grinds oats. " * 3000 for number in range(30)]
    first = preparer.passage(texts[0])
    kept = {id(preparer.passage(text)): text for text in texts}
    assert preparer.passage(texts[-1]) is preparer.passage(texts[-1])
    held = [text for text in texts if id(preparer._held.get(text)) in kept]
    assert sum(map(len, held)) <= 1 << 20
    assert held == texts[-len(held) :] != []
    again = preparer.passage(texts[0])
    assert again is not first
    assert (again.ids == first.ids).all()


def test_a_fault_is_named_without_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    secret = "xanthic-zephyr-417"  # noqa: S105  a text

    async def ask() -> bytes:
        desk = Desk("mill", opened, Queue(0.0, 9), Limits(99, 9.0), None, Door(local=True))
        desk.about = {secret: object()}  # it is no JSON, whoever came by it
        (listening,) = bind_sockets(0, "127.0.0.1")
        server = HTTPServer(application(desk))
        server.add_socket(listening)
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n")
        told = await reader.read()
        writer.close()
        server.stop()
        desk.close()
        return told

    told = asyncio.run(ask())
    assert told.startswith(b"HTTP/1.1 500 ")
    assert told.endswith(b'{"error":"a fault of the server"}')
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("serve: unexpected TypeError at handlers.py:")
    assert said[1].startswith("serve: GET /health 500 ")
    assert secret not in str(said)


def scores(windows: Sequence[Input]) -> list[Scores]:
    """Stand in for a network that fails on long windows."""
    if any(len(each.ids) > 40 for each in windows):
        raise ValueError("too long")
    both = ((each.ids % modulus).astype(np.float32) for each in windows for modulus in (7, 5))
    return [Scores(first, next(both)) for first in both]


def opened() -> Opened:
    wordpiece = pytest.importorskip("pipeline.qa.wordpiece", reason="it needs tokenizers")
    texts = ["The mill on the river grinds rye and oats.", "What does the mill grind?"]
    tokenizer = wordpiece.train(texts, 120)
    rarity = count_rarity((tokenizer.encode(each).ids for each in texts), tokenizer.size)
    reader = Reader(Preparer(tokenizer, Reading(), rarity), scores, Sureness())
    nothing: Any = None
    return Opened(reader, nothing, nothing)


def question(name: str, words: int = 1) -> Question:
    context = "The mill on the river grinds rye and oats. " * words
    return Question(id=name, question="What does it grind?", context=context, answers=(), group="")


async def running(queue: Queue) -> tuple[Worker, Metrics]:
    metrics = Metrics()
    worker = Worker(opened, queue, metrics)
    worker.start()
    await worker.loaded
    worker.open()
    return worker, metrics


def test_a_question_that_fails_takes_no_other_along(capsys: pytest.CaptureFixture[str]) -> None:
    async def ask() -> list[Any]:
        worker, metrics = await running(Queue(60.0, 100))
        jobs = [worker.put([question("a"), question("b", 5)]), worker.put([question("c")])]
        worker.stop()
        told = [await each.told for each in jobs]
        assert metrics.waiting == 0
        assert worker.ended(60.0)
        return told

    (first, failed), (other,) = asyncio.run(ask())
    assert failed is None
    assert (first.id, other.id) == ("a", "c")
    assert [first, other] == list(opened().reader.answers([question("a"), question("c")]))
    said = capsys.readouterr().err
    assert said.startswith("serve: unexpected ValueError at ")
    assert "grind" not in said


def test_no_more_questions_wait_than_may(capsys: pytest.CaptureFixture[str]) -> None:
    async def ask() -> None:
        worker, metrics = await running(Queue(60.0, 3))
        gone, kept = worker.put([question("a", 5)]), worker.put([question("b"), question("c")])
        with pytest.raises(RefusedError, match="too many"):
            worker.put([question("d")])
        gone.gone = True  # so it is not even looked at
        worker.stop()
        with pytest.raises(RefusedError, match="shutting down"):
            worker.put([question("d")])
        assert [each.id for each in await kept.told] == ["b", "c"]
        assert (await gone.told, metrics.waiting) == ([], 0)
        assert worker.ended(60.0)

    asyncio.run(ask())
    assert capsys.readouterr().err == ""


def test_what_goes_wrong_while_loading_is_told() -> None:
    async def load() -> None:
        def fail() -> Opened:
            raise RefusedError("no")

        worker = Worker(fail, Queue(0.0, 1), Metrics())
        worker.start()
        with pytest.raises(RefusedError, match="no"):
            await worker.loaded
        assert worker.ended(60.0)
        assert not worker.ready

    asyncio.run(load())
