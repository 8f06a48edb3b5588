"""What is asked for: the subjects that name it, and the releases it is sought in."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from filters.aliases import expand
from filters.normalise import nfc
from filters.subjects import (
    Subject,
    SubjectError,
    content_swhid,
    normalised_subject,
    text_subject,
)
from manifests.manifest import MANIFEST
from pipeline.errors import ConfigError, at
from pipeline.optout.texts import read_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from filters.aliases import Aliases
    from filters.optout import Request

    Forms = Callable[[str], tuple[Subject, ...]]


class Asked(NamedTuple):
    """What is asked for: the subjects that name it, and the key of author subjects, if one is at hand.

    `text` is that of a file, sought as each release would have redacted it as well, and its near copies;
    `forms` say by which digests, `redact_key` is the file with the key of redaction. `sign` says that
    texts without signatures shall be signed for near copies.
    """

    subjects: tuple[Subject, ...]
    key: bytes = b""
    text: str | None = None
    sign: bool = False
    forms: Forms | None = None
    redact_key: Path | None = None

    def under(self, known: Aliases) -> Asked:
        """Ask for all names of the same things; the first subject stays the first.

        Raises:
            ConfigError: the names have no end.
        """
        try:
            names = [name for each in self.subjects for name in expand(each, known)]
        except SubjectError as error:
            raise ConfigError(f"optout: {error}") from None
        return self._replace(subjects=tuple(dict.fromkeys(names)))


def with_given_texts(asked: Asked, registry: Path, requests: Iterable[Request]) -> Asked:
    """Ask by the given texts too that an asked text is a near copy of: their requests cover it.

    Raises:
        RegistryError: what belongs beside the log is not there, or was changed.
    """
    given = read_texts(registry, requests) if asked.text is not None else ()
    if not given or asked.text is None:
        return asked
    from pipeline.dedup.copies import resembled, seek_shingles  # noqa: PLC0415  numba loads only for who needs it

    sought = seek_shingles(each.shingles for each in given)
    found = resembled(sought, nfc(asked.text)[0])
    near = [Subject("near", given[each.text].value) for each in found]
    return asked._replace(subjects=tuple(dict.fromkeys([*asked.subjects, *near])))


def ask_file(path: Path, *, sign: bool = False) -> Asked:
    """Ask for the text in a file: as it is, as git has it, but for case and punctuation, and nearly.

    Raises:
        ConfigError: it is no UTF-8 text.
    """
    raw, text = _read(path)
    first, *others = all_forms(text)
    found = (first, Subject("swhid", content_swhid(raw)), *others)
    return Asked(tuple(dict.fromkeys(found)), text=text, sign=sign, forms=all_forms)


def ask_text(path: Path, *, sign: bool = False, normalised: bool = False) -> Asked:
    """Ask for the text in a file by one digest: its own, or that of all texts that read like it.

    Raises:
        ConfigError: it is no UTF-8 text, or one without a word.
    """
    _, text = _read(path)
    forms = read_alike if normalised else itself
    try:
        return Asked(forms(text), text=text, sign=sign, forms=forms)
    except SubjectError as error:
        raise ConfigError(at("optout", str(path), str(error))) from None


def _read(path: Path) -> tuple[bytes, str]:
    try:
        raw = path.read_bytes()
        return raw, nfc(raw.decode())[0]
    except (OSError, UnicodeDecodeError):
        raise ConfigError(at("optout", str(path), "the file is no readable UTF-8 text")) from None


def itself(text: str) -> tuple[Subject, ...]:
    """Name a text by its digest."""
    return (text_subject(text),)


def read_alike(text: str) -> tuple[Subject, ...]:
    """Name all texts equal to one but for case and punctuation; raises `SubjectError` for one without a word."""
    return (normalised_subject(text),)


def all_forms(text: str) -> tuple[Subject, ...]:
    """Name a text by all its digests."""
    found = [text_subject(text), Subject("swhid", content_swhid(text.encode()))]
    with suppress(SubjectError):  # a text without a word has no such form
        found.append(normalised_subject(text))
    return tuple(found)


def find_releases(paths: Iterable[Path]) -> list[Path]:
    """Return the releases among some paths and directly in the folders among them, each of them once.

    Raises:
        ConfigError: a path is neither.
    """
    found: dict[Path, None] = {}
    for path in paths:
        inside = [path] if (path / MANIFEST).is_file() else _inside(path)
        if not inside:
            raise ConfigError(
                f"start: {path}: is no release and holds none: there is no {MANIFEST}"
            )
        found.update(dict.fromkeys(inside))
    return list(found)


def _inside(folder: Path) -> list[Path]:
    return sorted(each.parent for each in folder.glob(f"*/{MANIFEST}"))
