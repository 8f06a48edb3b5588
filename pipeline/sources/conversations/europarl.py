"""Read the debates of the European Parliament as the Europarl corpus has them: a file a day and language.

Lines are text, or a tag: `<CHAPTER ID="1">`, `<SPEAKER ID="2" NAME="…">`, `<P>`. See docs/conversations.md.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

from pipeline.sources.adapter import Adapter, Reading
from pipeline.sources.conversations.encodings import decode, printable
from pipeline.sources.options import read_options
from pipeline.sources.records import RAW_LIMIT, Bad, Item, Raw
from pipeline.sources.trees.folder import FolderOptions
from pipeline.sources.trees.folder_files import NO_TEXT, File, digest_files, folder, read_files
from pipeline.sources.trees.paths import TREE_OPTIONS, tree_flaws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.adapter import Said
    from pipeline.sources.file import InputFile

_PLACE: Final = re.compile(
    r"(?:(?:\A|/)(?P<language>[a-z]{2})/)?(?P<name>ep-(?P<day>[0-9]{2}-[0-9]{2}-[0-9]{2})(?:-[0-9]{1,4})?)"
    r"\.txt(?:\.gz)?\Z"
)
_FIRST_YEAR: Final = 96  # the corpus begins in 1996
_TAG: Final = re.compile(r"<(?P<name>[A-Z]{1,10})\b(?P<rest>[^>]{0,2000})>?")
_NAME: Final = re.compile(r"\bNAME=\"?([^\">]{1,200})")
_KNOWN: Final = frozenset({"CHAPTER", "SPEAKER", "P"})
# The language that somebody spoke stands before what was translated of it.
_SPOKEN_IN: Final = re.compile(
    r"(?:[-–—. ]{0,4})\((?:BG|CS|DA|DE|EL|EN|ES|ET|FI|FR|GA|HR|HU|IT|LT|LV|MT|NL|PL|PT|RO|SK|SL|SV)\)[ ]{0,2}"  # noqa: RUF001  dashes
)


class EuroparlOptions(FolderOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.options]` of Europarl."""

    speakers: Literal["drop", "keep"] = "drop"


def read_europarl(path: InputFile, how: Reading) -> Iterator[Item]:
    """Yield an item for each file of debates below a folder, in the order of paths.

    A file without a tag of a chapter or a speaker is `Bad("shape:europarl")`.
    """
    options = read_options(how.said, EuroparlOptions, tree_flaws)

    def take(file: File) -> Iterator[Raw | Bad]:
        yield _take(file, named=options.speakers == "keep")

    return read_files(folder(path), how, options, (".txt", ".txt.gz"), take)


def _take(file: File, *, named: bool) -> Raw | Bad:
    found = decode(file.data)
    text, counts = _debate(printable(found.text), named=named)
    if not counts["CHAPTER"] + counts["SPEAKER"] and file.data.strip():
        return Bad(0, 0, "shape:europarl", file.data[:RAW_LIMIT], file.name)
    record: dict[str, Any] = {**_told(file), "text": text}
    record |= {"chapters": counts["CHAPTER"], "speeches": counts["SPEAKER"]}
    odd = {"encoding-guessed": found.guessed, "tags-unknown": counts["unknown"] > 0}
    names = tuple(name for name, is_so in odd.items() if is_so)
    return Raw(0, 0, record, drop="" if text else NO_TEXT, odd=names, edited=True)


def _debate(text: str, *, named: bool) -> tuple[str, Counter[str]]:
    """Return the text of a debate, a paragraph a line and a blank one before each speech, and what was met."""
    counts: Counter[str] = Counter()
    speeches: list[list[str]] = [[]]
    begins = False
    for line in text.split("\n"):
        tag = _TAG.match(line) if line.startswith("<") else None
        if tag is None:
            spoken = (
                _SPOKEN_IN.sub("", line, count=1) if begins and _SPOKEN_IN.match(line) else line
            )
            if spoken.strip():
                speeches[-1].append(" ".join(spoken.split()))
                begins = False
            continue
        kind = tag["name"] if tag["name"] in _KNOWN else "unknown"
        counts[kind] += 1
        if kind in {"CHAPTER", "SPEAKER"}:
            name = _NAME.search(tag["rest"]) if named and kind == "SPEAKER" else None
            speeches.append([] if name is None else [f"{name[1].strip()}:"])
            begins = True
    return "\n\n".join("\n".join(each) for each in speeches if each), counts


def _told(file: File) -> dict[str, Any]:
    """Say what the path tells: `txt/de/ep-00-01-17.txt`, of later years `ep-06-12-14-003.txt`."""
    place = _PLACE.search(file.place)
    if place is None:
        return {"id": file.name}
    year, month, day = map(int, place["day"].split("-"))
    try:
        held = date(year + (1900 if year >= _FIRST_YEAR else 2000), month, day).isoformat()
    except ValueError:
        held = ""
    language = place["language"]
    if language is None:
        return {"id": file.name, "created": held}
    return {"id": f"europarl/{language}/{place['name']}", "created": held, "language": language}


def _flaws(said: Said) -> list[str]:
    return tree_flaws(said, EuroparlOptions)


ADAPTER: Final = Adapter(
    read=read_europarl,
    unit="folder",
    digest=digest_files,
    options={
        **TREE_OPTIONS,
        "hidden": "also what begins with a dot",
        "speakers": "keep: a line with the name before each speech",
    },
    flaws=_flaws,
)
