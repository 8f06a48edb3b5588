"""provenance.json: what a release was made of and how, as an in-toto Statement with SLSA provenance.

A function of the manifest and the resolved config alone: no clock, no host. Formats: in-toto
attestation framework, Statement v1 and ResourceDescriptor v1 (github.com/in-toto/attestation);
SLSA build provenance v1 (slsa.dev/provenance/v1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manifests.manifest import Input, Manifest, Plugin

PROVENANCE: Final = "provenance.json"
STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "https://slsa.dev/provenance/v1"
BUILD_TYPE: Final = "urn:gristmill:build:release:1"
"""Names how a release is built and what its parameters mean; docs/metadata.md explains it."""
BUILDER: Final = "urn:gristmill:builder:unattested:1"
"""Names who vouches for the build: nobody beyond the publisher, who may sign the release."""

_PLAIN_PACKAGE: Final = "gristmill-"  # parts of our own among the packages, on no package index


def provenance(manifest: Manifest, config: bytes) -> bytes:
    """Return provenance.json for all files of `manifest` but itself; `config` is config/config.json.

    A manifest that lists provenance.json already gives the same bytes as one that does not yet. Raises
    `ValueError` for a config that is no JSON.
    """
    told = {
        "_type": STATEMENT,
        "subject": [
            {"name": file.path, "digest": {"sha256": file.sha256}}
            for file in manifest.files
            if file.path != PROVENANCE
        ],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": _definition(manifest, msgspec.json.decode(config)),
            "runDetails": _details(manifest),
        },
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


def _definition(manifest: Manifest, config: Any) -> dict[str, Any]:
    """Say what went in; `externalParameters` is what a person chose, all of it."""
    return {
        "buildType": BUILD_TYPE,
        "externalParameters": {
            "config": config,
            "configSha256": manifest.build.config_sha256,
        },
        "resolvedDependencies": list(_dependencies(manifest)),
    }


def _dependencies(manifest: Manifest) -> Iterator[dict[str, Any]]:
    """Name the inputs, what they were held against, the releases before this one, packages and plug-ins."""
    yield from map(_input, manifest.inputs)
    if manifest.decontam is not None:
        for protected in manifest.decontam.sets:
            for digest in protected.files:
                note = {"role": "protected evaluation set"}
                yield {"name": protected.name, "digest": {"sha256": digest}, "annotations": note}
    for registry in manifest.registries:
        yield {
            "name": "opt-out registry",
            "digest": {"gristmillRegistryHead": registry.head},
            "annotations": {"requests": registry.requests},
        }
    if manifest.parent is not None:
        yield _release("parent", manifest.name, *_place(manifest.parent))
    for other in manifest.against:
        yield _release("against", other.name, *_place(other))
    for name, version in sorted(manifest.build.packages.items()):
        if not name.startswith(_PLAIN_PACKAGE):
            yield {"name": name, "uri": purl(name, version)}
    yield from map(_plugin, manifest.build.plugins)


def _plugin(each: Plugin) -> dict[str, Any]:
    """Describe a plug-in; one of no package has no address."""
    described: dict[str, Any] = {"name": each.distribution or each.name}
    if each.distribution:
        described["uri"] = purl(each.distribution, each.version)
    return described | {
        "digest": {"gristmillCode": each.sha256},
        "annotations": {"role": each.kind, "called": each.name},
    }


def _input(each: Input) -> dict[str, Any]:
    """Describe an input file; its path is from the config's folder, or an URL."""
    described: dict[str, Any] = {"name": each.path}
    if "://" in each.path:
        described["uri"] = each.path
    return described | {
        "digest": {"sha256": each.sha256},
        "annotations": {"source": each.source, "bytes": each.bytes, "records": each.records},
    }


def _place(release: Any) -> tuple[str, str]:
    return release.version, release.content_root


def _release(role: str, name: str, version: str, content_root: str) -> dict[str, Any]:
    return {
        "name": f"{name}-{version}",
        "digest": {"gristmillContentRoot": content_root},
        "annotations": {"role": role},
    }


def _details(manifest: Manifest) -> dict[str, Any]:
    """Say what built it: the code, Python and libzstd; and the identity that outlives the files' bytes."""
    build = manifest.build
    own = {
        name: version
        for name, version in sorted(build.packages.items())
        if name.startswith(_PLAIN_PACKAGE)
    }
    return {
        "builder": {
            "id": BUILDER,
            "version": {"python": build.python, "libzstd": build.libzstd} | own,
            "builderDependencies": [
                {"name": "gristmill", "digest": {"gristmillCode": build.code_sha256}}
            ],
        },
        "byproducts": [
            {
                "name": f"{manifest.name}-{manifest.version}",
                "digest": {"gristmillContentRoot": manifest.content_root},
                "annotations": {"documents": manifest.documents, "questions": manifest.questions},
            }
        ],
    }


def purl(name: str, version: str) -> str:
    """Spell a package of PyPI as a package URL: name in lower case, `-` for `_` (purl-spec, type pypi)."""
    return f"pkg:pypi/{quote(name.lower().replace('_', '-'), safe='')}@{quote(version, safe='')}"
