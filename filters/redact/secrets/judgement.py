"""Judge whether a value that stands behind a name is a credential.

What the name says sets how much the value has to show; what the value shows is weighed in bits
(`strength`); what the surroundings say can only take away.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from filters.redact.secrets.keywords import ABOUT, ASKS, Grade, grade
from filters.redact.secrets.phrases import (
    common_words,
    is_chosen,
    is_phrase,
    is_sentence,
    technical_words,
)
from filters.redact.secrets.placeholders import (
    DUMMY_WORDS,
    STOP,
    is_dummy,
    is_hashed_class,
    is_reference,
)
from filters.redact.secrets.strength import Weight, weigh

# How a value is written. Quoted: between quotes. Plain: alone to the end of a line of data, as in
# `.env`, INI and YAML. Told: in a sentence that says what it is. Running: in the middle of something
# else, such as a log or code.
Form = Literal["quoted", "plain", "told", "running"]


class Needs(NamedTuple):
    """What a value must have at least."""

    odd: float  # bits of what is no word
    total: float  # bits altogether
    length: int
    classes: int = 1


_PASSWORD_NEEDS: Final[dict[Form, Needs]] = {
    "quoted": Needs(6.0, 13.0, 4),
    "plain": Needs(6.0, 13.0, 4),
    "told": Needs(6.5, 14.0, 5, 2),
    "running": Needs(7.0, 15.0, 5, 2),
}
_NEEDS: Final = {
    Grade.LOOSE: Needs(9.5, 15.0, 5),
    Grade.SHORT: Needs(13.0, 13.0, 4),
    Grade.SECRET: Needs(18.0, 24.0, 8),
    Grade.WEAK: Needs(45.0, 50.0, 14, 2),
    Grade.BARE: Needs(70.0, 70.0, 20, 2),
}
# A word with a year, or a count, as people choose them
_YEAR_ODD: Final = 3.5
_CLASSES_OF_YEAR: Final = 3
# Random letters of another script beside ASCII
_SCRIPTS_ODD: Final = 8.0
# Where Greek begins; Latin letters with their marks stand before it
_OTHER_SCRIPTS: Final = 0x370
_RANDOM_ODD: Final = 70.0
_TECHNICAL: Final = 2
_TECHNICAL_ODD: Final = 40.0
_NAME: Final = re.compile(r"[A-Za-z_][\w.\-]*")
_NAME_ODD: Final = 18.0
_BARE_NAME_ODD: Final = 30.0
# Words that are joined by a sign or by capitals, of which the last may say what it names
_NAME_OF: Final = re.compile(
    r"[#.$@:\-]{0,2}(?:[A-Za-z]+[-_. :]|[a-z]+(?=[A-Z])|[A-Z][a-z]+(?=[A-Z])){1,8}(?P<last>[A-Za-z]{2,12}):?"
)
# The name of a variable, maybe numbered
_NUMBERED: Final = re.compile(r"[A-Za-z_.\-]+|[A-Z_]+\d{0,2}")
_LAST_WORD: Final = re.compile(r"[A-Z]?[a-z]+$|[A-Z]+$")
# Pieces of random characters
_PIECES: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+|[^A-Za-z0-9]")
_INNER_DIGIT: Final = re.compile(r"[A-Za-z]\d{1,4}[A-Za-z]")
_FEW: Final = 4
_SHORT_PIECE: Final = 3.2
_SHUFFLED: Final = 2.5
_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*")
# A single run of letters, in one case or with a capital: words of some language end here
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_LETTERS_ODD: Final = 32.0
_PASSWORD_LETTERS_ODD: Final = 28.0
_HUMPS: Final = re.compile(r"[A-Z]+[a-z]*|[a-z]+")
_HUMPED_ODD: Final = 20.0
_PASSWORD_HUMPED_ODD: Final = 9.0
# A number is no password but behind an unmistakable name, and no sum of money or count
_NUMBER: Final = re.compile(
    r"[-+]?(?:\d+(?:[.,:/ _-]\d+)*(?:[eE][-+]?\d{1,3})?%?|0x[0-9a-fA-F]{1,31}|\d{4}-\d\d-\d\d[T ][\d:.+Z-]{0,24})"
)
_LONG_NUMBER: Final = 16
_LONG_PIN: Final = 6
_ALL_CLASSES: Final = 4
_UNIFORM_ODD: Final = 36.0
_HUMP: Final = 3.8
_PASSWORD_HUMP: Final = 4.5
_LONGEST: Final = 400
SHORTEST: Final = 4
_SMALL: Final = re.compile(r"0x[0-9A-Fa-f]{1,8}")
_ESCAPE: Final = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[0-7]{3}|[abfnrtv0])")
_CHECKSUM: Final = re.compile(
    r"sha-?(?:1|2|256|384|512)|md5|checksum|integrity|digest|etag|commit|revision|fingerprint|"
    r"\bhash|thumbprint|signature|public",
    re.IGNORECASE,
)
# A sentence that runs into markup, or ends in half an escape
_CUT: Final = re.compile(r"(?<!\\)\\(?:\\\\)*$|--[ ]?>|<!|^[{(\[][^})\]]*$")
# What opens a value in unusual quotes (`odd_quotes`) is no part of it
_OPENS: Final = re.compile(
    r"(?:%[qQwW]?|qq?|~[sS])[{(\[<|!/]|\[={0,2}\[|[rR]\"\(|&(?:quot|apos|\#)"
)
# A variable: `curpwd2`
_OWN_NAME: Final = re.compile(r"[A-Za-z_]{1,12}(?:pwd|passwd|password|token|secret)_?\d?")
_NUMBERED_PHRASE: Final = re.compile(r"[a-z]{3,10}(?: [a-z]{3,10}){2,7} \d{1,4}")
# Two words as one, with none that programs are full of, and no ending of one long word
_JOINED: Final = re.compile(
    r"[a-z]{11,24}(?<!tion)(?<!ment)(?<!able)(?<!ness)(?<!ally)(?<!ity)(?<!ing)(?<!ions)\d{0,4}"
)
_PARTS: Final = sorted(
    word for word in DUMMY_WORDS | ABOUT | ASKS | STOP if word.isascii() and len(word) >= _FEW
)  # shorter ones are in any word
_TECHNICAL_PART: Final = re.compile(
    "|".join(_PARTS)
    + "|kube|docker|application|identity|resource|cluster|database|program|document|manage|develop|"
    "integrat|author|certif|encrypt|decrypt|crypto|verif|configur|account|default|special|standard|abcd|asdf|qwer"
)
_HEX: Final = re.compile(r"(?:0x)?(?:[0-9a-f]+|[0-9A-F]+)")
_RANDOM: Final = re.compile(r"[A-Za-z0-9+/_-]{20,}={0,2}")
# A checksum behind a word, as dask names its keys: `sum-…`
_NAMED: Final = re.compile(r"(?:[A-Za-z_][\w.]{1,40}[-_.:]){1,4}[0-9a-f]{16,}")
# The identifier or fingerprint of a key of OpenPGP (RFC 9580)
_KEY_ID: Final = re.compile(r"(?:0x)?(?=[0-9A-F]*[A-F])(?:[0-9A-F]{16}|[0-9A-F]{40})")
# The name of an object in a store: `uploads/…`
_IN_FOLDER: Final = re.compile(r"^[a-z]{2,24}/|/[a-z]{2,24}$")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_credential(value: str, name: Grade, form: Form, around: str = "") -> bool:
    """Judge a value by its name's grade and its form; `around` is the rest of its line."""
    if name is Grade.NONE or len(value) > _LONGEST or not _looks(value, name, form):
        return False
    return name >= Grade.SECRET or not _is_checksum(value, around)


