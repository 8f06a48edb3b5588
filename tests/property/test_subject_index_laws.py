"""Laws of the subject index: it names what the filter names over every record, and proves what the shards prove."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.optout import Request, optout_filter
from filters.subjects import Subject, SubjectError, content_swhid, normalised_subject, subject
from manifests import check_proof, proof, record
from manifests.addressing import address, shard_name, shard_of
from manifests.content import Branch, branch, content_root, folder_of, record_leaf
from manifests.frames import FrameCut
from pipeline.catalog import read_documents
from pipeline.reach import as_document
from pipeline.release import DOCUMENTS, FRAMES
from pipeline.shards import Line, write_frames
from pipeline.subject_index import Index, keep_index
from pipeline.subject_index.postings import PostingsWriter, map_postings

SEED, SHARDS = 3, 4
SCRATCH = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  TemporaryDirectory picks the name
KEY = b"a key of sixteen"
Held = record.Record | record.Question

small = st.sampled_from(["a", "b", "A", "ab", "a.git", "b.wiki", "tree", "-", "a@1", "src", "x.py"])
hosts = st.sampled_from(
    ["github.com", "gist.github.com", "raw.githubusercontent.com", "gitlab.com", "example.org",
     "git.example.org:8443", "www.example.org", "EXAMPLE.org", "codeberg.org"]
)  # fmt: skip
rests = st.lists(small, max_size=5).map("/".join)
urls = st.builds("https://{}/{}{}".format, hosts, rests, st.sampled_from(["", "/", "?q=a", "#x"]))
repos = st.just("") | st.builds("{}/{}".format, hosts, rests) | urls
texts = st.sampled_from(["", "mill stone", "Mill, stone!", "M\u00fchle \u6c34", "one\ntwo", "..."])
digests = st.sampled_from(["1" * 40, "2" * 40])
ids = st.sampled_from(["a", "b", "c", 'odd\u00e9\\"', "doc/1"]) | st.builds(
    "swh:1:{}:{};origin={};path=/{}".format, st.sampled_from(["cnt", "dir"]), digests, urls, small
)
fields = st.tuples(ids, texts, urls | st.just(""), repos, rests, digests | st.just(""))
Fields = tuple[str, str, str, str, str, str]


def document(said: Fields) -> record.Record:
    name, text, url, repo, path, revision = said
    return record.Record(
        id=name,
        text=text,
        source="code",
        license="MIT",
        language="und",
        url=url,
        created="",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        meta=record.Meta(
            pile_set_name="",
            repo=repo,
            path=path,
            natural_language="und",
            redactions="[]",
            extra=msgspec.json.encode({"revision_id": revision}).decode() if revision else "{}",
        ),
    )


def question(said: Fields) -> record.Question:
    name, text, url, _, _, _ = said
    return record.Question(
        id=name,
        schema="qa/1",
        context=text,
        context_sha256=hashlib.sha256(text.encode()).hexdigest(),
        question="Which?",
        answers=[],
        is_impossible=True,
        plausible_answers=[],
        source="asked",
        license="CC0-1.0",
        language="en",
        url=url,
        title="",
        group="g",
        synthetic=record.Synthetic(method="", seed=0),
        quality=record.Quality(question_words=1, answer_words=0, overlap=0.0, leak=False, places=0),
        meta=record.QuestionMeta(redactions="[]", question_redactions="[]", extra="{}"),
    )


def make(path: Path, held: list[Held]) -> Path:
    """Write a release by hand, with frames of two lines at most and a true content root."""
    groups: dict[str, list[Held]] = {}
    for each in held:
        kind = "data" if isinstance(each, record.Record) else "qa"
        number = shard_of(address(SEED, each.id), SHARDS)
        name = shard_name(f"{kind}/{each.source}", "train", number, SHARDS)
        groups.setdefault(name, []).append(each)
    frames, leaves = [], []
    for name in sorted(groups):
        lines = sorted(
            Line(address(SEED, each.id), record.encode(each), bytes(32)) for each in groups[name]
        )
        receipt = write_frames(path / name, lines, cut=FrameCut(limit=900, most=900))
        for number, frame in enumerate(receipt.frames):
            row = (name, number, frame.offset, frame.length, frame.raw_length, frame.documents, "")
            frames.append(dict(zip(FRAMES.names, row, strict=True)))
        leaves += [(each[0], folder_of(name), each[1].removesuffix(b"\n")) for each in lines]
    (path / "index").mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(frames, schema=FRAMES), path / "index/frames.parquet")
    pq.write_table(DOCUMENTS.empty_table(), path / "index/documents.parquet")
    (path / "config").mkdir()
    (path / "config/config.json").write_text('{"sources": [], "dedup": {}}')
    write_manifest(path, held, leaves)
    return path


def write_manifest(path: Path, held: list[Held], leaves: list[tuple[bytes, str, bytes]]) -> None:
    branches: list[Branch] = []
    for number in range(SHARDS):
        mine = [each for each in sorted(leaves) if shard_of(each[0], SHARDS) == number]
        branches.append(branch(record_leaf(at, line, folder) for at, folder, line in mine))
    documents = sum(isinstance(each, record.Record) for each in held)
    head = {
        "name": "law",
        "version": "1.0.0",
        "content_root": content_root(branches, SEED),
        "branches": branches,
        "documents": documents,
        "questions": len(held) - documents,
        "bytes_raw": 0,
        "build": {"seed": SEED, "shards": SHARDS},
    }
    (path / "manifest.json").write_bytes(msgspec.json.encode(head))


def by_scan(release: Path, one: Subject) -> list[str]:
    """Ask the filter about every record: the old way."""
    single = optout_filter([Request("asked", one, "none")], key=KEY)
    found = (as_document(each) for each in read_documents(release))
    return sorted({each.id for each in found if not single.judge(each).keep})


def subjects_of(said: Fields) -> Iterator[Subject]:
    """Make every subject that the parts of a record spell."""
    name, text, url, repo, path, revision = said
    spelt = [("id", name), ("url", url), ("repo", url), ("owner", url), ("origin", url)]
    host = url.partition("//")[2].partition("/")[0].partition(":")[0]
    spelt += [("domain", host)]
    spelt += [("repo", repo), ("owner", repo), ("origin", repo), ("author", "a@example.org")]
    spelt += [("owner", each.rpartition("/")[0]) for each in (url, repo)]
    spelt += [("url", url.rpartition("/")[0]), ("swhid", name), ("swhid", name.partition(";")[0])]
    spelt += [("swhid", f"swh:1:rev:{revision}"), ("swhid", f"swh:1:rev:{revision};origin={url}")]
    spelt += [("swhid", f"{content_swhid(text.encode())};path=/{path}")]
    spelt += [("swhid", content_swhid(text.encode()))]
    for kind, value in spelt:
        try:
            yield subject(kind, value, key=KEY)
        except SubjectError:
            continue
    for glob in (path, "*.py", "src/", f"/{path}"):
        for place in (repo, url):
            try:
                yield subject("path", glob, repo=place)
            except SubjectError:
                continue
    try:
        yield normalised_subject(f"({text.upper()})")
    except SubjectError:
        return


@given(
    st.lists(fields, max_size=12, unique_by=lambda each: each[0]),
    st.lists(fields, max_size=3, unique_by=lambda each: each[0]),
    fields,
)
@settings(max_examples=40, deadline=None)
def test_the_index_names_what_the_filter_names_and_proves_what_the_shards_prove(
    documents: list[Fields], questions: list[Fields], absent: Fields
) -> None:
    held: list[Held] = [*map(document, documents), *map(question, questions)]
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        release = make(Path(folder) / "law-1.0.0", held)
        index = keep_index(release)
        for said in [*documents, *questions, absent]:
            for one in set(subjects_of(said)):
                assert index.ids(index.find(one)) == by_scan(release, one), one
            check_proofs(index, release, said[0])


def check_proofs(index: Index, release: Path, name: str) -> None:
    """Hold a proof against the checker, and against the one that is made of the shards' lines."""
    found = index.prove(name)
    said: dict[str, Any] = msgspec.to_builtins(found)
    there = any(each["id"] == name for each in read_documents(release))
    assert check_proof.check(said, index.head.content_root) == ("member" if there else "absent")
    entries = []
    number = shard_of(address(SEED, name), SHARDS)
    for row in range(index.head.records):
        each = index.row(row).id
        if shard_of(address(SEED, each), SHARDS) == number:
            line = hashlib.sha256(index.line(row)).digest()
            folder = "qa/asked/train" if index.is_question(row) else "data/code/train"
            entries.append(proof.Entry(address(SEED, each), folder, line))
    head: Any = index.head
    assert proof.prove(head, name, sorted(entries)) == found


