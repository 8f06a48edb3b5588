"""A manifest that was edited alone, with SHA256SUMS made anew, contradicts the files beside it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from filters.subjects import subject
from manifests.checksum import canonical_json, canonical_sha256, sha256_hex, sums_text
from manifests.manifest import MANIFEST, SCHEMA, SUMS, Manifest, checksums_text, decode
from manifests.metadata.provenance import PROVENANCE, provenance
from manifests.witness import config_flaws, provenance_flaw
from pipeline.engine.crew import SYNC
from pipeline.optout import add
from pipeline.run import run_config
from pipeline.verify import verify

MAIL = "Ask bob.baker@millworks.net"
TOML = """
[release]
name = "m"
shards = 2
[[sources]]
name = "s"
paths = ["s.jsonl"]
[[sources]]
name = "t"
paths = ["t.jsonl"]
license = "MIT"
[license]
policy = "permissive"
unknown = "keep"
[optout]
registry = "events.jsonl"
[limits]
bad_records = 0.5
[about]
title = "Of mills"
license = "CC0-1.0"
published = "2026-11-20"
url = "https://mill.example/"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made")
    for source in ("s", "t"):
        lines = [
            json.dumps(
                {
                    "id": f"{source}{n}",
                    "text": f"Page {n} of {source}. " * (n + 2) + MAIL * (n == 2),
                }
            )
            for n in range(9)
        ]
        (root / f"{source}.jsonl").write_text("\n".join([*lines, "{broken"]) + "\n")
    add(root / "events.jsonl", [subject("id", "s3")])
    (root / "m.toml").write_text(TOML)
    return run_config(root / "m.toml", out=root / "out", crew=SYNC).release


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / made.name))


