"""Loose licence claims ("Apache 2.0", "MIT/Apache-2.0", "GPLv3+") rewritten as SPDX expressions.

Every rule asks for the whole claim: one word too many and there is no answer, because a guess from
part of a sentence is how a copyleft document comes to look permissive.
"""

from __future__ import annotations

import re
from typing import Final

from filters.licenses.families import creative_commons, gnu
from filters.licenses.ids import index
from filters.licenses.names import LATER, fold, fold_name, names, plain_name

MAX_NAME: Final = 160  # code points; a longer name is a text, not a name
_CRAN: Final = re.compile(
    r"\s*(?:[+|]\s*file\s+licen[cs]e|\[expanded from: [^\[\]]*\])\s*$", re.IGNORECASE
)
_CLASSIFIER: Final = re.compile(
    r"(?:licen[cs]e :: (?:osi approved :: )?|osi approved :: )(?!.*::)", re.IGNORECASE | re.DOTALL
)
_TROVE: Final = re.compile(r"\s*[\n,;]\s*(?=licen[cs]e :: )", re.IGNORECASE)
_QUOTED: Final = re.compile(r"""\s*(["'`])([^"'`]*)\1[.,;]?\s*""")
_DUAL: Final = re.compile(r"\s*dual(?:[ -]licen[cs]ed?)?(?:\s+under)?:?\s+", re.IGNORECASE)
_GROUPS: Final = re.compile(r"\s*[,;]\s*(and|or)\s+", re.IGNORECASE)
_OPERATOR: Final = re.compile(r"\s*(?:\b(and|or|with)\b|(\|\|?)|([,;&]+)|([()]))\s*", re.IGNORECASE)
# what stands before a version is no list, and what is said in brackets is no licence
_NUMBERED: Final = re.compile(r"\s*,\s*(?=v(?:er(?:sion)?)?\.?\s*\d)", re.IGNORECASE)
_OPEN: Final = re.compile(r"\s*\(open source[^()]*\)\s*$", re.IGNORECASE)
_LISTED: Final = re.compile(r"[,;&]")
_OR: Final = re.compile(r"\bor\b|\|", re.IGNORECASE)
_SLASH: Final = re.compile(r"\s*//?\s*")
_URL: Final = re.compile(r"<?https?://(?:www\.)?([a-z.]+)(?:/(\S*?))?>?", re.IGNORECASE)
_SAYS_EXCEPTION: Final = ("exception", "exceptions")
_EXCEPTION: Final = re.compile(r"[a-z0-9][a-z0-9 .-]{0,60}", re.IGNORECASE)
_LESSER: Final = re.compile(r"\blibrary or lesser\b|\blesser or library\b", re.IGNORECASE)
_LOW_POINT: Final = re.compile(r"(?<=\d)_(?=\d)")
_WHOLE_SITES: Final = {"boost.org": "BSL-1.0", "unlicense.org": "Unlicense", "wtfpl.net": "WTFPL"}
_SITES: Final = frozenset(
    (
        *("apache.org", "choosealicense.com", "eclipse.org", "gnu.org"),
        *("mozilla.org", "opensource.org", "spdx.org"),
    )
)


def rewrite(claim: str) -> str | None:
    """Write the claim as an SPDX expression, or `None` where any part of it is not understood."""
    listed = [_rewrite(each) for each in _TROVE.split(claim)]
    if len(listed) == 1:
        return listed[0]
    return None if None in listed else " AND ".join(f"({each})" for each in listed)


def _rewrite(claim: str) -> str | None:
    claim = _bare(claim)
    whole = name(claim) or _from_url(claim)
    if whole is not None:
        return whole
    excepted = _excepted(claim)
    if excepted is not None:
        return excepted
    dual = _DUAL.match(claim)
    if dual is not None:
        claim = claim[dual.end() :]
        # "dual MIT and GPL" may mean either: only a sign of a choice is one
        if re.search(r"/|\bor\b", claim, re.IGNORECASE) is None:
            return None
    # a comma before the word holds apart what other words join: "GPL-1+ or Artistic, and Expat"
    groups = _GROUPS.split(LATER.sub("+", claim))
    operators = {each.upper() for each in groups[1::2]}
    written = [_group(each) for each in groups[::2]]
    if None in written or len(operators) > 1:
        return None
    if operators == {"OR"} and any(_LISTED.search(each) for each in groups[::2]):
        return None  # "A, B, or C" may be a choice or a list
    return f" {' '.join(operators)} ".join(f"({each})" for each in written if each is not None)


def _bare(claim: str) -> str:
    """Strip what stands around a claim in manifests: quotes, trove's path, CRAN's file."""
    quoted = _QUOTED.fullmatch(claim)
    claim = (claim if quoted is None else quoted[2]).strip()
    claim = _CLASSIFIER.sub("", claim)
    claim = _CRAN.sub("", _CRAN.sub("", claim))
    return _NUMBERED.sub(" ", _OPEN.sub("", claim)).replace(" w/", " with ")


