"""Texts whose near copies are opted out: beside the log, as the shingles that they are compared by.

    texts/VALUE.shingles    a line of JSON that says how it was made; then the hashes, ascending, 8 bytes each

VALUE is the SHA-256 of the hashes, which is what the log says of the text: so the log's chain
covers the file, and the text itself is kept nowhere. Whoever has the file can tell a text that
they have from all others, and guess a short one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from unicodedata import normalize

import msgspec

from filters.subject_forms import near_value
from filters.subjects import Subject, SubjectError
from pipeline.dedup.spec import TOKENISER_VERSION, SignatureSpec
from pipeline.errors import ConfigError, RegistryError, at
from pipeline.release import write_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from filters.optout import Request

_FOLDER: Final = "texts"
_SUFFIX: Final = ".shingles"
_SPEC: Final = SignatureSpec()


class _Made(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the hashes were made; others cannot be compared with them."""

    tokeniser: int = TOKENISER_VERSION
    tokens: int = _SPEC.shingle


class GivenText(msgspec.Struct, frozen=True, array_like=True):
    """A text of a request by its distinct shingle hashes, uint64 in little-endian order."""

    request: str
    value: str
    shingles: bytes

    @property
    def name(self) -> str:
        """Return what the ledger calls it."""
        return f"near:{self.value}"


def keep_text(registry: Path, path: Path) -> Subject:
    """Name the text in a file by its shingles and keep these beside the registry.

    Raises:
        ConfigError: the file is no UTF-8 text, or one without a word.
    """
    from pipeline.dedup.shingles import shingle_sets  # noqa: PLC0415  numba loads only for who needs it

    try:
        text = normalize("NFC", path.read_bytes().decode("utf-8"))
        hashes = shingle_sets([text], _SPEC).flat.astype("<u8").tobytes()
        value = near_value(hashes)
    except (OSError, UnicodeDecodeError):
        raise ConfigError(at("optout", str(path), "the file is no readable UTF-8 text")) from None
    except SubjectError as error:
        raise ConfigError(at("optout", str(path), str(error))) from None
    write_bytes(_path(registry, value), msgspec.json.encode(_Made()) + b"\n" + hashes)
    return Subject("near", value)


def read_texts(registry: Path, requests: Iterable[Request]) -> tuple[GivenText, ...]:
    """Read the texts of the requests that were given with one.

    Raises:
        RegistryError: a file is missing, damaged, or made by another tokeniser.
    """
    return tuple(
        GivenText(each.request, each.subject.value, _read(_path(registry, each.subject.value)))
        for each in requests
        if each.subject.kind == "near"
    )


def _path(registry: Path, value: str) -> Path:
    return registry.parent / _FOLDER / f"{value}{_SUFFIX}"


def _read(path: Path) -> bytes:
    try:
        head, _, hashes = path.read_bytes().partition(b"\n")
    except OSError as error:
        problem = f"the shingles of an opted-out text: {error.strerror}: they belong beside the log"
        raise RegistryError(at("optout", str(path), problem)) from None
    try:
        made, value = msgspec.json.decode(head, type=_Made), near_value(hashes)
    except (msgspec.DecodeError, SubjectError):
        made, value = _Made(), ""
    if value != path.name.removesuffix(_SUFFIX):
        raise RegistryError(at("optout", str(path), "the file was changed after it was written"))
    if made != _Made():
        problem = "was made by another version: give the text again with `optout amend --near`"
        raise RegistryError(at("optout", str(path), problem))
    return hashes
