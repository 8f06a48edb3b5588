"""Every command as a person or a script calls it: exit codes, messages, tables, JSON, and what is left on disk."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import zstandard

from tests.conftest import Ask, Said

Gristmill = Callable[..., subprocess.CompletedProcess[str]]
Record = dict[str, Any]

ESCAPE = "\x1b"


def prose(name: object, words: int = 120) -> str:
    draw = random.Random(str(name))
    return " ".join("".join(draw.choices("abcdefghijkl", k=6)) for _ in range(words))


def nearly(text: str) -> str:
    words = text.split()
    words[len(words) // 2] = "otherwise"
    return " ".join(words)


def write(path: Path, records: Iterable[Record]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def config(folder: Path, tables: str = "", *, name: str = "t", **sources: str) -> Path:
    """Write a config whose sources read `<source>.jsonl`; the values are more keys of their tables."""
    text = f'[release]\nname = "{name}"\nshards = 2\n'
    for source, keys in sources.items():
        text += f'[[sources]]\nname = "{source}"\npaths = ["{source}.jsonl"]\n{keys}\n'
    path = folder / "mill.toml"
    path.write_text(text + tables)
    return path


def make(gristmill: Gristmill, path: Path, *sets: str) -> Path:
    """Run a config beside its own `out`; it must succeed."""
    done = gristmill("run", *run_arguments(path, sets))
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


def run_arguments(path: Path, sets: Iterable[str]) -> list[object]:
    pairs = [part for each in sets for part in ("--set", each)]
    return [path, "--out", path.parent / "out", "--executor", "sync", *pairs]


def attempt(ask: Ask, path: Path, *sets: str) -> Said:
    """Run a config beside its own `out`, whatever comes of it."""
    return ask("run", *run_arguments(path, sets))


def ledger(release: Path) -> dict[tuple[str, int], Record]:
    paths = sorted((release / "ledger").glob("decisions-*.parquet"))
    rows = [row for path in paths for row in pq.read_table(path).to_pylist()]
    return {(row["input"], row["row"]): row for row in rows}


def splits(release: Path) -> dict[str, str]:
    rows = pq.read_table(release / "ledger/splits.parquet").to_pylist()
    return {row["id"]: row["split"] for row in rows}


def documents(release: Path) -> dict[str, Record]:
    found = {}
    for path in sorted(release.glob("data/*/*.jsonl.zst")):
        reader = zstandard.ZstdDecompressor().stream_reader(path.read_bytes(), read_across_frames=True)  # fmt: skip
        for line in reader.readall().splitlines():
            record = json.loads(line)
            found[record["id"]] = record
    return found


# ---- the config


def test_every_mistake_is_listed_at_once_with_a_suggestion(
    gristmill: Gristmill, tmp_path: Path
) -> None:
    (tmp_path / "many.toml").write_text("""
