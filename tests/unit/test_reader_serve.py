"""What a server of a reader does without a network: ways back to a text, who may ask, and one question that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.normalise import nfc
from filters.qa import Question
from pipeline.qa.reader.given import outward
from pipeline.qa.reader.hints import count_rarity
from pipeline.qa.reader.inputs import Input, Preparer, Reading
from pipeline.qa.reader.model_file import Opened
from pipeline.qa.reader.network import Scores
from pipeline.qa.reader.reader import Reader, Sureness
from pipeline.qa.reader.serve.batching import Queue, Worker
from pipeline.qa.reader.serve.guard import is_local, is_loopback
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
