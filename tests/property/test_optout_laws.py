"""Laws of the opt-out registry, its subjects and its filter."""

from __future__ import annotations

import hashlib
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from filters.document import KEEP, Document
from filters.optout import Request, optout_filter
from filters.subject_keys import document_keys, subject_key
from filters.subjects import (
    SubjectError,
    canonical_domain,
    canonical_origin,
    canonical_owner,
    canonical_repo,
    canonical_url,
    stored_subject,
    subject,
)
from manifests.registry import (
    Authority,
    Draft,
    Entry,
    Event,
    Scope,
    Terms,
    check_chain,
    encode,
    fold,
    seal,
    start_of,
    terms_of,
)
from pipeline.optout import add, append, load, load_as_of, revoke

KEY = b"a key of sixteen"
TS = "2026-01-31T12:00:00Z"
names = st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9-]{0,8}", fullmatch=True)
hosts = st.sampled_from(
    ["github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "git.example.org"]
)
anything = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="/:@.?#%&*-_~[]{}=+ wwgithub.comsshgtbüA0\\\t", max_size=40),
    st.builds("{}{}/{}".format, st.sampled_from(["", "https://"]), hosts, st.text(max_size=20)),
)  # fmt: skip
SPELLINGS = (
    "https://{h}/{o}/{n}", "http://{h}/{o}/{n}/", "https://{h}/{o}/{n}.git", "git@{h}:{o}/{n}.git",
    "ssh://git@{h}/{o}/{n}", "ssh://git@{h}:2222/{o}/{n}.git", "git+https://{h}/{o}/{n}.git@v1",
    "git://{h}/{o}/{n}.git", "{h}/{o}/{n}", "www.{h}/{o}/{n}", "{h}:{o}/{n}",
    "https://u:p@{h}:443/{o}/{n}?a=b#c", "https://{h}/{o}/{n}/tree/main/x", "//{h}//{o}/./{n}",
)  # fmt: skip


@given(anything)
@settings(max_examples=300)
def test_canonical_forms_are_fixed_points_or_errors(text: str) -> None:
    for form in (
        canonical_repo,
        canonical_owner,
        canonical_origin,
        canonical_url,
        canonical_domain,
    ):
        try:
            value = form(text)
        except SubjectError:
            continue
        assert form(value) == value
        assert value.isascii()


@given(anything, st.sampled_from(["repo", "owner", "origin", "domain", "url", "id", "path"]))
def test_a_subject_read_back_from_the_registry_is_the_same(text: str, kind: str) -> None:
    try:
        one = subject(kind, text, repo="o/n" if kind == "path" else "")
    except SubjectError:
        return
    assert stored_subject(one.kind, one.value, repo=one.repo) == one
    one.value.encode()


@given(hosts, names, names, st.sampled_from(SPELLINGS), st.sampled_from(SPELLINGS))
def test_every_spelling_of_one_repository_matches(
    host: str, owner: str, name: str, asked: str, given_: str
) -> None:
    assume(not {owner.lower(), name.lower()} & {"all", "any", "every", "none", "null", "nil", "na"})
    assume(not {owner, name} & {"NAME", "ORG", "OWNER", "REPO", "USER", "USERNAME"})
    optout = optout_filter([Request("r", subject("repo", asked.format(h=host, o=owner, n=name)))])
    repo = given_.format(h=host, o=owner, n=name)
    for fields in ({"repo": repo}, {"url": repo} if "://" in repo else {"repo": repo}):
        document = Document(id="1", text="", sha256="", source="s", **fields)
        assert not optout.judge(document).keep


small = st.sampled_from(["a", "b", "ab", "a-b"])
repos = st.builds("github.com/{}/{}".format, small, small)
subjects = st.one_of(
    st.builds(lambda v: ("repo", v), repos),
    st.builds(lambda v: ("owner", f"github.com/{v}"), small),
    st.builds(lambda v: ("id", v), small),
    st.builds(lambda v: ("domain", f"{v}.example.org"), small),
    st.builds(lambda v, w: ("url", f"{v}.example.org/{w}"), small, small),
)
documents = st.builds(
    lambda i, r, u: Document(id=i, text="", sha256="", source="s", repo=r, url=u),
    small,
    repos,
    st.builds("https://x.{}.example.org/{}/{}".format, small, small, small)
    | st.builds("https://{}.example.org/{}/{}".format, small, small, small),
)


def named(kind: str, value: str, document: Document) -> bool:
    """Say in the plainest words whether a subject names a document."""
    place = document.url.removeprefix("https://")
    return {
        "repo": document.repo == value,
        "owner": document.repo.startswith(f"{value}/"),
        "id": document.id == value,
        "domain": f".{place.split('/')[0]}".endswith(f".{value}"),
        "url": f"{place}/".startswith(f"{value}/"),
    }[kind]