colour = 1
[release]
name = "../x"
version = "1.0"
shards = 3
sedd = 2
[[sources]]
nam = "s"
path = ["a.jsonl"]
format = "jsonlines"
priority = "high"
[[sources]]
name = "b/c"
paths = "a.jsonl"
fields = { txt = "content" }
[license]
policy = "permisive"
[optout]
registry = 3
[redact]
level = "balnced"
[dedup]
near = 0.8
exact = "yes"
max_loss = 2
[split]
validation = 0.6
test = 0.7
[quality]
filters = ["gofer"]
[limits]
bad_records = 2.0
damaged_shards = -1
""")
    done = gristmill("run", tmp_path / "many.toml", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert all(line.startswith(f"config: {tmp_path / 'many.toml'}: ") for line in lines)
    said = [line.partition("many.toml: ")[2] for line in lines]
    for key, hint in {
        "colour": "known: about, decontam",
        "release.name": "",
        "release.version": "1.2.3",
        "release.shards": "power of two",
        "release.sedd": "'seed'",
        "sources.0.nam": "'name'",
        "sources.0.name": "missing",
        "sources.0.path": "'paths'",
        "sources.0.format": "'jsonl'",
        "sources.0.priority": "int",
        "sources.1.name": "",
        "sources.1.paths": "['a.jsonl']",
        "sources.1.fields.txt": "'text'",
        "license.policy": "'permissive'",
        "optout.registry": "string",
        "redact.level": "'balanced'",
        "dedup.near": "table",
        "dedup.exact": "bool",
        "dedup.max_loss": "share",
        "split.validation": "train",
        "quality.filters": "'gopher'",
        "limits.bad_records": "share",
        "limits.damaged_shards": "",
    }.items():
        named = [line for line in said if line.startswith(f"{key}: ")]
        assert len(named) == 1, (key, said)
        assert hint in named[0]
    assert not (tmp_path / "out").exists()


def test_each_wrong_config_or_call_is_exit_2_and_leaves_nothing(ask: Ask, tmp_path: Path) -> None:
    write(tmp_path / "s.jsonl", [{"text": "x"}])
    mill = config(tmp_path, s="")
    (tmp_path / "torn.toml").write_text("a = [")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    before = sorted(tmp_path.rglob("*"))
    for arguments, problem in (
        ([tmp_path / "no.toml"], "No such file"),
        ([tmp_path / "torn.toml"], "not valid TOML"),
        ([tmp_path / "bytes.toml"], "not UTF-8"),
        ([mill, "--workers", "-1"], "--workers"),
        ([mill, "--workers", "0"], "--workers"),
        ([mill, "--executor", "threads"], "--executor"),
        ([mill, "--set", "nonsense"], "table.key=value"),
        ([mill, "--set", "release.name.x=1"], "is no table"),
        ([mill, "--set", "sources.4.name=x"], "no table number"),
        ([mill, "--set", "release.version=one"], "release.version"),
        ([mill, "--set", 'sources.0.paths=["none-*.jsonl"]'], "none-*.jsonl: matches no"),
        ([mill, "--set", 'release.name=".."'], "release.name"),
        ([mill, "--set", "dedup.near.treshold=0.9"], "'threshold'"),
        ([mill, "--set", "limits.damaged_shards=-1"], "limits.damaged_shards"),
        ([mill, "--set", 'license.allow=["MTI"]'], "'MIT'"),
    ):
        said = ask("plan", *arguments, "--out", tmp_path / "out")
        assert said.code == 2, arguments
        assert problem in said.err, (arguments, said.err)
    assert sorted(tmp_path.rglob("*")) == before


def test_set_overrides_in_every_form(gristmill: Gristmill, tmp_path: Path) -> None:
    write(tmp_path / "s.jsonl", [{"id": "a", "body": "x"}])
    (tmp_path / "r.jsonl").write_text("")  # an empty registry is valid
    release = make(
        gristmill,
        config(tmp_path, s=""),
        "release.name=other",
        'release.version="1.2.3-rc.1"',
        "dedup.near=true",
        "dedup.exact=false",
        'sources.0.fields={text="body"}',
        "sources.0.priority=-3",
        "split.test=0",
        "optout.registry=r.jsonl",
        "license.unknown=keep",
        "redact={level='off'}",
    )
    assert release.name == "other-1.2.3-rc.1"
    saved = json.loads((release / "config/config.json").read_bytes())
    assert saved["sources"][0]["priority"] == -3
    assert saved["dedup"]["exact"] is False
    assert documents(release)["a"]["text"] == "x"
    notes = json.loads((release / "manifest.json").read_bytes())["notes"]
    assert any("redaction is off" in note for note in notes)
    assert any("exact deduplication is off" in note for note in notes)
    assert not any("opt-out" in note or "near" in note for note in notes)


# ---- run, plan


def test_the_last_line_is_the_release_and_the_rest_is_plain_text(
    gristmill: Gristmill, ask: Ask, tmp_path: Path
) -> None:
    long_name = "s" * 90
    write(tmp_path / f"{long_name}.jsonl", [{"id": f"d{n}", "text": prose(n)} for n in range(3)])
    mill = config(tmp_path, **{long_name: ""})
    environment = {"COLUMNS": "40", "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    plan = gristmill("plan", mill, "--out", tmp_path / "out", **environment)
    assert not (tmp_path / "out").exists()
    done = gristmill("run", mill, "--out", tmp_path / "out", "--executor", "sync", **environment)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == str(tmp_path / "out/t-1.0.0")
    for text in (plan.stdout, plan.stderr, done.stdout, done.stderr):
        assert ESCAPE not in text
    assert any(line.split()[:2] == [long_name, "3"] for line in done.stdout.splitlines())
    assert f"{long_name}.jsonl" in plan.stdout
    assert re.search(r"^screen: 1/1", done.stderr, re.MULTILINE)  # progress goes to stderr
    first = (tmp_path / "out/t-1.0.0/SHA256SUMS").read_bytes()
    again = gristmill("run", mill, "--out", tmp_path / "out", "--executor", "sync", "--json")
    assert again.returncode == 0
    said = json.loads(again.stdout)
    assert (said["read"], said["kept"], said["release"]) == (3, 3, str(tmp_path / "out/t-1.0.0"))
    assert [source["name"] for source in said["sources"]] == [long_name]
    changed = attempt(ask, mill, "redact.level=off")
    assert changed.code == 2
    assert "raise release.version" in changed.err
    assert changed.out == ""
    assert (tmp_path / "out/t-1.0.0/SHA256SUMS").read_bytes() == first
    assert gristmill("verify", tmp_path / "out/t-1.0.0").returncode == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {".work", "t-1.0.0"}


def test_plan_writes_nothing_and_says_what_is_done(
    gristmill: Gristmill, corpus: Path, release: Path
) -> None:
    out = release.parent
    before = {path: path.stat().st_mtime_ns for path in (*out.rglob("*"), *corpus.rglob("*"))}
    plan = gristmill("plan", corpus / "mill.toml", "--out", out, "--json")
    rows = [json.loads(line) for line in plan.stdout.splitlines()]
    assert [row["done"] for row in rows] == [True] * 5
    assert {row["source"] for row in rows} == {"code", "docs"}
    elsewhere = gristmill("plan", corpus / "mill.toml", "--out", out / "nowhere")
    assert elsewhere.stdout.count("to do") == 5
    after = {path: path.stat().st_mtime_ns for path in (*out.rglob("*"), *corpus.rglob("*"))}
    assert after == before


def test_an_out_that_cannot_be_written_is_said_in_one_line(ask: Ask, tmp_path: Path) -> None:
    write(tmp_path / "s.jsonl", [{"text": "x"}])
    mill = config(tmp_path, s="")
    said = ask("run", mill, "--out", mill, "--executor", "sync")
    assert said.code == 2
    assert str(mill) in said.err


# ---- ids, licences, duplicates


def test_ids(gristmill: Gristmill, ask: Ask, tmp_path: Path) -> None:
    one, two, three = prose(1), prose(2), prose(3)
    write(
        tmp_path / "a.jsonl",
        [
            {"id": "own", "text": one},
            {"id": "own", "text": one},
            {"text": two, "k": 1},
            {"text": two, "k": 1},
            {"text": two, "k": 2},
            {"id": 7, "text": three},
        ],
    )
    write(tmp_path / "b.jsonl", [{"id": "b", "text": prose(4)}, {"text": prose(5)}])
    mill = config(tmp_path, a="priority = 1", b="priority = 2")
    rows = ledger(make(gristmill, mill))
    assert [rows["a.jsonl", n]["verdict"] for n in (0, 1, 5)] == ["keep", "drop", "keep"]
    assert rows["a.jsonl", 1]["stage"] == "exact"
    assert rows["a.jsonl", 1]["survivor"] == "own"
    derived = [rows["a.jsonl", n] for n in (2, 3, 4)]
    assert derived[0]["id"] == derived[1]["id"] != derived[2]["id"]
    assert sorted(row["verdict"] for row in derived) == ["drop", "drop", "keep"]
    assert rows["a.jsonl", 5]["id"] == "7"
    write(tmp_path / "b.jsonl", [{"id": "b", "text": prose(4)}, {"id": "own", "text": prose(6)}])
    clash = attempt(ask, mill, "release.version=2.0.0")
    assert clash.code == 3
    assert "a.jsonl#" in clash.err
    assert "b.jsonl#1" in clash.err
    assert "id_prefix" in clash.err
    assert one[:20] not in clash.err
    assert not (tmp_path / "out/t-2.0.0").exists()
    apart = ledger(make(gristmill, mill, "release.version=2.0.0", "sources.1.id_prefix=b/"))
    assert apart["b.jsonl", 1]["id"] == "b/own"


@pytest.mark.parametrize(
    ("sets", "stages"),
    [
        (["dedup.near=false"], ["keep", "exact", "keep"]),
        (["dedup.exact=false", "dedup.near=false"], ["keep", "keep", "keep"]),
        (["dedup.near=true"], ["keep", "exact", "near"]),
    ],
)
def test_each_kind_of_deduplication_can_be_off(
    gristmill: Gristmill, tmp_path: Path, sets: list[str], stages: list[str]
) -> None:
    text = prose(1)
    write(tmp_path / "a.jsonl", [{"id": "first", "text": text}])
    write(
        tmp_path / "b.jsonl", [{"id": "same", "text": text}, {"id": "near", "text": nearly(text)}]
    )
    release = make(gristmill, config(tmp_path, a="priority = 1", b="priority = 2"), *sets)
    rows = ledger(release)
    found = [rows[key] for key in (("a.jsonl", 0), ("b.jsonl", 0), ("b.jsonl", 1))]
    assert [row["stage"] for row in found] == stages
    for row in found:
        assert row["survivor"] == ("" if row["verdict"] == "keep" else "first")
    if stages[2] == "near":
        assert re.fullmatch(r"jaccard:0\.\d{4}", found[2]["reason"])
        assert json.loads(found[2]["detail"])["similarity"] >= 0.8


LICENSES = {
    "MIT": "keep",
    "GPL-3.0-only": "policy:GPL-3.0-only",
    "MIT OR GPL-3.0-only": "keep",
    "MIT AND GPL-3.0-only": "policy:GPL-3.0-only",
    "GPL-2.0-only WITH Classpath-exception-2.0": "policy:GPL-2.0-only WITH Classpath-exception-2.0",
    "Apache-2.0 WITH LLVM-exception": "keep",
    "GPL-2.0": "policy:GPL-2.0-only",
    "LGPL-2.1+": "policy:LGPL-2.1-or-later",
    "Foo-9.9": "unknown:LicenseRef-Foo-9.9",
    "MIT OR Foo-9.9": "keep",
    "MIT AND Foo-9.9": "unknown:LicenseRef-Foo-9.9",
    "MIT OR (": "unknown:unrecognised",
    "NOASSERTION": "unknown:none",
    "CC0-1.0": "keep",
    "mit": "keep",
    "CC-BY-NC-4.0": "policy:CC-BY-NC-4.0",
}


def test_the_licence_policy(gristmill: Gristmill, tmp_path: Path) -> None:
    """On what records declare, and on a source's claim for records that declare nothing."""
    write(
        tmp_path / "a.jsonl",
        [{"id": each, "text": prose(each), "license": each} for each in LICENSES],
    )
    write(tmp_path / "b.jsonl", [{"text": prose("b0")}, {"text": prose("b1"), "license": "GPL-3.0-only"}])  # fmt: skip
    write(tmp_path / "c.jsonl", [{"text": prose("c0")}, {"text": prose("c1"), "license": "MIT"}])
    claims = {"a": "", "b": 'license = "MIT"', "c": 'license = "AGPL-3.0"'}
    mill = config(tmp_path, '[license]\npolicy = "permissive"\n', **claims)
    release = make(gristmill, mill)
    rows = ledger(release)
    for number, expected in enumerate(LICENSES.values()):
        row = rows["a.jsonl", number]
        assert row["stage"] == ("keep" if expected == "keep" else "license")
        assert expected == ("keep" if row["stage"] == "keep" else row["reason"])
    kept = documents(release)
    assert kept["mit"]["license"] == "MIT"
    assert kept["MIT OR GPL-3.0-only"]["license"] == "MIT OR GPL-3.0-only"
    assert [rows["b.jsonl", n]["verdict"] for n in (0, 1)] == ["keep", "drop"]
    assert [rows["c.jsonl", n]["verdict"] for n in (0, 1)] == ["drop", "keep"]
    lenient = make(gristmill, mill, "license.unknown=keep", "release.version=2.0.0")
    now = ledger(lenient)
    assert {row["reason"].partition(":")[0] for row in now.values()} == {"kept", "policy"}
    assert documents(lenient)["Foo-9.9"]["license"] == "LicenseRef-Foo-9.9"
    assert documents(lenient)["MIT OR ("]["license"] == "NOASSERTION"


