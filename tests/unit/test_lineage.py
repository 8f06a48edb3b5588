"""A release and the one before it: which it is, what changed, what version that needs, what stays a tombstone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from filters.subjects import subject
from manifests.manifest import Manifest, decode
from pipeline.cli.app import main
from pipeline.compare import compare, families_joined, ledger_rows
from pipeline.engine.crew import SYNC
from pipeline.errors import ConfigError, GristmillError, IntegrityError
from pipeline.optout import add
from pipeline.run import run_config
from pipeline.verify import verify

Record = dict[str, Any]


def records(*numbers: int) -> list[Record]:
    return [
        {"id": f"d{n}", "text": " ".join(f"word{n}x{each}" for each in range(20))} for n in numbers
    ]


class Mill:
    """A config whose input and version change from release to release."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def release(
        self,
        version: str,
        lines: list[Record],
        *,
        name: str = "m",
        parent: str = "",
        more: str = "",
        seed: int = 0,
    ) -> Path:
        (self.root / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        text = f'[release]\nname = "{name}"\nversion = "{version}"\nshards = 2\nseed = {seed}\n'
        text += f'parent = "{parent}"\n' if parent else ""
        text += '[[sources]]\nname = "s"\npaths = ["in.jsonl"]\n'
        (self.root / "m.toml").write_text(text + more)
        return run_config(self.root / "m.toml", out=self.root / "out", crew=SYNC).release


@pytest.fixture
def mill(tmp_path: Path) -> Mill:
    return Mill(tmp_path)


def manifest(release: Path) -> Manifest:
    return decode((release / "manifest.json").read_bytes())


def tombstones(release: Path) -> dict[str, tuple[str, str, bool]]:
    rows = map(json.loads, (release / "ledger/tombstones.jsonl").read_text().splitlines())
    return {row["id"]: (row["removed_in"], row["reason"], row["request"] != "") for row in rows}


def test_the_first_release_has_no_parent(mill: Mill) -> None:
    made = mill.release("1.0.0", records(1, 2))
    assert manifest(made).parent is None
    assert manifest(made).change == "initial"
    assert tombstones(made) == {}


def test_additions_need_a_minor_version(mill: Mill) -> None:
    first = mill.release("1.0.0", records(1, 2))
    with pytest.raises(ConfigError, match=r"release\.version: .*needs 1\.1\.0"):
        mill.release("1.0.1", records(1, 2, 3))
    made = mill.release("1.1.0", records(1, 2, 3))
    parent = manifest(made).parent
    assert parent is not None
    assert (parent.version, parent.content_root) == ("1.0.0", manifest(first).content_root)
    assert manifest(made).change == "minor"


@pytest.mark.parametrize("edit", ["removed", "changed"])
def test_removals_and_edits_need_a_major_version(mill: Mill, edit: str) -> None:
    mill.release("1.0.0", records(1, 2))
    changed = [*records(1), {**records(2)[0], "text": "Quite another text."}]
    lines = records(1) if edit == "removed" else changed
    with pytest.raises(ConfigError, match=r"needs 2\.0\.0"):
        mill.release("1.1.0", lines)
    assert not (mill.root / "out/m-1.1.0").exists()
    made = mill.release("2.0.0", lines)
    assert manifest(made).change == "major"
    assert tombstones(made) == (
        {"d2": ("2.0.0", "input:absent", False)} if edit == "removed" else {}
    )
    assert verify(made, deep=True).ok


@pytest.mark.parametrize(
    "edit", [{"license": "GPL-3.0-only"}, {"url": "https://mill.net/new"}, {"stars": 2}]
)
def test_an_edit_beside_the_text_needs_a_major_version_too(mill: Mill, edit: Record) -> None:
    line = {**records(1)[0], "license": "MIT", "url": "https://mill.net/old", "stars": 1}
    mill.release("1.0.0", [line])
    with pytest.raises(ConfigError, match=r"needs 2\.0\.0"):
        mill.release("1.0.1", [{**line, **edit}])


def test_a_question_that_is_gone_is_a_removal_like_any_other(mill: Mill) -> None:
    def ask(*ids: str) -> str:
        context = "The runner stone turns above the bed stone."
        qas = [
            {"id": id_, "question": f"{id_}?", "answers": [{"text": "stone", "answer_start": 11}]}
            for id_ in ids
        ]
        paragraphs = [{"context": context, "qas": qas}]
        return json.dumps({"version": "1", "data": [{"title": "Mill", "paragraphs": paragraphs}]})

    more = '[[sources]]\nname = "qa"\nformat = "squad"\npaths = ["qa.json"]\n'
    (mill.root / "qa.json").write_text(ask("q1", "q2"))
    mill.release("1.0.0", records(1), more=more)
    (mill.root / "qa.json").write_text(ask("q1"))
    with pytest.raises(ConfigError, match=r"needs 2\.0\.0"):
        mill.release("1.0.1", records(1), more=more)
    assert tombstones(mill.release("2.0.0", records(1), more=more)).keys() == {"q2"}


def test_an_opt_out_is_a_patch_and_leaves_a_tombstone_with_its_request(mill: Mill) -> None:
    add(mill.root / "events.jsonl", [subject("id", "nobody")])
    more = '[optout]\nregistry = "events.jsonl"\n'
    mill.release("1.0.0", records(1, 2, 3), more=more)
    add(mill.root / "events.jsonl", [subject("id", "d2")])
    made = mill.release("1.0.1", records(1, 2, 3), more=more)
    assert manifest(made).change == "removal"
    assert tombstones(made) == {"d2": ("1.0.1", "optout:id", True)}
    assert "d2" not in (made / "README.md").read_text()


def test_tombstones_stay_until_their_document_comes_back(mill: Mill) -> None:
    mill.release("1.0.0", records(1, 2, 3))
    mill.release("2.0.0", records(1, 2))
    third = mill.release("3.0.0", records(1))
    assert tombstones(third) == {
        "d2": ("3.0.0", "input:absent", False),
        "d3": ("2.0.0", "input:absent", False),
    }
    assert tombstones(mill.release("3.1.0", records(1, 3))) == {
        "d2": ("3.0.0", "input:absent", False)
    }


def test_a_removal_for_another_reason_is_named(mill: Mill) -> None:
    license_ = [{**record, "license": "GPL-3.0-only"} for record in records(1)]
    mill.release("1.0.0", [*license_, *records(2)])
    made = mill.release(
        "2.0.0", [*license_, *records(2)], more='[license]\ndeny = ["GPL-3.0-only"]\n'
    )
    assert tombstones(made).keys() >= {"d1"}
    assert tombstones(made)["d1"][1].startswith("license:")


def test_the_newest_earlier_version_of_the_same_name_is_the_parent(mill: Mill) -> None:
    for version in ("1.9.0", "1.10.0", "3.0.0"):
        mill.release(version, records(1), parent="" if version == "1.9.0" else "out/m-1.9.0")
    mill.release("1.11.0", records(1, 2, 3), name="m-other")
    parent = manifest(mill.release("2.0.0", records(1))).parent
    assert parent is not None
    assert parent.version == "1.10.0"


def test_a_parent_by_path_goes_before_one_beside(mill: Mill) -> None:
    mill.release("1.0.0", records(1))
    mill.release("1.1.0", records(1, 2))
    parent = manifest(mill.release("2.0.0", records(1), parent="out/m-1.0.0")).parent
    assert parent is not None
    assert parent.version == "1.0.0"


def test_a_parent_that_is_no_release_is_named(mill: Mill) -> None:
    with pytest.raises(ConfigError, match=r"out/nothing: the parent is no release"):
        mill.release("1.0.0", records(1), parent="out/nothing")


@pytest.mark.parametrize(
    "file",
    ["manifest.json", "ledger/splits.parquet", "ledger/tombstones.jsonl", "CHANGELOG.md", "index/documents.parquet"],
)  # fmt: skip
@pytest.mark.parametrize("harm", ["lost", "torn"])
def test_a_damaged_parent_stops_the_run_and_is_named(mill: Mill, file: str, harm: str) -> None:
    made = mill.release("1.0.0", records(1, 2))
    path = made / file
    path.unlink() if harm == "lost" else path.write_bytes(b"\xff{not what it was}\n")
    if file == "manifest.json" and harm == "lost":
        mill.release("1.1.0", records(1, 2, 3))  # a folder without a manifest is no release
        return
    with pytest.raises(GristmillError, match=r"m-1\.0\.0") as caught:
        mill.release("1.1.0", records(1, 2, 3))
    assert isinstance(caught.value, IntegrityError | ConfigError)
    assert not (mill.root / "out/m-1.1.0").exists()


def test_a_damaged_release_of_another_name_is_none_of_our_business(mill: Mill) -> None:
    other = mill.root / "out/m-other-1.0.0"
    other.mkdir(parents=True)
    (other / "manifest.json").write_text("{}")
    assert manifest(mill.release("1.0.0", records(1))).parent is None


def test_a_published_version_is_never_written_again(mill: Mill) -> None:
    made = mill.release("1.0.0", records(1))
    before = (made / "SHA256SUMS").read_bytes()
    assert mill.release("1.0.0", records(1)) == made
    with pytest.raises(ConfigError, match="published with other content"):
        mill.release("1.0.0", records(1, 2))
    assert (made / "SHA256SUMS").read_bytes() == before
    assert verify(made, deep=True).ok


def test_the_parent_may_move_without_changing_a_byte(mill: Mill) -> None:
    mill.release("1.0.0", records(1, 2))
    made = mill.release("1.1.0", records(1, 2, 3))
    before = (made / "SHA256SUMS").read_bytes()
    shutil.move(made.with_name("m-1.0.0"), mill.root / "elsewhere")
    shutil.rmtree(made)
    again = mill.release("1.1.0", records(1, 2, 3), parent="elsewhere")
    assert (again / "SHA256SUMS").read_bytes() == before


def test_the_changelog_tells_what_changed_and_goes_on(mill: Mill) -> None:
    mill.release("1.0.0", records(1, 2))
    text = (mill.release("2.0.0", records(2, 3, 4)) / "CHANGELOG.md").read_text()
    assert text.index("2.0.0") < text.index("1.0.0")
    assert "input:absent" in text


def test_an_opt_out_beside_additions_still_asks_to_replace_the_parent(
    mill: Mill, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    add(mill.root / "events.jsonl", [subject("id", "nobody")])
    more = '[optout]\nregistry = "events.jsonl"\n'
    first = mill.release("1.0.0", records(1, 2, 3), more=more)
    add(mill.root / "events.jsonl", [subject("id", "d2")])
    made = mill.release("1.1.0", records(1, 2, 3, 4), more=more)
    assert manifest(made).change == "minor"
    said = "1 record has left for opt-outs: replace the parent by this release"
    assert said in (made / "CHANGELOG.md").read_text()
    steps = json.loads((made / "reports/changes.json").read_text())
    assert [step["opted_out"] for step in steps] == [1, 0]
    capsysbinary.readouterr()
    for arguments in (["changelog", str(made)], ["diff", str(first), str(made)]):
        assert main(arguments) == 0
        assert said in capsysbinary.readouterr().out.decode()
    assert main(["diff", str(first), str(made), "--json"]) == 0
    assert json.loads(capsysbinary.readouterr().out)["opted_out"] == 1
    assert (
        said not in (mill.release("1.1.1", records(1, 3, 4), more=more) / "README.md").read_text()
    )


def bridged(count: int) -> tuple[list[Record], list[Record]]:
    """Pairs of documents that are unlike, and for each pair one that is like both."""
    apart, between = [], []
    for k in range(count):
        base = [f"k{k}w{i}" for i in range(600)]
        for name, start in (("a", 0), ("b", 30)):
            words = list(base)
            for i in range(start, 600, 60):
                words[i + 3] = f"{name}{k}x{i}"
            apart.append({"id": f"{name}{k}", "text": " ".join(words)})
        between.append({"id": f"m{k}", "text": " ".join(base)})
    return apart, between


def test_an_added_document_may_take_its_family_out_of_train(mill: Mill) -> None:
    more = "[dedup]\nnear = false\n[split]\nvalidation = 0.0\ntest = 0.4\n"
    apart, between = bridged(12)
    first = mill.release("1.0.0", apart, more=more)
    with pytest.raises(
        ConfigError, match=r"needs 1\.1\.0 or later \(12 added, \d moved with them\)"
    ):
        mill.release("1.0.1", apart + between, more=more)
    made = mill.release("1.1.0", apart + between, more=more)
    assert manifest(made).change == "minor"
    found = compare(first, made, reseeded=False)
    assert len(found.difference.moved) == found.joined > 0
    assert found.edits == {}


def test_a_move_without_an_addition_or_into_train_is_breaking(mill: Mill) -> None:
    apart, between = bridged(12)
    more = "[dedup]\nnear = false\n[split]\nvalidation = 0.0\ntest = 0.4\n"
    first = mill.release("1.0.0", apart, more=more)
    made = mill.release("1.1.0", apart + between, more=more)
    back = compare(made, first, reseeded=False)  # into train again, and its cause removed
    assert back.edits["moved"] == len(back.difference.moved) > 0
    assert back.joined == 0
    assert families_joined({"a0"}, set(), made, made) == set()
    assert families_joined({"a0"}, {"m0"}, first, made) == {"a0"}
    assert families_joined({"a0"}, {"m1"}, made, made) == set()


def test_an_added_record_that_is_dropped_as_a_like_joins_families_too(mill: Mill) -> None:
    first = mill.release("1.0.0", records(1, 2))
    copy = {**records(1)[0], "id": "e"}
    made = mill.release("1.0.1", [*records(1, 2), copy])
    assert manifest(made).documents == 2
    (kept,) = {row["survivor"] for row in ledger_rows(made, {"e", "d1"}) if row["survivor"]}
    assert families_joined({kept}, set(), first, made) == {kept}
    assert families_joined({kept}, set(), made, made) == set()
    assert families_joined({"d2"}, set(), first, made) == set()


def test_the_refusal_of_a_version_says_what_it_counts(mill: Mill) -> None:
    more = '[license]\npolicy = "permissive"\n'
    lines = [{**line, "license": "MIT"} for line in records(*range(1, 8))]
    mill.release("1.0.0", lines, more=more)
    lines[0]["text"] += " and more"
    lines[1]["license"] = lines[2]["license"] = "Apache-2.0"
    with pytest.raises(
        ConfigError, match=r"needs 2\.0\.0 or later \(2 removed, 1 changed, 2 relicensed\)"
    ):
        mill.release("1.0.1", lines[:5], more=more)
    with pytest.raises(ConfigError, match=r"\(another seed"):
        mill.release("1.0.1", records(1), more="", name="m", seed=3)