@given(st.lists(subjects, max_size=6), documents)
def test_a_document_is_dropped_exactly_when_a_subject_names_it(
    wanted: list[tuple[str, str]], document: Document
) -> None:
    requests = [Request(f"r-{i}", subject(kind, text)) for i, (kind, text) in enumerate(wanted)]
    found = optout_filter(requests).match(document)
    expected = {f"r-{i}" for i, (kind, text) in enumerate(wanted) if named(kind, text, document)}
    assert {each.request for each in found} == expected
    assert (optout_filter(requests).judge(document) is KEEP) == (not expected)


@given(anything, anything, anything)
def test_no_document_without_a_matching_subject_is_dropped(repo: str, url: str, path: str) -> None:
    wanted = [("repo", "zz9/zz9"), ("owner", "zz9"), ("domain", "zz9.net"), ("url", "zz9.net/zz9")]
    assume("zz9" not in f"{repo}{url}{path}".lower())
    optout = optout_filter(Request(kind, subject(kind, text)) for kind, text in wanted)
    fields = Document(id=path, text="", sha256="", source="s", repo=repo, url=url, path=path)
    assert optout.judge(fields) is KEEP


awkward = st.one_of(
    anything,
    st.sampled_from(SPELLINGS).map(lambda form: form.format(h="github.com", o="a", n="b")),
    st.builds(
        "https://{}/{}/{}{}".format,
        st.sampled_from(
            [
                "raw.githubusercontent.com",
                "api.github.com/repos",
                "cdn.jsdelivr.net/gh",
                "gist.github.com",
                "www.a.example.org",
                "gitlab.com/g",
                "git.a.example.org:8443",
            ]
        ),
        small,
        small,
        st.sampled_from(["", "/x/y.py", ".git", "/-/tree/x", "?a=b&c=d", "/../z"]),
    ),
)
kinds = st.sampled_from(["repo", "owner", "origin", "domain", "url", "id", "sha256", "swhid"])


@given(
    st.lists(st.tuples(kinds | st.just("author") | st.just("path"), awkward), max_size=8),
    st.lists(awkward, min_size=4, max_size=4),
)
@settings(max_examples=400)
def test_whatever_names_a_document_is_among_its_keys(
    wanted: list[tuple[str, str]], fields: list[str]
) -> None:
    name, repo, url, text = fields
    document = Document(
        id=f"swh:1:cnt:{'0' * 40};origin={name}" if name else "x",
        text=text,
        sha256=hashlib.sha256(text.encode(errors="replace")).hexdigest(),
        source="s",
        repo=repo,
        url=url,
        path="x/y.py",
        author=f"A. <{text}@example.org>",
    )
    requests = [Request("own", subject("sha256", document.sha256))]
    for kind, value in [
        *wanted,
        ("repo", repo),
        ("id", document.id),
        ("origin", name),
        ("url", url),
        ("domain", url),
    ]:
        try:
            one = subject(kind, value, repo=repo if kind == "path" else "", key=KEY)
        except SubjectError:
            continue
        requests.append(Request(kind, one))
    found = optout_filter(requests, key=KEY).match(document)
    keys = document_keys(document, KEY)
    assert found
    assert {subject_key(each.subject) for each in found} <= keys


def chain(count: int) -> list[Event]:
    events: list[Event] = []
    for number in range(count):
        draft = Draft(event="submit", subjects=(Entry("repo", f"github.com/o/ñ{number}"),))
        events.append(seal(events[-1] if events else None, draft, TS))
        if number % 2:
            verified = Draft(event="verify", request=events[-1].request)
            events.append(seal(events[-1], verified, TS))
    return events


EVENTS = chain(5)
LINES = [encode(each) for each in EVENTS]
LOG = b"".join(LINES)


def lines_of(raw: bytes) -> list[bytes]:
    return [line + b"\n" for line in raw.split(b"\n")[:-1]] + [
        each for each in raw.split(b"\n")[-1:] if each
    ]


@given(st.integers(0, len(LOG) - 1), st.integers(1, 255))
@settings(max_examples=400)
def test_any_flipped_byte_is_found_in_its_line(at: int, mask: int) -> None:
    raw = LOG[:at] + bytes([LOG[at] ^ mask]) + LOG[at + 1 :]
    report = check_chain(lines_of(raw), head=EVENTS[-1].hash)
    assert not report.intact
    assert report.line == LOG[:at].count(b"\n") + 1


@given(st.permutations(range(len(LINES))), st.integers(0, len(LINES)))
def test_lines_removed_or_moved_are_found(order: list[int], kept: int) -> None:
    chosen = order[:kept]
    assume(chosen != list(range(len(LINES))))
    report = check_chain([LINES[i] for i in chosen], head=EVENTS[-1].hash)
    first = next((at for at, i in enumerate(chosen) if at != i), len(chosen))
    assert not report.intact
    assert report.line == first + 1


def test_an_untouched_chain_is_intact() -> None:
    report = check_chain(LINES, head=EVENTS[2].hash)
    assert report.intact
    assert report.head == EVENTS[-1].hash
    assert fold(EVENTS).requests == report.requests
    assert len(fold(EVENTS).active()) == 2


