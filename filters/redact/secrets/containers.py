"""Credentials that are listed behind a name in the plural, or stand beside their users: lists, mappings and pairs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.redact.rule import Range, Rule, whole
from filters.redact.secrets.judgement import Form, is_credential
from filters.redact.secrets.keywords import ABOUT, Grade, grade

if TYPE_CHECKING:
    from collections.abc import Iterator

# `passwords = [`, `API_KEYS: {`, `secrets:` at the end of a line; `creds = ("admin", `
_PLURAL: Final = (
    r"(?:[pP][aA][sS][sS][wW](?:[oO][rR])?[dD][sS]|[pP][aA][sS][sS][pP][hH][rR][aA][sS][eE][sS]|"
    r"[sS][eE][cC][rR][eE][tT][sS]|[tT][oO][kK][eE][nN][sS]|[kK][eE][yY][sS]|[cC][rR][eE][dD](?:[sS]|[eE][nN][tT][iI]"
    r"[aA][lL][sS]))"
)
_NAME: Final = rf"(?P<name>[\w.\-]{{0,40}}?{_PLURAL})(?:_?(?:map|list|dict|MAP|LIST))?"
_HEAD: Final = re.compile(
    rf"(?<![\w.\-]){_NAME}[\"']?[\])]?(?:[ ]?:[ ]?[\w.\[\], |]{{1,40}}(?=[ ]=))?[ \t]{{0,20}}"
    r"(?:(?::?=>?|:)[ \t]{0,4}(?:new[ ])?[\w.<>, ]{0,40}(?P<open>[\[({])|:[ \t]{0,8}\r?$)",
    re.ASCII | re.MULTILINE,
)
_TRIGGER: Final = re.compile(
    r"(?:passw(?:or)?ds|passphrases|secrets|(?:api|access|secret|auth|private|signing|master)[_\-]?keys|"
    r"(?:api|access|auth|bot|refresh|bearer|secret)[_\-]?tokens|cred(?:s|entials))"
    r"(?:_?(?:map|list|dict))?[\"']?[\])]?[ ]?[:=]",
    re.IGNORECASE | re.ASCII,
)
_REACH: Final = 2000
_MANY: Final = 200
# A string and whether it is the name of another
_STRING: Final = re.compile(
    r"(?P<quote>[\"'])(?P<value>[^\n\"']{0,200})(?P=quote)(?P<names>\s{0,4}(?:=>|:|->))?"
)
_CLOSES: Final = {"[": "]", "(": ")", "{": "}"}
# A line of a YAML list or mapping: `- value`, `name: value`, `- "value"`
_ITEM: Final = re.compile(
    r"(?P<indent>[ ]{0,40})(?P<dash>-[ ]{1,4})?(?:[\"']?(?P<key>[\w.@\-]{1,60})[\"']?[ ]?:[ ]{1,8})?"
    r"(?P<quote>[\"'])?(?P<value>[^\s\"'#&*!|>{\[%@`][^\n\"'#]{3,200}?)(?P=quote)?[ \t]{0,8}(?:[ ]#[^\n]{0,80})?\r?$",
)
_PAIR: Final = re.compile(r"cred(?:s|entials)", re.IGNORECASE)
_USER: Final = re.compile(r"[\w.@+\\-]{1,64}")


def _listed(match: re.Match[str]) -> Iterator[Range]:
    """Yield the values of a list or mapping."""
    found = grade(match["name"])
    if found < Grade.SECRET or found is Grade.SHORT or _TRIGGER.search(match[0]) is None:
        return
    if match["open"] is None:
        yield from _lines(match, found)
    else:
        yield from _strings(match, found)


def _strings(match: re.Match[str], found: Grade) -> Iterator[Range]:
    """Yield the strings between two brackets that name no others; of a pair the second alone."""
    text, start = match.string, match.end()
    end = text.find(_CLOSES[match["open"]], start, start + _REACH)
    if end < 0:
        return
    strings = list(_STRING.finditer(text, start, end))[:_MANY]
    if _PAIR.search(match["name"]) is not None:
        if len(strings) != 2 or strings[1]["names"] or match["open"] == "{":  # noqa: PLR2004  a user and a password
            return
        strings, found = strings[1:], Grade.PASSWORD
    for each in strings:
        if each["names"] is None and is_credential(each["value"], found, "quoted"):
            yield each.span("value")


def _lines(match: re.Match[str], found: Grade) -> Iterator[Range]:
    """Yield the values of the lines below that are indented deeper, or as deep with a dash."""
    text, start = match.string, match.end() + 1
    begin = text.rfind("\n", max(0, match.start() - 80), match.start()) + 1
    depth = match.start() - begin
    if text[begin : match.start()].strip(" -\"'"):
        return
    for _ in range(_MANY):
        stop = text.find("\n", start, match.end() + _REACH)
        stop = min(len(text), match.end() + _REACH) if stop < 0 else stop
        line = _ITEM.fullmatch(text, start, stop)
        if line is None or len(line["indent"]) + (line["dash"] is not None) <= depth:
            return
        span = _item(line, found)
        if span is not None:
            yield span
        start = stop + 1


def _item(line: re.Match[str], found: Grade) -> Range | None:
    key, value = line["key"], line["value"]
    if key is not None and key.lower() in ABOUT:
        return None
    if key is not None and found < Grade.LOOSE:
        found = Grade.WEAK  # `secrets:` also lists what they are called and where they are
    form: Form = "plain" if line["quote"] is None else "quoted"
    if ": " in value or value.endswith(":") or not is_credential(value, found, form):
        return None
    return line.span("value")


# `user, password = "…", "…"`
_TUPLE: Final = re.compile(
    r"[\w.]{1,40},[ ]?(?P<name>[\w.]{2,40})[ ]?:?=[ ]?\(?[\"'][^\"'\n]{1,64}[\"'],[ ]?"
    r"(?P<quote>[\"'])(?P<value>[^\"'\n]{4,200})(?P=quote)"
)
_TUPLE_TRIGGER: Final = re.compile(
    r",[ ]?\w*(?:pass\w*|pwd|pw|secret\w*|token)[ ]?:?=[ ]?\(?[\"'][^\"'\n]+[\"'],[ ]?[\"'][^\"'\n]{4}",
    re.IGNORECASE,
)


def _second(match: re.Match[str]) -> Range | None:
    fits = is_credential(match["value"], grade(match["name"]), "quoted")
    seen = fits and _TUPLE_TRIGGER.search(match[0]) is not None
    return match.span("value") if seen else None


_RULES: Final = (
    Rule(
        "listed-credential", "SECRET", "balanced", _HEAD, whole, _TRIGGER, spread=_listed,
        yes=(
            'passwords = ["x", "«{an:12}7»"]', "passwords = {'alice': '«{an:12}7»', 'bob': 'x'}",
            "api_keys:\n  - «{an:40}»\n  - x", "passwords:\n  alice: «{an:12}7»\n",
            'creds = ("admin", "«{an:12}7»")',
            'const apiKeys = {\n  prod: "«{an:32}»",\n};', 'secrets = {"app": "«{an:32}»"}',
        ),
        no=(
            "secrets:\n  - db-password-1\n  - tls_secret_12", "passwords = ['password', 'changeme']",
            "secrets:\n  name: app-secret-12\n", "credentials: {user: bob}", "tokens = ['word_{an:20}']",
        ),
    ),
    Rule(
        "paired-credential", "SECRET", "balanced", _TUPLE, _second, _TUPLE_TRIGGER,
        yes=('user, password = "bob", "«{an:12}7»"', "USER, PASS = 'bob', '«{an:12}7»'"),
        no=("user, password = 'bob', 'password'", "a, token = 'x', 'string'"),
    ),
)  # fmt: skip


def container_rules() -> tuple[Rule, ...]:
    """Return the rule for lists and mappings of credentials."""
    return _RULES
