"""What a person gives beside the registry: the file with a text, and the key of authors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from filters.subjects import Subject, SubjectError, normalised_subject, text_subject
from pipeline.errors import ConfigError, RegistryError, at

if TYPE_CHECKING:
    from pathlib import Path


def read_text_subject(path: Path) -> Subject:
    """Name the text in a file, for `--text FILE`. Raises `ConfigError` when it is no UTF-8 text."""
    return text_subject(_read_text(path))


def read_normalised_subject(path: Path) -> Subject:
    """Name all texts that read like that in a file, for `--normalised-text FILE`; raises `ConfigError` likewise."""
    try:
        return normalised_subject(_read_text(path))
    except SubjectError as error:
        raise ConfigError(at("optout", str(path), str(error))) from None


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
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
