"""Credentials that stand on the line below their name: block scalars, broken strings, notes."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from filters.redact.rule import Range, Rule
from filters.redact.secrets.finding import full_grade, name_before
from filters.redact.secrets.judgement import Form, is_credential
from filters.redact.secrets.keywords import ANCHOR, STRONG_BYTES, WEAK_BYTES, Grade

# What stands below: a value alone on its line, in quotes or not. The newline comes first, for `re` finds
# it by its one character; what ends the line before it is read by `_opened`.
_BELOW: Final = re.compile(
    r"""\n(?:[ \t]{0,20}\r?\n)?[ \t]{0,60}(?:[-+*>][ \t])?"""
    r"""(?P<key>["']?(?:[vV]alue|[dD]efault|plaintext)["']?[ ]?[:=][ ]{1,2})?(?P<open>[rbuf]?["'`]{1,3})?"""
    r"""(?P<value>[^\s"'`<>][^\n"'`<>]{3,199})(?P<close>[ \t]{0,20}(?:</|\r?\n[ \t]{0,40}</)[^\n]{1,60}|"""
    r"""["'`]{0,3}[,;)]{0,3})[ \t\r]{0,8}$""",
    re.MULTILINE,
)
# `name: >-`, `name = \`, `name = (`, `"name":`, `**Name:**`, `<name>`, `name="""`, `name = <<EOF`
_HEAD: Final = re.compile(
    rf"""{ANCHOR}(?P<rest>[\w.$\-]{{0,40}}(?:[ ]\w{{1,12}}){{0,2}})\\?["'`]?[\])*_]{{0,3}}[ \t]{{0,40}}"""
    r"""(?P<link>[:?]?=|:|=>|>)(?:\*\*|__)?[ \t]{0,8}(?P<mark>[|>][+-]?\d?[+-]?|\\|\(|\{|"""
    r"""(?:\$?\(?cat[ ])?<<[-~]?['"]?\w{2,8}['"]?|f?(?:\"\"\"|\'\'\'|`)\\?)?"""
    r"""[ \t]{0,20}(?:[#][^\n]{0,80})?\r?$""",
    re.ASCII,
)
_TRIGGER: Final = re.compile(
    rf"""(?:{STRONG_BYTES}|{WEAK_BYTES})(?:[ ]\w+){{0,2}}\\?["'`]?[\])*_]*[ \t]*[:?]?[=:]>?[ \t]*"""
    r"""(?:[|>][+-]?\d?[ \t]*|\\|\(|\{|f?(?:\"\"\"|\'\'\'|`)|(?:\$?\(?cat[ ])?<<)|"""
    r"""(?:passw(?:or)?d|passphrase|pwd|(?:api|access|secret|auth)[ _\-]?key|(?:access|auth|api|"""
    r"""secret)[ _\-]?token|secret)["'`*_]{0,3}[ ]?[:>=]""",
    re.IGNORECASE | re.ASCII,
)
_REACH: Final = 300
_NAME_REACH: Final = 12
# The head of a value is the end of its line
_HEAD_REACH: Final = 220
_OPENING: Final = frozenset(":=>|({\\\"'`*_+-0123456789")


def _below(match: re.Match[str]) -> Range | None:
    head = _opened(match)
    if head is None:
        return None
    name = name_before(match.string, head.start(), head.end("rest"))
    found = full_grade(match.string, head.start(), name)
    start, value = match.start("value"), match["value"].rstrip()
    bare = match["open"] is None and head["mark"] is None and head["link"] != ">"
    if found is Grade.NONE or _is_other(match, head, value, bare=bare):
        return None
    form: Form = "told" if bare else "quoted"
    return (start, start + len(value)) if is_credential(value, found, form) else None


def _is_other(match: re.Match[str], head: re.Match[str], value: str, *, bare: bool) -> bool:
    """Tell whether what stands below a name is a statement, a mapping or text, no value of its own."""
    return (
        (head["link"] == ">" and not match["close"].strip().startswith("<"))
        # `{` opens a block, and in a block stands `value = …`
        or (match["key"] is None) == (head["mark"] == "{")
        or (bare and head["link"].endswith("="))
        or (match["open"] is None and value[0] + value[-1] in ("[]", "{}"))
        or (any(map(str.isspace, value)) and (match["open"] is None or not _is_closed(match)))
        or (match["open"] is None and ":" in value and (bare or value.endswith(":")))
    )


def _opened(match: re.Match[str]) -> re.Match[str] | None:
    """Return the name and the link that end the line above a value."""
    text, end = match.string, match.start()
    low = max(text.rfind("\n", max(0, end - _HEAD_REACH), end) + 1, end - _HEAD_REACH, 0)
    line = text[low:end].rstrip()
    if line[-1:] not in _OPENING and "#" not in line and "<<" not in line:
        return None
    head = _HEAD.search(text, low, end)
    if head is None:
        return None
    # what the prefilter would not see must not be seen without it
    seen = _TRIGGER.search(text, max(low, head.start() - _NAME_REACH), end)
    return None if seen is None else head


def _is_closed(match: re.Match[str]) -> bool:
    return match["close"][:1] == match["open"][-1:]


@cache
def next_line_rules() -> tuple[Rule, ...]:
    """Return the rule for values on the next line."""
    return (
        Rule(
            "next-line", "SECRET", "balanced", _BELOW, _below, _TRIGGER, reach=_REACH,
            yes=(
                "password: >-\n  «{pw:14}7»\nuser: x", "api_key: |\n    «{an:24}»\n", 'password = \\\n    "«{an:12}7»"',
                'SECRET_KEY = (\n    "«{an:32}»"\n)', "<password>\n  «{an:12}7»\n</password>",
                "API key:\n\n«{an:24}»\n", "client_secret = '''\n«{an:24}»\n'''",
                'password =\n    "«{pw:12}7»";', "db_password = <<~EOS\n  «{an:12}7»\nEOS",
            ),
            no=(
                "password: >-\n  changeme\n", "password:\n  type: string\n", "password:\n  min_length: 12\n",
                "def token(\n    text_of_it,\n", "secrets:\n  - db-password-1\n",
            ),
        ),
    )  # fmt: skip
