"""Records of The Stack v2: both shapes, where contents lie, what is checked, and what gives no document."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import tracemalloc
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from filters.git_ids import content_id
from pipeline.config import load_config
from pipeline.errors import ConfigError
from pipeline.plan import digest_input, freeze_inputs
from pipeline.sources import Bad, Damage, Item, Raw, Said, read, to_document
from pipeline.sources.formats import adapter_of
from pipeline.sources.stack.ahead import ask_ahead
from pipeline.sources.stack.encodings import codec_of
from tests.conftest import Bucket
from tests.repositories import DAY, Repository
from tests.stacks import (
    DIRECTORY,
    NANOSECONDS,
    REVISION,
    ROOT,
    file_of,
    keep,
    repository,
    row,
    sha1,
    write_lines,
    write_parquet,
)

CODE = b"def turn():\n    return 'stone'\n"
MORE = "größer = 1\n".encode()
URL = "https://github.com/mill/stones"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:%b\nsize 9\n" % (b"a" * 64)


def read_all(path: Path, contents: str = "contents", **options: Any) -> list[Item]:
    said = Said("stack", options={"contents": contents, **options}, root=path.parent)
    return list(read(path, "stack-v2", said=said))


def read_raws(path: Path, contents: str = "contents", **options: Any) -> list[Raw]:
    items = read_all(path, contents, **options)
    raws = [each for each in items if isinstance(each, Raw)]
    assert raws == items
    return raws


def reasons(items: list[Item]) -> list[str]:
    return [each.reason if isinstance(each, Bad | Damage) else each.drop for each in items]


def test_a_row_a_file_gives_the_record_that_git_would(tmp_path: Path) -> None:
    keep(tmp_path / "contents", CODE)
    found = read_raws(write_lines(tmp_path / "m.jsonl", row("src/café.py", CODE)))
    assert len(found) == 1
    record = found[0].record
    assert (found[0].row, found[0].line, found[0].drop, found[0].odd) == (0, 1, "", ())
    name = f"swh:1:cnt:{content_id(CODE)};origin={URL};anchor=swh:1:rev:{REVISION}"
    assert record["id"] == f"{name};path=/src/caf%C3%A9.py"
    assert record["text"] == CODE.decode()
    document = to_document(record, source="stack")
    assert not isinstance(document, str)
    assert (
        document.repo,
        document.path,
        document.created,
        document.language,
        document.license,
    ) == (
        URL,
        "src/café.py",
        "2020-02-03T04:05:06Z",
        "Python",
        "MIT",
    )
    assert document.extra == {
        "blob_id": sha1(CODE),
        "content_id": content_id(CODE),
        "directory_id": DIRECTORY,
        "revision_id": REVISION,
        "snapshot_id": ROOT["snapshot_id"],
        "branch_name": "refs/heads/main",
        "visit_date": "2021-01-10T18:37:52.535967Z",
        "revision_date": "2020-02-03T04:05:06Z",
        "committer_date": "2020-02-03T04:05:06Z",
        "github_id": 55578705,
        "star_events_count": 7,
        "fork_events_count": 0,
        "gha_language": "Python",
        "detected_licenses": ["MIT"],
        "license_type": "permissive",
        "src_encoding": "UTF-8",
        "is_vendor": False,
        "is_generated": False,
        "length_bytes": len(CODE),
        "extension": "py",
    }


def test_records_are_those_of_the_git_adapter(tmp_path: Path) -> None:
    """A file that comes from a clone and from the tables is one document, whichever was read."""
    made = Repository.init(tmp_path / "clone")
    raws = {
        "src/a.py": CODE,
        "größe ;%.py": MORE,
        "back\\slash.txt": b"b\n",
        "latin.txt": b"caf\xe9\n",
        "empty": b"",
    }
    for path, raw in raws.items():
        made.add(path, raw)
    commit = made.commit()
    made.git("remote", "add", "origin", f"{URL}.git")
    said = {
        "revision_id": commit,
        "directory_id": made.git("rev-parse", "HEAD^{tree}"),
        "committer_date": DAY,
    }
    keep(tmp_path / "contents", *raws.values())
    rows = [row(path, raw, **said) for path, raw in sorted(raws.items())]
    mine = {each.record["id"]: each for each in read_raws(write_lines(tmp_path / "m.jsonl", *rows))}
    theirs = [each for each in read(made.path, "git") if isinstance(each, Raw)]
    assert len(theirs) == len(mine) == len(raws)
    for each in theirs:
        found = mine[each.record["id"]]
        assert (found.drop, found.odd) == (each.drop, each.odd)
        told = each.record if each.record.get("text") else {**each.record, "text": ""}
        assert {key: found.record[key] for key in told} == told


def test_lines_packed_lines_and_parquet_say_the_same(tmp_path: Path) -> None:
    keep(tmp_path / "contents", CODE, MORE)
    rows = [row("a.py", CODE), row("b.py", MORE, gha_license_id="MIT")]
    plain = read_raws(write_lines(tmp_path / "m.jsonl", *rows))
    assert read_raws(write_lines(tmp_path / "m.json.gz", *rows)) == plain
    assert read_raws(write_parquet(tmp_path / "m.parquet", *rows)) == plain
    numbers = [each | {"committer_date": NANOSECONDS} for each in rows]
    assert read_raws(write_lines(tmp_path / "n.jsonl", *numbers)) == plain
    milli = [each | {"committer_date": NANOSECONDS // 10**6} for each in rows]
    assert read_raws(write_lines(tmp_path / "o.jsonl", *milli)) == plain


def test_a_row_a_repository_gives_its_files(tmp_path: Path) -> None:
    keep(tmp_path / "contents", CODE, MORE)
    files = file_of("a.py", CODE), file_of("deep/b.py", MORE, alphanum_fraction=0.5)
    whole = [repository(*files), repository(), repository(file_of("c.py", CODE))]
    for path in (
        write_lines(tmp_path / "m.jsonl", *whole),
        write_parquet(tmp_path / "m.parquet", *whole),
    ):
        found = read_raws(path)
        assert [each.row for each in found] == [0, 1, 2, 3]
        assert [each.line for each in found] == [1, 1, 2, 3]
        assert [each.drop for each in found] == ["", "", "no-files", ""]
        assert [each.record["text"] for each in found] == [
            CODE.decode(),
            MORE.decode(),
            "",
            CODE.decode(),
        ]
        assert [each.record.get("path") for each in found] == ["a.py", "deep/b.py", None, "c.py"]
        assert {each.record["repo"] for each in found} == {URL}
        assert [each.record.get("num_files") for each in found] == [2, 2, 0, 1]
        assert found[1].record["alphanum_fraction"] == 0.5
        assert "files" not in found[0].record


def test_both_shapes_give_the_same_ids(tmp_path: Path) -> None:
    keep(tmp_path / "contents", CODE)
    one = read_raws(write_lines(tmp_path / "a.jsonl", row("a.py", CODE)))
    two = read_raws(write_lines(tmp_path / "b.jsonl", repository(file_of("a.py", CODE))))
    assert one[0].record["id"] == two[0].record["id"]


@pytest.mark.parametrize(
    ("key", "slicing", "suffix", "place"),
    [
        ("sha1", "", "", "{sha1}"),
        ("sha1", "", ".gz", "{sha1}.gz"),
        ("sha1", "0:2/2:4", "", "{sha1:.2}/{ab}/{sha1}"),
        ("sha1_git", "0:2", "", "{git:.2}/{git}"),
    ],
)
@pytest.mark.parametrize("pack", [True, False])
def test_contents_lie_where_the_options_say(
    tmp_path: Path, key: str, slicing: str, suffix: str, place: str, pack: bool
) -> None:
    name = sha1(CODE)
    where = tmp_path / "c" / place.format(sha1=name, ab=name[2:4], git=content_id(CODE))
    where.parent.mkdir(parents=True)
    where.write_bytes(gzip.compress(CODE) if pack else CODE)
    found = read_raws(
        write_lines(tmp_path / "m.jsonl", row("a.py", CODE)),
        "c",
        key=key,
        slicing=slicing,
        suffix=suffix,
    )
    assert found[0].record["text"] == CODE.decode()


def test_a_content_that_is_itself_packed_is_a_content(tmp_path: Path) -> None:
    packed = gzip.compress(CODE, mtime=0)
    keep(tmp_path / "contents", packed, pack=False)
    assert reasons(read_all(write_lines(tmp_path / "m.jsonl", row("a.gz", packed)))) == ["binary"]


def test_what_gives_no_document_has_its_reason(tmp_path: Path) -> None:
    latin, nul, wrong = "café\n".encode("latin-1"), b"a\0b", b"\x81\x20\xff"
    keep(tmp_path / "contents", CODE, latin, nul, wrong, POINTER)
    cases = {
        "empty": row("a.py", b""),
        "binary": row("b.png", nul),
        "not-utf8": row("c.py", latin),
        "wrong-encoding": row("d.py", wrong, src_encoding="Shift_JIS"),
        "unknown-encoding": row("e.py", latin, src_encoding="EUC-TW"),
        "too-large": row("f.py", CODE, length_bytes=10_000_001),
        "lfs-pointer": row("g.bin", POINTER),
        "hidden": row("h.py", CODE, status="hidden"),
        "absent": row("i.py", CODE, status="absent"),
        "not-included": row("drafts/j.py", CODE),
    }
    found = read_raws(write_lines(tmp_path / "m.jsonl", *cases.values()), exclude=["drafts/"])
    assert [each.drop for each in found] == list(cases)
    assert {each.record["text"] for each in found} == {""}
    assert all(each.record["id"].startswith("swh:1:cnt:") for each in found)


def test_what_is_damaged_is_bad_and_named(tmp_path: Path) -> None:
    keep(tmp_path / "contents", CODE, MORE)
    other, cut = b"other = 1\n", b"cut = 2\n"
    (tmp_path / "contents" / sha1(other)).write_bytes(gzip.compress(b"evil = 1\n"))
    (tmp_path / "contents" / sha1(cut)).write_bytes(gzip.compress(cut)[:-3])
    (tmp_path / "contents" / sha1(b"folder")).mkdir()
    cases = [
        ("missing", row("a.py", b"gone = 1\n")),
        ("corrupt", row("b.py", other)),
        ("corrupt", row("c.py", cut)),
        ("corrupt", row("d.py", CODE, content_id="0" * 40)),
        ("corrupt", row("e.py", CODE, length_bytes=3)),
        ("corrupt", row("f.py", CODE, length_bytes=99)),
        ("unreadable", row("g.py", b"folder")),
        ("no-id", row("h.py", CODE, blob_id="../../etc/passwd")),
        ("no-id", {"path": "/i.py"}),
        ("path", row("../j.py", CODE)),
        ("path", row("k//l.py", CODE)),
        ("path", row("l.py", CODE) | {"path": 7}),
        ("value", row("m.py", CODE, length_bytes=-1)),
        ("value", {"files": "none"}),
        ("value", {"files": [1]}),
        ("", row("fine.py", CODE)),
    ]
    found = read_all(write_lines(tmp_path / "m.jsonl", *(record for _, record in cases)))
    assert reasons(found) == [reason for reason, _ in cases]
    assert [each.row for each in found] == list(range(len(cases)))
    named = [each for each in found if isinstance(each, Bad)]
    assert named[0].name.endswith(";path=/a.py")
    assert all(each.raw == b"" for each in named)


def test_lines_that_are_no_records_keep_their_place(tmp_path: Path) -> None:
    keep(tmp_path / "contents", CODE)
    path = tmp_path / "m.jsonl"
    good = json.dumps(repository(file_of("a.py", CODE), file_of("b.py", CODE)))
    path.write_text(f"{good}\nno record\n{good}\n")
    found = read_all(path)
    assert [(each.row, each.line) for each in found if not isinstance(each, Damage)] == [
        *((0, 1), (1, 1), (2, 2), (3, 3), (4, 3))
    ]
    assert reasons(found) == ["", "", "json", "", ""]
    packed = gzip.compress(path.read_bytes())
    (tmp_path / "n.jsonl.gz").write_bytes(packed[:-4])
    last = read_all(tmp_path / "n.jsonl.gz")[-1]
    assert isinstance(last, Damage)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("# привет\n", "Windows-1251"),
        ("# привет\n", "KOI8-R"),
        ("# caf\xe9\n", "ISO-8859-1"),
        ("# \u65e5\u672c\u8a9e\n", "Shift_JIS"),
        ("# \u65e5\u672c\u8a9e\n", "EUC-JP"),
        ("# \u4e2d\u6587\n", "GB18030"),
        ("# plain\n", "ascii"),
        ("# mark\n", "UTF-8-SIG"),
    ],
)
def test_the_encoding_that_is_told_is_used(tmp_path: Path, text: str, encoding: str) -> None:
    raw = text.encode(codec_of(encoding))
    keep(tmp_path / "contents", raw)
    said = row("a.py", raw, src_encoding=encoding)
    assert read_raws(write_lines(tmp_path / "m.jsonl", said))[0].record["text"] == text
    inlined = write_lines(tmp_path / "n.jsonl", {**said, "content": text})
    assert read_raws(inlined, "")[0].record == read_raws(tmp_path / "m.jsonl")[0].record


@pytest.mark.parametrize(
    "name",
    ["idna", "punycode", "unicode_escape", "zlib", "rot13", "UTF-7", "os", "..", "é", "x" * 9999],
)
def test_what_is_no_encoding_of_files_is_not_known(name: str) -> None:
    assert codec_of(name) == ""


def test_a_content_in_the_record_is_held_against_its_ids(tmp_path: Path) -> None:
    good = {**row("a.py", CODE), "content": CODE.decode()}
    files = [file_of("b.py", MORE, content=MORE.decode()), file_of("c.py", CODE, content="other")]
    bare = {"repo_name": "mill/stones", "path": "/d.py", "content": "bare = 1\n"}
    found = read_all(write_lines(tmp_path / "m.jsonl", good, repository(*files), bare), "")
    assert reasons(found) == ["", "", "corrupt", ""]
    last = found[-1]
    assert isinstance(last, Raw)
    assert (
        last.record["id"]
        == f"swh:1:cnt:{content_id(b'bare = 1' + bytes([10]))};origin={URL};path=/d.py"
    )


def test_without_contents_all_is_missing(tmp_path: Path) -> None:
    assert reasons(read_all(write_lines(tmp_path / "m.jsonl", row("a.py", CODE)), "")) == [
        "missing"
    ]


def test_a_stack_edu_row_has_its_git_id_computed(tmp_path: Path) -> None:
    keep(tmp_path / "contents", CODE)
    said = {
        key: row("a.py", CODE)[key]
        for key in ("blob_id", "language", "repo_name", "path", "src_encoding")
    }
    found = read_raws(write_lines(tmp_path / "m.jsonl", {**said, "score": 3.4, "int_score": 3}))
    assert found[0].record["id"] == f"swh:1:cnt:{content_id(CODE)};origin={URL};path=/a.py"
    assert found[0].record["content_id"] == content_id(CODE)


def test_rows_of_software_heritage_s_own_table(tmp_path: Path) -> None:
    latin = "café\n".encode("latin-1")
    ids = [
        {
            "sha1": sha1(raw),
            "sha1_git": content_id(raw),
            "sha256": hashlib.sha256(raw).hexdigest(),
            "blake2s256": hashlib.blake2s(raw).hexdigest(),
            "length": len(raw),
            "status": "visible",
        }
        for raw in (CODE, MORE, latin)
    ]
    keep(tmp_path / "contents", CODE, MORE, latin)
    cases = [
        *ids,
        {**ids[0], "status": "hidden"},
        {**ids[1], "status": "absent", "reason": "too large"},
        {**ids[0], "sha256": "0" * 64},
        {**ids[0], "blake2s256": "0" * 64},
    ]
    said = ["", "", "not-utf8", "hidden", "absent", "corrupt", "corrupt"]
    found = read_all(write_lines(tmp_path / "m.jsonl", *cases))
    assert reasons(found) == said
    first = found[0]
    assert isinstance(first, Raw)
    assert first.record["id"] == f"swh:1:cnt:{content_id(CODE)}"
    assert first.record["blob_id"] == sha1(CODE)
    assert {"sha1", "sha1_git"}.isdisjoint(first.record)
    data = [{**each, "data": raw} for each, raw in zip(ids, (CODE, MORE, latin), strict=True)]
    pq.write_table(pa.Table.from_pylist(data), tmp_path / "m.parquet")
    assert read_all(tmp_path / "m.parquet", "") == found[:3]


@pytest.mark.parametrize(
    ("said", "claim"),
    [
        ({"detected_licenses": ["MIT", "Apache-2.0"]}, "MIT AND Apache-2.0"),
        ({"detected_licenses": ["MIT OR Apache-2.0", "Zlib"]}, "(MIT OR Apache-2.0) AND Zlib"),
        ({"detected_licenses": [], "gha_license_id": "BSD-3-Clause"}, "BSD-3-Clause"),
        ({"detected_licenses": ["MIT"], "gha_license_id": "GPL-3.0"}, "MIT"),
        ({"detected_licenses": []}, ""),
        ({"detected_licenses": ["MIT", "LicenseRef-scancode-unknown-license-reference"]}, "MIT"),
        ({"detected_licenses": ["LicenseRef-scancode-unknown-license-reference"]}, ""),
    ],
)
def test_licences_are_claims(tmp_path: Path, said: dict[str, Any], claim: str) -> None:
    keep(tmp_path / "contents", CODE)
    path = write_lines(tmp_path / "m.jsonl", row("a.py", CODE, **said))
    found = read_raws(path, pass_over=["LicenseRef-scancode-unknown-license-reference"])
    document = to_document(found[0].record, source="stack")
    assert not isinstance(document, str)
    assert document.license == claim


def test_dates_that_lie_are_odd(tmp_path: Path) -> None:
    keep(tmp_path / "contents", CODE)
    dates = ["1970-01-01T00:00:00", 0, "2099-01-01T00:00:00Z", "no date", None]
    rows = [row(f"{at}.py", CODE, committer_date=date) for at, date in enumerate(dates)]
    found = read_raws(write_lines(tmp_path / "m.jsonl", *rows))
    early = ("date-early",)
    assert [each.odd for each in found] == [
        early,
        early,
        ("date-future",),
        ("date-unreadable",),
        (),
    ]
    assert [each.record.get("created") for each in found[:2]] == ["1970-01-01T00:00:00Z"] * 2
    assert found[3].record["committer_date"] == "no date"
    assert found[4].record["created"] == "2020-02-03T04:05:06Z"


def test_a_repository_elsewhere(tmp_path: Path) -> None:
    keep(tmp_path / "contents", CODE)
    rows = [
        row("a.py", CODE, repo_url="git@gitlab.com:mill/stones.git"),
        row("a.py", CODE, repo_name="https://user:secret@example.org/mill/stones"),
        row("a.py", CODE),
        row("a.py", CODE, repo_url="file:///home/someone/stones"),
    ]
    found = read_raws(write_lines(tmp_path / "m.jsonl", *rows), site="https://codeberg.org/")
    assert [each.record.get("repo") for each in found] == [
        "https://gitlab.com/mill/stones",
        "https://example.org/mill/stones",
        "https://codeberg.org/mill/stones",
        None,
    ]


def test_a_bomb_costs_no_more_than_a_content_may(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(256 << 20))
    (tmp_path / "contents").mkdir()
    told, untold = b"told = 1\n", b"untold = 1\n"
    for raw in (told, untold):
        (tmp_path / "contents" / sha1(raw)).write_bytes(bomb)
    rows = [row("a.py", told), {"blob_id": sha1(untold), "path": "/b.py"}]
    path = write_lines(tmp_path / "m.jsonl", *rows)
    tracemalloc.start()
    found = read_all(path, max_bytes=1_000_000)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reasons(found) == ["corrupt", "too-large"]
    assert most < 8_000_000


def test_only_what_is_looked_for_is_fetched(tmp_path: Path) -> None:
    licence = b"SPDX-License-Identifier: MIT\n"
    keep(tmp_path / "contents", licence)
    path = write_lines(tmp_path / "m.jsonl", row("LICENSE", licence), row("gone.py", CODE))
    said = Said("stack", options={"contents": "contents", "exclude": ["LICENSE"]}, root=tmp_path)
    found = list(read(path, "stack-v2", said=said, wanted=lambda name: name == "LICENSE"))
    assert [each.record["text"] for each in found if isinstance(each, Raw)] == [
        licence.decode(),
        "",
    ]
    assert reasons(found) == ["not-included", ""]
    assert reasons(list(read(path, "stack-v2", said=said))) == ["not-included", "missing"]


def test_contents_in_a_store_are_those_in_a_folder(tmp_path: Path, bucket: Bucket) -> None:
    raws = [b"number = %d\n" % at for at in range(60)]
    keep(tmp_path / "contents", *raws)
    rows = [row(f"{at}.py", raw) for at, raw in enumerate(raws)]
    (tmp_path / "contents" / sha1(raws[7])).unlink()
    (tmp_path / "contents" / sha1(raws[8])).write_bytes(b"")
    (tmp_path / "contents" / sha1(raws[9])).write_bytes(gzip.compress(bytes(9 << 20)))
    for each in (tmp_path / "contents").iterdir():
        bucket.foreign.put_object(
            Bucket=bucket.name, Key=f"content/{each.name}", Body=each.read_bytes()
        )
    path = write_lines(tmp_path / "m.jsonl", *rows, row("empty.py", b""))
    near = read_all(path)
    assert reasons(near)[7:10] == ["missing", "corrupt", "corrupt"]
    for fetches in (1, 2, 16):
        assert read_all(path, f"{bucket.url}/content", fetches=fetches) == near
    assert read_all(path, f"{bucket.url}/content") == near


def test_a_bucket_that_is_not_there_stops_the_run(tmp_path: Path, bucket: Bucket) -> None:
    path = write_lines(tmp_path / "m.jsonl", row("a.py", CODE))
    with pytest.raises(ConfigError, match="no such bucket"):
        read_all(path, f"{bucket.url}-not/content")


def test_answers_come_in_order_and_are_bounded() -> None:
    held: list[int] = []
    most = 0

    def answer(number: int) -> int:
        held.append(number)
        return number

    seen = 0
    for number, found in ask_ahead(((at, 16 << 20) for at in range(50)), answer, at_once=8):
        assert (number, found) == (seen, seen)
        seen += 1
        most = max(most, len(held) - seen)
    assert seen == 50
    assert most <= 4


def test_what_fails_is_raised_in_its_place() -> None:
    def answer(number: int) -> int:
        if number == 3:
            raise ValueError(number)
        return number

    found = ask_ahead(((at, 0) for at in range(9)), answer, at_once=4)
    assert [next(found) for _ in range(3)] == [(0, 0), (1, 1), (2, 2)]
    with pytest.raises(ValueError, match="3"):
        next(found)


CONFIG = """
[release]
name = "stack"
[[sources]]
name = "stack"
format = "stack-v2"
paths = ["m.jsonl"]
[sources.options]
"""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('content = "c"', "options.content: unknown key; did you mean 'contents'?"),
        ("contents = 7", "options: Expected `str`"),
        ('slicing = "2"', "options.slicing: write slices"),
        ('key = "md5"', "options: Invalid enum value 'md5'"),
        ('suffix = "/../x"', "options.suffix"),
        ('site = "here"', "options.site"),
        ('contents = "s3://who:secret@bucket/x"', "options.contents"),
        ("fetches = 0", "options: Expected `int` >= 1"),
        ('repo = "x"', "options.repo: unknown key"),
    ],
)
def test_mistakes_in_the_options_are_said(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "c.toml").write_text(CONFIG + line)
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "c.toml")
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    write_lines(tmp_path / "m.jsonl", row("a.py", CODE))
    (tmp_path / "c.toml").write_text(CONFIG + 'contents = "gone"')
    with pytest.raises(ConfigError, match="gone: is no folder"):
        freeze_inputs(load_config(tmp_path / "c.toml"), tmp_path)


def test_the_input_s_digest_tells_what_is_missing_and_no_place(tmp_path: Path) -> None:
    never = [
        row("c.py", b""),
        row("d.py", b"d", status="hidden"),
        row("e.py", b"e", length_bytes=10_000_001),
        row("f.py", b"f", content="f"),
    ]
    path = write_lines(
        tmp_path / "m.jsonl", row("a.py", CODE), repository(file_of("b.py", MORE)), *never
    )
    (tmp_path / "c.toml").write_text(CONFIG + f'contents = "{tmp_path}/contents"')
    source = load_config(tmp_path / "c.toml").sources[0]
    keep(tmp_path / "contents", CODE)
    before = digest_input(tmp_path, "m.jsonl", source)
    keep(tmp_path / "contents", MORE)
    after = digest_input(tmp_path, "m.jsonl", source)
    assert after.sha256 == hashlib.sha256(path.read_bytes()).hexdigest() != before.sha256
    assert str(tmp_path).encode() not in load_config(tmp_path / "c.toml").canonical(tmp_path)


def test_the_guide_s_config_is_right_and_names_every_option(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs/software-heritage.md").read_text(encoding="utf-8")
    shown = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    (tmp_path / "c.toml").write_text('[release]\nname = "mill"\n' + "".join(shown))
    assert load_config(tmp_path / "c.toml").sources[0].format == "stack-v2"
    assert all(f"`{name}`" in guide for name in adapter_of("stack-v2").options)
