"""Laws of detectors from outside: whatever one finds, redacting ends, twice is once, and every place is known."""

from __future__ import annotations

import hashlib
import random
import re
from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import example, given, settings

from filters.redact.recognisers import Finder, Recogniser, finder_of
from filters.redact.redactor import Redactor
from filters.redact.replace import Replacement
from filters.redact.rule import TYPES, Rule
from tests.redactors import ready

LAW = settings(deadline=None, max_examples=120)
PARTS = (
    "REDACTED_", "REDACTED_EMAIL", "NAME", "IP", "0", "[5]", '"age": 41,', "x = 7\n", "198.18.3.4",
    "9", "a", " ", "\n", "\u0301", "user-0123456789ab@example.com", "😀", "2001:db8", ":", ".",
)  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=4)), max_size=12).map("".join)
NEEDLES = st.lists(
    st.one_of(st.sampled_from(PARTS), st.text(min_size=1, max_size=3)), min_size=1, max_size=5
)
KINDS = st.sampled_from(TYPES)
KEY = b"sixteen bytes or more"


def seeking(needles: list[str], kind: str) -> Finder:
    """Find each of some strings, wherever it stands."""
    pattern = re.compile("|".join(map(re.escape, needles)))
    return lambda text: [(*match.span(), kind) for match in pattern.finditer(text)]


def guessing(text: str) -> list[tuple[int, int, str]]:
    """Find something else in every text, always the same in the same one."""
    draw = random.Random(hashlib.sha256(text.encode(errors="surrogatepass")).digest())
    ends = sorted(draw.sample(range(len(text) + 1), min(4, len(text) + 1) // 2 * 2))
    return [
        (low, high, draw.choice(TYPES)) for low, high in zip(ends[::2], ends[1::2], strict=True)
    ]


def redactor(find: Finder) -> Redactor:
    made_up = Replacement((("EMAIL", "surrogate"), ("IP", "surrogate")), KEY)
    return ready("permissive", made_up, recognisers=(Recogniser("theirs", find),))


def holds(found: Redactor, text: str) -> None:
    """Check what is promised of every redaction (docs/redaction.md)."""
    done = found.redact(text, "scope")
    again = found.redact(done.text, "scope")
    assert (again.text, again.edits) == (done.text, ())
    assert all(one.end <= other.start for one, other in pairwise(done.edits))
    left = text
    for edit in reversed(done.edits):
        left = left[: edit.start] + done.text[edit.new_start : edit.new_end] + left[edit.end :]
    assert left == done.text


@LAW
@given(TEXTS, NEEDLES, KINDS)
@example("[5]", ["5", "0"], "NAME")
@example("a9b", ["9", "1", "8"], "IP")
@example("9.9", ["9", "."], "IP")
def test_whatever_is_sought(text: str, needles: list[str], kind: str) -> None:
    holds(redactor(seeking(needles, kind)), text)


@LAW
@given(TEXTS)
def test_whatever_is_guessed(text: str) -> None:
    holds(redactor(guessing), text)


@LAW
@given(TEXTS, KINDS, st.integers(0, 2), st.integers(0, 2))
def test_whatever_a_rule_accepts(text: str, kind: str, before: int, behind: int) -> None:
    def check(match: re.Match[str]) -> tuple[int, int] | None:
        low, high = match.start() - before, match.end() + behind
        return (max(low, 0), min(high, len(match.string)))

    rule = Rule("theirs", kind, "permissive", re.compile(r"[0-9]+|[a-z]"), check)
    holds(redactor(finder_of(rule)), text)
