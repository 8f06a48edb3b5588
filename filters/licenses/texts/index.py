"""The index that licence texts are found by: trigrams of words, and where they stand in the templates."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from filters.licenses.texts.match_kernels import fill, look_up, trigrams
from filters.licenses.texts.words import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from filters.licenses.texts.templates import Template

_LOAD: Final = 2  # slots for each key
_NAMES: Final = tuple[tuple[str, ...], ...]
# what reading something else than an archive of arrays ends with, beside `ValueError`
_DAMAGED: Final = (
    OSError, EOFError, KeyError, RuntimeError, struct.error, zipfile.BadZipFile, zlib.error,
    msgspec.DecodeError,
)  # fmt: skip
# Spellings that the SPDX annex calls equal, and what the texts' package wrote for them.
_EQUAL: Final = {
    "acknowledgment": "acknowledgement", "analog": "analogue", "analyze": "analyse",
    "artifact": "artefact", "authorization": "authorisation", "authorized": "authorised",
    "caliber": "calibre", "canceled": "cancelled", "catalog": "catalogue", "categorize": "categorise",
    "center": "centre", "emphasized": "emphasised", "favor": "favour", "favorite": "favourite",
    "fulfill": "fulfil", "fulfillment": "fulfilment", "initialize": "initialise",
    "judgement": "judgment", "labeling": "labelling", "labor": "labour", "license": "licence",
    "licenses": "licences", "licensed": "licenced", "maximize": "maximise", "modeled": "modelled",
    "modeling": "modelling", "offense": "offence", "optimize": "optimise",
    "organization": "organisation", "organize": "organise", "practice": "practise",
    "program": "programme", "realize": "realise", "recognize": "recognise",
    "signaling": "signalling", "utilization": "utilisation", "while": "whilst",
    "willful": "wilful", "holder": "owner", "holders": "owners", "programr": "programmer",
    "holdership": "ownership",
}  # fmt: skip


class TextIndex(NamedTuple):
    """Arrays alone, so that it is stored and mapped as it is.

    `word_keys`/`word_ids` and `gram_keys`/`gram_ids` are open-addressing tables; trigram `g` stands
    at `places[starts[g]:starts[g + 1]]` among the words of all templates; `begins` says where each
    template's words start, `owner` whose word each is.
    """

    names: tuple[tuple[str, ...], ...]
    word_keys: NDArray[np.uint64]
    word_ids: NDArray[np.int32]
    gram_keys: NDArray[np.uint64]
    gram_ids: NDArray[np.int32]
    starts: NDArray[np.int64]
    places: NDArray[np.int32]
    begins: NDArray[np.int64]
    owner: NDArray[np.int32]
    words: NDArray[np.int32]
    optional: NDArray[np.bool_]
    gaps: NDArray[np.int16]


def build(templates: list[Template]) -> TextIndex:
    """Index the templates."""
    hashes = np.concatenate([each.hashes for each in templates])
    vocabulary = np.unique(hashes)
    ids = np.searchsorted(vocabulary, hashes).astype(np.int32)
    ids, vocabulary, known = _folded(ids, vocabulary)
    word_keys, word_ids = _table(vocabulary)
    word_ids[word_ids >= 0] = known[word_ids[word_ids >= 0]]
    begins = np.cumsum([0, *(len(each.hashes) for each in templates)], dtype=np.int64)
    keys = np.concatenate([_grams(ids[first:end]) for first, end in pairwise(begins)])
    places = np.argsort(keys, kind="stable")
    places = places[keys[places] != 0]
    distinct, first = np.unique(keys[places], return_index=True)
    gram_keys, gram_ids = _table(distinct)
    return TextIndex(
        names=tuple(each.ids for each in templates),
        word_keys=word_keys,
        word_ids=word_ids,
        gram_keys=gram_keys,
        gram_ids=gram_ids,
        starts=np.append(first, len(places)).astype(np.int64),
        places=places.astype(np.int32),
        begins=begins,
        owner=np.repeat(np.arange(len(templates), dtype=np.int32), np.diff(begins)),
        words=ids,
        optional=np.concatenate([each.optional for each in templates]),
        gaps=np.concatenate([each.gaps for each in templates]),
    )


def _folded(
    ids: NDArray[np.int32], vocabulary: NDArray[np.uint64]
) -> tuple[NDArray[np.int32], NDArray[np.uint64], NDArray[np.int32]]:
    """Give spellings that are equal one id; the vocabulary gains those that no template has."""
    both = [words(f"{one} {other}").hashes for one, other in _EQUAL.items()]
    wider = np.unique(np.concatenate([vocabulary, *both]))
    known = np.arange(len(wider), dtype=np.int32)
    for one, other in both:
        known[np.searchsorted(wider, other)] = np.searchsorted(wider, one)
    moved = known[np.searchsorted(wider, vocabulary)]
    return moved[ids], wider, known


def _grams(ids: NDArray[np.int32]) -> NDArray[np.uint64]:
    keys = np.empty(len(ids), np.uint64)
    trigrams(ids, keys)
    return keys


def _table(keys: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    size = 1 << (len(keys) * _LOAD).bit_length()
    slots, values = np.zeros(size, np.uint64), np.full(size, -1, np.int32)
    fill(slots, values, keys)
    return slots, values


def word_ids(found: TextIndex, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
    """Give each word of a text its id, -1 where no template has it."""
    ids = np.empty(len(hashes), np.int32)
    look_up(found.word_keys, found.word_ids, hashes, ids)
    return ids


def gram_ids(found: TextIndex, ids: NDArray[np.int32]) -> NDArray[np.int32]:
    """Give each place of a text the id of the trigram that starts there, -1 where there is none."""
    grams = np.empty(len(ids), np.int32)
    look_up(found.gram_keys, found.gram_ids, _grams(ids), grams)
    return grams


def dump(found: TextIndex) -> bytes:
    """Write the index down."""
    file = io.BytesIO()
    names = np.frombuffer(msgspec.json.encode(found.names), np.uint8)
    np.savez(file, **{**found._asdict(), "names": names})
    return file.getvalue()


def load(data: bytes) -> TextIndex:
    """Read what `dump` wrote; raises `ValueError` where it is something else."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            columns = {name: arrays[name] for name in TextIndex._fields}
        names = msgspec.json.decode(columns.pop("names").tobytes(), type=_NAMES)
    except _DAMAGED as error:
        raise ValueError("no index of licence texts") from error
    return TextIndex(names=names, **columns)


def fingerprint(found: TextIndex) -> str:
    """Return a digest of the index: of the templates and of how texts are compared."""
    digest = hashlib.sha256(msgspec.json.encode(found.names))
    for column in found[1:]:
        digest.update(np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()
