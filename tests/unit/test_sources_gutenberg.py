"""Books of Project Gutenberg: what is cut off in all its spellings, what is claimed, and what becomes of lines."""

from __future__ import annotations

import codecs
import gzip
import textwrap
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConfigError
from pipeline.sources import Bad, Item, Raw, Said, read
from pipeline.sources.formats import adapter_of
from pipeline.sources.publications.gutenberg_marks import NO_MARKERS
from pipeline.sources.publications.hard_wraps import unwrap
from tests import papers
from tests.papers import BOOK, BOOK_TEXT, PROSE, VERSE, numbered

ALICE = numbered(BOOK, 11)
COUPLET = (
    "The miller sat beside the mill and saw the water going by him still\n"
    "And nothing he had ground was half as good as this long sound"
)


def items(folder: Path, data: bytes | str, name: str = "11-8.txt", **options: Any) -> list[Item]:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read(path, "gutenberg", said=Said(options=options)))


def only(found: list[Item]) -> Raw:
    (item,) = found
    assert isinstance(item, Raw)
    return item


def test_a_book_is_what_its_author_wrote(tmp_path: Path) -> None:
    item = only(items(tmp_path, ALICE.replace("\n", "\r\n").encode("latin-1")))
    record = dict(item.record)
    assert record.pop("text") == numbered(BOOK_TEXT, 11)
    assert record == {
        "id": "PG11",
        "license": "LicenseRef-scancode-public-domain",
        "url": "https://www.gutenberg.org/ebooks/11",
        "created": "2008-06-25",
        "language": "en",
        "author": "Ann Miller",
        "title": "The Mill A Tale",
        "authors": ["Ann Miller"],
    }


STARTS = [
    "*** START OF THE PROJECT GUTENBERG EBOOK THE MILL ***",
    "***START OF THE PROJECT GUTENBERG EBOOK THE MILL***",
    "*** START OF THIS PROJECT GUTENBERG EBOOK A VERY LONG\nTITLE OF A MILL ***",
    "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*",
    "*END THE SMALL PRINT! FOR PUBLIC DOMAIN E-TEXTS*Ver.02/11/02*END*",
    "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*END*\n\n*** START OF THIS PROJECT GUTENBERG EBOOK X ***",
]
ENDS = [
    "*** END OF THE PROJECT GUTENBERG EBOOK THE MILL ***",
    "***END OF THE PROJECT GUTENBERG EBOOK THE MILL***",
    "*** END OF THIS PROJECT GUTENBERG EBOOK THE MILL ***",
    "End of Project Gutenberg's The Mill, by Ann Miller",
    "End of the Project Gutenberg Etext of The Mill",
    "End of The Project Gutenberg EBook of The Mill\n\n\n*** END OF THE PROJECT GUTENBERG EBOOK ***",
    "Ende dieses Projekt Gutenberg Etextes Die Muehle",
    "Fin de Project Gutenberg Etext, Le Moulin",
]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("end", ENDS)
def test_marks_of_all_times_are_known(tmp_path: Path, start: str, end: str) -> None:
    book = f"The Project Gutenberg Etext of The Mill [Etext #7]\n\n{start}\n\n\nThe mill.\n\n\n{end}\n\nOur licence.\n"
    record = only(items(tmp_path, book)).record
    assert record["text"] == "The mill.\n"
    assert record["id"] == "PG7"


@pytest.mark.parametrize(
    "credit",
    [
        "Produced by A. Volunteer",
        "E-text prepared by A. Volunteer\nand the Online Team",
        "This etext was prepared by A. Volunteer, Somewhere",
        "This eBook was produced by A. Volunteer.",
        "Transcribed from the 1899 edition by A. Volunteer",
        "Produced by A. Volunteer.\n\nThis file was produced from images made available by a library.",
    ],
)
def test_who_made_the_file_is_left_out(tmp_path: Path, credit: str) -> None:
    record = only(
        items(
            tmp_path,
            ALICE.replace(
                ALICE[ALICE.index("Produced") : ALICE.index("THE MILL\n\nC")], credit + "\n\n"
            ),
        )
    ).record
    assert record["text"] == numbered(BOOK_TEXT, 11)


def test_credits_are_looked_for_at_the_top_alone(tmp_path: Path) -> None:
    told = (
        "".join(f"Line {each}.\n\n" for each in range(9)) + "Produced by the mill, flour is white."
    )
    record = only(items(tmp_path, ALICE.replace(VERSE, told))).record
    assert "Produced by the mill" in record["text"]


@pytest.mark.parametrize(
    "line",
    [
        "** This is a COPYRIGHTED Project Gutenberg eBook, Details Below **",
        "Copyright (C) 2002 by Ann Miller.",
        "  *** Copyright 1996 Ann Miller ***",
        "This work is in copyright.",
    ],
)
def test_a_book_under_copyright_is_not_claimed_to_be_free(tmp_path: Path, line: str) -> None:
    record = only(
        items(tmp_path, ALICE.replace("Language: English", f"Language: English\n\n{line}"))
    ).record
    assert record["license"] == "LicenseRef-Gutenberg-copyrighted"


