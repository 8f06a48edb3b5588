"""What a page says of itself: title, licences, the day it was published, whose it is."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORKS: Final = frozenset(
    "Article AdvertiserContentArticle NewsArticle ReportageNewsArticle OpinionNewsArticle ScholarlyArticle TechArticle"  # noqa: SIM905  a table
    " BlogPosting SocialMediaPosting DiscussionForumPosting LiveBlogPosting CreativeWork Report WebPage AboutPage"
    " FAQPage ItemPage Recipe HowTo Book Chapter Course Thesis".split()
)
"""Types of schema.org that are the page's text; an image on the page has a licence and a date of its own."""
_LONGEST: Final = 256 << 10  # characters of linked data that are read
_MOST: Final = 64  # things that it names
_FACT: Final = 500  # characters of the longest fact that is kept
_DAY: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ][0-9:.]{2,15}(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


class Told(NamedTuple):
    """What a page says; all as it stands there."""

    title: str = ""
    licenses: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()

    def facts(self, captured: str) -> dict[str, Any]:
        """Return keys of a record. `created` is the earliest day that is told: of being published or captured.

        A page cannot have been made after it was captured; nor would it say, if asked, when it was changed
        last. So who asks to be left out up to a day has all that was there then.
        """
        days = [each for each in self.published if day_of(each) and day_of(each) < day_of(captured)]
        created = min(days, key=day_of, default=captured)
        found: dict[str, Any] = {
            "title": self.title[:_FACT],
            "license": [each[:_FACT] for each in self.licenses],
            "created": created,
            "captured": captured if created != captured else "",
            "author": ", ".join(self.authors)[:_FACT],
            "byline": [each[:_FACT] for each in self.authors],
        }
        return {key: value for key, value in found.items() if value}


def day_of(text: str) -> str:
    """Return the day that a time is of, `""` for what is none."""
    found = _DAY.fullmatch(text)
    try:
        return "" if found is None else date.fromisoformat(found[1]).isoformat()
    except ValueError:
        return ""


def linked_data(text: str) -> Iterator[tuple[str, str]]:
    """Yield what JSON-LD (schema.org) says of works, as `license`, `published` and `author`."""
    try:
        data = msgspec.json.decode(text) if len(text) <= _LONGEST else None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return
    for each in _things(data):
        yield from (("license", value) for value in _names(each.get("license"), ("url", "@id")))
        yield from (("author", value) for value in _names(each.get("author"), ("name",)))
        published = each.get("datePublished")
        if isinstance(published, str):
            yield "published", published


def _things(data: Any) -> list[dict[str, Any]]:
    found = data if isinstance(data, list) else [data]
    graphs = [
        each["@graph"] for each in found[:_MOST] if isinstance(each, dict) and "@graph" in each
    ]
    for graph in graphs:
        found = [*found, *(graph if isinstance(graph, list) else [graph])]
    return [
        each for each in found[:_MOST] if isinstance(each, dict) and _is_work(each.get("@type"))
    ]


def _is_work(kind: Any) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(each, str) and each in _WORKS for each in kinds[:_MOST])


def _names(value: Any, keys: tuple[str, ...]) -> Iterator[str]:
    """Yield what each value is called: itself, or what the first of the keys says that says something."""
    for each in (value if isinstance(value, list) else [value])[:_MOST]:
        named = [each.get(key) for key in keys] if isinstance(each, dict) else [each]
        yield from [name for name in named if isinstance(name, str) and name.strip()][:1]
