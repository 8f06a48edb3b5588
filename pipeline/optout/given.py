"""What a person gives beside the registry: the file with a text, and the key of authors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from filters.subjects import Subject, text_subject
from pipeline.errors import ConfigError, RegistryError, at

if TYPE_CHECKING:
    from pathlib import Path


def read_text_subject(path: Path) -> Subject:
    """Name the text in a file, for `--text FILE`. Raises `ConfigError` when it is no UTF-8 text."""
    try:
        return text_subject(path.read_bytes().decode("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise ConfigError(at("optout", str(path), "the file is no readable UTF-8 text")) from None


def open_key(root: Path, name: str) -> bytes:
    """Read the key that a config names relative to its folder; no name, no key."""
    return read_key(root / name) if name else b""


def read_key(path: Path) -> bytes:
    """Read the key of author subjects, without a line feed at its end."""
    try:
        return path.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise RegistryError(at("optout", str(path), f"the key: {error.strerror}")) from None
