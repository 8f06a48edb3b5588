"""A small real release, damaged in every way: verify names the file, the frame, the document."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests import manifest as m
from manifests import record as r
from manifests.addressing import address, shard_name, shard_of
from manifests.changelog import CHANGES, steps_json
from manifests.checksum import canonical_json, canonical_sha256
from manifests.content import Branch, branch, content_root, folder_of, record_leaf
from manifests.diff import Step
from manifests.frames import FrameCut
from manifests.metadata.provenance import PROVENANCE, provenance
from pipeline import release as w
from pipeline.shards import Line, write_frames
from pipeline.verify import Report, verify

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = 7
SHARDS = 2
CUT = FrameCut(limit=1500, most=1000)
Lines = list[tuple[str, bytes]]
INDEX = {"index/frames.parquet", "index/documents.parquet"}
LISTS = {m.MANIFEST, m.SUMS}


def document(number: int, source: str, **changes: Any) -> r.Record:
    text = f"Document {number} of {source}: " + "né word " * (number % 9 + 1)
    meta = r.Meta(
        pile_set_name=source,
        repo=f"https://git.example/{source}",
        path=f"docs/{number}.md",
        natural_language="en",
        redactions='[[0,8,"email"]]',
        extra='{"stars":12345678901234567890123}',
    )
    plain = r.Record(
        id=f"{source}-{number}",
        text=text,
        source=source,
        license="MIT",
        language="en",
        url="",
        created="",
        sha256=sha256(text.encode()).hexdigest(),
        meta=meta,
    )
    return msgspec.structs.replace(plain, **changes)


def question(number: int, **changes: Any) -> r.Question:
    context = f"Zoë wrote sentence {number} in Paris."
    answer = r.Answer(text="Zoë", start=0, end=3)
    plain = r.Question(
        id=f"q-{number}",
        schema="squad-v2",
        context=context,
        context_sha256=sha256(context.encode()).hexdigest(),
        question="Who wrote it?",
        answers=[answer],
        is_impossible=False,
        plausible_answers=[],
        source="quiz",
        license="CC-BY-4.0",
        language="en",
        url="",
        title="Zoë",
        group="1",
        synthetic=r.Synthetic(method="", seed=0),
        quality=r.Quality(question_words=3, answer_words=1, overlap=0.5, leak=False, places=1),
        meta=r.QuestionMeta(redactions="[]", question_redactions="[]", extra="{}"),
    )
    return msgspec.structs.replace(plain, **changes)


def split_of(number: int) -> str:
    return "test" if number % 5 == 0 else "train"


def as_is(rows: list[dict[str, Any]]) -> None:
    """Bend nothing."""


class Plan:
    """Everything that goes into a release; a test bends it before `build` writes it."""

    def __init__(self) -> None:
        self.documents = [
            (split_of(n), document(n, source)) for source in ("code", "prose") for n in range(24)
        ]
        self.questions = [("train", question(n)) for n in range(6)]
        self.decisions: list[dict[str, Any]] | None = None
        self.splits: list[dict[str, str]] | None = None
        self.tombstones = [r.Tombstone(id="gone", removed_in="1.0.0", reason="optout", request="a")]
        self.bend_frames: Callable[[list[dict[str, Any]]], None] = as_is
        self.bend_documents: Callable[[list[dict[str, Any]]], None] = as_is
        self.bend_manifest: Callable[[m.Manifest], m.Manifest] = lambda manifest: manifest
        self.bend_lines: Callable[[str, Lines], Lines] = lambda _, lines: lines


def default_decisions(plan: Plan) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    next_row: Counter[str] = Counter()
    records = [record for _, record in plan.documents] + [q for _, q in plan.questions]

    def add(
        id_: str,
        source: str,
        stage: str,
        reason: str = "",
        survivor: str = "",
        detail: str = "{}",
    ) -> None:
        path = f"in/{source}.jsonl"
        rows.append(
            {
                "id": id_,
                "source": source,
                "input": path,
                "row": next_row[path],
                "verdict": "keep" if stage == "keep" else "drop",
                "stage": stage,
                "reason": reason,
                "detail": detail,
                "survivor": survivor,
            }
        )
        next_row[path] += 1

    for each in records:
        add(each.id, each.source, "keep")
    add("code-0", "code", "exact", "same-content", "code-0")
    add("prose-near", "prose", "near", "jaccard:0.91", "code-1")
    add("in/prose.jsonl#25", "prose", "read", "json", detail='{"line":26}')
    return rows


def place(plan: Plan) -> dict[str, list[r.Record | r.Question]]:
    shards: dict[str, list[r.Record | r.Question]] = {}
    for split, record in plan.documents:
        number = shard_of(address(SEED, record.id), SHARDS)
        path = shard_name(f"data/{record.source}", split, number, SHARDS)
        shards.setdefault(path, []).append(record)
    for split, each in plan.questions:
        number = shard_of(address(SEED, each.id), SHARDS)
        path = shard_name(f"qa/{each.source}", split, number, SHARDS)
        shards.setdefault(path, []).append(each)
    for records in shards.values():
        records.sort(key=lambda each: address(SEED, each.id))
    return dict(sorted(shards.items()))


def index_row(record: r.Record, path: str, frame: int, offset: int, length: int) -> dict[str, Any]:
    place_ = m.shard_path(path)
    assert place_ is not None
    return {
        "id": record.id,
        "source": record.source,
        "split": place_.split,
        "shard": path,
        "frame": frame,
        "offset": offset,
        "length": length,
        "sha256": record.sha256,
        "license": record.license,
        "language": record.language,
        "natural_language": record.meta.natural_language,
        "repo": record.meta.repo,
        "path": record.meta.path,
        "family": "",
    }


def with_leaves(path: str, lines: Lines) -> list[Line]:
    return [
        Line(address(SEED, id_), line, record_leaf(address(SEED, id_), line[:-1], folder_of(path)))
        for id_, line in lines
    ]


def grow(plan: Plan) -> tuple[Branch, ...]:
    """The branches of the content tree, by the definition."""
    leaves: dict[int, list[tuple[bytes, str, bytes]]] = {number: [] for number in range(SHARDS)}
    for path, records in place(plan).items():
        lines = plan.bend_lines(path, [(each.id, r.encode(each)) for each in records])
        for line in with_leaves(path, lines):
            number = shard_of(line.address, SHARDS)
            leaves[number].append((line.address, folder_of(path), line.leaf))
    return tuple(branch(leaf for _, _, leaf in sorted(leaves[number])) for number in range(SHARDS))


def write_shards(release: Path, plan: Plan) -> tuple[list[m.File], list[Any], list[Any]]:
    files: list[m.File] = []
    frames: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for path, records in place(plan).items():
        lines = plan.bend_lines(path, [(each.id, r.encode(each)) for each in records])
        receipt = write_frames(release / path, with_leaves(path, lines), cut=CUT)
        files.append(receipt.listed(path))
        kept = iter(records)
        for number, frame in enumerate(receipt.frames):
            frames.append(
                {
                    "shard": path,
                    "frame": number,
                    "offset": frame.offset,
                    "length": frame.length,
                    "raw_length": frame.raw_length,
                    "documents": frame.documents,
                    "merkle": frame.merkle,
                }
            )
            for offset, length in frame.lines():
                each = next(kept, None)
                if isinstance(each, r.Record):
                    rows.append(index_row(each, path, number, offset, length))
    return files, frames, rows


def describe(plan: Plan, files: list[m.File], decisions: list[dict[str, Any]]) -> m.Manifest:
    inputs = Counter((row["source"], row["input"]) for row in decisions)
    sources = []
    for name, kind, folder in (
        ("code", "document", "data"),
        ("prose", "document", "data"),
        ("quiz", "question", "qa"),
    ):
        own = [file for file in files if file.path.startswith(f"{folder}/{name}/")]
        splits: Counter[str] = Counter()
        for file in own:
            where = m.shard_path(file.path)
            assert where is not None
            splits[where.split] += file.records or 0
        sources.append(
            m.Source(
                name=name,
                kind="document" if kind == "document" else "question",
                read=sum(n for (source, _), n in inputs.items() if source == name),
                kept=splits.total(),
                bytes=sum(file.raw_bytes or 0 for file in own),
                splits=dict(splits),
                licenses={"MIT": splits.total()},
            )
        )
    dropped: dict[str, Counter[str]] = {}
    for row in decisions:
        if row["verdict"] == "drop":
            dropped.setdefault(row["stage"], Counter())[row["reason"]] += 1
    left, stages = len(decisions), []
    for stage in (name for name in m.STAGES if name in dropped):
        reasons = dropped[stage]
        entered, left = left, left - reasons.total()
        stages.append(m.Stage(stage=stage, entered=entered, left=left, dropped=dict(reasons)))
    return m.Manifest(
        schema_version=m.SCHEMA_VERSION,
        name="tiny",
        version="1.0.0",
        change="initial",
        content_root=content_root(grow(plan), SEED),
        branches=grow(plan),
        documents=len(plan.documents),
        questions=len(plan.questions),
        bytes_raw=sum(file.raw_bytes or 0 for file in files),
        build=m.Build(
            code_sha256="0" * 64,
            config_sha256="0" * 64,
            libzstd="1.5.7",
            packages={"pyarrow": pa.__version__},
            seed=SEED,
            shards=SHARDS,
        ),
        inputs=tuple(
            m.Input(source=source, path=path, sha256="1" * 64, bytes=1, records=n)
            for (source, path), n in sorted(inputs.items())
        ),
        registries=(),
        license="none",
        optout="none",
        redact=m.Redact(level="balanced", counts={"email": 48}),
        stages=tuple(stages),
        sources=tuple(sources),
        quarantined={"prose": 1},
        notes=("no licence filter was configured",),
        files=tuple(files),
    )


def build(release: Path, plan: Plan | None = None) -> Path:
    plan = Plan() if plan is None else plan
    files, frames, rows = write_shards(release, plan)
    decisions = default_decisions(plan) if plan.decisions is None else plan.decisions
    splits = [{"id": row["id"], "family": row["family"], "split": row["split"]} for row in rows]
    plan.bend_frames(frames)
    plan.bend_documents(rows)
    for path, table, schema in (
        ("index/frames.parquet", frames, w.FRAMES),
        ("index/documents.parquet", rows, w.DOCUMENTS),
        ("ledger/decisions-00000.parquet", decisions[:20], w.DECISIONS),
        ("ledger/decisions-00001.parquet", decisions[20:], w.DECISIONS),
        ("ledger/splits.parquet", splits if plan.splits is None else plan.splits, w.SPLIT_LEDGER),
    ):
        w.write_parquet(release / path, pa.Table.from_pylist(table, schema))
    for path, text in (
        ("README.md", b"# tiny\n"),
        ("ledger/tombstones.jsonl", b"".join(map(r.encode, plan.tombstones))),
    ):
        w.write_bytes(release / path, text)
    others = [path for path in tree(release) if not m.is_shard(path)]
    listed = [*files, *(w.listed(release, path) for path in others)]
    listed.sort(key=lambda file: file.path.encode())
    w.write_lists(release, attest(release, plan.bend_manifest(describe(plan, listed, decisions))))
    return release


def attest(release: Path, manifest: m.Manifest) -> m.Manifest:
    """Write the papers that repeat what a manifest says of its making; return it with them listed."""
    build = manifest.build
    config = {
        "release": {
            "name": manifest.name,
            "version": manifest.version,
            "seed": build.seed,
            "shards": build.shards,
        },
        "redact": {"level": manifest.redact.level, "replace": {}, "recognisers": []},
        "sources": [{"name": source.name} for source in manifest.sources],
    }
    step = Step(
        version=manifest.version, content_root=manifest.content_root, change=manifest.change
    )
    manifest = msgspec.structs.replace(
        manifest,
        build=msgspec.structs.replace(build, config_sha256=canonical_sha256(config)),
    )
    w.write_bytes(release / w.CONFIG_PATH, canonical_json(config))
    w.write_bytes(release / CHANGES, steps_json([step]))
    return list_papers(release, manifest)


def list_papers(release: Path, manifest: m.Manifest) -> m.Manifest:
    """List the papers as they are, provenance.json made anew."""
    files = {file.path: file for file in manifest.files}
    for path in (w.CONFIG_PATH, CHANGES, PROVENANCE):
        if path == PROVENANCE:
            files.pop(path, None)
            manifest = with_files(manifest, files)
            made = provenance(manifest, (release / w.CONFIG_PATH).read_bytes())
            w.write_bytes(release / path, made)
        files[path] = w.listed(release, path)
    return with_files(manifest, files)


def with_files(manifest: m.Manifest, files: dict[str, m.File]) -> m.Manifest:
    listed = tuple(sorted(files.values(), key=lambda file: file.path.encode()))
    return msgspec.structs.replace(manifest, files=listed)


def tree(release: Path) -> list[str]:
    return sorted(p.relative_to(release).as_posix() for p in release.rglob("*") if p.is_file())


def named(report: Report) -> set[str]:
    return {problem.path for problem in report.problems}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("sound") / "tiny-1.0.0")


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "copy"))


def forged(tmp_path: Path, plan: Plan) -> Report:
    """A release whose lists agree with its bytes: only the deep check can find what is wrong."""
    report = verify(build(tmp_path / "forged", plan), deep=False)
    assert report.problems == ()
    return verify(tmp_path / "forged", deep=True)


def data_shard(release: Path) -> str:
    return next(path for path in tree(release) if path.startswith("data/code/train-00000"))


@pytest.mark.parametrize("deep", [False, True])
def test_a_sound_release_has_no_problem(sound: Path, deep: bool) -> None:
    report = verify(sound, deep=deep)
    assert report.problems == ()
    assert report.ok
    assert (report.files, report.documents, report.questions) == (len(tree(sound)), 48, 6)


def test_the_release_has_several_frames_in_a_shard(sound: Path) -> None:
    rows = pq.read_table(sound / "index/frames.parquet").to_pylist()
    assert max(row["frame"] for row in rows) >= 2


def test_sha256sum_agrees(sound: Path) -> None:
    subprocess.run(["sha256sum", "--strict", "-c", m.SUMS], cwd=sound, check=True, timeout=60)


def test_building_twice_gives_the_same_bytes(sound: Path, tmp_path: Path) -> None:
    other = build(tmp_path / "again")
    assert (other / m.SUMS).read_bytes() == (sound / m.SUMS).read_bytes()


def test_every_flipped_file_is_named_and_no_other(copy: Path) -> None:
    for path in tree(copy):
        before = (copy / path).read_bytes()
        for position in (0, len(before) // 2, len(before) - 1):
            damaged = bytearray(before)
            damaged[position] ^= 1 << position % 8
            (copy / path).write_bytes(damaged)
            for deep in (False, True):
                found = named(verify(copy, deep=deep))
                assert path in found
                assert found <= {path} | LISTS
        (copy / path).write_bytes(before)
    assert verify(copy, deep=True).ok


@settings(max_examples=300, deadline=None, derandomize=True)
@given(data=st.data())
def test_any_single_bit_flip_is_named_exactly(sound: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(tree(sound)))
    file = sound / path
    before = file.read_bytes()
    bit = data.draw(st.integers(0, len(before) * 8 - 1))
    damaged = bytearray(before)
    damaged[bit // 8] ^= 1 << bit % 8
    try:
        file.write_bytes(damaged)
        for deep in (False, True):
            found = named(verify(sound, deep=deep))
            assert path in found
            assert found <= {path} | LISTS
    finally:
        file.write_bytes(before)


def test_every_bit_of_a_shard_flip_names_a_frame(copy: Path) -> None:
    path = data_shard(copy)
    before = (copy / path).read_bytes()
    rows = [
        row
        for row in pq.read_table(copy / "index/frames.parquet").to_pylist()
        if row["shard"] == path
    ]
    for row in rows:
        damaged = bytearray(before)
        damaged[row["offset"] + row["length"] // 2] ^= 4
        (copy / path).write_bytes(damaged)
        problems = verify(copy, deep=True).problems
        deep = [problem for problem in problems if problem.frame is not None]
        assert {problem.frame for problem in deep} == {row["frame"]}
        assert all(problem.document is not None for problem in deep)
        assert str(deep[0]).startswith(f"verify: {path}: frame {row['frame']}: document ")


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.99])
def test_truncated_files_are_named(copy: Path, keep: float) -> None:
    for path in tree(copy):
        before = (copy / path).read_bytes()
        (copy / path).write_bytes(before[: int(len(before) * keep)])
        found = named(verify(copy, deep=True))
        assert path in found
        assert found <= {path} | LISTS
        (copy / path).write_bytes(before)


def test_appended_bytes_are_named(copy: Path) -> None:
    for path in tree(copy):
        before = (copy / path).read_bytes()
        (copy / path).write_bytes(before + b"\n")
        found = named(verify(copy, deep=True))
        assert path in found
        assert found <= {path} | LISTS
        (copy / path).write_bytes(before)


def test_missing_files_are_named(copy: Path) -> None:
    for path in tree(copy):
        before = (copy / path).read_bytes()
        (copy / path).unlink()
        for deep in (False, True):
            assert named(verify(copy, deep=deep)) == {path}
        (copy / path).write_bytes(before)


def test_a_missing_release_is_a_problem_not_an_error(tmp_path: Path) -> None:
    assert "." in named(verify(tmp_path / "none", deep=True))
    (tmp_path / "file").write_bytes(b"")
    assert "." in named(verify(tmp_path / "file", deep=True))


@pytest.mark.parametrize("extra", [".hidden", "data/code/.x.tmp", "empty", "data/code/é\n", "x/y"])
def test_an_unlisted_file_is_named(copy: Path, extra: str) -> None:
    (copy / extra).parent.mkdir(exist_ok=True)
    (copy / extra).write_bytes(b"")
    assert named(verify(copy, deep=True)) == {extra.replace("\n", "\\n")}


@pytest.mark.parametrize("deep", [False, True])
def test_an_empty_folder_is_named(copy: Path, deep: bool) -> None:
    (copy / "data/more/deep").mkdir(parents=True)
    (problem,) = verify(copy, deep=deep).problems
    assert str(problem) == (
        "verify: data/more/deep/: is an empty folder, in which nothing is listed"
    )


def test_another_content_root_than_the_one_asked_for_is_a_problem(sound: Path) -> None:
    manifest = m.decode((sound / m.MANIFEST).read_bytes())
    report = verify(sound, deep=True, content_root=manifest.content_root)
    assert report.ok
    assert (report.name, report.version) == ("tiny", "1.0.0")
    assert report.content_root == manifest.content_root
    (problem,) = verify(sound, deep=True, content_root="0" * 64).problems
    assert problem.path == m.MANIFEST
    assert "not the one asked for" in problem.problem


def test_a_name_that_is_no_utf8_is_named(copy: Path) -> None:
    (Path(os.fsdecode(os.fsencode(copy) + b"/\xff"))).write_bytes(b"")
    assert named(verify(copy, deep=True)) == {"\\xff"}


def test_links_and_special_files_are_damage(copy: Path) -> None:
    shard = data_shard(copy)
    (copy / "aside").mkdir()
    (copy / shard).rename(copy / "aside" / "shard")
    (copy / shard).symlink_to(copy / "aside" / "shard")
    (copy / "linked").symlink_to("/")
    os.mkfifo(copy / "pipe")
    found = named(verify(copy, deep=True))
    assert found == {shard, "linked", "pipe", "aside/shard"}


def test_swapped_files_are_both_named(copy: Path) -> None:
    one, two = [path for path in tree(copy) if path.startswith("data/")][:2]
    (copy / one).rename(copy / "x")
    (copy / two).rename(copy / one)
    (copy / "x").rename(copy / two)
    report = verify(copy, deep=True)
    assert named(report) == {one, two}
    for path in (one, two):  # a report names damaged files and no other
        assert f"verify: {path}: holds the content of another file" in map(str, report.problems)


def test_damage_in_two_places_is_named_twice(copy: Path) -> None:
    shard = data_shard(copy)
    for path in (m.SUMS, shard, "README.md"):
        data = bytearray((copy / path).read_bytes())
        data[3] ^= 1
        (copy / path).write_bytes(data)
    assert named(verify(copy, deep=True)) >= {m.SUMS, shard, "README.md"}
    assert named(verify(copy, deep=True)) <= {shard, "README.md"} | LISTS


def test_a_file_changed_together_with_its_checksum_line_is_named(copy: Path) -> None:
    was = sha256((copy / "README.md").read_bytes()).hexdigest()
    (copy / "README.md").write_bytes(b"other\n")
    sums = (copy / m.SUMS).read_text().replace(was, sha256(b"other\n").hexdigest())
    (copy / m.SUMS).write_text(sums)
    assert named(verify(copy, deep=False)) == {"README.md", m.SUMS}


def test_a_file_removed_together_with_its_checksum_line_is_named(copy: Path) -> None:
    (copy / "README.md").unlink()
    lines = (copy / m.SUMS).read_text().splitlines(keepends=True)
    (copy / m.SUMS).write_text("".join(line for line in lines if "README.md" not in line))
    assert named(verify(copy, deep=False)) == {"README.md", m.SUMS}


def test_a_manifest_edited_together_with_its_checksum_line_contradicts_itself(copy: Path) -> None:
    data = (copy / m.MANIFEST).read_bytes()
    other = data.replace(b'"documents": 48', b'"documents": 47')
    assert other != data
    (copy / m.MANIFEST).write_bytes(other)
    w.write_bytes(copy / m.SUMS, m.checksums_text(m.decode(other), other).encode())
    assert named(verify(copy, deep=True)) == {m.MANIFEST}


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[" * 100_000, b"{}", b"\xff", b'{"name":"\\ud800"}', b"null\n"]
)
def test_a_manifest_that_does_not_parse_is_named(copy: Path, data: bytes) -> None:
    (copy / m.MANIFEST).write_bytes(data)
    assert named(verify(copy, deep=True)) == {m.MANIFEST}


# What only the deep check finds: the lists are consistent, the content is not.


def bend(records: list[tuple[str, r.Record]], number: int, **changes: Any) -> str:
    split, record = records[number]
    records[number] = (split, msgspec.structs.replace(record, **changes))
    return record.id


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sha256": "0" * 64}, "sha256 is not that of the text"),
        ({"license": ""}, "license is empty"),
        ({"language": ""}, "language is empty"),
    ],
)
def test_a_wrong_record_is_named_with_frame_and_document(
    tmp_path: Path, changes: dict[str, str], says: str
) -> None:
    plan = Plan()
    id_ = bend(plan.documents, 3, **changes)
    (problem,) = forged(tmp_path, plan).problems
    assert problem.path.startswith("data/code/")
    assert (problem.document, problem.problem) == (id_, says)
    assert problem.frame is not None


@pytest.mark.parametrize(
    ("redactions", "extra"),
    [
        ("[[0,999,1]]", "{}"),
        ('[[0,9999,"email"]]', "{}"),
        ('[[5,4,"email"]]', "{}"),
        ("[]", "[]"),
        ("[]", "{"),
        ("[" * 50_000, "{}"),
        ("[]", '{"a":' * 50_000),
    ],
)
def test_wrong_json_strings_are_named(tmp_path: Path, redactions: str, extra: str) -> None:
    plan = Plan()
    meta = msgspec.structs.replace(plan.documents[3][1].meta, redactions=redactions, extra=extra)
    id_ = bend(plan.documents, 3, meta=meta)
    (problem,) = forged(tmp_path, plan).problems
    assert problem.document == id_
    assert problem.problem.startswith("meta.")


def rewrite(change: Callable[[bytes], bytes]) -> Plan:
    plan = Plan()

    def bent(path: str, lines: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        if not path.startswith("data/prose/train-00001"):
            return lines
        return [lines[0], (lines[1][0], change(lines[1][1])), *lines[2:]]

    plan.bend_lines = bent
    return plan


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.replace(b'"url":""', b'"url":null'),
        lambda line: line.replace(b'"url":"",', b""),
        lambda line: line.replace(b'"url":"",', b'"url":"","more":"",'),
        lambda line: line.replace(b'"url":"",', b'"url": "",'),
        lambda line: line.replace(b'"url":"","created":"",', b'"created":"","url":"",'),
        lambda line: line.replace(b'"url":"",', b'"url":"","url":"",'),
        lambda line: line.replace(b'"text":"', b'"text":"","text":"'),
        lambda line: line.replace(b"https://", b"https:\\/\\/"),
        lambda line: line.replace(b"\xc3\xa9", b"\\u00e9"),
        lambda line: line.replace(b"\xc3\xa9", b"\xff"),
        lambda line: line[:0] + b"\n",
        lambda line: b"[" * 50_000 + line,
    ],
)
def test_a_line_that_is_no_canonical_record_is_named(
    tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    found = [p for p in forged(tmp_path, rewrite(change)).problems if p.frame is not None]
    assert {p.path for p in found if p.path.startswith("data/")} == {
        "data/prose/train-00001-of-00002.jsonl.zst"
    }
    assert any(p.problem.startswith("is no record: ") and p.document is not None for p in found)


def test_a_document_out_of_order_is_named(tmp_path: Path) -> None:
    plan = Plan()
    plan.bend_lines = lambda path, lines: (
        [lines[1], lines[0], *lines[2:]] if path.startswith("data/prose/train-00001") else lines
    )
    problems = forged(tmp_path, plan).problems
    assert any(p.problem == "is out of order" and p.document is not None for p in problems)


def test_an_id_twice_in_a_shard_or_across_sources_is_named(tmp_path: Path) -> None:
    plan = Plan()
    plan.documents.append(plan.documents[3])
    found = forged(tmp_path / "shard", plan).problems
    assert ("code-3", "has an id twice") in {(p.document, p.problem) for p in found}
    plan = Plan()
    plan.documents.append(("test", document(99, "code", id="prose-3")))
    found = forged(tmp_path / "sources", plan).problems
    twice = {p.path.split("/")[1] for p in found if p.problem == "has an id twice"}
    assert twice == {"code", "prose"}


def test_a_document_in_another_shard_or_source_is_named(tmp_path: Path) -> None:
    plan = Plan()
    plan.bend_manifest = lambda manifest: msgspec.structs.replace(
        manifest,
        build=msgspec.structs.replace(manifest.build, seed=SEED + 1),
        content_root=content_root(manifest.branches, SEED + 1),
    )
    found = {p.problem for p in forged(tmp_path / "seed", plan).problems}
    assert "belongs into another shard" in found
    plan = Plan()
    other = r.encode(msgspec.structs.replace(document(1, "code"), source="prose"))
    plan.bend_lines = lambda _, lines: [
        (id_, other if id_ == "code-1" else line) for id_, line in lines
    ]
    (problem,) = {p.problem for p in forged(tmp_path / "source", plan).problems if p.frame} - {
        "record and index differ"
    }
    assert problem == "is of another source"


def test_a_question_whose_answer_is_elsewhere_is_named(tmp_path: Path) -> None:
    bad: list[dict[str, Any]] = [
        {"answers": [r.Answer(text="Zoë", start=1, end=4)]},
        {"plausible_answers": [r.Answer(text="x", start=0, end=400)]},
        {"context_sha256": "0" * 64},
        {"synthetic": r.Synthetic(method="", seed=1)},
        {"synthetic": r.Synthetic(method="cloze", seed=-1)},
        {"quality": msgspec.structs.replace(question(2).quality, overlap=1.5)},
        {"quality": msgspec.structs.replace(question(2).quality, answer_words=-1)},
        {"quality": msgspec.structs.replace(question(2).quality, places=2)},
        {"meta": r.QuestionMeta(redactions="[]", question_redactions="[[0,99,1]]", extra="{}")},
        {"meta": r.QuestionMeta(redactions="[]", question_redactions='[[0,14,"IP"]]', extra="{}")},
        {"meta": r.QuestionMeta(redactions='[[0,34,"IP"]]', question_redactions="[]", extra="{}")},
    ]
    for number, changes in enumerate(bad):
        plan = Plan()
        plan.questions[2] = ("train", question(2, **changes))
        (problem,) = forged(tmp_path / str(number), plan).problems
        path = shard_name("qa/quiz", "train", shard_of(address(SEED, "q-2"), SHARDS), SHARDS)
        assert (problem.path, problem.document) == (path, "q-2")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", "other"),
        ("source", "other"),
        ("split", "validation"),
        ("offset", 1),
        ("length", 1),
        ("sha256", "0" * 64),
        ("license", "GPL-3.0-only"),
        ("language", "fr"),
        ("natural_language", "fr"),
        ("repo", "x"),
        ("path", "x"),
    ],
)
def test_a_wrong_index_row_is_the_indexs_fault(tmp_path: Path, column: str, value: Any) -> None:
    plan = Plan()
    plan.bend_documents = lambda rows: rows[5].update({column: value})
    found = forged(tmp_path, plan).problems
    assert named_paths(found) == {"index/documents.parquet"}
    assert all(p.document is not None for p in found)


def named_paths(problems: tuple[Any, ...]) -> set[str]:
    return {problem.path for problem in problems}


@pytest.mark.parametrize("bend_rows", [lambda rows: rows.pop(5), lambda rows: rows.reverse()])
def test_missing_or_unordered_index_rows_are_the_indexs_fault(
    tmp_path: Path, bend_rows: Callable[[list[Any]], None]
) -> None:
    plan = Plan()
    plan.bend_documents = bend_rows
    assert named_paths(forged(tmp_path, plan).problems) == {"index/documents.parquet"}


@pytest.mark.parametrize(
    "bend_rows",
    [
        lambda rows: rows[1].update(offset=3),
        lambda rows: rows[1].update(merkle="0" * 64),
        lambda rows: rows[1].update(merkle="x"),
        lambda rows: rows[1].update(documents=0),
        lambda rows: rows[1].update(frame=7),
        lambda rows: rows.reverse(),
        lambda rows: rows.clear(),
        lambda rows: rows.append(dict(rows[0], shard="data/zzz")),
    ],
)
def test_wrong_frame_rows_are_the_indexs_fault(
    tmp_path: Path, bend_rows: Callable[[list[Any]], None]
) -> None:
    plan = Plan()
    plan.bend_frames = bend_rows
    assert named_paths(forged(tmp_path, plan).problems) == {"index/frames.parquet"}


def test_an_index_with_other_columns_or_no_parquet_is_named(tmp_path: Path) -> None:
    for number, data in enumerate((b"PAR1", b"", None)):
        release = build(tmp_path / str(number))
        target = release / "index/documents.parquet"
        if data is None:
            pq.write_table(pa.table({"id": ["x"]}), target)
        else:
            target.write_bytes(data)
        relist(release)
        assert verify(release, deep=False).ok
        assert named(verify(release, deep=True)) == {"index/documents.parquet"}


def relist(release: Path) -> None:
    """List the files as they are now: the size and checksum of each, the rest as it was."""
    old = m.decode((release / m.MANIFEST).read_bytes())
    files = []
    for file in old.files:
        now = w.listed(release, file.path)
        files.append(msgspec.structs.replace(file, sha256=now.sha256, bytes=now.bytes))
    manifest = msgspec.structs.replace(old, files=tuple(files))
    with contextlib.suppress(ValueError):  # a config that is damaged
        manifest = list_papers(release, manifest)
    w.write_lists(release, manifest)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_no_damage_raises_even_where_the_lists_vouch_for_it(
    sound: Path, data: st.DataObject
) -> None:
    paths = [path for path in tree(sound) if path.startswith(("data/", "qa/", "index/", "ledger/"))]
    path = data.draw(st.sampled_from(paths))
    before = {name: (sound / name).read_bytes() for name in (path, PROVENANCE, *LISTS)}
    damaged = bytearray(before[path])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=6))
    try:
        (sound / path).write_bytes(damaged)
        relist(sound)
        assert named(verify(sound, deep=True)) <= {path, *INDEX, m.MANIFEST}
    finally:
        for name, content in before.items():
            (sound / name).write_bytes(content)


def test_a_frame_forged_with_all_lists_but_the_roots_names_frame_and_document(
    tmp_path: Path,
) -> None:
    release = build(tmp_path / "r")
    path = forge(release, lambda raw: raw.replace(b"Document", b"Dokument", 1))
    found = verify(release, deep=True).problems
    assert verify(release, deep=False).ok
    assert {(p.path, p.frame) for p in found} == {(path, 1)}
    assert any(p.problem == "sha256 is not that of the text" and p.document for p in found)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda raw: raw[:-1] + b" ", "does not end in a newline"),
        (lambda raw: raw.replace(b" ", b"\n", 1), "is no record: "),
    ],
)
def test_lines_that_run_together_or_break_off_are_named(
    tmp_path: Path, change: Callable[[bytes], bytes], says: str
) -> None:
    release = build(tmp_path / "r")
    path = forge(release, change)
    found = [
        problem for problem in verify(release, deep=True).problems if problem.frame is not None
    ]
    assert {(problem.path, problem.frame) for problem in found} == {(path, 1)}
    assert any(problem.problem.startswith(says) for problem in found)


def forge(release: Path, change: Callable[[bytes], bytes]) -> str:
    """Change a frame, not its raw length, and all lists but the roots; returns the shard's path."""
    path = data_shard(release)
    rows = pq.read_table(release / "index/frames.parquet").to_pylist()
    row = next(row for row in rows if row["shard"] == path and row["frame"] == 1)
    data = (release / path).read_bytes()
    start, end = row["offset"], row["offset"] + row["length"]
    raw = zstandard.ZstdDecompressor().decompress(data[start:end])
    squeezed = zstandard.ZstdCompressor(level=3, write_checksum=True).compress(change(raw))
    (release / path).write_bytes(data[:start] + squeezed + data[end:])
    for each in rows:
        if each["shard"] == path and each["frame"] >= 1:
            shift = len(squeezed) - (end - start)
            each["offset"] += shift if each["frame"] > 1 else 0
            each["length"] += shift if each["frame"] == 1 else 0
    w.write_parquet(release / "index/frames.parquet", pa.Table.from_pylist(rows, w.FRAMES))
    relist(release)
    return path


