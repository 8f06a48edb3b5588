"""What a request asks for: how the log spells it, what of it is refused, and for which documents it holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest

from filters.document import Document
from filters.optout import Request, optout_filter
from filters.optout_scope import canonical_language, means_time
from filters.subjects import SubjectError, subject
from manifests.registry import (
    NO_TERMS,
    Authority,
    Draft,
    Entry,
    Scope,
    Terms,
    applies_to,
    check_chain,
    encode,
    flaws,
    seal,
    terms_of,
)
from pipeline.errors import ConfigError, RegistryError
from pipeline.optout import add, amend, append, load, load_as_of, requests, revoke, verify

if TYPE_CHECKING:
    from pathlib import Path

REPO = subject("repo", "o/n")
TS = "2026-01-31T12:00:00Z"
FULL = Terms(
    scope=Scope(kinds=("code", "web"), copies="exact", future=False, languages=("Python", "fr")),
    effective="2026-03-01",
    applies=("demo", "next"),
    authority=Authority(level="owner", evidence="ab" * 32),
    basis="gdpr-17",
    due="2026-03-02",
    requester="0123abcd:" + "0" * 64,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def test_a_line_holds_what_is_not_as_by_default_and_nothing_else(path: Path) -> None:
    add(
        path,
        [REPO],
        copies=str(b"near", "ascii"),  # type: ignore[arg-type]  # equal to the default, and another object
        terms=Terms(scope=Scope(), authority=Authority()),
    )
    add(path, [REPO], terms=FULL, pending=True)
    plain, _, full = map(json.loads, path.read_bytes().splitlines())
    assert plain.keys() == {"event", "hash", "prev", "request", "seq", "subjects", "ts"}
    assert plain["subjects"] == [{"kind": "repo", "value": "github.com/o/n"}]
    said = full.keys() - plain.keys()
    assert said == {"scope", "effective", "applies", "authority", "basis", "due", "requester"}
    assert full["scope"]["copies"] == "exact"
    state = requests(path)[1]
    entries = (Entry("repo", "github.com/o/n"),)
    assert terms_of(state) == msgspec.structs.replace(FULL, subjects=entries)
    assert (state.copies, state.status) == ("exact", "pending")


@pytest.mark.parametrize(
    "more",
    [b'"copies":"near",', b'"scope":{},', b'"authority":{},', b'"due":"",', b'"applies":[],', b'"x":1,',
     b'"scope":{"copies":"near"},', b'"scope":{"kinds":["cod"]},', b'"scope":{"future":true},'],
)  # fmt: skip
def test_a_default_that_is_spelled_out_is_no_canonical_line(more: bytes) -> None:
    """Two spellings of one event would have two hashes."""
    draft = Draft(event="submit", subjects=(Entry("repo", "github.com/o/n"),))
    line = encode(seal(None, draft, TS))
    assert check_chain([line]).intact
    assert check_chain([b"{" + more + line[1:]]).line == 1


@pytest.mark.parametrize(
    "terms",
    [
        Terms(effective="2026-02-29"),
        Terms(effective="2026-02-28T24:00:00Z"),
        Terms(due="2026-04-31"),
        Terms(due="tomorrow"),
        Terms(basis="Article 17"),
        Terms(authority=Authority(evidence="abc")),
        Terms(requester="jo" + "@" + "example.org"),
        Terms(applies=("a b",)),
        Terms(applies=("next", "demo")),
        Terms(scope=Scope(kinds=("web", "code"))),
        Terms(scope=Scope(kinds=("cod",))),  # type: ignore[arg-type]  # that is the point
        Terms(scope=Scope(languages=("fr", "fr"))),
        Terms(scope=Scope(languages=("a\n",))),
        Terms(authority=Authority(level="king")),  # type: ignore[arg-type]  # likewise
    ],
)
def test_terms_that_nobody_could_honour_are_refused(path: Path, terms: Terms) -> None:
    with pytest.raises(ConfigError, match="optout: submit"):
        add(path, [REPO], terms=terms)
    assert path.read_bytes() == b""


def test_days_are_those_of_the_calendar() -> None:
    for day, good in (
        ("2024-02-29", True),
        ("2100-02-29", False),
        ("2000-02-29", True),
        ("0000-01-01", False),
        ("2026-06-31", False),
        ("2026-12-31", True),
    ):
        assert (not list(flaws(Terms(due=day)))) == good


def test_only_a_submission_or_an_amendment_has_terms(path: Path) -> None:
    request = add(path, [REPO])[0].request
    for event in ("verify", "reject", "revoke", "apply"):
        with pytest.raises(ConfigError, match="only a submission"):
            append(path, [Draft(event=event, request=request, release="d-1", basis="contract")])
    amend(path, request, [REPO], FULL)
    assert terms_of(requests(path)[0]).basis == ""
    verify(path, request)
    state = requests(path)[0]
    assert (state.basis, state.scope) == (FULL.basis, FULL.scope)
    assert state.verified >= state.ts


def test_a_request_takes_effect_when_its_day_comes(path: Path) -> None:
    """What holds depends on the clock through the cut-off alone."""
    now = requests(path) if path.exists() else ()
    assert now == ()
    draft = Draft(event="submit", subjects=(Entry("id", "a"),))
    later = Draft(event="submit", subjects=(Entry("id", "b"),), effective="2026-03-01")
    pending = Draft(event="submit", subjects=(Entry("id", "c"),), effective="2026-02-01")
    done = Draft(event="verify")
    append(path, [draft, done, later, done, pending], now=TS)

    def ids(now: str) -> tuple[str, list[str]]:
        registry = load(path, now=now)
        return registry.cutoff, [each.subject.value for each in registry.requests]

    assert ids("2026-02-15T00:00:00Z") == (TS, ["a"])
    assert ids("2026-02-28T23:59:59Z") == (TS, ["a"])
    assert ids("2026-03-01T00:00:00Z") == ("2026-03-01T00:00:00Z", ["a", "b"])
    assert ids("2029-01-01T00:00:00Z") == ("2026-03-01T00:00:00Z", ["a", "b"])
    assert ids("2020-01-01T00:00:00Z") == (TS, ["a"])  # a clock that is behind the log
    head = load(path).head
    for cutoff in (TS, "2026-03-01T00:00:00Z"):
        assert load_as_of(path, head, cutoff) == load(path, now=cutoff)
    assert load_as_of(path, head).cutoff == TS
    then = load(path, now="2026-03-01T00:00:00Z")
    revoke(path, then.requests[1].request)
    assert load_as_of(path, head, "2026-03-01T00:00:00Z") == then
    with pytest.raises(RegistryError, match="older than the release"):
        load_as_of(path, "1" * 64)


def test_a_request_is_for_all_releases_or_the_next_or_those_it_names(path: Path) -> None:
    for name, applies in (("a", ()), ("n", ("next",)), ("d", ("demo",)), ("v", ("demo-1.0.0",))):
        add(path, [subject("id", name)], terms=Terms(applies=applies))
    registry = load(path)

    def ids(name: str, version: str) -> str:
        return "".join(each.subject.value for each in registry.of_release(name, version).requests)

    assert ids("other", "1.0.0") == "an"
    assert ids("demo", "1.0.0") == "andv"
    assert ids("demo", "1.0.7") == "andv"  # a removal from 1.0.0 is a patch of it
    assert ids("demo", "1.1.0") == ids("demo", "0.9.0") == ids("demo", "1.0.0-rc.1") == "and"
    assert ids("demo-1.0.0", "2.0.0") == "anv"
    assert not applies_to(("next",), "demo", "1.0.0", published=True)
    assert applies_to((), "demo", "1.0.0", published=True)


def drops(document: Document, **scope: object) -> bool:
    request = Request("r-1", subject("repo", "o/n"), **scope)  # type: ignore[arg-type]  # a test's shorthand
    return not optout_filter([request]).judge(document).keep


def made(text: str = "", **fields: str) -> Document:
    return Document(id="1", text=text, sha256="", source="s", repo="o/n", **fields)  # type: ignore[arg-type]  # likewise


def test_a_request_for_kinds_of_data_spares_the_others() -> None:
    for kind, dropped in (("code", True), ("web", False), ("", True)):
        assert drops(made(kind=kind), kinds=("code", "issues")) == dropped
        assert drops(made(kind=kind))
    assert not drops(Document(id="1", text="", sha256="", source="s", repo="o/m"), kinds=("code",))


ENGLISH = (
    "The mill by the river has been turning for more than a hundred years, and it still does. " * 3
)


@pytest.mark.parametrize(
    ("document", "languages", "dropped"),
    [
        (made("import os\n", path="a.py"), ("python",), True),
        (made("import os\n", path="a.py"), ("Ruby",), False),
        (made("import os\n", path="a.py"), ("fr",), False),
        (made(ENGLISH), ("en",), True),
        (made(ENGLISH), ("EN", "fr"), True),
        (made(ENGLISH), ("fr",), False),
        (made(ENGLISH, path="a.md"), ("Markdown",), True),
        (made(ENGLISH, path="a.md"), ("en",), True),
        (made(ENGLISH, path="a.md"), ("fr",), False),
        (made("?"), ("fr",), True),  # undetermined
        (made("?", path="a.md"), ("fr",), True),
        (made("x", language="de"), ("fr",), False),
        (made('{"a": 1}', path="a.json"), ("fr",), False),
    ],
)
def test_a_request_for_languages_spares_the_others(
    document: Document, languages: tuple[str, ...], dropped: bool
) -> None:
    assert drops(document, languages=languages) == dropped


@pytest.mark.parametrize(
    ("created", "dropped"),
    [
        ("", True),
        ("2026-01-31", True),
        ("2026-01-31T23:59:59Z", True),
        ("2026-02-01", False),
        ("2026-02-01T00:00:00Z", False),
        ("2026-02-01T00:30:00+01:00", True),  # the evening before in UTC
        ("2026-02-01 08:30+0900", True),
        ("2026-02-01T01:30:00+01:00", False),
        ("2026-02-02T01:30:00+09:00", False),
        ("2027", False),
        ("2026", True),
        ("2026-01", True),
        ("2026-02", True),  # its first moment is that day's end
        ("2026-03", False),
        ("1769990400", True),  # nobody says that these are seconds
        ("last week", True),
    ],
)
def test_without_the_future_what_was_created_later_is_spared(created: str, dropped: bool) -> None:
    assert drops(made(created=created), until="2026-02-01") == dropped
    assert means_time("", made(created=created))


def test_the_day_of_a_request_is_that_of_its_submission(path: Path) -> None:
    submit = Draft(event="submit", subjects=(Entry("id", "1"),), scope=Scope(future=False))
    request = append(path, [submit], now="2026-02-28T23:59:59Z")[0].request
    append(path, [Draft(event="verify", request=request)], now="2026-06-01T00:00:00Z")
    assert load(path).requests[0].until == "2026-03-01"
    add(path, [REPO])
    assert load(path).requests[1].until == ""


def test_a_language_is_spelled_as_documents_are_tagged() -> None:
    spelled = {"py": "Python", "golang": "Go", "FR": "fr", "pt-BR": "pt", " c++ ": "C++"}
    assert {each: canonical_language(each) for each in spelled} == spelled
    for unknown in ("", "French", "all of them"):
        with pytest.raises(SubjectError, match="no language"):
            canonical_language(unknown)


def test_nothing_said_is_nothing_asked_for() -> None:
    assert not list(flaws(NO_TERMS))
    assert not list(flaws(FULL))
