"""What `gristmill export` gives is valid by the official schemas, and follows from the release alone."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from manifests.about import About
from manifests.checksum import sha256_hex
from manifests.manifest import File, Manifest, checksums_text, encode
from manifests.metadata.cyclonedx import SPEC_VERSION, cyclonedx
from manifests.metadata.provenance import PROVENANCE
from manifests.metadata.spdx3 import NO_TIME, spdx3
from manifests.metadata.stated import all_of, is_expression
from pipeline.cli import export as command
from pipeline.cli.app import main
from pipeline.errors import ConfigError, IntegrityError
from pipeline.export import HELD, HELD_JSON, MADE, export


@pytest.fixture(params=["nothing said", "all said"])
def told(request: pytest.FixtureRequest, mill: Manifest, about: About) -> Manifest:
    said = about if request.param == "all said" else None
    return msgspec.structs.replace(mill, about=said)


def components(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Every component, however deep."""
    found = []
    waiting = [told["metadata"]["component"]]
    while waiting:
        found.append(waiting.pop())
        waiting += found[-1].get("components", [])
    return found


def graph(manifest: Manifest) -> list[dict[str, Any]]:
    elements: list[dict[str, Any]] = json.loads(spdx3(manifest))["@graph"]
    return elements


def of_type(manifest: Manifest, kind: str) -> list[dict[str, Any]]:
    return [each for each in graph(manifest) if each["type"] == kind]


def test_cyclonedx_passes_its_strict_schema(told: Manifest) -> None:
    pytest.importorskip("cyclonedx")
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    validator = JsonStrictValidator(SchemaVersion.from_version(SPEC_VERSION))
    made = cyclonedx(told).decode()
    assert validator.validate_str(made) is None
    assert validator.validate_str(made.replace('"SHA-256"', '"SHA-257"')) is not None


def test_cyclonedx_gives_the_hash_of_every_file(told: Manifest) -> None:
    listed = {
        each["name"]: each["hashes"][0]["content"]
        for each in components(json.loads(cyclonedx(told)))
        if each["type"] == "file"
    }
    sums = checksums_text(told, encode(told))
    expected = {file.path: file.sha256 for file in told.files}
    expected["manifest.json"] = sha256_hex(encode(told))
    expected["SHA256SUMS"] = sha256_hex(sums.encode())
    assert listed == expected
    whole = json.loads(cyclonedx(told))["metadata"]["component"]
    assert whole["hashes"] == [{"alg": "SHA-256", "content": expected["SHA256SUMS"]}]


def test_cyclonedx_hangs_licences_and_shards_under_their_source(told: Manifest) -> None:
    found = {each["bom-ref"]: each for each in components(json.loads(cyclonedx(told)))}
    code = found["source:code"]
    assert [each["name"] for each in code["components"]] == [
        file.path for file in told.files if file.path.startswith("data/code/")
    ]
    assert {"license": {"name": "NOASSERTION", "acknowledgement": "concluded"}} in code["licenses"]
    expression = {"expression": "MIT OR Apache-2.0", "acknowledgement": "concluded"}
    assert expression in code["licenses"]


def test_cyclonedx_names_people_as_people(mill: Manifest, about: About) -> None:
    whole = json.loads(cyclonedx(msgspec.structs.replace(mill, about=about)))["metadata"]
    governance = whole["component"]["data"][0]["governance"]
    assert governance["stewards"] == [
        {"contact": {"name": "Miller, Ann"}},
        {"organization": {"name": "Mill Works"}},
    ]
    assert whole["timestamp"] == "2026-11-20T00:00:00Z"
    assert whole["component"]["pedigree"]["ancestors"][0]["version"] == "1.0.0"


def test_no_day_of_publication_no_time(mill: Manifest) -> None:
    assert "timestamp" not in json.loads(cyclonedx(mill))["metadata"]
    (creation,) = of_type(mill, "CreationInfo")
    assert creation["created"] == NO_TIME
    assert "not stated" in creation["comment"]
    assert "releaseTime" not in of_type(mill, "dataset_DatasetPackage")[0]


