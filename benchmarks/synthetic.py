"""Synthetic documents, made by workers: what benchmarks/scale.py sends through the stages of a run."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import orjson

from pipeline.dedup import SignatureSpec
from pipeline.stages.part_writer import PartWriter, Passed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.engine.task import Context
    from pipeline.engine.work import Record

KINDS = ("mixed", "copies", "near-copies", "header", "dense")
WORDS = np.array([f"w{number:x}" for number in range(1 << 16)])
GROUP = 10
BLOCK = 4096
GAMMA = np.uint64(0x9E3779B97F4A7C15)


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """Documents `first` up to `end` of a corpus of `total`."""

    kind: str
    first: int
    end: int
    total: int
    signature: SignatureSpec


def mix(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finalise like splitmix64: numbers of documents and places become words."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def draw(numbers: NDArray[np.int64], count: int, salt: int) -> NDArray[np.uint64]:
    """Return uint64[n, count] of words: those of document `n` depend on `n` and `salt` alone."""
    seeds = mix((numbers.astype(np.uint64) + np.uint64(salt << 40)) * GAMMA)
    places = np.arange(1, count + 1, dtype=np.uint64) * GAMMA
    return mix(seeds[:, None] + places) & np.uint64(len(WORDS) - 1)


def mixed(numbers: NDArray[np.int64], total: int) -> list[str]:
    """Make documents of 60 words in groups of ten; members 7 to 9 are made from another group."""
    groups, member = numbers // GROUP, numbers % GROUP
    other = (groups * 7919 + 13) % (total // GROUP)
    origin = np.where(member < 7, numbers, other * GROUP + (member - 7))
    words = draw(origin, 60, 1)
    one, two = member == 7, member == 8
    words[one, 30] ^= np.uint64(1)  # another word, whichever it was
    words[two, 20] ^= np.uint64(1)
    words[two, 40] ^= np.uint64(1)
    headers = draw(groups % 200, 30, 4)
    headed = (groups % 20 == 0) & (member == 3)
    return [
        " ".join(WORDS[np.concatenate([header, each]) if with_header else each])
        for each, header, with_header in zip(words, headers, headed.tolist(), strict=True)
    ]


def texts_of(kind: str, numbers: NDArray[np.int64], total: int) -> list[str]:
    """Make some documents of a corpus."""
    if kind == "mixed":
        return mixed(numbers, total)
    if kind in {"header", "dense"}:
        own = 80 if kind == "header" else 30
        near = numbers % 20 == 19
        words = draw(np.where(near, (numbers * 7919 + 20) % total // 20 * 20, numbers), own, 5)
        words[near, own // 2] ^= np.uint64(1)
        header = " ".join(WORDS[draw(np.zeros(1, np.int64), 170, 7)[0]])
        return [f"{header} {' '.join(WORDS[each])}" for each in words]
    text = " ".join(WORDS[draw(np.zeros(1, np.int64), 200, 8)[0]])
    if kind == "copies":
        return [text] * len(numbers)
    return [f"{text} own{number}" for number in numbers.tolist()]


def expected(kind: str, total: int) -> dict[str, int]:
    """Say how many documents go, by stage."""
    groups = total // GROUP
    if kind == "mixed":
        return {"exact": groups, "near": groups, "keep": total - 2 * groups}
    if kind in {"header", "dense"}:
        bases = np.arange(19, total, 20) * 7919 + 20
        return {"near": len(bases), "keep": total - len(bases)}
    return {"exact" if kind == "copies" else "near": total - 1, "keep": 1}


def make(spec: Made, context: Context) -> Record:
    """Write a part as the screen does, of documents that are made here."""
    part = PartWriter(context.out, spec.signature)
    for first in range(spec.first, spec.end, BLOCK):
        numbers = np.arange(first, min(first + BLOCK, spec.end))
        texts = texts_of(spec.kind, numbers, spec.total)
        part.write(
            [document(*each, spec.first) for each in zip(numbers.tolist(), texts, strict=True)], []
        )
    return part.close() | {"read": spec.end - spec.first, "text_bytes": 0}


def document(number: int, text: str, first: int) -> Passed:
    """Make what a screen passes on."""
    return Passed(
        row=number - first,
        id=f"d{number}",
        text=text,
        content=sha256(text.encode()).digest(),
        raw=b"",
        rank=0,
        line=orjson.dumps({"text": text}) + b"\n",
        bucket=0,
        tie=b"%d" % number,
    )
