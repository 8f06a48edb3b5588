"""The sieve keeps every line on which a superset matches, and knows where each byte came from."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.redact import sieve_kernels as layout
from filters.redact.database import expressions
from filters.redact.marks import COUNTED, RUNS, share
from filters.redact.needs import SHORTEST, needs
from filters.redact.rules import rules
from filters.redact.sieve import build, dump, load, sift

TABLE = rules("balanced")
BYTES = b"abAB019 :=-_.@\"'/(" + "\xe9".encode()


def spelled(byte: int) -> bytes:
    return rb"\x%02x" % byte


single = st.sampled_from(BYTES).map(spelled)
classes = st.lists(single, min_size=1, max_size=6).map(lambda some: b"[" + b"".join(some) + b"]")
ranges = st.sampled_from([rb"[\x30-\x39]", rb"[\x61-\x66\x30-\x39]", rb"[\x41\x61][\x42\x62]"])
bounds = st.sampled_from([b"{0,1}", b"{2}", b"{1,}", b"{0,}", b"{3,5}", b"{12}"])
patterns = st.recursive(
    single | classes | ranges,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=5).map(b"".join),
        st.lists(inner, min_size=1, max_size=4).map(lambda some: b"(?:" + b"|".join(some) + b")"),
        st.tuples(inner, bounds).map(lambda pair: b"(?:" + pair[0] + b")" + pair[1]),
    ),
    max_leaves=12,
)
guards = st.sampled_from([b"", rb"(?:^|\x0a)", rb"(?:^|[\x0a\x20])"])


@st.composite
def texts(draw: st.DrawFn, pattern: bytes) -> bytes:
    """Draw lines of junk, with matches of the pattern among them."""
    junk = st.lists(st.sampled_from(BYTES), max_size=30).map(bytes)
    match = st.from_regex(re.compile(pattern), fullmatch=True)
    return b"".join(draw(st.lists(junk | match | st.just(b"\n"), max_size=8)))


@given(guard=guards, pattern=patterns, data=st.data())
def test_no_line_with_a_match_is_lost(guard: bytes, pattern: bytes, data: st.DataObject) -> None:
    lines = data.draw(texts(pattern)).split(b"\n")
    kept = sift(build([guard + pattern]), b"\n".join(lines)).data.split(b"\n")
    whole = re.compile(guard + pattern)
    for line in lines:
        if whole.search(b"\n" + line) is not None:
            assert line in kept


@given(pattern=patterns, data=st.data())
def test_each_byte_knows_where_it_stood(pattern: bytes, data: st.DataObject) -> None:
    text = data.draw(texts(pattern))
    kept = sift(build([pattern]), text)
    places, starts = kept.places.tolist(), kept.starts.tolist()
    runs = zip(places, starts, [*places, len(kept.data)][1:], strict=True)
    for place, start, end in runs:
        assert (text + b"\n")[start : start + end - place] == kept.data[place:end]
        assert start == 0 or text[start - 1 : start] == b"\n"
    assert starts == sorted(set(starts))


@given(pattern=patterns, data=st.data())
def test_a_sieve_comes_back_from_its_dump(pattern: bytes, data: st.DataObject) -> None:
    sieve = build([pattern])
    again = load(dump(sieve))
    text = data.draw(texts(pattern))
    assert sift(again, text).data == sift(sieve, text).data


def test_only_lines_that_could_match_are_kept() -> None:
    sieve = build([rb"ghp_[A-Za-z0-9]{36}", rb"[Kk][Ee][Yy]\x3d[0-9a-f]{32}"])
    token = b"ghp_" + b"Ab1" * 12
    lines = [
        b"a line",
        b"monkey",
        b"key=1",
        b"x " + token,
        b"",
        b"KEY=" + b"0a" * 16,
        b"ghp_" + token[:30],
    ]
    assert sift(sieve, b"\n".join(lines)).data.split(b"\n") == [lines[3], lines[5], b""]


@pytest.mark.parametrize("length", [40_000, 200_000])
def test_a_line_too_long_to_count_on_is_kept(length: int) -> None:
    sieve = build([rb"[\x30-\x39]{10}"])
    line = b"0123456789" + b" 1" * (length // 2)
    assert sift(sieve, b"short\n" + line).data == line + b"\n"


def test_a_need_names_the_rarest_words() -> None:
    (need,) = needs(rb"[\x41\x61][\x50\x70][\x49\x69]\x5f[\x4b\x6b][\x45\x65][\x59\x79]")
    assert need.word == b"api_key"
    words = {need.word for need in needs(rb"(?:pass(?:word){0,1}|secret)\x3d")}
    assert words == {b"pass=", b"password=", b"secret="}


def test_the_kernel_knows_the_kinds_of_marks_by_their_order() -> None:
    token, hexadecimal, word = RUNS
    assert (token.name, hexadecimal.name, word.name) == ("token", "hexadecimal", "word")
    for inner in (hexadecimal, word):
        assert inner.members <= token.members
        assert min(inner.least) >= layout.SHORTEST_INNER
    assert len(COUNTED) * layout.COUNTER_BITS == 64
    assert max(max(steps.least) for steps in (*COUNTED, *RUNS)) < layout.STEPS
    assert SHORTEST == layout.PAIR


def test_no_rule_lets_every_line_through() -> None:
    weak = {
        rule.id
        for rule, spelled in zip(TABLE, expressions(TABLE), strict=True)
        for need in needs(spelled)
        if not need.word and share(need.marks) > 0.25
    }
    assert weak == set()
