"""Laws of renames in the registry: how a log folds, what damages it, and whom a name stands for."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from filters.aliases import expand
from filters.document import KEEP, Document
from filters.optout import Request, optout_filter
from filters.subjects import stored_subject
from manifests.registry import (
    ChainError,
    Draft,
    Entry,
    Event,
    Fold,
    State,
    check_chain,
    encode,
    fold,
    seal,
)
from pipeline.optout.renames import all_names, known_names

TS = "2026-01-31T12:00:00Z"
NAMES = st.sampled_from("abcd")
REPOS = st.builds("github.com/{}/{}".format, NAMES, st.sampled_from("xy"))
KINDS = {
    "repo": REPOS,
    "owner": NAMES.map("github.com/{}".format),
    "domain": NAMES.map("{}.example.org".format),
}
OF_KIND = [values.map(partial(Entry, kind)) for kind, values in KINDS.items()]
ENTRIES = st.one_of(OF_KIND)
PAIRS = st.one_of([st.tuples(each, each) for each in OF_KIND])
Step = tuple[str, int | tuple[Entry, ...]]
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("alias"), PAIRS),
    st.tuples(st.sampled_from(["alias", "unalias"]), PAIRS),
    st.tuples(st.just("submit"), st.lists(ENTRIES, min_size=1, max_size=2).map(tuple)),
    st.tuples(st.sampled_from(["verify", "reject", "revoke", "apply"]), st.integers(-1, 4)),
)


def log_of(steps: list[Step]) -> list[Event]:
    """Seal what a registry takes of the steps; an `int` is the request that it is about."""
    events: list[Event] = []
    taken = Fold()
    for kind, about in steps:
        known = taken.requests()
        if isinstance(about, int):
            request = "" if about < 0 or not known else known[about % len(known)].request
            release = "demo-1.0.0" if kind == "apply" else ""
            draft = Draft(event=kind, request=request, release=release)  # type: ignore[arg-type]  # each is a kind
        else:
            draft = Draft(event=kind, subjects=about)  # type: ignore[arg-type]  # likewise
        try:
            event = seal(events[-1] if events else None, draft, TS)
            taken.take(event)
        except ChainError:
            continue
        events.append(event)
    return events


LOGS = st.lists(STEPS, max_size=16).map(log_of)


@given(LOGS, st.integers(0, 16))
def test_a_beginning_and_then_the_rest_fold_as_the_whole(events: list[Event], cut: int) -> None:
    begun = fold(events[:cut])
    rest = Fold(begun.requests, begun.renames)
    for event in events[cut:]:
        rest.take(event)
    whole = fold(events)
    assert State(rest.requests(), whole.head, rest.renames()) == whole
    lines = [encode(each) for each in events]
    report = check_chain(lines[cut:], after=check_chain(lines[:cut]))
    assert report == check_chain(lines)
    assert (report.requests, report.renames) == (whole.requests, whole.renames)


@given(LOGS)
def test_renames_leave_requests_as_they_are(events: list[Event]) -> None:
    """What becomes of requests follows from the other events alone, but that their ids hang on the chain."""
    others = [each for each in events if each.event not in {"alias", "unalias"}]
    assert fold(others).requests == fold(events).requests
    assert fold(others).renames == ()
    names = [(each.kind, each.old) for each in fold(events).renames]
    assert len(set(names)) == len(names)


def small_log() -> list[Event]:
    repos = [Entry("repo", f"github.com/o/ñ{number}") for number in range(3)]
    drafts = [
        Draft(event="alias", subjects=(repos[0], repos[1]), reason="renamed"),
        Draft(event="submit", subjects=(repos[1],)),
        Draft(event="alias", subjects=(Entry("owner", "github.com/o"), Entry("owner", "gitlab.com/p/q"))),
        Draft(event="unalias", subjects=(repos[0], repos[1])),
        Draft(event="alias", subjects=(repos[0], repos[2])),
        Draft(event="apply", release="demo-1.0.1"),
    ]  # fmt: skip
    events: list[Event] = []
    for draft in drafts:
        events.append(seal(events[-1] if events else None, draft, TS))
    return events


GOLDEN_LOG = Path(__file__).parents[1] / "golden/input/optout/events.jsonl"
GOLDEN_SHA256 = "21e55cc258bfe52d68cc4dae20b7b417ee3db3c7a4626d8ac62af733d153006f"
EVENTS = small_log()
LOG = b"".join(map(encode, EVENTS))


@given(st.integers(0, len(LOG) - 1), st.integers(1, 255))
@settings(max_examples=400)
def test_any_flipped_byte_is_found_in_its_line(at: int, mask: int) -> None:
    assert check_chain(LOG.splitlines(keepends=True)).intact
    raw = LOG[:at] + bytes([LOG[at] ^ mask]) + LOG[at + 1 :]
    lines = [each + b"\n" for each in raw.split(b"\n")]
    lines[-1:] = [raw.rpartition(b"\n")[2]] if not raw.endswith(b"\n") else []
    report = check_chain(lines, head=EVENTS[-1].hash)
    assert not report.intact
    assert report.line == LOG[:at].count(b"\n") + 1


def test_a_log_from_before_there_were_renames_is_spelt_and_hashed_as_it_was() -> None:
    raw = GOLDEN_LOG.read_bytes()
    assert hashlib.sha256(raw).hexdigest() == GOLDEN_SHA256
    report = check_chain(raw.splitlines(keepends=True))
    assert report.intact
    assert report.renames == ()
    again: list[Event] = []
    for event in report.events:
        said = {name: getattr(event, name) for name in Draft.__struct_fields__}
        again.append(seal(again[-1] if again else None, Draft(**said), event.ts))
    assert b"".join(map(encode, again)) == raw
    state = fold(again)
    assert (state.head, state.requests, state.renames) == (again[-1].hash, report.requests, ())


@given(LOGS, ENTRIES, st.data())
def test_who_is_asked_for_by_any_name_is_dropped_under_every_name(
    events: list[Event], asked: Entry, data: st.DataObject
) -> None:
    known = known_names(fold(events).renames)
    filter_ = optout_filter(Request("r", each) for each in all_names([asked], known))
    names = expand(stored_subject(asked.kind, asked.value), known)
    other = data.draw(st.sampled_from(names))
    url = f"https://www.{other.value}/p" if other.kind == "domain" else ""
    repo = {"repo": other.value, "owner": f"{other.value}/r", "domain": ""}[other.kind]
    document = Document(id="1", text="", sha256="", source="s", repo=repo, url=url)
    assert filter_.judge(document) is not KEEP
    again = optout_filter(
        Request("r", each) for each in all_names([Entry(other.kind, other.value)], known)
    )
    assert again.match(document)
