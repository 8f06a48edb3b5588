"""The words that stand before a telephone number, by language, and where each language is spoken."""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class _Language(NamedTuple):
    """Words of one language: telling ones, hinting ones (regexes), and regions to look numbers up in."""

    strong: str
    weak: str
    regions: str


_NO_LETTER: Final = r"(?<![A-Za-z])"
_TABLE: Final = (
    _Language(
        "전화|휴대폰|휴대\\s?번호|핸드폰|연락처|팩스|대표번호|콜센터|연락\\s?번호",
        "문의|상담|통화|문자|H\\.?P|M\\.P",
        "KR",
    ),
    _Language(
        "電話|携帯|ファックス|\uff34\uff25\uff2c|\uff26\uff21\uff38|でんわ|ケータイ|フリーダイヤル",
        "連絡先|お問い合わせ",
        "JP TW HK",
    ),
    _Language(
        "手机|电话|手機|联系方式|傳真|传真|座机|手机号|微信",
        "联系|聯絡|致电|拨打",
        "CN TW HK SG MO",
    ),
    _Language(
        f"telefon|rufnummer|fernsprecher|mobilnummer|handynummer|puhelin|{_NO_LETTER}t[eé]lefax|{_NO_LETTER}(?:natel|tlf)(?![a-z])",
        f"{_NO_LETTER}(?:handy|mobil|festnetz|durchwahl|anruf\\w*|rufen sie|erreichbar|puh|gsm|tfn|cep|kom(?:órka)?"
        "|numer\\w{0, 3}|nummer (?:ist|lautet)|zadzwo\\w+|(?:za)?volejte|soita|ring)\\b",
        "DE AT CH SE DK NO PL CZ HU TR FI RO SK HR RS SI EE",
    ),
    _Language(
        f"t[ée]l[ée]phone|{_NO_LETTER}tél(?![a-z])",
        f"{_NO_LETTER}(?:portable|appele[rz]|joindre|fixe)\\b",
        "FR BE CH CA LU MA TN DZ SN CI",
    ),
    _Language(
        f"tel[eé]fono|{_NO_LETTER}m[óo]vil|celular|{_NO_LETTER}tfno|{_NO_LETTER}telf",
        f"{_NO_LETTER}(?:ll[aá]m\\w+|contacto|n[uú]mero es)",
        "ES MX AR CO CL PE BR EC VE UY CR IT",
    ),
    _Language(
        f"telefone|telem[óo]vel|{_NO_LETTER}fone",
        f"{_NO_LETTER}(?:ligue|contato|zap)\\b",
        "BR PT AO MZ",
    ),
    _Language(
        "телефон|моб(?:ильный|ил|\\.)|(?<![\u0430-\u0451])тел(?![\u0430-\u0451])|факс",
        "звоните|позвон|связь",
        "RU UA BY KZ BG UZ",
    ),
    _Language("cellulare", f"{_NO_LETTER}(?:chiam\\w+|cell\\.|numero è)", "IT CH"),
    _Language("telefoon|mobiel", f"{_NO_LETTER}bel(?:len)?\\b", "NL BE"),
    _Language(f"ponsel|{_NO_LETTER}(?:telp|hp)(?![A-Za-z])|telepon|handphone", "hubungi", "ID MY"),
    _Language("điện thoại|{0}(?:sđt|đt)".replace("{0}", _NO_LETTER), "liên hệ|gọi", "VN"),
    _Language("फ़ोन|फोन|मोबाइल|टेलीफोन|দূরভাষ|ফোন|மொபைல்", "संपर्क", "IN BD PK LK"),
    _Language("هاتف|جوال|موبايل|تلفون|محمول|فاكس", "اتصل", "SA EG AE JO MA DZ KW QA"),
    _Language("تلفن|موبایل|همراه", "تماس", "IR"),
    _Language("โทร|มือถือ|เบอร์", "ติดต่อ", "TH"),
    _Language("τηλ|κινητό", "καλέστε", "GR CY"),
    _Language("טלפון|נייד|טל'", "פקס", "IL"),
    _Language(
        f"(?<!i)(?<!head)(?<!micro)(?<!mega)phone|whatsapp|hotline|{_NO_LETTER}(?:tel(?! aviv)|fax|mob)(?![a-z])|mobile"
        f"|{_NO_LETTER}cell(?:ular)?[ _]?(?:number|num|no)|msisdn|wa\\.me/|helpline|{_NO_LETTER}call us|viber|landline"
        f"|voicemail|{_NO_LETTER}ph(?: ?no)?[.:]|contact[ _]?(?:number|num|no)|[☎📞📱☏✆]|fax",
        f"{_NO_LETTER}(?:cell|contact|call(?:ed|ing)?|dial(?:ed|ing)?|text(?:ed)? (?:me|us|him|her)|sms|reach(?:ed)?"
        f"|ring|line|pager|direct|office|desk|toll.?free|number|caller|callback|from|to|signal|telegram|imessage|emergency|ph)\\b"
        rf"|{_NO_LETTER}[TMPFCHO][:.] ?(?=\(|$)",
        "US GB",
    ),
)
# Words that ask to telephone: a number of any English-speaking country, and one without groups
DIRECT: Final = re.compile(
    r"(?<![A-Za-z])(?:dial|(?:appele[rz]|joignable|chiamami|ll[aá]m[ae]me|zadzwo\u0144|(?:za)?volejte|soita|portable|mobil|handy|zap|cep|gsm)"
    r"(?=\W{1,3}(?:(?:le|au|al|me|mig|unter|pod numer|nummer|numara\w{0,3})\W{1,3})?$)"
    r"|(?:call|contact|text|reach|cell|sms|ring|ph)\w{0,3}"
    r"(?=[^A-Za-z\d]{0,9}(?:(?:me|us|him|her|them)\b)?\W{0,3}(?:\b(?:at|on|is)\b|[:\uff1a])))",
    re.IGNORECASE,
)
ASKED: Final = re.compile(
    r"(?<![A-Za-z])(?:dial|call|contact|text|reach|cell|sms|ring|ph)", re.IGNORECASE
)
# An order that only a long number follows directly
ORDERED: Final = re.compile(
    r"(?<![A-Za-z])(?:call|dial|ring)(?:[ :]{1,3}(?:me|us|him|her|them|back|now))?(?: (?:at|on))?[ :]{1,3}$",
    re.IGNORECASE,
)
ENGLISH: Final = ("US", "GB", "AU", "IN", "NZ", "IE", "ZA", "SG", "HK")