def test_a_copyright_within_the_book_says_nothing_of_it(tmp_path: Path) -> None:
    record = only(items(tmp_path, ALICE.replace(VERSE, "Copyright 1899 by the Mill Press"))).record
    assert record["license"] == "LicenseRef-scancode-public-domain"


def test_other_projects_have_other_laws(tmp_path: Path) -> None:
    record = only(
        items(
            tmp_path,
            ALICE.replace("The Project Gutenberg EBook", "Project Gutenberg of Australia, eBook"),
        )
    ).record
    assert not {"license", "id", "url"} & record.keys()


@pytest.mark.parametrize(
    "book",
    [
        ALICE.replace("*** START OF THIS PROJECT GUTENBERG EBOOK THE MILL ***", ""),
        ALICE.replace("*** END", "END")
        .replace("End of the Project", "Behind the Project")
        .replace("END OF", "X"),
        "About Project Gutenberg.\n",
        "Project Gutenberg" + (" " * 20_000 + "\n") * 2,
        "Project Gutenberg\n" + " " * 40_000 + "*" * 7_000,
    ],
)
def test_what_cannot_be_told_from_its_licence_is_dropped(tmp_path: Path, book: str) -> None:
    assert only(items(tmp_path, book)).drop == NO_MARKERS


def test_a_book_that_names_no_project_is_whole_and_unclaimed(tmp_path: Path) -> None:
    record = only(items(tmp_path, f"{PROSE}\n", "84-0.txt")).record
    assert record["text"] == PROSE.replace("\n", " ") + "\n"
    assert (record["id"], record.get("license")) == ("PG84", None)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ("café “x”".encode(), "café “x”"),
        (codecs.BOM_UTF8 + "café".encode(), "café"),
        ("café".encode("utf-16"), "café"),
        ("café “x”".encode("cp1252"), "café “x”"),
        (b"Character set encoding: ISO-8859-7\n\n" + "καφές".encode("iso8859-7"), "καφές"),
        (b"Character set encoding: Windows-1251\n\n" + "мельница".encode("cp1251"), "мельница"),
        (b"Character set encoding: Codepage-850\n\n" + "café".encode("cp850"), "café"),
        (b"Character set encoding: ASCII\n\n" + "café".encode("latin-1"), "café"),
    ],
)
def test_the_encoding_is_told_or_declared(tmp_path: Path, data: bytes, word: str) -> None:
    assert word in only(items(tmp_path, data)).record["text"]


@pytest.mark.parametrize(
    "data",
    [
        b"caf\x81\x8d",
        b"Character set encoding: a\0b\n\n\xe9",
        b"Character set encoding: utf-9\n\n\xe9",
        b"Character set encoding: rot13\n\n\xe9",
    ],
)
def test_what_is_in_no_encoding_is_bad(tmp_path: Path, data: bytes) -> None:
    (item,) = items(tmp_path, data)
    assert isinstance(item, Bad)
    assert item.reason == "encoding"


def test_books_in_archives_are_rows(tmp_path: Path) -> None:
    files = {
        "11/11-8.txt": ALICE.encode("latin-1"),
        "11/cover.jpg": b"\0",
        "84.TXT": PROSE.encode(),
    }
    for name, data in (
        ("a.zip", papers.pack_zip(files)),
        ("a.tar.gz", papers.tar(files)),
        ("a.tar", papers.tar(files, "w")),
    ):
        found = items(tmp_path, data, name)
        assert [each.record["id"] for each in found if isinstance(each, Raw)] == ["PG11", "PG84"]
    assert only(items(tmp_path, gzip.compress(ALICE.encode()), "x.txt.gz")).record[
        "text"
    ] == numbered(BOOK_TEXT, 11)


def test_lines_are_joined_unless_one_says_no(tmp_path: Path) -> None:
    assert PROSE in only(items(tmp_path, ALICE, unwrap=False)).record["text"]


@pytest.mark.parametrize(
    "kept",
    [
        VERSE,
        COUPLET,
        "CHAPTER I\nThe wheel",
        "1.  Flour      12 bags of it\n2.  Bran       10 bags of it",
        "The Mill,\nMay 4th.",
    ],
)
def test_what_was_not_wrapped_stays(kept: str) -> None:
    assert unwrap(f"{PROSE}\n\n{kept}\n") == PROSE.replace("\n", " ") + f"\n\n{kept}\n"


def test_a_word_with_a_hyphen_is_one() -> None:
    prose = "the well-known mill and its water-wheel stood there. " * 20
    wrapped = textwrap.fill(prose, 70)
    assert "-\n" in wrapped
    assert unwrap(wrapped) == prose.strip() + "\n"


def test_wrong_options_are_errors_of_the_config(tmp_path: Path) -> None:
    flaws = adapter_of("gutenberg").flaws
    assert flaws is not None
    assert flaws(Said(options={"unwrap": "no"}))
    with pytest.raises(ConfigError, match="unwrap"):
        items(tmp_path, ALICE, unwrap="no")
