"""What is redacted in questions is told and counted like what is in contexts, and told again when a release is read."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import zstandard

from manifests.manifest import CARRIED, Manifest, decode
from manifests.record import Question, decode_question, redacted_spans
from pipeline.engine.crew import SYNC
from pipeline.run import Outcome, run_config
from pipeline.verify import verify

MAIL, OTHER = "jane" + "@corp.com", "john.roe" + "@watermill-museum.org"
HOST, CARD = "93.184." + "216.34", "4539" + "578763" + "621486"
KEY = "a key for tests, " + "k" * 16
ASKED = [
    ("both", f"What does {MAIL} say of {HOST}, {OTHER}?", f"é The mill of {MAIL} grinds rye.", "rye"),
    ("own", f"물레방아: is {MAIL} the owner?", "Some say that the miller owns the mill.", "the miller"),
    ("other", "Who answers there?", f"Ask at {HOST} for the miller.", "the miller"),
    ("zero", f'Who paid {{"card": {CARD}}}?', f'It says {{"card": {CARD}}} of the baker.', "the baker"),
    ("plain", "Which grain?", "The lower mill grinds oats alone.", "oats"),
    ("bare", MAIL, "The first mill stands on a hill.", "a hill"),
    ("bare-2", f" {MAIL}, {OTHER}?", "The second mill stands on a rock.", "a rock"),
    ("noise", "???", "The third mill stands on a raft.", "a raft"),
]  # fmt: skip
CONFIG = """
[release]
name = "{name}"
shards = 2
parquet = true
[[sources]]
name = "asked"
format = "questions"
paths = ["{paths}"]
license = "CC0-1.0"
[dedup]
near = false
[split]
validation = 0.3
test = 0.3
[redact]
{redact}
"""
BALANCED = 'level = "balanced"\n'
KEYED = f"{BALANCED}key = 'key'\nreplace = {{ EMAIL = 'surrogate', IP = 'surrogate' }}\n"
Row = dict[str, Any]


def curate(folder: Path, name: str, paths: str, redact: str) -> Outcome:
    (folder / "key").write_text(KEY)
    config = folder / f"{name}.toml"
    config.write_text(CONFIG.format(name=name, paths=paths, redact=redact))
    return run_config(config, out=folder / "out", crew=SYNC)


def written(folder: Path) -> str:
    """Write the questions; what stands beside them holds an address, too, which is redacted and not counted."""
    rows = [
        {"id": name, "title": f"of {MAIL}", "context": context, "question": question,
         "answers": [{"text": answer, "start": context.index(answer)}], "note": f"from {OTHER}"}
        for name, question, context, answer in ASKED
    ]  # fmt: skip
    (folder / "asked.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return "asked.jsonl"


@pytest.fixture(scope="module", params=[BALANCED, KEYED], ids=["placeholders", "surrogates"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("redacted")
    return curate(folder, "first", written(folder), request.param)


def manifest(release: Path) -> Manifest:
    return decode((release / "manifest.json").read_bytes())


def shards(release: Path) -> dict[str, bytes]:
    found = {path.relative_to(release).as_posix(): path for path in release.glob("qa/**/*.zst")}
    assert found
    return {name: path.read_bytes() for name, path in found.items()}


def lines(release: Path) -> list[bytes]:
    found = []
    for path in sorted(release.glob("qa/*/*.zst")):
        with zstandard.open(path, "rb") as file:
            found += file.read().splitlines()
    return found


def questions(release: Path) -> dict[str, Question]:
    return {each.id: each for each in map(decode_question, lines(release))}


def ledger(release: Path) -> dict[str, Row]:
    paths = sorted(release.glob("ledger/decisions-*.parquet"))
    rows = [row for path in paths for row in pq.read_table(path).to_pylist()]
    return {row["id"]: row | {"detail": json.loads(row["detail"])} for row in rows}


def test_the_record_says_where_the_question_was_redacted(made: Outcome) -> None:
    held = questions(made.release)
    assert held.keys() == {"both", "own", "other", "zero", "plain"}
    types = {
        name: [
            [kind for *_, kind in redacted_spans(told)]
            for told in (each.meta.redactions, each.meta.question_redactions)
        ]
        for name, each in held.items()
    }
    assert types == {
        "both": [["EMAIL"], ["EMAIL", "IP", "EMAIL"]], "own": [[], ["EMAIL"]], "other": [["IP"], []],
        "zero": [["CARD"], ["CARD"]], "plain": [[], []],
    }  # fmt: skip
    both = held["both"]
    told, left = redacted_spans(both.meta.question_redactions), both.question
    for start, end, _ in reversed(told):
        left = f"{left[:start]}*{left[end:]}"
    assert left == "What does * say of *, *?"
    (start, end, _), *_ = redacted_spans(both.meta.redactions)
    assert both.context[start:end] == both.question[slice(*told[0][:2])]
    twins = [
        row
        for path in made.release.glob("parquet/qa/asked/*")
        for row in pq.read_table(path).to_pylist()
    ]
    assert {row["id"]: row["meta"]["question_redactions"] for row in twins} == {
        name: each.meta.question_redactions for name, each in held.items()
    }


def test_ledger_manifest_and_summary_count_both(made: Outcome) -> None:
    rows = ledger(made.release)
    both = rows["both"]["detail"]
    assert both["redactions"] == {"EMAIL": 3, "IP": 1}
    question, context = ASKED[0][1:3]
    assert [question[a:b] for a, b, *_ in both["question_spans"]] == [MAIL, HOST, OTHER]
    assert [context[a:b] for a, b, *_ in both["spans"]] == [MAIL]
    digests = [span[4] for span in both["question_spans"] + both["spans"]]
    keyed = manifest(made.release).redact.key != ""
    assert [digest != "" for digest in digests] == [keyed] * 4
    assert digests[0] == digests[3]
    assert "spans" not in rows["own"]["detail"]
    assert not {"redactions", "spans", "question_spans"} & rows["plain"]["detail"].keys()
    redact = manifest(made.release).redact
    assert redact.counts == made.redactions == {"EMAIL": 4, "IP": 2, "CARD": 2}
    rules = Counter(
        span[3] for row in rows.values() for key in ("spans", "question_spans")
        for span in row["detail"].get(key, ())
    )  # fmt: skip
    assert redact.rules == rules
    assert verify(made.release, deep=True).problems == ()


def test_a_question_of_which_only_placeholders_are_left_goes(made: Outcome) -> None:
    rows = ledger(made.release)
    fates = {name: (row["stage"], row["reason"]) for name, row in rows.items()}
    assert {name: fate for name, fate in fates.items() if fate != ("keep", "kept")} == {
        "bare": ("qa", "question-redacted"), "bare-2": ("qa", "question-redacted"),
        "noise": ("qa", "malformed-question"),
    }  # fmt: skip


def test_the_report_marks_what_was_redacted_in_a_question(made: Outcome) -> None:
    page = (made.release / "reports/index.html").read_text()
    assert not any(value in page for value in (MAIL, HOST, OTHER, CARD))
    asked = [part.partition("</p>")[0] for part in page.split('<p class="q" dir="auto">')[1:]]
    shown = {each.partition(" ")[0]: each.count("<mark ") for each in asked}
    wanted = {"What": 3, "물레방아:": 1, "Who": 0, "Which": 0}
    assert shown
    assert all(shown[word] == wanted[word] for word in shown.keys() - {"Who"})


@pytest.mark.parametrize("redact", ["same", "off"])
@pytest.mark.parametrize("of", ["qa/asked/*", "parquet/qa/asked/*"])
def test_a_release_that_is_read_again_gives_the_same_shards(
    made: Outcome, redact: str, of: str
) -> None:
    folder = made.release.parents[1]
    said = (folder / "first.toml").read_text().partition("[redact]\n")[2]
    name = f"{redact}-{of.partition('/')[0]}"
    again = curate(
        folder, name, f"{made.release}/{of}", said if redact == "same" else 'level = "off"\n'
    )
    assert shards(again.release) == shards(made.release)
    assert again.redactions == made.redactions
    redactions = manifest(again.release).redact
    assert redactions.counts == made.redactions
    assert redactions.rules == {CARRIED: 8}
    rows = ledger(again.release)
    assert rows["both"]["detail"]["carried"] == {"EMAIL": 3, "IP": 1}
    assert not any(
        {"redactions", "spans", "question_spans"} & row["detail"].keys() for row in rows.values()
    )
    assert verify(again.release, deep=True).problems == ()


def test_a_stricter_run_adds_to_what_was_told(tmp_path: Path) -> None:
    lax = curate(tmp_path, "lax", written(tmp_path), 'level = "permissive"\n').release
    assert manifest(lax).redact.counts == {"EMAIL": 4, "CARD": 2}
    strict = curate(tmp_path, "strict", f"{lax}/qa/asked/*", BALANCED).release
    direct = curate(tmp_path, "direct", "asked.jsonl", BALANCED).release
    assert shards(strict) == shards(direct)
    redact = manifest(strict).redact
    assert redact.counts == manifest(direct).redact.counts
    assert redact.rules[CARRIED] == 6
    assert sum(redact.rules.values()) == 8
    assert verify(strict, deep=True).problems == ()


def test_shards_of_an_earlier_gristmill_are_read(made: Outcome, tmp_path: Path) -> None:
    """They have no word of redactions in the question's own text."""
    old = []
    for line in lines(made.release):
        record = json.loads(line)
        del record["meta"]["question_redactions"]
        old.append(json.dumps(record, ensure_ascii=False) + "\n")
    (tmp_path / "old.jsonl").write_text("".join(old))
    again = curate(tmp_path, "again", "old.jsonl", BALANCED).release
    held, before = questions(again), questions(made.release)
    assert held.keys() == before.keys()
    for name, each in held.items():
        assert each.meta.redactions == before[name].meta.redactions
        assert each.meta.extra == before[name].meta.extra
        assert each.meta.question_redactions == "[]"
    assert verify(again, deep=True).problems == ()


