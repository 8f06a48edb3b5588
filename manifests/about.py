"""What people have to say about a release that no file can tell: `[about]` in a config.

Everything is optional. What is missing is marked as missing where a form asks for it, never made up.
"""

from __future__ import annotations

import calendar
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator


class About(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`[about]`: texts for the dataset card and the forms; `published` is a date such as 2026-11-20.

    `license` is the licence of the collection as a whole, `url` where people find it, `contact`
    whom to write to. `first_used` is when models were first trained on it, `collected` the first
    and the last date of collection; both may leave out the day, or the month too. A creator with a
    comma is a person, family name first, as in BibTeX; any other is an organisation.
    """

    title: str = ""
    description: str = ""
    creators: tuple[str, ...] = ()
    publisher: str = ""
    url: str = ""
    contact: str = ""
    license: str = ""
    citation: str = ""
    keywords: tuple[str, ...] = ()
    published: str = ""
    purpose: str = ""
    out_of_scope: str = ""
    collection: str = ""
    collected: tuple[str, ...] = ()
    first_used: str = ""
    maintenance: str = ""
    biases: str = ""


_ONE_LINE: Final = ("title", "publisher", "url", "contact", "license")
_LISTS: Final = ("creators", "keywords")
_PARTIAL: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_FULL_LENGTH: Final = len("2026-11-20")


def is_date(text: str, *, whole: bool) -> bool:
    """Say whether a text is a day of the calendar as ISO 8601 spells it, or a month or year unless `whole`."""
    match = _PARTIAL.fullmatch(text)
    if match is None or (whole and len(text) != _FULL_LENGTH):
        return False
    year, month, day = (int(part or 1) for part in match.groups())
    return (
        year > 0 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]  # noqa: PLR2004  months
    )


def is_url(text: str) -> bool:
    """Say whether a text is a web address with a host and no white space."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not re.search(r"\s", text)


def about_flaws(about: About) -> list[str]:
    """Return `key: what is wrong with it` for every mistake; no text is quoted but a date or an address."""
    return [*_text_flaws(about), *_date_flaws(about)]


def _text_flaws(about: About) -> Iterator[str]:
    for key in _ONE_LINE:
        if not _one_line(getattr(about, key), empty=True):
            yield f"{key}: one line is expected, with nothing before and after its text"
    for key in _LISTS:
        if not all(_one_line(each, empty=False) for each in getattr(about, key)):
            yield f"{key}: every entry is one line, not empty, with nothing before and after its text"
    if about.url and not is_url(about.url):
        yield f"url: {about.url!r} is no web address: it begins with https:// and has a host"


def _one_line(text: str, *, empty: bool) -> bool:
    return text == text.strip() and text.isprintable() and (empty or text != "")


def _date_flaws(about: About) -> Iterator[str]:
    if about.published and not is_date(about.published, whole=True):
        yield f"published: {about.published!r} is no date such as 2026-11-20"
    for key, dates in (
        ("first_used", filter(None, [about.first_used])),
        ("collected", about.collected),
    ):
        for date in dates:
            if not is_date(date, whole=False):
                yield f"{key}: {date!r} is no date such as 2026-11-20, 2026-11 or 2026"
    if len(about.collected) > 2 or list(about.collected) != sorted(about.collected):  # noqa: PLR2004  from, to
        yield "collected: the first and the last date are expected, in this order"
