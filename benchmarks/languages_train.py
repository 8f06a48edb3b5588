"""Train the classifier that settles ties: `python benchmarks/languages_train.py --work DIR`.

It needs scikit-learn beside gristmill, and DIR/sample.jsonl of `languages_sample.py`, of which it
reads the part `train` alone. Every file gives up to four pieces of 4,096 bytes. What is written to
filters/_tables/language_model.bin is one row of whole numbers a language; the same sample and the same
version of scikit-learn give the same bytes.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import zstandard
from languages_sample import Sample, read_sample
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from filters._language_model import BUCKETS, READ, Head, features
from filters._language_table import tables

_OUT: Final = Path(__file__).parents[1] / "filters/_tables/language_model.bin"
_PIECES: Final = 4
_ENOUGH: Final = 6  # pieces without which a language is left out
_MOST: Final = 240  # pieces of one language
_STRENGTH: Final = 20.0  # inverse of the penalty


def contested() -> frozenset[str]:
    """List the languages between which the classifier may be asked."""
    known = tables()
    asked = [each for each, rules in known.rules.items() if not rules.certain]
    return frozenset(name for each in asked for name in known.extensions[each])


def pieces(rows: list[Sample]) -> list[tuple[str, bytes]]:
    """Cut the training files; files whose label leaves it open are not used."""
    wanted = contested()
    taken: Counter[str] = Counter()
    found = []
    for place in range(_PIECES):
        for row in rows:
            if row.part != "train" or len(row.labels) > 1 or row.labels[0] not in wanted:
                continue
            data = row.text.encode()[place * READ : (place + 1) * READ]
            if (place == 0 or len(data) >= READ // 4) and taken[row.labels[0]] < _MOST:
                taken[row.labels[0]] += 1
                found.append((row.labels[0], data))
    return [each for each in found if taken[each[0]] >= _ENOUGH]


def train(found: list[tuple[str, bytes]]) -> tuple[tuple[str, ...], Any]:
    """Fit one multinomial model; rows of unit length, so that long pieces do not weigh more."""
    hashed = [features(data) for _, data in found]
    ends = np.cumsum([0, *(len(each) for each in hashed)])
    values = np.concatenate([np.full(len(each), len(each) ** -0.5) for each in hashed if len(each)])
    matrix = csr_matrix((values, np.concatenate(hashed), ends), shape=(len(found), BUCKETS))
    model = LogisticRegression(C=_STRENGTH, max_iter=300, class_weight="balanced")
    model.fit(matrix, [language for language, _ in found])
    return tuple(str(each) for each in model.classes_), model.coef_


def main() -> None:
    """Train, shorten to whole numbers and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    found = pieces(read_sample(parser.parse_args().work / "sample.jsonl"))
    languages, weights = train(found)
    scale = float(np.abs(weights).max()) / 127
    rows = np.round(weights / scale).astype(np.int8)
    head = msgspec.json.encode(Head(languages, (scale,) * len(languages)))
    plain = len(head).to_bytes(4) + head + rows.tobytes()
    _OUT.write_bytes(zstandard.ZstdCompressor(level=19).compress(plain))
    print(f"{len(found)} pieces, {len(languages)} languages, {_OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
