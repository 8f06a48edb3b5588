"""Find every pair of documents at Jaccard 0.4 or more, by a second implementation that shares no code.

`python benchmarks/truth.py CORPUS --out TRUTH` reads a folder of `jsonl.zst` shards and writes
`documents.parquet` and `pairs.parquet`. Nothing is imported from what it judges, nothing is
estimated: tokens come from `str.casefold` and `unicodedata`, candidates from an inverted index
with prefix filtering, which loses no pair, and each is decided by counting its common shingles.

The specification (a text is compared as its set of 5-token shingles):

- The text is in NFC. A token is a maximal run of letters, marks, digits (categories L, M, N) and
  underscores, folded by `str.casefold`; everything else separates.
- One character of a script that is written without spaces (Han, Kana, Thai, Lao, Tibetan,
  Myanmar, Khmer and their like, symbols of category So such as radicals included) is a token each;
  a Hangul syllable too, unless `--hangul words` asks for Korean in the words that it is spaced in.
- Format characters (Cf) and variation selectors are as if not there; U+200B is Cf and separates.
- Fewer than five tokens make one shingle of all of them, which equals only one of as many tokens;
  no token, no shingle, and then nothing is like it but its equal.

A shingle is kept as a 64-bit hash of its five token numbers: among 10**8 of them one false equality
is to be expected in 3,700 corpora. Documents with one set of shingles are one class, of which the
least id speaks in `pairs`: (left, right, intersection, union), each pair once and none within a
class, where J is 1. `documents` has id, lang, script, bytes, tokens, shingles, `text_class` (equal
NFC text) and `set_class` (equal shingles; -1 for none), classes as the ordinal of their least id.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import re
import time
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SHINGLE: Final = 5
FLOOR: Final = (2, 5)  # pairs from this Jaccard on, as a ratio
_UNSPACED: Final = re.compile(
    r"CJK (?:UNIFIED|COMPATIBILITY) IDEOGRAPH|(?:CJK|KANGXI) RADICAL|HANGZHOU NUMERAL|"
    r"(?:VERTICAL )?IDEOGRAPHIC (?:ITERATION|CLOSING|NUMBER)|OLD CHINESE ITERATION|VIETNAMESE ALT|"
    r"(?:HALFWIDTH |COMBINING |VERTICAL )?(?:HIRAGANA|KATAKANA|KANA )|HENTAIGANA|BOPOMOFO|"
    r"THAI |LAO |TIBETAN |MYANMAR |KHMER |TAI |NEW TAI LUE |AHOM |TANGUT |KHITAN |NUSHU"
)
_TANGUT: Final = range(0x17000, 0x18D09)  # whose ideographs Python gives no names
_HANGUL: Final = re.compile(r"HANGUL|HALFWIDTH HANGUL")
_SELECTOR: Final = re.compile(r"(?:MONGOLIAN FREE )?VARIATION SELECTOR")

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]


class Characters(dict[int, str]):
    """What `str.translate` makes of each character: itself, itself alone, a blank or nothing."""

    def __init__(self, hangul: str = "syllables") -> None:
        super().__init__()
        self.hangul_alone = hangul == "syllables"

    def __missing__(self, code: int) -> str:
        self[code] = made = self.meaning(chr(code))
        return made

    def meaning(self, character: str) -> str:
        """Say it for one character, from its category and its name in the Unicode database."""
        category, name = unicodedata.category(character), unicodedata.name(character, "")
        if _SELECTOR.match(name) is not None:
            return ""
        if category == "Cf":
            return " " if character == "\u200b" else ""
        counts = category[0] in "LMN"
        alone = _UNSPACED.match(name) is not None
        alone |= ord(character) in _TANGUT
        alone |= self.hangul_alone and _HANGUL.match(name) is not None
        if alone and (counts or category == "So"):
            return f" {character} "
        return character if counts or character == "_" else " "


def tokens(text: str, characters: Characters) -> list[str]:
    """Return the tokens of a text, in their order."""
    return unicodedata.normalize("NFC", text).casefold().translate(characters).split()


def stirred(values: U64) -> U64:
    """Return values through the finaliser of MurmurHash3 (64 bits; a bijection)."""
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return values ^ (values >> np.uint64(33))


def shingles(numbers: U64) -> U64:
    """Return the sorted set of the shingles of a document, given its tokens' numbers."""
    width = min(SHINGLE, len(numbers))
    if width == 0:
        return np.zeros(0, np.uint64)
    places = len(numbers) - width + 1
    value = np.full(places, width, np.uint64)
    for offset in range(width):
        value = stirred(value ^ numbers[offset : offset + places]) + np.uint64(0x632BE59BD9B4E019)
    return np.unique(value)


