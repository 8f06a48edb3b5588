"""Who opts out a work takes along the questions that were taken or made from it, by whatever name it has."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import zstandard

from filters.subjects import content_swhid
from manifests.record import decode_question
from pipeline.engine.crew import SYNC
from pipeline.qa.make.write import Method, Wanted, make
from pipeline.release import ledger_parts
from pipeline.run import run_config
from tests.conftest import Ask
from tests.integration.test_qa_make import MAIL as OLD
from tests.integration.test_qa_make import TOWNS, page
from tests.shapes import dump, row

HEAD = """\
[release]
name = "{name}"
version = "1.0.0"
shards = 1
[dedup]
near = false
[split]
validation = 0
test = 0
[redact]
level = "balanced"
"""
PAGES = """
[[sources]]
name = "pages"
paths = ["pages.jsonl"]
license = "CC0-1.0"
[[sources]]
name = "asked"
format = "squad"
paths = ["asked.json"]
license = "CC0-1.0"
"""
ASKED = """
[[sources]]
name = "made"
format = "questions"
paths = ["made/*.jsonl.zst"]
[[sources]]
name = "faq"
format = "faq"
paths = ["faq.jsonl"]
license = "CC0-1.0"
id_prefix = "faq:"
[[sources]]
name = "exchange"
format = "stackexchange"
paths = ["cooking.stackexchange.com"]
[[sources]]
name = "threads"
format = "stackexchange-threads"
paths = ["baking.stackexchange.com"]
[optout]
registry = "reg/events.jsonl"
key = "key"
"""


def plain(n: int) -> str:
    """Leave out the address."""
    return re.sub(r" Write to .*? plans of it\.", "", page(n))


MAIL = "keeper" + "@" + "watermill-museum.net"
SHORT = "## Who built the mill?\n\nThe guild of the masons.\n\n## When did it burn?\n\nIn 1811.\n"
LONG = (
    "\n".join(
        f"## What was paid in {1000 + n}?\n\n{n + 7} florins. {plain(60 + n)} {plain(80 + n)}\n"
        for n in range(12)
    )
    + f"\nThe keeper answers at {MAIL}.\n"
)
CLEAN = LONG.replace(MAIL, "REDACTED_EMAIL")
SITE = "https://cooking.stackexchange.com"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def write_pages(folder: Path) -> None:
    """Three pages, the last of a repository, and questions over two passages of an article with an address."""
    pages = [{"id": f"page-{n}", "text": page(n)} for n in range(3)]
    pages[2] |= {
        "repo": "https://github.com/mills/atlas",
        "path": "docs/two",
        "blob_id": "ab" * 20,
    }
    (folder / "pages.jsonl").write_text("".join(json.dumps(each) + "\n" for each in pages))
    paragraphs = []
    for n in (10, 11):
        text = f"{page(n)} So they say in {TOWNS[n % 8]}."
        paid = f"{1000 + n * 7:,} florins"
        answer = {"text": paid, "answer_start": text.index(paid)}
        question = f"How much did the guild of {TOWNS[n % 8]} pay for the wheel?"
        paragraphs.append(
            {"context": text, "qas": [{"id": f"q{n}", "question": question, "answers": [answer]}]}
        )
    article = {"title": "Mills", "url": "https://mills.example.org/atlas", "paragraphs": paragraphs}
    (folder / "asked.json").write_text(json.dumps({"data": [article]}))
    (folder / "pages.toml").write_text(HEAD.format(name="pages") + PAGES)


def write_asked(folder: Path) -> None:
    """A manual in one piece, one in many, and a question with its answer."""
    manuals = [
        {"id": "short", "text": SHORT, "repo": "https://github.com/mills/manual", "path": "faq.md",
         "author": f"A. Keeper <{MAIL}>"},
        {"id": "long", "text": LONG},
    ]  # fmt: skip
    (folder / "faq.jsonl").write_text("".join(json.dumps(each) + "\n" for each in manuals))
    posts = dump(
        row(Id="1", PostTypeId="1", AcceptedAnswerId="4", CreationDate="2019-01-02T03:04:05.678",
            Title="How long does rye keep?", Body="<p>Asking for a mill.</p>", OwnerUserId="7")
        + row(Id="4", PostTypeId="2", ParentId="1", CreationDate="2019-01-02T03:04:05.678",
              Body="<p>Two weeks.</p>", OwnerUserId="8")
    )  # fmt: skip
    (folder / "cooking.stackexchange.com").mkdir()
    (folder / "cooking.stackexchange.com/Posts.xml").write_bytes(posts)
    thread = dump(
        row(Id="1", PostTypeId="1", CreationDate="2019-01-02T03:04:05.678", Score="5",
            Title="Is spelt a wheat?", Body="<p>The miller says so.</p>", OwnerUserId="9")
        + row(Id="2", PostTypeId="2", ParentId="1", CreationDate="2019-01-02T03:04:05.678", Score="7",
              Body="<p>It is an old one.</p>", OwnerUserId="10")
        + row(Id="3", PostTypeId="2", ParentId="1", CreationDate="2019-01-03T03:04:05.678", Score="4",
              Body="<p>It has a husk.</p>", OwnerDisplayName="Old Miller")
    )  # fmt: skip
    (folder / "baking.stackexchange.com").mkdir()
    (folder / "baking.stackexchange.com/Posts.xml").write_bytes(thread)
    (folder / "reg").mkdir()
    (folder / "reg/events.jsonl").touch()
    (folder / "key").write_bytes(b"a key of sixteen bytes")
    (folder / "asked.toml").write_text(HEAD.format(name="asked") + ASKED)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with questions of all kinds, and a release of them under `out`, made with nobody opted out."""
    folder = tmp_path_factory.mktemp("origins")
    write_pages(folder)
    pages = run_config(folder / "pages.toml", out=folder / "pages", crew=SYNC).release
    (folder / "made").mkdir()
    methods: tuple[Method, ...] = ("cloze", "negatives")
    for method in methods:
        out = folder / f"made/{method}.jsonl.zst"
        made = make(pages, Wanted(method=method, seed=3, per_document=2, overlap=0.1), out)
        assert made.made
    write_asked(folder)
    run_config(folder / "asked.toml", out=folder / "out", crew=SYNC)
    return folder


