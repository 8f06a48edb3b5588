"""Survey, trees and licensing: evidence from other records and shards reaches a document, and nothing else does."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from filters.document import Document
from filters.licenses.decisions import Decision, Decisions
from filters.licenses.policy import LicenseFilter
from filters.licenses.resolve import Resolution
from filters.licenses.spdx import NOASSERTION
from filters.licenses.texts.templates import _plain
from filters.licenses.tree import Place, read_place
from filters.redact.edits import Redaction
from pipeline.catalog import read_documents
from pipeline.config import Source
from pipeline.detector import open_matcher
from pipeline.engine.crew import SYNC
from pipeline.engine.task import Context
from pipeline.engine.work import Work
from pipeline.run import run_config
from pipeline.stages.licensing import Licensing, is_credible
from pipeline.stages.survey import (
    PLACES,
    REPOSITORIES,
    Survey,
    SurveySpec,
    home_of,
    read_survey,
    repository_key,
    survey,
    survey_file,
)
from pipeline.stages.trees import Trees, TreesSpec, keep_trees, open_trees, trees

TEXTS: Final = _plain()
MIT: Final = TEXTS["MIT"]
GPL: Final = TEXTS["GPL-3.0-only"]
Record = dict[str, Any]


def record(repo: str, path: str, text: str = "") -> Record:
    text = (
        text or f"def turn_{hashlib.sha256((repo + path).encode()).hexdigest()[:12]}():\n    pass\n"
    )
    return {"id": f"{repo}/{path}", "text": text, "meta": {"repo": repo, "path": path}}


def write(path: Path, records: list[Record]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(each) + "\n" for each in records))


def surveyed(root: Path, name: str, records: list[Record], **source: Any) -> str:
    """Survey one input as its task does; returns the folder's name."""
    write(root / f"{name}.jsonl", records)
    out = root / "work/survey" / name
    out.mkdir(parents=True)
    spec = SurveySpec(
        path=f"{name}.jsonl", sha256="", source=Source(name="s", **source), max_record_mib=1
    )
    survey(spec, Context(root, Work(root / "work"), out))
    return name


def gathered(root: Path, surveys: list[tuple[str, str]]) -> list[Trees]:
    """Gather as the task does, and hand over as the driver does."""
    out = root / "work/trees/all"
    out.mkdir(parents=True)
    work = root / "work"
    found = trees(TreesSpec(surveys=tuple(surveys)), Context(root, Work(work), out))
    keep_trees(Work(work), out, found["trees"])
    return [open_trees(Work(work), digest) for digest in found["trees"]]


def expression(
    made: Trees, repo: str, path: str = "a.py", text: str = "pass\n", **changes: Any
) -> str:
    document = Document(id="i", text=text, sha256="", source="s", repo=repo, path=path, **changes)
    return Licensing(trees=made).resolve(document).expression


# ---- the survey


def test_what_a_survey_notes(tmp_path: Path) -> None:
    records = [
        record("https://github.com/O/R", "LICENSE", MIT),
        record("git@github.com:o/r.git", "src/a.py"),
        record("github.com/o/other", "b.py"),
        record("", "LICENSE", GPL),
        {"text": GPL, "meta": {"repo": "github.com/o/nameless"}},
        record("no url at all", "COPYING", GPL),
    ]
    surveyed(tmp_path, "a", records)
    folder = tmp_path / "work/survey/a"
    found = read_survey((folder / PLACES).read_bytes())
    assert {name: [each.expression for each in places] for name, places in found.items()} == {
        "github.com/o/r": ["MIT"],
        "no url at all": ["GPL-3.0-only"],
    }
    names = msgspec.msgpack.decode((folder / REPOSITORIES).read_bytes())
    assert names == ["github.com/o/other", "github.com/o/r", "no url at all"]


def test_fields_are_mapped_and_bad_lines_passed_over(tmp_path: Path) -> None:
    line = {"content": MIT, "where": {"file": "LICENSE"}, "origin": "github.com/o/r"}
    path = tmp_path / "a.jsonl"
    path.write_text("{broken\n" + json.dumps(line) + "\n[]\n")
    fields = {"text": "content", "path": "where.file", "repo": "origin"}
    found = survey_file(path, Source(name="s", fields=fields))
    assert [each.expression for each in found["github.com/o/r"]] == ["MIT"]
    assert survey_file(path, Source(name="s")) == {}


@pytest.mark.parametrize(
    ("repo", "key"),
    [
        ("https://github.com/Owner/Name.git", "github.com/owner/name"),
        ("git@github.com:owner/name", "github.com/owner/name"),
        ("", ""),
        ("???", "???"),
    ],
)
def test_one_spelling_of_a_repository(repo: str, key: str) -> None:
    assert repository_key(repo) == key


