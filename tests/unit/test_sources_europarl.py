"""Debates of the European Parliament: paragraphs of speeches, and what a path tells of day and language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.sources import Item, Raw, Said, read

DEBATE = """<CHAPTER ID="1">
Resumption of the mill
<SPEAKER ID="1" NAME="President">
I declare the wheel resumed.
<P>
You have asked for stones.
<SPEAKER ID="2" LANGUAGE="DE" NAME="Ada Miller" AFFILIATION="MILL">
 – (DE) Mr President, (EN) the wheel turns.
<P>
(Applause)
"""


def items(folder: Path, name: str, data: str | bytes, **options: Any) -> list[Item]:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read(folder, "europarl", said=Said(path="txt", options=options)))


def test_a_day_in_a_language_is_a_document(tmp_path: Path) -> None:
    (found,) = items(tmp_path, "de/ep-00-01-17.txt", DEBATE)
    assert isinstance(found, Raw)
    assert found.record == {
        "id": "europarl/de/ep-00-01-17",
        "created": "2000-01-17",
        "language": "de",
        "text": "Resumption of the mill\n\nI declare the wheel resumed.\nYou have asked for stones.\n\n"
        "Mr President, (EN) the wheel turns.\n(Applause)",
        "chapters": 1,
        "speeches": 2,
    }


def test_names_stay_where_that_is_asked_for(tmp_path: Path) -> None:
    (found,) = items(tmp_path, "de/ep-00-01-17.txt", DEBATE, speakers="keep")
    assert isinstance(found, Raw)
    assert found.record["text"].split("\n\n")[2].split("\n")[0] == "Ada Miller:"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("en/ep-96-04-15.txt", ("europarl/en/ep-96-04-15", "1996-04-15")),
        ("en/ep-06-12-14-003.txt", ("europarl/en/ep-06-12-14-003", "2006-12-14")),
        ("en/ep-06-13-14.txt", ("europarl/en/ep-06-13-14", "")),
        ("all/ep-06-12-14.txt", ("txt/all/ep-06-12-14.txt", "2006-12-14")),
        ("other.txt", ("txt/other.txt", None)),
    ],
)
def test_the_path_tells_day_and_language(
    tmp_path: Path, name: str, told: tuple[str, str | None]
) -> None:
    (found,) = items(tmp_path, name, DEBATE)
    assert isinstance(found, Raw)
    assert (found.record["id"], found.record.get("created")) == told


def test_what_is_no_debate_is_bad_and_what_is_broken_is_read(tmp_path: Path) -> None:
    broken = '<CHAPTER ID=1\nTitle\n<SPEAKER NAME="\nHi\n<BRK>\n<P\n<SPEAKER ' + "x" * 9000 + "\n"
    found = [*items(tmp_path / "a", "a.txt", "no tags"), *items(tmp_path / "b", "b.txt", broken),
             *items(tmp_path / "c", "c.txt", ""), *items(tmp_path / "d", "d.txt", "<P>\n" * 100_000)]  # fmt: skip
    assert [each.drop if isinstance(each, Raw) else getattr(each, "reason", "") for each in found] == [
        "shape:europarl", "", "no-text", "shape:europarl",
    ]  # fmt: skip
    assert isinstance(found[1], Raw)
    assert (found[1].record["text"], found[1].odd) == ("Title\n\nHi", ("tags-unknown",))
