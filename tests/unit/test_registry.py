"""The opt-out registry: what is recorded stays, what is damaged is named, a crash loses nothing."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from filters.document import Document
from filters.subjects import subject
from manifests.registry import (
    EMPTY_HEAD,
    Draft,
    Entry,
    Scope,
    Terms,
    check_chain,
    encode,
    reason_code,
    seal,
)
from pipeline.errors import ConfigError, RegistryError
from pipeline.optout import (
    add,
    amend,
    append,
    load,
    read_key,
    read_text_subject,
    reject,
    requests,
    revoke,
    verify,
)

if TYPE_CHECKING:
    from pathlib import Path

REPO = subject("repo", "o/n")
KEY = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "optout" / "events.jsonl"


def active(path: Path) -> list[str]:
    return [each.request for each in load(path).requests]


def test_add_records_a_request_and_its_verification(path: Path) -> None:
    submit, verified = add(path, [REPO], copies="exact", reason="gdpr-17")
    assert (submit.event, verified.event, submit.seq, verified.seq) == ("submit", "verify", 1, 2)
    assert submit.request == verified.request
    assert submit.request.startswith("r-")
    assert len(submit.request) == 14
    assert (submit.prev, verified.prev) == (EMPTY_HEAD, submit.hash)
    registry = load(path)
    assert registry.head == verified.hash
    assert registry.counts == {"verified": 1}
    assert [(each.subject, each.copies) for each in registry.requests] == [(REPO, "exact")]
    document = Document(id="1", text="", sha256="", source="s", repo="https://github.com/O/N")
    assert registry.filter().judge(document).detail["request"] == submit.request


def test_a_request_holds_from_its_verification_to_its_revocation(path: Path) -> None:
    (submit,) = add(path, [REPO, subject("domain", "x.org")], pending=True)
    assert active(path) == []
    assert [each.status for each in requests(path)] == ["pending"]
    verify(path, submit.request)
    assert active(path) == [submit.request] * 2
    revoke(path, submit.request)
    assert active(path) == []
    (other,) = add(path, [REPO], pending=True)
    reject(path, other.request)
    assert load(path).counts == {"revoked": 1, "rejected": 1}


def test_an_amendment_holds_once_it_is_verified(path: Path) -> None:
    request = add(path, [REPO])[0].request
    amended = Entry("owner", "github.com/o")
    amend(path, request, [subject("owner", "o")], Terms(scope=Scope(copies="none")))
    assert requests(path)[0].proposed == Terms(subjects=(amended,), scope=Scope(copies="none"))
    assert [each.subject for each in load(path).requests] == [REPO]
    verify(path, request)
    assert [(each.subject.kind, each.copies) for each in load(path).requests] == [("owner", "none")]
    append(path, [Draft(event="apply", release="demo-1.0.1")])
    assert requests(path)[0].applied == ("demo-1.0.1",)


@pytest.mark.parametrize("event", ["verify", "reject", "revoke", "amend", "apply"])
def test_what_makes_no_sense_is_refused_and_nothing_is_written(path: Path, event: str) -> None:
    request = add(path, [REPO])[0].request
    revoke(path, request)
    before = path.read_bytes()
    for about in (request, "r-000000000000"):
        with pytest.raises(ConfigError):
            append(path, [Draft(event=event, request=about, release="a")])  # type: ignore[arg-type]  # each is a kind
    with pytest.raises(ConfigError):
        add(path, [])
    assert path.read_bytes() == before


def test_an_empty_registry_is_valid_and_a_missing_one_is_not(path: Path) -> None:
    for use in (load, requests, lambda p: revoke(p, "r-1")):
        with pytest.raises(RegistryError, match="first `optout add` makes one"):
            use(path)
    path.parent.mkdir()
    path.touch()
    assert load(path).head == EMPTY_HEAD
    assert load(path).requests == ()
    add(path, [REPO])
    assert len(active(path)) == 1


def test_free_text_never_enters_the_log(path: Path) -> None:
    add(path, [REPO], reason="Please remove my work, yours Jo")
    assert b"Jo" not in path.read_bytes()
    assert [reason_code(each) for each in ("", "dmca", "Two words")] == ["", "dmca", "other"]


def test_damage_is_named_with_its_line(path: Path) -> None:
    for name in ("a", "b", "c"):
        add(path, [subject("repo", f"o/{name}")])
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines).replace(b"github.com/o/b", b"github.com/o/x"))
    with pytest.raises(RegistryError, match=r"optout: .*events\.jsonl:3: "):
        load(path)
    with pytest.raises(RegistryError, match=r"events\.jsonl:3: "):
        add(path, [REPO])
    path.write_bytes(b"".join(lines[:-1]))
    with pytest.raises(RegistryError, match=r"events\.jsonl:6: .*missing from the end"):
        load(path)
    path.write_bytes(b"".join(lines))
    assert len(active(path)) == 3


def test_a_log_without_the_file_beside_it_is_checked_against_a_manifests_head(path: Path) -> None:
    first = add(path, [REPO])[-1]
    old = path.read_bytes()
    last = add(path, [subject("repo", "o/m")])[-1]
    assert load(path, head=first.hash).head == last.hash
    path.write_bytes(old)
    path.with_name("events.jsonl.head").unlink()
    assert load(path, head=first.hash).head == first.hash
    with pytest.raises(RegistryError, match="older than the release"):
        load(path, head=last.hash)


def test_a_torn_line_is_named_then_moved_aside_by_the_next_writer(path: Path) -> None:
    request = add(path, [REPO])[0].request
    with path.open("ab") as file:
        file.write(b'{"copies":"near","ev')
    with pytest.raises(RegistryError, match=r"events\.jsonl:3: the line is torn"):
        load(path)
    added = add(path, [subject("repo", "o/m")])
    assert active(path) == [request, added[0].request]
    assert path.with_name("events.jsonl.torn").read_bytes() == b'{"copies":"near","ev\n'


def test_a_whole_event_without_its_line_feed_counts(path: Path) -> None:
    request = add(path, [REPO], pending=True)[0].request
    report = check_chain(path.read_bytes().splitlines(keepends=True))
    late = seal(report.events[-1], Draft(event="verify", request=request), "2026-01-31T12:00:00Z")
    with path.open("ab") as file:
        file.write(encode(late)[:-1])
    revoke(path, request)
    assert load(path).events == 3


def test_an_acknowledged_event_that_is_torn_is_damage(path: Path) -> None:
    add(path, [REPO])
    broken = path.read_bytes()[:-9]
    path.write_bytes(broken)
    for use in (load, lambda p: add(p, [REPO])):
        with pytest.raises(RegistryError, match=r"events\.jsonl:2: the line is torn"):
            use(path)
    assert path.read_bytes() == broken


def test_unknown_kinds_stop_the_load(path: Path) -> None:
    append(path, [Draft(event="submit", subjects=(Entry("planet", "x"),)), Draft(event="verify")])
    with pytest.raises(RegistryError, match="unknown kind of subject 'planet'"):
        load(path)


def test_authors_need_their_key(path: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(KEY.hex().encode() + b"\n")
    key = read_key(tmp_path / "key")
    address = "jo" + "@" + "example.org"
    add(path, [subject("author", address, key=key)])
    assert b"example.org" not in path.read_bytes()
    with pytest.raises(RegistryError, match="key"):
        load(path).filter()
    document = Document(id="1", text="", sha256="", source="s", author=f"Jo <{address}>")
    assert load(path).filter(key).judge(document).reason == "author"


def test_a_text_file_is_named_by_its_digest(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"e\xcc\x81\r\n")
    (tmp_path / "b").write_bytes("é\r\n".encode())
    assert read_text_subject(tmp_path / "a") == read_text_subject(tmp_path / "b")
    (tmp_path / "c").write_bytes(b"\xff")
    with pytest.raises(ConfigError):
        read_text_subject(tmp_path / "c")


WRITER = """
import sys
from pathlib import Path
from filters.subjects import subject
from pipeline.optout import add
path, number, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for i in range(count):
    made = add(path, [subject("repo", f"w{number}/n{i}")], pending=i % 2 == 0)
    print(made[0].request, flush=True)