SCRIPTS: Final = {
    "CJK": "Han",
    "HIRAGANA": "Kana",
    "KATAKANA": "Kana",
    "KATAKANA-HIRAGANA": "Kana",
    "HALFWIDTH": "Kana",
    "FULLWIDTH": "Latin",
    "MODIFIER": "",
}


class Scripts(dict[str, str]):
    """The script of each character, by the first word of its name; empty for no letter."""

    def __missing__(self, character: str) -> str:
        head = unicodedata.name(character, "").partition(" ")[0]
        letter = unicodedata.category(character)[0] == "L"
        script = SCRIPTS.get(head, head.capitalize()) if letter else ""
        if script == "Latin" and character > "\x7f":
            script = "accent"
        self[character] = script
        return script


def script_of(text: str, scripts: Scripts) -> str:
    """Name the script of a document: the commonest but Latin where it has a fifth of the letters."""
    counts: Counter[str] = Counter()
    for character, times in Counter(text).items():
        counts[scripts[character]] += times
    del counts[""]
    letters = counts.total()
    latin, accents = counts.pop("Latin", 0), counts.pop("accent", 0)
    japanese = counts["Kana"] * 10 > counts["Han"]
    counts["Japanese" if japanese else "Chinese"] = counts.pop("Kana", 0) + counts.pop("Han", 0)
    name, times = max(counts.items(), key=lambda item: (item[1], item[0]))
    if times > 0 and times * 5 >= letters:
        return name
    if latin + accents == 0:
        return "none"
    return "Latin, accented" if accents * 100 >= letters else "Latin"


class Corpus(NamedTuple):
    """The documents' table (in order of id) and, of each set class, its shingles."""

    documents: dict[str, list[Any]]
    sets: dict[int, U64]


