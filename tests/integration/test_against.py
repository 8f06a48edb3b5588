"""A release against earlier ones: what they hold is left out, and the ledger says which of them holds it."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow.parquet as pq
import pytest

from filters.subjects import subject
from manifests.manifest import Manifest, decode
from manifests.metadata.provenance import PROVENANCE
from pipeline.catalog import explain, read_documents
from pipeline.engine.crew import SYNC, Crew
from pipeline.errors import IntegrityError
from pipeline.optout import add
from pipeline.release import write_lists
from pipeline.run import Outcome, run_config
from pipeline.verify import verify

if TYPE_CHECKING:
    from conftest import Gristmill

Record = dict[str, Any]
WORDS = [f"w{number}" for number in range(400)]
LIST_FILES = {"manifest.json", "SHA256SUMS"}


def families(seed: int, groups: int) -> list[Record]:
    """Families of texts that differ by a few words, from far below to far above a similarity of 0.8."""
    draw = random.Random(seed)
    records = []
    for group in range(groups):
        base = draw.choices(WORDS, k=draw.randrange(60, 120))
        for member in range(draw.randrange(1, 6)):
            words = list(base)
            for _ in range(draw.randrange(4)):
                words[draw.randrange(len(words))] = draw.choice(WORDS)
            records.append({"id": f"{group}-{member}", "text": " ".join(words)})
    draw.shuffle(records)
    return records


def write(path: Path, records: list[Record]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


class Mill:
    """Configs under one folder, releases under `out`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(
        self,
        name: str,
        sources: dict[str, list[Record]],
        *,
        release: str = "",
        more: str = "",
        out: str = "out",
        workers: int = 0,
    ) -> Outcome:
        """Sources take precedence in the order in which they are given."""
        table = f'[release]\nname = "{name}"\nshards = 2\n{release}\n'
        for priority, (source, records) in enumerate(sources.items()):
            write(self.root / f"{name}/{source}.jsonl", records)
            table += f'[[sources]]\nname = "{source}"\npaths = ["{name}/{source}.jsonl"]\n'
            table += f"priority = {priority}\n"
        config = self.root / f"{name}.toml"
        config.write_text(table + more)
        return run_config(
            config,
            out=self.root / out,
            crew=Crew(workers=workers) if workers else SYNC,
        )


@pytest.fixture
def mill(tmp_path: Path) -> Mill:
    return Mill(tmp_path)


def manifest(release: Path) -> Manifest:
    return decode((release / "manifest.json").read_bytes())


def ledger(release: Path) -> list[Record]:
    rows: list[Record] = []
    for path in sorted((release / "ledger").glob("decisions-*.parquet")):
        rows += pq.read_table(path).to_pylist()
    return [row | {"detail": json.loads(row["detail"])} for row in rows]


def texts(release: Path) -> dict[str, str]:
    return {each["id"]: each["text"] for each in read_documents(release)}


def contents(release: Path) -> dict[str, bytes]:
    return {
        path.relative_to(release).as_posix(): path.read_bytes()
        for path in sorted(release.rglob("*"))
        if path.is_file()
    }


def against(*names: str, more: str = "") -> str:
    return f"[dedup]\nagainst = [{', '.join(repr(f'out/{name}') for name in names)}]\n{more}"


