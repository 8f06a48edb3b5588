"""What an opt-out request is about, in one canonical form for each thing it can name.

A text that is ambiguous (`owner/*`, `all`, a template's `USERNAME`, two names on one line) is
refused with what to write instead, so that no request ever matches nothing, or everything, in
silence.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from typing import TYPE_CHECKING, Final

import msgspec

from filters.globs import canonical_glob
from filters.repos import canonical_origin, canonical_owner, canonical_repo
from filters.subject_forms import (
    canonical_near,
    canonical_normalised,
    canonical_sha1_git,
    canonical_sha256,
    canonical_swhid,
    content_swhid,
    normalised_value,
)
from filters.urls import (
    SubjectError,
    canonical_domain,
    canonical_host,
    canonical_url,
    stored_domain,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Forms = Mapping[str, Callable[[str], str]]

__all__ = [
    "KINDS",
    "Subject",
    "SubjectError",
    "address_digest",
    "author_value",
    "canonical_domain",
    "canonical_origin",
    "canonical_owner",
    "canonical_repo",
    "canonical_url",
    "content_swhid",
    "find_addresses",
    "key_id",
    "normalised_subject",
    "stored_subject",
    "subject",
    "text_subject",
]

_SHORTEST_KEY: Final = 16  # bytes; addresses are guessable, so the key alone protects them
# Whole words that people write for "everything" or leave in a template; real ones can be meant
# only by a URL.
_EVERYTHING: Final = frozenset(
    {"all", "-all", "any", "every", "everything", "n/a", "na", "nil", "none", "null", "username"}
)
_TEMPLATES: Final = re.compile(
    r"(?:YOUR[-_]?)?(?:NAME|ORG|ORGANI[SZ]ATION|OWNER|REPO|REPO[-_]?NAME|REPOSITORY|USER|USER[-_]?NAME)"
    r"|(?i:your[-_](?:user[-_]?name|name|org|organi[sz]ation|repo|repository))"
)
_ATOM: Final = r"[^\s@<>()\[\],;:\"'\ud800-\udfff]+"
_ADDRESS: Final = re.compile(f"{_ATOM}@{_ATOM}")


class Subject(msgspec.Struct, frozen=True, order=True):
    """One thing to leave out; `value` is canonical, `repo` is given for the kind `path` alone."""

    kind: str
    value: str
    repo: str = ""


def subject(kind: str, text: str, *, repo: str = "", key: bytes = b"") -> Subject:
    """Build a subject from what somebody wrote.

    `repo` goes with the kind `path` and `key` (at least 16 bytes) with `author`. Raises
    `SubjectError` for an unknown kind, a malformed text and an ambiguous one.
    """
    if kind == "author":
        return Subject(kind, author_value(text, key))
    if kind in _NAMES:
        _refuse_ambiguous(text)
    return _canonical(kind, text, repo, _FORMS)


def stored_subject(kind: str, value: str, *, repo: str = "") -> Subject:
    """Rebuild a subject from the opt-out registry, where an author is known by a digest alone."""
    if kind != "author":
        return _canonical(kind, value, repo, _STORED_FORMS)
    if re.fullmatch(r"[0-9a-f]{8}:[0-9a-f]{64}", value) is None:
        raise SubjectError("an author stands in the opt-out registry as a keyed digest")
    return Subject(kind, value)


def text_subject(text: str) -> Subject:
    """Name a text by the SHA-256 of its NFC form, as `Document.sha256` does."""
    raw = unicodedata.normalize("NFC", text).encode("utf-8")
    return Subject("sha256", hashlib.sha256(raw).hexdigest())


def normalised_subject(text: str) -> Subject:
    """Name all texts that read the same but for case, punctuation, whitespace and code points."""
    return _canonical("normalised", normalised_value(text), "", _FORMS)


def _canonical(kind: str, text: str, repo: str, forms: Forms) -> Subject:
    if kind == "path":
        if not repo:
            raise SubjectError("a path needs its repository: write --repo beside --path")
        return Subject(kind, canonical_glob(text), canonical_repo(repo))
    if kind not in forms:
        raise SubjectError(f"unknown kind of subject {kind!r}: write one of {', '.join(KINDS)}")
    if repo:
        raise SubjectError("a repository beside another subject: only --path goes with --repo")
    return Subject(_OTHER_NAMES.get(kind, kind), forms[kind](text))


def _refuse_ambiguous(text: str) -> None:
    words = text.split()
    if len(words) != 1 or "," in text.rstrip(","):
        raise SubjectError("that is no single name: write one subject, without spaces or commas")
    names = [each for each in re.split(r"[/@:]", words[0]) if each]
    if any(_TEMPLATES.fullmatch(each) is not None for each in names):
        raise SubjectError("a template's placeholder is left in: write the name itself")
    if words[0].lower() in _EVERYTHING or (
        "://" not in text and names and names[-1].lower() in _EVERYTHING
    ):
        raise SubjectError(
            "that may mean everything: if it is a name, write its whole https:// URL"
        )
    if re.search(r"[*<>{}|\\^]", words[0].removeprefix("*.")) is not None:
        raise SubjectError("a pattern is no name: write --owner for all that an owner has")


def _id(text: str) -> str:
    if not text.strip() or re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", text) is not None:
        raise SubjectError("an id is one line of text: write it as the source gives it")
    return text


_FORMS: Final[Forms] = {
    "repo": canonical_repo,
    "owner": canonical_owner,
    "origin": canonical_origin,
    "domain": canonical_domain,
    "url": canonical_url,
    "id": _id,
    "sha256": canonical_sha256,
    "swhid": canonical_swhid,
    "sha1_git": canonical_sha1_git,
    "normalised": canonical_normalised,
    "near": canonical_near,
}
# A suffix that became public since, or a test's, stays what was asked for and verified.
_STORED_FORMS: Final = {**_FORMS, "domain": stored_domain}
_OTHER_NAMES: Final = {"sha1_git": "swhid"}  # one kind for one thing
_NAMES: Final = frozenset({"repo", "owner", "origin", "domain", "url"})
KINDS: Final = (*_FORMS, "path", "author")


def find_addresses(text: str) -> tuple[str, ...]:
    """Return the e-mail addresses in an author's line, normalised: lower case, host canonical."""
    return tuple(each for found in _ADDRESS.findall(text) if (each := _address(found)))


def _address(text: str) -> str:
    """Normalise what looks like an address; one that names nobody is empty."""
    local, _, host = unicodedata.normalize("NFKC", text).lower().rpartition("@")
    try:
        address = f"{local}@{canonical_host(host)}"
    except SubjectError:
        return ""
    return address if _ADDRESS.fullmatch(address) is not None else ""


def key_id(key: bytes) -> str:
    """Return 8 hex digits that tell keys apart and say nothing about them."""
    if len(key) < _SHORTEST_KEY:
        raise SubjectError("an author needs a key of at least 16 bytes, kept outside the registry")
    return hmac.new(key, b"gristmill opt-out key", hashlib.sha256).hexdigest()[:8]


def author_value(text: str, key: bytes) -> str:
    """Return `key id:HMAC-SHA256` of the one address in `text`; the address itself is not kept."""
    name = key_id(key)
    addresses = find_addresses(text)
    if len(addresses) != 1:
        raise SubjectError("an author is one e-mail address: write name@example.org")
    return f"{name}:{address_digest(addresses[0], key)}"


def address_digest(address: str, key: bytes) -> str:
    """Return the HMAC-SHA256 (RFC 2104) of a normalised address."""
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()
