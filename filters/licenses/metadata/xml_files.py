"""XML manifests: Maven, NuGet, .NET projects, AppStream, ROS packages. No entity is expanded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from xml.parsers import expat

from filters.licenses.metadata.claims import Claim, MetadataError, settle
from filters.licenses.spdx import NOASSERTION, normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from filters.licenses.evidence import Evidence

_NUGET: Final = "https://licenses.nuget.org/"
_DEPRECATED: Final = "https://aka.ms/deprecateLicenseUrl"


class Element(NamedTuple):
    """An element with its text: names of its parents and itself, outermost first, at most four."""

    path: tuple[str, ...]
    text: str
    start: int
    end: int
    attributes: dict[str, str]
    parent: int  # number of the parent element, in document order


class _Open(NamedTuple):
    name: str
    number: int
    attributes: dict[str, str]
    at: int  # byte where its text may begin
    start: int  # the same in code points
    pieces: list[str]


class _Reader:
    """What expat reports, kept for the elements asked for."""

    def __init__(self, wanted: frozenset[str], data: bytes) -> None:
        self.wanted = wanted
        self.data = data
        self.stack: list[_Open] = []
        self.found: list[Element] = []
        self.count = 0
        self.seen = (0, 0)  # bytes and code points up to the last element asked for
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters

    def refuse(self, *_: object) -> None:
        raise MetadataError("declares a document type")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        at = 0
        if name.rpartition(":")[2] in self.wanted:
            at = self.data.find(b">", self.parser.CurrentByteIndex) + 1
            self.seen = (at, self.seen[1] + self.points(self.seen[0], at))
        self.count += 1
        self.stack.append(_Open(name.rpartition(":")[2], self.count, attributes, *self.seen, []))

    def points(self, start: int, end: int) -> int:
        return len(self.data[start:end].decode(errors="replace"))

    def characters(self, text: str) -> None:
        if self.stack and self.stack[-1].name in self.wanted:
            self.stack[-1].pieces.append(text)

    def end(self, _: str) -> None:
        closed = self.stack.pop()
        if closed.name not in self.wanted:
            return
        path = (*(each.name for each in self.stack[-3:]), closed.name)
        raw = self.data[closed.at : self.parser.CurrentByteIndex].decode(errors="replace")
        start = closed.start + len(raw) - len(raw.lstrip())
        text = "".join(closed.pieces).strip()
        parent = self.stack[-1].number if self.stack else 0
        end = start + len(raw.strip())
        self.found.append(Element(path, text, start, end, closed.attributes, parent))


def elements(text: str, *wanted: str) -> list[Element]:
    """Give the elements of these names in the order of their ends. Raises `MetadataError`."""
    try:
        data = text.encode()
        reader = _Reader(frozenset(wanted), data)
        reader.parser.Parse(data, True)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        raise MetadataError("not XML") from error
    return reader.found


def read_pom(text: str) -> tuple[Evidence, ...]:
    """Read pom.xml: each licence by its name, else its address.

    Of several the user may choose: Maven's model reference says so at `licenses`. A parent's
    licence, which Maven inherits, is in another file.
    """
    chosen: dict[int, Claim] = {}
    for each in elements(text, "name", "url"):
        if each.path[-4:-1] == ("project", "licenses", "license") and each.text:
            claim = Claim(each.text, each.start, each.end)
            known = chosen.get(each.parent)
            if known is None or _is_open(known.value):
                chosen[each.parent] = known if known and _is_open(each.text) else claim
    return settle(list(chosen.values()), "OR")


def _is_open(value: str) -> bool:
    found = normalise(" ".join(value.split()))
    return found.expression == NOASSERTION or bool(found.unknown)


def read_nuspec(text: str) -> tuple[Evidence, ...]:
    """Read a .nuspec: `license` (an expression or a file) over `licenseUrl`."""
    found = [each for each in elements(text, "license", "licenseUrl") if "metadata" in each.path]
    for each in found:
        if each.path[-1] == "license":
            return settle([_claim(each, defers=each.attributes.get("type") == "file")])
    return settle([_nuget_url(each) for each in found])


def _claim(each: Element, *, defers: bool = False) -> Claim:
    return Claim(each.text, each.start, each.end, defers)


def _nuget_url(each: Element) -> Claim:
    url = each.text.removeprefix(_NUGET).replace("%20", " ")
    return Claim(url, each.start, each.end, each.text == _DEPRECATED)


def read_msbuild(text: str) -> tuple[Evidence, ...]:
    """Read a .NET project or property file: PackageLicenseExpression over file over address."""
    names = ("PackageLicenseExpression", "PackageLicenseFile", "PackageLicenseUrl")
    found = [each for each in elements(text, *names) if each.text]
    for name in names:
        claims = [each for each in found if each.path[-1] == name]
        if claims:
            if name == "PackageLicenseUrl":
                return settle([_nuget_url(each) for each in claims])
            return settle([_claim(each, defers=name == "PackageLicenseFile") for each in claims])
    return ()


def reader(name: str, *parents: str) -> Callable[[str], tuple[Evidence, ...]]:
    """Make a reader of all elements of one name below one of the parents; all of them apply."""

    def read(text: str) -> tuple[Evidence, ...]:
        found = elements(text, name)
        return settle([_claim(each) for each in found if each.path[-2:-1] in _tails(parents)])

    return read


def _tails(parents: tuple[str, ...]) -> set[tuple[str, ...]]:
    return {(parent,) for parent in parents}


def read_ivy(text: str) -> tuple[Evidence, ...]:
    """Read ivy.xml: the `name` of each `license` element; of several the user may choose."""
    found = elements(text, "license")
    return settle([Claim(each.attributes.get("name", "")) for each in found], "OR")
