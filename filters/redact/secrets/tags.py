"""Credentials known by the name they are given to: elements, attributes and pairs of name and value."""

from __future__ import annotations

import re
from typing import Final

from filters.redact.rule import Range, Rule
from filters.redact.secrets.finding import (
    closing,
    is_mispaired,
    is_public,
    line_around,
    name_before,
)
from filters.redact.secrets.judgement import SHORTEST, is_credential
from filters.redact.secrets.keywords import ANCHOR, STRONG_BYTES, WEAK_BYTES, Grade, grade
from filters.redact.secrets.phrases import is_remembered

_REST: Final = r"(?P<rest>[\w.:$\-]{0,40})"
_NAME_BYTES: Final = rf"(?:{STRONG_BYTES}|{WEAK_BYTES})"
# `<password>…</password>`, `<string name="api_key">…</string>`, `<key>password</key><string>…`
_ELEMENT: Final = re.compile(
    rf"{ANCHOR}{_REST}(?:[\"' ][^<>\n]{{0,80}})?>[ \t]{{0,40}}(?:<!\[CDATA\[)?"
    r"(?P<value>[^<>\s][^<>\n]{3,400})(?:\]\]>)?[ \t]{0,40}</",
    re.ASCII,
)
_ELEMENT_TRIGGER: Final = re.compile(
    rf"{_NAME_BYTES}[:]?[\w.:$\-]*(?:[\"' ][^<>\n]*)?>[ \t]*(?:<!\[CDATA\[)?[^<>\s][^<>\n]*(?:\]\]>)?[ \t]*</",
    re.IGNORECASE | re.ASCII,
)
# `<key>password</key>` and `<string>…</string>`, `<property name="password">` and `<value>…</value>`
# The end of the first element leads the pattern: it is rare where names of credentials are not
_PLIST: Final = re.compile(
    r">[ \t:]{0,8}(?:</(?:b|strong|span|label|p|td|th)>)?\s{0,80}(?i:<(?:string|value|data|t[dh]|dd|code|span|"
    r"div|p)\b)[^<>\n]{0,80}>"
    r"\s{0,8}(?:<(?:code|b|strong|span|tt|kbd)>)?\s{0,8}(?P<value>[^<>\s][^<>\n]{3,399})</",
    re.ASCII,
)
_PLIST_HEAD: Final = re.compile(
    rf"{ANCHOR}{_REST}[:]?(?:[\"'][^<>\n]{{0,80}}|(?i:</(?:key|name|string|t[dh]|dt|b|strong|label|span|div|p|code))?)$",
    re.ASCII,
)
_PLIST_TRIGGER: Final = re.compile(
    rf"{_NAME_BYTES}[:]?[\w.:$\-]*(?:[:]?</(?:key|name|string|t[dh]|dt|b|strong|label|span|div|p|code)>|[\"'][^<>\n]*[^/=\-]>|"
    r">\s*<value>)",
    re.IGNORECASE | re.ASCII,
)
_HEAD_REACH: Final = 160
# `name="password" value="…"`, `{"name": "DB_PASSWORD", "value": "…"}`, `- name: X_SECRET` / `value: …`
_PAIR: Final = re.compile(
    rf"{ANCHOR}(?P<rest>[\w.:$\-]{{0,40}}+)(?!(?<=[kK][eE][yY])\\?[\"']\s?:)"
    r"(?=[^<>{}]{0,130}[vV](?:alue|ALUE))"
    rf"(?i:\\?[\"']?(?:[^<>\n{{}}]{{0,60}}?|[ \t,]{{0,4}}\r?\n[ \t\-]{{0,40}}\\?[\"']?)"
    r"\b(?:default)?value\\?[\"']?[ \t]{0,4}[=:][ \t]{0,4}"
    r"(?:(?P<slashes>\\{0,3})(?P<quote>[\"'])(?P<value>[^\n]{4})|(?P<bare>[^\s\"'<>{}|>]{4,200})[ \t\r]{0,8}$))",
    re.MULTILINE | re.ASCII,
)
_PAIR_HEAD: Final = re.compile(
    r"(?:name|key|id|type|property|variable|param|field)\\?[\"']?\s?[=:]\s{0,4}\\?[\"']?[\w.:$\-]{0,60}$",
    re.IGNORECASE | re.ASCII,
)
_PAIR_TRIGGER: Final = re.compile(
    rf"(?:(?:name|key|id|type|property|variable|param|"
    rf"field)\\?[\"']?\s?[=:]\s*\\?[\"'][\w.:$\-]*{_NAME_BYTES}[:]?[\w.:$\-]*\\?[\"']?|"
    rf"(?:name|key):[ ][\w.\-]*{_NAME_BYTES})",
    re.IGNORECASE | re.ASCII,
)
# Terraform: `variable "db_password" {`, and in its block `default = "…"`
_VARIABLE: Final = re.compile(
    r"variable[ ]\"(?P<own>[\w\-]{2,60})\"\s{0,4}\{[^{}]{0,400}?"
    r"\bdefault\s{0,20}=\s{0,4}(?P<slashes>)(?P<quote>\")(?P<value>[^\n\"]{4})"
)
_VARIABLE_TRIGGER: Final = re.compile(r"variable[ ]\"[\w\-]+\"\s*\{")
# SQL: `IDENTIFIED BY '…'`, `PASSWORD '…'`
_SQL: Final = re.compile(
    r"(?:(?i:identified)(?i:[ ]with[ ]['\"]?\w{1,30}['\"]?)?[ ](?i:by|as)(?i:[ ]password)?|"
    r"\bPASSWORD|ConvertTo-SecureString(?:[ ]-(?:String|AsPlainText|Force)){0,3})[ ]{1,2}"
    r"(?P<slashes>)(?P<quote>['\"])(?P<value>[^\n]{4})"
)
_SQL_TRIGGER: Final = re.compile(
    r"(?:[iI][dD][eE][nN][tT][iI][fF][iI][eE][dD]|PASSWORD|SecureString)[ ].*['\"]"
)
# An API key of a Postman collection (schema 2.1, "auth")
_POSTMAN: Final = re.compile(
    r"\\?\"(?:apikey|bearer|oauth2|digest|hawk)\\?\"[ ]?:[ ]?\[[^\]\n]{0,200}?\\?\"key\\?\"[ ]?:[ ]?\\?\"(?:value|"
    r"token|accessToken|password|authKey)\\?\"[ ]?,"
    r"[^\]{}\n]{0,40}?\\?\"value\\?\"[ ]?:[ ]?(?P<slashes>\\{0,3})(?P<quote>\")(?P<value>[^\n\"]{4})"
)
_REACH: Final = 600
# What a secret is called by, as libvirt does
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_IDENTITY: Final = re.compile(r"\b(?:uuid|libvirt|ceph|iscsi)\b", re.IGNORECASE)
# The end of one string and the start of another
_JOINS: Final = re.compile(r"""["']\s?[,:]\s?["'\d{\[-]|\\$""")