def test_priority_decides_among_duplicates_and_the_ledger_names_the_survivor(
    gristmill: Gristmill, tmp_path: Path
) -> None:
    texts = {name: prose(name) for name in ("exact", "near", "strict")}
    write(
        tmp_path / "zz.jsonl",
        [
            {"id": "z-exact", "text": texts["exact"], "license": "MIT"},
            {"id": "z-near", "text": texts["near"], "license": "MIT"},
            {"id": "z-strict", "text": texts["strict"], "license": "MIT"},
        ],
    )
    write(
        tmp_path / "aa.jsonl",
        [
            {"id": "a-exact", "text": texts["exact"], "license": "Apache-2.0"},
            {"id": "a-near", "text": nearly(texts["near"]), "license": "MIT"},
            {"id": "a-strict", "text": texts["strict"], "license": "GPL-3.0-only"},
        ],
    )
    release = make(gristmill, config(tmp_path, aa="priority = 2", zz="priority = 1"))
    rows = ledger(release)
    # a copy under a stricter licence survives whatever the priority: no licence is laundered
    assert set(documents(release)) == {"z-exact", "z-near", "a-strict"}
    assert [rows["aa.jsonl", n]["survivor"] for n in (0, 1)] == ["z-exact", "z-near"]
    assert rows["zz.jsonl", 2]["survivor"] == "a-strict"
    assert [rows["aa.jsonl", n]["stage"] for n in (0, 1)] == ["exact", "near"]


