"""Credentials that stand on the line below their name: block scalars, broken strings, notes."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from filters.redact.rule import Range, Rule
from filters.redact.secrets.finding import full_grade, name_before
from filters.redact.secrets.judgement import Form, is_credential
from filters.redact.secrets.keywords import ANCHOR, STRONG_BYTES, WEAK_BYTES, Grade

# `name: >-`, `name = \`, `name = (`, `"name":`, `**Name:**`, `<name>`, `name="""`
_HEAD: Final = re.compile(
    rf"""{ANCHOR}(?P<rest>[\w.$\-]{{0,40}}(?:[ ]\w{{1,12}}){{0,2}})\\?["'`]?[\])*_]{{0,3}}[ \t]{{0,40}}"""
    r"""(?P<link>[:?]?=|:|=>|>)(?:\*\*|__)?[ \t]{0,8}(?P<mark>[|>][+-]?\d?[+-]?|\\|\(|"""
    r"""\$?\(?cat[ ]<<-?['"]?\w{2,8}['"]?|f?(?:\"\"\"|'''|`)\\?)?"""
    r"""[ \t]{0,20}(?:[#][^\n]{0,80})?\r?\n(?:[ \t]{0,20}\r?\n)?[ \t]{0,60}(?:[-+*>][ \t])?"""
    r"""(?P<open>[rbuf]?["'`]{1,3})?"""
    r"""(?P<value>[^\s"'`<>][^\n"'`<>]{3,199})(?P<close>[ \t]{0,20}(?:</|\r?\n[ \t]{0,40}</)[^\n]{1,60}|"""
    r"""["'`]{0,3}[,;)]{0,3})[ \t\r]{0,8}$""",
    re.MULTILINE | re.ASCII,
)
_TRIGGER: Final = re.compile(
    rf"""(?:{STRONG_BYTES}|{WEAK_BYTES})(?:[ ]\w+){{0,2}}\\?["'`]?[\])*_]*[ \t]*[:?]?[=:]>?[ \t]*"""
    rf"""(?:[|>][+-]?\d?[ \t]*|\\|\(|f?[\"'`])|"""
    r"""(?:passw(?:or)?d|passphrase|pwd|(?:api|access|secret|auth)[ _\-]?key|(?:access|auth|api|"""
    r"""secret)[ _\-]?token|secret)["'`*_]{0,3}[ ]?[:>]""",
    re.IGNORECASE | re.ASCII,
)
_REACH: Final = 300
_NAME_REACH: Final = 12


def _below(match: re.Match[str]) -> Range | None:
    text = match.string
    name = name_before(text, match.start(), match.end("rest"))
    found = full_grade(text, match.start(), name)
    if found is Grade.NONE or (match["link"] == ">" and not match["close"].strip().startswith("<")):
        return None
    start, end = match.span("value")
    value = text[start:end].rstrip()
    bare = match["open"] is None and match["mark"] is None and match["link"] != ">"
    if any(map(str.isspace, value)) and (match["open"] is None or not _is_closed(match)):
        return None
    if match["open"] is None and ":" in value and (bare or value.endswith(":")):
        return None  # a mapping
    form: Form = "told" if bare else "quoted"
    # what the prefilter would not see must not be seen without it
    low = max(0, match.start() - _NAME_REACH)
    seen = _TRIGGER.search(text, low, match.start("value")) is not None
    return (start, start + len(value)) if seen and is_credential(value, found, form) else None


def _is_closed(match: re.Match[str]) -> bool:
    return match["close"][:1] == match["open"][-1:]


@cache
def next_line_rules() -> tuple[Rule, ...]:
    """Return the rule for values on the next line."""
    return (
        Rule(
            "next-line", "SECRET", "balanced", _HEAD, _below, _TRIGGER, reach=_REACH,
            yes=(
                "password: >-\n  «{pw:14}7»\nuser: x", "api_key: |\n    «{an:24}»\n", 'password = \\\n    "«{an:12}7»"',
                'SECRET_KEY = (\n    "«{an:32}»"\n)', "<password>\n  «{an:12}7»\n</password>",
                "API key:\n\n«{an:24}»\n", "client_secret = '''\n«{an:24}»\n'''",
            ),
            no=(
                "password: >-\n  changeme\n", "password:\n  type: string\n", "password:\n  min_length: 12\n",
                "def token(\n    text_of_it,\n", "secrets:\n  - db-password-1\n",
            ),
        ),
    )  # fmt: skip