# ---- trees


def test_a_licence_in_another_shard_counts(tmp_path: Path) -> None:
    names = [
        surveyed(tmp_path, "code", [record("github.com/o/r", "a.py")]),
        surveyed(tmp_path, "texts", [record("github.com/o/r", "LICENSE", GPL)]),
        surveyed(tmp_path, "else", [record("github.com/o/x", "LICENSE", MIT)]),
    ]
    code, texts, other = gathered(tmp_path, [("s", name) for name in names])
    assert expression(code, "https://github.com/O/R") == "GPL-3.0-only"
    assert expression(texts, "github.com/o/r") == "GPL-3.0-only"
    assert expression(other, "github.com/o/r") == NOASSERTION
    assert expression(code, "github.com/o/x") == NOASSERTION
    assert expression(other, "github.com/o/x") == "MIT"


def test_one_repository_in_two_sources_stays_apart(tmp_path: Path) -> None:
    names = [
        surveyed(tmp_path, "one", [record("github.com/o/r", "LICENSE", MIT)]),
        surveyed(tmp_path, "two", [record("github.com/o/r", "LICENSE", GPL)]),
        surveyed(tmp_path, "three", [record("github.com/o/r", "a.py")]),
    ]
    one, two, three = gathered(tmp_path, [("a", names[0]), ("b", names[1]), ("c", names[2])])
    assert [expression(each, "github.com/o/r") for each in (one, two, three)] == [
        "MIT", "GPL-3.0-only", NOASSERTION,
    ]  # fmt: skip


def test_what_is_spread_over_shards_is_put_together_in_any_order(tmp_path: Path) -> None:
    parts = {"LICENSE": MIT, "sub/COPYING": GPL, "sub/package.json": '{"license": "ISC"}'}
    records = [record("github.com/o/r", path, text) for path, text in parts.items()]
    found = []
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        root = tmp_path / "-".join(map(str, order))
        names = [surveyed(root, f"n{at}", [records[at]]) for at in order]
        made = gathered(root, [("s", name) for name in names])
        found.append({each.of("github.com/o/r").nearest("sub/a.py") for each in made})
    assert len(found[0]) == 1
    assert found[0] == found[1] == found[2]


def test_inputs_without_evidence_get_none(tmp_path: Path) -> None:
    name = surveyed(tmp_path, "a", [record("github.com/o/r", "a.py")])
    (made,) = gathered(tmp_path, [("s", name)])
    assert expression(made, "github.com/o/r") == NOASSERTION
    assert not (tmp_path / "work/evidence").exists()


def test_trees_come_back_as_they_were_left(tmp_path: Path) -> None:
    records = [record("github.com/o/r", path, MIT) for path in ("LICENSE", "b/LICENSE")]
    write(tmp_path / "a.jsonl", records)
    found = survey_file(tmp_path / "a.jsonl", Source(name="s"))
    again: Survey = read_survey(msgspec.msgpack.encode(found))
    assert again == found


# ---- licensing


def test_what_decides_and_in_which_order() -> None:
    text = "# SPDX-License-Identifier: ISC\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    made = Decision(expression="0BSD", by="legal", why="asked", when="2026-01-02", sha256=digest)
    document = Document(id="i", text=text, sha256=digest, source="s", license="GPL-2.0-only")
    assert Licensing().resolve(document).expression == "ISC"
    found = Licensing(decisions=Decisions((made,))).resolve(document)
    assert (found.expression, found.rule) == ("0BSD", "decision")
    assert found.shown()[0]["by"] == "legal"


def test_a_drop_quotes_its_evidence() -> None:
    document = Document(id="i", text=GPL, sha256="", source="s", license="MIT", path="COPYING")
    licensing = Licensing(filter=LicenseFilter(policy="permissive"))
    found = licensing.resolve(document)
    verdict = licensing.judge(found)
    assert not verdict.keep
    assert verdict.detail["expression"] == "GPL-3.0-only"
    assert verdict.detail["decided_by"] == "header"
    (evidence, claim) = verdict.detail["evidence"]
    assert evidence["kind"] == "text"
    assert claim == {"kind": "claim", "expression": "MIT", "score": 1.0}
    assert GPL[:200] not in json.dumps(verdict.detail)


@pytest.mark.parametrize(
    ("outcome", "expression", "credible"),
    [
        ("found", "GPL-3.0-only", True),
        ("found", "MIT", True),
        ("found", "LicenseRef-modified-MIT", False),
        ("found", "NONE", False),
        ("none", NOASSERTION, False),
        ("unrecognised", NOASSERTION, False),
        ("failed", NOASSERTION, False),
    ],
)
def test_which_refusals_reach_copies(outcome: Any, expression: str, credible: bool) -> None:
    assert is_credible(Resolution(outcome, expression, "header", ())) is credible


