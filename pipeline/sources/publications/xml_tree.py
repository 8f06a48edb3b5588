"""Parse one XML record into a small tree: names without prefixes, no document type, no entity but characters.

Only expat of the standard library reads it. A record comes without the document around it, so nothing can be
declared in it, nothing expands and nothing is fetched; references to what a DTD would declare become the
characters that go by that name in HTML and in ISO 8879, which is where JATS has them from.
"""

from __future__ import annotations

import functools
from html.entities import html5
from typing import Final
from xml.parsers import expat

MAX_DEPTH: Final = 256
"""Levels of elements; deeper ones bring recursive readers down."""
MAX_ELEMENTS: Final = 500_000
"""Elements of a record, without those that are left out: 120 MB if all are small."""

# Names of ISO 8879's plain Greek letters (isogrk1), which HTML does not have.
_GREEK_NAMES: Final = "a b g d e z ee th i k l m n x o p r s t u ph kh ps oh"
_GREEK: Final = {
    f"{name}gr": letter
    for name, letter in zip(_GREEK_NAMES.split(), "αβγδεζηθικλμνξοπρστυφχψω", strict=True)
}


class BadXmlError(Exception):
    """A record that cannot be read: `xml`, `utf8`, `encoding`, `depth`, `entity`, `elements`."""


class Element:
    """An element; `parts` are texts and elements in their order."""

    __slots__ = ("attributes", "name", "parts")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.parts: list[str | Element] = []

    def children(self, *names: str) -> list[Element]:
        """Return the elements directly below that have one of the names, or all."""
        found = [each for each in self.parts if isinstance(each, Element)]
        return [each for each in found if not names or each.name in names]

    def at(self, *path: str) -> list[Element]:
        """Return the elements at a path of names below this one."""
        found = [self]
        for name in path:
            found = [child for each in found for child in each.children(name)]
        return found

    def first(self, *path: str) -> Element | None:
        """Return the first element at a path, `None` if there is none."""
        return next(iter(self.at(*path)), None)

    def all(self, *names: str) -> list[Element]:
        """Return the elements at any depth that have one of the names, in their order."""
        found = []
        for each in self.children():
            found += [each] if each.name in names else []
            found += each.all(*names)
        return found

    def text(self, *path: str) -> str:
        """Return the text of the first element at a path, its white space as one blank; `""` if there is none."""
        found = self.first(*path)
        return "" if found is None else " ".join(found.raw().split())

    def raw(self) -> str:
        """Return all text below, as it stands there."""
        return "".join(each if isinstance(each, str) else each.raw() for each in self.parts)


def parse_xml(data: bytes, encoding: str, left_out: frozenset[str]) -> Element:
    """Parse a record; elements that are `left_out` are not there, with all that is in them.

    Raises:
        BadXmlError: it is not well-formed, too deep, or of too many elements.
    """
    if encoding == "?":
        raise BadXmlError("encoding")
    builder = _Builder(left_out)
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.UseForeignDTD(True)  # so that a name that is not declared is told and no error
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.add
    parser.SkippedEntityHandler = builder.refer
    parser.ExternalEntityRefHandler = _fetch_nothing
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise BadXmlError(_diagnose(data, encoding)) from None
    return builder.root()


class _Builder:
    def __init__(self, left_out: frozenset[str]) -> None:
        self._open = [Element("", {})]
        self._left_out = left_out
        self._depth = self._outside = self._elements = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BadXmlError("depth")
        short = name.rpartition(":")[2] if ":" in name else name
        if self._outside or short in self._left_out:
            self._outside += 1
            return
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise BadXmlError("elements")
        plain = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        element = Element(short, plain)
        self._open[-1].parts.append(element)
        self._open.append(element)

    def end(self, _: str) -> None:
        self._depth -= 1
        if self._outside:
            self._outside -= 1
        else:
            self._open.pop()

    def root(self) -> Element:
        return self._open[0].children()[0]

    def add(self, data: str) -> None:
        if not self._outside:
            self._open[-1].parts.append(data)

    def refer(self, name: str, is_parameter: bool) -> None:
        if self._outside or is_parameter:
            return
        character = _characters().get(name)
        if character is None:
            raise BadXmlError("entity")
        self.add(character)


@functools.cache
def _characters() -> dict[str, str]:
    """Return what names stand for: those of HTML hold ISO 8879 and 9573-13, but for its plain Greek letters."""
    upper = {name[0].upper() + name[1:]: letter.upper() for name, letter in _GREEK.items()}
    return {name.removesuffix(";"): said for name, said in html5.items()} | _GREEK | upper


def _fetch_nothing(*_: object) -> int:
    return 1


def _refuse(*_: object) -> None:
    raise BadXmlError("xml")


def _diagnose(data: bytes, encoding: str) -> str:
    try:
        data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return "utf8" if encoding in {"utf-8", "utf8"} else "encoding"
    return "xml"
