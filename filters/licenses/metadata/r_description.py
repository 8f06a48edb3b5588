"""R's DESCRIPTION: `License: GPL (>= 2) | MIT + file LICENSE` (Writing R Extensions, 1.1.2)."""

from __future__ import annotations

import re
from typing import Final

from filters.licenses.evidence import Evidence
from filters.licenses.facts import GNU_VERSIONS
from filters.licenses.metadata.claims import Claim, is_text, settle
from filters.licenses.metadata.headers import paragraphs
from filters.licenses.metadata.words import R
from filters.licenses.spdx import NOASSERTION

# all of the LICENSE file that CRAN asks for beside `MIT + file LICENSE`
_STUB: Final = re.compile(
    r"\s*(?:(?:YEAR|COPYRIGHT[ _]HOLDERS?|ORGANI[SZ]ATION)[ \t]*:[^\n]*(?:\n(?:[ \t]+[^\n]*)?)*)+\s*",
    re.IGNORECASE,
)
_MAX_STUB: Final = 2_000  # code points
_FILE: Final = re.compile(r"\s*\+\s*file\s+\S+\s*$", re.IGNORECASE)
_ONLY_FILE: Final = re.compile(r"\s*file\s+\S+\s*", re.IGNORECASE)
_RANGE: Final = re.compile(r"(.*?)\s*\(\s*>=\s*([\d.]+)\s*,\s*<=?\s*([\d.]+)\s*\)")
_EXACT: Final = re.compile(r"\s*\(\s*==\s*([\d.]+)\s*\)")
_LATER: Final = re.compile(r"(.*?)\s*\(\s*>=?\s*([\d.]+)\s*\)")


def read_description(text: str) -> tuple[Evidence, ...]:
    """Read the `License` field: `|` is a choice, `+ file` adds only names and years."""
    fields = {each.name: each for each in next(paragraphs(text), [])}
    field = fields.get("license") or fields.get("licence")
    if field is None:
        return ()
    if is_text(field.value):
        return settle([Claim(field.value, field.start, field.end)])
    claims = [
        Claim(_spell(_FILE.sub("", each).strip()), field.start, field.end, _is_file(each))
        for each in " ".join(field.lines).split("|")
    ]
    return settle(claims, "OR", R)


def read_stub(path: str, text: str) -> tuple[Evidence, ...] | None:
    """Read R's `LICENSE` of years and holders, which fills in a licence that DESCRIPTION names."""
    name = path[path.rfind("/") + 1 :]
    if not name.startswith("LICEN") or len(text) > _MAX_STUB or "YEAR" not in text:
        return None
    if _STUB.fullmatch(text) is None:
        return None
    return (
        Evidence(kind="metadata", expression=NOASSERTION, start=0, end=len(text), note="partial"),
    )


def _is_file(value: str) -> bool:
    return _ONLY_FILE.fullmatch(value) is not None


def _spell(value: str) -> str:
    """Write version ranges as SPDX does."""
    between = _RANGE.fullmatch(value)
    if between is not None:
        return _versions(between[1].strip().upper(), between[2], between[3]) or value
    exact = _EXACT.sub(r" \1", value)
    later = _LATER.fullmatch(exact)
    if later is None or re.search(r"GPL|GNU|GFDL", later[1]) is not None:
        return exact
    number = later[2] if "." in later[2] else f"{later[2]}.0"
    return f"Apache-{number}+" if "apache" in later[1].lower() else f"{later[1]} {number}"


def _versions(name: str, low: str, high: str) -> str:
    """List the versions of a GNU licence from `low` up to `high`, itself not among them."""
    found = [
        f"{name}-{each}-only"
        for each in GNU_VERSIONS.get(name, ())
        if float(low.rstrip(".")) <= float(each) < float(high.rstrip("."))
    ]
    return " OR ".join(found)
