"""The fast check: the folder against manifest.json against SHA256SUMS, each file by its hash.

Three witnesses, so that one that is damaged is outvoted and no sound file is blamed for it. While
SHA256SUMS vouches for the manifest, the manifest alone decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from manifests.audit import flaws
from manifests.checksum import parse_sums, sha256_hex
from manifests.manifest import MANIFEST, SUMS, Manifest, checksums_text, decode
from manifests.sshsig import SIGNED
from pipeline.verify.tree import hashes, spelled, walk

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.verify.report import Findings
from pipeline.verify.tree import Tree


class Lists(NamedTuple):
    """The manifest, if it can be read; which files are there, whose bytes are as listed; totals.

    `sums` is SHA256SUMS as it is there and as the manifest gives it: what somebody may have signed.
    """

    manifest: Manifest | None
    present: frozenset[str]
    sound: frozenset[str]
    sums: tuple[bytes, ...]
    bytes: int


class _Claims(NamedTuple):
    """What the lists say: the hashes that a file may have, the files that must be there.

    `whole` says that no line of theirs is lost, so that what they do not name is extra.
    """

    hashes: dict[str, set[str]]
    required: set[str]
    whole: bool


def check_lists(release: Path, findings: Findings) -> Lists:
    """Hash every listed file; name each damaged, missing, extra or swapped one, and no other."""
    tree = walk(release)
    for path, problem in tree.strange.items():
        findings.add(spelled(path), problem)
    manifest_data = _read(release, MANIFEST, tree, findings)
    sums_data = _read(release, SUMS, tree, findings)
    manifest = None if manifest_data is None else _manifest(manifest_data, findings)
    sums = None if sums_data is None else _sums(sums_data, findings)
    if manifest is not None and manifest_data is not None and sums_data is not None:
        _compare(manifest, manifest_data, sums_data, findings)
    trusted = True
    if sums is not None and manifest_data is not None:
        trusted = sums.get(MANIFEST) in {None, sha256_hex(manifest_data)}
    if not trusted:
        findings.add(MANIFEST, "is not the file that SHA256SUMS lists")
    claims = _claims(manifest, sums, trusted=trusted, whole=not findings.names(SUMS))
    sound, total = _check_files(release, tree, claims, findings)
    given = None
    if manifest is not None and manifest_data is not None:
        given = checksums_text(manifest, manifest_data).encode()
    signed = tuple(each for each in (sums_data, given) if each is not None)
    return Lists(manifest, frozenset(tree.files), frozenset(sound), signed, total)


def _read(release: Path, name: str, tree: Tree, findings: Findings) -> bytes | None:
    """Read one of the two lists; a missing or unreadable one is a problem."""
    if name not in tree.files:
        if name not in tree.strange:
            findings.add(name, "is missing")
        return None
    try:
        return (release / name).read_bytes()
    except OSError as error:
        findings.add(name, f"cannot be read: {error.strerror}")
        return None


def _manifest(data: bytes, findings: Findings) -> Manifest | None:
    """Read the manifest; one that contradicts itself is a problem and is returned all the same."""
    try:
        manifest = decode(data)
    except ValueError as error:
        findings.add(MANIFEST, f"cannot be read: {error}")
        return None
    for flaw in flaws(manifest):
        findings.add(MANIFEST, flaw)
    return manifest


def _sums(data: bytes, findings: Findings) -> dict[str, str]:
    """Read SHA256SUMS as far as its lines parse."""
    sums, bad = parse_sums(data.decode("utf-8", "surrogateescape"))
    for line in bad:
        findings.add(SUMS, f"line {line} is no checksum line, or repeats one")
    return sums


def _compare(manifest: Manifest, data: bytes, sums: bytes, findings: Findings) -> None:
    """Hold SHA256SUMS against what the manifest gives, byte for byte."""
    if sums != checksums_text(manifest, data).encode() and not findings.names(SUMS):
        findings.add(SUMS, "is not what manifest.json gives")


def _claims(
    manifest: Manifest | None, sums: dict[str, str] | None, *, trusted: bool, whole: bool
) -> _Claims | None:
    """Unite the lists; while one is in doubt, a file is sound if it is what either says."""
    lists = [] if manifest is None else [{file.path: file.sha256 for file in manifest.files}]
    if sums is not None and (manifest is None or not trusted):
        lists.append({path: digest for path, digest in sums.items() if path != MANIFEST})
    if not lists:
        return None
    allowed: dict[str, set[str]] = {}
    for each in lists:
        for path, digest in each.items():
            allowed.setdefault(path, set()).add(digest)
    required = set.intersection(*(set(each) for each in lists))
    return _Claims(allowed, required, whole or manifest is not None)


def _check_files(
    release: Path, tree: Tree, claims: _Claims | None, findings: Findings
) -> tuple[set[str], int]:
    """Name what is extra, missing or damaged; returns the sound paths and the bytes hashed."""
    if claims is None:
        return set(), 0
    payload = [path for path in tree.files if path not in {MANIFEST, SUMS, SIGNED}]
    if claims.whole:
        _name_extra(payload, tree.empty, claims, findings)
    for path in claims.required - set(tree.files) - tree.strange.keys():
        findings.add(spelled(path), "is missing")
    known = {digest for own in claims.hashes.values() for digest in own}
    sound: set[str] = set()
    total = 0
    for path, digest, size in hashes(release, [path for path in payload if path in claims.hashes]):
        total += size
        if digest in claims.hashes[path]:
            sound.add(path)
        elif digest in known:  # which one is not said: the report names damaged files and no other
            findings.add(path, "holds the content of another file")
        else:
            findings.add(path, "does not match its checksum" if digest else "cannot be read")
    return sound, total


def _name_extra(payload: list[str], empty: list[str], claims: _Claims, findings: Findings) -> None:
    """Name files and folders that no list knows; a folder whose files are missing is none of them."""
    for path in payload:
        if path not in claims.hashes:
            findings.add(spelled(path), "is not listed in the release")
    for folder in empty:
        if not any(path.startswith(folder) for path in claims.hashes):
            findings.add(spelled(folder), "is an empty folder, in which nothing is listed")