@lru_cache(1 << 15)  # the rules that ask for one value may run a long line apart
def _looks(value: str, name: Grade, form: Form) -> bool:
    """Judge a value without its surroundings."""
    if not _fits(value, name) or is_dummy(value) or is_reference(value) or _names(value):
        return False
    if is_hashed_class(value) or _is_label(value):
        return False
    if _is_opened(value) or (form == "told" and _CUT.search(value) is not None):
        return False
    if _is_made_of_words(value, name, form) or (
        is_phrase(value) and _may_be_phrase(value, name, form)
    ):
        return True
    if is_chosen(value) and name in (Grade.PASSWORD, Grade.LOOSE) and form != "running":
        return grade(value) is Grade.NONE
    return _outweighs(value, name, form)


def _is_opened(value: str) -> bool:
    """Tell whether a value begins with unusual quotes, and not by chance: `q/…`."""
    return _OPENS.match(value) is not None and (
        weigh(value).odd < _RANDOM_ODD or value[-1] in "})]>|!/;,"
    )


def _outweighs(value: str, name: Grade, form: Form) -> bool:
    """Tell whether a value shows as much as its name asks for."""
    weight = _weight(value)
    full = name in (Grade.SECRET, Grade.LOOSE) and weight.classes == _ALL_CLASSES
    password = full or name is Grade.PASSWORD
    needs = _PASSWORD_NEEDS[form] if password else _NEEDS[name]
    if len(value) < needs.length or _is_uniform(weight, needs):
        return False
    if is_sentence(value, weight, password=name >= Grade.LOOSE) or _is_code_name(
        value, weight, form
    ):
        return False
    odd = weight.odd + (_SCRIPTS_ODD if form != "running" and _is_mixed_script(value) else 0.0)
    return (
        odd >= _odd_needed(value, weight, needs, name, form) and odd + weight.words >= needs.total
    )


def _is_made_of_words(value: str, name: Grade, form: Form) -> bool:
    """Tell whether a value is words with a number, or two words written as one: `copperlantern`."""
    if name is Grade.PASSWORD and form == "quoted":
        return _NUMBERED_PHRASE.fullmatch(value) is not None and technical_words(value) == 0
    if name is not Grade.SECRET or form in ("told", "running") or _JOINED.fullmatch(value) is None:
        return False
    return _TECHNICAL_PART.search(value) is None and grade(value) is Grade.NONE


