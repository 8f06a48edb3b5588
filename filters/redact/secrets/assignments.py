"""Credentials known by the name they are given to: quoted values, whatever the language's way to assign.

A finder matches a name, a link and the opening quote; the value is then read to its closing quote
and judged (`judgement`).
"""

from __future__ import annotations

import re
from typing import Final

from filters.redact.rule import Range, Rule
from filters.redact.secrets.calls import call_rules
from filters.redact.secrets.columns import column_rules
from filters.redact.secrets.containers import container_rules
from filters.redact.secrets.finding import (
    LONGEST,
    closing,
    full_grade,
    held_by,
    is_mispaired,
    is_of_page,
    is_public,
    is_summed,
    line_around,
    name_before,
    user_before,
)
from filters.redact.secrets.judgement import SHORTEST, Form, is_credential
from filters.redact.secrets.keywords import (
    ANCHOR,
    CASES_BYTES,
    PASS_BYTES,
    SECRET_BYTES,
    SHORT_BYTES,
    WEAK_BYTES,
    WORDS_BYTES,
    Grade,
    asks,
    grade,
    run_bytes,
)
from filters.redact.secrets.next_line import next_line_rules
from filters.redact.secrets.odd_quotes import odd_quote_rules
from filters.redact.secrets.password_hashes import password_hash_rules
from filters.redact.secrets.phrases import is_remembered
from filters.redact.secrets.prose_secrets import prose_secret_rules
from filters.redact.secrets.spaced import spaced_rules
from filters.redact.secrets.tags import tag_rules
from filters.redact.secrets.unquoted import unquoted_rules