@pytest.mark.parametrize("seed", [1, 2])
def test_what_an_earlier_release_holds_is_left_out_and_nothing_else(mill: Mill, seed: int) -> None:
    """As if its documents came first of all in one run over both, but that they are in another release."""
    records = families(seed, 40)
    half = {each["id"]: each for each in records[::2]}
    old = mill.run("old", {"s": list(half.values())}).release
    made = mill.run("new", {"s": records}, more=against("old-1.0.0")).release
    assert verify(made, deep=True).ok

    earlier = [{"id": f"old-{name}", "text": text} for name, text in texts(old).items()]
    both = mill.run("both", {"first": earlier, "s": records}).release
    reference = {each["id"] for each in read_documents(both) if each["source"] == "s"}
    assert set(texts(made)) == reference
    assert 0 < len(reference) < len(records) - len(half)

    held = texts(old)
    fates = {row["id"]: row for row in ledger(made)}
    assert len(fates) == len(records)
    elsewhere = [row for row in fates.values() if row["detail"].get("release") is not None]
    assert {row["stage"] for row in elsewhere} == {"exact", "near"}
    for row in elsewhere:
        assert row["detail"]["release"] == "old-1.0.0"
        assert row["survivor"] in held
    exact = {row["id"] for row in elsewhere if row["stage"] == "exact"}
    copied = set(held.values())
    assert exact == {each["id"] for each in records if each["text"] in copied} > held.keys()
    for row in fates.values():
        if row["verdict"] == "drop" and "release" not in row["detail"]:
            assert fates[row["survivor"]]["verdict"] == "keep"
    told = manifest(made)
    assert [(each.name, each.version, each.content_root) for each in told.against] == [
        ("old", "1.0.0", manifest(old).content_root)
    ]
    note = f"compared with old-1.0.0: {len(held)} documents"
    assert any(note in each for each in told.notes)
    assert note in (made / "README.md").read_text()
    assert manifest(old).against == ()
    assert b'"against"' not in (old / "manifest.json").read_bytes()


def test_stored_signatures_change_no_byte(mill: Mill) -> None:
    records = families(3, 40)
    made = []
    for number, signatures in enumerate(("true", "false")):
        out = f"out{number}"
        release = f"signatures = {signatures}"
        old = mill.run("old", {"s": records[::2]}, release=release, out=out).release
        assert (old / "signatures").exists() == (signatures == "true")
        assert verify(old, deep=True).ok
        more = f'[dedup]\nagainst = ["{old}"]\n'
        made.append(contents(mill.run("new", {"s": records}, more=more, out=out).release))
        signed = {
            json.loads(path.read_bytes())["record"]["signed"]
            for path in (mill.root / out / ".work/new/earlier").glob("*/marker.json")
        }
        assert signed == {signatures == "false"}
    assert made[0] == made[1]


def test_neither_order_nor_workers_nor_place_decide(mill: Mill, tmp_path: Path) -> None:
    records = families(4, 45)
    mill.run("a", {"s": records[0::3]}, release="signatures = true")
    mill.run("b", {"s": records[1::3]})
    one = mill.run("new", {"s": records}, more=against("a-1.0.0", "b-1.0.0")).release
    before = contents(one)
    other = mill.run(
        "new", {"s": records}, more=against("b-1.0.0", "a-1.0.0"), out="other", workers=2
    ).release
    assert contents(other) == before
    shutil.move(mill.root / "out/b-1.0.0", tmp_path / "moved")
    more = f'[dedup]\nagainst = ["{tmp_path}/moved", "out/a-1.0.0"]\n'
    assert mill.run("new", {"s": records}, more=more).release == one  # with the work that is there
    again = mill.run("new", {"s": records[::-1]}, more=more, out="third").release
    assert texts(again) == texts(one)
    assert {row["detail"]["release"] for row in ledger(one) if "release" in row["detail"]} == {
        "a-1.0.0",
        "b-1.0.0",
    }


def test_work_that_is_done_finds_a_release_that_moved(mill: Mill, tmp_path: Path) -> None:
    """The part is there already, and its texts are read where the release is now."""
    records = families(5, 30)
    mill.run("old", {"s": records[::2]})
    first = mill.run("new", {"s": records[1::4]}, more=against("old-1.0.0"))
    shutil.move(mill.root / "out/old-1.0.0", tmp_path / "moved")
    more = f'[dedup]\nagainst = ["{tmp_path}/moved"]\n'
    second = mill.run("new", {"s": records[1::2]}, release='version = "2.0.0"', more=more)
    near = [row for row in ledger(second.release) if row["stage"] == "near"]
    assert any("release" in row["detail"] for row in near)
    assert first.release != second.release