def _grade(name: str) -> Grade:
    return Grade.NONE if is_public(name) else grade(name)


def _element(match: re.Match[str]) -> Range | None:
    text = match.string
    start, end = match.span("value")
    end = start + len(text[start:end].rstrip())
    name = name_before(text, match.start(), match.end("rest"))
    return _judged(text, start, end, _grade(name), name)


def _listed(match: re.Match[str]) -> Range | None:
    """Accept the text of an element behind one that holds a name."""
    text, end = match.string, match.start()
    low = max(0, end - _HEAD_REACH, text.rfind("\n", max(0, end - _HEAD_REACH), end) + 1)
    head = _PLIST_HEAD.search(text, low, end)
    if head is None:
        return None
    start = match.start("value")
    name = name_before(text, head.start(), head.end("rest"))
    return _judged(text, start, start + len(match["value"].rstrip()), _grade(name), name)


def _pair(match: re.Match[str]) -> Range | None:
    text = match.string
    if _PAIR_HEAD.search(text, max(0, match.start() - 100), match.start()) is None:
        return None
    name = name_before(text, match.start(), match.end("rest"))
    found = _grade(name)
    if match["bare"] is not None:
        start, end = match.span("bare")
        value = text[start:end]
        fits = is_credential(value, found, "plain", "") or (
            found == Grade.SECRET and is_remembered(name, value)
        )
        return (start, end) if fits and value[0] not in "&*!|>" else None
    return _of(match, found, name)


