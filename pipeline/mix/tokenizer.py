"""Tokenizers that count: built in, or read from a file that is at hand; nothing is ever downloaded.

A file is named by its SHA-256. `tokenizers` reads what Hugging Face calls tokenizer.json, `tiktoken`
reads Mistral's tekken files, which mistral-common carries; each is an optional package.
"""

from __future__ import annotations

import base64
import importlib
import importlib.util
import re
from functools import lru_cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from filters.size import UNICODE, WORDS
from manifests.checksum import sha256_hex
from manifests.mix_account import Tokenizer
from pipeline.errors import ConfigError
from pipeline.tables import suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    Count = Callable[[str], int]

BYTES: Final = "bytes"
BUILT_IN: Final = (BYTES, WORDS)
_CARRIED: Final = {
    "tekken-240718": "tekken_240718.json",
    "tekken-240911": "tekken_240911.json",
}
_CARRIER: Final = "mistral_common"
_GAP: Final = re.compile(r"\s+")
_LONGEST_GAP: Final = 500_000  # half of what tiktoken 0.14 stands
_EXTRA: Final = "pip install 'gristmill[tokenizers]'"


class Chosen(NamedTuple):
    """A tokenizer that is there: what a mix says of it, and its file, `""` for a built-in one."""

    told: Tokenizer
    path: str = ""


class _TekkenConfig(msgspec.Struct, frozen=True):
    """`config` of a tekken file: the sizes count the special tokens, which no text is read as."""

    pattern: str
    default_vocab_size: int
    default_num_special_tokens: int


class _TekkenWord(msgspec.Struct, frozen=True):
    """A token of a tekken file; `token_bytes` is base64."""

    rank: int
    token_bytes: str


class _Tekken(msgspec.Struct, frozen=True):
    """A tekken file."""

    config: _TekkenConfig
    vocab: list[_TekkenWord]


def choose(name: str, folder: Path, expected: str = "") -> Chosen:
    """Find a tokenizer by its name, or by the path of its file from `folder`.

    Raises:
        ConfigError: there is none, its package is missing, its file does not read or is not the one
            whose SHA-256 is `expected`.
    """
    if name in BUILT_IN:
        if expected:
            raise ConfigError(f"mix: tokenizer_sha256: {name} has no file: leave it out")
        return Chosen(Tokenizer(name=name, library=f"Unicode {UNICODE}" if name == WORDS else ""))
    path = _file(name, folder)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"mix: tokenizer: {name}: {error.strerror}") from error
    digest = sha256_hex(data)
    if expected not in {"", digest}:
        raise ConfigError(f"mix: tokenizer: {name}: its SHA-256 is {digest}, not {expected}")
    _, library = _open(data, name)
    told = Tokenizer(name=name if name in _CARRIED else path.name, sha256=digest, library=library)
    return Chosen(told, str(path))


@lru_cache(maxsize=1)
def counter(chosen: Chosen) -> Count | None:
    """Return what counts the tokens of a text without special ones; `None` for a built-in tokenizer.

    Raises:
        ConfigError: the file is no longer the one that was chosen.
    """
    if not chosen.path:
        return None
    data = Path(chosen.path).read_bytes()
    if sha256_hex(data) != chosen.told.sha256:
        raise ConfigError(f"mix: tokenizer: {chosen.told.name}: the file has changed meanwhile")
    return _open(data, chosen.told.name)[0]


def _file(name: str, folder: Path) -> Path:
    """Return where a tokenizer's file lies."""
    if name not in _CARRIED:
        if "/" in name or "." in name:
            return folder / name
        known = (*BUILT_IN, *_CARRIED)
        raise ConfigError(
            f"mix: tokenizer: {name!r} is no name and no path of a file{suggestion(name, known)}"
        )
    found = importlib.util.find_spec(_CARRIER)
    if found is None or found.origin is None:
        raise ConfigError(f"mix: tokenizer: {name} comes with mistral-common: {_EXTRA}")
    return Path(found.origin).parent / "data" / _CARRIED[name]


def _open(data: bytes, name: str) -> tuple[Count, str]:
    """Read a tokenizer's file; returns its count and `package version`."""
    try:
        keys = msgspec.json.decode(data, type=dict[str, msgspec.Raw]).keys()
        if {"config", "vocab"} <= keys:
            return _tekken(msgspec.json.decode(data, type=_Tekken), name)
    except ValueError as error:
        raise ConfigError(f"mix: tokenizer: {name}: does not read: {error}") from error
    if "model" in keys:
        return _hugging_face(data, name)
    raise ConfigError(
        f"mix: tokenizer: {name}: neither a tokenizer.json with a model nor a tekken file"
    )


def _tekken(tekken: _Tekken, name: str) -> tuple[Count, str]:
    """Count with byte-pair merges as mistral-common does: the words beyond the vocabulary are cut."""
    config = tekken.config
    kept = tekken.vocab[: config.default_vocab_size - config.default_num_special_tokens]
    encoding: Any = _package("tiktoken", name).Encoding(
        name=name,
        pat_str=config.pattern,
        mergeable_ranks={base64.b64decode(word.token_bytes): word.rank for word in kept},
        special_tokens={},
    )
    return partial(_count_tekken, encoding), f"tiktoken {version('tiktoken')}"


def _count_tekken(encoding: Any, text: str) -> int:
    """Count; a run of white space that overflows tiktoken's regular expressions is counted in parts."""
    if len(text) <= _LONGEST_GAP:
        return len(encoding.encode_ordinary(text))
    return sum(len(encoding.encode_ordinary(part)) for part in _parts(text))


def _parts(text: str) -> Iterator[str]:
    """Cut inside long runs of white space and nowhere else."""
    start = 0
    for gap in _GAP.finditer(text):
        for end in range(gap.start() + _LONGEST_GAP, gap.end(), _LONGEST_GAP):
            yield text[start:end]
            start = end
    yield text[start:]


def _hugging_face(data: bytes, name: str) -> tuple[Count, str]:
    package: Any = _package("tokenizers", name)
    try:
        tokenizer = package.Tokenizer.from_buffer(data)
    except ValueError as error:
        raise ConfigError(f"mix: tokenizer: {name}: does not read: {error}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = (
        True  # "<s>" in a text is three characters that somebody wrote
    )
    library = f"tokenizers {version('tokenizers')}"
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids), library


def _package(package: str, name: str) -> ModuleType:
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise ConfigError(f"mix: tokenizer: {name} needs {package}: {_EXTRA}") from error