# The rest of a name, and what may close it: a quote, a subscript, an accessor, a member, a type
_OF_FIELD: Final = r"(?:\.|->)\w{0,4}(?:value|text|val|string)(?!\w)"
_CLOSE: Final = rf"[\])}}>*_]{{0,3}}[?!]?(?:\[\d{{0,4}}\]|[ ]\{{[^{{}}\n]{{0,24}}\}}|{_OF_FIELD})?"
_REST: Final = rf"""[\w.$\-]{{0,40}}(?:[ ]\w{{1,12}}){{0,2}}(?:\\{{0,7}}["'`])?{_CLOSE}"""
_TYPE: Final = r"(?:(?:[ ]?:[ ]?|[ ][aA]s[ ])[A-Za-z_&?'\[][\w.<>\[\]|?'&:, ]{0,40}(?=[ ]?=))?"
_LINK: Final = (
    r"[ \t]{0,40}(?:[:?+|~]{0,2}={1,3}>?|!={1,2}|<-|->|<<<|:(?:\*\*|__)?|,|\||\(|"
    r"\b(?:is|was|as|or|by|eq|equ|db|pic[ ]\S{1,14}[ ]{1,8}value)\b|\?\?|\|\|)?[ \t]{0,20}"
)
# What may stand before a literal: `process.env.X ??`, `getenv('X') ?:`, `new SecureString(`, `default=`, `b`
_ELSE: Final = (
    r"[\w.$:]{1,40}(?:[\[(][\w\"'.]{1,40}[\])])?"
    r"(?:[ ](?:\?\?|\|\||or|\?:|//)[ ]|\.(?:unwrap_or|or_?else|getorelse|get_or)\()"
)
_CALL: Final = (
    r"(?:new[ ]|\[\])?(?:\w{1,16}[.:]{1,2}){0,2}(?:secret(?:str(?:ing)?|value|key(?:spec)?)?|"
    r"password|securestring|q?string(?:literal)?|bytes?|str|some|ok|of|from|to_string|encode|"
    r"field|param|option|var|literal|quote|trim|(?:from_?|un)hex(?:lify)?|hex2bin|md5|sha\d{1,3}|hash(?:pw)?|"
    r"(?:b|from_?)?(?:base)?64_?(?:(?:en|de)code)?(?:string)?|decode(?:_?string)?|atob|n|new)"
    r"!?\([ ]?(?:default[ ]?=[ ]?)?|"
    r"(?:\w{1,12}\.){1,2}\w{1,10}\([^()\"'\n]{0,12}\)\.default\("
)
# A member of an object, as in `{"value": `; the arguments before a default
_MEMBER: Final = (
    r"\{[ ]?\\{0,7}[\"']?(?:value|s|default\w{0,5}|plain\w{0,4}|string)\\{0,7}[\"']?[ ]?[:=][ ]?"
)
_ARGUMENT: Final = r"\w{1,12}[ ]?[=:][ ]?(?:[\w.]{1,20}|[\"'][^\"'\n]{0,60}[\"']),[ ]?"
_ARGUMENTS: Final = rf"(?:{_ARGUMENT}){{1,3}}default\w{{0,5}}[ ]?[=:][ ]?"
_WRAP: Final = (
    rf"(?:{_MEMBER}|[(\[{{][ ]?|{_ELSE}|{_CALL}|(?:default(?:_?value)?|value|val|fallback|data|initial|text|raw|plain|"
    rf"env|string|secret|password)[ ]?=[ ]?|!!?\w{{1,12}}[ ]|&\w{{1,20}}[ ]|value[\"']?[ ]?[=:][ ]?|[\"']\{{\{{[ ]?|"
    rf"{_ARGUMENTS}|by[ ]lazy[ ]?\{{[ ]?)?[rbufln@$]{{0,2}}#{{0,2}}"
)
_QUOTE: Final = r"""(?P<slashes>\\{0,7})(?P<quote>["'`])"""
_HEAD: Final = re.compile(rf"{ANCHOR}(?i:{_REST}{_TYPE}{_LINK}{_WRAP}{_QUOTE})", re.ASCII)
# The same without bounds, which makes it small for the prefilter. Behind the name of a password six
# characters have to follow, or a digit or symbol; behind others a run that may be random.
_NAME_BYTES: Final = (
    r"(?:[ ]\w+){0,2}\\*[\"'`]?[\])}>*_?!]*(?:\[\d*\]|[ ]\{[^{}\n]*\}|(?:\.|->)\w+)?"
    r"(?:(?:[ ]?:[ ]?|[ ]as[ ])[\w.<>\[\]|?'&:, ]+)?[ \t]*"
)
_WRAP_BYTES: Final = (
    r"(?:is|was|as|or|by|equ?|db|pic[ ]\S+[ ]+value)?[ \t]*(?:[(\[{][ ]?|"
    r"[\w.$:]+(?:[\[(][\w\"'.]+[\])])?(?:[ ](?:\?\?|\|\||or|\?:|//)[ ]|\.\w+\()|"
    r"(?:\[\])?[\w.: ]*!?[\"']?[ ]?[(=:\-][ ]?(?:default[ ]?=[ ]?)?|[\"']\{\{[ ]?|"
    r"\{[ ]?\\*[\"']?\w+\\*[\"']?[ ]?[:=][ ]?|[\w.]+\([^()\"'\n]*\)\.default\(|"
    r"(?:\w+[ ]?[=:][ ]?(?:[\w.]+|[\"'][^\"'\n]*[\"']),[ ]?)+default\w*[ ]?[=:][ ]?|"
    r"\w+[ ]?=[ ]?|!!?\w+[ ]|&\w+[ ])?[rbufln@$]*#*\\*"
)
_SIGNS: Final = r"[ \t=:?+|~!<>,(\-*_]*"
_SOLID: Final = r"[^\s\"'`]"
_SPELLED: Final = r"[\w+/=.~%\-]"
_BEFORE_BYTES: Final = rf"{_NAME_BYTES}{_SIGNS}{_WRAP_BYTES}(?:\\*[\"'`])+"
_TRIGGER: Final = re.compile(
    rf"{PASS_BYTES}{_BEFORE_BYTES}(?:[^\"'`\n]*[0-9!#$%&*+?@^~]|[^\s\"'`][^\"'`\n]{{5}})|"
    rf"{SECRET_BYTES}{_BEFORE_BYTES}(?:{run_bytes(_SOLID, 8)}|[a-zA-Z]{{11}}|[a-z]+[ ][a-z]+[ ][a-z]+[ ][a-z]|"
    rf"{WORDS_BYTES}|{CASES_BYTES})|"
    rf"{SHORT_BYTES}{_BEFORE_BYTES}[A-Za-z0-9]{{4}}|"
    rf"{WEAK_BYTES}{_BEFORE_BYTES}(?:{run_bytes(_SPELLED, 14)}|[a-zA-Z]{{14}}|{WORDS_BYTES})|"
    r"pragma[ ]\w*key[ ]?=[ ]?['\"][^'\"]{4}|"
    rf"(?:auth|creds?|credentials?|logins?|userpass\w*)\\*[\"'`]?[\])]*{_SIGNS}\\*[\"'`][\w.@+\-]+:[^\s/:\"'`]{{4}}",
    re.IGNORECASE | re.ASCII,
)
_TRIGGER_REACH: Final = 400
_NAME_REACH: Final = 8
# A value beside a name, as in `check(password, "…")`, has to show more than one behind it.
_BESIDE: Final = {
    Grade.PASSWORD: Grade.SECRET, Grade.LOOSE: Grade.WEAK, Grade.SECRET: Grade.WEAK,
}  # fmt: skip
_LINKED: Final = re.compile(
    r"[=:,(|{]|<-|->|<<<|\?\?|\b(?:is|was|as|or|by|eq|equ|db|value)\b", re.IGNORECASE
)
# What comes before a name that a blank links to its value
_OPTION: Final = re.compile(
    r"#define[ ]{1,4}$|setq[ ]$|(?:^|[\s({\[]):$|(?<![\w-])--?$|[ ]--?$|^[ \t]{0,8}@$|(?i:setenv)[ ]{1,4}$|"
    r"\b(?i:setx?)[ ](?:-[a-zA-Z]+[ ])?$|\bexport[ ]$|(?i:\b(?:set|setenv|env)\([ ]?$)|^[ \t]{0,16}$|[{;][ \t]{0,4}$|"
    r"_(?:param|header)[ ]{1,4}$"
)
_OPTION_REACH: Final = 18
_SETS_REACH: Final = 40
# What is shorter behind a name of many meanings is not looked at
_LEAST: Final = {Grade.BARE: 20, Grade.WEAK: 14, Grade.SECRET: 8}
# A call in which a comma stands between a name and what it is given
_SETS: Final = re.compile(
    r"(?i:\w*(?:define|set\w*|put\w*|add\w*|env\w*|insert|config\w*|opt(?:ion)?s?|property|store|with\w*|get|"
    r"getenv|getproperty|assoc\w*|header|param\w*|secret|default\w*|fetch|pair|entry|of|tuple|append|field|cmp|"
    r"equals?|compare\w*))"
    r"[ ]?[(\[][ ]?[:'\"`]{0,2}$|\b(?i:\w*setopt|set\w*|\w*cpy)\((?:[\w.$>&-]{1,24},[ ]?)?"
    r"(?:\w{1,12}(?:->|\.))?[\"']?$|"
    r"[:'\"`]{1,2}[#.$@]?$|[{\[][ ]?[:'\"`]{0,2}$"
)
_BEFORE_SET: Final = frozenset("([{:'\"`#.$@ ,>")
_NAME: Final = re.compile(r"[\w.$\-]{1,60}", re.ASCII)
_GAP: Final = re.compile(r"(?! [aA]s [A-Z])(?: \w+){1,2}")
_QUALIFIED: Final = re.compile(r"::\w*$", re.ASCII)
_QUALIFIED_REACH: Final = 80