def test_verify_counts_redactions_again(made: Outcome, tmp_path: Path) -> None:
    forged = tmp_path / made.release.name
    shutil.copytree(made.release, forged)
    path = forged / "manifest.json"
    text = path.read_text()
    data = text.replace('"EMAIL": 4', '"EMAIL": 3').replace('"IP": 2', '"IP": 3')
    assert data != text
    path.write_text(data)
    sums = forged / "SHA256SUMS"
    old, new = (hashlib.sha256(each.encode()).hexdigest() for each in (text, data))
    sums.write_text(sums.read_text().replace(old, new))
    problems = verify(forged, deep=True).problems
    assert "redact.counts are not what the records give" in {each.problem for each in problems}


@pytest.mark.parametrize("redacted", [True, False])
def test_a_work_without_derivatives_goes_where_a_record_says_it_was_redacted(
    tmp_path: Path, redacted: bool
) -> None:
    context = "Ask REDACTED_EMAIL: the upper mill grinds rye."
    told = '[[4,18,"EMAIL"]]' if redacted else "[]"
    record = {
        "id": "q", "schema": "qa/1", "context": context, "question": "What does it grind?", "source": "asked",
        "license": "CC-BY-ND-4.0", "answers": [{"text": "rye", "start": context.index("rye")}],
        "meta": {"redactions": told, "question_redactions": "[]", "extra": "{}"},
    }  # fmt: skip
    (tmp_path / "asked.jsonl").write_text(json.dumps(record) + "\n")
    config = CONFIG.format(name="works", paths="asked.jsonl", redact=BALANCED)
    path = tmp_path / "works.toml"
    path.write_text(config.replace("\n[dedup]", '\nsplit = "test"\n[dedup]\nmax_loss = 1.0'))
    row = ledger(run_config(path, out=tmp_path / "out", crew=SYNC).release)["q"]
    wanted = ("license", "no-derivatives:redacted") if redacted else ("keep", "kept")
    assert (row["stage"], row["reason"]) == wanted
