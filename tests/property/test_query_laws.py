"""Laws of looking up: an id gives its line, filters narrow, counts add up, samples nest, exports are the lines."""

from __future__ import annotations

import fnmatch
import hashlib
import re
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.licenses.spdx import classify
from manifests import record
from manifests.addressing import address, shard_name, shard_of
from manifests.frames import FrameCut
from pipeline.catalog import Query, Release, count, count_by, find, lines, open_catalog, rows
from pipeline.catalog.export import QUERY, export_folder, export_records, export_rows
from pipeline.catalog.pattern import compile_pattern, needed_literal
from pipeline.catalog.query import question_row
from pipeline.release import DOCUMENTS, FRAMES
from pipeline.shards import Line, write_frames

SEED = 5
# an export syncs each of its files; in memory that costs nothing
SCRATCH = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  TemporaryDirectory picks the name
LICENSES = ("MIT", "MIT OR GPL-2.0-only", "GPL-3.0-only", "CC0-1.0", "NOASSERTION")
LANGUAGES = ("Python", "C", "en", "und")
WORDS = (
    "mill",
    "stone",
    'a "quoted" one',
    "back\\slash",
    "tab\there",
    "Mühle",
    "水車",
    "🌾",
    "two\nlines",
    "[x]*",
)
Row = dict[str, Any]


class Made(NamedTuple):
    """A release, its index rows with those of the questions behind them, and the lines of both."""

    path: Path
    rows: list[Row]
    lines: list[bytes]


def document(number: int) -> record.Record:
    text = " ".join(WORDS[(number * step) % len(WORDS)] for step in range(1, 2 + number % 9))
    return record.Record(
        id=f"doc/{number}" if number % 7 else f"odd[{number}]*\u00e9",
        text=text * (1 + 40 * (number % 31 == 0)),
        source=("code", "docs")[number % 3 == 0],
        license=LICENSES[number % 5],
        language=LANGUAGES[number % 4],
        url="",
        created="",
        sha256=hashlib.sha256((text * (1 + 40 * (number % 31 == 0))).encode()).hexdigest(),
        meta=record.Meta(
            pile_set_name="",
            repo=f"https://h/o{number % 3}/r{number % 6}" if number % 2 else "",
            path=f"src/f{number}.py",
            natural_language="und",
            redactions="[]",
            extra="{}",
        ),
    )


def question(number: int) -> record.Question:
    context = f"{WORDS[number % len(WORDS)]} {number}"
    return record.Question(
        id=f"q{number}" if number else "doc/1",  # an id may stand for a document and a question
        schema="qa/1",
        context=context,
        context_sha256=hashlib.sha256(context.encode()).hexdigest(),
        question=f"Which {WORDS[(number + 3) % len(WORDS)]}?",
        answers=[],
        is_impossible=True,
        plausible_answers=[],
        source="asked",
        license="CC0-1.0",
        language="en",
        url="",
        title="",
        group=f"g{number % 3}",
        synthetic=record.Synthetic(method="", seed=0),
        quality=record.Quality(question_words=1, answer_words=0, overlap=0.0, leak=False, places=0),
        meta=record.QuestionMeta(redactions="[]", question_redactions="[]", extra="{}"),
    )


def split_of(name: str) -> str:
    return ("train", "train", "test")[hashlib.sha256(name.encode()).digest()[0] % 3]


