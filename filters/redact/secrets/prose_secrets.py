"""Credentials that people tell each other: sentences in several languages."""

from __future__ import annotations

import re
from typing import Final

from filters.redact.rule import Range, Rule
from filters.redact.secrets.judgement import Form, is_credential
from filters.redact.secrets.keywords import ABOUT, FOREIGN, Grade, grade
from filters.redact.secrets.prose_answers import answer_rules
from filters.redact.secrets.prose_codes import code_rules
from filters.redact.secrets.prose_hosts import host_rules
from filters.redact.secrets.prose_pairs import pair_rules
from filters.redact.secrets.prose_quoted import quoted_rules
from filters.redact.secrets.prose_words import (
    KEYS,
    OPEN,
    PASSWORDS,
    PLAIN,
    PLAIN_TRIGGER,
    SENTENCE,
    SENTENCE_TRIGGER,
    is_otherwise,
    is_strong,
    says_whose,
    trimmed,
)
from filters.redact.secrets.strength import weigh

# Names outside ASCII, also quoted or with a few words of the sentence before the value
_EAST_KEYS: Final = (
    r"(?:(?:API|\uc778\uc99d|\uc561\uc138\uc2a4|\uc811\uadfc|\ube44\ubc00|\uac1c\uc778|"
    r"\uc11c\ube44\uc2a4)[ ]?\ud0a4|\ud1a0\ud070|\uc2dc\ud06c\ub9bf|(?:API|"
    r"\u30a2\u30af\u30bb\u30b9)[ ]?\u30ad\u30fc|\u30c8\u30fc\u30af\u30f3|"
    r"\u0645\u0641\u062a\u0627\u062d API|\u05de\u05e4\u05ea\u05d7 API|\u30b7\u30fc\u30af\u30ec\u30c3\u30c8|"
    r"\u5bc6\u94a5|\u5bc6\u9470|\u79d8\u94a5|\u4ee4\u724c)"
)
_EAST: Final = re.compile(
    rf"(?:(?P<name>{FOREIGN})|(?P<key>{_EAST_KEYS}))[\"'`*_]{{0,3}}[^\s!-~]{{0,6}}"
    r"(?:[ ](?:[^\x00-\x7f]{1,12}|[Ww]i-?[Ff]i)){0,2}[ \u3000]{0,2}"
    rf"(?:[:=\uff1a\u2014\u2013,(\u2192-]|=>|->|[\u300c\u201c])?[*_]{{0,2}}[ \u3000]{{0,2}}(?P<quote>{OPEN})"
    r"(?P<value>(?:[^\W\d_a-zA-Z]{1,8}[_\-!.*@#])?[!-~\u00a1-\u024f\u0370-\u052f]{4,120})"
)
_EAST_TRIGGER: Final = re.compile(rf"{FOREIGN}|{_EAST_KEYS}")
# `… is the password`, `use … as your new API key`, `… (root password)`
_THE: Final = r"(?:(?:the|your|our|my|das|dein|ihr|der|le|la|votre|il|a|sua|su|tu)[ ])?"
_POINTS: Final = r"(?:<?-{1,2}|<--|\u2190|\u2013|\u2014)(?:[ ](?:that'?s|this[ ]is|is))?"
_FIRST: Final = re.compile(
    rf"(?P<quote>{OPEN})(?P<value>[^\s`'\"«\u201c\u201e=:<>()]{{6,120}})[`'\"*»\u201d]{{0,3}}[ ]"
    rf"(?:(?:is|as|ist|est|es|\u00e9|\u00e8|f\u00fcr|als|for|{_POINTS})[ ]{_THE}(?:[a-z\-]{{1,14}}[ ]){{0,2}}(?P<name>"
    rf"{PASSWORDS}|{KEYS}|token|secret|key)\b|"
    rf"\({_THE}(?:[a-z\-]{{1,14}}[ ]){{0,2}}(?P<within>{PASSWORDS}|{KEYS})\))",
    re.IGNORECASE | re.ASCII,
)
_FIRST_TRIGGER: Final = re.compile(
    rf"(?:[0-9!@#$%^&*?][^\s]{{0,80}}|[a-z][\-_][a-z]{{3,16}}[\-_][a-z]{{3,16}})[`'\"*»\u201d]{{0,3}}"
    rf"[ ](?:(?:is|as|ist|est|es|als|for|{_POINTS})[ ]|\(){_THE}"
    r"(?:[a-z\-]+[ ]){0,2}(?:pass|pwd|pw|api|token|secret|key|[a-z]+[ ]key|kennwort|mot[ ]de|contrase|senha|access)",
    re.IGNORECASE | re.ASCII,
)
# `the new one is …`, behind a sentence that names a credential
_ONE: Final = re.compile(
    r"\b(?:new|old|current|previous|updated|temp(?:orary)?|temporal)[ ](?:one|value)(?:[ ](?:is|was)[:]?|:|"
    r"[ ]=)[ ]{1,2}"
    rf"(?P<quote>{OPEN})(?P<value>[^\s`'\"«\u201c\u201e=:<>]{{6,120}})",
    re.IGNORECASE | re.ASCII,
)
_ONE_TRIGGER: Final = re.compile(
    r"(?:new|old|current|previous|updated|temp(?:orary)?|temporal)[ ](?:one|value)(?:[ ](?:is|was)|:|[ ]=)",
    re.IGNORECASE | re.ASCII,
)
_SPOKEN: Final = re.compile(
    r"\b(?:passwords?|pass(?:code|phrase)|pwd?|creds|credentials|(?:api|secret|access)[ _-]?key|token|secret|key)\b",
    re.IGNORECASE,
)
_SPOKEN_REACH: Final = 200
_RANDOM_ODD: Final = 60.0
_OTHER: Final = re.compile(
    r"^(?:cl|chiave|chave|clave|klucz|geheimnis|pat$)|(?:sleutel|jeton|nyckel|avain|kulcs)\w{0,2}$|token ",
    re.IGNORECASE,
)
# `ID/PW: admin/…`: the value behind the account
_BOTH: Final = re.compile(r"\w[ ]?[/|][ ]?$")
_ACCOUNT: Final = re.compile(r"[\w.@\-]{2,40}[/:|]")


