"""Creative Commons licences by the names of their parts in other languages than English."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.licenses.notices.mention import Mention

if TYPE_CHECKING:
    from filters.licenses.notices.hints import Hints

_HOUSE: Final = re.compile(
    r"\bcreative[- ]commons\b|\bcc\b|知识共享|創用 ?cc|创作共用|クリエイティブ・?\s?コモンズ|크리에이티브 커먼즈"
)
HINTS: Final = (r"creative[- ]commons|\bcc\b|知识共享|創用|创作共用|クリエイティブ|크리에이티브",)
_REACH: Final = 150  # code points from the house's name to the parts of the licence's
_PARTS: Final = (
    ("BY", re.compile(
        r"namensnennung|attribution|paternité|atribuci[óo]n|reconocimiento|atribuiç[ãa]o|attribuzione|署名|姓名標示|"
        r"(?<!を)表示|저작자 ?표시|атрибуци|указани\w+ авторства|naamsvermelding|uznanie autorstwa"
        r"|erkännande|navngivelse")),
    ("NC", re.compile(
        r"nicht[- ]?kommerziell|keine kommerzielle|pas d.?utilisation commerciale|no ?comercial|n[ãa]o[- ]?comercial|"
        r"non[- ]?commerciale|非商业|非商業|非営利|비영리|некоммерческ|niet-?commercieel|niekomercyjn"
        r"|ickekommersiell|ikke-?kommersiel")),
    ("SA", re.compile(
        r"weitergabe unter gleichen|partage dans les m[êe]mes conditions|partage [àa] l.identique|compartir ?-?igual|"
        r"compartilha\w* ?-?igual|partilha nos mesmos|condividi allo stesso modo|相同方式|継承|동일조건|"
        r"(?:с сохранением|на тех же) условий|на тех же условиях|gelijkdelen"  # noqa: RUF001  Russian words
        r"|na tych samych warunkach|dela ?lika")),
    ("ND", re.compile(
        r"keine (?:bearbeitung|ableitung)|pas de modification|sin ?(?:obras? ?)?derivad|sem ?deriva|"
        r"non opere derivate|no opere derivate|禁止演绎|禁止改作|改変禁止|변경 ?금지|без производных"
        r"|geenafgeleide|bez utworów zależnych|inga ?bearbetningar")),
)  # fmt: skip
_VERSION: Final = re.compile(r"(?<![\d.])[1-4]\.[05](?![.\d])")
_ENGLISH: Final = re.compile(r"attribution(?! ?[-–—] ?(?:pas|partage))")  # noqa: RUF001  dashes of all lengths


def foreign_cc_mentions(low: str, hints: Hints) -> list[Mention]:
    """Find the licences whose parts are named in another language, in a flat lower-case text."""
    found: list[Mention] = []
    for match in () if hints.isdisjoint(HINTS) else _HOUSE.finditer(low):
        stop = low.find("\n", match.end(), match.end() + _REACH)
        end = stop if stop >= 0 else min(len(low), match.end() + _REACH)
        mention = _mention(low, match.start(), match.end(), end)
        if mention is not None and not (found and found[-1].end > match.start()):
            found.append(mention)
    return found


def _mention(low: str, start: int, at: int, end: int) -> Mention | None:
    version = _VERSION.search(low, at, end)
    reach = version.end() if version is not None else end
    parts = {name: said for name, words in _PARTS if (said := words.search(low, at, reach))}
    if "BY" not in parts or (len(parts) == 1 and _ENGLISH.match(parts["BY"][0])):
        return None
    stem = "-".join(("CC", *(name for name, _ in _PARTS if name in parts)))
    if stem in {"CC-BY-SA-ND", "CC-BY-NC-SA-ND"}:
        return None
    last = max(said.end() for said in parts.values())
    number = version[0] if version is not None else "4.0"
    expression = f"{stem}-{number}"
    return Mention(start, max(last, reach if version else last), expression, stem, own=True)