@pytest.mark.parametrize("file", ["data", "index/documents.parquet", "signatures", "manifest.json"])
def test_a_damaged_earlier_release_stops_the_run(
    mill: Mill, gristmill: Gristmill, file: str
) -> None:
    records = families(6, 10)
    old = mill.run("old", {"s": records[::2]}, release="signatures = true").release
    mill.run("new", {"s": records}, more=against("old-1.0.0"))
    path = old / file
    if path.is_dir():
        path = next(each for each in sorted(path.rglob("*")) if each.is_file())
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match=r"old-1\.0\.0"):
        mill.run("new", {"s": records}, more=against("old-1.0.0"), out="other")
    out = mill.root / "other"
    assert not (out / "new-1.0.0").exists()
    if file != "data":
        return
    config = mill.root / "new.toml"
    done = gristmill("run", config, "--out", out, "--executor", "sync")
    assert done.returncode == 4
    assert "old-1.0.0" in done.stderr


def test_a_missing_earlier_release_is_a_mistake_in_the_config(
    mill: Mill, gristmill: Gristmill
) -> None:
    write(mill.root / "new/s.jsonl", families(7, 2))
    config = mill.root / "new.toml"
    head = '[release]\nname = "new"\n[[sources]]\nname = "s"\npaths = ["new/s.jsonl"]\n'
    config.write_text(head + against("nothing-1.0.0"))
    done = gristmill("run", config, "--out", mill.root / "out", "--executor", "sync")
    assert done.returncode == 2
    assert "nothing-1.0.0" in done.stderr
    assert "dedup.against" in done.stderr


def test_exact_copies_go_without_near_deduplication(mill: Mill) -> None:
    records = families(8, 25)
    off = "near = false\n"
    old = mill.run("old", {"s": records[::2]}, more=f"[dedup]\n{off}").release
    copies = [{"id": f"copy-{each['id']}", "text": each["text"]} for each in records[::4]]
    fresh = [*records[1::2], *copies]
    made = mill.run("new", {"s": fresh}, more=against("old-1.0.0", more=off)).release
    held = {text: name for name, text in texts(old).items()}
    wanted = {each["id"]: held[each["text"]] for each in fresh if each["text"] in held}
    assert wanted.keys() >= {each["id"] for each in copies}
    rows = [row for row in ledger(made) if row["verdict"] == "drop"]
    assert {row["stage"] for row in rows} == {"exact"}
    elsewhere = {row["id"]: row["survivor"] for row in rows if "release" in row["detail"]}
    assert elsewhere == wanted


def test_without_exact_deduplication_a_repeated_record_goes_and_another_id_stays(
    mill: Mill,
) -> None:
    """As among the inputs themselves: an id is unique in a release."""
    draw = random.Random(14)
    one, other = ({"id": name, "text": " ".join(draw.choices(WORDS, k=60))} for name in "ab")
    off = "near = false\nexact = false\n"
    mill.run("old", {"s": [one]})
    copy = {"id": "copy", "text": one["text"]}
    made = mill.run("new", {"s": [one, copy, other]}, more=against("old-1.0.0", more=off)).release
    assert verify(made, deep=True).ok
    assert texts(made).keys() == {"copy", "b"}


def test_what_lies_inside_a_document_of_an_earlier_release_goes_too(mill: Mill) -> None:
    draw = random.Random(13)
    long = draw.choices(WORDS, k=800)
    shorter = " ".join(long[100:500])
    near = "near = { threshold = 0.8, containment = 0.95 }\n"
    mill.run("old", {"s": [{"id": "a", "text": " ".join(long)}]}, release="signatures = true")
    records = [
        {"id": "b", "text": shorter},
        {"id": "c", "text": " ".join(long + draw.choices(WORDS, k=800))},
    ]
    made = mill.run("new", {"s": records}, more=against("old-1.0.0", more=near)).release
    assert verify(made, deep=True).ok
    fates = {row["id"]: row for row in ledger(made)}
    assert fates["c"]["verdict"] == "keep"  # what is longer than what was there is news
    assert (fates["b"]["survivor"], fates["b"]["detail"]["release"]) == ("a", "old-1.0.0")
    assert fates["b"]["reason"].startswith("contained:")


