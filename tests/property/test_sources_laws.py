"""Laws of the readers: what was written comes back, and damage never makes a record up."""

from __future__ import annotations

import gzip
import itertools
import json
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.document import Document
from pipeline.sources import Bad, Damage, Item, Raw, encode_extra, read, to_document
from pipeline.sources.lines import split_lines

KEYS = st.one_of(
    st.sampled_from(["text", "id", "license", "meta", "metadata", "url", "path"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**40), 10**40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.lists(st.dictionaries(KEYS, VALUES, max_size=5), max_size=12)
CUTS = st.lists(st.floats(0, 1), max_size=5)


def lines_of(records: list[dict[str, Any]], *, ascii_only: bool = False) -> bytes:
    spelled = [json.dumps(each, ensure_ascii=ascii_only).encode() for each in records]
    return b"".join(each + b"\n" for each in spelled)


def pieces_of(data: bytes, cuts: list[float]) -> list[bytes]:
    places = [0, *sorted(round(each * len(data)) for each in cuts), len(data)]
    return [data[start:stop] for start, stop in itertools.pairwise(places)]


def frame(data: bytes, *, blocks: bool = False) -> bytes:
    if not blocks:
        return zstandard.ZstdCompressor(write_checksum=True).compress(data)
    out = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    half = len(data) // 2
    first = out.compress(data[:half]) + out.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return first + out.compress(data[half:]) + out.flush()


def items_of(data: bytes, name: str = "s.jsonl.zst") -> list[Item]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return list(read(path, "jsonl"))


def records_of(items: list[Item]) -> list[dict[str, Any]]:
    return [each.record for each in items if isinstance(each, Raw)]


@given(RECORDS, CUTS, st.booleans(), st.booleans())
def test_records_come_back_from_any_format_and_any_cut(
    records: list[dict[str, Any]], cuts: list[float], ascii_only: bool, blocks: bool
) -> None:
    data = lines_of(records, ascii_only=ascii_only)
    pieces = pieces_of(data, cuts)
    for whole in (
        data,
        b"".join(frame(each, blocks=blocks) for each in pieces),
        b"".join(gzip.compress(each, 1) for each in pieces),
    ):
        assert items_of(whole) == [Raw(row, row + 1, record) for row, record in enumerate(records)]


@given(
    st.lists(
        st.sampled_from([b"", b" ", b"\r", b"a", b"bb", b"\xef\xbb\xbf", b"ccc c"]), max_size=9
    ),
    CUTS,
    st.integers(3, 6),
)
def test_lines_do_not_depend_on_the_chunks(
    lines: list[bytes], cuts: list[float], limit: int
) -> None:
    data = b"\n".join(lines)
    for keep_tail in (True, False):
        whole = list(split_lines([data], limit=limit, keep_tail=partial(bool, keep_tail)))
        cut = list(
            split_lines(pieces_of(data, cuts), limit=limit, keep_tail=partial(bool, keep_tail))
        )
        single = list(
            split_lines(
                [bytes([each]) for each in data], limit=limit, keep_tail=partial(bool, keep_tail)
            )
        )
        assert whole == cut == single
        kept = lines if keep_tail else lines[:-1]
        texts = [
            each.removeprefix(b"\xef\xbb\xbf") if at == 0 else each for at, each in enumerate(kept)
        ]
        assert [(each.number, each.oversize) for each in whole] == [
            (at + 1, len(kept[at]) > limit) for at, text in enumerate(texts) if text.strip()
        ]


@settings(max_examples=60)
@given(RECORDS, CUTS, st.booleans(), st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_a_cut_leaves_a_prefix_and_at_most_one_damage(
    records: list[dict[str, Any]], cuts: list[float], blocks: bool, ends: list[float]
) -> None:
    frames = [frame(each, blocks=blocks) for each in pieces_of(lines_of(records), cuts)]
    whole = b"".join(frames)
    borders = {0, *itertools.accumulate(len(each) for each in frames)}
    for end in {int(each * (len(whole) - 1)) for each in ends}:
        items = items_of(whole[:end])
        found = records_of(items)
        assert found == records[: len(found)]
        rest = items[len(found) :]
        # A cut between two frames shows only where it splits a line.
        kinds = Bad if end in borders else Damage
        assert all(isinstance(each, kinds) for each in rest)
        assert len(rest) <= 1 if end in borders else len(rest) == 1
        assert [each.row for each in items] == list(range(len(items)))


@settings(max_examples=60)
@given(RECORDS, CUTS, st.booleans(), st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_a_flipped_bit_never_makes_a_record_up(
    records: list[dict[str, Any]], cuts: list[float], blocks: bool, flips: list[float]
) -> None:
    pieces = pieces_of(lines_of(records), cuts)
    whole = b"".join(frame(each, blocks=blocks) for each in pieces)
    for flip in flips:
        bit = int(flip * (len(whole) * 8 - 1))
        data = bytearray(whole)
        data[bit // 8] ^= 1 << bit % 8
        items = items_of(bytes(data))
        found = records_of(items)
        assert found == records[: len(found)]
        rest = items[len(found) :]
        assert all(isinstance(each, Damage) for each in rest)
        assert rest or len(found) == len(records)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_what_is_carried_along_is_spelled_as_the_standard_library_does(
    extra: dict[str, Any],
) -> None:
    assert encode_extra(extra) == json.dumps(
        extra, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )


@given(RECORDS)
def test_a_document_is_made_or_a_reason_given_and_no_key_is_lost(
    records: list[dict[str, Any]],
) -> None:
    for record in records:
        before = encode_extra(record)
        found = to_document(record, source="s")
        assert encode_extra(record) == before
        if not isinstance(found, Document):
            assert found in {"text-missing", "text-type", "nul"}
            continue
        assert found == to_document(json.loads(before), source="s")
        assert json.loads(encode_extra(found.extra)) == found.extra
        unknown = {key: each for key, each in record.items() if key not in TAKEN}
        assert {key: found.extra[key] for key in unknown} == unknown


TAKEN = {"text", "id", "license", "url", "path", "meta", "metadata"}


@given(st.lists(RECORDS, min_size=1, max_size=3).flatmap(st.permutations))
def test_ids_do_not_depend_on_where_a_record_lies(shards: list[list[dict[str, Any]]]) -> None:
    one = [each for shard in shards for each in records_of(items_of(lines_of(shard)))]
    other = records_of(items_of(lines_of([each for shard in shards[::-1] for each in shard])))
    ids = [sorted(_id(each) for each in some) for some in (one, other)]
    assert ids[0] == ids[1]


def _id(record: dict[str, Any]) -> str:
    found = to_document({**record, "text": "t"}, source="s")
    assert isinstance(found, Document)
    return found.id