def origins(folder: Path, *names: str) -> set[str]:
    """Name the made questions whose origin is called so."""
    lines: list[bytes] = []
    for path in sorted((folder / "made").iterdir()):
        with zstandard.open(path, "rb") as file:
            lines += file.read().splitlines()
    found = map(decode_question, lines)
    return {each.id for each in found if json.loads(each.meta.extra)["origin"] in names}


def kept(release: Path) -> set[str]:
    rows = pq.read_table(ledger_parts(release / "ledger")).to_pylist()
    return {each["id"] for each in rows if each["verdict"] == "keep"}


SHORTS = {"faq:short#1", "faq:short#2"}
LONGS = {f"faq:long#{n}" for n in range(1, 13)}
POST = {"cooking.stackexchange.com/q/1"}
THREAD = {"baking.stackexchange.com/questions/1"}
BAKING = "https://baking.stackexchange.com"
"""By what a work is named, and the origins whose questions go for it, or the questions themselves."""
CASES: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "id of a document": (("--id", "page-1"), {"page-1"}),
    "its text": (("--sha256", digest(page(1).replace(OLD, "REDACTED_EMAIL"))), {"page-1"}),
    "repository": (("--repo", "mills/atlas"), {"page-2"}),
    "path": (("--repo", "mills/atlas", "--path", "docs/*"), {"page-2"}),
    "git object": (("--swhid", f"swh:1:cnt:{'ab' * 20}"), {"page-2"}),
    "id of a question": (("--id", "q10"), {"q10"}),
    "words of a question": (("--sha256", digest(f"How much did the guild of {TOWNS[3]} pay for the wheel?")), {"q11"}),
    "address of an article": (("--url", "https://mills.example.org/atlas"), {"q10", "q11"}),
    "id of a manual": (("--id", "faq:short"), SHORTS),
    "repository of a manual": (("--repo", "mills/manual"), SHORTS),
    "id of a long manual": (("--id", "faq:long"), LONGS),
    "text of a long manual": (("--sha256", digest(CLEAN)), LONGS),
    "question": (("--url", f"{SITE}/q/1"), POST),
    "question as its page has it": (("--url", f"{SITE}/questions/1"), POST),
    "answer": (("--url", f"{SITE}/a/4"), POST),
    "asker": (("--url", f"{SITE}/users/7"), POST),
    "answerer": (("--url", f"{SITE}/users/8"), POST),
    "words of a post": (("--sha256", digest("How long does rye keep?\n\nAsking for a mill.")), POST),
    "thread": (("--url", f"{BAKING}/questions/1"), THREAD),
    "question of a thread": (("--url", f"{BAKING}/q/1"), THREAD),
    "second answer of a thread": (("--url", f"{BAKING}/a/3"), THREAD),
    "answerer in a thread": (("--url", f"{BAKING}/users/10"), THREAD),
    "nobody": (("--swhid", content_swhid(b"")), set()),
}  # fmt: skip
# What a release does not tell is known to a run alone.
UNTOLD: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "author of a manual": (("--author", MAIL), SHORTS),
    "text of a long manual before redaction": (("--sha256", digest(LONG)), LONGS),
}


@pytest.mark.parametrize("case", [*CASES, *UNTOLD])
def test_a_work_takes_its_questions_along(case: str, base: Path, ask: Ask, tmp_path: Path) -> None:
    """In a run, and in a release amended without its inputs, which knows of the works what its records tell."""
    subject, named = (CASES | UNTOLD)[case]
    before = kept(base / "out/asked-1.0.0")
    gone = (named & before) | origins(base, *named)
    assert bool(gone) == bool(named)
    folder = tmp_path / "run"
    shutil.copytree(base, folder, ignore=shutil.ignore_patterns("out", "pages"))
    registry = folder / "reg/events.jsonl"
    said = ask(
        "optout",
        "add",
        "--registry",
        registry,
        "--key",
        folder / "key",
        "--copies",
        "none",
        *subject,
    )
    assert said.code == 0, said.err
    full = run_config(folder / "asked.toml", out=folder / "out", crew=SYNC).release
    assert before - kept(full) == gone
    if case in UNTOLD:
        return
    release = tmp_path / "alone/asked-1.0.0"
    shutil.copytree(base / "out/asked-1.0.0", release)
    said = ask(
        "optout", "apply", release, "--registry", registry, "--out", tmp_path / "alone",
        "--key", folder / "key", "--work", tmp_path / "work", "--executor", "sync", "--json",
    )  # fmt: skip
    assert said.code == 0, said.err
    told = json.loads(said.out)
    assert told["amended"]
    assert kept(Path(told["release"])) == kept(full)
