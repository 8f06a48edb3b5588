"""The manifest, its audit, records and cards by example."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml  # type: ignore[import-untyped]  # no stubs installed; used to read a card back

from manifests import (
    audit,
    changelog,
    checksum,
    content,
    diff,
    manifest,
    record,
    version,
)
from manifests.metadata import cards, frontmatter

SHARD = "data/web/train-00000-of-00002.jsonl.zst"

BRANCHES = (content.Branch(records=3, root="c" * 64), content.Branch(records=0, root="e" * 64))


def shard(path: str = SHARD, **changes: Any) -> manifest.File:
    plain = manifest.File(
        path=path,
        sha256="a" * 64,
        bytes=10,
        raw_bytes=100,
        records=3,
        merkle_root="c" * 64,
    )
    return msgspec.structs.replace(plain, **changes)


def sound(files: tuple[manifest.File, ...] | None = None) -> manifest.Manifest:
    if files is None:
        files = (manifest.File(path="README.md", sha256="d" * 64, bytes=1), shard())
    return manifest.Manifest(
        schema_version=manifest.SCHEMA_VERSION,
        name="tiny",
        version="1.2.3",
        change="initial",
        content_root=content.content_root(BRANCHES, 0),
        branches=BRANCHES,
        documents=3,
        questions=0,
        bytes_raw=100,
        build=manifest.Build(
            code_sha256="0" * 64,
            config_sha256="0" * 64,
            libzstd="1.5.7",
            packages={"b": "1", "a": "2"},
            seed=0,
            shards=2,
        ),
        inputs=(manifest.Input(source="web", path="a", sha256="1" * 64, bytes=1, records=5),),
        registries=(manifest.Registry(head="2" * 64, requests=1),),
        license={"policy": "permissive"},
        optout={"head": "2" * 64},
        redact=manifest.Redact(level="balanced", counts={"email": 2}),
        stages=(manifest.Stage(stage="license", entered=5, left=3, dropped={"policy|x": 2}),),
        sources=(
            manifest.Source(
                name="web",
                kind="document",
                read=5,
                kept=3,
                bytes=100,
                splits={"train": 3, "test": 0},
                licenses={"MIT": 2, "Apache-2.0": 1},
            ),
        ),
        quarantined={},
        notes=(),
        files=files,
    )


def but(**changes: Any) -> manifest.Manifest:
    return msgspec.structs.replace(sound(), **changes)


def test_a_sound_manifest_has_no_flaw_and_survives_its_spelling() -> None:
    assert audit.flaws(sound()) == []
    data = manifest.encode(sound())
    assert manifest.decode(data) == sound()
    assert manifest.encode(manifest.decode(data)) == data
    assert data.endswith(b"}\n")
    assert b'"parent"' not in data
    assert list(msgspec.json.decode(data)) == sorted(msgspec.json.decode(data))


def test_a_stage_spells_its_numbers_in_and_out() -> None:
    stage = msgspec.json.decode(manifest.encode(sound()))["stages"][0]
    assert stage == {"stage": "license", "in": 5, "out": 3, "dropped": {"policy|x": 2}}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"name": "tiny"', b'"name":  "tiny"'),
        (b'"name": "tiny"', b'"name": "t\\u0069ny"'),
        (b'"name": "tiny"', b'"name": null'),
        (b'"name": "tiny"', b'"more": 1,\n  "name": "tiny"'),
        (b'"name": "tiny"', b'"name": "tiny",\n  "name": "tiny"'),
        (b'"optout": {', b'"optout": ["some"], "optout": {'),
        (b'"change": "initial"', b'"change": "huge"'),
        (b'"bytes": 1,', b'"bytes": 1.5,'),
    ],
)
def test_another_spelling_is_refused(old: bytes, new: bytes) -> None:
    data = manifest.encode(sound())
    assert old in data
    with pytest.raises(ValueError, match=r"."):
        manifest.decode(data.replace(old, new, 1))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (but(schema_version=1), "schema_version is 1"),
        (but(version="1.2"), "not a semantic version"),
        (but(parent=manifest.Parent(version="x", content_root="")), "not a semantic version"),
        (but(documents=4), "documents is 4, the files hold 3"),
        (but(questions=1), "questions is 1"),
        (but(bytes_raw=99), "bytes_raw is 99"),
        (but(content_root="0" * 64), "content_root"),
        (but(branches=BRANCHES[:1]), "branches: 1 for 2 shards"),
        (but(branches=(BRANCHES[0], content.Branch(records=1, root="e" * 64))), "as many records"),
        (but(branches=(content.Branch(records=3, root="x"), BRANCHES[1])), "no SHA-256"),
        (but(inputs=()), "read is not what its inputs hold"),
        (but(sources=()), "data/web has files and no entry"),
        (but(files=(*sound().files[::-1],)), "files are not in order"),
        (but(files=(sound().files[1],) * 2), "files are not in order"),
        (sound((shard(records=0),)), "or is empty"),
        (sound((shard(raw_bytes=None),)), "lacks what describes a shard"),
        (sound((shard("data/web/train.jsonl.zst"),)), "is no name of a shard"),
        (sound((shard("data/web/dev-00000-of-00002.jsonl.zst"),)), "is no name of a shard"),
        (sound((shard("data/web/train-00002-of-00002.jsonl.zst"),)), "is no name of a shard"),
        (sound((shard("data/web/train-000000-of-00002.jsonl.zst"),)), "is no name of a shard"),
        (sound((shard("data/web/train-00000-of-00004.jsonl.zst"),)), "is not one of 2 shards"),
        (sound((shard(sha256="x"),)), "no SHA-256"),
        (sound((shard(bytes=-1),)), "negative size"),
        *(
            (sound((manifest.File(path=path, sha256="d" * 64, bytes=1),)), path[:1])
            for path in ("/etc", "../x", "a//b", "a/./b", "", "a\\b", "a\nb", "manifest.json")
        ),
    ],
)
def test_a_manifest_that_contradicts_itself_says_so(changed: manifest.Manifest, says: str) -> None:
    found = audit.flaws(changed)
    assert found
    assert says in "".join(found)


@pytest.mark.parametrize(("shards", "seed"), [(3, 0), (0, 0), (2, -1), (2, 1 << 64)])
def test_an_impossible_layout_is_a_flaw(shards: int, seed: int) -> None:
    build = msgspec.structs.replace(sound().build, shards=shards, seed=seed)
    assert any(flaw.startswith("build: ") for flaw in audit.flaws(but(build=build)))


def test_a_stage_that_loses_a_record_is_a_flaw() -> None:
    stage = manifest.Stage(stage="license", entered=5, left=3, dropped={"policy": 1})
    assert audit.flaws(but(stages=(stage,))) == ["stages: license: in is not out + dropped"]


def test_sums_list_the_manifest_and_every_file() -> None:
    data = manifest.encode(sound())
    lines = manifest.checksums_text(sound(), data).splitlines()
    assert [line[66:] for line in lines] == ["README.md", SHARD, "manifest.json"]
    assert lines[2][:64] == checksum.sha256_hex(data)


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        record.encode(record.Tombstone(id="\ud800", removed_in="", reason="", request=""))
    assert checksum.path_flaw("a/\ud800") == "is not UTF-8"


@pytest.mark.parametrize("text", ["1.2", "01.2.3", "1.2.3-", "1.2.3+tag", "1.2.3-01", "v1.2.3", ""])
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(ValueError, match="semantic version"):
        version.parse(text)


def test_precedence_is_that_of_the_specification() -> None:
    rising = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"]
    rising += ["1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1"]
    keys = [version.precedence(version.parse(text)) for text in rising]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_a_survivor_that_comes_back_after_an_opt_out_is_no_addition() -> None:
    found = diff.Difference(added=(("", "c"),), removed=(("", "a"),))
    left, back = {("", "a")}, {("", "c")}
    assert version.change_of(found, opted_out=left, re_elected=back) == "removal"
    assert version.change_of(found, opted_out=left) == "minor"
    assert version.change_of(found) == "major"


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [("1.2.3", "1.2.4", "minor"), ("1.2.3", "1.9.9", "major"), ("1.2.3", "1.2.3-rc.1", "patch")],
)
def test_a_smaller_bump_is_refused(old: str, new: str, change: diff.Change) -> None:
    with pytest.raises(ValueError, match="too small a step"):
        version.check(old, new, change)


@pytest.mark.parametrize(
    ("records", "name"),
    [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**9, "1B<n<10B"), (10**12, "n>1T")],
)
def test_size_categories(records: int, name: str) -> None:
    assert frontmatter.size_category(records) == name


def head_of(card: str) -> Any:
    return yaml.safe_load(card.split("---\n")[1])


def test_the_card_leads_readers_to_shards_and_schema() -> None:
    card = cards.dataset_card(sound())
    head = head_of(card)
    assert head["license"] == ["apache-2.0", "mit"]
    assert [config["config_name"] for config in head["configs"]] == ["default", "web"]
    assert head["configs"][1]["data_files"] == [
        {"split": "train", "path": "data/web/train-*.jsonl.zst"}
    ]
    info = head["dataset_info"][0]
    names = [feature["name"] for feature in info["features"]]
    assert tuple(names) == record.Record.__struct_fields__
    inner = [feature["name"] for feature in info["features"][-1]["struct"]]
    assert tuple(inner) == record.Meta.__struct_fields__
    assert info["splits"] == [{"name": "train", "num_bytes": 100, "num_examples": 3}]
    assert "| license | `policy\\|x` | 2 |" in card
    assert "zstdcat data/*/*.jsonl.zst | jq" in card


def test_the_card_of_questions_alone_has_their_schema() -> None:
    path = "qa/on/train-00000-of-00001.jsonl.zst"
    source = msgspec.structs.replace(
        sound().sources[0], name="on", kind="question", licenses={"LicenseRef-x": 3}
    )
    made = msgspec.structs.replace(
        sound((shard(path),)), documents=0, questions=3, sources=(source,)
    )
    card = cards.dataset_card(made)
    head = head_of(card)
    assert (head["license"], head["license_link"]) == ("other", "LICENSES.md")
    assert [info["config_name"] for info in head["dataset_info"]] == ["qa-on"]
    names = [feature["name"] for feature in head["dataset_info"][0]["features"]]
    assert tuple(names) == record.Question.__struct_fields__
    assert 'load_dataset(os.getcwd(), "qa-on", split="train")' in card


def test_an_empty_release_has_a_card() -> None:
    made = msgspec.structs.replace(sound(()), documents=0, bytes_raw=0, sources=(), notes=("x",))
    head = head_of(cards.dataset_card(made))
    assert "configs" not in head


@pytest.mark.parametrize("name", ["default", "qa-x", "no", "1.10", "2020-01-01"])
def test_no_source_name_confuses_the_head(name: str) -> None:
    source = msgspec.structs.replace(sound().sources[0], name=name)
    path = f"data/{name}/train-00000-of-00002.jsonl.zst"
    made = msgspec.structs.replace(sound((shard(path),)), sources=(source,))
    names = [config["config_name"] for config in head_of(cards.dataset_card(made))["configs"]]
    assert len(set(names)) == 2
    assert all(isinstance(each, str) for each in names)
    assert names[1].endswith(name)


def test_the_schema_takes_the_manifest_and_nothing_else() -> None:
    described = json.loads(manifest.manifest_schema())
    told = json.loads(manifest.encode(sound()))
    jsonschema.validate(told, described)
    for wrong in (
        told | {"documents": "3"},
        told | {"more": 1},
        {key: value for key, value in told.items() if key != "files"},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, described)


def test_a_changelog_has_a_section_for_each_release_newest_first() -> None:
    first = diff.Step(version="1.2.3", content_root="0" * 64, change="initial")
    child = diff.Step(
        version="1.2.4",
        content_root="1" * 64,
        change="removal",
        parent="1.2.3",
        sources=(diff.SourceChange(source="web", removed=2),),
        reasons={"optout:repo": 2},
    )
    text = changelog.changelog("tiny", (child, first))
    assert text.count("# Changelog of tiny") == 1
    assert text.index("## 1.2.4") < text.index("## 1.2.3")
    assert "| source | added | removed | changed |" in text
    assert "| web | 0 | 2 | 0 |" in text
    assert "| `optout:repo` | 2 |" in text
    assert changelog.parse_steps(changelog.steps_json((child, first))) == (child, first)