def test_ids_of_earlier_releases_are_no_ids_of_ours(mill: Mill) -> None:
    """One id may name another text there, and stands for two survivors in one ledger."""
    draw = random.Random(9)
    words = [" ".join(draw.choices(WORDS, k=60)) for _ in range(3)]
    mill.run("old", {"s": [{"id": "x", "text": words[0]}]})
    records = [
        {"id": "x", "text": words[1]},
        {"id": "y", "text": words[0]},
        {"id": "z", "text": words[1]},
        {"id": "w", "text": words[2]},
    ]
    made = mill.run("new", {"s": records}, more=against("old-1.0.0")).release
    assert verify(made, deep=True).ok
    fates = {row["id"]: row for row in ledger(made)}
    assert fates["y"]["survivor"] == "x"
    assert fates["y"]["detail"]["release"] == "old-1.0.0"
    kept, gone = sorted(["x", "z"], key=lambda name: fates[name]["verdict"], reverse=True)
    assert "release" not in fates[gone]["detail"]
    assert texts(made).keys() == {kept, "w"}
    (story,) = explain(made, "y")
    assert story["place"] == {"release": "old-1.0.0", "id": "x"}


def test_explain_names_the_release(mill: Mill, gristmill: Gristmill) -> None:
    text = " ".join(WORDS[:60])
    mill.run("old", {"s": [{"id": "a", "text": text}]})
    made = mill.run(
        "new",
        {"s": [{"id": "b", "text": text}, {"id": "c", "text": " ".join(WORDS[100:160])}]},
        more=against("old-1.0.0"),
    ).release
    done = gristmill("explain", made, "b")
    assert done.returncode == 0, done.stderr
    assert "survivor  a" in done.stdout
    assert "release  old-1.0.0" in done.stdout


def test_opted_out_documents_of_an_earlier_release_take_nothing_back(mill: Mill) -> None:
    """Who opted out since is a ghost here and still a document there; either way no copy comes in."""
    draw = random.Random(10)
    texts_ = [" ".join(draw.choices(WORDS, k=80)) for _ in range(4)]
    near = [f"{text} and more" for text in texts_]
    records = [
        {"id": str(number), "text": text, "repo": f"https://github.com/owner{number}/r"}
        for number, text in enumerate(texts_)
    ]
    mill.run("old", {"s": records[:3]})
    add(mill.root / "optout/events.jsonl", [subject("owner", "https://github.com/owner0")])
    add(mill.root / "optout/events.jsonl", [subject("id", "1")])
    again = [
        records[0],  # opted out, in the input and in the earlier release
        {"id": "near-0", "text": near[0]},
        {"id": "near-1", "text": near[1]},  # opted out, but only the earlier release has it
        {"id": "near-2", "text": near[2]},
        records[3],
    ]
    made = mill.run(
        "new",
        {"s": again},
        more=against("old-1.0.0") + '[optout]\nregistry = "optout/events.jsonl"\n',
    ).release
    assert verify(made, deep=True).ok
    fates = {row["id"]: (row["stage"], row["detail"].get("release")) for row in ledger(made)}
    assert fates == {
        "0": ("optout", None),
        "near-0": ("optout", None),
        "near-1": ("near", "old-1.0.0"),
        "near-2": ("near", "old-1.0.0"),
        "3": ("keep", None),
    }


def test_a_version_that_starts_to_compare_says_what_left_for_it(mill: Mill) -> None:
    """A document that an earlier release of another name holds leaves as any duplicate does."""
    records = families(11, 12)
    old = mill.run("old", {"s": records[:4]}).release
    mill.run("new", {"s": records})
    with_old = {"more": against("old-1.0.0")}
    made = mill.run("new", {"s": records}, release='version = "2.0.0"', **with_old).release
    assert manifest(made).change == "major"
    held = set(texts(old)) & set(texts(mill.root / "out/new-1.0.0"))
    lines = (made / "ledger/tombstones.jsonl").read_text().splitlines()
    stones = {row["id"]: row["reason"] for row in map(json.loads, lines)}
    assert held
    assert {stones[name] for name in held} == {"exact:sha256"}
    third = mill.run("new", {"s": records}, release='version = "2.0.1"', **with_old).release
    assert manifest(third).change == "patch"


