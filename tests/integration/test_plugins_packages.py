"""A package of somebody else's: the one that the docs show is built, installed, run, upgraded, changed and gone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import zstandard

from tests.command import Done, forked, started
from tests.integration.test_fleet import Fleet, fleet_in
from tests.offers import lay

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs/plugins.md").read_text(encoding="utf-8")
BADGE, NO_BADGE = "ACME-" + "123453", "ACME-" + "123454"
DIGEST = re.compile(r"[0-9a-f]{64}")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)


def package(folder: Path, version: str = "1.0.0") -> Path:
    """Write the package of the docs, under another version perhaps."""
    project, _ = blocks("toml")
    (module,) = blocks("python")
    folder.mkdir(parents=True)
    assert 'version = "1.0.0"' in project
    (folder / "pyproject.toml").write_text(project.replace("1.0.0", version), encoding="utf-8")
    (folder / "acme_mill.py").write_text(module, encoding="utf-8")
    return folder


def install(source: Path, target: Path) -> Path:
    """Build and install a package; hatchling is a test dependency, no index is asked."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    bare = ["--no-deps", "--no-build-isolation", "--no-index", "--target"]
    subprocess.run([*pip, *bare, target, source], check=True, capture_output=True)
    return target


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("acme")
    return install(package(root / "source"), root / "site")


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("upgraded")
    return install(package(root / "source", "1.1.0"), root / "site")


def call(*arguments: str | Path, site: Path | None = None, anew: bool = False) -> Done:
    """Run a command, a fork or a process `anew`, which finds what is installed in `site`."""
    found = [str(site)] if site else []
    path = os.pathsep.join([*found, str(ROOT)])
    spelled = [str(each) for each in arguments]
    begin = started if anew else forked
    return begin(spelled, 280, os.environ | {"PYTHONPATH": path})


def rows(done: Done) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


PLAIN = """
[[sources]]
name = "plain"
paths = ["in/*.jsonl"]
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The config of the docs, fortunes, and a second config with a source beside them that needs no plug-in."""
    root = tmp_path_factory.mktemp("place")
    (root / "in").mkdir()
    _, config = blocks("toml")
    (root / "sayings.toml").write_text(config)
    head, _, _ = config.partition("[[filters]]")
    (root / "mixed.toml").write_text(head.replace("sayings", "mixed") + PLAIN)
    for number in range(3):
        texts = [f"The {number} mill {turn} turns the stone slowly.\n" * 3 for turn in range(4)]
        texts += [
            f"In mill number {number} the one with {BADGE} has the key, {NO_BADGE} has none.\n" * 2,
            f"SHUT THE SLUICE OF MILL NUMBER {number} AND RUN FOR THE HILLS\n",
            "",
            f"Every miller {number} weighs with his own thumb.\n\n\t\t-- somebody\n",
            "The one that is in every file, word for word the same as elsewhere.\n",
        ]
        data = "%\n".join(texts).encode() + b"%\n" + b"\xff\xfe broken\n" * (number == 0)
        (root / f"in/{number}.fortune").write_bytes(data)
    line = {"id": "one", "text": "A record that is one already, and needs nobody to read it."}
    (root / "in/plain.jsonl").write_text(json.dumps(line) + "\n")
    return root


RAISED = ("--set", "limits.bad_records=0.5")


@pytest.fixture(scope="module")
def release(place: Path, site: Path) -> Path:
    """A release made by two workers of a Dask cluster on this machine."""
    out = place / "out"
    given = ("--out", out, "--workers", "2", *RAISED)
    done = call("run", place / "sayings.toml", *given, site=site, anew=True)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


def records(release: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for path in sorted(release.glob("data/*/*.zst"))
        for line in zstandard.ZstdDecompressor()
        .stream_reader(path.read_bytes(), read_across_frames=True)
        .read()
        .splitlines()
    ]


def ledger(release: Path) -> list[dict[str, Any]]:
    paths = sorted((release / "ledger").glob("decisions-*.parquet"))
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def test_the_package_of_the_docs_is_listed_and_sound(site: Path) -> None:
    found = rows(call("plugins", "--check", "--json", site=site))
    assert [(each["kind"], each["name"], each["problem"]) for each in found] == [
        ("adapter", "fortune", ""),
        ("filter", "shouting", ""),
        ("recogniser", "acme-badge", ""),
        ("exporter", "tsv", ""),
    ]
    assert {(each["distribution"], each["version"]) for each in found} == {("acme-mill", "1.0.0")}
    assert "no plug-in is installed" in call("plugins").stdout


