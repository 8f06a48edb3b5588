"""How to cite a release: a BibTeX entry that names the version and its content root.

The entry's type and fields are those of plain BibTeX (`@misc`), which every style knows; who is a
person and who an organisation follows from the comma, as in BibTeX's own names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from manifests.metadata.stated import about_of, is_person

if TYPE_CHECKING:
    from manifests.manifest import Manifest

_SPECIAL: Final = str.maketrans(
    {
        **{char: f"\\{char}" for char in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


def title_of(manifest: Manifest) -> str:
    """Return the title that people gave the release, else its name."""
    return about_of(manifest).title or manifest.name


def bibtex(manifest: Manifest) -> str:
    """Return the entry of this very release; a field that nobody filled is left out."""
    about = about_of(manifest)
    fields = {
        "title": f"{{{_escaped(title_of(manifest))}}}",
        "author": " and ".join(map(_author, about.creators)),
        "publisher": _escaped(about.publisher),
        "year": about.published[:4],
        "version": manifest.version,
        "url": about.url.replace("{", "%7B").replace("}", "%7D"),
        "note": f"Version {manifest.version}, content root {manifest.content_root}",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    key = re.sub(r"[^A-Za-z0-9.-]", "-", f"{manifest.name}-{manifest.version}")
    return "\n".join([f"@misc{{{key},", *lines, "}"])


def cite_as(manifest: Manifest) -> str:
    """Return the citation that people asked for, else the entry of this release."""
    return about_of(manifest).citation or bibtex(manifest)


def _author(creator: str) -> str:
    """Spell an author; braces keep an organisation's name from being taken apart."""
    return _escaped(creator) if is_person(creator) else f"{{{_escaped(creator)}}}"


def _escaped(text: str) -> str:
    return text.translate(_SPECIAL)