@pytest.mark.parametrize(
    ("bend_rows", "says"),
    [
        (lambda rows: rows[-3].update(survivor="nobody"), "its survivor is not kept"),
        (lambda rows: rows[-2].update(survivor=""), "is dropped as a duplicate of nothing"),
        (lambda rows: rows[-1].update(reason=""), "is dropped without a reason"),
        (lambda rows: rows[0].update(verdict="maybe"), "has an unknown verdict or stage"),
        (lambda rows: rows[0].update(row=-1), "has an impossible row"),
        (lambda rows: rows[1].update(row=0), "an input record has two decisions"),
        (lambda rows: rows[0].update(id="x"), "documents kept and documents held differ"),
        (lambda rows: rows[50].update(id="x"), "questions kept and questions held differ"),
    ],
)
def test_a_wrong_ledger_is_named(
    tmp_path: Path, bend_rows: Callable[[list[Any]], None], says: str
) -> None:
    plan = Plan()
    plan.decisions = default_decisions(plan)
    bend_rows(plan.decisions)
    found = forged(tmp_path, plan).problems
    assert all(path.startswith("ledger/decisions-") for path in named_paths(found))
    assert any(p.problem.startswith(says) for p in found)


def test_a_ledger_that_lost_a_row_does_not_conserve(tmp_path: Path) -> None:
    plan = Plan()
    full = default_decisions(plan)
    release = build(tmp_path / "r", plan)
    w.write_parquet(
        release / "ledger/decisions-00001.parquet", pa.Table.from_pylist(full[20:-1], w.DECISIONS)
    )
    relist(release)
    found = {p.problem for p in verify(release, deep=True).problems}
    assert "inputs: in/prose.jsonl of prose: 26 records, 25 rows in ledger/decisions" in found
    assert "stages: read: 1 dropped, 0 in ledger/decisions" in found