def edit(release: Path, keys: tuple[str | int, ...], value: Any) -> None:
    """Change one field and make SHA256SUMS anew, as any forger would."""
    told = json.loads((release / MANIFEST).read_bytes())
    place = told
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value(place[keys[-1]]) if callable(value) else value
    data = (json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
    (release / MANIFEST).write_bytes(data)
    sums = {file["path"]: file["sha256"] for file in told["files"]}
    (release / SUMS).write_text(sums_text({**sums, MANIFEST: sha256_hex(data)}))


def flip(digest: str) -> str:
    return digest[:-1] + ("0" if digest[-1] != "0" else "1")


def more(number: int) -> int:
    return number + 1


def longer(text: str) -> str:
    return text + "x"


PLUGIN = {
    "kind": "filter", "name": "x", "distribution": "y", "version": "1", "sha256": "0" * 64,
}  # fmt: skip
EDITS: list[tuple[tuple[str | int, ...], Any]] = [
    (("name",), longer),
    (("change",), "minor"),
    (("about", "title"), longer),
    (("about", "license"), longer),
    (("about", "published"), "2026-11-21"),
    (("about", "url"), longer),
    (("about",), {}),
    (("build", "code_sha256"), flip),
    (("build", "config_sha256"), flip),
    (("build", "libzstd"), longer),
    (("build", "python"), longer),
    (("build", "packages", "pyarrow"), longer),
    (("build", "plugins"), [PLUGIN]),
    (("inputs", 0, "sha256"), flip),
    (("inputs", 0, "bytes"), more),
    (("inputs", 0, "path"), longer),
    (("optout", "head"), flip),
    (("registries", 0, "head"), flip),
    (("registries", 0, "requests"), more),
    (("license", "policy"), longer),
    (("license", "unknown"), "drop"),
    (("license",), "none"),
    (("redact", "level"), "strict"),
    (("redact", "key"), "x"),
    (("redact", "actions"), {"EMAIL": "keep"}),
    (("redact", "recognisers"), ["x"]),
    (("redact", "counts", "EMAIL"), more),
    (("redact", "rules", "email-address"), more),
    (("sources", 0, "bytes"), more),
    (("stages", 0, "stage"), longer),
    (("stages", 0, "stage"), "exact"),
    (("stages",), lambda stages: stages[::-1]),
    (("parent",), {"version": "0.1.0", "content_root": "0" * 64}),
    (("quarantined", "other"), 0),
]


def test_the_release_itself_is_sound(made: Path) -> None:
    assert verify(made, deep=True).problems == ()


@pytest.mark.parametrize(
    ("keys", "value"), EDITS, ids=lambda each: getattr(each, "__name__", str(each)[:40])
)
def test_a_field_edited_with_the_sums_made_anew_is_found(
    copy: Path, keys: tuple[str | int, ...], value: Any
) -> None:
    edit(copy, keys, value)
    assert verify(copy, deep=False).problems


@pytest.mark.parametrize("source", ["s", "t"])
def test_the_ledger_knows_how_many_records_were_put_aside(copy: Path, source: str) -> None:
    edit(copy, ("quarantined", source), more)
    (problem,) = verify(copy, deep=True).problems
    assert str(problem) == (
        f"verify: manifest.json: quarantined: {source}: 2, 1 in ledger/decisions"
    )


def test_the_ledger_knows_what_was_redacted(copy: Path) -> None:
    edit(copy, ("redact", "rules"), {"phone": 2})
    assert verify(copy, deep=False).ok
    (problem,) = verify(copy, deep=True).problems
    assert problem.problem == "redact.rules are not what ledger/decisions gives"


def test_a_key_leaves_digests(copy: Path) -> None:
    edit(copy, ("redact", "key"), "0" * 32)
    (problem,) = verify(copy, deep=True).problems
    assert problem.problem.startswith("redact.key is named")


@pytest.mark.parametrize("path", [PROVENANCE, "config/config.json", "reports/changes.json"])
def test_a_witness_cannot_be_left_out(copy: Path, path: str) -> None:
    (copy / path).unlink()
    edit(copy, ("files",), lambda files: [each for each in files if each["path"] != path])
    assert any(path in each.problem for each in verify(copy, deep=False).problems)


def test_the_place_in_the_provenance_is_named(copy: Path) -> None:
    edit(copy, ("build", "python"), "2.7.18")
    (problem,) = verify(copy, deep=False).problems
    assert problem.path == PROVENANCE
    assert problem.problem.endswith("predicate.runDetails.builder.version.python")


@pytest.mark.parametrize("path", [PROVENANCE, "config/config.json", "reports/changes.json"])
@pytest.mark.parametrize("data", [b"", b"[]", b"[" * 100_000, b"\xff", b'{"release": 3}'])
def test_a_witness_that_does_not_read_is_named_and_raises_nothing(
    copy: Path, path: str, data: bytes
) -> None:
    (copy / path).write_bytes(data)
    digest = sha256_hex(data)

    def relist(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
        new = {"sha256": digest, "bytes": len(data)}
        return [each | (new if each["path"] == path else {}) for each in files]

    edit(copy, ("files",), relist)
    assert {each.path for each in verify(copy, deep=False).problems} & {path, MANIFEST}


def test_a_config_that_says_another_thing_is_named(mill: Manifest) -> None:
    config: dict[str, Any] = {
        "release": {"name": "mill", "version": "1.1.0", "seed": 0, "shards": 1},
        "redact": {"level": "balanced", "replace": {}, "recognisers": []},
        "sources": [{"name": "code"}, {"name": "qa"}],
        "license": {"policy": "permissive"},
        "optout": {"registry": "r"},
    }

    def found(told: dict[str, Any]) -> list[str]:
        build = msgspec.structs.replace(mill.build, config_sha256=canonical_sha256(told))
        sealed = msgspec.structs.replace(mill, build=build)
        assert (
            provenance_flaw(sealed, canonical_json(told), provenance(sealed, canonical_json(told)))
            is None
        )
        return list(config_flaws(sealed, canonical_json(told)))

    assert found(config) == []
    for key, value in (
        ("release", {**config["release"], "seed": 1}),
        ("redact", {**config["redact"], "replace": {"IP": "drop"}}),
        ("sources", [{"name": "code"}]),
        ("license", {"policy": "copyleft"}),
        ("license", None),
        ("optout", None),
        ("decontam", {"ngram": 13}),
        ("about", {"title": "x"}),
    ):
        assert len(found(config | {key: value})) == 1, key


def test_the_schema_and_the_reader_refuse_the_same(made: Path) -> None:
    schema = json.loads((made / SCHEMA).read_bytes())
    sound = json.loads((made / MANIFEST).read_bytes())
    jsonschema.validate(sound, schema)
    for keys, value in (
        (("content_root",), "xyz"),
        (("content_root",), "A" * 64),
        (("content_root",), "a" * 64 + "\n"),
        (("version",), "1.0"),
        (("version",), "01.0.0"),
        (("name",), "../m"),
        (("name",), "m\n"),
        (("documents",), -1),
        (("bytes_raw",), -1),
        (("schema_version",), 4),
        (("branches", 0, "root"), "x"),
        (("branches", 0, "records"), -1),
        (("files", 0, "path"), "../x"),
        (("files", 0, "path"), "a//b"),
        (("files", 0, "path"), "a/.."),
        (("files", 0, "path"), "a\nb"),
        (("files", 0, "path"), "a\n"),
        (("files", 0, "path"), "/a"),
        (("files", 0, "sha256"), ""),
        (("files", 0, "bytes"), -1),
        (("inputs", 0, "path"), ""),
        (("inputs", 0, "bytes"), -1),
        (("registries", 0, "head"), "0"),
        (("sources", 0, "splits"), {"dev": 1}),
        (("stages", 0, "dropped"), {"x": -1}),
        (("build", "shards"), 0),
        (("build", "seed"), -1),
        (("redact", "key"), "k"),
    ):
        told = json.loads(json.dumps(sound))
        place = told
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(told, schema)
        spelled = json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        with pytest.raises(ValueError, match=r"\$|later"):
            decode(spelled.encode())


def test_the_edits_are_canonical(copy: Path) -> None:
    edit(copy, ("notes",), ["x"])
    data = (copy / MANIFEST).read_bytes()
    assert (copy / SUMS).read_text() == checksums_text(decode(data), data)
