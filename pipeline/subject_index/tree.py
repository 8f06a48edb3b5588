"""The records of a release as the leaves of its Merkle tree, floor by floor: a proof is looked up, not made.

`order.u32` are the rows in the order of (address, folder), which is that of the branches, one behind
the other; `prefix.u64` are the first 8 bytes of their addresses. `floors.bin` holds, for each branch,
the hashes (32 bytes) of its leaves, then of the nodes above them, up to the root; see
manifests/merkle.py.
"""

from __future__ import annotations

from bisect import bisect_left
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from manifests import merkle
from manifests.check_proof import FORMAT
from manifests.content import Branch, branch_leaves
from manifests.proof import BranchOf, Leaf, Proof
from pipeline.subject_index.postings import map_array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

ORDER: Final = "order.u32"
PREFIX: Final = "prefix.u64"
FLOORS: Final = "floors.bin"
FILES: Final = (ORDER, PREFIX, FLOORS)
_HASH: Final = 32


class Record(NamedTuple):
    """What a leaf says of a record: its address, the SHA-256 of its line, `data/<source>/<split>`."""

    address: bytes
    line_sha256: bytes
    folder: str


def write_tree(
    folder: Path, addresses: bytes, folders: NDArray[np.uint32], leaves: bytes, sizes: Sequence[int]
) -> list[Branch]:
    """Write the tree of all rows and return its branches.

    `addresses` and `leaves` are 32 bytes a row; `folders` numbers the folders in their order;
    `sizes` says how many records each branch has.
    """
    words = np.frombuffer(addresses, ">u8").reshape(-1, 4)
    order = np.lexsort((folders, words[:, 3], words[:, 2], words[:, 1], words[:, 0]))
    (folder / ORDER).write_bytes(order.astype("<u4").tobytes())
    (folder / PREFIX).write_bytes(words[order, 0].astype("<u8").tobytes())
    hashes = np.frombuffer(leaves, np.uint8).reshape(-1, _HASH)
    found, start = [], 0
    with (folder / FLOORS).open("wb") as file:
        for size in sizes:
            rows = hashes[order[start : start + size]]
            floor = [rows[number].tobytes() for number in range(len(rows))]
            found.append(Branch(records=len(floor), root=merkle.root(floor).hex()))
            for each in _floors(floor):
                file.write(b"".join(each))
            start += size
    return found


def _floors(floor: list[bytes]) -> Iterator[list[bytes]]:
    """Yield a floor of hashes and all above it, as `manifests.merkle.root` joins them."""
    yield floor
    while len(floor) > 1:
        pairs = zip(floor[::2], floor[1::2], strict=False)  # an odd last one is carried up
        above = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        floor = above + floor[len(above) * 2 :]
        yield floor


def _floor_sizes(size: int) -> list[int]:
    sizes = [size]
    while sizes[-1] > 1:
        sizes.append((sizes[-1] + 1) // 2)
    return sizes


class Tree:
    """The tree of a release, mapped."""

    def __init__(self, folder: Path, branches: Sequence[Branch], seed: int) -> None:
        self._order: NDArray[Any] = map_array(folder / ORDER, "<u4")
        self._prefix: NDArray[Any] = map_array(folder / PREFIX, "<u8")
        self._hashes: NDArray[Any] = map_array(folder / FLOORS, "u1").reshape(-1, _HASH)
        self._branches = branches
        self._seed = seed
        sizes = [each.records for each in branches]
        self._starts = [0, *np.cumsum(sizes).tolist()]
        self._firsts = [0, *np.cumsum([sum(_floor_sizes(size)) for size in sizes]).tolist()]
        if self._firsts[-1] != len(self._hashes) or self._starts[-1] != len(self._order):
            raise ValueError("the files of the tree do not fit the manifest")

    def prove(
        self, address: bytes, number: int, read: Callable[[int], Record]
    ) -> tuple[str, BranchOf, tuple[Leaf, ...]]:
        """Return claim, branch and leaves of a proof about the id with an address.

        `number` is its branch, `read` gives the record of a row.
        """
        begin, end = self._starts[number], self._starts[number + 1]
        word = np.uint64(int.from_bytes(address[:8], "big"))
        first = begin + int(np.searchsorted(self._prefix[begin:end], word))
        last = begin + int(np.searchsorted(self._prefix[begin:end], word, side="right"))
        # addresses that begin alike are told apart by the records themselves: next to never
        near = {at: read(int(self._order[at])) for at in range(first, last)}
        first += bisect_left([near[at].address for at in range(first, last)], address)
        mine = [at for at, each in near.items() if each.address == address]
        shown = mine or [at for at in (first - 1, first) if begin <= at < end]
        leaves = tuple(
            self._leaf(number, at - begin, near.get(at) or read(int(self._order[at])))
            for at in shown
        )
        return "member" if mine else "absent", self._branch(number), leaves

    def _leaf(self, number: int, index: int, record: Record) -> Leaf:
        return Leaf(
            index=index,
            address=record.address.hex(),
            line_sha256=record.line_sha256.hex(),
            folder=record.folder,
            path=tuple(self._path(number, index)),
        )

    def _branch(self, number: int) -> BranchOf:
        listed = self._branches[number]
        path = merkle.path(branch_leaves(self._branches, self._seed), number)
        return BranchOf(
            seed=self._seed,
            shards=len(self._branches),
            records=listed.records,
            root=listed.root,
            path=tuple(each.hex() for each in path),
        )

    def _path(self, number: int, index: int) -> Iterator[str]:
        """Yield the siblings from a leaf up to the root of its branch."""
        first = self._firsts[number]
        for size in _floor_sizes(self._branches[number].records):
            sibling = index ^ 1
            if sibling < size:
                yield self._hashes[first + sibling].tobytes().hex()
            first, index = first + size, index >> 1


def as_proof(release: str, content_root: str, name: str, found: tuple[Any, ...]) -> Proof:
    """Put what `Tree.prove` returned into the form that check_proof.py reads."""
    claim, branch, leaves = found
    return Proof(
        format=FORMAT,
        release=release,
        content_root=content_root,
        id=name,
        claim=claim,
        branch=branch,
        leaves=leaves,
    )
