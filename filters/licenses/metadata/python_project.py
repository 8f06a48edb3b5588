"""Python packages: pyproject.toml, setup.cfg and the METADATA or PKG-INFO of a built package."""

from __future__ import annotations

import configparser
import re
from typing import TYPE_CHECKING, Any, Final

from filters.licenses.metadata.claims import (
    Claim,
    MetadataError,
    bounded,
    family,
    locate,
    settle,
)
from filters.licenses.metadata.headers import Field, paragraphs
from filters.licenses.metadata.toml_files import load, table
from filters.licenses.metadata.words import TROVE
from filters.licenses.spdx import NOASSERTION, Combination, Expression, parse, strictness

if TYPE_CHECKING:
    from filters.licenses.evidence import Evidence

CLASSIFIER: Final = "License ::"
_PARENTS: Final = frozenset(["license :: osi approved", "license :: dfsg approved"])
_CHOICE: Final = re.compile(r"\b(?:dual|or|either|choice)\b|[|/]", re.IGNORECASE)
_GUARDED: Final = re.compile(
    r"commerc|propriet|research|academ|educat|restrict|evaluat|reserved|internal|private|personal"
    r"|non.?profit|deriv|\bgpl|\bnc\b",
    re.IGNORECASE,
)
_BODY_CLASSIFIER: Final = re.compile(r"^Classifier:[ \t]*(License ::[^\r\n]*)", re.MULTILINE)
_METADATA_FILE: Final = re.compile(r"\s*file:\s*(.*)", re.IGNORECASE)


def read_statements(field: list[Claim], classifiers: list[Claim]) -> tuple[Evidence, ...]:
    """Settle a licence field and classifiers: the field decides, a stricter classifier is added.

    Several classifiers all apply (the packaging guide names no meaning), unless the field speaks
    of a choice. A field without a version gives way to a classifier of its family that has one.
    """
    said = settle(field)
    listed = settle(_own(classifiers), words=TROVE)
    if not listed or listed[0].expression == NOASSERTION:
        return said or listed
    if not said:
        return listed
    if said[0].expression == NOASSERTION:
        return _unread(field, said, classifiers, listed)
    kin = family(said[0].expression)
    if said[0].note == "family" and listed[0].note == "" and listed[0].expression.startswith(kin):
        return listed
    stricter = strictness(listed[0].expression) > strictness(said[0].expression)
    more = _ids(listed[0].expression) - _ids(said[0].expression)
    return (*said, *listed) if stricter and more else said


def _unread(
    field: list[Claim],
    said: tuple[Evidence, ...],
    classifiers: list[Claim],
    listed: tuple[Evidence, ...],
) -> tuple[Evidence, ...]:
    """Classifiers beside a field that names no licence; a text or a restriction stays beside them."""
    words = " ".join(claim.value for claim in field)
    if "\n" in words or _GUARDED.search(words) is not None:
        return (*said, *listed)
    if said[0].note == "" and _CHOICE.search(words) is not None:
        return settle(_own(classifiers), "OR", TROVE)
    return listed


def _own(classifiers: list[Claim]) -> list[Claim]:
    """Drop parents that stand beside their children, and repetitions."""
    own = [each for each in classifiers if each.value.strip().lower() not in _PARENTS]
    return own or classifiers


def _ids(expression: str) -> set[str]:
    return set(_leaves(parse(expression)))


def _leaves(expression: Expression) -> list[str]:
    if isinstance(expression, Combination):
        return [leaf for part in expression.parts for leaf in _leaves(part)]
    return [expression.id]


def read_core_metadata(text: str) -> tuple[Evidence, ...]:
    """Read METADATA or PKG-INFO: License-Expression (PEP 639) over License over classifiers.

    Fields end at the first blank line; old tools wrote a licence's text with blank lines in it, so
    classifiers are looked for below when none stands above.
    """
    fields = next(paragraphs(text), [])
    named: dict[str, list[Field]] = {}
    for each in fields:
        named.setdefault(each.name, []).append(each)
    if "license-expression" in named:
        return settle(_claims(named["license-expression"]))
    listed = [each for each in _claims(named.get("classifier", [])) if CLASSIFIER in each.value]
    if not listed and "classifier" not in named:
        listed = [Claim(m[1].strip(), *m.span(1)) for m in _BODY_CLASSIFIER.finditer(text)]
    return read_statements(_claims(named.get("license", [])), listed)


def _claims(fields: list[Field]) -> list[Claim]:
    return [Claim(each.value, each.start, each.end) for each in fields]


def read_setup_cfg(text: str) -> tuple[Evidence, ...]:
    """Read the `[metadata]` section of setup.cfg."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise MetadataError("not an ini file") from error
    if not parser.has_section("metadata"):
        return ()
    options = {key.replace("-", "_"): value for key, value in parser.items("metadata")}
    listed = [line.strip() for line in options.get("classifiers", "").splitlines()]
    listed += [line.strip() for line in options.get("classifier", "").splitlines()]
    field = [
        _cfg_claim(text, options[key], key)
        for key in ("license_expression", "license")
        if options.get(key, "").strip()
    ][:1]
    if not field and (options.get("license_file") or options.get("license_files")):
        value = (options.get("license_file") or options["license_files"]).split()[0]
        field = [Claim(value, *locate(text, value, r"^license[_-]files?\s*[=:]"), True)]
    return read_statements(field, _classifier_claims(text, listed))


def _cfg_claim(text: str, value: str, key: str) -> Claim:
    span = locate(text, value.strip(), r"^\[metadata\]", rf"^{key.replace('_', '[_-]')}\s*[=:]")
    return Claim(value, *span, defers=_METADATA_FILE.fullmatch(value) is not None)


def _classifier_claims(text: str, values: list[str]) -> list[Claim]:
    own = bounded([each for each in values if each.startswith(CLASSIFIER)])
    return [Claim(each, *locate(text, each)) for each in own]


def read_pyproject(text: str) -> tuple[Evidence, ...]:
    """Read pyproject.toml: `[project]` (PEP 621 and 639), else Poetry's, Flit's or PDM's table."""
    document = load(text)
    tables = [
        (table(document, "project"), "project"),
        (table(document, "tool", "poetry"), "tool.poetry"),
        (table(document, "tool", "flit", "metadata"), "tool.flit.metadata"),
        (table(document, "tool", "pdm"), "tool.pdm"),
    ]
    field: list[Claim] = []
    listed: list[str] = []
    for values, name in tables:
        field = field or _toml_field(text, values, name)
        entries = values.get("classifiers")
        if isinstance(entries, list):
            listed += [each for each in entries if isinstance(each, str)]
    return read_statements(field, _classifier_claims(text, listed))


def _toml_field(text: str, values: dict[str, Any], name: str) -> list[Claim]:
    """Read `license` as a string or a table with `text` or `file`, or else `license-files`."""
    value = values.get("license")
    anchors = (rf"^[ \t]*\[{re.escape(name)}\]", r"^[ \t]*license\b")
    if isinstance(value, str):
        return [Claim(value, *locate(text, value, *anchors))]
    if isinstance(value, dict):
        inner, file = value.get("text"), value.get("file")
        if isinstance(inner, str):
            return [Claim(inner, *locate(text, inner, *anchors))]
        if isinstance(file, str):
            return [Claim(file, *locate(text, file, *anchors), True)]
    named = values.get("license-files")
    files = named if isinstance(named, list) else []
    return [Claim(str(each), *locate(text, str(each), *anchors), True) for each in files[:1]]