def test_verify_knows_which_releases_a_ledger_may_name(mill: Mill) -> None:
    records = families(12, 12)
    mill.run("old", {"s": records[::2]})
    made = mill.run("new", {"s": records}, more=against("old-1.0.0")).release
    told = manifest(made)
    other = msgspec.structs.replace(told.against[0], version="1.0.1")
    for named in ((), (other,)):
        write_lists(made, msgspec.structs.replace(told, against=named))
        problems = verify(made, deep=True).problems
        told_of = {each.path.partition("-")[0]: each.problem for each in problems}
        assert told_of.keys() == {"ledger/decisions", PROVENANCE}
        assert told_of["ledger/decisions"] == (
            "its survivor is in a release that the manifest does not name"
        )
    write_lists(made, told)
    assert verify(made, deep=True).ok


def test_questions_are_not_compared_with_earlier_releases(mill: Mill) -> None:
    """They are compared with one another alone, and those of an earlier release have no part in it."""
    context = " ".join(WORDS[:80])
    answer = {"text": "w1", "answer_start": context.index("w1")}
    asked = {"id": "q1", "question": "Which?", "answers": [answer]}
    squad = {"data": [{"title": "t", "paragraphs": [{"context": context, "qas": [asked]}]}]}
    (mill.root / "q.json").write_text(json.dumps(squad))
    qa = '[[sources]]\nname = "q"\nformat = "squad"\npaths = ["q.json"]\n'
    document = [{"id": "d", "text": " ".join(WORDS[200:280])}]
    mill.run("old", {"s": document}, more=qa, release="signatures = true")
    near = {"id": "e", "text": context}
    made = mill.run("new", {"s": [*document, near]}, more=qa + against("old-1.0.0")).release
    assert verify(made, deep=True).ok
    assert manifest(made).questions == 1
    assert {each["id"] for each in read_documents(made)} == {"q1", "e"}


def test_a_file_of_a_fork_may_be_named_after_a_document_of_an_earlier_release(mill: Mill) -> None:
    """The file that it resembles most equals one there, and so does it."""
    draw = random.Random(5)
    files = [" ".join(draw.choices(WORDS, k=80)) for _ in range(8)]
    mill.run("old", {"s": [{"id": "first", "text": files[0]}]})

    def project(owner: str, numbers: range) -> list[Record]:
        return [
            {"id": f"{owner}{n}", "text": files[n], "repo": f"https://github.com/{owner}/p"}
            for n in numbers
        ]

    made = mill.run(
        "new",
        {"a": project("a", range(8)), "b": project("b", range(6))},
        more=against("old-1.0.0") + "[dedup.repositories]\n",
    ).release
    rows = {row["id"]: row for row in ledger(made)}
    assert {rows[f"b{n}"]["reason"] for n in range(6)} == {"fork"}
    assert (rows["b0"]["survivor"], rows["b0"]["detail"]["release"]) == ("first", "old-1.0.0")
    assert (rows["b1"]["survivor"], "release" in rows["b1"]["detail"]) == ("a1", False)
    assert verify(made, deep=True).problems == ()
    (story,) = explain(made, "b0")
    assert story["place"] == {"release": "old-1.0.0", "id": "first"}


def test_what_cuts_empty_is_said_beside_what_is_said_of_a_fork(mill: Mill) -> None:
    draw = random.Random(6)
    passages = [" ".join(draw.choices(WORDS, k=40)) for _ in range(3)]
    files = ["\n\n".join(passages), *(" ".join(draw.choices(WORDS, k=80)) for _ in range(5))]
    first = [
        {"id": f"p{n}", "text": f"{each}\n\n{' '.join(draw.choices(WORDS, k=60 * (n + 1)))}"}
        for n, each in enumerate(passages)
    ]

    def project(owner: str, numbers: range) -> list[Record]:
        return [
            {"id": f"{owner}{n}", "text": files[n], "repo": f"https://github.com/{owner}/p"}
            for n in numbers
        ]

    made = mill.run(
        "new",
        {"p": first, "a": project("a", range(6)), "b": project("b", range(5))},
        more="[dedup.passages]\n[dedup.repositories]\n",
    ).release
    rows = {row["id"]: row for row in ledger(made)}
    assert (rows["a0"]["reason"], rows["a0"]["survivor"]) == ("passages", "p0")
    assert (rows["b0"]["reason"], rows["b0"]["survivor"]) == ("fork", "p0")
    assert rows["b0"]["detail"] == rows["b1"]["detail"] | {"emptied": "a0"}
    assert "emptied" not in rows["b1"]["detail"]
