"""The canonical forms of subjects that name a content: digests, SWHIDs, a normalised text, near copies.

Every function is idempotent and raises `SubjectError` for a text that has no such form.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import cache
from itertools import pairwise
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from filters.git_ids import content_id, qualified_swhid
from filters.globs import split_path
from filters.repos import canonical_origin
from filters.urls import SubjectError

_CORE: Final = re.compile(r"swh:1:(?:cnt|dir|rev|rel|snp|ori):[0-9a-f]{40}")
_ORIGIN_ESCAPE: Final = re.compile("%(25|3B)", re.IGNORECASE)
_LAST_PUNCTUATION: Final = 0x1FFFF  # no Unicode punctuation stands beyond
_NO_WORD: Final = hashlib.sha256(b"").hexdigest()


class Placed(NamedTuple):
    """A SWHID in parts: `origin` is canonical, `path` begins with `/`; both may be empty."""

    core: str
    origin: str
    path: str


def canonical_sha256(text: str) -> str:
    """Return the 64 hex digits of a SHA-256, in lower case."""
    return _digest(text, "sha256:", 64, "a SHA-256 has 64 hexadecimal digits")


def canonical_sha1_git(text: str) -> str:
    """Return the content SWHID that git's blob id is part of (ISO/IEC 18670)."""
    reason = "a git blob id has 40 hexadecimal digits: write it as `git hash-object` prints it"
    return "swh:1:cnt:" + _digest(text, "sha1_git:", 40, reason)


def canonical_normalised(text: str) -> str:
    """Return the SHA-256 of a normalised text, see `normalised_text`; one without a word is refused."""
    digest = _digest(text, "normalised:", 64, "write the SHA-256 of the normalised text")
    if digest == _NO_WORD:
        raise SubjectError("a text without a word is equal to too many: write --sha256")
    return digest


def canonical_near(text: str) -> str:
    """Return the SHA-256 of a text's sorted little-endian shingle hashes, see `near_value`."""
    digest = _digest(text, "near:", 64, "write the SHA-256 of the text's sorted shingle hashes")
    if digest == _NO_WORD:
        raise SubjectError("a text without a word has no near copies: write --sha256")
    return digest


def near_value(hashes: bytes) -> str:
    """Return the value of a `near` subject for distinct shingle hashes: ascending, 8 bytes each."""
    if len(hashes) % 8:
        raise SubjectError("shingle hashes have 8 bytes each")
    numbers = [int.from_bytes(hashes[at : at + 8], "little") for at in range(0, len(hashes), 8)]
    if any(one >= two for one, two in pairwise(numbers)):
        raise SubjectError("shingle hashes come sorted, each of them once")
    return canonical_near(hashlib.sha256(hashes).hexdigest())


def canonical_swhid(text: str) -> str:
    """Return a SWHID with the qualifiers that say where: `;origin=` as its repository or URL, `;path=`.

    `anchor` and `visit` say when it was seen there and are dropped (ISO/IEC 18670). A part of a
    file (`lines`, `bytes`) is refused.
    """
    core, *qualifiers = text.strip().split(";")
    core = core.strip().lower()
    if _CORE.fullmatch(core) is None:
        raise SubjectError("a SWHID reads swh:1:cnt: (dir, rev, rel, snp, ori) and 40 digits")
    given = _qualifiers(qualifiers)
    origin, path = given.get("origin", ""), given.get("path", "")
    if path and core[6:9] not in {"cnt", "dir"}:
        raise SubjectError("a path goes with a content or a directory: write the SWHID without it")
    return swhid_text(
        Placed(core, origin and canonical_origin(plain_origin(origin)), path and _path(path))
    )


def split_swhid(value: str) -> Placed:
    """Take a canonical SWHID apart."""
    core, *qualifiers = value.split(";")
    given = dict(each.split("=", 1) for each in qualifiers)
    origin = plain_origin(given.get("origin", ""))
    return Placed(core, origin, unquote_to_bytes(given.get("path", "")).decode())


def plain_origin(text: str) -> str:
    """Undo the escapes of an origin qualifier: of `%` and `;`, which end or begin others."""
    return _ORIGIN_ESCAPE.sub(lambda found: bytes.fromhex(found[1]).decode(), text)


def swhid_text(placed: Placed) -> str:
    """Put a SWHID together, qualifiers escaped as ISO/IEC 18670 asks for."""
    return qualified_swhid(
        placed.core, origin=placed.origin, path=placed.path.removeprefix("/").encode()
    )


def normalised_text(text: str) -> str:
    """Return a text in NFKC and folded case, every run of whitespace and punctuation as one blank.

    Whitespace is what `str.split` splits at, punctuation the Unicode categories P*; none stands at
    either end.
    """
    if text.isascii():
        return " ".join(text.lower().translate(_blanks()).split())
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).translate(_blanks()).split())


def normalised_value(text: str) -> str:
    """Return the SHA-256 of the normalised text's UTF-8, as a `normalised` subject holds it."""
    return hashlib.sha256(normalised_text(text).encode(errors="surrogatepass")).hexdigest()


def content_swhid(raw: bytes) -> str:
    """Return the core SWHID of a file's bytes: `swh:1:cnt:` and git's blob id."""
    return f"swh:1:cnt:{content_id(raw)}"


@cache
def _blanks() -> dict[int, str]:
    codes = range(_LAST_PUNCTUATION + 1)
    return {code: " " for code in codes if unicodedata.category(chr(code)).startswith("P")}


def _digest(text: str, prefix: str, digits: int, reason: str) -> str:
    digest = text.strip().lower().removeprefix(prefix)
    if re.fullmatch(f"[0-9a-f]{{{digits}}}", digest) is None:
        raise SubjectError(reason)
    return digest


def _qualifiers(parts: list[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for each in parts:
        name, _, value = each.strip().partition("=")
        if name in {"lines", "bytes"}:
            raise SubjectError("a part of a file cannot be left out: write the SWHID without it")
        if name not in {"origin", "path", "anchor", "visit"} or not value or name in given:
            raise SubjectError("the SWHID's qualifiers are origin=, path=, anchor= and visit=")
        given[name] = value
    return given


def _path(text: str) -> str:
    try:
        path = unquote_to_bytes(text).decode()
    except UnicodeError:
        raise SubjectError("the SWHID's path is no UTF-8: write the SWHID without it") from None
    segments = split_path(path)
    if not segments or ".." in segments:
        raise SubjectError("the SWHID's path names no file: write it from the root, as in /a/b.c")
    return "/" + "/".join(segments)
