"""Addresses: what a URL of a store is, what none may hold, and how it is spelled in a message."""

from __future__ import annotations

from urllib.parse import urlsplit

from pipeline.errors import ConfigError, at

_LOCAL = "file"
_WEB = ("http", "https")


def is_url(path: str) -> bool:
    """Tell the URL of a store from a local path; `file://` is a local path with a prefix."""
    return "://" in path and scheme_of(path) != _LOCAL


def scheme_of(url: str) -> str:
    """Return what stands before `://`."""
    return url.partition("://")[0].lower()


def shown(url: str) -> str:
    """Spell a URL for a message: without user, password and query, which may be secrets."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if scheme.lower() in _WEB:
        path = path.partition("?")[0]
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def check_url(url: str) -> None:
    """Refuse a URL that holds what may be a secret: it would stand in the manifest.

    Raises:
        ConfigError: it holds a user or a query, chains two stores, or names none.
    """
    problem = _flaw(url)
    if problem:
        raise ConfigError(at("start", shown(url), problem))


def _flaw(url: str) -> str:
    rest = url.partition("://")[2]
    if "::" in url:
        return "one store in another is not read: name the file itself"
    if "@" in rest.partition("/")[0]:
        return "a user or a password stands in it: give those by the environment (AWS_PROFILE, …)"
    if scheme_of(url) in _WEB and urlsplit(url).query:
        return "a query stands in it, which may be a secret: name the file itself"
    return "" if rest.strip("/") else "it names no bucket"
