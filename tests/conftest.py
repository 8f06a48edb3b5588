"""What every test may ask for: a small real corpus, a config for it, and a way to run the command."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import subprocess
import sysconfig
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import zstandard

from pipeline.cli.app import main
from tests import command, object_store
from tests.profiles import load_profile

Record = dict[str, Any]
Gristmill = Callable[..., subprocess.CompletedProcess[str]]

load_profile()


def _in_memory() -> Path | None:
    """Return a folder in memory with room for what tests write, that may hold programs, where there is one."""
    folder = Path("/dev/shm")  # noqa: S108  pytest and tempfile pick the names in it
    if "TMPDIR" in os.environ or not os.access(folder, os.W_OK):
        return None
    programs = not os.statvfs(folder).f_flag & os.ST_NOEXEC
    return folder if programs and shutil.disk_usage(folder).free >= _ROOM else None


_ROOM = 4 << 30  # bytes; what all tests write at a time are some hundred MB

# on a disk a test waits for it as long as it works: a run alone syncs some hundred small files
if (_memory := _in_memory()) is not None:
    os.environ["TMPDIR"] = tempfile.tempdir = str(_memory)

CONFIG = """
[release]
name = "mill"
version = "1.0.0"
shards = 4

[[sources]]
name = "code"
paths = ["code/*.jsonl.zst"]
priority = 1

[[sources]]
name = "docs"
paths = ["docs/*.jsonl*"]
license = "CC0-1.0"
priority = 2

[license]
policy = "permissive"

[optout]
registry = "optout/events.jsonl"

[split]
validation = 0.1
test = 0.1
"""


_ORDER = ["integration", "property", "unit", "golden"]
# what takes half a minute and more on an idle machine, the longest first
_LONG = (
    "test_poison",
    "test_interrupts",
    "test_hosts",
    "test_readme",
    "test_determinism",
    "test_store_runs",
    "test_published_questions",
    "test_scale",
    "test_fleet",
    "test_slurm",
    "test_tls",
    "test_qa_baseline",
    "test_memory",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Take the long ones first: files are shared out in this order, and nobody should end alone with one."""
    items.sort(key=lambda item: (_turn(item.path.stem), _ORDER.index(item.path.parent.name)))


def _turn(name: str) -> int:
    return _LONG.index(name) if name in _LONG else len(_LONG)


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    def row(self) -> Record:
        """Read the one object that a command printed, which must have ended well."""
        assert self.code == 0, self.err
        found: Record = json.loads(self.out)
        return found

    def rows(self) -> list[Record]:
        """Read JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


Ask = Callable[..., Said]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Call a command in this process, where asking again and again costs no start-up."""

    def call(*arguments: object) -> Said:
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as stop:  # what argparse refuses
            code = int(stop.code or 0)
        return Said(code, *capsys.readouterr())

    return call


def write_zst(path: Path, records: Iterable[Record], *, per_frame: int = 20) -> None:
    """Write a multi-frame shard, as real ones are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records]
    compressor = zstandard.ZstdCompressor(level=3, write_checksum=True)
    frames = [
        compressor.compress(b"".join(lines[start : start + per_frame]))
        for start in range(0, max(len(lines), 1), per_frame)
    ]
    path.write_bytes(b"".join(frames))


def code_records(count: int) -> list[Record]:
    """Real source files of this Python, under licences that a policy tells apart, with near and exact copies."""
    draw = random.Random(7)
    stdlib = Path(sysconfig.get_path("stdlib"))
    files = [path for path in sorted(stdlib.glob("*.py")) if 500 < path.stat().st_size < 30_000]
    licenses = ("MIT", "Apache-2.0", "GPL-3.0-only", "", "MIT OR GPL-2.0", "BSD-3-Clause")
    records: list[Record] = []
    for number, path in enumerate(files[:count]):
        text = path.read_text(encoding="utf-8")
        owner = f"owner{number % 7}"
        records.append(
            {
                "id": f"code/{path.name}",
                "text": text,
                "meta": {
                    "license": licenses[number % len(licenses)],
                    "repo": f"https://github.com/{owner}/mill{number % 11}",
                    "path": path.name,
                    "stars": number,
                },
            }
        )
        if number % 5 == 0:
            records.append({**records[-1], "id": f"copy/{path.name}"})
        if number % 4 == 0:
            lines = text.splitlines(keepends=True)
            lines[draw.randrange(len(lines))] = "changed = True\n"
            records.append({**records[-1], "id": f"near/{path.name}", "text": "".join(lines)})
    return records


def prose_records(count: int) -> list[Record]:
    """Prose of our own, seeded, with something to redact in every third document."""
    draw = random.Random(11)
    words = [
        "the",
        "mill",
        "stone",
        "turns",
        "slowly",
        "while",
        "water",
        "from",
        "upper",
        "race",
        "falls",
        "over",
        "wheel",
        "and",
        "grain",
        "becomes",
        "flour",
        "that",
        "bakers",
        "buy",
        "at",
        "dawn",
        "before",
        "market",
        "opens",
        "its",
        "wooden",
        "gates",
        "to",
        "every",
        "village",
    ]
    records = []
    for number in range(count):
        text = " ".join(draw.choice(words) for _ in range(draw.randrange(60, 200)))
        if number % 3 == 0:
            text += " Write to miller" + str(number) + "@" + "watermill-museum.org for the plans."
        records.append({"text": text, "url": f"https://mill{number % 5}.net/page/{number}"})
    return records


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two sources, an opt-out registry and `mill.toml`; treat it as read-only."""
    from filters.subjects import subject
    from pipeline.optout import add

    root = tmp_path_factory.mktemp("corpus")
    code, prose = code_records(90), prose_records(120)
    for number in range(3):
        write_zst(root / f"code/part-{number}.jsonl.zst", code[number::3])
    write_zst(root / "docs/a.jsonl.zst", prose[:70])
    with gzip.open(root / "docs/b.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in prose[70:])
    add(root / "optout/events.jsonl", [subject("owner", "https://github.com/owner3")])
    (root / "mill.toml").write_text(CONFIG, encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def gristmill() -> Gristmill:
    """Run the console command as a person does; the exit code is the caller's to judge.

    It is a fork of a process that has loaded all, unless it has to start `anew`.
    """

    def call(
        *arguments: str | Path, timeout: float = 240, anew: bool = False, **environment: str
    ) -> command.Done:
        given = [str(each) for each in arguments]
        new = anew or command.is_read_at_start(environment)
        run = command.started if new else command.forked
        return run(given, timeout, os.environ | environment)

    return call


@pytest.fixture(scope="session")
def release(corpus: Path, gristmill: Gristmill, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One release of the corpus; treat it as read-only."""
    out = tmp_path_factory.mktemp("release")
    done = gristmill("run", corpus / "mill.toml", "--out", out, "--executor", "sync")
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an S3 server that runs as long as the tests do."""
    with object_store.serve(tmp_path_factory.mktemp("s3")) as address:
        yield address


class Bucket(NamedTuple):
    """A bucket of its own, and a client that shares nothing with ours."""

    name: str
    foreign: Any

    @property
    def url(self) -> str:
        return f"s3://{self.name}"


@pytest.fixture
def bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """A new bucket; the environment says where it is."""
    for name, value in object_store.environment(s3_server).items():
        monkeypatch.setenv(name, value)
    made = Bucket(f"mill-{uuid.uuid4().hex[:12]}", object_store.client(s3_server))
    made.foreign.create_bucket(Bucket=made.name)
    return made
