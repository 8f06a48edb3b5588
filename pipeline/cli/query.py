"""`gristmill query RELEASE`: which records are in it, by source, licence, language, repository, path or content."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, count, existing_release, print_json, print_table
from pipeline.errors import ConfigError
from pipeline.terminal import say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from pipeline.catalog import Query, Release

FILTERS = (
    *("source", "license", "license-class", "language", "natural-language", "split", "repo"),
    *("path", "id", "family", "sha256", "shard"),
)
_SHOWN = ("id", "source", "split", "license", "language")
_ROWS = 20
_FEW = ("source", "split", "license", "license_class", "language", "natural_language")


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "query",
        help="find documents in a release",
        description=f"{__doc__} An option that is given several times takes any of its values.",
    )
    parser.add_argument("release", type=Path, metavar="RELEASE")
    for name in FILTERS:
        words = name.replace("-", " ")
        parser.add_argument(
            f"--{name}", action="append", metavar="X", help=f"{words}, or a glob of it such as 'a*'"
        )
        parser.add_argument(f"--not-{name}", action="append", metavar="X", help="none of these")
    parser.add_argument(
        "--kind", choices=("document", "question", "any"), default="any", help="default: any"
    )
    parser.add_argument("--min-bytes", type=count, default=0, metavar="N", help="of the line")
    parser.add_argument("--max-bytes", type=count, metavar="N", help="of the line")
    parser.add_argument(
        "--pattern", metavar="REGEX", help="a regular expression (RE2) that the text must contain"
    )
    parser.add_argument(
        "--fraction", default="1", metavar="F", help="only this share of all addresses, the lowest"
    )
    parser.add_argument(
        "--sample", type=count, metavar="N", help="the N lowest addresses of what fits all else"
    )
    _add_results(parser)
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def _add_results(parser: argparse.ArgumentParser) -> None:
    """Add what to do with what is found."""
    parser.add_argument(
        "--limit", type=count, metavar="N", help=f"print at most N records (table: {_ROWS})"
    )
    parser.add_argument(
        "--text",
        action="store_true",
        help="whole records, not index rows (printed as JSON lines, and for --export FILE)",
    )
    parser.add_argument(
        "--force", action="store_true", help="let --export replace a file that is there"
    )
    result = parser.add_mutually_exclusive_group()
    result.add_argument("--count", action="store_true", help="print only how many there are")
    result.add_argument(
        "--count-by", metavar="COLUMN,…", help="records and bytes for each value of these columns"
    )
    result.add_argument("--get", action="append", metavar="ID", help="print the record of an id")
    result.add_argument(
        "--export",
        type=Path,
        metavar="PATH",
        help="write a folder of shards, or a .jsonl, .jsonl.zst, .parquet or .csv file",
    )


def handle(options: argparse.Namespace) -> int:
    """Print or write what is found."""
    from pipeline.catalog import check_query, open_catalog  # noqa: PLC0415  arrow loads only for who needs it

    query = _query(options)
    check_query(query)
    with open_catalog(existing_release(options.release)) as release:
        if options.get is not None:
            _print_lines(line for name in options.get for line in _records(release, name))
        elif options.text and options.export is None and not (options.count or options.count_by):
            _print_texts(release, query, options.limit)
        else:
            _answer(release, query, options)
    return 0


def _query(options: argparse.Namespace) -> Query:
    """Read the options as a query."""
    from pipeline.catalog import Query  # noqa: PLC0415  arrow loads only for who needs it

    def given(prefix: str) -> dict[str, tuple[str, ...]]:
        names = [name.replace("-", "_") for name in FILTERS]
        values = {name: getattr(options, prefix + name) for name in names}
        return {name: tuple(held) for name, held in values.items() if held is not None}

    return Query(
        where=given(""),
        without=given("not_"),
        kind=options.kind,
        min_bytes=options.min_bytes,
        max_bytes=options.max_bytes,
        fraction=options.fraction,
        pattern=options.pattern or "",
        sample=options.sample,
    )


def _records(release: Release, name: str) -> Iterator[bytes]:
    """Yield every record of an id; `line` raises where there is none."""
    yield from list(release.found(name)) or [release.line(name)]


def _print_lines(lines: Iterator[bytes]) -> None:
    for line in lines:
        sys.stdout.buffer.write(line)
    sys.stdout.flush()


def _print_texts(release: Release, query: Query, limit: int | None) -> None:
    from pipeline.catalog import lines  # noqa: PLC0415  arrow loads only for who needs it

    with _progress(release, query) as tell:
        _print_lines(lines(release, query, limit, tell=tell))


def _answer(release: Release, query: Query, options: argparse.Namespace) -> None:
    """Count, write or list."""
    if options.export is not None:
        _export(release, query, options)
    elif options.count_by is not None:
        _print_counts(release, query, options)
    elif options.count:
        _print_count(release, query, machine=options.json)
    elif options.json:
        _print_rows(release, query, options.limit)
    else:
        _print_found(release, query, _ROWS if options.limit is None else options.limit)


def _export(release: Release, query: Query, options: argparse.Namespace) -> None:
    from pipeline.catalog import export  # noqa: PLC0415  arrow loads only for who needs it

    if options.limit is not None:
        raise ConfigError("query: --limit is for what is printed: use --sample with --export")
    write: Callable[..., Any] = export.export_folder
    if export.format_of(options.export):
        records = export.export_records if options.text else export.export_rows
        write = partial(records, force=options.force)
    with _progress(release, query) as tell:
        written = write(release, query, options.export, tell)
    if options.json:
        print_json({"path": str(options.export), **_told(written)})
    else:
        say(f"{options.export}: {_number(written.records, 'record')}, {written.bytes:,} bytes")


def _told(written: Any) -> dict[str, int]:
    return {"records": written.records, "bytes": written.bytes}


def _print_counts(release: Release, query: Query, options: argparse.Namespace) -> None:
    from pipeline.catalog import count_by  # noqa: PLC0415  arrow loads only for who needs it

    columns = [name.strip().replace("-", "_") for name in options.count_by.split(",")]
    with _progress(release, query) as tell:
        totals = count_by(release, query, columns, tell=tell)
    shown = list(totals.items())[: options.limit]
    if options.json:
        for key, (records, size) in shown:
            print_json(dict(zip(columns, key, strict=True)) | {"records": records, "bytes": size})
        return
    records, size = (sum(column) for column in zip((0, 0), *totals.values(), strict=True))
    body = [(*key, f"{number:,}", f"{bytes_:,}") for key, (number, bytes_) in shown]
    print_table(
        f"{_number(records, 'record')}, {size:,} bytes", (*columns, "records", "bytes"), body
    )


def _print_count(release: Release, query: Query, *, machine: bool) -> None:
    from pipeline.catalog import count as count_all  # noqa: PLC0415  arrow loads only for who needs it

    with _progress(release, query) as tell:
        found = count_all(release, query, tell=tell)
    if machine:
        print_json(found._asdict())
    else:
        say(f"{_spell(found.documents, found.questions)}, {found.bytes:,} bytes")


def _print_rows(release: Release, query: Query, limit: int | None) -> None:
    from pipeline.catalog import rows  # noqa: PLC0415  arrow loads only for who needs it

    number = -1
    with _progress(release, query) as tell:
        for number, row in enumerate(rows(release, query, limit, tell=tell)):  # noqa: B007  how many there were
            print_json(row)
    if number < 0 and limit != 0:
        _hint(release, query)


def _print_found(release: Release, query: Query, limit: int) -> None:
    """Print how many there are, and the first of them."""
    from pipeline.catalog import find  # noqa: PLC0415  arrow loads only for who needs it

    documents = questions = 0
    shown: list[tuple[str, ...]] = []
    with _progress(release, query) as tell:
        for table in find(release, query, (*_SHOWN, "shard"), tell=tell):
            asked = sum(str(path).startswith("qa/") for path in table["shard"].to_pylist())
            documents, questions = documents + table.num_rows - asked, questions + asked
            rows = table.select(_SHOWN).slice(0, max(limit - len(shown), 0)).to_pylist()
            shown += [tuple(row[name] for name in _SHOWN) for row in rows]
    print_table(_spell(documents, questions), _SHOWN, shown)
    if documents + questions == 0:
        _hint(release, query)


def _spell(documents: int, questions: int) -> str:
    parts = [_number(documents, "document")]
    return ", ".join(parts + [_number(questions, "question")] * (questions > 0))


def _number(count_: int, word: str) -> str:
    return f"{count_:,} {word}{'' if count_ == 1 else 's'}"


def _hint(release: Release, query: Query) -> None:
    """Where nothing was found, say which values nothing in the release has."""
    from pipeline.catalog import Query as Anything  # noqa: PLC0415  arrow loads only for who needs it
    from pipeline.catalog import count_by, nearest  # noqa: PLC0415  the same

    asked = [name for name in query.where if name in _FEW]
    known = {name: {key for (key,) in count_by(release, Anything(), (name,))} for name in asked}
    for problem in nearest(query, known):
        say(f"query: {problem}", error=True)


@contextmanager
def _progress(release: Release, query: Query) -> Iterator[Callable[[int], None] | None]:
    """Show on a terminal how far a search through the content has come."""
    if not query.pattern or not sys.stderr.isatty():
        yield None
        return
    from pipeline.catalog import searched  # noqa: PLC0415  arrow loads only for who needs it
    from pipeline.watch.progress import open_display  # noqa: PLC0415  rich loads only for who needs it

    with open_display() as display:
        display.start("search", *searched(release, query))
        yield display.advance
