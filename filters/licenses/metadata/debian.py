"""Debian's machine-readable copyright file (format 1.0, "DEP-5"): who may do what with which files."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from filters.licenses.evidence import Evidence, Note
from filters.licenses.metadata.claims import family
from filters.licenses.metadata.headers import Field, paragraphs
from filters.licenses.metadata.words import DEBIAN
from filters.licenses.spdx import (
    NOASSERTION,
    Expression,
    License,
    LicenseSyntaxError,
    combine,
    normalise,
    parse,
    render,
)

_MAX_NAME: Final = 400  # code points of a short name with all its operators
_FORMAT: Final = re.compile(r"copyright-format|dep-?5|/copyright/", re.IGNORECASE)
_OUTER: Final = re.compile(r"\s*,\s*(?:and\s+)?", re.IGNORECASE)
_COMMA_OR: Final = re.compile(r"\s*,\s*or\s+", re.IGNORECASE)
_OR: Final = re.compile(r"\s+or\s+|\s*\|\s*", re.IGNORECASE)
_AND: Final = re.compile(r"\s+and(?:/or)?\s+", re.IGNORECASE)
_WITH: Final = re.compile(r"\s+with\s+", re.IGNORECASE)
_GLUED: Final = re.compile(r"_or_", re.IGNORECASE)
_GNU_PLUS: Final = re.compile(
    r"(?P<base>(?:A|L)?GPL-?v?\d[\d.]*\+?)[-_~]+(?:with-)?(?P<added>.*[A-Za-z].*)", re.IGNORECASE
)
_SENTENCE: Final = re.compile(
    r"(?<![\w-])(?:is|are|be|hereby|licensed|by|this|copyright|you|may|see)(?![\w-])|©",
    re.IGNORECASE,
)
_UNFIT: Final = re.compile(r"[^A-Za-z0-9.-]+")


class Paragraph(NamedTuple):
    """One answer: `files` are its globs, none for the header; the rest as in `Evidence`."""

    files: tuple[str, ...]
    expression: str
    note: Note
    start: int
    end: int


def read_dep5(text: str) -> tuple[Paragraph, ...] | None:
    """Read the paragraphs that state a licence, in file order; `None` for free prose."""
    found = [{each.name: each for each in fields} for fields in paragraphs(text)]
    if not found or not _is_machine_readable(found):
        return None
    stated = [(each, each["license"]) for each in found if "license" in each]
    return tuple(
        _paragraph(each, license_field)
        for each, license_field in stated
        if "files" in each or each is found[0]
    )


def _is_machine_readable(found: list[dict[str, Field]]) -> bool:
    first = found[0]
    named = first.get("format") or first.get("format-specification")
    if named is not None and _FORMAT.search(named.value) is not None:
        return True
    return any("files" in each and "license" in each for each in found)


def _paragraph(fields: dict[str, Field], field: Field) -> Paragraph:
    name = field.lines[0].strip()
    files = tuple(fields["files"].value.split()) if "files" in fields else ()
    if (
        not 0 < len(name) <= _MAX_NAME or _SENTENCE.search(name) is not None
    ):  # the words of a licence, without a name
        return Paragraph(files, NOASSERTION, "partial", field.start, field.end)
    expression = read_name(name)
    kin = family(expression)
    vague = bool(kin) and not re.search(r"\d", name)
    note: Note = "family" if vague else ""
    return Paragraph(files, expression, note, field.start, field.start + len(name))


def read_name(name: str) -> str:
    """Give the expression of a licence field's first line: `and` binds closer than `or`, a comma looser."""
    plain = _COMMA_OR.sub(" or ", _GLUED.sub(" or ", name))
    parts = [_either(each) for each in _OUTER.split(plain) if each.strip()]
    return render(combine("AND", parts)) if parts else NOASSERTION


def _either(text: str) -> Expression:
    return combine("OR", [_both(each) for each in _OR.split(text)])


def _both(text: str) -> Expression:
    return combine("AND", [_single(each.strip()) for each in _AND.split(text)])


def _single(name: str) -> Expression:
    known = DEBIAN.get(name.lower())
    if known is not None:
        return parse(known)
    glued = _GNU_PLUS.fullmatch(name)
    if glued is not None and glued["added"].lower() not in {"only", "or-later"}:
        return _excepted(glued["base"], glued["added"])
    found = normalise(name)
    if found.expression != NOASSERTION or not name:
        return parse(found.expression)
    base, *added = _WITH.split(name, maxsplit=1)
    return _excepted(base, added[0]) if added else _reference(name)


def _excepted(base: str, added: str) -> Expression:
    """`GPL-2+ with OpenSSL exception`; an exception that no list has keeps its words."""
    settled = parse(normalise(base).expression)
    words = _UNFIT.sub("-", added).strip("-")
    if not isinstance(settled, License) or settled.id == NOASSERTION or not words:
        return License(NOASSERTION)
    found = normalise(f"{render(settled)} WITH {added}")
    if found.expression == NOASSERTION:
        found = normalise(f"{render(settled)} WITH AdditionRef-{words}")
    return parse(found.expression)


def _reference(name: str) -> Expression:
    """Keep a short name that only this file explains."""
    words = _UNFIT.sub("-", name).strip("-")
    try:
        return parse(f"LicenseRef-{words}") if words and " " not in name else License(NOASSERTION)
    except LicenseSyntaxError:
        return License(NOASSERTION)


def read_copyright(text: str) -> tuple[Evidence, ...] | None:
    """Give one finding for each licence that the file states, in order; `None` for free prose.

    Which files it is about only `filters.licenses.reuse.read_reuse` tells.
    """
    found = read_dep5(text)
    if found is None:
        return None
    firsts: dict[str, Paragraph] = {}
    for each in found:
        firsts.setdefault(each.expression, each)
    return tuple(evidence(each) for each in firsts.values())


def evidence(each: Paragraph) -> Evidence:
    """Turn an answer into a finding."""
    return Evidence(
        kind="metadata",
        expression=each.expression,
        start=each.start,
        end=each.end,
        note=each.note,
    )