def test_every_record_is_accounted_for(release: Path, site: Path) -> None:
    fates = Counter((each["stage"], each["reason"]) for each in ledger(release))
    assert fates == {
        ("keep", "kept"): 3 * 6 + 1,
        ("quality", "shouting:capitals"): 3,
        ("read", "empty"): 3,
        ("read", "utf8"): 1,
        ("exact", "sha256"): 2,
    }
    stages = json.loads((release / "manifest.json").read_bytes())["stages"]
    (quality,) = (each for each in stages if each["stage"] == "quality")
    assert quality["dropped"] == {"shouting:capitals": 3}
    assert quality["in"] == quality["out"] + 3
    # whoever reads a release needs nothing of what made it
    assert call("verify", release, "--deep").returncode == 0


def test_a_dropped_document_is_explained(release: Path) -> None:
    dropped = next(each for each in ledger(release) if each["stage"] == "quality")
    assert json.loads(dropped["detail"])["figure"] > 0.9
    done = call("explain", release, dropped["id"])
    assert "dropped at quality: shouting:capitals" in done.stdout


def test_the_recogniser_redacts_and_is_named(release: Path) -> None:
    texts = [each["text"] for each in records(release)]
    assert (
        sum(f"REDACTED_USERNAME has the key, {NO_BADGE} has none." in each for each in texts) == 3
    )
    redact = json.loads((release / "manifest.json").read_bytes())["redact"]
    assert redact["rules"] == {"acme-badge": 6}
    assert redact["counts"] == {"USERNAME": 6}
    for path in release.rglob("*"):
        assert path.is_dir() or BADGE.encode() not in path.read_bytes()


def test_the_manifest_says_what_took_part(release: Path) -> None:
    plugins = json.loads((release / "manifest.json").read_bytes())["build"]["plugins"]
    assert [(each["kind"], each["name"]) for each in plugins] == [
        ("adapter", "fortune"),
        ("filter", "shouting"),
        ("recogniser", "acme-badge"),
    ]
    assert all(
        (each["distribution"], each["version"]) == ("acme-mill", "1.0.0") for each in plugins
    )
    assert all(DIGEST.fullmatch(each["sha256"]) for each in plugins)
    told = json.loads((release / "provenance.json").read_bytes())
    uris = [
        each.get("uri")
        for each in told["predicate"]["buildDefinition"]["resolvedDependencies"]
        if each.get("annotations", {}).get("called")
    ]
    assert uris == ["pkg:pypi/acme-mill@1.0.0"] * 3


def test_the_exporter_writes_a_file_and_what_is_no_format_is_told(
    release: Path, site: Path, tmp_path: Path
) -> None:
    path = tmp_path / "sayings.tsv"
    done = call("export", release, "--format", "tsv", "--out", path, site=site)
    assert done.returncode == 0, done.stderr
    head, *lines = path.read_text().splitlines()
    assert head == "# sayings 1.0.0: 19 documents"
    assert {line.split("\t")[0] for line in lines} == {each["id"] for each in records(release)}
    done = call("export", release, "--format", "tsb", site=site)
    assert done.returncode == 2
    assert "export: no format is called 'tsb'; did you mean 'tsv'?" in done.stderr
    assert call("export", release, "--format", "tsv").returncode == 2


def test_a_fortune_is_inspected_as_it_would_be_judged(place: Path, site: Path) -> None:
    loud = place / "loud.txt"
    loud.write_text(f"EVERY WHEEL IN THIS TOWN IS TURNING BACKWARDS, says {BADGE}")
    done = call("inspect", loud, "--config", place / "sayings.toml", "--json", site=site)
    (row,) = rows(done)
    assert (row["verdict"], row["reason"]) == ("drop", "quality:shouting:capitals")
    assert [(each["type"], each["rule"]) for each in row["redactions"]] == [
        ("USERNAME", "acme-badge")
    ]


def test_it_is_reproduced_and_who_lacks_the_package_is_told(
    release: Path, place: Path, site: Path, upgraded: Path
) -> None:
    done = call("reproduce", release, "--inputs", place, "--executor", "sync", site=site)
    assert done.returncode == 0, done.stderr
    assert "reproduced, byte for byte" in done.stdout
    done = call("reproduce", release, "--inputs", place)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"reproduce: {kind} is not installed: install acme-mill==1.0.0"
        for kind in ("adapter 'fortune'", "filter 'shouting'", "recogniser 'acme-badge'")
    ]
    done = call(
        "reproduce", release, "--inputs", place, "--executor", "sync", "--json", site=upgraded
    )
    (told,) = rows(done)
    assert told["same_content"]
    assert not told["identical"]
    departed = {each["what"]: each for each in told["departures"]}
    assert departed.keys() == {"adapter fortune", "filter shouting", "recogniser acme-badge"}
    assert departed["filter shouting"]["then"].startswith("acme-mill 1.0.0, code ")
    assert departed["filter shouting"]["now"].startswith("acme-mill 1.1.0, code ")


