"""GNU licences by the names that translations of their headers use, in eleven languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.licenses.notices.mention import Mention

if TYPE_CHECKING:
    from filters.licenses.notices.hints import Hints

_GNU: Final = r"(?:d[ei]l?(?: la)? |da |do |de |di |für |del proyecto )?gnu"
# A name is any of these; which of the family it is, say the words in it.
_NAME: Final = re.compile(
    # German
    r"\b(?:gnu )?(?:allgemeine[nr]? (?:öffentliche[nr]? |gnu[- ]?)(?:lizenz|public license)|"
    r"(?:lesser|affero) general public[- ]lizenz|gnu[- ](?:lgpl|agpl|gpl)[- ]lizenz|general[- ]public[- ]lizenz|"
    r"freie[nr]? dokumentationslizenz)"
    # French
    rf"|\blicence publique (?:générale|generale) (?:(?:amoindrie|limitée|limitee|moindre"
    rf"|affero) )?{_GNU}(?: (?:affero|limitée|amoindrie))?"
    r"|\blicence publique (?:générale|generale)(?: (?:amoindrie|limitée|limitee|moindre))?\b"
    r"|\blicen[cs]es? (?:gnu )?(?:a|l)?gpl\b|\blicen[cs]e gnu(?: general public)?\b"
    # Spanish, Portuguese, Italian
    rf"|\blicencia p[úu]blica general(?: (?:reducida|menor|de affero"
    rf"|affero))?(?: {_GNU})?(?: (?:reducida|menor|affero))?"
    rf"|\blicen[çc]a p[úu]blica geral(?: (?:menor|lesser|affero))?(?: {_GNU})?(?: (?:menor|affero))?"
    rf"|\blicenza pubblica generale(?: (?:attenuata|minore|affero))?(?: {_GNU})?(?: (?:attenuata|minore|affero))?"
    r"|\b(?:licencia|licença|licenca|licenza) (?:gnu )?(?:l|a)?gpl\b"
    # Dutch, Polish, Turkish
    r"|\bgnu algemene publieke licentie|\bpowszechn\w{1,9} licencj\w{1,9} publiczn\w{1,9} gnu"
    r"|\bgnu genel kamu lisans\w{0,9}"
    # Russian
    r"|(?:меньш\w{1,9} |ограниченн\w{1,9} )?(?:стандартн\w{1,9}|универсальн\w{1,9}|генеральн\w{1,9}|общ\w{1,9}) "
    r"(?:общественн\w{1,9}|публичн\w{1,9}) лицензи\w{1,9}(?: ограниченного применения)?(?: gnu)?"
    r"|\bлицензи\w{1,9} gnu(?: (?:l|a)?gpl)?"  # noqa: RUF001  Russian words
    # Chinese
    r"|gnu ?(?:affero |宽松的?|較寬鬆的?|宽|較寬鬆|较宽松)?(?:通用)?(?:公共|公用|公眾|公众)"
    r"(?:許可證|许可证|授權|授权|許可|许可)(?:条款|條款|协议|協議|書|书)?"
    r"|gnu ?(?:l|a)?gpl ?(?:许可证|許可證|协议|授权)"
    # Japanese, Korean
    r"|gnu ?(?:劣等|affero ?)?一般(?:公衆|公有)(?:利用)?(?:許諾(?:契約書)?|使用許諾(?:契約書)?|ライセンス)"
    r"|gnu ?(?:약소|affero ?)?(?:일반 ?공중 ?(?:사용 ?)?허가서|일반 ?공중 ?라이선스)"
)
_ENGLISH: Final = re.compile(
    r"\bgnu (?:(?P<kind>lesser|library|affero) )?general public[- ]licen[cs]e\b"
)
# words that make an English name stand in a sentence of another language
_FOREIGN: Final = re.compile(
    r"freie software|weitergeben|verteilen|bedingungen der|unter den bedingungen|logiciel libre|redistribuer|"
    r"selon les termes|conformément aux|software libre|programa libre|redistribuirlo|términos de|bajo los|"
    r"software livre|redistribu[ií]|nos termos|termos da|software libero|ridistribuir|termini d|"
    r"свободн\w{1,9} программ|распростран|на условиях|自由(?:软件|軟體|軟件)|"
    r"重新(?:发布|分发|散布|發布)|フリーソフトウェア|再頒布|再配布|"
    r"자유 ?소프트웨어|재배포|wolnym oprogramowaniem|vrije software|özgür yazılım"  # noqa: RUF001  Turkish words
)
_NEAR: Final = 400
# the translated names hold one of these words, or "GNU" right before letters that are not Latin
_NAMED: Final = (
    r"lizenz|allgemeine|dokumentationslizenz|licence publique|licen[cs]es? (?:gnu )?[al]?gpl|licen[cs]e gnu"
    r"|licencia|licen(?:ç|c)a|licenza|licentie|licencj|lisans|лицензи|gnu ?(?:affero ?)?[^\x00-\x7f]"
    r"|gpl ?[^\x00-\x7f]"
)
_IN_ENGLISH: Final = r"general public[- ]licen"
_SIGNS: Final = ("gnu", "gpl", "publi", "públi", "публичн", "обществен")
HINTS: Final = (_NAMED, _IN_ENGLISH, *_SIGNS)
_VERSION: Final = re.compile(
    r"(?:версии|версия|version(?:e|en)?|versi[oó]n|vers[aã]o|versie|wersji|sürüm\w*|v\.?|バージョン|版本|버전|第)\W{0,3}"
    r"(?P<number>[123](?:\.[0-3])?|[一二三])(?![\d])|(?P<late>[123](?:\.[0-3])?) ?(?:版|판|-я версия|\. version)"
    r"|(?P<bare>(?<=[ -])[23](?:\.[01])?)(?=[ ,.)]|$)"
)
_LATER: Final = re.compile(
    r"(?:jeder|jede|eine|einer|alle|höheren?|neueren?|späteren?)[^.\n]{0,40}?(?:neuer|später|höher|jünger)\w*|"
    r"oder (?:neuer|später|höher)|ultérieure?|ulterieure|plus récente|posterior\w*"
    r"|(?:qualquer|cualquier)[^.\n]{0,30}?(?:posterior|superior|later)|"
    r"successiv\w+|più recent\w+|nieuwere|latere|późniejsz\w+|nowsz\w+|более (?:поздн|нов)\w+|последующ\w+|"
    r"或.{0,14}?(?:更新|更高|以后|之后|以後|更晚|任何后续|後續|后续|任何更|较新|較新)|"
    r"(?:それ)?以降|以後の|이후|그 이상|"
    r"\bor later\b|\bor any later\b|(?<=\d)\+|veya (?:daha )?(?:sonraki|yeni)\w*"
)
_NUMBERS: Final = {"一": "1", "二": "2", "三": "3"}
_NOT: Final = re.compile(
    r"\b(?:nicht|kein\w*|n'est pas|ne \w+ pas|sans|no (?:está|es|se)|não|non (?:è|sono)"
    r"|nie jest)\b[^.\n]{0,50}$|(?:\bне |不|非).{0,12}$"  # noqa: RUF001  Russian words
)
_WINDOW: Final = 260
_KINDS: Final = (
    ("AGPL", ("affero", "agpl")),
    (
        "LGPL",
        ("lesser", "library", "lgpl", "amoindrie", "limitée", "limitee", "moindre", "reducida", "menor", "attenuata",
         "minore", "меньш", "ограничен", "宽松", "較寬鬆", "宽通用", "劣等", "약소"),
    ),
    ("GFDL", ("dokumentation",)),
)  # fmt: skip
_VERSIONS: Final = {
    "GPL": {"1": "1.0", "2": "2.0", "3": "3.0"},
    "LGPL": {"2": "2.0", "2.1": "2.1", "3": "3.0"},
    "AGPL": {"1": "1.0", "3": "3.0"},
    "GFDL": {"1.1": "1.1", "1.2": "1.2", "1.3": "1.3"},
}
_ANY: Final = {"GPL": "1.0", "LGPL": "2.0", "AGPL": "3.0", "GFDL": "1.1"}


def foreign_mentions(low: str, hints: Hints) -> list[Mention]:
    """Find translated names, and English ones in a translated grant, in a flat lower-case text."""
    found: list[Mention] = []
    if hints.isdisjoint(_SIGNS):
        return found
    for match in _NAME.finditer(low) if _NAMED in hints else ():
        _add(found, low, match)
    translated = _IN_ENGLISH in hints and _FOREIGN.search(low) is not None
    for match in _ENGLISH.finditer(low) if translated else ():
        near = low[max(0, match.start() - _NEAR) : match.end() + _NEAR]
        if _FOREIGN.search(near):
            _add(found, low, match)
    return _one_each(found)


def _add(found: list[Mention], low: str, match: re.Match[str]) -> None:
    if _NOT.search(low, max(0, match.start() - _NEAR // 4), match.start()):
        return
    family = next(
        (name for name, words in _KINDS if any(each in match[0] for each in words)), "GPL"
    )
    stop = low.find("\n", match.end(), match.end() + _WINDOW)
    behind = low[match.end() : stop if stop >= 0 else match.end() + _WINDOW]
    ahead = low[max(0, match.start() - 60) : match.start()]
    said = _VERSION.search(behind) or _VERSION.search(ahead)
    number = said["number"] or said["late"] or said["bare"] if said is not None else ""
    number = _NUMBERS.get(number, number).removesuffix(".0") if number else ""
    version = _VERSIONS[family].get(number, "")
    if version:
        later = _LATER.search(behind) or _LATER.search(ahead)
        expression = f"{family}-{version}-{'or-later' if later else 'only'}"
    else:
        expression = f"{family}-{_ANY[family]}-or-later"
    note = "" if version else "family"
    found.append(
        Mention(*match.span(), expression, family, sure=bool(version), own=True, note=note)  # type: ignore[arg-type]  # both are notes
    )


def _one_each(found: list[Mention]) -> list[Mention]:
    """Keep of each family the names with a version: headers name their licence three times."""
    sure = {each.family for each in found if each.sure}
    return sorted(each for each in found if each.sure or each.family not in sure)