@pytest.mark.parametrize(("key", "value"), [("version", "1.1.1"), ("content_root", "ab" * 32)])
def test_another_release_is_another_document(mill: Manifest, key: str, value: str) -> None:
    other = msgspec.structs.replace(mill, **{key: value})
    serials = [json.loads(cyclonedx(each))["serialNumber"] for each in (mill, mill, other)]
    assert serials[0] == serials[1] != serials[2]
    assert serials[0].removeprefix("urn:uuid:")[14] == "5"
    assert graph(mill)[-1]["spdxId"] != graph(other)[-1]["spdxId"]


def test_spdx_passes_the_official_model(told: Manifest) -> None:
    model = pytest.importorskip("spdx_python_model").v3_0_1
    read = model.SHACLObjectSet()
    model.JSONLDDeserializer().read(io.BytesIO(spdx3(told)), read)
    model.JSONLDSerializer().write(read, io.BytesIO())
    (package,) = read.foreach_type(model.dataset_DatasetPackage)
    assert package.dataset_datasetSize == told.bytes_raw
    assert package.software_packageVersion == told.version
    (document,) = read.foreach_type(model.SpdxDocument)
    elsewhere = {each.externalSpdxId for each in document.import_}
    assert read.missing_ids == elsewhere


def test_spdx_refers_to_nothing_that_is_not_there(told: Manifest) -> None:
    elements = graph(told)
    ids = {each["spdxId"] for each in elements if "spdxId" in each}
    assert len(ids) == len(elements) - 1  # CreationInfo has a blank node
    (document,) = of_type(told, "SpdxDocument")
    known = ids | {each["externalSpdxId"] for each in document["import"]}
    known.add("expandedlicensing_NoAssertionLicense")
    for each in of_type(told, "Relationship"):
        assert {each["from"], *each["to"]} <= known
    assert set(document["element"]) == ids - {document["spdxId"]}


def test_spdx_names_its_parent_as_the_parent_names_itself(mill: Manifest) -> None:
    assert mill.parent is not None
    older = msgspec.structs.replace(
        mill, version="1.0.0", content_root=mill.parent.content_root, parent=None
    )
    (own,) = of_type(older, "dataset_DatasetPackage")
    relations = {each["relationshipType"]: each for each in of_type(mill, "Relationship")}
    assert relations["ancestorOf"]["from"] == own["spdxId"]
    assert "ancestorOf" not in {each["relationshipType"] for each in of_type(older, "Relationship")}
    assert "import" not in of_type(older, "SpdxDocument")[0]


def test_spdx_hashes_every_file(told: Manifest) -> None:
    listed = {
        each["name"]: each["verifiedUsing"][0]["hashValue"]
        for each in of_type(told, "software_File")
    }
    expected = {file.path: file.sha256 for file in told.files}
    assert listed == expected | {"manifest.json": sha256_hex(encode(told))}
    contains = next(
        each for each in of_type(told, "Relationship") if each["relationshipType"] == "contains"
    )
    assert len(contains["to"]) == len(listed)


def test_spdx_has_one_concluded_and_one_declared_licence(mill: Manifest, about: About) -> None:
    said = msgspec.structs.replace(mill, about=about)
    licensed = [
        each for each in of_type(said, "Relationship") if "License" in each["relationshipType"]
    ]
    assert sorted(each["relationshipType"] for each in licensed) == [
        "hasConcludedLicense",
        "hasDeclaredLicense",
    ]
    expressions = {
        each["spdxId"].partition("#")[2]: each
        for each in of_type(said, "simplelicensing_LicenseExpression")
    }
    concluded = expressions["license-concluded"]
    assert (
        concluded["simplelicensing_licenseExpression"]
        == "CC0-1.0 AND LicenseRef-own AND (MIT OR Apache-2.0)"
    )
    (entry,) = concluded["simplelicensing_customIdToUri"]
    (text,) = of_type(said, "simplelicensing_SimpleLicensingText")
    assert (entry["key"], entry["value"]) == ("LicenseRef-own", text["spdxId"])
    incomplete = [each for each in licensed if each.get("completeness") == "incomplete"]
    assert [each["relationshipType"] for each in incomplete] == ["hasConcludedLicense"]


