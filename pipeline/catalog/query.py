"""What is asked of a release: values of the index's columns, sizes, a share, a pattern; rows that fit, in order."""

from __future__ import annotations

import fnmatch
import re
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manifests.addressing import address
from pipeline.catalog.places import texts
from pipeline.errors import ConfigError
from pipeline.release import DOCUMENTS
from pipeline.tables import suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

Kind = Literal["document", "question", "any"]
CLASS: Final = "license_class"
COLUMNS: Final = (
    *("source", "license", CLASS, "language", "natural_language", "split", "repo", "path"),
    *("id", "family", "sha256", "shard"),
)
"""What may be asked for by value: the index's columns of words, and the class of a licence."""

_GLOB: Final = re.compile(r"[*?\[]")
_ADDRESS_BITS: Final = 256


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A question to a release; every part that is given narrows it.

    `where` is column -> values or globs, of which one must fit, `without` those of which none may.
    `min_bytes` and `max_bytes` are those of the line. `fraction` keeps that share of the address
    space, the lowest; `sample` the so many lowest addresses of what fits all else. `pattern` is
    looked for in the text, or in the context and the question, in the syntax of RE2.
    """

    where: dict[str, tuple[str, ...]] = {}
    without: dict[str, tuple[str, ...]] = {}
    kind: Kind = "any"
    min_bytes: int = 0
    max_bytes: int | None = None
    fraction: str = "1"
    pattern: str = ""
    sample: int | None = None

    @property
    def columns(self) -> list[str]:
        """The index's columns that are needed to answer."""
        asked = {"license" if name == CLASS else name for name in (*self.where, *self.without)}
        needed = asked | {"id", "shard", "length"}
        return [name for name in DOCUMENTS.names if name in needed]

    @property
    def share(self) -> Fraction:
        """`fraction` as a number."""
        return Fraction(self.fraction)


def check_query(query: Query) -> None:
    """Check what types cannot say.

    Raises:
        ConfigError: a column is unknown, a glob is none, a licence class is unknown, or the fraction is no share.
    """
    for name in (*query.where, *query.without):
        check_column(name)
    for asked in (query.where, query.without):
        for value in asked.get(CLASS, ()):
            _check_class(value)
        for name, values in asked.items():
            for value in values:
                _check_glob(name, value)
    try:
        sound = 0 < query.share <= 1
    except (ValueError, ZeroDivisionError):
        sound = False
    if not sound:
        raise ConfigError(f"query: {query.fraction!r} is no share: write it as 0.01 or 1/128")


def check_column(name: str) -> None:
    """Check that a column can be asked for.

    Raises:
        ConfigError: it cannot.
    """
    if name not in COLUMNS:
        raise ConfigError(f"query: {name!r} is no column{suggestion(name, COLUMNS)}")


def _check_class(value: str) -> None:
    from filters.licenses.facts import LICENSE_CLASSES  # noqa: PLC0415  licences load only for who asks

    if _GLOB.search(value) is None and value not in LICENSE_CLASSES:
        known = suggestion(value, LICENSE_CLASSES)
        raise ConfigError(f"query: {value!r} is no class of licences{known}")


def _check_glob(name: str, value: str) -> None:
    try:
        _fits(pa.array([""]), value)
    except pa.ArrowInvalid as error:
        raise ConfigError(f"query: --{name}: {value!r} is no glob") from error


def select(table: pa.Table, query: Query, seed: int) -> NDArray[np.bool_]:
    """Say of each index row whether it fits; the pattern and the sample are left to those who read."""
    mask = np.ones(table.num_rows, np.bool_)
    lengths = table["length"].to_numpy()
    mask &= lengths >= query.min_bytes
    if query.max_bytes is not None:
        mask &= lengths <= query.max_bytes
    for name, values in query.where.items():
        mask &= any_of(table, name, values)
    for name, values in query.without.items():
        mask &= ~any_of(table, name, values)
    return _within(table, mask, query.share, seed)


