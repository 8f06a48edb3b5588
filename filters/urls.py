"""One spelling for each host, URL and domain, so that two spellings of one place are equal.

Canonical forms have no scheme. Every function is idempotent and raises `SubjectError` for a text
that names no such place.
"""

from __future__ import annotations

import functools
import ipaddress
import re
import unicodedata
from typing import Final, NamedTuple
from urllib.parse import unquote

from filters.suffixes import is_public_suffix

# Hosts whose owner and repository names ignore case; repositories stand at owner/name.
TWO_LEVEL_HOSTS: Final = frozenset(
    {"github.com", "gist.github.com", "bitbucket.org", "codeberg.org"}
)
_LONGEST_HOST: Final = 253  # RFC 1035 section 2.3.4, without the root's dot
_LAST_PORT: Final = 65535
_SCHEME: Final = re.compile(r"\A(?:[A-Za-z][A-Za-z0-9+.-]*:)?//")
# Schemes without a host, after which an @ or a number would pass for one.
_NO_PAGE: Final = re.compile(
    r"\s*(?:about|blob|data|doi|file|javascript|mailto|news|sms|tel|urn|xmpp):", re.IGNORECASE
)
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_AUTHORITY: Final = re.compile(r"(\[[^\]]*\]|[^:]*)(?::([0-9]*))?")
_AUTHORITY_END: Final = re.compile(r"[/?#]")
# A host that is canonical as it stands: most are.
_PLAIN_HOST: Final = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+[a-z][a-z0-9_-]{0,62}")
_LABEL: Final = re.compile(r"[a-z0-9_-]{1,63}")
# RFC 3986 section 2: unreserved characters and delimiters, which a path or query may hold bare.
_URL_TEXT: Final = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?]*")
_ESCAPED: Final = re.compile(rb"%([0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?]")
_ESCAPE: Final = re.compile(r"%[0-9a-f]{2}")
_UNRESERVED: Final = re.compile(rb"[A-Za-z0-9\-._~]")
_WEB_PORTS: Final = frozenset({"", "80", "443"})


class SubjectError(ValueError):
    """The text names no subject; the message says what is wrong and what to write instead."""


class Place(NamedTuple):
    """A URL in parts: `path` is empty or begins with `/` and never ends with one."""

    host: str
    port: str
    path: str
    query: str


@functools.lru_cache(maxsize=1 << 14)
def canonical_host(text: str) -> str:
    """Return a host in lower-case ASCII, Unicode labels as Punycode, without the root's dot.

    Unicode labels follow UTS #46 non-transitional mapping as far as NFKC and lower case go. IP
    addresses take their shortest spelling, IPv6 in brackets.
    """
    if len(text) <= _LONGEST_HOST and _PLAIN_HOST.fullmatch(text) is not None:
        return text
    if text.startswith("["):
        return _ip_literal(text)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", unquote(text)).lower())
    host = ".".join(_label(part) for part in _dotted(folded).split("."))
    if len(host) > _LONGEST_HOST:
        raise SubjectError("the host is longer than 253 characters")
    if host.rpartition(".")[2].isdigit() and not _is_ipv4(host):
        raise SubjectError("the host ends in a number and is no IPv4 address")
    return host


def _dotted(text: str) -> str:
    """Read the ideographic full stop as a dot (RFC 3490 section 3.1) and drop the root's dot."""
    return text.replace("\u3002", ".").removesuffix(".")


def _label(text: str) -> str:
    try:
        label = text if text.isascii() else "xn--" + text.encode("punycode").decode("ascii")
    except UnicodeError:
        raise SubjectError("the host holds a character that no host name can have") from None
    if _LABEL.fullmatch(label) is None:
        raise SubjectError("that is no host name: write it as in example.org")
    return label


def _ip_literal(text: str) -> str:
    try:
        return f"[{ipaddress.IPv6Address(text[1:-1]).compressed}]"
    except ValueError:
        raise SubjectError("the bracketed host is no IPv6 address") from None


