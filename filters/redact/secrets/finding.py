"""Read the text around a finder's match: the whole name before it, the line around it, its quotes."""

from __future__ import annotations

import re
from typing import Final

from filters.redact.rule import backslashes
from filters.redact.secrets.keywords import ASKS, Grade, grade
from filters.redact.secrets.placeholders import is_reference

_BEFORE: Final = 60
# The word before a name of several: `Access key`, `API-Schl\u00fcssel`
_WORD_BEFORE: Final = re.compile(r"(?<![\w.])([A-Za-z]{2,16})[ ]$")
_WORD_REACH: Final = 18
_AROUND: Final = 120
LONGEST: Final = 400
# What an unquoted value does not go over: a quote that closes, markup, the end of a comment
_FOREIGN_END: Final = re.compile(
    r"""\\*["'`]+(?=[\s,:;.)\]}>#|+]|$)|\\+["'`]|</|<!--|<[a-zA-Z][\w.\-]{0,20}(?=[ />]|$)|\]\]>|--[ ]?>"""
)
# What may stand between such an end and the end of the line
_CLOSERS: Final = re.compile(r"""(?:["'`)\]},;:.\\>]|</[\w:.\-]{1,40}|--|[ \t\r])*""")
# What stands after a closing quote, taken for an opening one: `": [1, 2], "`
_AFTER_QUOTE: Final = re.compile(
    r"""(?:\\?["'`]|&quot;)?[\])}]*\\?["'`]?(?:[:,][ \t"'{\[(]|/?>|[ \t]|[:,;]$)|[\])}]+["'`]?[,;:)\]}]"""
)
_NEXT_STRING: Final = re.compile(
    r"""["'`][ ]{0,2}[=:,][ ]|["'`][\])}]|["'`]/?>|["'`][ ]\w{1,20}=$"""
)
_BRACKETS: Final = {")": "(", "]": "[", "}": "{"}
# Names of what every visitor of a site is given, or what only says which one is meant
_PUBLIC: Final = re.compile(
    r"(?i:[_-]?(?:hash|digest|checksum|sha_?(?:1|224|256|384|512)|md5|uuid|guid))$|^signingkey$|"
    r"(?:^|[_\W])(?i:(?:next|nuxt|expo|vite)_public|public)(?=_)|(?i:site_?key|application_?server_?key|vapid_?public|"
    r"(?:mixpanel_?(?:project_?)?|^project_?)token|segment_?(?:io_?)?(?:write_?)?key|instrumentation_?key|amplitude_?(?:api_?)?key|"
    r"sentry_?key|firebase_?(?:web_?)?api_?key|vapid_?key|(?:algolia_?search|search_?only|search_?api|docsearch)_?"
    r"(?:api_?)?key|authenticity_?token|csrf(?:middleware)?_?token|xsrf_?token|antiforgery_?token|requestverificationtoken|websocket[-_]?(?:key|accept))"
)
# A line of a list of checksums, as CocoaPods keeps them: `FirebaseAuth: …`
_SUM_NAME: Final = re.compile(r"^[ ]{0,8}[\"']?[A-Z][A-Za-z0-9+/-]*[\"']?:[ ]$")
_SUMS: Final = re.compile(
    r"(?:^|\n)[ ]{0,8}[\"']?[\w+/.-]{2,60}[\"']?:[ ][\"']?[0-9a-f]{40}[\"']?(?:\n|$)|CHECKSUMS:"
)
_SUM: Final = 40
# A page's set-up: `firebase: {`, `mixpanel.init(`, and what it calls its key
_PAGE: Final = re.compile(
    r"\b(?i:firebase|mixpanel|segment|amplitude|docsearch|sentry|pusher)(?:[._-]?[A-Za-z]{1,14}){0,2}[\"']?\s{0,3}[=:(]\s{0,3}"
    r"(?:[({]\s{0,8}){0,2}(?:[^{}\n]{0,60}\n?(?:[ \t]+[^{}\n]{0,60})?)?$",
)
_PAGE_KEY: Final = re.compile(r"^(?:(?:api|app|write|client)_?)?(?:key|token)$", re.IGNORECASE)
# What a field of a form is given: `passwordField.setText(`, `PasswordBox.Text =`
_FIELD: Final = re.compile(
    r"_?(?:text|line)?_?(?:box|field|edit|entry|input)?(?:_control)?(?:\.|->)(?:(?:set_?)?(?:text|value|string)|set|val|"
    r"send_?keys|insert|fill|type(?:_?text)?)$",
    re.IGNORECASE,
)
# Names of a user and a password together
_LOGIN: Final = re.compile(
    r"(?:^|[_\W])(?:basic_?auth|auth|creds?|credentials?|logins?|user_?(?:pass(?:wo?r?d)?|pwd))$",
    re.IGNORECASE,
)
_USER: Final = re.compile(r"[A-Za-z][\w.@+\-]{1,39}:(?=[^\s/:\\]{4})", re.ASCII)
# Words between a name and its value that say which one it is
_WHICH: Final = re.compile(
    r"[ ](?:uuid|guid|id|ids|fingerprint|hash|name|position)\b", re.IGNORECASE
)