def _quoted(match: re.Match[str]) -> Range | None:
    text = match.string
    start, end = _bounds(match)
    if text.startswith('\\"', start) and text.startswith('\\"', end - 2):
        start, end = start + 2, end - 2  # a string in a string
    raw = text[start - 2 : start - 1] in ("r", "R") and text.startswith("(", start)
    if raw and text[end - 1] == ")":
        start, end = start + 1, end - 1  # `R"(…)"` (C++, R)
    if end - start < SHORTEST:
        return None
    end_of_name = _end_of_name(match)
    name, link = name_before(text, match.start(), end_of_name), text[end_of_name : match.end()]
    beside = link.lstrip("\"'` ").startswith(",")
    sets = beside and _is_set(text, end_of_name - len(name))
    found = _grade(text, match.start(), name, "=" if sets else link)
    value = text[start:end]
    user = 0 if found is Grade.NONE else user_before(name, value)
    if user:
        start, value, found = start + user, value[user:], Grade.PASSWORD
    if found is Grade.NONE or end - start < _LEAST.get(found, SHORTEST):
        return None
    if _is_apostrophe(match, link) or is_mispaired(value):
        return None
    if beside and not sets and value.isalpha():
        return None  # a word beside a name
    form: Form = "quoted" if sets or _is_linked(text, end_of_name - len(name), link) else "running"
    around = line_around(text, start, end) if found < Grade.SECRET else ""
    if found <= Grade.SECRET and is_of_page(text, match.start(), name):
        return None
    fits = is_credential(value, found, form, around) or (
        found == Grade.SECRET and form == "quoted" and is_remembered(held_by(name), value)
    )
    # what the prefilter would not see must not be seen without it
    seen = (
        fits
        and not is_summed(text, start, end)
        and _TRIGGER.search(text, max(0, match.start() - _NAME_REACH), match.end() + _TRIGGER_REACH)
        is not None
    )
    return (start, end) if seen else None


