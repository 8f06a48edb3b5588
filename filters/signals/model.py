"""The values that every parser of signals takes and returns; all are frozen, none holds a text."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple
from urllib.parse import quote

import msgspec

from filters.urls import SubjectError, canonical_url, parse_url, without_www

if TYPE_CHECKING:
    from collections.abc import Iterable

Answer = Literal["yes", "no", "unknown"]
Carrier = Literal["robots", "tdmrep", "aitxt", "headers", "html"]
Order = Literal["open", "closed", "first"]

SITE_CARRIERS: Final[frozenset[str]] = frozenset({"robots", "tdmrep", "aitxt"})
_TAIL: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*")
# What a path, a query and a pattern may hold bare (RFC 3986); `#` would end them.
_BARE: Final = "/%*$?=&!'()+,;:@~-._"


class Signal(msgspec.Struct, frozen=True, order=True):
    """One statement about one place: who may do what there, in whose words, and where it stands.

    `place` is `host[:port]` for what speaks for a site and a canonical URL for what speaks for a
    page. `where` is a line or the name of a header or tag, `sha256` the digest of the recording.
    """

    vocabulary: str
    version: str
    purpose: str
    answer: Answer
    place: str
    where: str
    sha256: str


class Problem(msgspec.Struct, frozen=True, order=True):
    """Something a recording says that its vocabulary does not know: it counts as not said."""

    vocabulary: str
    place: str
    where: str
    problem: str


class Recording(msgspec.Struct, frozen=True):
    """What was once served under a URL; `id` is the id of the document that came with it."""

    url: str
    carrier: Carrier
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    sha256: str = ""
    id: str = ""

    @property
    def digest(self) -> str:
        """Return `sha256`, or else that of the text's UTF-8 or of the headers, one a line."""
        if self.sha256:
            return self.sha256
        lines = "".join(f"{name.strip().lower()}: {value}\n" for name, value in self.headers)
        raw = (self.body if self.carrier != "headers" else lines).encode("utf-8", "surrogatepass")
        return hashlib.sha256(raw).hexdigest()


class Rule(msgspec.Struct, frozen=True):
    """An answer for the paths that a pattern matches; `where` is its line."""

    pattern: str
    answer: Answer
    where: str


class RuleSet(msgspec.Struct, frozen=True):
    """Rules of which one decides for each path, about one purpose.

    The longest pattern that matches decides, and among equally long ones the most open or the most
    closed answer, as `order` says; with `first` the first one that matches decides.
    """

    purpose: str
    rules: tuple[Rule, ...]
    order: Order = "open"


class Reading(msgspec.Struct, frozen=True):
    """What one vocabulary finds in one recording: sets of rules, of which the strictest wins.

    The rules of a page (`page` is true) speak for this one URL, `place`, whatever their pattern.
    """

    vocabulary: str
    version: str
    carrier: Carrier
    place: str
    sha256: str
    page: bool = False
    id: str = ""
    sets: tuple[RuleSet, ...] = ()
    problems: tuple[Problem, ...] = ()

    def signal(self, rule: Rule, purpose: str) -> Signal:
        """Return a rule of this reading with its provenance."""
        return Signal(
            self.vocabulary,
            self.version,
            purpose,
            rule.answer,
            self.place,
            rule.where,
            self.sha256,
        )


class Target(NamedTuple):
    """A URL as signals are looked up: the site, the canonical page, and the path as rules see it."""

    site: str
    page: str
    path: str


def target(url: str) -> Target:
    """Take a URL apart; raises `SubjectError` where it names no place.

    A site is `host[:port]` without scheme and `www.`, as in the opt-out registry. The path keeps
    its case and its last slash, with what no URL can hold bare percent-encoded.
    """
    place = parse_url(url)
    port = f":{place.port}" if place.port else ""
    tail = _TAIL.sub("", url.strip(), count=1) if "//" in url else _without_authority(url)
    path = encoded(tail.partition("#")[0])
    return Target(
        without_www(place.host) + port,
        canonical_url(url),
        path if path.startswith("/") else f"/{path}",
    )


def _without_authority(url: str) -> str:
    found = re.search(r"[/?#]", url.strip())
    return "" if found is None else url.strip()[found.start() :]


def encoded(text: str) -> str:
    """Percent-encode what a path cannot hold bare; half surrogate pairs keep three bytes."""
    return quote(text, safe=_BARE, encoding="utf-8", errors="surrogatepass")


def reading(
    vocabulary: str,
    version: str,
    recording: Recording,
    sets: Iterable[RuleSet] = (),
    problems: Iterable[tuple[str, str]] = (),
) -> Reading:
    """Put together what a parser found; a recording of no place says nothing and is a problem."""
    page = recording.carrier not in SITE_CARRIERS
    found = tuple(each for each in sets if each.rules)
    try:
        at = target(recording.url)
    except SubjectError as error:
        place, found, problems = "", (), (*problems, ("url", str(error)))
    else:
        place = at.page if page else at.site
    named = tuple(Problem(vocabulary, place, *each) for each in problems)
    return Reading(
        vocabulary,
        version,
        recording.carrier,
        place,
        recording.digest,
        page,
        recording.id,
        found,
        named,
    )


class Options(msgspec.Struct, frozen=True):
    """How parsers that leave a choice decide it.

    `agents` maps the product tokens of AI agents, in lower case, to their purpose. With
    `named_only` the `*` groups of robots.txt say nothing about them. `met` are exceptions
    (parameters of Content-Usage) whose conditions the user of the corpus meets.
    """

    agents: dict[str, str]
    named_only: bool = False
    met: frozenset[str] = frozenset()