def any_of(table: pa.Table, name: str, values: tuple[str, ...]) -> NDArray[np.bool_]:
    """Say of each row whether its value in a column is one of these, or fits one that is a glob."""
    if name == CLASS:
        return _each(table["license"], lambda words: _any_fits(_classes(words), values))
    return _each(table[name], lambda words: _any_fits(words, values))


def classes_of(column: pa.ChunkedArray[Any]) -> pa.Array[Any]:
    """Return the class of each licence of a column."""
    return _classes(column.cast(pa.string()).combine_chunks())


def _any_fits(words: pa.Array[Any], values: tuple[str, ...]) -> NDArray[np.bool_]:
    found = np.zeros(len(words), np.bool_)
    for value in values:
        found |= _fits(words, value)
    return found


def _each(
    column: pa.ChunkedArray[Any], judge: Callable[[pa.Array[Any]], NDArray[np.bool_]]
) -> NDArray[np.bool_]:
    """Judge a column's words, each once where it comes with a dictionary."""
    parts = [np.zeros(0, np.bool_)]
    for chunk in column.chunks:
        if isinstance(chunk, pa.DictionaryArray):
            parts.append(judge(chunk.dictionary)[chunk.indices.to_numpy()])
        else:
            parts.append(judge(chunk))
    return np.concatenate(parts)


def _fits(words: pa.Array[Any], value: str) -> NDArray[np.bool_]:
    """Match the value as it stands, and what looks like a glob as a glob too: an id may hold its characters."""
    same = pc.equal(words, pa.scalar(value))
    if _GLOB.search(value) is not None:
        same = pc.or_(same, pc.match_substring_regex(words, f"^{_portable(value)}"))
    return np.asarray(same.to_numpy(zero_copy_only=False), np.bool_)


def _portable(glob: str) -> str:
    """Spell a glob as RE2 knows it; Python's `fnmatch` adds what RE2 does not."""
    translated = fnmatch.translate(glob).replace("(?>", "(?:")
    return re.sub(r"\\Z$|\\z$", r"\\z", translated)


def _classes(words: pa.Array[Any]) -> pa.Array[Any]:
    return pa.array([_class_of(word) for word in words.to_pylist()], pa.string())


@lru_cache(maxsize=1 << 14)
def _class_of(license_: str) -> str:
    from filters.licenses.spdx import classify  # noqa: PLC0415  licences load only for who asks

    return classify(license_)


def _within(
    table: pa.Table, mask: NDArray[np.bool_], share: Fraction, seed: int
) -> NDArray[np.bool_]:
    """Keep of the rows marked those whose address lies in the lowest share of all."""
    if share == 1:
        return mask
    limit = int(share * (1 << _ADDRESS_BITS))
    ids = texts(table["id"].filter(pa.array(mask)))
    low = [int.from_bytes(address(seed, name), "big") < limit for name in ids]
    kept = mask.copy()
    kept[mask] = np.fromiter(low, np.bool_, len(low))
    return kept


def nearest(query: Query, known: Mapping[str, set[str]]) -> list[str]:
    """Name the values that nothing in the release has, each with what may have been meant."""
    said = []
    for name, values in query.where.items():
        for value in values:
            words: set[str] = known.get(name, {value})
            if value not in words and _GLOB.search(value) is None:
                said.append(f"nothing has the {name} {value!r}{suggestion(value, words)}")
    return said


def question_row(shard: str, frame: int, offset: int, line: bytes) -> dict[str, Any]:
    """Describe a question as the index describes a document; what it does not have is empty."""
    read = msgspec.json.decode(line, type=_Question)
    return {
        "id": read.id,
        "source": read.source,
        "split": shard.rsplit("/", 1)[1].partition("-")[0],
        "shard": shard,
        "frame": frame,
        "offset": offset,
        "length": len(line),
        "sha256": read.context_sha256,
        "license": read.license,
        "language": read.language,
        "natural_language": "",
        "repo": "",
        "path": "",
        "family": read.group,
    }


class _Question(msgspec.Struct, frozen=True):
    """What of a question is told as a row."""

    id: str
    source: str
    license: str
    language: str
    context_sha256: str
    group: str