def records(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of the shards of a folder."""
    for shard in sorted(folder.glob("**/*.jsonl.zst")):
        with zstandard.open(shard, "rb") as stream:
            for line in stream.read().splitlines():
                yield orjson.loads(line)


def read(folder: Path, hangul: str = "syllables") -> Corpus:
    """Tokenise a corpus; every document once, in memory that holds only what the table needs."""
    characters, scripts = Characters(hangul), Scripts()
    numbering: defaultdict[str, int] = defaultdict(itertools.count().__next__)
    rows: list[tuple[Any, ...]] = []
    sets: dict[bytes, U64] = {}
    for record in records(folder):
        text = unicodedata.normalize("NFC", record["text"])
        found = tokens(text, characters)
        numbers = np.fromiter((numbering[token] for token in found), np.uint64, len(found))
        members = shingles(numbers)
        key = hashlib.blake2b(members.tobytes(), digest_size=16).digest()
        sets.setdefault(key, members)
        encoded = text.encode()
        equal = hashlib.blake2b(encoded, digest_size=16).digest()
        script = script_of(text, scripts)
        facts = (script, len(encoded), len(found), len(members), equal, key)
        rows.append((record["id"], record.get("lang", ""), *facts))
    return table(rows, sets)


def table(rows: list[tuple[Any, ...]], sets: dict[bytes, U64]) -> Corpus:
    """Put the documents in order of id and number their classes by their first document."""
    rows.sort(key=lambda row: row[0])
    names = ("id", "lang", "script", "bytes", "tokens", "shingles", "text_class", "set_class")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    keys = columns["set_class"]
    columns["text_class"] = classes(columns["text_class"])
    numbers = classes(keys)
    bare = [count == 0 for count in columns["shingles"]]
    columns["set_class"] = [
        -1 if none else number for number, none in zip(numbers, bare, strict=True)
    ]
    by_number = {number: sets[key] for number, key in zip(numbers, keys, strict=True)}
    return Corpus(columns, {number: each for number, each in by_number.items() if len(each) > 0})


def classes(keys: Sequence[bytes]) -> list[int]:
    """Return for each row the first row with its key."""
    first: dict[bytes, int] = {}
    return [first.setdefault(key, row) for row, key in enumerate(keys)]


class Index(NamedTuple):
    """Sets in order of size, their members labelled from rare to common, and what holds a label.

    `members` holds the labels of set i, ascending, from `starts[i]` to `starts[i + 1]`; `holders`
    those sets, ascending, whose index prefix has label j, from `offsets[j]` to `offsets[j + 1]`.
    """

    numbers: I64
    sizes: I64
    members: I32
    starts: I64
    holders: I32
    offsets: I64


def labelled(flat: U64) -> tuple[I32, I64]:
    """Return a number for each value, the rarest first, and how often each number occurs."""
    _, inverse, counts = np.unique(flat, return_inverse=True, return_counts=True)
    order = np.argsort(counts, kind="stable")
    label = np.empty(len(counts), np.int32)
    label[order] = np.arange(len(counts), dtype=np.int32)
    return label[inverse], counts[order]


def indexed(sets: dict[int, U64]) -> Index:
    """Build the index of all sets, each of which has a member."""
    numbers = sorted(sets, key=lambda number: (len(sets[number]), number))
    sizes = np.array([len(sets[number]) for number in numbers], np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    members, counts = labelled(np.concatenate([sets[number] for number in numbers]))
    for start, stop in itertools.pairwise(starts.tolist()):
        members[start:stop].sort()
    p, q = FLOOR
    # A partner that is no smaller shares at least 2p/(p+q) of the set: see `candidates`.
    prefix = sizes - -(-2 * p * sizes // (p + q)) + 1
    place = np.arange(len(members)) - np.repeat(starts[:-1], sizes)
    inside = (place < np.repeat(prefix, sizes)) & (counts[members] > 1)
    owner = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)[inside]
    held = members[inside]
    holders = owner[np.argsort(held, kind="stable")]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(held, minlength=len(counts)))])
    return Index(np.array(numbers, np.int64), sizes, members, starts, holders, offsets)


def joined(parts: Iterable[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Concatenate arrays, which may be none."""
    return np.concatenate([np.zeros(0, np.int32), *parts])


def candidates(index: Index, row: int) -> I32:
    """Return the rows before `row` whose set might reach FLOOR with its own: every one that does.

    With |y| <= |x| and J >= p/q the intersection is at least p|x|/q and at least 2p|y|/(p+q).
    Where two sets have n members in common, the first of these in any one order lies among the
    first |x| - n + 1 of x and the first |y| - n + 1 of y (Chaudhuri et al. 2006; Xiao et al. 2008).
    """
    p, q = FLOOR
    size = int(index.sizes[row])
    least = -(-p * size // q)
    start = int(index.starts[row])
    labels = index.members[start : start + size - least + 1]
    low, high = index.offsets[labels], index.offsets[labels + 1]
    some = high > low
    spans = zip(low[some].tolist(), high[some].tolist(), strict=True)
    found = np.unique(joined(index.holders[a:b] for a, b in spans))
    smallest = np.searchsorted(index.sizes, least)
    return found[(found >= smallest) & (found < row)]


def pairs(sets: dict[int, U64]) -> npt.NDArray[np.int64]:
    """Return all pairs of sets at FLOOR or more: int64[:, 4] of class, class, |x & y|, |x | y|."""
    if not sets:
        return np.zeros((0, 4), np.int64)
    index = indexed(sets)
    p, q = FLOOR
    mine = np.zeros(int(index.members.max()) + 1, np.bool_)
    parts: list[npt.NDArray[np.int64]] = []
    for row in range(len(index.sizes)):
        others = candidates(index, row)
        if len(others) == 0:
            continue
        own = index.members[index.starts[row] : index.starts[row + 1]]
        mine[own] = True
        bounds = zip(index.starts[others].tolist(), index.starts[others + 1].tolist(), strict=True)
        hits = mine[joined(index.members[a:b] for a, b in bounds)]
        mine[own] = False
        sizes = index.sizes[others]
        common = np.add.reduceat(hits, np.cumsum(sizes) - sizes, dtype=np.int64)
        union = sizes + len(own) - common
        near = q * common >= p * union
        left = np.minimum(index.numbers[others], index.numbers[row])[near]
        right = np.maximum(index.numbers[others], index.numbers[row])[near]
        parts.append(np.stack([left, right, common[near], union[near]], axis=1))
    found = np.concatenate([np.zeros((0, 4), np.int64), *parts])
    return found[np.lexsort((found[:, 1], found[:, 0]))]


def write(out: Path, corpus: Corpus, found: npt.NDArray[np.int64]) -> None:
    """Write the two tables."""
    out.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(corpus.documents), out / "documents.parquet")
    ids = pa.array(corpus.documents["id"])
    columns = {
        "left": ids.take(pa.array(found[:, 0])),
        "right": ids.take(pa.array(found[:, 1])),
        "intersection": pa.array(found[:, 2]),
        "union": pa.array(found[:, 3]),
    }
    pq.write_table(pa.table(columns), out / "pairs.parquet")


def main() -> None:
    """Write the truth of the corpus that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpus", type=Path, help="folder of jsonl.zst shards")
    parser.add_argument("--out", type=Path, required=True, help="folder for the two tables")
    parser.add_argument("--hangul", choices=("syllables", "words"), default="syllables")
    args = parser.parse_args()
    begun = time.monotonic()
    corpus = read(args.corpus, args.hangul)
    print(
        f"{len(corpus.documents['id'])} documents, {len(corpus.sets)} distinct sets of "
        f"{sum(map(len, corpus.sets.values()))} shingles, {time.monotonic() - begun:.0f} s",
        flush=True,
    )
    found = pairs(corpus.sets)
    write(args.out, corpus, found)
    print(f"{len(found)} pairs, {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
