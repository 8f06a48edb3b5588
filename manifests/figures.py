"""What a release is made of, counted: the figures behind its report, its card and its forms."""

from __future__ import annotations

import msgspec


class Share(msgspec.Struct, frozen=True):
    """Documents, and the bytes of their text in UTF-8."""

    documents: int
    bytes: int


class Figures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Counts over the documents of a release (questions are not among them).

    `lengths` is source -> exponent e as a string -> documents of 2^e up to 2^(e+1) - 1 bytes of
    text; `clusters` is size -> clusters, the survivor and the duplicates that name it together;
    `years` is the year of `created` -> documents, `""` where it is not known; `domains` holds the
    registrable domains of `url` with most bytes, `all_domains` how many there are; `splits` is
    source -> split -> share.
    """

    total: Share
    sources: dict[str, Share]
    languages: dict[str, Share]
    natural_languages: dict[str, Share]
    licenses: dict[str, Share]
    lengths: dict[str, dict[str, int]]
    clusters: dict[str, int]
    years: dict[str, int]
    first_created: str
    last_created: str
    domains: dict[str, Share]
    all_domains: int
    splits: dict[str, dict[str, Share]] = {}