def make(path: Path, shards: int, limit: int, row_group: int) -> Made:
    """Write a release by hand: small frames and row groups, so that every edge is met."""
    groups: dict[str, list[record.Record | record.Question]] = {}
    records: list[record.Record | record.Question] = [document(n) for n in range(140)]
    for each in [*records, *(question(n) for n in range(25))]:
        kind = "data" if isinstance(each, record.Record) else "qa"
        number = shard_of(address(SEED, each.id), shards)
        name = shard_name(f"{kind}/{each.source}", split_of(each.id), number, shards)
        groups.setdefault(name, []).append(each)
    made, kept, frames = [], [], []
    for name in sorted(groups):
        held = sorted(groups[name], key=lambda each: address(SEED, each.id))
        written = [Line(address(SEED, each.id), record.encode(each), bytes(32)) for each in held]
        receipt = write_frames(path / name, written, cut=FrameCut(limit=limit, most=limit))
        places = [
            (number, at, length)
            for number, frame in enumerate(receipt.frames)
            for at, length in frame.lines()
        ]
        for number, frame in enumerate(receipt.frames):
            frames.append(
                (name, number, frame.offset, frame.length, frame.raw_length, frame.documents, "")
            )
        kept += [each.line for each in written]
        made += [
            row_of(each, name, number, at, length)
            for each, (number, at, length) in zip(held, places, strict=True)
        ]
    (path / "index").mkdir()
    index = [row for row in made if row["shard"].startswith("data/")]
    table = pa.Table.from_pylist(index, schema=DOCUMENTS)
    pq.write_table(table, path / "index/documents.parquet", row_group_size=row_group)
    columns = [dict(zip(FRAMES.names, row, strict=True)) for row in frames]
    pq.write_table(pa.Table.from_pylist(columns, schema=FRAMES), path / "index/frames.parquet")
    head = {"name": "law", "version": "1.0.0", "content_root": "0" * 64, "later": [None]}
    counts = {"documents": len(index), "questions": len(made) - len(index)}
    build = {"seed": SEED, "shards": shards}
    (path / "manifest.json").write_bytes(msgspec.json.encode({**head, **counts, "build": build}))
    return Made(path, made, kept)


def row_of(each: Any, shard: str, frame: int, at: int, length: int) -> Row:
    if isinstance(each, record.Question):
        return question_row(shard, frame, at, record.encode(each))
    place = {"shard": shard, "frame": frame, "offset": at, "length": length}
    said = {name: getattr(each, name) for name in ("id", "source", "sha256", "license", "language")}
    meta = {name: getattr(each.meta, name) for name in ("natural_language", "repo", "path")}
    row = {**said, **meta, **place, "split": split_of(each.id), "family": each.sha256[:16]}
    return {name: row[name] for name in DOCUMENTS.names}


@pytest.fixture(scope="module", params=[(1, 1 << 20, 1 << 16), (8, 600, 32)])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("law"), *request.param)


@pytest.fixture(scope="module")
def opened(made: Made) -> Iterator[Release]:
    with open_catalog(made.path, cache=3_000) as release:
        yield release


VALUES = {
    "source": ("code", "docs", "asked", "*o*", "none"),
    "license": (*LICENSES, "MIT*", "*GPL*"),
    "license_class": ("permissive", "strong-copyleft", "*copyleft", "unknown", "public-domain"),
    "language": (*LANGUAGES, "[Pe]*"),
    "split": ("train", "test"),
    "repo": ("", "https://h/o1/*", "*/r5"),
    "path": ("src/f1?.py", "src/f11.py", ""),
    "id": ("odd[[]*", "odd[7]*\u00e9", "doc/1*", "q*"),
    "shard": ("data/*", "*/test-*"),
}
CONDITIONS = st.dictionaries(
    st.sampled_from(sorted(VALUES)), st.just(()), max_size=2
).flatmap(
    lambda names: st.fixed_dictionaries(
        {
            name: st.lists(st.sampled_from(VALUES[name]), min_size=1, max_size=2).map(tuple)
            for name in names
        }
    )
)  # fmt: skip
QUERIES = st.builds(
    Query,
    where=CONDITIONS,
    without=CONDITIONS,
    kind=st.sampled_from(["any", "any", "document", "question"]),
    min_bytes=st.sampled_from([0, 0, 330]),
    max_bytes=st.sampled_from([None, None, 400]),
    fraction=st.sampled_from(["1", "1", "0.5", "1/3", "0.07"]),
    pattern=st.sampled_from(
        ["", "", "mill", "(?i)MILL", r"^a|\[x\]", 'quoted"', r"h\\s|[水🌾]", r"b\s+?here", "o\nl", "Which Mü"]
    ),
)  # fmt: skip