def test_spdx_claims_the_dataset_profile_only_when_all_it_asks_for_is_stated(
    mill: Manifest, about: About
) -> None:
    asked = {
        "originatedBy",
        "software_downloadLocation",
        "software_primaryPurpose",
        "releaseTime",
        "builtTime",
    }
    for key in ("creators", "url", "published", ""):
        gap = {} if key == "" else {key: type(getattr(about, key))()}
        said = msgspec.structs.replace(mill, about=msgspec.structs.replace(about, **gap))
        (package,) = of_type(said, "dataset_DatasetPackage")
        (document,) = of_type(said, "SpdxDocument")
        claimed = "dataset" in document["profileConformance"]
        assert claimed == (key == "") == (asked <= package.keys())


def test_spdx_leaves_out_what_nobody_said(mill: Manifest) -> None:
    (package,) = of_type(mill, "dataset_DatasetPackage")
    assert package["dataset_hasSensitivePersonalInformation"] == "noAssertion"
    assert not package.keys() & {"dataset_intendedUse", "dataset_knownBias", "originatedBy"}
    assert "" not in package.values()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MIT", True),
        ("(MIT OR GPL-2.0+) AND LicenseRef-a", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", True),
        ("see the website", False),
        ("MIT AND", False),
        ("AND", False),
        ("", False),
    ],
)
def test_an_expression_is_told_from_prose(text: str, expected: bool) -> None:
    assert is_expression(text) is expected


def test_licences_hold_all_together() -> None:
    assert all_of(["NOASSERTION"]) is None
    assert all_of([]) is None
    assert all_of(["MIT OR ISC", "NOASSERTION"]) == "MIT OR ISC"
    assert all_of(["ISC", "MIT OR 0BSD"]) == "ISC AND (MIT OR 0BSD)"


@pytest.fixture
def held(mill: Manifest, tmp_path: Path) -> Path:
    """A folder that holds every description, and a manifest that lists them."""
    root = tmp_path / "mill-1.1.0"
    files = []
    for path in sorted([*HELD.values(), *HELD_JSON.values()]):
        data = f"this is {path}\n".encode()
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
        files.append(File(path=path, sha256=sha256_hex(data), bytes=len(data)))
    (root / "manifest.json").write_bytes(encode(msgspec.structs.replace(mill, files=tuple(files))))
    return root


def test_what_lies_in_the_release_is_copied(held: Path) -> None:
    for name, path in HELD.items():
        assert export(held, name) == (held / path).read_bytes()
        assert export(held, name, machine=True) == (held / HELD_JSON.get(name, path)).read_bytes()


def test_the_command_offers_every_format() -> None:
    assert list(command.FORMATS) == sorted([*MADE, *HELD])


def test_the_command_writes_to_a_file_or_to_stdout(
    held: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    target = tmp_path / "deep/bom.json"
    assert main(["export", str(held), "--format", "cyclonedx", "--out", str(target)]) == 0
    assert main(["export", str(held), "--format", "cyclonedx"]) == 0
    assert capfdbinary.readouterr().out == target.read_bytes() == export(held, "cyclonedx")


def test_a_damaged_or_missing_file_is_not_given_out(held: Path) -> None:
    (held / PROVENANCE).write_bytes(b"forged")
    with pytest.raises(IntegrityError, match=PROVENANCE):
        export(held, "provenance")
    (held / "DATASHEET.md").unlink()
    with pytest.raises(IntegrityError, match=r"DATASHEET\.md"):
        export(held, "datasheet")
    manifest = held / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b"mill", b"moll", 1) + b"\n")
    with pytest.raises(IntegrityError, match="verify"):
        export(held, "spdx")


def test_a_release_without_the_file_says_so(held: Path, mill: Manifest) -> None:
    (held / "manifest.json").write_bytes(encode(mill))
    with pytest.raises(ConfigError, match=r"croissant\.json"):
        export(held, "croissant")