def test_another_version_or_other_code_redoes_what_it_had_a_part_in(
    place: Path, site: Path, upgraded: Path, tmp_path: Path
) -> None:
    edited = tmp_path / "edited"
    shutil.copytree(site, edited)
    with (edited / "acme_mill.py").open("a") as file:
        file.write("# the same in other words\n")
    sums = set()
    for number, (packages, before) in enumerate(
        [(site, 0), (site, 4), (upgraded, 1), (edited, 1), (upgraded, 4)]
    ):
        out = tmp_path / f"out-{number}"
        common = ("--work", tmp_path / "work", "--executor", "sync", *RAISED)
        done = call("run", place / "mixed.toml", "--out", out, *common, site=packages)
        assert done.returncode == 0, done.stderr
        line = next(each for each in done.stderr.splitlines() if each.startswith("screen: "))
        told = re.fullmatch(r"screen: 4/4 in [^,;]+(?:, (\d) of them before)?[,;].*", line)
        assert told is not None, line
        assert int(told[1] or 0) == before
        sums.add((out / "mixed-1.0.0/SHA256SUMS").read_bytes())
    assert len(sums) == 3


def test_a_config_without_its_package_says_what_is_missing(place: Path, release: Path) -> None:
    done = call("run", place / "sayings.toml", "--out", place / "none")
    assert done.returncode == 2
    told = done.stderr.splitlines()
    assert len(told) == 3
    assert "sources.0.format: no format is called 'fortune'" in done.stderr
    assert "filters.0.name: no installed package offers a filter 'shouting'" in done.stderr
    assert "redact.recognisers: 'acme-badge' is no recogniser" in done.stderr


def test_options_are_checked_as_every_table_is(place: Path, site: Path) -> None:
    given = ("--set", "filters.0.options.mist=1", "--set", 'filters.0.options.least="x"')
    done = call("plan", place / "sayings.toml", *given, site=site)
    assert done.returncode == 2
    assert "filters.0.options.mist: unknown key; did you mean 'most'?" in done.stderr
    assert "filters.0.options.least: expected `int`, got `string`" in done.stderr
    done = call("plan", place / "sayings.toml", "--set", "filters.0.options.most=7", site=site)
    assert "filters.0.options: most: 7.0 is no share" in done.stderr


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Fleet]:
    """A cluster that somebody else started, without a worker yet."""
    home = tmp_path / "cluster"
    home.mkdir()
    with fleet_in(home) as made:
        yield made


def test_workers_without_the_package_are_named_at_the_start_and_others_work(
    cluster: Fleet, release: Path, place: Path, site: Path, tmp_path: Path
) -> None:
    stranger = cluster.worker()
    out = tmp_path / "out"
    given = ("--executor", "dask", "--scheduler-file", cluster.file, "--out", out, *RAISED)
    done = call("run", place / "sayings.toml", *given, site=site)
    assert done.returncode == 2
    assert re.search(
        r"start: on workers tcp://127\.0\.0\.1:\d+: filter 'shouting' is not installed:"
        r" install acme-mill==1\.0\.0",
        done.stderr,
    )
    stranger.terminate()
    stranger.wait(timeout=30)
    cluster.worker(Path(os.pathsep.join([str(site), str(ROOT)])))
    done = call("run", place / "sayings.toml", *given, site=site)
    assert done.returncode == 0, done.stderr
    assert (out / "sayings-1.0.0/SHA256SUMS").read_bytes() == (release / "SHA256SUMS").read_bytes()


SOUR = """
import msgspec
from filters.document import KEEP

class Sour(msgspec.Struct, frozen=True):
    def judge(self, document):
        if "poison" in document.text:
            raise KeyError(document.text)
        return KEEP
"""


def test_a_record_that_a_filter_fails_over_is_put_aside_and_the_others_go_through(
    tmp_path: Path,
) -> None:
    site = lay(tmp_path / "site", "sour-mill", SOUR, {("filter", "sour"): "Sour"})
    lines = [{"id": f"n{n}", "text": f"the {n} wheel " * 9} for n in range(4)]
    lines.append({"id": "bad", "text": "a private text with poison"})
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    config = tmp_path / "c.toml"
    config.write_text(
        '[release]\nname = "r"\n[[sources]]\nname = "s"\npaths = ["in.jsonl"]\n'
        '[[filters]]\nname = "sour"\n'
    )
    out = tmp_path / "out"
    done = call("run", config, "--out", out, "--executor", "sync", *RAISED, site=site)
    assert done.returncode == 0, done.stderr
    assert "filter 'sour' of sour-mill 1.0: unexpected KeyError at sour_mill.py:" in done.stderr
    assert "private" not in done.stderr
    fates = Counter((each["stage"], each["reason"]) for each in ledger(out / "r-1.0.0"))
    assert fates == {("keep", "kept"): 4, ("read", "poison:KeyError"): 1}
