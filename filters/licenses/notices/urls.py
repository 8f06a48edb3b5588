"""Addresses of licence texts: Creative Commons and a dozen well-known homes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.licenses.ids import index
from filters.licenses.notices.mention import Mention, matches_at
from filters.licenses.spdx import NOASSERTION, normalise

if TYPE_CHECKING:
    from filters.licenses.notices.hints import Hints

_CC_URL: Final = re.compile(
    r"creativecommons\.org[/ ](?:licen[cs]es?[/ ](?P<kind>(?:by|nc|nd|sa|sampling|zero|"
    r"publicdomain)(?:[-_+.:,/ ](?:nc|nd|sa|by))*)"
    r"(?:[-_/ ]v?(?P<number>\d\.\d)(?:[/_-](?P<port>[a-z]{2,3})(?![a-z.]))?)?|"
    r"publicdomain/(?P<public>zero|mark)(?:/1\.0)?)"
    r"(?:/(?:legalcode|deed)[\w.-]{0,12})?/?"
)
_CC_NAME: Final = re.compile(
    r"\bcc[- ]?(?P<zero>0|zero)(?:[- ,]{1,2}v?1(?:\.0)?)?(?: universal)?(?: licen[cs]e)?\b"
    r"|\bcreative commons,? (?:licen[cs]e )?(?:\(?cc0\)?|zero|public[- ]domain "
    r"dedication|0)(?:[ v,(]{0,3}1\.0)?(?: universal)?(?: licen[cs]e)?"
    r"|\bcc[- ](?P<kind>by(?:[- /](?:nc|nd|sa))*)(?:[- ,]{0,2}v?(?:ersion "
    r")?(?P<number>\d\.\d))?\b(?: (?:international|unported))?(?: licen[cs]e)?"
    r"|\b(?:creative commons|cc)[ ,:-]{1,3}(?:licen[cs]e[ ,:-]{0,3})?"
    r"(?P<words>attribution(?:[ ,/-]{0,3}(?:non-?commercial|"
    r"no-? ?deriv(?:ative)?s?(?: works)?|share-? ?alike)){0,3})"
    r"(?:[ ,(-]{0,3}(?:licen[cs]e|version|v)?[ ,(-]{0,2}(?P<long>\d\.\d))?(?: "
    r"(?:international|unported|generic))?(?: licen[cs]e)?(?:[ ,(-]{0,3}(?:version |"
    r"v)?(?P<late>\d\.\d))?"
)
_OTHER: Final = re.compile(
    r"(?P<home>apache\.org/licen[cs]es?/|opensource\.org/licen[cs]es?/(?:alphabetical/)?|"
    r"spdx\.org/licen[cs]es?/|mozilla\.org/(?:[a-z-]+/)?(?P<mpl>mpl/?)|"
    r"eclipse\.org/(?:legal|org/documents)/|choosealicense\.com/licen[cs]es/|"
    r"boost\.org/licen[cs]e_?|tldrlegal\.com/licen[cs]e/|"
    r"(?P<word>unlicense\.org|wtfpl\.net|scripts\.sil\.org/ofl|openfontlicense\.org|"
    r"opendatacommons\.org/licen[cs]es/(?:odbl|pddl|by)|"
    r"opensource\.franz\.com/preamble|php\.net/license|postgresql\.org/about/licen[cs]e|"
    r"cecill\.info|mit-license\.org|zlib\.net/zlib_license|"
    r"mariadb\.com/bsl11|polyformproject\.org/licenses/noncommercial|"
    r"elastic\.co/licensing/elastic-license))(?P<path>[\w./+-]*)"
)
# how they begin
_BEGINNINGS: Final = (
    "apache.org/licen", "opensource.org/licen", "spdx.org/licen", "mozilla.org/", "eclipse.org/",
    "choosealicense.com/licen", "boost.org/licen", "tldrlegal.com/licen", "unlicense.org", "wtfpl.net",
    "scripts.sil.org/ofl", "openfontlicense.org", "opendatacommons.org/licen", "opensource.franz.com/preamble",
    "php.net/license", "postgresql.org/about/licen", "cecill.info", "mit-license.org", "zlib.net/zlib_license",
    "mariadb.com/bsl11", "polyformproject.org/licenses", "elastic.co/licensing",
)  # fmt: skip
_BY_HINT: Final = {re.escape(each): each for each in _BEGINNINGS}
_CC_HOME: Final = r"creativecommons\.org"
_CC_WORDS: Final = r"\bcc[- ]?(?:0|zero|by)|creative commons|\bcc[ ,:-]{1,3}(?:licen|attribution)"
HINTS: Final = (*_BY_HINT, _CC_HOME, _CC_WORDS)
_HOMES: Final = {
    "unlicense.org": "Unlicense", "wtfpl.net": "WTFPL", "scripts.sil.org/ofl": "OFL-1.1",
    "openfontlicense.org": "OFL-1.1", "opendatacommons.org/licenses/odbl": "ODbL-1.0",
    "opendatacommons.org/licenses/pddl": "PDDL-1.0",
    "opendatacommons.org/licenses/by": "ODC-By-1.0", "opensource.franz.com/preamble": "LLGPL",
    "php.net/license": "PHP-3.01", "postgresql.org/about/licence": "PostgreSQL",
    "postgresql.org/about/license": "PostgreSQL", "cecill.info": "CECILL-2.1",
    "mit-license.org": "MIT", "zlib.net/zlib_license": "Zlib", "mariadb.com/bsl11": "BUSL-1.1",
    "polyformproject.org/licenses/noncommercial": "PolyForm-Noncommercial-1.0.0",
    "elastic.co/licensing/elastic-license": "Elastic-2.0",
}  # fmt: skip
_PATHS: Final = {
    "mit-license": "MIT", "mit": "MIT", "bsd-license": "BSD-3-Clause", "isc-license": "ISC",
    "zlib-license": "Zlib", "apache2.0": "Apache-2.0", "apache-2.0": "Apache-2.0",
    "license-2.0": "Apache-2.0", "license-1.1": "Apache-1.1", "license-1.0": "Apache-1.0",
    "epl-v10": "EPL-1.0", "epl-v20": "EPL-2.0", "epl-2.0": "EPL-2.0", "edl-v10": "BSD-3-Clause",
    "cpl-v10": "CPL-1.0", "1_0": "BSL-1.0", "cddl1": "CDDL-1.0", "mozilla1.1": "MPL-1.1",
    "artistic-license": "Artistic-1.0", "artistic-license-2.0": "Artistic-2.0", "ms-pl": "MS-PL",
    "2.0": "MPL-2.0", "mpl-2.0": "MPL-2.0", "mpl-1.1": "MPL-1.1", "1.1": "MPL-1.1",
    "mit-license.php": "MIT", "bsd-3-clause-license": "BSD-3-Clause",
    "apache-license-2.0-(apache-2.0)": "Apache-2.0",
}  # fmt: skip
_PARTS: Final = (
    ("noncommercial", "nc"),
    ("derivs", "nd"),
    ("derivative", "nd"),
    ("sharealike", "sa"),
)
_ORDER: Final = ("by", "nc", "sa", "nd")


def address_mentions(low: str, hints: Hints) -> list[Mention]:
    """Find addresses of licence texts in a flat lower-case text."""
    if "/" not in low:
        return []
    found = []
    if _CC_HOME in hints:
        found += [each for match in _CC_URL.finditer(low) if (each := _cc_url(match)) is not None]
    ends = any(each in low for each in (".org", ".net", ".co", ".info"))
    homes = [_BY_HINT[hint] for hint in hints & _BY_HINT.keys()] if ends else []
    for match in matches_at(_OTHER, low, low, homes):
        expression = _HOMES.get(match["word"] or "") or _path(match)
        if expression:
            found.append(
                Mention(
                    match.start(), match.end(), expression, expression.partition("-")[0], url=True
                )
            )
    return found


def _path(match: re.Match[str]) -> str:
    path = (
        re.sub(r"\.(?:html?|txt|php|en|md)$", "", match["path"].strip("./-"))
        .rpartition("/")[2]
        .rstrip("/.")
    )
    known = _PATHS.get(path)
    if known is not None and (path[0] not in "12" or match["mpl"] or "boost" in match["home"]):
        return known
    listed = index().licenses.get(path)
    if listed is None and path.lower() not in index().successors:
        return ""
    expression = normalise(path).expression
    return "" if expression == NOASSERTION else expression


def cc_mentions(low: str, hints: Hints) -> list[Mention]:
    """Find Creative Commons licences by name or short id."""
    found = []
    for match in _CC_NAME.finditer(low) if _CC_WORDS in hints else ():
        kind = match["kind"] or _kind(match["words"] or "")
        if kind:
            number = match["number"] or match["long"] or match["late"]
            found.append(_cc(match, kind, number, None, url=False))
        else:
            found.append(Mention(match.start(), match.end(), "CC0-1.0", "CC0"))
    return found


def _kind(words: str) -> str:
    squeezed = words.replace("-", "").replace(" ", "")
    return "-".join(["by", *(short for long, short in _PARTS if long in squeezed)]) if words else ""


def _cc_url(match: re.Match[str]) -> Mention | None:
    if match["public"]:
        expression = "CC0-1.0" if match["public"] == "zero" else "CC-PDM-1.0"
        return Mention(match.start(), match.end(), expression, expression[:3], url=True)
    if not match["kind"].startswith(("by", "nc", "sa", "nd")):
        return None
    return _cc(match, match["kind"], match["number"], match["port"], url=True)


def _cc(
    match: re.Match[str], kind: str, number: str | None, port: str | None, *, url: bool
) -> Mention:
    parts = set(re.split(r"\W|_", kind))
    stem = "-".join(("CC", *(part.upper() for part in _ORDER if part in parts)))
    plain = f"{stem}-{number or '4.0'}"
    known = index().licenses
    expression = known.get(f"{plain}-{port}".lower()) or known.get(plain.lower()) or NOASSERTION
    return Mention(match.start(), match.end(), expression, stem, sure=bool(number), url=url)