def test_max_loss(gristmill: Gristmill, ask: Ask, tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", [{"id": f"d{n}", "text": prose(n % 2)} for n in range(10)])
    mill = config(tmp_path, a="")
    stopped = attempt(ask, mill, "dedup.max_loss=0.7")
    assert stopped.code == 3
    assert "source 'a' loses 8 of 10" in stopped.err
    assert not (tmp_path / "out/t-1.0.0").exists()
    warned = attempt(ask, mill)
    assert warned.code == 0
    assert "warning: dedup: source 'a' loses 8 of 10" in warned.err


# ---- versions


def test_a_removal_needs_a_major_version_and_leaves_tombstones(
    gristmill: Gristmill, ask: Ask, tmp_path: Path
) -> None:
    records = [{"id": f"d{n}", "text": prose(n)} for n in range(40)]
    write(tmp_path / "a.jsonl", records)
    mill = config(tmp_path, "[split]\nvalidation = 0.25\ntest = 0.25\n", a="")
    first = make(gristmill, mill)
    assert set(splits(first).values()) == {"train", "validation", "test"}
    write(tmp_path / "a.jsonl", records[2:])
    for version in ("1.0.1", "1.1.0"):
        refused = attempt(ask, mill, f"release.version={version}")
        assert refused.code == 2
        assert "needs 2.0.0" in refused.err
        assert not (tmp_path / f"out/t-{version}").exists()
    second = make(gristmill, mill, "release.version=2.0.0")
    lines = (second / "ledger/tombstones.jsonl").read_bytes().splitlines()
    assert [list(json.loads(line)) for line in lines] == [["id", "removed_in", "reason", "request"]] * 2  # fmt: skip
    assert {json.loads(line)["id"] for line in lines} == {"d0", "d1"}
    manifest = json.loads((second / "manifest.json").read_bytes())
    assert (manifest["change"], manifest["parent"]["version"]) == ("major", "1.0.0")
    before = splits(first)
    assert {name: before[name] for name in splits(second)} == splits(second)
    assert gristmill("verify", second, "--deep").returncode == 0


def test_additions_are_minor_and_splits_stick(
    gristmill: Gristmill, ask: Ask, tmp_path: Path
) -> None:
    records = [{"id": f"d{n}", "text": prose(n)} for n in range(40)]
    write(tmp_path / "a.jsonl", records)
    mill = config(tmp_path, "[split]\nvalidation = 0.25\ntest = 0.25\n", a="")
    before = splits(make(gristmill, mill))
    held_out = min(name for name, split in before.items() if split == "test")
    more = [{"id": "kin", "text": nearly(prose(int(held_out[1:])))}, {"id": "new", "text": prose("new")}]  # fmt: skip
    write(tmp_path / "a.jsonl", [*records, *more])
    assert attempt(ask, mill, "release.version=1.0.1").code == 2
    grown = make(gristmill, mill, "release.version=1.1.0", "dedup.near.threshold=0.95")
    after = splits(grown)
    assert {name: after[name] for name in before} == before
    assert "kin" in after
    parent = tmp_path / "out/t-1.0.0"
    near = "dedup.near.threshold=0.95"
    named = make(gristmill, mill, "release.version=5.0.0", near, f'release.parent="{parent}"')
    assert json.loads((named / "manifest.json").read_bytes())["parent"]["version"] == "1.0.0"
    wrong = attempt(ask, mill, "release.version=6.0.0", "release.parent=nowhere")
    assert wrong.code == 2
    assert "nowhere" in wrong.err


def test_a_reset_of_the_splits_is_major(gristmill: Gristmill, ask: Ask, tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", [{"id": f"d{n}", "text": prose(n)} for n in range(40)])
    mill = config(tmp_path, "[split]\nvalidation = 0.25\ntest = 0.25\n", a="")
    make(gristmill, mill)
    assert attempt(ask, mill, "release.version=1.1.0", "release.seed=4").code == 2
    assert not list((tmp_path / "out").glob(".t-1.1.0*")), "a refused release leaves nothing"


# ---- verify, explain, query


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, gristmill: Gristmill) -> Path:
    """A release with one record of every fate; treat it as read-only."""
    folder = tmp_path_factory.mktemp("small")
    mail = "miller" + "@" + "watermill-museum.org"
    records: list[Record] = [
        {
            "id": f"d{n}",
            "text": f"{prose(n)} tag{n % 3}",
            "license": ("MIT", "Apache-2.0")[n % 2],
            "repo": f"https://github.com/o{n % 3}/r{n}",
            "path": f"src/x{n}/f.py",
        }
        for n in range(8)
    ]
    records += [
        {"id": "copy", "text": records[0]["text"], "license": "GPL-3.0-only"},
        {"id": "kin", "text": nearly(records[1]["text"])},
        {"id": "odd[1]*", "text": prose("odd")},
        {"id": "mail", "text": f"\u00e9 write to {mail} {prose('mail')}"},
    ]
    write(folder / "a.jsonl", records)
    with (folder / "a.jsonl").open("a") as file:
        file.write('{"broken\n')
    write(folder / "b.jsonl", [{"id": "b0", "text": prose("b0")}])
    done = gristmill("optout", "add", "--registry", folder / "r.jsonl", "--id", "d3")
    assert done.returncode == 0
    tables = '[optout]\nregistry = "r.jsonl"\n[limits]\nbad_records = 0.5\n'
    return make(gristmill, config(folder, tables, a="priority = 1", b="priority = 2"))


def test_explain_tells_every_fate(ask: Ask, small: Path) -> None:
    def story(name: str) -> Record:
        said = ask("explain", small, name, "--json")
        assert said.code == 0, said.err
        told: Record = json.loads(said.out)
        return told

    kept = story("copy")
    assert (kept["verdict"], kept["place"]["id"]) == ("keep", "copy")
    twin = story("d0")
    assert (twin["stage"], twin["survivor"], twin["place"]["id"]) == ("exact", "copy", "copy")
    fates = {name: story(name) for name in ("d1", "kin")}
    lost = next(name for name, fate in fates.items() if fate["verdict"] == "drop")
    assert fates[lost]["stage"] == "near"
    assert fates[lost]["survivor"] == ({"d1", "kin"} - {lost}).pop()
    assert 0.8 <= fates[lost]["detail"]["similarity"] < 1
    bad = story("a.jsonl#12")
    assert (bad["stage"], bad["reason"], bad["place"]) == ("read", "json", None)
    gone = story("d3")
    assert (gone["stage"], gone["reason"]) == ("optout", "id")
    assert gone["detail"]["request"].startswith("r-")
    told = ask("explain", small, "d0").out
    assert "dropped at exact" in told
    assert "survivor  copy" in told
    assert ask("explain", small, "nobody").code == 2
    assert ask("explain", small / "data", "d0").code == 2


def test_query_by_value_glob_and_pattern(ask: Ask, small: Path) -> None:
    def ids(*arguments: str) -> set[str]:
        said = ask("query", small, *arguments, "--json")
        assert said.code == 0, said.err
        return {json.loads(line)["id"] for line in said.out.splitlines()}

    everything = ids()
    kin = (everything & {"d1", "kin"}).pop()
    assert everything == {"copy", kin, "d2", "d4", "d5", "d6", "d7", "odd[1]*", "mail", "b0"}
    assert ids("--license", "MIT") == {"d2", "d4", "d6"}
    assert ids("--license", "MIT", "--repo", "https://github.com/o1/*") == {"d4"}
    assert ids("--license", "[AM]*") == {"d2", "d4", "d5", "d6", "d7"} | ({"d1"} & everything)
    assert ids("--path", "src/x?/*.py", "--license", "Apache-2.0") >= {"d5", "d7"}
    assert ids("--source", "b") == {"b0"}
    assert ids("--id", "odd[1]*") == {"odd[1]*"}
    assert ids("--id", "d*", "--pattern", r"tag2$") == {"d2", "d5"}
    assert ids("--language", "Python") == {"d2", "d4", "d5", "d6", "d7"} | ({"d1"} & everything)
    assert ids("--source", "none") == set()
    assert len(ids("--limit", "2")) == 2
    assert ids("--limit", "0") == set()
    texts = ask("query", small, "--id", "mail", "--text")
    assert "REDACTED_EMAIL" in json.loads(texts.out)["text"]
    table = ask("query", small, "--source", "a").out
    assert table.startswith("9 documents\n")
    for wrong in (["--pattern", "("], ["--limit", "-1"], ["--limit", "x"], ["--colour", "x"]):
        assert ask("query", small, *wrong).code == 2


def test_verify_names_what_is_damaged_and_nothing_else(
    ask: Ask, small: Path, tmp_path: Path
) -> None:
    every = {path.relative_to(small).as_posix() for path in small.rglob("*") if path.is_file()}
    shard, other = sorted(path for path in every if path.startswith("data/a/"))[:2]

    def flip(path: str, at: int = 40) -> Callable[[Path], None]:
        def damage(copy: Path) -> None:
            raw = bytearray((copy / path).read_bytes())
            raw[at] ^= 1
            (copy / path).write_bytes(bytes(raw))

        return damage

    def swap(copy: Path) -> None:
        first, second = (copy / shard).read_bytes(), (copy / other).read_bytes()
        (copy / shard).write_bytes(second)
        (copy / other).write_bytes(first)

    def hide(copy: Path) -> None:
        (copy / "index/.cache").mkdir()
        (copy / "index/.cache/x").write_bytes(b"")

    cases: list[tuple[Callable[[Path], object], set[str]]] = [
        (flip(shard), {shard}),
        (flip("index/documents.parquet"), {"index/documents.parquet"}),
        (flip("ledger/decisions-00000.parquet"), {"ledger/decisions-00000.parquet"}),
        (flip("README.md"), {"README.md"}),
        (flip("manifest.json"), set()),
        (flip("SHA256SUMS", 3), set()),
        (lambda copy: (copy / shard).write_bytes((copy / shard).read_bytes()[:-5]), {shard}),
        (lambda copy: (copy / shard).write_bytes(b""), {shard}),
        (lambda copy: shutil.copyfile(copy / other, copy / shard), {shard}),
        (lambda copy: (copy / shard).unlink(), {shard}),
        (lambda copy: (copy / "data/a/more.txt").write_text(""), {"data/a/more.txt"}),
        (lambda copy: (copy / ".hidden").write_text("x"), {".hidden"}),
        (hide, {"index/.cache/x"}),
        (swap, {shard, other}),
    ]
    for number, (damage, paths) in enumerate(cases):
        copy = tmp_path / str(number)
        shutil.copytree(small, copy)
        damage(copy)
        said = ask("verify", copy)
        assert said.code == 4, paths
        known = every | paths
        lines = [line for line in said.out.splitlines() if not line.startswith(str(copy))]
        words = {word.rstrip(":,.;") for line in lines for word in line.split()}
        assert (words & known) - {"manifest.json", "SHA256SUMS"} == paths, number
    deep = ask("verify", tmp_path / "0", "--deep", "--json")
    report = json.loads(deep.out)
    assert deep.code == 4
    assert report["ok"] is False
    problem = next(each for each in report["report"]["problems"] if each["frame"] is not None)
    assert (problem["path"], problem["frame"]) == (shard, 0)
    assert problem["document"] in documents(small)
    assert ask("verify", small, "--deep").code == 0
    assert ask("verify", tmp_path / "nowhere").code == 2


def test_a_damaged_published_release_is_not_passed_off_as_done(
    gristmill: Gristmill, ask: Ask, tmp_path: Path
) -> None:
    write(tmp_path / "a.jsonl", [{"id": "x", "text": prose(1)}])
    mill = config(tmp_path, a="")
    release = make(gristmill, mill)
    (release / "README.md").write_text("something else\n")
    again = attempt(ask, mill)
    assert again.code == 4
    assert "README.md" in again.err


# ---- inspect, analyze


INSPECTED = (
    "path id sha256 swhid language natural_language vendored generated license redactions quality"
)


def test_inspect_speaks_of_the_text_before_any_edit(gristmill: Gristmill, tmp_path: Path) -> None:
    mail = "miller" + "@" + "watermill-museum.org"
    decomposed = f"e\u0301 write to {mail} or {mail}"
    write(
        tmp_path / "s.jsonl",
        [
            {"id": "own", "text": decomposed, "license": "GPL-3.0-only", "path": "vendor/x.py"},
            {"text": prose(1)},
            {"no": "text"},
        ],
    )
    (tmp_path / "s.jsonl.zst").write_bytes(zstandard.compress((tmp_path / "s.jsonl").read_bytes()))
    (tmp_path / "file.txt").write_text(decomposed)
    (tmp_path / "raw.bin").write_bytes(b"\xff\xfe")
    (tmp_path / "nul.txt").write_text("a\0b")
    given = [f"{tmp_path}/./s.jsonl", f"{tmp_path}//s.jsonl.zst", f"{tmp_path}/file.txt"]
    before = sorted(tmp_path.rglob("*"))
    done = gristmill("inspect", *given, tmp_path / "raw.bin", tmp_path / "nul.txt", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 3  # after all the others were judged
    for named in ("s.jsonl:3: text-missing", "raw.bin: not UTF-8", "nul.txt: nul"):
        assert named in done.stderr
    assert [row["path"] for row in rows] == [given[0], given[0], given[1], given[1], given[2]]
    assert all(list(row) == [*INSPECTED.split(), "verdict", "reason"] for row in rows)
    text = f"\u00e9 write to {mail} or {mail}"
    for row in (rows[0], rows[2], rows[4]):
        spans = [(span["start"], span["end"]) for span in row["redactions"]]
        assert [text[start:end] for start, end in spans] == [mail, mail]
        assert {span["type"] for span in row["redactions"]} == {"EMAIL"}
        assert all(span["rule"] for span in row["redactions"])
    assert (rows[0]["id"], rows[0]["language"], rows[0]["vendored"]) == ("own", "Python", True)
    assert rows[0]["license"]["expression"] == "GPL-3.0-only"
    assert rows[0]["license"]["class"] == "strong-copyleft"
    assert rows[1]["license"]["expression"] == "NOASSERTION"
    assert rows[1]["license"]["decision"] == "unknown"
    assert sorted(tmp_path.rglob("*")) == before
    told = gristmill("inspect", tmp_path / "file.txt").stdout
    assert "EMAIL" in told
    assert "watermill" not in told
    assert ESCAPE not in told
    assert gristmill("inspect", tmp_path / "missing", given[0]).returncode == 2


def test_inspect_judges_by_a_config_as_its_run_would(gristmill: Gristmill, tmp_path: Path) -> None:
    write(
        tmp_path / "a.jsonl",
        [
            {"id": "claimed", "body": prose(1)},
            {"id": "strict", "body": prose(2), "license": "GPL-3.0-only"},
            {"id": "out", "body": prose(3)},
        ],
    )
    gristmill("optout", "add", "--registry", tmp_path / "r.jsonl", "--id", "p/out")
    keys = 'license = "MIT"\nid_prefix = "p/"\nfields = { text = "body" }'
    tables = '[license]\npolicy = "permissive"\n[optout]\nregistry = "r.jsonl"\n'
    mill = config(tmp_path, tables, a=keys)
    done = gristmill("inspect", tmp_path / "a.jsonl", "--config", mill, "--json")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in rows] == ["p/claimed", "p/strict", "p/out"]
    assert [row["verdict"] for row in rows] == ["keep", "drop", "drop"]
    assert [row["license"]["decision"] for row in rows] == ["allow", "deny", "allow"]
    assert rows[1]["reason"] == "license:policy:GPL-3.0-only"
    assert rows[2]["reason"] == "optout:id"


def test_analyze_counts_without_a_config(gristmill: Gristmill, tmp_path: Path) -> None:
    records = [{"text": "one", "license": "MIT"}, {"text": "one"}, {"text": "three", "n": 1}]
    write(tmp_path / "a.jsonl", [*records, {"no": "text"}])
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/b.jsonl.zst").write_bytes(zstandard.compress(b'{"text":"four"}\n{"torn'))
    found = json.loads(gristmill("analyze", tmp_path, "--json").stdout)
    assert found["records"] == 6
    assert sum(shard["bad"] for shard in found["shards"].values()) == 2
    assert sum(shard["duplicates"] for shard in found["shards"].values()) == 1
    assert found["keys"]["text"] == 4
    assert found["licenses"] == {"NOASSERTION": 3, "MIT": 1}
    assert found["bad_reasons"] == {"text-missing": 1, "json": 1}
    table = gristmill("analyze", tmp_path, COLUMNS="30").stdout
    assert "text-missing" in table
    assert str(tmp_path / "deep/b.jsonl.zst") in table
    missing = gristmill("analyze", tmp_path / "none")
    assert missing.returncode == 2
    assert "none" in missing.stderr