def _told(match: re.Match[str]) -> Range | None:
    text = match.string
    start, end = _behind_account(text, match.start(), trimmed(match))
    value = text[start:end]
    enclosed = (match["is"] or "").endswith("(")
    if text.startswith("(", end) or _is_about(match["gap"]) or (enclosed and match["gap"]):
        return None  # a call, or what is said of it
    stated = match["is"] is not None or match["quote"]
    if not stated and not (is_strong(value) if match["key"] is None else _is_random(value)):
        return None
    if match["gap"] and not says_whose(match["gap"]) and not is_strong(value):
        return None
    found = Grade.PASSWORD if match["pass"] is not None else _key_grade(match["key"])
    if not stated and found is Grade.BARE:
        return None  # `using RSA key …`
    form: Form = "quoted" if " " in value else "told"
    fits = not is_otherwise(value) and is_credential(value, found, form)
    return (start, end) if fits else None


def _sentence(match: re.Match[str]) -> Range | None:
    return _seen(match, _told(match), SENTENCE_TRIGGER)


def _plain(match: re.Match[str]) -> Range | None:
    return _seen(match, _told(match), PLAIN_TRIGGER)


def _seen(match: re.Match[str], span: Range | None, trigger: re.Pattern[str]) -> Range | None:
    """Leave out what the prefilter would not see: it must not be seen without it."""
    seen = span is not None and trigger.search(match.string, match.start(), match.end()) is not None
    return span if seen else None


def _is_random(value: str) -> bool:
    return is_strong(value) and weigh(value).odd >= _RANDOM_ODD


def _behind_account(text: str, low: int, value: Range) -> Range:
    """Leave out the account before a password: `ID/PW: admin/…`."""
    account = _ACCOUNT.match(text, *value)
    if account is None or _BOTH.search(text, max(0, low - 3), low) is None:
        return value
    return account.end(), value[1]


def _is_about(gap: str | None) -> bool:
    """Tell whether the word after a name says that it is not the credential: `token position`."""
    words = (gap or "").split(maxsplit=1)
    return bool(words) and words[0].lower() in ABOUT and words[0].lower() not in ("at", "user")


def _key_grade(name: str) -> Grade:
    """Grade the name of a key; those of other languages mean one that is secret."""
    if not name.isascii() or _OTHER.search(name) is not None or " for " in name:
        return Grade.SECRET
    return grade(name.replace(" ", "_"))


def _first(match: re.Match[str]) -> Range | None:
    start, end = trimmed(match)
    value = match.string[start:end]
    found = grade((match["name"] or match["within"]).replace(" ", "_"))
    fits = is_strong(value) and is_credential(value, max(found, Grade.SECRET), "told")
    # what the prefilter would not see must not be seen without it
    seen = fits and _FIRST_TRIGGER.search(match.string, match.start(), match.end()) is not None
    return (start, end) if seen else None


def _east(match: re.Match[str]) -> Range | None:
    start, end = _behind_account(match.string, match.start(), trimmed(match))
    value = match.string[start:end]
    found = Grade.PASSWORD if match["name"] is not None else Grade.SECRET
    name = "name" if match["name"] is not None else "key"
    if match.end(name) == start and not value.isascii() | is_strong(value):
        return None  # part of a longer word
    fits = value[:1] not in ("", *"<[({") and is_credential(value, found, "told")
    return (start, end) if fits else None


def _one(match: re.Match[str]) -> Range | None:
    start, end = trimmed(match)
    value = match.string[start:end]
    low = max(0, match.start() - _SPOKEN_REACH)
    spoken = _SPOKEN.search(match.string, low, match.start())
    fits = spoken is not None and is_strong(value) and not is_otherwise(value)
    return (start, end) if fits and is_credential(value, Grade.SECRET, "told") else None