def _sql(match: re.Match[str]) -> Range | None:
    return _of(match, Grade.PASSWORD)


def _postman(match: re.Match[str]) -> Range | None:
    return _of(match, Grade.PASSWORD)


def _variable(match: re.Match[str]) -> Range | None:
    return _of(match, grade(match["own"]), match["own"])


def _of(match: re.Match[str], found: Grade, name: str = "") -> Range | None:
    start = match.start("value")
    end = closing(match.string, start, match["quote"], len(match["slashes"]))
    return _judged(match.string, start, end, found, name)


def _judged(text: str, start: int, end: int, found: Grade, name: str = "") -> Range | None:
    value = text[start:end]
    if _UUID.fullmatch(value) is not None and _IDENTITY.search(line_around(text, start, end)):
        return None
    if end - start < SHORTEST or "\n" in value or is_mispaired(value) or _JOINS.search(value):
        return None
    fits = is_credential(value, found, "quoted", line_around(text, start, end))
    remembered = found == Grade.SECRET and is_remembered(name, value)
    return (start, end) if fits or remembered else None


_RULES: Final = (
    Rule(
        "element-text",
        "SECRET",
        "balanced",
        _ELEMENT,
        _element,
        _ELEMENT_TRIGGER,
        reach=_REACH,
        yes=(
            "<password>«{an:12}»</password>",
            '<string name="api_key">«{an:24}»</string>',
            "<secret><![CDATA[«{an:24}»]]></secret>",
        ),
        no=(
            "<password>changeme</password>",
            '<label for="password">Password 1</label>',
            "<token>string</token>",
            "<licenseKey>LGPL-2.1-only</licenseKey>",
            "<password>{AES}{an:32}</password>",
        ),
    ),
    Rule(
        "element-pair",
        "SECRET",
        "balanced",
        _PLIST,
        _listed,
        _PLIST_TRIGGER,
        reach=_REACH,
        yes=(
            "<key>password</key>\n  <string>«{an:12}»</string>",
            "<td>Password</td><td>«{an:12}»</td>",
        ),
        no=("<key>password</key><string>none</string>",),
    ),
    Rule(
        "name-value-pair",
        "SECRET",
        "balanced",
        _PAIR,
        _pair,
        _PAIR_TRIGGER,
        reach=_REACH,
        yes=(
            '{"name": "DB_PASSWORD", "value": "«{pw:12}»"}',
            "- name: API_TOKEN\n  value: «{an:24}»",
            '{"name": "API_KEY", "value": "«copper-garden-lantern»"}',
            '<input type="password" name="p" value="«{an:12}»">',
        ),
        no=(
            '<add key="Password" value=""/>',
            "- name: DB_PASSWORD\n  valueFrom: x",
        ),
    ),
    Rule(
        "postman-field",
        "SECRET",
        "balanced",
        _POSTMAN,
        _postman,
        yes=('"apikey": [{"key": "value", "value": "«{hex:20}»"}, {"key": "key"',),
        no=('"apikey": [{"key": "value", "value": "{{key}}"}]',),
    ),
    Rule(
        "terraform-default",
        "SECRET",
        "balanced",
        _VARIABLE,
        _variable,
        _VARIABLE_TRIGGER,
        reach=_REACH,
        yes=('variable "db_password" {\n  default = "«{an:14}»"\n}',),
        no=('variable "region" {\n  default = "{an:14}"\n}',),
    ),
    Rule(
        "sql-password",
        "SECRET",
        "balanced",
        _SQL,
        _sql,
        _SQL_TRIGGER,
        yes=(
            "ALTER USER app WITH PASSWORD '«{an:12}»';",
            "IDENTIFIED BY '«{an:12}»'",
        ),
        no=("IDENTIFIED BY 'password'",),
    ),
)


def tag_rules() -> tuple[Rule, ...]:
    """Return the rules for markup and for pairs of a name and a value."""
    return _RULES
