"""One word of a free-form opt-out request, read as the subject that its shape says it is.

What may mean two things raises `SubjectError`, which says what to write instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from filters.repos import canonical_repo, home_host
from filters.subjects import KINDS, Subject, find_addresses, subject
from filters.suffixes import is_listed
from filters.urls import TWO_LEVEL_HOSTS, SubjectError, ignores_case, parse_url, without_www

if TYPE_CHECKING:
    from collections.abc import Mapping

# Words that people write for a kind, beside the kind itself.
LABELS: Final[Mapping[str, str]] = {
    **{kind: kind for kind in KINDS},
    "account": "owner", "blob": "sha1_git", "e-mail": "author", "email": "author", "git blob": "sha1_git",
    "group": "owner", "host": "domain", "link": "url", "mail": "author", "org": "owner",
    "organisation": "owner", "organization": "owner", "repository": "repo", "site": "domain",
    "user": "owner", "username": "owner", "website": "domain",
}  # fmt: skip
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_REPO_SCHEME: Final = re.compile(r"(?:git|ssh|git\+[a-z]+|scm:[a-z]+:.*)(?:://|\Z)|scm:")
_HEX: Final = re.compile(r"(?:sha256:|sha1_git:)?([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})")
_SUBJECT: Final = re.compile(r"[/:*]|\w[.@]\w")
# Endings of files that are top-level domains as well.
_FILE: Final = re.compile(r"[^.]+\.(?:cc|md|mov|pl|ps|py|rs|sh|so|zip)", re.IGNORECASE)
_WHOLE_OWNER: Final = re.compile(r"(.*[^/])/(?:\*|all|ALL)")
_WORD: Final = re.compile(r"@?[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")
_PAIR: Final = re.compile(r"[A-Za-z0-9_-]+/[A-Za-z0-9._-]+")
_REMOTE: Final = re.compile(r"[^@/\s:]+@[^/:\s]+:[^/\s]+/.+")
_SHORT: Final = re.compile(r"(?:github|gh|gist|gitlab|bitbucket|codeberg):[^/:]+/.+")
_OWNER_PAGES: Final = frozenset({"orgs", "users", "groups"})
# Pages of GitHub itself, which are nobody's account.
_SITE_PAGES: Final = frozenset(
    {"about", "apps", "enterprise", "explore", "features", "issues", "join", "login", "marketplace",
     "notifications", "organizations", "pulls", "search", "settings", "sponsors", "topics", "trending"}
)  # fmt: skip
# Two words beside a slash that people write in a sentence.
_PHRASES: Final = frozenset(
    {"and/or", "ci/cd", "client/server", "either/or", "he/him", "he/she", "him/her", "his/her",
     "his/hers", "i/o", "input/output", "n/a", "on/off", "pass/fail", "read/write", "s/he", "she/he",
     "she/her", "tcp/ip", "they/them", "true/false", "w/o", "w/out", "yes/no"}
)  # fmt: skip
_WHOLE_HOST: Final = "that is a whole code host: write the owner's or the repository's URL"
_LONG_PAGE: Final = 3  # segments: owner, name and what is inside
_BRANCH: Final = 4  # owner, name, "tree" and a branch without slashes


class Reading(NamedTuple):
    """What bare names are: owners on the host `owners_on`; and the key that author subjects are made with."""

    owners_on: str = ""
    key: bytes = b""


def token_subject(token: str, reading: Reading) -> Subject:  # noqa: PLR0911  one for each shape
    """Read one word: a URL, owner/name, a domain, an address, a SWHID or a digest.

    Raises `SubjectError` for a word that is none of these, or more than one.
    """
    lowered = token.lower()
    if lowered.startswith("swh:1:"):
        return subject("swhid", token)
    if _HEX.fullmatch(token) is not None:
        return _of_digest(token)
    whole = _WHOLE_OWNER.fullmatch(token)
    if whole is not None:
        return subject("owner", whole[1])
    if _SCHEME.match(token) is not None:
        return _of_url(token)
    if _REMOTE.fullmatch(token) is not None or _SHORT.fullmatch(token) is not None:
        return subject("repo", token)
    if "@" in token.strip("@") and "/" not in token:
        return _of_address(token, reading)
    if "/" in token:
        return _of_pair(token) if _PAIR.fullmatch(token) is not None else _of_bare_url(token)
    if _WORD.fullmatch(token) is not None:
        return _of_word(token, reading)
    return _of_domain(token)


def names_something(token: str) -> bool:
    """Say whether a word looks like a subject rather than like a word of a sentence."""
    return _SUBJECT.search(token) is not None or _HEX.fullmatch(token) is not None


def _of_digest(token: str) -> Subject:
    kind, _, digits = token.rpartition(":")
    if not kind and len(digits) != 64:  # noqa: PLR2004  the hexadecimal digits of a SHA-256
        raise SubjectError(
            "a git id of a file, a commit or a folder: write blob: before a file's, else swh:1:rev: or swh:1:dir:"
        )
    return subject(kind or "sha256", digits)


def _of_pair(token: str) -> Subject:
    """Read owner/name, unless two words beside a slash are as likely meant, or a date."""
    if token.lower() in _PHRASES or re.fullmatch("[0-9]+/[0-9]+", token) is not None:
        raise SubjectError("a repository or a manner of speaking: write the repository's URL")
    return subject("repo", token)


def _of_address(token: str, reading: Reading) -> Subject:
    if len(find_addresses(token)) != 1:
        raise SubjectError("that is no e-mail address: write author: name@example.org")
    return subject("author", token.removeprefix("mailto:"), key=reading.key)


def _of_word(token: str, reading: Reading) -> Subject:
    subject("owner", token)  # what may mean everything, or is a template's, is refused as such
    if not reading.owners_on:
        raise SubjectError("a bare name: write owner: host/name for an account, or owner/name")
    return subject("owner", f"{reading.owners_on}/{token.removeprefix('@')}")


def _of_domain(token: str) -> Subject:
    if _FILE.fullmatch(token) is not None:
        raise SubjectError("a file or a site: write path: owner/name and the file, or https://")
    made = subject("domain", token)
    if made.value in TWO_LEVEL_HOSTS:
        raise SubjectError(_WHOLE_HOST)
    if not is_listed(made.value) and re.fullmatch(r"[0-9.]+", made.value) is None:
        raise SubjectError("that is no name in the public DNS: write domain: or id: before it")
    return made


def _of_bare_url(token: str) -> Subject:
    host = token.partition("/")[0]
    if "." not in host:
        raise SubjectError("that is no URL and no owner/name: write the whole URL")
    return _of_url(token)


def _of_url(token: str) -> Subject:
    """Read a URL: on a code host an owner or a repository, elsewhere a site or what is below the URL."""
    if _REPO_SCHEME.match(token) is not None:
        return subject("repo", token)
    subject("url", token)  # what is a template's, or a pattern, is refused as such
    place = parse_url(token)
    host = home_host(without_www(place.host))
    segments = [each for each in place.path.split("/") if each]
    if host in TWO_LEVEL_HOSTS or ignores_case(host):
        return _on_code_host(token, host, segments)
    if place.path.endswith(".git"):
        return subject("repo", token)
    if not segments and not place.query:
        return subject("domain", place.host)
    return subject("url", token)


def _on_code_host(token: str, host: str, segments: list[str]) -> Subject:
    if segments and segments[0] in _OWNER_PAGES:
        named = segments[1:2] if host in TWO_LEVEL_HOSTS else segments[1:]
        return subject("owner", f"https://{host}/{'/'.join(named)}")
    if not segments:
        raise SubjectError(_WHOLE_HOST)
    if host == "github.com" and segments[0] in _SITE_PAGES:
        raise SubjectError(
            "a page of the code host itself: write the owner's or the repository's URL"
        )
    if host == "gist.github.com" and re.fullmatch("[0-9a-f]{20,32}", segments[0]) is not None:
        raise SubjectError("a gist without its owner: write gist.github.com/owner/ before its id")
    if len(segments) == 1:
        return subject("owner", f"https://{host}/{segments[0]}")
    if host in TWO_LEVEL_HOSTS and not _is_whole_repo(segments):
        canonical_repo(token)
        raise SubjectError(
            "a page inside a repository: write owner/name for all of it, or path: owner/name and a path"
        )
    return subject("repo", token)


def _is_whole_repo(segments: list[str]) -> bool:
    """Say whether what follows owner and name is a branch's front page at most."""
    return len(segments) < _LONG_PAGE or (
        segments[2] in {"tree", "src"} and len(segments) <= _BRANCH
    )
