"""GNU licences in a notice: which family, which version, "only" or "or later", which exception.

The wording follows "How to Apply These Terms" of the licences and what people make of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.licenses.notices.mention import Mention, matches_at, windows

if TYPE_CHECKING:
    from filters.licenses.evidence import Note

_LICENSE: Final = r"(?:licen[cs]es?|licen[cs]ing|lisence|copyleft)"
_NAME: Final = re.compile(
    rf"\b(?:(?:gnu |the )?(?:(?P<kind>lesser|library|affero)(?:,? ?(?:or|/) ?(?:lesser|library))? )"
    rf"(?:gnu )?(?:general )?public {_LICENSE}"
    rf"|(?P<bare>(?:gnu )?general,? public {_LICENSE}|gnu public {_LICENSE}|gnu (?:gpl "
    rf")?{_LICENSE})"
    rf"|(?P<doc>(?:gnu )?free documentation {_LICENSE})"
    r"|(?:gnu )?(?P<short>gnu gpl|lesser gpl|library gpl|affero gpl|"
    r"(?:gnu[- /]?)?[al]?gpl|gfdl|gnu fdl|gnu agpl))"
    r"(?=[\W\d_]|v\.?(?:er)?|\Z|l?ed\b|'?d\b)(?P<ed>'?d\b|ed\b|led\b)?"
)
# one of these stands in each name, which is shorter than
_STEMS: Final = (
    "public li", "public copyleft", "gnu", "gpl", "fdl", "documentation li", "documentation copyleft",
)  # fmt: skip
_LONGEST: Final = 100  # code points
HINTS: Final = ("gpl", "gnu", "general", "fdl")
_HOMES: Final = ("gnu.org/", "opensource.org/licen", "spdx.org/licen")
_URL: Final = re.compile(
    r"(?:gnu\.org/(?:copyleft|licen[cs]es)/(?:old-licen[cs]es/)?|opensource\.org/licen[cs]es?/|"
    r"spdx\.org/licen[cs]es/|gnu\.org/)(?P<short>[al]?gpl|fdl|gfdl)(?:-licen[cs]e)?"
    r"(?:[-_]?v?(?P<version>\d(?:\.\d)?))?(?P<later>-or-later|\+)?(?:-only|-standalone)?"
    r"(?:\.[a-z.]{2,12})?/?"
)
_FILL: Final = (
    r"(?:[ ,;:()./*-]|\n|\b(?:as|published|by|the|free|software|foundation|inc|fsf|"
    r"either|only|terms|and|"
    r"conditions|under|of|in|a|its|is|gnu|[al]?gpl|lgpl|that|which|dated|using|with|"
    r"licen[cs]e|solely|"
    r"strictly|at|from|through|general|public|lesser|for|code|version of|available|found)\b){0,24}?"
)
_VERSION: Final = re.compile(
    rf"{_FILL}(?:\b(?:versions?|vers?|v|release|rev(?:ision)?)\b[ .:]*|v\.? ?|"
    rf"(?<=[gp]pl)[- ]?|= ?|≥ ?|(?<=[ (-])|(?<=licen[cs]e)[- ])"
    r"(?P<number>[123](?:\.[0-9])?|two|three)(?:\.0)?(?![\d])(?!\.\d)(?! ?(?:clause|st\b|"
    r"nd\b|rd\b|th\b))"
)
_LATER: Final = re.compile(
    r"\+|-or-later|x\b|(?:[^.\d\n]|\.(?=x)){0,45}?\b(?:or|and|any)\b(?:[^.\d\n]|\n(?!\n)){0,60}?"
    r"\b(?:later|latter|newer|greater|higher|above|subsequent|upwards?|future|up|following)\b"
    r"| ?(?:>=|≥)"
    r"|[^.\d\n]{0,45}?(?:neuer|später|höher|ultérieur|posterior|successiv|superior|поздн"
    r"|\bвыше|以降|以上|以后|以後|更新版|更高|이상|이후)"  # noqa: RUF001  Russian words
)
_OTHER: Final = re.compile(
    r"[^.\d\n]{0,30}?(?:\bor\b|/|\band/or\b)[ (]*(?:at your option[ ),]*)?(?:the "
    r")?(?:gnu )?(?:[al]?gpl)?[- ,]*"
    r"(?:versions?|v\.?)? ?(?P<number>[23](?:\.[01])?)(?![\d])(?!\.\d)(?! ?clause)"
)
_BEFORE: Final = re.compile(
    r"(?:\bversions?|\bvers?\.?|\bv\.?) ?(?P<number>[123](?:\.\d)?)(?:\.0)?(?P<later>\+)?"
    r"(?: or (?:version )?(?P<second>[23](?:\.\d)?))?"
    r"(?P<words>[ ,(][^.\d\n]{0,80}?)?(?:\bof|,) (?:the |the terms of the |its )?(?:gnu |\W{0,2})?$"
)
_LATER_WORDS: Final = re.compile(r"\b(?:later|newer|greater|higher|above|subsequent)\b")
_NUMBERS: Final = {"two": "2", "three": "3"}
_VERSIONS: Final = {
    "GPL": ("1.0", "2.0", "3.0"),
    "LGPL": ("2.0", "2.1", "3.0"),
    "AGPL": ("1.0", "3.0"),
    "GFDL": ("1.1", "1.2", "1.3"),
}
_ANY: Final = {"GPL": "1.0", "LGPL": "2.0", "AGPL": "3.0", "GFDL": "1.1"}
_WORD: Final = 40  # code points of an address behind a name that are looked at
_ADDRESS: Final = re.compile(r"://|www\.|\w\.(?:org|com|net|io|txt|html?|md|php|en|c|h|py)\b|@|_")
_ALIAS: Final = re.compile(
    r"[ ,]{0,3}(?:\((?:the |or |aka |a\.k\.a\. )?|(?:the|or|aka) )(?:gnu )?\W{0,3}|[ ,/-]{1,3}"
)
_REACH: Final = 230  # code points from a name to its version


def gnu_mentions(low: str) -> list[Mention]:
    """Find the GNU licences that a flat lower-case text names; versions go with the names."""
    matches = [
        match
        for start, end in windows(low, _STEMS, _LONGEST, _LONGEST)
        for match in _NAME.finditer(low, start, end)
        if not _in_address(low, match.start())
    ]
    found: list[Mention] = []
    for at, match in enumerate(matches):
        limit = matches[at + 1].start() if at + 1 < len(matches) else len(low)
        mention = _mention(low, match, limit)
        before = found[-1] if found else None
        if before is not None and _same(low, before, mention):
            # "GNU General Public License (GPL) version 2": one name, told twice
            better = mention if mention.sure else before
            found[-1] = better._replace(start=before.start, end=max(before.end, mention.end))
        else:
            found.append(mention)
    return found


def _in_address(low: str, start: int) -> bool:
    """Say whether a name is a piece of an address or a file's name, `…/gpl-3.0.txt`."""
    if low[start - 1 : start] not in {"/", ".", "_", "@", "-"}:
        return False
    word = low[max(low.rfind(" ", 0, start), low.rfind("\n", 0, start)) + 1 : start + _WORD]
    return _ADDRESS.search(word.partition(" ")[0]) is not None