"""


def start(path: Path, number: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), str(number), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_concurrent_writers_lose_nothing(path: Path) -> None:
    writers = [start(path, number, 34) for number in range(8)]  # 51 events each
    loads = 0
    while any(each.poll() is None for each in writers):  # a reader among them sees whole lines
        if path.exists():
            load(path)
            loads += 1
    assert [each.wait() for each in writers] == [0] * 8
    said = {each for writer in writers for each in writer.communicate()[0].split()}
    values = {entry.value for each in requests(path) for entry in each.subjects}
    assert loads > 10
    assert said == {each.request for each in requests(path)}
    assert values == {f"github.com/w{w}/n{i}" for w in range(8) for i in range(34)}
    assert load(path).counts == {"pending": 136, "verified": 136}
    assert load(path).events == 8 * 51


def test_every_event_that_was_acknowledged_survives_the_kill_of_its_writer(path: Path) -> None:
    draw = random.Random(7)
    said: set[str] = set()
    for round_ in range(4):
        writers = [start(path, 2 * round_ + number, 10_000) for number in range(2)]
        for each in writers:
            each.stdout.readline()  # type: ignore[union-attr]  # it is a pipe; the line is read again below
        time.sleep(draw.random() / 10)
        for each in writers:
            each.kill()
        for each in writers:
            out = each.communicate()[0].rpartition("\n")[0]  # a torn line was never read by anybody
            said |= set(out.split())
        added = add(path, [subject("repo", f"after/n{round_}")])  # mends what there is to mend
        said.add(added[0].request)
        assert said <= {each.request for each in requests(path)}
    assert len(said) > 8


def test_every_flipped_bit_is_found_and_its_line_named(path: Path) -> None:
    scopes = [Scope(), Scope(copies="exact", kinds=("code", "web"), future=False)]
    for number in range(18):
        terms = Terms(scope=scopes[number % 2], basis="gdpr-17" if number % 3 == 0 else "")
        request = add(path, [subject("repo", f"o/n{number}")], terms=terms)[0].request
        if number % 6 == 5:
            amend(path, request, [subject("id", "\N{SNOWMAN}")], Terms(due="2026-02-28"))
    lines = path.read_bytes().splitlines(keepends=True)
    assert len(lines) == 39
    before = check_chain([])
    for number, line in enumerate(lines, start=1):
        for at in range(len(line)):
            for bit in (0, 3, 7):
                flipped = line[:at] + bytes([line[at] ^ 1 << bit]) + line[at + 1 :]
                found = check_chain(io.BytesIO(flipped + b"".join(lines[number:])), after=before)
                assert found.line == number
        before = check_chain([line], after=before)
    assert before.head == load(path).head
