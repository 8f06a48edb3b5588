"""Read the records of formats that are XML: one row for each, whatever is wrong with it or the files around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pipeline.sources.publications.xml_cut import Names, Piece, cut
from pipeline.sources.publications.xml_tree import BadXmlError, Element, parse_xml
from pipeline.sources.records import RAW_LIMIT, Bad, BrokenStreamError, Damage, Item, Raw
from pipeline.sources.trees.bundles import Part, parts
from pipeline.sources.trees.members import MemberError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.sources.adapter import Reading
    from pipeline.sources.file import InputFile

NO_TEXT: Final = "no-text"
"""The record holds nothing of what its documents are made of."""


class Made(NamedTuple):
    """What a format makes of a record; `drop` is the reason why it gives no document."""

    record: dict[str, Any]
    drop: str = ""


class XmlForm(NamedTuple):
    """A format: the elements that are records and those that are not read, the files of an archive that hold them.

    `make` gives `None` for an element that is no record of the format after all.
    """

    names: Names
    suffixes: tuple[str, ...]
    left_out: frozenset[str]
    make: Callable[[Element], Made | None]


def read_xml(path: InputFile, how: Reading, form: XmlForm) -> Iterator[Item]:
    """Yield an item for each record; `line` is the line of its file that it begins in, `row` counts them all.

    A record that is no XML is `Bad`, and those beside it go through. A record that the damage of a file cuts
    is part of that.
    """
    if how.wanted is not None:  # who looks for records by path finds none here: they have no path
        return
    row = 0
    try:
        for part in parts(path, lambda name: name.lower().endswith(form.suffixes)):
            for item in _read_part(part, how, form, row):
                yield item
                row = item.row + 1
    except BrokenStreamError as broken:
        yield Damage(row, broken.reason, broken.detail)


def _read_part(part: Part, how: Reading, form: XmlForm, row: int) -> Iterator[Raw | Bad]:
    if part.flaw:
        yield Bad(row, part.number, part.flaw, b"", part.name)
        return
    try:
        for piece in cut(part.stream(), form.names, how.max_record):
            yield read_piece(row, piece, form)
            row += 1
    except MemberError as error:
        yield Bad(row, part.number, str(error), b"", part.name)


def read_piece(row: int, piece: Piece, form: XmlForm) -> Raw | Bad:
    """Read one record."""
    if piece.flaw:
        return Bad(row, piece.line, piece.flaw, piece.data)
    try:
        made = form.make(parse_xml(piece.data, piece.encoding, form.left_out))
    except BadXmlError as error:
        return Bad(row, piece.line, str(error), piece.data[:RAW_LIMIT])
    if made is None:
        return Bad(row, piece.line, "root", piece.data[:RAW_LIMIT])
    return Raw(row, piece.line, made.record, drop=made.drop, edited=True)


def join(paragraphs: list[str]) -> str:
    """Put paragraphs together: a blank line between them, a line feed at the end."""
    return "\n\n".join(paragraphs) + "\n" if paragraphs else ""


def known(**values: object) -> dict[str, Any]:
    """Return what is known: keys whose value is empty are left out."""
    return {key: value for key, value in values.items() if value not in ("", [], None)}


def day(year: str, month: str = "", date: str = "") -> str:
    """Spell a date as far as it is known, ISO 8601; months may be names; `""` without a year."""
    if not (year.isdecimal() and year.isascii() and len(year) == 4):  # noqa: PLR2004  digits of a year
        return ""
    said = year
    for part, last in ((_MONTHS.get(month[:3].lower(), month), 12), (date, 31)):
        if not (part.isdecimal() and part.isascii() and 1 <= int(part[:4]) <= last):
            break
        said += f"-{int(part):02}"
    return said


_MONTH_NAMES: Final = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS: Final = {name: str(number) for number, name in enumerate(_MONTH_NAMES.split(), 1)}
