"""Threads of a Stack Exchange dump: which answers are taken, what the text says, what is dropped and what is bad."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConfigError
from pipeline.sources.adapter import Reading, Said
from pipeline.sources.formats import adapter_of
from pipeline.sources.records import Bad, Damage, Item, Raw
from tests.shapes import dump, row

SITE = "cooking.stackexchange.com"


def read(folder: Path, rows: str, *, site: str = SITE, **options: Any) -> list[Item]:
    path = folder / "Posts.xml"
    path.write_bytes(dump(rows))
    said = Said("s", site=site, options=options)
    return list(adapter_of("stackexchange-threads").read(path, Reading(said=said)))


def question(name: int, score: int = 5, **more: str) -> str:
    told = {"Title": f"Title {name}", "Body": f"<p>Body {name}</p>", "OwnerUserId": "11"} | more
    return row(Id=str(name), PostTypeId="1", Score=str(score), **told)


def answer(name: int, parent: int, score: int, **more: str) -> str:
    body = {"Body": f"<p>Answer {name}</p>"} | more
    return row(Id=str(name), PostTypeId="2", ParentId=str(parent), Score=str(score), **body)


def raw(items: list[Item]) -> Raw:
    (item,) = items
    assert isinstance(item, Raw)
    return item


def test_a_thread_has_the_question_and_its_best_answers(tmp_path: Path) -> None:
    rows = "".join(
        [
            answer(7, 1, 4),
            question(1, AcceptedAnswerId="5", CreationDate="2012-01-02T03:04:05.000"),
            answer(2, 1, 3),
            answer(3, 1, 2),
            answer(4, 1, 9, OwnerUserId="12", ContentLicense="CC BY-SA 4.0"),
            answer(5, 1, -1, OwnerDisplayName="mill"),
            answer(6, 99, 50),
        ]
    )
    item = raw(read(tmp_path, rows))
    parts = ["Q:", "Title 1", "Body 1", *(f"A:\n\nAnswer {n}" for n in (5, 4, 7))]
    assert item.record["text"] == "\n\n".join(parts)
    assert item.record["id"] == f"{SITE}/questions/1"
    assert item.record["url"] == f"https://{SITE}/questions/1"
    assert item.record["license"] == "CC-BY-SA-3.0 AND CC-BY-SA-4.0"
    ends = [each["url"].removeprefix(f"https://{SITE}/") for each in item.record["origins"]]
    assert ends == ["q/1", "a/5", "a/4", "a/7", "users/11", "users/12"]


@pytest.mark.parametrize(
    ("rows", "options", "drop"),
    [
        (question(1, 2) + answer(2, 1, 9), {}, "low-score"),
        (question(1, 0) + answer(2, 1, 0), {"min_score": 0}, ""),
        (question(1, -4) + answer(2, 1, -4), {"min_score": -4}, ""),
        (question(1) + answer(2, 1, 2), {}, "no-answer"),
        (question(1), {}, "no-answer"),
        (question(1) + answer(2, 1, 9, Body=""), {}, "no-answer"),
        (question(1) + answer(2, 1, 3), {}, ""),
    ],
)
def test_what_is_no_thread_is_dropped(
    tmp_path: Path, rows: str, options: dict[str, Any], drop: str
) -> None:
    assert raw(read(tmp_path, rows, **options)).drop == drop


def test_so_many_answers_at_most(tmp_path: Path) -> None:
    rows = question(1) + "".join(answer(n, 1, n) for n in range(10, 20))
    item = raw(read(tmp_path, rows, answers=2))
    assert item.record["text"].endswith("Answer 19\n\nA:\n\nAnswer 18")


def test_without_a_site_there_are_no_addresses(tmp_path: Path) -> None:
    record = raw(read(tmp_path, question(1) + answer(2, 1, 3), site="")).record
    assert record["id"] == "1"
    assert record.keys().isdisjoint({"url", "site", "origins"})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("<row\n", "xml"),
        (row(Id="1", PostTypeId="1", Score="9"), "shape:post"),
        (row(Id="x", PostTypeId="1", Score="9", Title="t"), "shape:post"),
        (row(Id="1", Score="9", Title="t"), "shape:post"),
    ],
)
def test_a_bad_line_is_a_row_and_those_beside_it_go_through(
    tmp_path: Path, line: str, reason: str
) -> None:
    found = read(tmp_path, question(5) + line + question(6) + answer(7, 6, 9))
    assert [type(each) for each in found] == [Raw, Bad, Raw]
    assert isinstance(found[1], Bad)
    assert found[1].reason == reason
    assert [each.row for each in found] == [0, 1, 2]


def test_a_cut_dump_gives_what_was_whole(tmp_path: Path) -> None:
    path = tmp_path / "Posts.xml.gz"
    path.write_bytes(gzip.compress(dump(question(1) + answer(2, 1, 9)), mtime=0)[:-4])
    found = list(adapter_of("stackexchange-threads").read(path, Reading(said=Said("s", site=SITE))))
    assert isinstance(found[-1], Damage)


def test_options_are_checked(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="answers"):
        read(tmp_path, question(1), answers=0)