def _excepted(claim: str) -> str | None:
    """Read one name with one exception, which the name's own parentheses would hide."""
    left, word, right = claim.partition(" with ")
    base = name(left.rstrip(" ,")) if word else None
    if base is None or " " in base:
        return None
    exception = _exception(right)
    return None if exception is None else f"{base} WITH {exception}"


def _group(text: str) -> str | None:
    """Write what holds no comma before an `and` or `or`."""
    if _LISTED.search(text) is not None and _OR.search(text) is not None:
        return None  # "A, B or C": nobody can say how far the choice reaches
    pieces = _OPERATOR.split(text)
    written: list[str] = []
    for at in range(0, len(pieces), 5):
        piece, word, alternative, joint, paren = [*pieces[at : at + 5], *[None] * 4][:5]
        if piece:
            spelt = _piece(piece, after_with=written[-1:] == [" WITH "])
            if spelt is None:
                return None
            written.append(spelt)
        # a bar has always meant a choice (CRAN); a list means all
        sign = " OR " if alternative else " AND " if joint else paren or ""
        written.append(f" {word.upper()} " if word else sign)
    return "".join(written)


def _piece(piece: str, *, after_with: bool) -> str | None:
    if after_with:
        return _exception(piece)
    whole = name(piece) or _from_url(piece)
    if whole is None and "/" in piece:
        # a slash has always meant a choice (Cargo before 2018) and binds closest
        parts = [name(each) for each in _SLASH.split(piece)]
        whole = None if None in parts else " OR ".join(each for each in parts if each is not None)
    return f"({whole})" if whole is not None and " " in whole and " WITH " not in whole else whole


def _exception(text: str) -> str | None:
    """Name an exception; one that is on no list but says that it is one becomes a reference."""
    text = text.strip().removeprefix("the ")
    slug = "-".join(text.lower().split())
    known = index().exceptions
    listed = known.get(slug) or names().exceptions.get(fold_name(text))
    if listed is not None:
        return listed
    joined = {"and", "or", "with"}.intersection(text.lower().split())
    if joined or _EXCEPTION.fullmatch(text) is None or not slug.endswith(_SAYS_EXCEPTION):
        return None
    return f"AdditionRef-{slug}"


def name(text: str) -> str | None:
    """Read one licence's name or id, with or without a repetition in parentheses."""
    if len(text) > MAX_NAME or text.count("(") != text.count(")"):
        return None
    listed = _listed(text)
    if listed is not None:
        return listed
    text = _LOW_POINT.sub(".", _LESSER.sub("lesser", text))
    words = fold(LATER.sub("+", text))
    found = names().licenses.get(" ".join(words)) or gnu(words) or creative_commons(words)
    found = found or names().keys.get("-".join(text.lower().split()))
    if found is not None or not text.endswith(")"):
        return found
    outer, _, inner = text[:-1].partition("(")
    first = name(outer)
    # "Mozilla Public License 1.0 (MPL)": the short form need not repeat the version
    short = inner.strip().lower()
    repeats = first is not None and (
        first == name(inner) or f"{first.lower()}-".startswith(f"{short}-")
    )
    return first if repeats and short else None


def _listed(text: str) -> str | None:
    """Find a listed or deprecated id in any case, blanks or underscores for hyphens."""
    lower = "-".join(text.lower().replace("_", " ").split())
    known = index()
    found = known.licenses.get(lower, known.successors.get(lower))
    return names().full.get(plain_name(text)) if found is None else found


def _from_url(text: str) -> str | None:
    """Name the licence that a well-known address of a licence text stands for."""
    match = _URL.fullmatch(text.strip())
    if match is None:
        return None
    host, path = match[1].lower(), (match[2] or "").rstrip("/")
    if host == "creativecommons.org":
        return _from_commons(path)
    last = re.sub(r"(?:\.[a-z]{2})?(?:\.(?:html?|txt|php))?$", "", path.rpartition("/")[2])
    if host in _WHOLE_SITES:
        return _WHOLE_SITES[host] if last.lower() in {"", "about", "license_1_0"} else None
    if host not in _SITES:
        return None
    prefix = {"apache.org": "Apache-", "mozilla.org": "MPL-"}.get(host, "")
    return name(prefix + last.removeprefix("LICENSE-"))


def _from_commons(path: str) -> str | None:
    kind = re.sub(r"/(?:legalcode|deed)(?:\.[a-z-]+)?$", "", path)
    kind = kind.replace("publicdomain/zero", "cc-0").replace("publicdomain/mark", "cc-pdm")
    return name(kind.replace("licenses/", "cc-").replace("/", " "))
