"""What people have to say about a release that no file can tell: `[about]` in a config.

Everything is optional. What is missing is marked as missing where a form asks for it, never made up.
"""

from __future__ import annotations

import msgspec


class About(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`[about]`: texts for the dataset card and the forms; `published` is a date such as 2026-11-20.

    `license` is the licence of the collection as a whole, `url` where people find it, `contact`
    whom to write to. `first_used` is when models were first trained on it.
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
