"""Laws of ids that are digests: they are of what is emitted, and of the input where redaction leaves it as it is."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from filters.document import Document
from filters.redact.replace import Replacement, placeholder
from pipeline.config import Source
from pipeline.sources.fields import ID_DIGITS, to_document
from pipeline.sources.records import Raw
from pipeline.stages.blocks import Tally
from pipeline.stages.judge import Judge
from pipeline.stages.licensing import Licensing
from pipeline.stages.part_writer import Passed
from tests.redactors import ready

SECRETS = [f"{name}@hidden-mail.org" for name in ("jane", "joe", "ann.lee")]
WORDS = ["mill", "stone", "정미소", "grain", placeholder("EMAIL")]


def judge(level: str = "balanced", **options: Any) -> Judge:
    redactor = ready(level, **options)
    return Judge(
        source=Source(name="s", id_prefix="p/"),
        licensing=Licensing(redactor=redactor),
        optout=None,
        redactor=redactor,
        seed=1,
        shards=4,
        tally=Tally(),
    )


JUDGE = judge()
KEYED = judge(replacement=Replacement((("EMAIL", "surrogate"),), b"k" * 32))


def screened(record: dict[str, Any], by: Judge = JUDGE) -> Passed:
    (outcome,) = by.take(Raw(0, 1, record))
    assert isinstance(outcome, Passed)
    return outcome


def as_read(record: dict[str, Any]) -> str:
    document = to_document(record, source="s", id_prefix="p/", is_address=lambda name: "@" in name)
    assert isinstance(document, Document)
    return document.id


def holds_secret(record: dict[str, Any]) -> bool:
    return any(name in json.dumps(record) for name in SECRETS)


def repeated(passed: Passed) -> list[str]:
    """Return what the record repeats of the input, but for its licence."""
    told = json.loads(passed.line)
    return [told["text"], told["url"], told["created"], told["meta"]["path"], told["meta"]["extra"]]


words = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
places = st.sets(st.sampled_from(["text", "url", "created", "author", "note", "id", "key"]))


@st.composite
def twins(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Two records that differ in their secrets alone, which stand in some places of both."""
    where, before, behind = draw(places), draw(words), draw(words)
    more = draw(st.sampled_from([{}, {"license": "MIT"}, {"path": "a/b.py", "stars": 2**70}]))

    def record(secret: str) -> dict[str, Any]:
        def put(place: str, otherwise: str = "plain") -> str:
            return secret if place in where else otherwise

        made = {
            "text": f"{before} {put('text')} {behind}",
            "url": f"https://mill.net/?who={put('url')}",
            "created": put("created"),
            "author": put("author", "Jane Lee"),
            "meta": {"note": [put("note"), 1], put("key"): None},
        }
        return made | more | ({"id": secret} if "id" in where else {})

    pair = draw(st.lists(st.sampled_from(SECRETS), min_size=2, max_size=2, unique=True))
    return [record(secret) for secret in pair]


@given(twins())
def test_what_differs_in_what_was_redacted_alone_has_one_id(pair: list[dict[str, Any]]) -> None:
    one, other = map(screened, pair)
    assert one.line == other.line  # its id, too
    assert (one.id, one.raw, one.bucket) == (other.id, other.raw, other.bucket)


@given(twins())
def test_an_id_is_of_the_input_only_where_redaction_leaves_that_as_it_is(
    pair: list[dict[str, Any]],
) -> None:
    record = {key: value for key, value in pair[0].items() if key != "id"}
    one = screened(record)
    assert (one.id == as_read(record)) == (one.raw != b"") == (not holds_secret(record))
    assert screened(record, judge("off")).id == as_read(record)


@given(twins(), twins())
def test_the_ids_of_two_are_equal_where_the_emitted_contents_are(
    pair: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    """So no id that redaction makes is on two contents."""
    one, other = screened(pair[0]), screened(others[0])
    assume(one.raw == other.raw == b"")
    same = one.id[-ID_DIGITS:] == other.id[-ID_DIGITS:]
    assert same == (repeated(one) == repeated(other))
    assert not same or one.content == other.content


@given(twins())
def test_with_surrogates_an_id_is_of_them(pair: list[dict[str, Any]]) -> None:
    one, again = (screened(pair[0], KEYED) for _ in range(2))
    assert (one.id, one.line) == (again.id, again.line)
    assert not holds_secret(json.loads(one.line))
    beside = {key: value for key, value in pair[0].items() if key != "id"}
    assert (one.id == as_read(pair[0])) == (not holds_secret(beside))
