"""A page of HTML: its main text, and what it says of itself.

The parser is a browser's, without a browser's bounds: a megabyte of open tags, or of attributes, keeps it busy
for hours or takes all memory. So no page reaches it, or what reads its tree, that is deeper or more crowded
than pages are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urljoin

from pipeline.sources.web.told import Told, linked_data

if TYPE_CHECKING:
    from collections.abc import Iterator

CROWDED: Final = "crowded"
"""The page has more tags, open tags or attributes than pages have."""
NESTED: Final = "nested"
"""Its elements lie deeper in each other than browsers let them: 512 in Chrome."""

MOST_TAGS: Final = 250_000
"""Tags of a page; a million of them take 200 MiB. Of 13,689 pages of documentation the largest has 158,000."""
MOST_ATTRIBUTES: Final = 1024
"""Attributes of one tag: each is compared with all before it."""
_MOST_IN_CODE: Final = 8192  # what looks like them in a script, which is none but in SVG
_RAW: Final = frozenset({"script", "style"})
MOST_OPEN: Final = 4096
"""Elements of formatting (`<b>`, `<a>`) that are opened and not closed: each is compared with all before it."""
DEEPEST: Final = 400

_TOO_DEEP: Final = " > ".join(["*"] * DEEPEST)
# A quote opens a value behind `=` alone (WHATWG HTML, section 13.2.5).
_VALUE: Final = r"""=[ \t\n\f\r]*+(?:"[^"]*+"|'[^']*+')"""
_TAG: Final = re.compile(
    rf"<(?:!--(?:-?>|.*?(?:--!?>|\Z))|(/?)([A-Za-z][^\s/>]*+)((?:{_VALUE}|[^>=]++|=)*+))", re.DOTALL
)
_QUOTED: Final = re.compile(_VALUE)
_PARTED: Final = re.compile(r"[^ \t\n\f\r/]+")
_FORMATTING: Final = frozenset(
    "a b big code em font i nobr s small strike strong tt u".split()  # noqa: SIM905  as the standard lists them
)
_SCOPES: Final = frozenset(
    "applet body button caption frameset html iframe marquee math noembed noframes object plaintext script select"  # noqa: SIM905  a table
    " style svg table td template textarea th title xmp".split()
)
_ROOTS: Final = frozenset({"html", "body"})  # later ones give their attributes to the first
_FEW: Final = 8000  # tags, or attributes, among which nothing is worth counting
_LONG: Final = 2048  # characters of a tag that may have too many attributes
_SELECTED: Final = 'meta[content], link[rel], a[rel], script[type="application/ld+json"]'
_LOOKED_AT: Final = 4000  # elements that may say something of the page
_LICENSES: Final = frozenset({"license", "dc.license", "dcterms.license", "dc.rights.license"})
_PUBLISHED: Final = frozenset(
    {
        "article:published_time",
        "datepublished",
        "dc.date.issued",
        "dcterms.issued",
        "citation_publication_date",
    }
)
_AUTHORS: Final = frozenset({"author", "dc.creator", "dcterms.creator", "citation_author"})


class Page(NamedTuple):
    """The text of a page and what it says of itself, or the reason why there is none."""

    text: str = ""
    told: Told = Told()
    flaw: str = ""


def read_page(html: str, url: str, *, main: bool) -> Page:
    """Read a page; `main` leaves away what stands around its main text. Never raises for what is in it."""
    from resiliparse.extract.html2text import extract_plain_text  # noqa: PLC0415  of web sources alone
    from resiliparse.parse.html import HTMLTree  # noqa: PLC0415  the same

    if is_crowded(html):
        return Page(flaw=CROWDED)
    tree = HTMLTree.parse(html)
    if tree.document is None or tree.document.query_selector(_TOO_DEEP) is not None:
        return Page(flaw=NESTED)
    text = extract_plain_text(tree, preserve_formatting=True, main_content=main, alt_texts=False)
    return Page(text.strip(), _told(tree, url))


def is_crowded(html: str) -> bool:
    """Tell a page that costs the parser more than pages do."""
    tags = html.count("<")
    if tags > MOST_TAGS:
        return True
    # nothing to count among few tags, unless one is long: without a `>` in it, or with more `>` than `<` in values
    longest = max(map(len, html.split(">")))
    if tags <= _FEW and longest <= _LONG and html.count(">") <= tags + _FEW:
        return False
    most = MOST_ATTRIBUTES
    for found in _TAG.finditer(html):
        if found.end() - found.start() > _LONG and _attributes(found) > most:
            return True
        if (found[2] or "").lower() in _RAW:
            most = MOST_ATTRIBUTES if found[1] else _MOST_IN_CODE
    return _left_open(html) > MOST_OPEN


def _left_open(html: str) -> int:
    """Count elements of formatting that are opened and not closed, at the least where there are most.

    What is closed behind the begin of a table, a script and the like may be text, or be out of sight of the parser.
    """
    left = most = here = 0
    for found in _TAG.finditer(html):
        name = (found[2] or "").lower()
        if name in _SCOPES and not found[1]:
            here = 0
            left += name in _ROOTS
        elif name in _FORMATTING and not found[1]:
            left, here = left + 1, here + 1
            most = max(most, left)
        elif name in _FORMATTING and here:
            left, here = left - 1, here - 1
    return max(most, left)


def _attributes(found: re.Match[str]) -> int:
    """Count the attributes of a tag; a comment has none."""
    return len(_PARTED.findall(_QUOTED.sub("= ", found[3]))) if found[2] else 0


def _told(tree: Any, url: str) -> Told:
    """Gather what a page says of itself, in the order in which it stands there."""
    said: dict[str, list[str]] = {"license": [], "published": [], "author": []}
    for key, value in _sayings(tree, url):
        if value and value not in said[key]:
            said[key].append(value)
    return Told(
        title=" ".join((tree.title or "").split()),
        licenses=tuple(said["license"]),
        published=tuple(said["published"]),
        authors=tuple(said["author"]),
    )


def _sayings(tree: Any, url: str) -> Iterator[tuple[str, str]]:
    for element in tree.document.query_selector_all(_SELECTED)[:_LOOKED_AT]:
        if element.tag == "meta":
            yield from _meta(element, url)
        elif element.tag == "script":
            for key, value in linked_data(element.text):
                yield key, _absolute(value, url) if key == "license" else value
        elif "license" in (element.getattr("rel") or "").lower().split():
            yield "license", _absolute(element.getattr("href") or "", url)


def _meta(element: Any, url: str) -> Iterator[tuple[str, str]]:
    names = (element.getattr(each) or "" for each in ("name", "property", "itemprop"))
    name = next((each.strip().lower() for each in names if each.strip()), "")
    value = element.getattr("content").strip()
    if name in _LICENSES:
        yield "license", _absolute(value, url)
    elif name in _PUBLISHED:
        yield "published", value
    elif name in _AUTHORS:
        yield "author", value


def _absolute(value: str, url: str) -> str:
    """Return a link as a whole URL; a name of a licence stays as it is."""
    value = value.strip()
    if "/" not in value:
        return value
    try:
        return urljoin(url, value)
    except ValueError:
        return ""