def test_wrong_splits_and_tombstones_are_named(tmp_path: Path) -> None:
    plan = Plan()
    release = build(tmp_path / "r", plan)
    rows = pq.read_table(release / "ledger/splits.parquet").to_pylist()
    rows[4]["split"] = "validation"
    rows.append({"id": "of an earlier release", "family": "", "split": "test"})
    w.write_parquet(release / "ledger/splits.parquet", pa.Table.from_pylist(rows, w.SPLIT_LEDGER))
    (release / "ledger/tombstones.jsonl").write_bytes(b'{"id":"x"}\n')
    relist(release)
    found = verify(release, deep=True).problems
    assert {(p.path, p.document) for p in found} == {
        ("ledger/splits.parquet", rows[4]["id"]),
        ("ledger/tombstones.jsonl", None),
    }


def test_no_text_of_a_document_stands_in_parquet_footers(sound: Path) -> None:
    for path in tree(sound):
        if path.endswith(".parquet"):
            metadata = pq.read_metadata(sound / path)
            for group in range(metadata.num_row_groups):
                for column in range(metadata.num_columns):
                    assert not metadata.row_group(group).column(column).is_stats_set


def test_parquet_bytes_do_not_depend_on_chunks(tmp_path: Path) -> None:
    rows = [{"id": str(n), "family": "f", "split": "train"} for n in range(1000)]
    whole = pa.Table.from_pylist(rows, w.SPLIT_LEDGER)
    parts = pa.concat_tables([whole.slice(0, 1), whole.slice(1, 600), whole.slice(601)])
    w.write_parquet(tmp_path / "a", whole)
    w.write_parquet(tmp_path / "b", parts)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="newline"):
        write_frames(tmp_path / "x", [Line(bytes(32), b"{}", b"")])
    with pytest.raises(ValueError, match="without documents"):
        write_frames(tmp_path / "x", [])
    assert list(tmp_path.iterdir()) == []


def test_a_report_is_plain_data(copy: Path) -> None:
    (copy / "README.md").write_bytes(b"")
    report = verify(copy, deep=False)
    assert json.loads(msgspec.json.encode(report))["problems"] == [
        {
            "path": "README.md",
            "problem": "does not match its checksum",
            "frame": None,
            "document": None,
        }
    ]