def fits(query: Query, row: Row, line: bytes) -> bool:
    """The slow and plain meaning of a query."""
    full = {**row, "license_class": classify(row["license"])}

    def any_of(name: str, values: tuple[str, ...]) -> bool:
        return any(
            full[name] == value or fnmatch.fnmatchcase(full[name], value) for value in values
        )

    said = msgspec.json.decode(line)
    contents = [said.get("text", ""), said.get("context", ""), said.get("question", "")]
    at = int.from_bytes(address(SEED, row["id"]), "big")
    return (
        all(any_of(name, values) for name, values in query.where.items())
        and not any(any_of(name, values) for name, values in query.without.items())
        and query.kind in {"any", "document" if "text" in said else "question"}
        and query.min_bytes <= len(line) <= (query.max_bytes or 1 << 30)
        and at < int(Fraction(query.fraction) * (1 << 256))
        and (not query.pattern or any(re.search(query.pattern, each) for each in contents))
    )


def expected(made: Made, query: Query) -> list[tuple[Row, bytes]]:
    pairs = zip(made.rows, made.lines, strict=True)
    return [(row, line) for row, line in pairs if fits(query, row, line)]


def test_every_id_gives_its_line_and_no_other_id_one(made: Made, opened: Release) -> None:
    assert len(opened) == len(made.lines) == len(list(opened.lines()))
    assert list(opened.lines()) == made.lines
    documents = [
        (r, line) for r, line in zip(made.rows, made.lines, strict=True) if "data/" in r["shard"]
    ]
    for row, line in documents[::-1]:
        assert opened.line(row["id"]) == line
        assert opened.document(row["id"])["sha256"] == row["sha256"]
        assert opened.row(row["id"]) == row
        assert f"{row['id']}?" not in opened
    for row, line in zip(made.rows, made.lines, strict=True):
        assert line in list(opened.found(row["id"]))
    assert len(list(opened.found("doc/1"))) == 2
    assert opened._decoded.size <= 3_000
    for name in ("", "doc", "doc/140", "q25", "\ud800", 'x"', "d\n"):
        assert name not in opened
        with pytest.raises(KeyError, match="no document"):
            opened.document(name)


@given(query=QUERIES)
@settings(max_examples=60)
def test_what_is_found_is_what_fits_in_the_order_of_the_shards(
    made: Made, opened: Release, query: Query
) -> None:
    wanted = expected(made, query)
    assert list(rows(opened, query)) == [row for row, _ in wanted]
    assert list(lines(opened, query)) == [line for _, line in wanted]
    assert list(rows(opened, query, 3)) == [row for row, _ in wanted[:3]]


@given(query=QUERIES, columns=st.lists(st.sampled_from(sorted(VALUES)), min_size=1, unique=True))
@settings(max_examples=25)
def test_counts_add_up(made: Made, opened: Release, query: Query, columns: list[str]) -> None:
    wanted = expected(made, query)
    total = count(opened, query)
    totals = count_by(opened, query, columns)
    assert total.documents + total.questions == len(wanted) == sum(n for n, _ in totals.values())
    assert total.bytes == sum(len(line) for _, line in wanted) == sum(b for _, b in totals.values())
    assert total.questions == sum(row["shard"].startswith("qa/") for row, _ in wanted)
    assert [n for n, _ in totals.values()] == sorted((n for n, _ in totals.values()), reverse=True)


@given(query=QUERIES, name=st.sampled_from(sorted(VALUES)), data=st.data())
@settings(max_examples=20)
def test_a_condition_and_its_opposite_part_what_there_was(
    opened: Release, query: Query, name: str, data: st.DataObject
) -> None:
    values = tuple(data.draw(st.lists(st.sampled_from(VALUES[name]), min_size=1, max_size=3)))
    plain = msgspec.structs.replace(query, where={}, without={})
    among = msgspec.structs.replace(plain, where={name: values})
    beside = msgspec.structs.replace(plain, without={name: values})
    key = lambda row: (row["shard"], row["frame"], row["offset"])  # noqa: E731  a name for what sorts
    parts = [*rows(opened, among), *rows(opened, beside)]
    assert sorted(parts, key=key) == list(rows(opened, plain))


@given(query=QUERIES, size=st.integers(0, 40), more=st.integers(0, 200))
@settings(max_examples=25)
def test_a_sample_is_the_lowest_addresses_and_samples_nest(
    made: Made, opened: Release, query: Query, size: int, more: int
) -> None:
    drawn = list(rows(opened, msgspec.structs.replace(query, sample=size)))
    wanted = [row for row, _ in expected(made, query)]
    wanted.sort(key=lambda row: (address(SEED, row["id"]), row["shard"]))
    assert drawn == wanted[:size]
    larger = list(rows(opened, msgspec.structs.replace(query, sample=size + more)))
    assert larger[: len(drawn)] == drawn


