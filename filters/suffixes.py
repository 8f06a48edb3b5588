"""Which host names are public suffixes, below which strangers register names side by side.

The list is that of https://publicsuffix.org/list/, private suffixes such as `github.io` included, as
the package `publicsuffixlist` ships it.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from publicsuffixlist import PublicSuffixList


def is_public_suffix(host: str) -> bool:
    """Say whether a canonical host is a public suffix; a top-level domain nobody listed is one, too."""
    return bool(_suffixes().is_public(host))


def is_listed(host: str) -> bool:
    """Say whether a canonical host ends in a suffix of the list, as a name in the public DNS does."""
    return _listed().publicsuffix(host) is not None


@cache
def _lines() -> tuple[str, ...]:
    data = resources.files("publicsuffixlist").joinpath("public_suffix_list.dat")
    return tuple(data.read_text("utf-8").splitlines())


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(_lines())


@cache
def _listed() -> PublicSuffixList:
    return PublicSuffixList(_lines(), accept_unknown=False)


def registrable(host: str) -> str:
    """Return the name one label below the public suffix of a canonical host, or the host where there is none."""
    found = _suffixes().privatesuffix(host)
    return host if found is None else str(found)
