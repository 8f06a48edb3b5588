#!/usr/bin/env python3
"""Check that a document is, or is not, in a release: `python3 check_proof.py PROOF.json --root CONTENT_ROOT`.

Standard library only, so that it can be read in one sitting and run anywhere; every release carries
a copy. The root comes from a manifest.json that you trust (`--manifest`), or is quoted by its 64 hex
digits (`--root`). With `--record FILE` the proof must be of that very line. Exit code 0: it holds;
1: it does not; 2: a file or the root cannot be read as what it should be. All digits are in lower
case. What the proof says of the release (`release`) is checked where `--manifest` is given.

The tree is that of RFC 9162, section 2.1: SHA-256 of 0x00 and an entry is a leaf, of 0x01 and two
nodes a node. The records whose addresses fall into one shard number are the entries of a branch, in
the order of (address, folder): address (32 bytes), SHA-256 of the line without its newline (32),
folder (`data/<source>/<split>`, UTF-8). The branches are the entries of the root: seed, number of
shards, shard number, number of records (8 bytes each, big-endian), root of the branch (32).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

FORMAT = "gristmill-proof-1"
EMPTY = sha256(b"").digest()
HASH = re.compile("[0-9a-f]{64}")


class ProofError(ValueError):
    """The proof does not show what it claims; the message says where it breaks off."""


class InputError(Exception):
    """A file, or the root, cannot be read as what it should be."""


def leaf(entry: bytes) -> bytes:
    """Return the leaf hash of an entry (32 bytes)."""
    return sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node (32 bytes)."""
    return sha256(b"\x01" + left + right).digest()


def address_of(seed: int, name: str) -> bytes:
    """Return the address of an id: SHA-256 of the seed (8 bytes, big-endian) and the id's UTF-8."""
    return sha256(seed.to_bytes(8, "big") + name.encode()).digest()


def shard_of(address: bytes, shards: int) -> int:
    """Return the shard number of an address: its top bits; `shards` is a power of two up to 2^32."""
    return int.from_bytes(address[:4], "big") * shards >> 32


def record_entry(address: bytes, line_sha256: bytes, folder: str) -> bytes:
    """Spell the entry of a record."""
    return address + line_sha256 + folder.encode()


def branch_entry(seed: int, shards: int, number: int, records: int, root: bytes) -> bytes:
    """Spell the entry of a branch."""
    return b"".join(each.to_bytes(8, "big") for each in (seed, shards, number, records)) + root