def _end_of_name(match: re.Match[str]) -> int:
    tail = _NAME.match(match.string, match.start(), match.end())
    return match.start() if tail is None else tail.end()


def _bounds(match: re.Match[str]) -> Range:
    """Read a value from its opening quote, maybe a triple one, to the closing quote on its line."""
    text, start, quote = match.string, match.end(), match["quote"]
    if not text.startswith(quote * 2, start):
        return start, closing(text, start, quote, len(match["slashes"]))
    return start + 2, text.find(quote * 3, start + 2, start + LONGEST)


def _grade(text: str, start: int, name: str, link: str) -> Grade:
    """Grade a name, given what links it to the value."""
    found = full_grade(text, start, held_by(name))
    if (
        found is Grade.NONE
        or is_public(name, link)
        or is_resource_type(text, start)
        or ("(" in link and asks(name))
    ):
        return Grade.NONE
    gap = _GAP.match(link)
    if gap is not None and (found is Grade.LOOSE or grade(f"{name} {gap[0]}") is Grade.NONE):
        return Grade.NONE  # `password store by …`, `arguments to pass to …`
    beside = link.lstrip("\"'` ").startswith(",")
    return _BESIDE.get(found, Grade.NONE) if beside else found


def _is_apostrophe(match: re.Match[str], link: str) -> bool:
    """Tell whether the quote is none, as in `credentials aren't`."""
    opens = match.start("slashes")
    return not link[: opens - match.end()].strip() and match.string[opens - 1].isalnum()


def _is_set(text: str, begin: int) -> bool:
    """Tell whether the name at `begin` is the first argument of a call that gives it a value."""
    if text[begin - 1 : begin] not in _BEFORE_SET:
        return False
    return _SETS.search(text, max(0, begin - _SETS_REACH), begin) is not None


def _is_linked(text: str, begin: int, link: str) -> bool:
    if _LINKED.search(link) is not None:
        return True
    low = max(0, begin - _OPTION_REACH)
    low = max(low, text.rfind("\n", low, begin) + 1)
    return _OPTION.search(text[low:begin]) is not None


def is_resource_type(text: str, start: int) -> bool:
    """Tell whether the keyword at `start` ends a qualified type: `AWS::IAM::AccessKey`."""
    return _QUALIFIED.search(text, max(0, start - _QUALIFIED_REACH), start) is not None


_QUOTED = Rule(
    "quoted-assignment", "SECRET", "balanced", _HEAD, _quoted, _TRIGGER,
    yes=(
        'password = "«{pw:12}»"', "'db_password' => '«{pw:12}»',", 'cfg["password"] = "«{pw:12}»"',
        "const apiKey: string = `«{an:24}»`;", "define('DB_PASSWORD', '«{pw:12}»');",
        'body = "{\\"password\\":\\"«{an:14}»\\"}"', '#define DB_PASS "«{pw:12}»"',
        'token = os.environ.get("API_SPELLED") or "«{an:24}»"', 'ds.setPassword("«{an:12}»")',
        'public string Password { get; set; } = "«{an:14}»";', 'password = R"(«{an:12}7»)"',
        "password: str | None = '«{an:12}7»'", "$pw = getenv('DB_PW') ?: '«{pw:12}7»';", 'auth = "bob:«{pw:12}7»"',
        "password: !!str '«{an:12}7»'", 'storePassword "«copper_garden84»"',
        'const AUTH_TOKEN: &str = "«copper-garden-lantern»";', 'client_secret = "«copper_garden84»"',
    ),
    no=(
        'password = "changeme"', 'password = "${DB_PASSWORD}"', 'get_secret("{an:20}")',
        'label = {"password": "Enter your password"}', 'key = "users/profile"',
        'password_field = "login-pw-1"', 'licenseKey = "GPL-3.0-or-later"', '"api-key":"apiKey_x8Ks2"',
        "$labels['password'] = '\u092a\u093e\u0938\u0935\u0930\u094d\u0921'", 'api_secret = "some-user-name"',
        '"auth.json": "{hex:32}"', '"mixpanelToken": "{hex:32}"', 'sha256_key = "{hex:64}"',
        "credentials aren't here, isn't it",
    ),
)  # fmt: skip
_RULES: Final = (
    _QUOTED,
    *unquoted_rules(),
    *spaced_rules(),
    *call_rules(),
    *column_rules(),
    *next_line_rules(),
    *container_rules(),
    *odd_quote_rules(),
    *tag_rules(),
    *prose_secret_rules(),
    *password_hash_rules(),
)


def assignment_rules() -> tuple[Rule, ...]:
    """Return the rules for credentials in context."""
    return _RULES
