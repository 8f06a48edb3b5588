"""What is asked for: the subjects that name it, and the releases it is sought in."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from filters.aliases import expand
from filters.subjects import (
    Subject,
    SubjectError,
    content_swhid,
    normalised_subject,
    text_subject,
)
from manifests.manifest import MANIFEST
from pipeline.errors import ConfigError, at

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from filters.aliases import Aliases


class Asked(NamedTuple):
    """What is asked for: the subjects that name it, and the key of author subjects, if one is at hand.

    `text` is that of a file, whose near copies are sought as well; `sign` says that texts without
    signatures shall be signed for it.
    """

    subjects: tuple[Subject, ...]
    key: bytes = b""
    text: str | None = None
    sign: bool = False

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


def ask_file(path: Path, *, sign: bool = False) -> Asked:
    """Ask for the text in a file: as it is, as git has it, but for case and punctuation, and nearly.

    Raises:
        ConfigError: it is no UTF-8 text.
    """
    try:
        raw = path.read_bytes()
        text = unicodedata.normalize("NFC", raw.decode())
    except (OSError, UnicodeDecodeError):
        raise ConfigError(at("optout", str(path), "the file is no readable UTF-8 text")) from None
    found = [text_subject(text)]
    found += [Subject("swhid", content_swhid(each)) for each in (raw, text.encode())]
    with suppress(SubjectError):  # a text without a word has no such form
        found.append(normalised_subject(text))
    return Asked(tuple(dict.fromkeys(found)), text=text, sign=sign)


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