def climb(hashed: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root that a leaf hash leads to (RFC 9162, section 2.1.3.2).

    Raises:
        ProofError: `index` is not below `size`, or the path is too short or too long.
    """
    if not 0 <= index < size:
        raise ProofError("there is no such leaf in a tree of that size")
    last = size - 1
    for sibling in path:
        if last == 0:
            raise ProofError("the path is too long")
        if index % 2 or index == last:
            hashed = node(sibling, hashed)
            while not index % 2:  # a last node without a neighbour was carried up
                index, last = index >> 1, last >> 1
        else:
            hashed = node(hashed, sibling)
        index, last = index >> 1, last >> 1
    if last:
        raise ProofError("the path is too short")
    return hashed


def check(proof: dict[str, Any], root: str) -> str:
    """Check a proof against a content root in hex; return `"member"` or `"absent"`.

    Raises:
        ProofError: it does not hold, or is no proof at all.
    """
    try:
        return _check(proof, root)
    except ProofError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, IndexError) as error:
        raise ProofError(f"this is no proof ({type(error).__name__})") from None


def _check(proof: dict[str, Any], root: str) -> str:
    if proof["format"] != FORMAT or proof["claim"] not in {"member", "absent"}:
        raise ProofError("the proof is of an unknown kind")
    if not isinstance(proof["release"], str) or proof["content_root"] != root:
        raise ProofError("it is a proof for another content root")
    branch, leaves = proof["branch"], proof["leaves"]
    seed, shards, records = branch["seed"], branch["shards"], branch["records"]
    if shards < 1 or shards & (shards - 1) or shards > 1 << 32:
        raise ProofError("the number of shards is no power of two")
    address = address_of(seed, proof["id"])
    number = shard_of(address, shards)
    entry = branch_entry(seed, shards, number, records, _hash(branch["root"]))
    if climb(leaf(entry), number, shards, _path(branch)).hex() != root:
        raise ProofError("the branch is not one of this content root")
    for each in leaves:
        if climb(leaf(_entry(each)), each["index"], records, _path(each)).hex() != branch["root"]:
            raise ProofError("a leaf is not one of its branch")
    found = [_hash(each["address"]) for each in leaves]
    if proof["claim"] == "member":
        _check_member(address, found)
    else:
        _check_absent(address, found, [each["index"] for each in leaves], records, branch["root"])
    return str(proof["claim"])


def _check_member(address: bytes, found: list[bytes]) -> None:
    if not found or any(each != address for each in found):
        raise ProofError("the leaf is not that of this id")


def _check_absent(
    address: bytes, found: list[bytes], indexes: list[int], records: int, root: str
) -> None:
    """Require that the neighbours of an absent id stand next to each other, or one at an end of the branch."""
    if records == 0:
        if found or root != EMPTY.hex():
            raise ProofError("the branch is not empty")
        return
    left = [i for i, each in zip(indexes, found) if each < address]  # noqa: B905  runs on any Python 3
    right = [i for i, each in zip(indexes, found) if each > address]  # noqa: B905  likewise
    if len(left) + len(right) != len(found) or len(left) > 1 or len(right) > 1:
        raise ProofError("the leaves do not stand on both sides of the id")
    before, behind = (left or [-1])[0], (right or [records])[0]
    if behind - before != 1:
        raise ProofError("the leaves are no neighbours")


def _path(part: dict[str, Any]) -> list[bytes]:
    return [_hash(each) for each in part["path"]]


def _entry(each: dict[str, Any]) -> bytes:
    return record_entry(_hash(each["address"]), _hash(each["line_sha256"]), each["folder"])


def _hash(digits: str) -> bytes:
    """Read a SHA-256 in its one spelling: what is equal must look equal."""
    if HASH.fullmatch(digits) is None:
        raise ProofError("a hash is not 64 hex digits in lower case")
    return bytes.fromhex(digits)


def _read(path: Path, what: str) -> dict[str, Any]:
    """Read a JSON object; raises `InputError` for anything else."""
    try:
        read = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{what}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise InputError(f"{what}: it is no JSON") from None
    if not isinstance(read, dict):
        raise InputError(f"{what}: it is no JSON object")
    return read


def _trusted(options: argparse.Namespace) -> tuple[str, str | None]:
    """Return the content root to check against, and the release's name and version where a manifest is given."""
    if options.manifest is None:
        root, release = options.root, None
    else:
        manifest = _read(options.manifest, "the manifest")
        root = manifest.get("content_root")
        release = f"{manifest.get('name')}-{manifest.get('version')}"
    if not isinstance(root, str) or HASH.fullmatch(root) is None:
        raise InputError("the content root: it is not 64 hex digits in lower case")
    return root, release


def _line(path: Path) -> bytes:
    try:
        return path.read_bytes().rstrip(b"\n")
    except OSError as error:
        raise InputError(f"the record: {error.strerror}") from None


def _judge(options: argparse.Namespace) -> str:
    """Check everything that is asked; return what was proved, in words."""
    root, release = _trusted(options)
    proof = _read(options.proof, "the proof")
    claim = check(proof, root)
    if release is not None and proof.get("release") != release:
        raise ProofError("it says that it is for another release")
    if options.record is not None:
        line = sha256(_line(options.record)).hexdigest()
        if claim != "member" or all(line != each["line_sha256"] for each in proof["leaves"]):
            raise ProofError("it is not of this record")
    where = ", ".join(each["folder"] for each in proof["leaves"])
    told = f"{proof['id']} is " + (f"in {where}" if claim == "member" else "not in the release")
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in told)


def main() -> int:
    """Check the proof that the command line names."""
    parser = argparse.ArgumentParser(
        description="Check a proof that a document is, or is not, in a release."
    )
    parser.add_argument("proof", type=Path)
    trusted = parser.add_mutually_exclusive_group(required=True)
    trusted.add_argument("--root", help="content_root, 64 hex digits")
    trusted.add_argument("--manifest", type=Path, help="a manifest.json that you trust")
    parser.add_argument("--record", type=Path, help="a file that holds the document's line")
    options = parser.parse_args()
    try:
        print(f"proved: {_judge(options)}")
    except ProofError as error:
        print(f"NOT PROVED: {error}")
        return 1
    except InputError as error:
        print(f"check_proof: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