STRONG: Final = "|".join(language.strong for language in _TABLE)
# A number follows a telling word; seven of its digits follow a word that asks to telephone it
NAMED: Final = re.compile(
    rf"(?:{STRONG})[^0-9\n]{{0,33}}[0-9]",
    re.IGNORECASE,
)
CALLED: Final = re.compile(
    r"(?<![A-Za-z])(?:dial|call|contact|text|reach|cell|sms|ring|appele|joignable|chiamami|ll[aá]m[ae]me|zadzwo|(?:za)?volejte|"
    r"soita|portable|mobil|handy|zap|cep|gsm)[^0-9\n]{0,24}[0-9]{7}",
    re.IGNORECASE,
)
WEAK: Final = "|".join(language.weak for language in _TABLE)
LANGUAGES: Final = tuple(
    (
        re.compile(f"{language.strong}|{language.weak}", re.IGNORECASE),
        tuple(language.regions.split()),
    )
    for language in _TABLE
)
# Where a number without a country code is looked up when the word's own regions do not know it
WORLD: Final = (
    "US", "GB", "KR", "DE", "FR", "IN", "JP", "CN", "BR", "ES", "IT", "AU", "NL", "MX",
    "SE", "PL", "RU", "TR", "CH", "AT", "BE", "DK", "NO", "FI", "PT", "IE", "NZ", "SG",
    "HK", "TW", "TH", "VN", "ID", "MY", "PH", "ZA", "IL", "AE",
)  # fmt: skip
# What may not stand between the word and the number: other names, sizes, money, templates
NOT_A_PHONE: Final = re.compile(
    r"(?:_|\b|(?<=[a-z]))(?:ids?|len|length|max\w*|min|count|code|model|version|port|index|size|pattern|regex|format|width|height"
    r"|year|date|time\w*|price|timeout|hash|ext|order|invoice|ticket|ref|serial|imei|android|ios|sdk|build)(?![a-z])|[$€£¥{}]",
    re.IGNORECASE,
)
# Words that may stand between the word and a number without any groups; any other tells of prose
STRANGE: Final = re.compile(
    r"(?<![A-Za-z_])(?!(?:numbers?|num|no|nr|nums?|nummer|n[uú]mero|num[eé]ro|numero|is|are|at|me|us|on|or|the|my|our|your|his|her|de|do"
    r"|home|work|office|main|mobile|cell|primary|secondary|personal|business|contact|type|voice|pref|value|string|str|text|data|e|s|n|en|phone|tel"
    r"|fax|was|of|call|to|td|th|dd|span|div|li|p|a|href|b|strong|em|br|key|int|waid|rufnummer|telefon|sms|whatsapp|send)(?![A-Za-z]))[A-Za-z]{1,24}|://",
    re.IGNORECASE,
)
