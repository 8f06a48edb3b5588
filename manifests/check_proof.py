#!/usr/bin/env python3
"""Check that a document is, or is not, in a release: `python3 check_proof.py PROOF.json --root CONTENT_ROOT`.

Standard library only, so that it can be read in one sitting and run anywhere; every release carries
a copy. The root comes from a manifest.json that you trust (`--manifest`), or is quoted by its 64 hex
digits (`--root`). With `--record FILE` the proof must be of that very line. Exit code 0: it holds.

The tree is that of RFC 9162, section 2.1: SHA-256 of 0x00 and an entry is a leaf, of 0x01 and two
nodes a node. The records whose addresses fall into one shard number are the entries of a branch, in
the order of (address, folder): address (32 bytes), SHA-256 of the line without its newline (32),
folder (`data/<source>/<split>`, UTF-8). The branches are the entries of the root: seed, number of
shards, shard number, number of records (8 bytes each, big-endian), root of the branch (32).
"""

from __future__ import annotations

import argparse
import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

FORMAT = "gristmill-proof-1"
EMPTY = sha256(b"").digest()


class ProofError(ValueError):
    """The proof does not show what it claims; the message says where it breaks off."""


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
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise ProofError(f"this is no proof ({type(error).__name__})") from None


def _check(proof: dict[str, Any], root: str) -> str:
    if proof["format"] != FORMAT or proof["claim"] not in {"member", "absent"}:
        raise ProofError("the proof is of an unknown kind")
    branch, leaves = proof["branch"], proof["leaves"]
    seed, shards, records = branch["seed"], branch["shards"], branch["records"]
    if shards < 1 or shards & (shards - 1) or shards > 1 << 32:
        raise ProofError("the number of shards is no power of two")
    address = address_of(seed, proof["id"])
    number = shard_of(address, shards)
    entry = branch_entry(seed, shards, number, records, bytes.fromhex(branch["root"]))
    if climb(leaf(entry), number, shards, _path(branch)).hex() != root:
        raise ProofError("the branch is not one of this content root")
    for each in leaves:
        if climb(leaf(_entry(each)), each["index"], records, _path(each)).hex() != branch["root"]:
            raise ProofError("a leaf is not one of its branch")
    found = [bytes.fromhex(each["address"]) for each in leaves]
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
    return [bytes.fromhex(each) for each in part["path"]]


def _entry(each: dict[str, Any]) -> bytes:
    address, line = bytes.fromhex(each["address"]), bytes.fromhex(each["line_sha256"])
    if len(address) != 32 or len(line) != 32:  # noqa: PLR2004  the length of a SHA-256
        raise ProofError("a hash is not 32 bytes long")
    return record_entry(address, line, each["folder"])


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
    root = options.root or json.loads(options.manifest.read_text("utf-8"))["content_root"]
    try:
        proof = json.loads(options.proof.read_text("utf-8"))
        claim = check(proof, root)
        if options.record is not None:
            line = options.record.read_bytes().rstrip(b"\n")
            if claim != "member" or all(
                sha256(line).hexdigest() != each["line_sha256"] for each in proof["leaves"]
            ):
                raise ProofError("it is not of this record")
    except ValueError as error:
        print(f"NOT PROVED: {error}")
        return 1
    where = ", ".join(each["folder"] for each in proof["leaves"])
    print(
        f"proved: {proof['id']} is "
        + (f"in {where}" if claim == "member" else "not in the release")
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