def is_public(name: str, link: str = "") -> bool:
    """Tell whether a name is of something that is no secret, such as `NEXT_PUBLIC_KEY`, `secret uuid`."""
    if link and _WHICH.match(link) is not None:
        return True
    return _PUBLIC.search(name) is not None and grade(name) < Grade.LOOSE


def is_of_page(text: str, start: int, name: str) -> bool:
    """Tell whether a key at `start` is of a provider's set-up that every visitor of a page is given."""
    if _PAGE_KEY.search(name) is None:
        return False
    before = text[max(0, start - _BEFORE - _BEFORE) : start]
    return _PAGE.search(before) is not None


def is_summed(text: str, start: int, end: int) -> bool:
    """Tell whether a value is a checksum in a list of them, by its name and the lines beside it."""
    low = text.rfind("\n", max(0, start - _AROUND), start) + 1
    if end - start != _SUM or _SUM_NAME.match(text[low:start]) is None:
        return False
    if "\n" not in text:
        return text.startswith("  ", low)  # the line alone is seen
    near = text[max(0, low - _AROUND) : max(0, low - 1)] + "\n" + text[end + 1 : end + _AROUND]
    return _SUMS.search(near) is not None


def held_by(name: str) -> str:
    """Return the name of what a field of a form holds: `password` for `passwordField.setText`."""
    found = _FIELD.search(name) if "." in name or ">" in name else None
    return name if found is None or found.start() == 0 else name[: found.start()]


def user_before(name: str, value: str) -> int:
    """Return how long the user and colon are that stand before the password in a value; 0 if none do."""
    if ":" not in value or _LOGIN.search(name) is None:
        return 0
    user = _USER.match(value)
    return 0 if user is None or is_reference(value) else user.end()


def name_before(text: str, start: int, end: int) -> str:
    """Return `text[start:end]` with the rest of the name that it is the end of."""
    low = start
    while (
        low > 0 and start - low < _BEFORE and (text[low - 1].isalnum() or text[low - 1] in "_$-.")
    ):
        low -= 1
    return text[low:end]


def full_grade(text: str, low: int, name: str) -> Grade:
    """Grade the name that begins at or before `low`, with the word before it: `Access key`."""
    found = Grade.NONE if is_public(name) else grade(name)
    if found > Grade.WEAK or "." in name:
        return found
    begin = text.rfind(name, max(0, low - _BEFORE), low + len(name))
    word = _WORD_BEFORE.search(text, max(0, begin - _WORD_REACH), max(0, begin))
    if word is None:
        return found
    return Grade.NONE if word[1].lower() in ASKS else max(found, grade(f"{word[1]}_{name}"))


def line_around(text: str, start: int, end: int) -> str:
    """Return what surrounds a range on its line, up to 120 code points either side."""
    low = max(text.rfind("\n", max(0, start - _AROUND), start) + 1, start - _AROUND)
    stop = text.find("\n", end, end + _AROUND)
    return text[low:start] + " " + text[end : stop if stop >= 0 else end + _AROUND]


def closing(text: str, start: int, quote: str, slashes: int) -> int:
    """Return where the value that begins at `start` ends: before its closing quote, or -1.

    A quote that is escaped deeper than the opening one belongs to the value.
    """
    position = text.find(quote, start, start + LONGEST)
    while position >= 0:
        depth = backslashes(text, position)
        if depth <= slashes:
            return position - depth
        if depth % 2 == 0 and slashes == 0:
            return position
        position = text.find(quote, position + 1, start + LONGEST)
    return -1


def foreign_end(text: str, start: int, end: int, quote: str = "") -> int:
    """Return where an unquoted value of `[start, end)` ends, at the latest: before what closes its surroundings.

    `quote` is the quote that was opened before its name, if there is one.
    """
    stop = _FOREIGN_END.search(text, start, end)
    end = end if stop is None else stop.start()
    if quote:
        closed = text.find(quote, start, end)
        end = end if closed < 0 else closed
    while end > start and text[end - 1] in _BRACKETS and _is_opened(text, start, end):
        end -= 1
    return end - backslashes(text, end) % 2


def _is_opened(text: str, start: int, end: int) -> bool:
    """Tell whether the bracket that ends a value was opened before the value, near."""
    closing_sign = text[end - 1]
    opening = _BRACKETS[closing_sign]
    if text.find(opening, start, end) >= 0:
        return False
    low = max(0, start - _AROUND)
    return text.rfind(opening, low, start) > text.rfind(closing_sign, low, start)


def is_closed_off(text: str, start: int, end: int) -> bool:
    """Tell whether nothing but closing signs stands in a range."""
    return _CLOSERS.fullmatch(text, start, end) is not None


def is_mispaired(value: str) -> bool:
    """Tell whether a value between quotes is what stands between two strings."""
    return _AFTER_QUOTE.match(value) is not None or _NEXT_STRING.search(value) is not None