@given(
    st.lists(st.lists(st.integers(0, 40).map(lambda n: n * 0x0A37_9B97_F4A7_C15), max_size=6)),
    st.integers(0, 45).map(lambda n: n * 0x0A37_9B97_F4A7_C15),
)
@settings(max_examples=60, deadline=None)
def test_postings_hold_the_rows_of_each_key_in_order(given_: list[list[int]], asked: int) -> None:
    with tempfile.TemporaryDirectory(dir=SCRATCH) as name:
        folder = Path(name)
        with PostingsWriter(folder) as writer:
            for row, keys in enumerate(given_):
                writer.add(row, set(keys))
            assert writer.close() == sum(len(set(keys)) for keys in given_)
        assert len(list(folder.iterdir())) == 3
        found = map_postings(folder).find(asked)
    assert found.tolist() == [row for row, keys in enumerate(given_) if asked in keys]
    assert found.dtype == np.uint32


def test_no_postings_are_postings() -> None:
    with tempfile.TemporaryDirectory(dir=SCRATCH) as name:
        with PostingsWriter(Path(name)) as writer:
            writer.close()
        assert map_postings(Path(name)).find(1).tolist() == []
        (Path(name) / "rows.u32").write_bytes(b"abcd")
        with pytest.raises(ValueError, match="do not fit"):
            map_postings(Path(name))
