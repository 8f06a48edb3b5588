"""Tell passwords made of words from labels, identifiers and keys of translations, which are words too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.redact.secrets.keywords import ABOUT, ASKS
from filters.redact.secrets.placeholders import DUMMY_WORDS, STOP

if TYPE_CHECKING:
    from filters.redact.secrets.strength import Weight

# Words of programs and their screens, besides those that keywords and placeholders list
_TECHNICAL_TEXT: Final = """
    abstract action active activity ajax alert angular any apache application args argument async
    attempt authenticated authenticate authentication authenticator back background badge bar basic
    binary block body bool boolean border bootstrap bottom box browser buffer build builder bundle
    byte call card cast category cell center certificate challenge changing channel checked checkbox
    child children choose click clicked close cluster collection com command common complete
    component compute config configuration connect connection const constant container content
    context control controller convert converter cookie core create created credential crypto
    current cursor custom dashboard database datetime debug decode decrypt decoder define deleted
    dependency deprecated desktop details detail device different digest directory display div
    django document dom domain done double download drop duplicate dynamic edit editor element else
    empty encode encrypt encrypted endpoint engine entity entry enum eval except exception execute
    exists export expression extension external extra factory failure feature fetch filled find
    first flag float focus follow folder font footer forbidden force forgotten form framework front
    full gateway get global google graph handle hash hashed hashing head height helper history home
    horizontal host html http https icon identifier identity ignore image img import inactive
    include incoming info information init inline inner insert instance int integer interface
    internal interrupt java javascript job join json kernel keep keyword lang language last layout
    leaf left lib link linux list load loading local locked log logged logger login logout loop
    main make match matches max maximum media member memory menu meta middle min minimum missing
    mobile model modified mouse move multi native navigation net network new next nodes none normal
    notice number numeric object oauth off open operation operator option order org outer output
    overview owner package page pane panel parent parse parser part partial patch path payload
    permission picker plain platform play plugin pointer policy popup post prefix press previous
    primary print priority private process profile program progress promise protocol provider proxy
    pub public pull push python query queue quick radio range raw react read ready record redirect
    refresh register registration reload remote remove render renderer repeat replace reply report
    repository request require reset resolve resource response rest result return revoke right root
    route router row rsa ruby run runtime save saved scheme schema screen script scroll search
    section secure security select selected selector send sent sequence serial serialize server
    service set setting settings setup share shell show sign signature signed signin signup simple
    single site size social socket sort source spring sql square ssl stack standard start state
    static status step stop storage store strategy stream strict string struct style submit success
    suffix support switch symbol sync syntax system tab table tag target task template terminal text
    theme thread timeout timer title tls toggle tool top total touch trace track transaction
    transform translation tree trigger try two type undefined unique unit unix unlock update updated
    upload uri url usage user username users util utils valid validate validation value variable
    vector verification verified verify version vertical view viewer visible wait warning web
    website weak widget width window wizard word worker wrap wrapper write wrong xml yaml zone
    settings strong unusable usable too short long common entirely similar