def _same(low: str, before: Mention, mention: Mention) -> bool:
    between = low[before.end : mention.start]
    agrees = not (before.sure and mention.sure) or before.expression == mention.expression
    return before.family == mention.family and agrees and _ALIAS.fullmatch(between) is not None


def gnu_urls(low: str) -> list[Mention]:
    """Find addresses of GNU licence texts."""
    found = []
    for match in matches_at(_URL, low, low, _HOMES):
        family = _family(match["short"])
        version = _settled(family, match["version"])
        ids = _ids(family, [version] if version else [], later=bool(match["later"]))
        found.append(Mention(match.start(), match.end(), ids, family, sure=bool(version), url=True))
    return found


def _mention(low: str, match: re.Match[str], limit: int) -> Mention:
    family = _family(match["short"] or match["kind"] or ("gfdl" if match["doc"] else "gpl"))
    end = match.end()
    versions: list[str] = []
    later = False
    before = _BEFORE.search(low, max(0, match.start() - 130), match.start())
    after = _VERSION.match(low, end, min(limit, end + _REACH) if limit > end else end)
    if after is not None and (
        version := _settled(family, _NUMBERS.get(after["number"], after["number"]))
    ):
        versions, later, end = _after(low, family, version, after.end())
    elif before is not None and (version := _settled(family, before["number"])):
        second = _settled(family, before["second"])
        versions = [version, second] if second else [version]
        words = before["words"] or ""
        later = bool(before["later"] or _LATER_WORDS.search(words)) or bool(_after_name(low, end))
        return Mention(before.start(), end, _ids(family, versions, later=later), family, sure=True)
    sure = bool(versions)
    ids = _ids(family, versions, later=later)
    # the text beside it, or the nearest one, tells the version
    note: Note = "" if sure else "family"
    return Mention(
        match.start(), end, ids, family, sure=sure, licensed=bool(match["ed"]), note=note
    )


def _after_name(low: str, end: int) -> re.Match[str] | None:
    """`version 2 of the GNU GPL or any later version`."""
    return re.compile(
        r"[ ,;(]{0,3}(?:as published[^.\d\n]{0,50})?(?:or|and) (?:\(?at your option\)?,? "
        r")?(?:any )?(?:later|newer)"
    ).match(low, end)


def _after(low: str, family: str, version: str, end: int) -> tuple[list[str], bool, int]:
    """Read what follows the version: later ones, or a second one beside it."""
    versions = [version]
    later = _LATER.match(low, end)
    if later is not None:
        return versions, True, later.end()
    other = _OTHER.match(low, end)
    second = _settled(family, other["number"]) if other is not None else ""
    if other is not None and second and second != version:
        versions.append(second)
        more = _LATER.match(low, other.end())
        return versions, more is not None, more.end() if more is not None else other.end()
    return versions, low[:end].rstrip(".0123456789 ")[-1:] in {"=", "≥"}, end


def _family(short: str) -> str:
    if "affero" in short or "agpl" in short:
        return "AGPL"
    if "lesser" in short or "library" in short or "lgpl" in short:
        return "LGPL"
    return "GFDL" if "fdl" in short else "GPL"


def _settled(family: str, number: str | None) -> str:
    """Give the version that a number stands for, `""` where the family has no such one."""
    if not number:
        return ""
    version = number if "." in number else f"{number}.0"
    if family == "LGPL" and version == "2.2":
        return ""
    return version if version in _VERSIONS[family] else ""


def _ids(family: str, versions: list[str], *, later: bool) -> str:
    if not versions:
        # the texts say so: without a number any published version may be chosen
        return f"{family}-{_ANY[family]}-or-later"
    last = f"{family}-{versions[-1]}-{'or-later' if later else 'only'}"
    return " OR ".join([*(f"{family}-{each}-only" for each in versions[:-1]), last])