def _is_label(value: str) -> bool:
    """Tell whether a value is words of another script alone, as translations are: no digit, no Latin letter."""
    if value.isascii() or any(map(str.isdigit, value)) or is_phrase(value):
        return False
    return all(ord(char) >= _OTHER_SCRIPTS for char in value if char.isalpha())


def _names(value: str) -> bool:
    """Tell whether a value is itself the name of a credential: `rabbitmq-default-pass`, `wifiPassword`."""
    if _OWN_NAME.fullmatch(value) is not None:
        return True
    found = _NAME_OF.fullmatch(value)
    if found is None:
        return False
    return grade(found["last"].lower()) is not Grade.NONE and grade(value) is not Grade.NONE


def _weight(value: str) -> Weight:
    """Weigh a value; many short pieces of different kinds are no words, whatever they read like."""
    weight = weigh(value)
    pieces = len(_PIECES.findall(value))
    if weight.classes < _CLASSES_OF_YEAR or pieces < _FEW or len(value) > _SHORT_PIECE * pieces:
        return weight
    if technical_words(value) or common_words(value) < 1 or _INNER_DIGIT.search(value) is None:
        return weight
    return weight._replace(odd=max(weight.odd, _SHUFFLED * len(value)), words=0.0)


def _may_be_phrase(value: str, name: Grade, form: Form) -> bool:
    """Tell whether a passphrase may stand behind such a name in such a form."""
    if " " in value:
        return form == "quoted" and (name is Grade.SECRET or name >= Grade.LOOSE)
    return form != "running" and name >= Grade.LOOSE


def _is_mixed_script(value: str) -> bool:
    """Tell whether a value has letters of other scripts beside digits, and no blank."""
    return not value.isascii() and any(map(str.isdigit, value)) and " " not in value


def _is_code_name(value: str, weight: Weight, form: Form) -> bool:
    """Tell whether a value is an identifier of code, or the name of a credential: `PKCS7PrivateKeyTypes`."""
    bound = _NAME_ODD if form == "quoted" else _BARE_NAME_ODD
    if weight.odd < bound and _NAME.fullmatch(value) is not None and grade(value) is not Grade.NONE:
        return form != "quoted" or _NUMBERED.fullmatch(value) is not None
    if (
        (form == "quoted" and "." not in value)
        or weight.odd >= _TECHNICAL_ODD
        or _IDENTIFIER.fullmatch(value) is None
    ):
        return False
    if form == "quoted":
        return technical_words(value) >= _TECHNICAL
    last = _LAST_WORD.search(value)
    ends = last is not None and technical_words(last[0]) > 0
    return ends or technical_words(value) >= _TECHNICAL


def _fits(value: str, name: Grade) -> bool:
    """Rule out what is no credential behind such a name, however strong it is."""
    if len(_ESCAPE.sub("", value)) < SHORTEST or "\n" in value or _SMALL.fullmatch(value):
        return False
    if _NUMBER.fullmatch(value.rstrip(")]},;")) is not None:
        known = name in (Grade.PASSWORD, Grade.SHORT) or (
            name is Grade.SECRET and len(value) >= _LONG_NUMBER
        )
        return known and value.isdigit()
    if name <= Grade.SECRET and _KEY_ID.fullmatch(value) is not None:
        return False
    if name is Grade.SHORT:
        return value.isdigit() or (value.isascii() and value.isalnum() and len(value) >= _LONG_PIN)
    if name is Grade.BARE and (
        _RANDOM.fullmatch(value) is None or _NAMED.match(value) or _IN_FOLDER.search(value)
    ):
        return False
    return name >= Grade.SECRET or _UUID.fullmatch(value) is None


def _is_uniform(weight: Weight, needs: Needs) -> bool:
    return weight.classes < needs.classes and weight.odd < _UNIFORM_ODD


def _odd_needed(value: str, weight: Weight, needs: Needs, name: Grade, form: Form) -> float:
    """Ask more of letters alone, and of what could be an identifier of code; less of a word with a year."""
    chosen = name is Grade.PASSWORD and form != "running"
    if _LETTERS.fullmatch(value) is not None:
        return max(needs.odd, _letters_needed(value, chosen=chosen))
    if chosen and weight.classes >= _CLASSES_OF_YEAR and common_words(value):
        return _YEAR_ODD
    if form in ("plain", "running") and value.replace(".", "").replace("_", "").isalnum():
        return max(needs.odd, 6.5 if name is Grade.PASSWORD else 9.5)
    return needs.odd


def _letters_needed(value: str, *, chosen: bool) -> float:
    """Return what letters alone must show: more where they could be words."""
    humps = len(_HUMPS.findall(value))
    if humps > 1 and len(value) < humps * (_PASSWORD_HUMP if chosen else _HUMP):
        return _PASSWORD_HUMPED_ODD if chosen else _HUMPED_ODD
    return _PASSWORD_LETTERS_ODD if chosen else _LETTERS_ODD


def _is_checksum(value: str, around: str) -> bool:
    return _HEX.fullmatch(value) is not None and _CHECKSUM.search(around) is not None
