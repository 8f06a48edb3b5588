"""A request that is taken back: the next build holds what the one before the request held, byte for byte."""

from __future__ import annotations

import json
import random
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from filters.subjects import subject
from pipeline.apply import apply
from pipeline.engine.crew import SYNC, Crew
from pipeline.means import Means
from pipeline.optout import add, load, revoke
from pipeline.optout_check import Asked, check
from pipeline.optout_page.releases import find_releases, show_release
from pipeline.optout_report import report
from pipeline.published import read_manifest
from pipeline.recorded import Given
from pipeline.run import run_config
from pipeline.verify import verify
from pipeline.withdrawals import withdrawal_of

Record = dict[str, Any]

CONFIG = """
[release]
name = "r"
shards = 2
signatures = true
parquet = true
[[sources]]
name = "a"
paths = ["a-*.jsonl"]
[[sources]]
name = "b"
paths = ["b.jsonl"]
priority = 2
[[sources]]
name = "q"
paths = ["q.json"]
format = "squad"
[optout]
registry = "events.jsonl"
[split]
validation = 0.2
test = 0.2
"""
# All that names the head of the registry: in words, and with the sums of what does.
HEAD_IN_WORDS = {
    "DATASHEET.md",
    "compliance/eu-ai-act.json",
    "compliance/eu-ai-act.md",
    "reports/index.html",
}
HEAD = {*HEAD_IN_WORDS, "manifest.json", "SHA256SUMS", "provenance.json"}
# What else names the version, the parent and the steps of the line.
LINE = {
    "CHANGELOG.md",
    "LICENSES.md",
    "README.md",
    "compliance/california-ab2013.json",
    "compliance/california-ab2013.md",
    "config/config.json",
    "croissant.json",
    "reports/changes.json",
    "reports/stats.json",
}


def prose(name: object, words: int = 70) -> str:
    draw = random.Random(str(name))
    return " ".join("".join(draw.choices("abcdefghijkl", k=6)) for _ in range(words))


def lay_out(root: Path) -> None:
    """Write documents with exact and near copies in another source, and questions about one of them."""
    a = [
        {
            "id": f"a{number}",
            "text": prose(number),
            "repo": f"github.com/o{number % 4}/n{number}",
            "url": f"https://s{number % 5}.example.org/{number}",
        }
        for number in range(30)
    ]
    b = [{"id": f"b{number}", "text": prose(number)} for number in range(0, 30, 3)]
    b += [{"id": f"c{n}", "text": f"{prose(n)} and more"} for n in range(0, 30, 4)]
    b += [{"id": f"e{n}", "text": prose(f"e{n}")} for n in range(6)]
    for name, records in (("a-0", a[::2]), ("a-1", a[1::2]), ("b", b)):
        lines = "".join(json.dumps(record) + "\n" for record in records)
        (root / f"{name}.jsonl").write_text(lines)
    paragraphs = [
        {
            "context": prose(n),
            "qas": [
                {
                    "id": f"q{n}",
                    "question": f"What is {n}?",
                    "answers": [{"text": prose(n)[:6], "answer_start": 0}],
                }
            ],
        }
        for n in (0, "alone")
    ]
    document = {"version": "1.1", "data": [{"title": "t", "paragraphs": paragraphs}]}
    (root / "q.json").write_text(json.dumps(document))
    (root / "r.toml").write_text(CONFIG)
    add(root / "events.jsonl", [subject("id", "a1")])


def files(release: Path) -> dict[str, bytes]:
    return {
        path.relative_to(release).as_posix(): path.read_bytes()
        for path in sorted(release.rglob("*"))
        if path.is_file()
    }


def differing(one: Path, other: Path) -> set[str]:
    mine, theirs = files(one), files(other)
    return {name for name in mine | theirs if mine.get(name) != theirs.get(name)}


def build(root: Path, version: str, out: str = "out") -> Path:
    """Make a release beside those that `out` holds already."""
    done = run_config(
        root / "r.toml",
        overrides=(f"release.version={version}",),
        out=root / out,
        crew=SYNC,
    )
    assert verify(done.release, deep=True).ok
    return done.release


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with inputs, a registry of one request, and release 1.0.0; treat it as read-only."""
    root = tmp_path_factory.mktemp("revocation")
    lay_out(root)
    build(root, "1.0.0")
    return root


def restored_is_not_withdrawn(release: Path, back: Path, log: Path) -> None:
    """What holds again what a withdrawn release held is another release: it can be asked, and applied to."""
    roots = [read_manifest(each).content_root for each in (release, back)]
    assert roots[0] == roots[1]
    withdrawn = [
        withdrawal_of(each, f"r-{version}", roots[0]) is not None
        for each, version in ((release, "1.0.0"), (back, "1.1.0"))
    ]
    assert withdrawn == [True, False]
    listed = find_releases([release.parent])
    assert [show_release(each).withdrawn != "" for each in listed] == [False, False, True]
    found = report(log, [release, back], date(2999, 1, 1))
    assert found["releases"] == ["r-1.1.0"]
    copied = back.parent / "called otherwise"
    shutil.copytree(back, copied)
    request = add(log, [subject("id", "a0")])[0].request
    found = check([copied, release], load(log), Asked((subject("id", "a0"),)))
    assert [each["replaced_by"] for each in found["releases"]] == ["r-1.0.1", ""]
    shutil.rmtree(copied)
    waiting = report(log, [back], date(2999, 1, 1))
    assert waiting["summary"]["unapplied"] == 1
    root = back.parents[1]
    means = Means(root / "next", root / "out/.work/r", Crew("sync"))
    assert apply(back, log, Given(root), means).requests == (request,)
    revoke(log, request)


@pytest.mark.parametrize("how", ["apply", "run"])
def test_a_revoked_request_leaves_no_mark_on_the_next_build(
    first: Path, tmp_path: Path, how: str
) -> None:
    root = tmp_path / "r"
    shutil.copytree(first, root)
    release, log = root / "out/r-1.0.0", root / "events.jsonl"
    requests = [
        add(log, [subject(kind, text)])[0].request
        for kind, text in (
            ("id", "a0"),
            ("owner", "github.com/o2"),
            ("domain", "s3.example.org"),
            ("sha256", "0" * 64),
        )
    ]
    if how == "apply":
        means = Means(root / "out", root / "out/.work/r", Crew("sync"))
        taken = apply(release, log, Given(root), means).successor
    else:
        taken = build(root, "1.0.1")
    assert taken is not None
    assert any(name.startswith("data/") for name in differing(release, taken))
    for request in requests:
        revoke(log, request)

    again = build(root, "1.0.0", out="again")  # with nothing before it, as the first was made
    assert differing(release, again) == HEAD
    was, now = (json.loads((each / "manifest.json").read_bytes()) for each in (release, again))
    assert {name for name in was if was[name] != now[name]} == {"registries", "optout", "files"}
    assert was["optout"].keys() == {"head", "cutoff"}
    heads = [each["registries"][0]["head"].encode() for each in (was, now)]
    for name in HEAD_IN_WORDS:
        text = (release / name).read_bytes()
        assert text.count(heads[0]) == 1
        assert text.replace(*heads) == (again / name).read_bytes(), name

    back = build(root, "1.1.0")  # in the line, after the release without them
    if how == "apply":
        restored_is_not_withdrawn(release, back, log)
    assert differing(release, back) == HEAD | LINE
    assert (back / "ledger/tombstones.jsonl").read_bytes() == b""
