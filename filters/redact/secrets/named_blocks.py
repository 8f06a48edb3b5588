"""Keys whose provider is named in the lines above them: YAML and JSON blocks, sections, set-up code."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import Final

from filters.redact.rule import Range, Rule
from filters.redact.secrets.finding import is_summed
from filters.redact.tokens.named import TOKENS
from filters.redact.tokens.near import END, is_key, is_keyish, place

# How far above a key its provider's name may stand: lines, and code points in all
_LINES: Final = 6
_REACH: Final = 400
# A key that starts farther into its line stands in no block
_COLUMN: Final = 200

_UUID: Final = r"[A-Fa-f0-9]{8}(?:-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}"
# A key has two digits apart from each other, or small letters and capitals in turn; few names have
_SHOWS: Final = (
    r"(?=[A-Za-z_-]{0,80}[0-9][0-9_-]{0,8}[A-Za-z][A-Za-z_-]{0,80}[0-9]|"
    r"[A-Za-z0-9]{0,24}[A-Z][a-z0-9][A-Z])"
)
_VALUE: Final = rf"{_SHOWS}(?:{_UUID}|[A-Za-z0-9_-]{{15,100}})"
_PATTERN: Final = re.compile(
    r"(?i:key|token|secret|auth|passw|credential|value)[\w.-]{0,20}\\?[\"'\])]{0,2}[ \t]{0,4}"
    rf"(?:=>|:=|[:=,(>])[ \t]{{0,4}}\\?[\"'`]?(?P<span>{_VALUE}){END}",
    re.ASCII,
)
_NAME: Final = re.compile(
    r"\b(?i:name|key)[\"']?[ \t]{0,4}[:=>][ \t]{0,4}[\"']?([\w.-]{1,80})", re.ASCII
)

# Providers that give a page keys for every visitor, and the names of their other keys
_CLIENT: Final = re.compile(
    r"\b(?:mixpanel|amplitude|segment|firebase\w*|docsearch|posthog|(?:re|h)captcha|turnstile|sentry|pusher)\b",
    re.IGNORECASE,
)
_SECRET: Final = re.compile(r"secret|private|auth|personal|server|admin", re.IGNORECASE)

_WORD: Final = re.compile("[A-Z]?[a-z0-9]+|[A-Z0-9]+")


@cache
def _spelled() -> dict[str, tuple[str, ...]]:
    """Return the shapes of the keys of each provider, by its name as one small word.

    Left out are providers whose names are words of every text too, such as `line`.
    """
    shapes: dict[str, set[str]] = {}
    for token in TOKENS:
        if token.level == "permissive" and not token.near.startswith("(?-i:"):
            shapes.setdefault(token.provider.replace("-", ""), set()).add(token.regex)
    return {name: tuple(sorted(each)) for name, each in shapes.items()}


@cache
def _shapes(name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(shape, re.ASCII) for shape in _spelled()[name])


def _check(match: re.Match[str]) -> Range | None:
    """Accept a value with a telling name below the name of a provider whose keys look like it."""
    text, (start, end) = match.string, match.span("span")
    value = match["span"]
    if not is_key(value) or is_summed(text, start, end):
        return None
    line = text.rfind("\n", max(0, start - _COLUMN), start) + 1
    where = place(text, start) if line else None
    if where is None:
        return None
    above = _above(text, line)
    if _CLIENT.search(above) is not None and _SECRET.search(where.name) is None:
        return None
    if not is_keyish(where.name or _name_in(above)):
        return None
    fits = any(shape.fullmatch(value) for name in _words(above) for shape in _of(name))
    return (start, end) if fits else None


def _of(name: str) -> tuple[re.Pattern[str], ...]:
    return _shapes(name) if name in _spelled() else ()


def _words(above: str) -> list[str]:
    """Return the words of some lines in small letters, and each two of them joined."""
    words = [word.lower() for word in _WORD.findall(above)]
    return words + [first + second for first, second in pairwise(words)]


def _above(text: str, line: int) -> str:
    """Return the few lines above the one that begins at `line`, up to a blank one."""
    low = max(0, line - _REACH)
    block = text[low:line].rstrip("\n").rpartition("\n\n")[2]
    return "\n".join(block.split("\n")[-_LINES:])


def _name_in(above: str) -> str:
    """Return the name that the line above gives to a bare `value:`, as in lists of variables."""
    match = _NAME.search(above.rpartition("\n")[2])
    return "" if match is None else match[1]


@cache
def named_block_rules() -> tuple[Rule, ...]:
    """Return the rule for keys in a provider's block."""
    return (
        Rule("provider-block", "SECRET", "balanced", _PATTERN, _check,
             yes=("heroku:\n  email: a@b.example\n  api_key: «{uuid}»\n",
                  '"algolia": {\n  "appId": "X",\n  "key": "«{hex:32}»"\n}',
                  "[dropbox]\napp_key = {low:5}\napp_secret = «{low:4}7{low:10}»",
                  "Twilio.configure do |c|\n  c.auth_token = '«{hex:32}»'\nend",
                  "- name: DATADOG_API_KEY\n  value: «{hex:32}»\n"),
             no=("heroku:\n  commit: {hex:40}\n", "algolia:\n\ncache:\n  key: {hex:32}",
                 "heroku:\n  app_id: {uuid}\n", "mixpanel:\n  token: {hex:32}\n",
                 "heroku:\n  lock_token: {uuid}\n", "firebase:\n  apiKey: {an:40}\n",
                 "  FirebaseAuth: {hex:40}\n  FirebaseCore: {hex:40}\n")),
    )  # fmt: skip