@given(st.lists(subjects, max_size=3), subjects)
@settings(max_examples=25, deadline=None)
def test_revocation_restores_what_held_before(
    before: list[tuple[str, str]], late: tuple[str, str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / hashlib.sha256(b"registry").hexdigest()[:8] / "events.jsonl"
        path.parent.mkdir()
        path.touch()
        for kind, text in before:
            add(path, [subject(kind, text)])
        held = load(path)
        request = add(path, [subject(*late)])[0].request
        assert len(load(path).requests) == len(before) + 1
        revoke(path, request)
        assert load(path).requests == held.requests
        assert load(path).filter().digest == held.filter().digest


# ---- what a request asks for

days = st.dates(date(2026, 1, 1), date(2026, 1, 9)).map(str)
some_kinds = st.lists(st.sampled_from(["code", "web"]), unique=True, max_size=2).map(sorted)
all_terms = st.builds(
    Terms,
    scope=st.builds(
        Scope,
        kinds=some_kinds.map(tuple),
        copies=st.sampled_from(["none", "exact", "near"]),
        future=st.booleans(),
        languages=st.lists(st.sampled_from(["Python", "fr"]), unique=True).map(sorted).map(tuple),
    ),
    effective=st.just("") | days | days.map("{}T12:00:00Z".format),
    applies=st.sampled_from([(), ("next",), ("demo",), ("demo-1.0.0", "other")]),
    authority=st.builds(Authority, level=st.sampled_from(["", "self", "legal"])),
    basis=st.sampled_from(["", "gdpr-17"]),
    due=st.just("") | days,
)


@given(all_terms, all_terms)
def test_terms_come_back_from_the_log_as_they_went_in(first: Terms, second: Terms) -> None:
    entries = (Entry("id", "1"),)
    submit = Draft(event="submit", **asked(first, entries))
    one = seal(None, submit, TS)
    two = seal(one, Draft(event="amend", request=one.request, **asked(second, entries)), TS)
    three = seal(two, Draft(event="verify", request=one.request), TS)
    report = check_chain([encode(one), encode(two), encode(three)])
    assert report.intact
    state = check_chain([encode(one)]).requests[0]
    assert terms_of(state) == replace(first, subjects=entries)
    assert terms_of(report.requests[0]) == replace(second, subjects=entries)
    raw = orjson.loads(encode(one))
    assert encode(one) == orjson.dumps(raw, option=orjson.OPT_SORT_KEYS) + b"\n"
    del raw["hash"]
    bare = orjson.dumps(raw, option=orjson.OPT_SORT_KEYS) + b"\n"
    assert one.hash == hashlib.sha256(bare).hexdigest()  # as anybody may check it


def asked(terms: Terms, entries: tuple[Entry, ...]) -> dict[str, Any]:
    return {name: getattr(terms, name) for name in Terms.__struct_fields__} | {"subjects": entries}


@given(
    st.lists(st.tuples(all_terms, st.booleans()), max_size=5),
    st.lists(days.map("{}T06:00:00Z".format), min_size=2, max_size=2).map(sorted),
)
@settings(max_examples=40, deadline=None)
def test_what_holds_follows_from_head_and_cutoff(
    wanted: list[tuple[Terms, bool]], clocks: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        path.touch()
        drafts = []
        for number, (terms, verified) in enumerate(wanted):
            drafts.append(Draft(event="submit", **asked(terms, (Entry("id", str(number)),))))
            drafts += [Draft(event="verify")] if verified else []
        append(path, drafts, now="2026-01-03T00:00:00Z")
        earlier, later = (load(path, now=clock) for clock in clocks)
        for now in (earlier, later):
            assert load_as_of(path, now.head, now.cutoff) == now
            assert load(path, now=now.cutoff or clocks[0]) == now
            moment = now.cutoff
            held = [
                str(number)
                for number, (terms, verified) in enumerate(wanted)
                if verified and start_of(terms.effective) <= moment
            ]
            assert [each.subject.value for each in now.requests] == held
        assert earlier.cutoff <= later.cutoff
        if earlier.cutoff == later.cutoff:
            assert earlier == later


LANGUAGES = {"a.py": "Python", "a.rb": "Ruby", "a.txt": "und"}


@given(
    all_terms,
    st.sampled_from(["code", "web", ""]),
    st.sampled_from(sorted(LANGUAGES)),
    st.just("") | days,
)
def test_a_named_document_is_dropped_exactly_when_the_scope_means_it(
    terms: Terms, kind: str, path: str, created: str
) -> None:
    scope = terms.scope
    until = "" if scope.future else "2026-01-05"
    request = Request("r", subject("id", "1"), scope.copies, scope.kinds, scope.languages, until)
    fields: dict[str, Any] = {"kind": kind, "path": path, "created": created}
    document = Document(id="1", text="?", sha256="", source="s", **fields)
    language = LANGUAGES[path]
    meant = (
        (not scope.kinds or kind in {"", *scope.kinds})
        and (not scope.languages or language in {"und", *scope.languages})
        and (scope.future or created < "2026-01-05")
    )
    assert (optout_filter([request]).judge(document) is KEEP) == (not meant)
