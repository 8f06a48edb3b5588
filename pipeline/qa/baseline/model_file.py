"""A ranker as a folder: two texts of LightGBM's own, and a JSON file with all else that it takes to answer.

    ranker.json   features, rules of candidates, lexicon, calibration, versions, and what it learned from
    trees.txt     the trees that rank spans
    doubts.txt    the trees that judge whether there is an answer

The same questions, seed and versions give the same bytes. Words stand in the lexicon that five contexts or
more hold, and stems that two hold; no context, question or answer does.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from manifests.checksum import sha256_hex
from pipeline.errors import InputError
from pipeline.qa.baseline import features
from pipeline.qa.baseline.calibration import Calibration
from pipeline.qa.baseline.lexicon import DIGITS, Lexicon, Words
from pipeline.qa.baseline.ranker import MOST_SPANS, Ranker
from pipeline.qa.baseline.spans import CLASSES, LONGEST
from pipeline.qa.baseline.training import PARTS, lightgbm
from pipeline.release import whole_folder, write_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.qa.baseline.training import Trained

SCHEMA: Final = "qa-baseline/1"
_HEAD: Final = "ranker.json"
_TREES: Final = "trees.txt"
_DOUBTS: Final = "doubts.txt"

Rows = tuple[tuple[float, ...], ...]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a ranker learned from: a release by name, version and content root, or a file by name and SHA-256."""

    name: str
    version: str = ""
    content_root: str = ""
    sha256: str = ""


class Learned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a ranker was trained; `impossible` of the questions have no answer, `rows` spans went into the trees."""

    seed: int
    sources: tuple[Source, ...]
    questions: int
    held_out: int
    contexts: int
    impossible: int
    rows: int
    parts: int = PARTS


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which spans are candidates: at most so many units long, and so many of a context."""

    longest: int = LONGEST
    most: int = MOST_SPANS
    classes: int = CLASSES


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`ranker.json`."""

    schema: str
    features: tuple[str, ...]
    candidates: Rules
    learned: Learned
    versions: dict[str, str]
    files: dict[str, str]
    calibration: Calibration
    contexts: int
    words: dict[str, int]
    openings: dict[str, int]
    heads: dict[str, int]
    stems: dict[str, int]
    word_edges: Rows
    opening_classes: Rows
    head_classes: Rows
    usual_classes: tuple[float, ...]


def write_model(folder: Path, trained: Trained, seed: int, sources: tuple[Source, ...]) -> Learned:
    """Write a ranker under a name that is free; returns what is said of its training.

    Raises:
        InputError: something lies there already.
    """
    if folder.exists():
        raise InputError(f"baseline: {folder}: is there already")
    ranker = trained.ranker
    ordered = tuple(sorted(sources, key=lambda each: (each.name, each.version, each.sha256)))
    learned = Learned(seed, ordered, *trained[1:])
    texts = {_TREES: text_of(ranker.trees), _DOUBTS: text_of(ranker.doubts)}
    with whole_folder(folder) as staging:
        for name, text in texts.items():
            write_bytes(staging / name, text)
        digests = {name: sha256_hex(text) for name, text in texts.items()}
        head = _head(ranker, learned, digests)
        write_bytes(
            staging / _HEAD, msgspec.json.format(msgspec.json.encode(head), indent=0) + b"\n"
        )
    return learned


def text_of(trees: Any) -> bytes:
    """Return LightGBM's own text without the options of training, which name the number of threads."""
    text: str = trees.model_to_string()
    before, _, rest = text.partition("\nparameters:\n")
    return (before + "\n" + rest.partition("end of parameters\n")[2]).encode()


def _head(ranker: Ranker, learned: Learned, digests: dict[str, str]) -> _Head:
    lexicon = ranker.lexicon
    return _Head(
        SCHEMA,
        features.NAMES,
        Rules(),
        learned,
        {name: version(name) for name in ("gristmill", "lightgbm")},
        digests,
        ranker.calibration,
        lexicon.words.contexts,
        lexicon.words.numbers,
        lexicon.words.openings,
        lexicon.words.heads,
        lexicon.words.stems,
        _rows(lexicon.edges),
        _rows(lexicon.openings),
        _rows(lexicon.heads),
        tuple(round(float(each), DIGITS) for each in lexicon.classes),
    )


def _rows(table: np.ndarray[Any, np.dtype[np.float32]]) -> Rows:
    return tuple(tuple(round(each, DIGITS) for each in row) for row in table.tolist())


def read_model(folder: Path) -> tuple[Ranker, Learned]:
    """Read a ranker.

    Raises:
        ConfigError: LightGBM is not installed.
        InputError: it does not read, is damaged, or was made by a version with other features.
    """
    package = lightgbm()
    try:
        head = msgspec.json.decode((folder / _HEAD).read_bytes(), type=_Head)
        texts = {name: (folder / name).read_bytes() for name in (_TREES, _DOUBTS)}
    except OSError as error:
        raise InputError(f"baseline: {folder}: is no ranker: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"baseline: {folder / _HEAD}: is no ranker of this version") from error
    for name, text in texts.items():
        if sha256_hex(text) != head.files.get(name):
            raise InputError(f"baseline: {folder / name}: is not what {_HEAD} says")
    if (head.schema, head.features, head.candidates) != (SCHEMA, features.NAMES, Rules()):
        raise InputError(f"baseline: {folder}: made by a version with other features: train again")
    trees, doubts = (package.Booster(model_str=text.decode()) for text in texts.values())
    return Ranker(_lexicon(head), trees, doubts, head.calibration), head.learned


def _lexicon(head: _Head) -> Lexicon:
    words = Words(head.words, head.openings, head.heads, head.stems, head.contexts)
    tables = (head.word_edges, head.opening_classes, head.head_classes, head.usual_classes)
    return Lexicon(words, *(np.array(table, np.float32) for table in tables))
