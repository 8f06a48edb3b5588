"""Files whose licence is known: records of folders of JSON lines, or of the packages of this interpreter.

A record has `text`, `path`, `truth` (an SPDX expression, `""` where the file is under none of its own)
and `set`. From installed packages come licence files of packages that declare one SPDX id and bring one
such file (`texts`), files with an SPDX tag (`tags`) and files without any word on licences (`plain`).
"""

from __future__ import annotations

import hashlib
import re
from importlib.metadata import distributions
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import Distribution

_LICENSE_NAME: Final = re.compile(
    r"(?:un)?licen[sc]es?|copying|copyright(?!\.)|(?:un)?licen[sc]es?[-_.][\w.-]+|copying[-_.][\w.-]+",
    re.IGNORECASE,
)
_CODE: Final = frozenset({".py", ".pyx", ".pyi", ".c", ".h", ".cpp", ".hpp", ".js", ".ts", ".css"})
_ONE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
_TAG: Final = re.compile(
    r"^[\s#/*;%<!\"'-]*SPDX-License-Identifier:[ \t]*([^\r\n*<>\"']+)", re.MULTILINE
)
_ANY_WORD: Final = re.compile(
    r"licen[sc]|copyright|copyleft|gpl|redistribut|public[ -]domain|warrant|spdx|rights reserved"
    r"|\bmit\b|apache|\bbsd\b|\(c\)|©|mozilla|creative commons|patent|proprietary",
    re.IGNORECASE,
)
_LARGEST: Final = 250_000
_HEAD: Final = 8192
_TAGS: Final = 20  # files of one package, so that none outweighs the others
_PLAIN: Final = 10
_SKIPPED: Final = ("several", "unlisted", "mixed")


class Known(NamedTuple):
    """A file and the licence that it is under; `disputed` where metadata and text plainly differ."""

    set: str
    path: str
    text: str
    truth: str
    disputed: bool = False


def from_folder(folder: Path, disputed: bool) -> list[Known]:
    """Read every `*.jsonl` of a folder; those marked as disputed only where asked for."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            record = orjson.loads(line)
            doubt = record.get("label") == "disputed"
            if (doubt and not disputed) or any(record.get(flag) for flag in _SKIPPED):
                continue
            name = path.stem + (" (vague)" if record.get("vague") else "")
            found.append(Known(name, record["path"], record["text"], record["truth"], doubt))
    return found


def from_packages(count: int) -> list[Known]:
    """Gather from at most so many installed packages, those first whose names have the least hash."""
    named = {each.metadata["Name"]: each for each in distributions() if each.metadata["Name"]}
    chosen = sorted(named, key=lambda name: hashlib.sha256(name.encode()).digest())[:count]
    found: list[Known] = []
    for name in chosen:
        found += _texts(named[name])
        found += islice(_tagged(named[name]), _TAGS)
        found += islice(_plain(named[name]), _PLAIN)
    return found


def _read(path: Path) -> str | None:
    try:
        if path.stat().st_size > _LARGEST:
            return None
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None


def _texts(package: Distribution) -> list[Known]:
    """Return the licence file of a package that declares one id and brings one such file."""
    declared = next(iter(package.metadata.get_all("License-Expression") or ()), "")
    paths = [each for each in package.files or () if _LICENSE_NAME.fullmatch(each.name)]
    if not _ONE_ID.fullmatch(declared) or len(paths) != 1:
        return []
    text = _read(Path(str(paths[0].locate())))
    return [] if text is None else [Known("texts", paths[0].name, text, declared)]


def _sources(package: Distribution) -> Iterator[tuple[str, str]]:
    for each in package.files or ():
        if each.suffix in _CODE:
            text = _read(Path(str(each.locate())))
            if text:
                yield str(each), text


def _tagged(package: Distribution) -> Iterator[Known]:
    for path, text in _sources(package):
        tags = {each.strip() for each in _TAG.findall(text[:_HEAD])}
        if len(tags) == 1:
            yield Known("tags", path, text, tags.pop())


def _plain(package: Distribution) -> Iterator[Known]:
    for path, text in _sources(package):
        if not _ANY_WORD.search(text):
            yield Known("plain", path, text, "")