"""
_TECHNICAL: Final = frozenset(_TECHNICAL_TEXT.split()) | ABOUT | ASKS | STOP | DUMMY_WORDS
# Some of them that are first of all things, as people take them for a passphrase
_THINGS: Final = frozenset(
    "monkey turkey hockey arrow wizard window mouse tree leaf bridge bubble stone sample".split()  # noqa: SIM905  as the lists above
)
_OF_PROGRAMS: Final = _TECHNICAL - _THINGS
_WORD: Final = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![a-z])")
# Words of three letters or more, joined by one sign, maybe a number at the end of one of them
_JOINED: Final = re.compile(
    r"[^\W\d_]{3,16}\d{0,4}(?:(?P<joint>[-_. +=:,/~])[^\W\d_]{3,16}\d{0,4})"
    r"(?:(?P=joint)(?:[^\W\d_]{3,16}\d{0,4}|\d{1,4})){1,8}[!?.]?"
)
_CHOSEN: Final = re.compile(
    r"[^\W\d_]{3,14}(?:[-_.@#]?[^\W\d_]{3,14}){0,2}(?P<number>\d{1,4})[!?.*#$@_-]{0,2}"
)
_ENOUGH: Final = 3
_DISTINCT: Final = 2
_TWO: Final = re.compile(r"[a-z]{4,10}_[a-z]{4,10}\d\d")
_MORE: Final = re.compile(r"[a-z]{4,10}(?:-[a-z]{4,10}){2,5}")
_CERTAIN: Final = re.compile(
    r"(?:(?:^|[\W_]|client|app|api|jwt|session|shared|consumer|webhook|cookie|hmac)secret|(?:secret|encryption|api|signing|"
    r"master|private)[_\-]?key|(?:auth|access|api|bearer|refresh|secret)[_\-]?token)(?:[_\-]?base)?$",
    re.IGNORECASE,
)
_NAMES: Final = re.compile(
    r"[A-Za-z_$]+(?:\d{1,3})?(?:[.\-_:/ ]+[A-Za-z_$]+\d{0,3})*(?:[.\-_:/]\d{1,3})*[.:?]?"
)
# Letters alone, joined as in `text/html` or `csrf_token`
_LETTERS: Final = re.compile(r"[a-z]+(?:[-_./:][a-z]+)+|[A-Z]+(?:[-_./:][A-Z]+)+")
_LETTERS_ODD: Final = 32.0
_MANY_WORDS: Final = 7
_WORDS_ODD: Final = 12.0
_PROSE_ODD: Final = 20.0
# A setting: `minLength=8`
_SETTING: Final = re.compile(r"[A-Za-z_\-]+=[\w\"']{0,8}")
_ALL_BUT_SYMBOLS: Final = 3


def common_words(value: str) -> int:
    """Count the words of a value that are not words of programs or dummies."""
    return sum(word.lower() not in _TECHNICAL for word in _WORD.findall(value) if len(word) > 1)


def is_phrase(value: str) -> bool:
    """Tell whether a value is a passphrase: three words or more, joined by one sign.

    At most one word in four may be one that programs and their screens are full of.
    """
    found = _JOINED.fullmatch(value)
    if found is None:
        return False
    words = [word.lower() for word in _WORD.findall(value)]
    plain = [word for word in words if word not in _OF_PROGRAMS]
    if len(set(plain)) < _DISTINCT or (len(words) == _ENOUGH and words[-1] in ABOUT - _THINGS):
        return False
    if found["joint"] == " " and not (value.islower() and len(words) > _ENOUGH):
        return False
    return len(plain) >= _ENOUGH and len(words) - len(plain) <= len(words) // 4


def is_chosen(value: str) -> bool:
    """Tell whether a value is a word or two and a number, as people choose passwords: `rose_garden84`."""
    found = _CHOSEN.fullmatch(value)
    if found is None or any(word in _OF_PROGRAMS for word in _words(value)):
        return False
    return common_words(value) > 1 or len(found["number"]) > 1


def is_remembered(name: str, value: str) -> bool:
    """Tell whether a value is what people remember, and its name that of a secret for sure.

    `client_secret = "rose_garden84"`: two words and a number, or three words or more by hyphens;
    none of them is one that programs are full of.
    """
    if _CERTAIN.search(name) is None or not value.islower() or value.count("__"):
        return False
    if _TWO.fullmatch(value) is None and _MORE.fullmatch(value) is None:
        return False
    return not any(word in _OF_PROGRAMS for word in _words(value))


def _words(value: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(value) if len(word) >= _ENOUGH]


def technical_words(value: str) -> int:
    """Count the words of three letters or more that programs are full of."""
    return sum(len(word) >= _ENOUGH and word.lower() in _TECHNICAL for word in _WORD.findall(value))


def is_sentence(value: str, weight: Weight, *, password: bool) -> bool:
    """Tell whether a value is text for people, or words joined like an identifier.

    What a `password` is made of may read like a name: `Rosa-Garden84`.
    """
    if " " in value:
        return _is_prose(value, weight)
    if _NAMES.fullmatch(value) is not None and weight.odd < _WORDS_ODD:
        if password and weight.classes >= _ALL_BUT_SYMBOLS and common_words(value):
            return False
        return weight.number > 1 or weight.classes < 2  # noqa: PLR2004  words alone
    if _SETTING.fullmatch(value) is not None and technical_words(value) > 0:
        return True
    return _LETTERS.fullmatch(value) is not None and weight.odd < _LETTERS_ODD


def _is_prose(value: str, weight: Weight) -> bool:
    words = value.lower().strip(".:?!").split()
    if any(word.strip(",.;:!?()'\"") in STOP for word in words) or len(words) > _MANY_WORDS:
        return True
    return weight.odd < _PROSE_ODD and any(
        not word.isalpha() or not word.islower() for word in value.split()
    )