@given(query=QUERIES, size=st.none() | st.integers(1, 30))
@settings(max_examples=10)
def test_an_export_holds_the_lines_that_fit(
    made: Made, opened: Release, query: Query, size: int | None
) -> None:
    query = msgspec.structs.replace(query, sample=size)
    wanted = sorted(
        (made.rows.index(row), row["shard"], made.lines[made.rows.index(row)])
        for row in rows(opened, query)
    )
    if not wanted:
        return
    with tempfile.TemporaryDirectory(dir=SCRATCH) as place:
        folder = Path(place) / "subset"
        written = export_folder(opened, query, folder)
        for shard, group in groupby(wanted, key=lambda each: each[1]):
            assert read(folder / shard) == b"".join(line for _, _, line in group)
        account = msgspec.json.decode((folder / QUERY).read_bytes())
        assert account["records"] == written.records == len(wanted)
        assert account["bytes"] == written.bytes == sum(len(line) for _, _, line in wanted)
        assert account["files"].keys() == {shard for _, shard, _ in wanted}
        assert msgspec.convert(account["query"], Query) == query
        sums = (folder / "SHA256SUMS").read_text().splitlines()
        assert len(sums) == len(account["files"]) + 1
        for line in sums:
            digest, _, name = line.partition("  ")
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
        export_records(opened, query, Path(place) / "a.jsonl.zst")
        found = b"".join(lines(opened, query))
        assert read(Path(place) / "a.jsonl.zst") == found
        export_rows(opened, query, Path(place) / "rows.parquet")
        assert pq.read_table(Path(place) / "rows.parquet").to_pylist() == list(rows(opened, query))


def read(path: Path) -> bytes:
    with zstandard.open(path, "rb") as file:
        return file.read()


PIECES = st.one_of(
    st.sampled_from(
        ["a", "ab", "cab", ".", "\\.", "\\*", "[ab]", "[^c]", "[]a]", "[[:alpha:]b]", "\\w", "\\pL", "\\x61", "\\n",
         "(ab)", "(?:ba)", "(a|b)", "^", "$", "\\b", "é", '"', "\\\\", "/", "(a(b)c)", "{", "a{b", "\\Qa.\\E", "(?i:A)"]
    ),
    st.sampled_from("abc"),
)  # fmt: skip
REPEATS = st.sampled_from(["", "", "", "*", "+", "?", "*?", "+?", "{0,2}", "{2}", "{0}?"])
PATTERNS = st.lists(st.tuples(PIECES, REPEATS).map("".join), min_size=1, max_size=5).map("".join)


@given(pattern=PATTERNS, texts=st.lists(st.text('abc.*é"\\/\n{A', max_size=12), min_size=1))
@settings(max_examples=250)
def test_a_match_holds_what_the_pattern_needs(pattern: str, texts: list[str]) -> None:
    try:
        hits = pc.match_substring_regex(pa.array(texts), pattern).to_pylist()
    except pa.ArrowInvalid:
        return
    needed = needed_literal(pattern)
    assert all(needed in text for text, hit in zip(texts, hits, strict=True) if hit)
    compiled = compile_pattern(pattern)
    held = [msgspec.json.encode({"id": "x", "text": text}) for text in texts]
    assert compiled.matches(held) == hits


def test_the_longest_plain_run_is_needed() -> None:
    assert needed_literal(r"import\s+urllib\.request[ab]") == "urllib.request"
    assert needed_literal("colou?r") == "colo"
    assert needed_literal("(never)x{2}lo+ng") == "lo"
    assert needed_literal("one|two") == needed_literal("(?i)one") == needed_literal("\\x41bc") == ""


def test_no_pattern_takes_more_than_linear_time(made: Made, opened: Release) -> None:
    hostile = compile_pattern("(a+)+$").matches(
        [msgspec.json.encode({"text": "a" * 200_000 + "!"})]
    )
    assert hostile == [False]
    assert sum(table.num_rows for table in find(opened, Query(pattern="(.*)*x{50}$"))) == 0