def test_works_that_must_not_be_changed() -> None:
    found = Resolution("found", "CC-BY-ND-4.0", "claim", ())
    whole = Document(id="i", text="e", sha256="", source="s")
    composed = msgspec.structs.replace(whole, normalised=True)
    licensing = Licensing(filter=LicenseFilter(allow=("CC-BY-ND-4.0",)))
    nothing = Redaction("e", ())
    assert licensing.changed(found, whole, nothing) == ""
    assert licensing.changed(found, composed, nothing) == "no-derivatives:normalised"
    assert licensing.changed(Resolution("found", "MIT", "claim", ()), composed, nothing) == ""


# ---- installed distributions


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("pytest", "MIT"), ("hypothesis", "MPL-2.0"), ("msgspec", "BSD-3-Clause"), ("ruff", "MIT")],
)
def test_an_installed_distribution_is_a_repository(tmp_path: Path, name: str, wanted: str) -> None:
    key = f"{name}-{version(name)}"
    spec = SurveySpec(
        path=key, sha256="", source=Source(name="s", format="python-env"), max_record_mib=1
    )
    survey(spec, Context(tmp_path, Work(tmp_path), tmp_path))
    found = Trees(read_survey((tmp_path / PLACES).read_bytes()))
    module = f"{name.replace('-', '_')}/a.py"
    document = Document(id="i", text="pass", sha256="", source="s", path=module, repo="elsewhere")
    resolved = Licensing(trees=found, repository=key).resolve(document)
    assert resolved.expression == wanted


# ---- what a run does again

CONFIG: Final = """
[release]
name = "t"
shards = 1
[[sources]]
name = "s"
paths = ["in/*.jsonl"]
[dedup]
near = false
"""


def screens(root: Path) -> set[str]:
    return {each.name for each in (root / "work/screen").iterdir()}


def run(root: Path) -> dict[str, str]:
    out = root / f"out{len(list(root.iterdir()))}"
    outcome = run_config(root / "t.toml", out=out, work=root / "work", crew=SYNC)
    return {each["id"]: each["license"] for each in read_documents(outcome.release)}


def test_a_changed_licence_file_redoes_its_repository_alone(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text(CONFIG)
    write(tmp_path / "in/0.jsonl", [record("github.com/o/r", "a.py")])
    write(tmp_path / "in/1.jsonl", [record("github.com/o/r", "LICENSE", MIT)])
    write(
        tmp_path / "in/2.jsonl",
        [record("github.com/o/x", "LICENSE", MIT), record("github.com/o/x", "b.py")],
    )
    assert run(tmp_path)["github.com/o/r/a.py"] == "MIT"
    first = screens(tmp_path)
    assert len(first) == 3

    write(tmp_path / "in/1.jsonl", [record("github.com/o/r", "LICENSE", GPL)])
    found = run(tmp_path)
    assert found["github.com/o/r/a.py"] == "GPL-3.0-only"
    assert found["github.com/o/x/b.py"] == "MIT"
    second = screens(tmp_path)
    assert len(second - first) == 2

    write(tmp_path / "in/3.jsonl", [record("github.com/o/new", "LICENSE", TEXTS["ISC"])])
    run(tmp_path)
    assert len(screens(tmp_path) - second) == 1


# ---- other formats than JSON lines


def test_parquet_is_looked_through_by_its_own_reader(tmp_path: Path) -> None:
    rows = [
        {"text": MIT, "repo": "github.com/o/r", "path": "LICENSE"},
        {"text": "pass\n", "repo": "github.com/o/r", "path": "a.py"},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    source = Source(name="s", format="parquet")
    spec = SurveySpec(path="a.parquet", sha256="", source=source, max_record_mib=1)
    assert survey(spec, Context(tmp_path, Work(tmp_path), tmp_path)) == {
        "places": 1,
        "repositories": 1,
    }


def test_records_that_name_no_repository_are_of_their_tree() -> None:
    """Of a format whose inputs are trees of files, the licence files of an input speak for all of it."""
    found = Trees(
        {"inputs/tree": [place("LICENSE", GPL)], "github.com/o/r": [place("COPYING", MIT)]}
    )
    licensing = Licensing(trees=found, home="inputs/tree")
    document = Document(id="i", text="pass\n", sha256="", source="s", path="a.py")
    assert licensing.resolve(document).expression == "GPL-3.0-only"
    named = msgspec.structs.replace(document, repo="https://github.com/o/r")
    assert licensing.resolve(named).expression == "MIT"
    assert home_of(Source(name="s"), "inputs/tree") == ""


def place(path: str, text: str) -> Place:
    found = read_place(path, text, open_matcher())
    assert found is not None
    return found
