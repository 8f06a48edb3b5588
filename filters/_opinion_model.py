"""py3langid's model in a tenth of the memory: as trie and failure links, and weights where they differ.

The package holds the automaton with every transition spelled out and every weight of every label, 75 MB and
half as much again while it is read. Of the transitions all but one a state follow from the others (Aho &
Corasick 1975), and four in five weights are what a label has for every n-gram that it never met.
"""

from __future__ import annotations

import lzma
import zipfile
from collections import deque
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from filters.jit import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PARTS: Final = 512  # of a weight; all are multiples of one, being of half precision and above 2
_SIGNS: Final = 256
_CHUNK: Final = 1024  # features that are read at a time
_LEAST: Final = -1 << 13  # weights in parts are between this and 0
_AUTOMATON: Final = (np.int32, np.uint8, np.int32, np.int32, np.int32)
_WEIGHTS: Final = (np.int64, np.int32, np.uint8, np.int16)
_DTYPES: Final = (*_AUTOMATON, *_WEIGHTS, np.float32)


class Automaton(NamedTuple):
    """A trie with failure links (Aho & Corasick 1975).

    State `s` goes on with the bytes `signs[edges[s]:edges[s + 1]]` to the `targets` beside them, else
    as `fails[s]` does; its feature is `features[s]`, or -1.
    """

    edges: npt.NDArray[np.int32]
    signs: npt.NDArray[np.uint8]
    targets: npt.NDArray[np.int32]
    fails: npt.NDArray[np.int32]
    features: npt.NDArray[np.int32]


class Weights(NamedTuple):
    """In parts: `common` is what a label has for most features.

    Feature `f` differs by `differences[places[f]:places[f + 1]]` for the `labels` beside them.
    """

    common: npt.NDArray[np.int64]
    places: npt.NDArray[np.int32]
    labels: npt.NDArray[np.uint8]
    differences: npt.NDArray[np.int16]


class Model(NamedTuple):
    """`priors` are natural logarithms, `classes` the labels of the columns, some of them twice.

    All arrays are read-only, which kernels take for a type of its own.
    """

    automaton: Automaton
    weights: Weights
    priors: npt.NDArray[np.float32]
    classes: list[str]


def read_model() -> Model:
    """Read the model of the installed package, one large array after the other, in the order in which they lie."""
    packed = files("py3langid").joinpath("data/model.npz.xz")
    with packed.open("rb") as file, lzma.open(file) as stream, zipfile.ZipFile(stream) as archive:
        weights = _weights(_array(archive, "ptc"))
        priors, classes = _array(archive, "pc"), _array(archive, "classes").tolist()
        moves, rows = _array(archive, "nextmove"), _array(archive, "nextmove_row")
        automaton = _automaton(moves.reshape(-1, _SIGNS), rows, _array(archive, "out_feat"))
    return _model((*automaton, *weights, priors), classes)


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """The bytes of all arrays of a model, in the order of its fields."""

    arrays: tuple[memoryview, ...]
    classes: list[str]


def dump(model: Model) -> bytes:
    """Write a model down, in the byte order of this machine."""
    arrays = (*model.automaton, *model.weights, model.priors)
    kept = _Kept(tuple(memoryview(each.tobytes()) for each in arrays), model.classes)
    return msgspec.msgpack.encode(kept)


def load(data: bytes | memoryview) -> Model:
    """Read what `dump` wrote; raises `ValueError` for what it did not write."""
    kept = msgspec.msgpack.decode(data, type=_Kept)
    if len(kept.arrays) != len(_DTYPES):
        raise ValueError(f"{len(kept.arrays)} arrays, not {len(_DTYPES)}")
    arrays = map(np.frombuffer, kept.arrays, _DTYPES)
    return _model(arrays, kept.classes)


def _model(arrays: Iterable[npt.NDArray[Any]], classes: list[str]) -> Model:
    parts: list[Any] = [frozen(*each) for each in zip(arrays, _DTYPES, strict=True)]
    cut = len(Automaton._fields)
    return Model(Automaton(*parts[:cut]), Weights(*parts[cut:-1]), parts[-1], classes)


def _array(archive: zipfile.ZipFile, name: str) -> npt.NDArray[Any]:
    with archive.open(f"{name}.npy") as file:
        found: npt.NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    return found


def _automaton(
    moves: npt.NDArray[Any], rows: npt.NDArray[Any], features: npt.NDArray[Any]
) -> Automaton:
    """Find the trie within the transitions: from nearest to farthest, what was met by none before is a child."""
    fails, is_met = np.zeros(len(rows), np.int32), np.zeros(len(rows), np.bool_)
    is_met[0] = True
    children: dict[int, tuple[npt.NDArray[Any], npt.NDArray[Any]]] = {}
    waiting, done = deque([0]), set[int]()
    while waiting:
        state = waiting.popleft()
        if rows[state] in done:  # who goes on as one before has no children
            continue
        done.add(int(rows[state]))
        signs = np.flatnonzero(~is_met[moves[rows[state]]])
        if len(signs):
            targets = moves[rows[state], signs]
            is_met[targets] = True
            children[state] = signs.astype(np.uint8), targets
            if state:
                fails[targets] = moves[rows[fails[state]], signs]
            waiting.extend(targets.tolist())
    return _arranged(children, fails, features.astype(np.int32))


def _arranged(
    children: dict[int, tuple[npt.NDArray[Any], npt.NDArray[Any]]],
    fails: npt.NDArray[np.int32],
    features: npt.NDArray[np.int32],
) -> Automaton:
    counts = np.zeros(len(fails) + 1, np.int32)
    for state, (signs, _) in children.items():
        counts[state + 1] = len(signs)
    ordered = [children[state] for state in sorted(children)]
    return Automaton(
        np.cumsum(counts, dtype=np.int32),
        np.concatenate([signs for signs, _ in ordered]),
        np.concatenate([targets for _, targets in ordered]).astype(np.int32),
        fails,
        features,
    )


def _weights(logarithms: npt.NDArray[Any]) -> Weights:
    """Tell what is common of every column, and then what differs from it."""
    width = logarithms.shape[1]
    tally = np.zeros(width * -_LEAST, np.int64)
    columns = np.arange(width) * -_LEAST
    for parts in _parts(logarithms):
        tally += np.bincount((parts - _LEAST + columns).ravel(), minlength=len(tally))
    common = tally.reshape(-1, -_LEAST).argmax(axis=1) + _LEAST
    counts, labels, differences = [np.zeros(1, np.int64)], [], []
    for parts in _parts(logarithms):
        differs = parts != common
        counts.append(differs.sum(axis=1))
        labels.append(np.nonzero(differs)[1].astype(np.uint8))
        differences.append((parts - common)[differs].astype(np.int16))
    places = np.cumsum(np.concatenate(counts)).astype(np.int32)
    return Weights(common, places, np.concatenate(labels), np.concatenate(differences))


def _parts(logarithms: npt.NDArray[Any]) -> Iterator[npt.NDArray[np.int64]]:
    """Yield the weights in parts, some features at a time."""
    for at in range(0, len(logarithms), _CHUNK):
        yield (logarithms[at : at + _CHUNK].astype(np.float32) * PARTS).astype(np.int64)