_RULES: Final = (
    Rule(
        "password-sentence", "SECRET", "balanced", SENTENCE, _sentence, SENTENCE_TRIGGER,
        yes=(
            "The password is «{an:12}7»", "the new password for staging is «{an:12}7».",
            "log in with user svc and password «{an:12}7»", "Das Passwort lautet «{an:12}7».",
            "le mot de passe est «{an:12}7»", "a senha \u00e9 «{an:12}7»",
            "Der API-Schl\u00fcssel ist «{an:24}7» und gilt",
            "Mot de passe : «{an:12}7»", "clave de acceso: «{an:12}7»", "code wifi: «{an:12}7»",
            "The account key is `«{hex:32}»` until Friday", "sudo password on that box: «{an:12}7»",
            "Das Kennwort f\u00fcr den Benutzer admin wurde auf «{an:12}7» gesetzt.",
            "A temporary password is generated for root@localhost: «{an:12}7»", "palavra-passe: «{an:12}7»",
            "Salasanasi on «{an:12}7»",
            "the passphrase is '«willow rocket pepper orchid 52»'",
            "m\u1eadt kh\u1ea9u wifi l\u00e0 «{an:12}7»", "<p>Your password: <b>«{an:12}7»</b></p>",
            "Has\u0142o do bazy to «{an:12}7»", "parol\u0103: «{an:12}7»",
        ),
        no=(
            "The password is incorrect", "the password is stored as bcrypt-12", "a password of 12 characters",
            "The token was revoked in version 2.14.3", "password: ENC({b64:32})", "password length: {dig:2}px7",
            "resume token position: {hex:20}", "session key negotiation. Its name is NTLMSSP_NEGOTIATE_128.",
        ),
    ),
    Rule(
        "password-sentence-plain", "SECRET", "balanced", PLAIN, _plain, PLAIN_TRIGGER,
        yes=("Das Passwort lautet «velvet.beacon.fern.willow», bitte", "the password is «{lower:13}q» - keep it"),
        no=("the password is automatically generated", "password is case-sensitive here"),
    ),
    Rule(
        "password-sentence-east", "SECRET", "balanced", _EAST, _east, _EAST_TRIGGER,
        yes=(
            "\ube44\ubc00\ubc88\ud638\ub294 «{an:12}»\uc785\ub2c8\ub2e4", "\u5bc6\u7801\uff1a«{an:12}»",
            "\u30d1\u30b9\u30ef\u30fc\u30c9\u306f «{an:12}» \u3067\u3059",
            "has\u0142o: «{an:12}»",
            "\u043f\u0430\u0440\u043e\u043b\u044c: «{an:12}»", "\u015fifre: «{an:12}»",
            "API \ud0a4\ub294 «{an:24}7» \uc774\uace0",
            "\u041f\u0430\u0440\u043e\u043b\u044c \u0431\u0430\u0437\u044b \u2014 «{an:12}7»",
            "\u039a\u03c9\u03b4\u03b9\u03ba\u03cc\u03c2: «{an:12}7»",
            "\u05e1\u05d9\u05e1\u05de\u05d4: «{an:12}7»",
            "\u0643\u0644\u0645\u0629 \u0627\u0644\u0645\u0631\u0648\u0631: «{an:12}7»",
            "\u0e23\u0e2b\u0e31\u0e2a\u0e1c\u0e48\u0e32\u0e19: «{an:12}7»",
            "\u043b\u043e\u0437\u0438\u043d\u043a\u0430: «{an:12}7»",
            "\u092a\u093e\u0938\u0935\u0930\u094d\u0921: «{an:12}7»",
        ),
        no=("\ube44\ubc00\ubc88\ud638\ub294 8\uc790 \uc774\uc0c1", "\u5bc6\u7801: 123456"),
    ),
    Rule(
        "value-before-name", "SECRET", "balanced", _FIRST, _first, _FIRST_TRIGGER,
        yes=(
            "«{an:12}7» is the new password", "please use `«{an:24}7»` as your API key",
            "it's «{an:12}7» (the root password)",
        ),
        no=("Python3.11 is the key", "the 2nd one is the password"),
    ),
    Rule(
        "new-one", "SECRET", "balanced", _ONE, _one, _ONE_TRIGGER,
        yes=("I reset your password. The new one is «{an:12}7».", "password rotated, new one: «{an:12}7»"),
        no=("The key of the map moved; the new one is version2.", "the new one is {an:12}7"),
    ),
    *pair_rules(),
    *host_rules(),
    *quoted_rules(),
    *answer_rules(),
    *code_rules(),
)  # fmt: skip


def prose_secret_rules() -> tuple[Rule, ...]:
    """Return the rules for sentences, logins, answers and codes."""
    return _RULES