def _is_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def parse_url(text: str) -> Place:
    """Take a URL apart, with or without scheme, normalised as in RFC 3986 section 6.2.2.

    Scheme, user info, fragment, the ports 80 and 443 and trailing slashes are dropped. On hosts
    that ignore case the first two segments of the path, owner and name, are lower case.
    """
    rest = _SCHEME.sub("", text.strip())
    if _CONTROL.search(rest) is not None:
        raise SubjectError("the URL holds a control character")
    end = _AUTHORITY_END.search(rest)
    authority, tail = (rest, "") if end is None else (rest[: end.start()], rest[end.start() :])
    path, _, query = tail.partition("#")[0].partition("?")
    host, port = _authority(authority)
    path = _without_dots(_percent(path))
    if ignores_case(without_www(host)):
        path = lower_segments(path, 2)
    return Place(host, port, path, _percent(query))


def _authority(text: str) -> tuple[str, str]:
    address = text.rpartition("@")[2]
    parts = _AUTHORITY.fullmatch(address)
    if parts is None:
        raise SubjectError("that is no URL: write it as in https://example.org/folder")
    digits = (parts[2] or "").lstrip("0")
    if len(digits) > len(str(_LAST_PORT)) or int(digits or "0") > _LAST_PORT:
        raise SubjectError("the URL's port is beyond 65535")
    host = canonical_host(parts[1])
    if "." not in host and host != "localhost" and not host.startswith("["):
        raise SubjectError("the host has no dot: write it in full, as in example.org")
    return host, "" if digits in _WEB_PORTS else digits


def _percent(text: str) -> str:
    """Decode escaped unreserved characters, escape what a URL cannot hold, upper-case the rest."""
    if _URL_TEXT.fullmatch(text) is not None:
        return text
    try:
        raw = unicodedata.normalize("NFC", text).encode("utf-8")
    except UnicodeEncodeError:
        raise SubjectError("the URL holds half of a surrogate pair") from None
    return _ESCAPED.sub(_escape, raw).decode("ascii")


def _escape(found: re.Match[bytes]) -> bytes:
    byte = found[0] if found[1] is None else bytes.fromhex(found[1].decode("ascii"))
    return byte if _UNRESERVED.match(byte) is not None else b"%%%02X" % byte[0]


def _without_dots(path: str) -> str:
    """Remove dot segments (RFC 3986 section 5.2.4) and trailing slashes."""
    if "/." in path:
        kept: list[str] = []
        for segment in path.split("/")[1:]:
            if segment == "..":
                del kept[-1:]
            elif segment != ".":
                kept.append(segment)
        path = "/" + "/".join(kept)
    return path.rstrip("/")


def lower_segments(path: str, count: int) -> str:
    """Fold the case of the first segments of a path that begins with `/`."""
    segments = path.split("/")
    return "/".join([*(fold_case(each) for each in segments[: count + 1]), *segments[count + 1 :]])


def fold_case(path: str) -> str:
    """Lower the case of a normalised path, but not that of its escapes."""
    folded = path.lower()
    return _ESCAPE.sub(lambda found: found[0].upper(), folded) if "%" in folded else folded


def ignores_case(host: str) -> bool:
    """Say whether owners and names on the host ignore case; every GitLab instance does so."""
    return host in TWO_LEVEL_HOSTS or host.startswith("gitlab.")


def without_www(host: str) -> str:
    """Drop a leading `www.`, under which a site shows what it shows without."""
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    return host


def canonical_url(text: str) -> str:
    """Return `host[:port]/path[?query]`; two URLs of one page have one canonical URL."""
    if _NO_PAGE.match(text) is not None:
        raise SubjectError("that is the URL of no page: write one that begins with https://")
    place = parse_url(text)
    port = f":{place.port}" if place.port else ""
    query = f"?{place.query}" if place.query else ""
    return without_www(place.host) + port + place.path + query


def canonical_domain(text: str) -> str:
    """Return a domain; a whole URL without a path, `*.example.org` and `.example.org` will do.

    A public suffix (https://publicsuffix.org/list/) is refused, a site of its own below one is not.
    """
    host = stored_domain(text)
    if is_public_suffix(host):
        raise SubjectError(
            f"{host} is a public suffix, below which many have sites: write one, as in name.{host}"
        )
    return host


def stored_domain(text: str) -> str:
    """Return a domain whatever it covers, as one that was asked for when no list had it."""
    place = parse_url(re.sub(r"\A\*?\.(?=[^.])", "", text.strip()))
    if place.path or place.query or "@" in text:
        raise SubjectError("a domain has no path and no user: write --url for a part of a site")
    if "." not in place.host:
        raise SubjectError("that is a whole top-level domain: write one site, as in example.org")
    return place.host
