"""Detect e-mail addresses whose signs are spelled as words, as in `jane (at) corp (dot) com`."""

from __future__ import annotations

import re
from typing import Final

from filters.redact.personal.domains import domain_end
from filters.redact.personal.mailboxes import is_mailbox, local_start
from filters.redact.rule import Range, Rule

_PAIRS: Final = ("()", "[]", "{}", "<>")
_SIGNS: Final = ("at", "AT", "At", "@", "\u00e4t", "arroba", "arobase", "ARROBA")
_POINTS: Final = ("dot", "DOT", "Dot", "punkt", "point", "punto", "ponto", "PUNTO")


def _bracketed(words: tuple[str, ...]) -> str:
    """Spell the words in brackets of each kind, with or without blanks inside."""
    return "|".join(
        re.escape(pair[0]) + gap + re.escape(word) + gap + re.escape(pair[1])
        for pair in _PAIRS
        for gap in ("", " ")
        for word in words
    )


_BRACKETED_AT: Final = _bracketed(_SIGNS)
_WORDED_DOT: Final = rf"{_bracketed(_POINTS)}| [\-_]dot[\-_] |_(?:DOT|dot)_| (?:DOT|dot) "
_DOT: Final = (
    rf"(?:\s?(?:{_bracketed(_POINTS)}|{_bracketed(('.',))})\s?| [\-_]dot[\-_] |_(?:DOT|dot)_"
    r"| (?:DOT|dot) |\.)"
)
_WORD: Final = r"[A-Za-z0-9][A-Za-z0-9_+\-]{0,63}"
_LABEL: Final = r"[A-Za-z0-9][A-Za-z0-9\-]{0,61}"


_LOCAL: Final = rf"(?<![\w.+\-]){_WORD}(?:{_DOT}{_WORD}){{0,3}}?"
_DOMAIN: Final = rf"(?P<domain>(?:{_LABEL}{_DOT}){{1,4}}[A-Za-z]{{2,18}})(?![A-Za-z0-9_(])"

# The sign and the domain; the local part is read backwards from there
_SPELLED: Final = re.compile(rf"(?P<at>{_BRACKETED_AT})\s?{_DOMAIN}")
_BEFORE: Final = re.compile(rf"{_LOCAL}(?P<gap>\s?)\Z")
_LONGEST: Final = 300
# The same where no dot is spelled in it
_LAST: Final = re.compile(
    r"(?<![\w.+\-])[A-Za-z0-9][A-Za-z0-9_+\-]{0,63}+(?:\.[A-Za-z0-9][A-Za-z0-9_+\-]{0,63}+){0,3}+(?P<gap>\s?)\Z"
)
_SHORT: Final = 100
_SPELLED_TRIGGER: Final = re.compile(_BRACKETED_AT)
# Both words bare and in one case
_BARE: Final = re.compile(rf"{_LOCAL}(?P<at>\s[\-_]at[\-_]\s|_(?:AT|at)_|\s(?:AT|at)\s){_DOMAIN}")
_BARE_TRIGGER: Final = re.compile(_WORDED_DOT)
_LOOK: Final = 160


def _spelled(match: re.Match[str]) -> Range | None:
    """Accept an address with its sign in brackets."""
    text, at = match.string, match.start()
    before = _LAST.search(text, max(0, at - _SHORT), at)
    if before is not None and _has_dot(text[max(0, before.start() - 8) : before.start()]):
        before = _BEFORE.search(text, max(0, at - _LONGEST), at)
    return None if before is None else _read(match, before.start(), before.start("gap"))


def _has_dot(before: str) -> bool:
    """Tell whether a dot may be spelled right before: in brackets or as a bare word."""
    return before.rstrip().lower().endswith((")", "]", "}", ">", "dot", "dot-", "dot_"))


def _read(match: re.Match[str], first: int, last: int) -> Range | None:
    """Accept the address whose local part stands at `[first, last)`, if it is no mark-up."""
    if "<" in match[0] and "</" in match.string[match.end() : match.end() + _LOOK]:
        return None
    domain = re.sub(_DOT, ".", match["domain"])
    start = local_start(match.string, first, last)
    local = match.string[start:last]
    if domain_end(domain) != len(domain) or not is_mailbox(re.sub(_DOT, ".", local), domain):
        return None
    return start, match.end()


def _bare(match: re.Match[str]) -> Range | None:
    """Accept an address of bare words, if no prose reads like it: the dots must be spelled too."""
    dot = "DOT" if "AT" in match["at"] else "dot"
    return _read(match, match.start(), match.start("at")) if dot in match["domain"] else None


_RULES: Final = (
    Rule(
        "email-spelled", "EMAIL", "permissive", _SPELLED, _spelled, _SPELLED_TRIGGER,
        yes=(
            "«{lower:6} (at) {lower:6} (dot) com»", "«{lower:6}[at]{lower:6}.org»",
            "«{lower:6} [dot] {lower:5} [at] {lower:6} [dot] fr»", "«{lower:6}(@){lower:6}[.]org»",
            "«{lower:6}(arroba){lower:6}.es»",
        ),
        no=("arrive (at) noon", "{lower:6} (at) example (dot) com"),
    ),
    Rule(
        "email-worded", "EMAIL", "permissive", _BARE, _bare, _BARE_TRIGGER,
        yes=(
            "«{lower:6} AT {lower:6} DOT net»", "«{lower:6}_AT_{lower:6}_DOT_net»",
            "<«{lower:5} dot {lower:5} at {lower:6} dot fr»>", "«{lower:6} at {lower:6} [dot] org»",
        ),
        no=(
            "look at {lower:6}.com", "{lower:6} AT {lower:6}.com", "start_at_{lower:6}.info",
            "{lower:6} at example dot com",
        ),
    ),
)  # fmt: skip


def spelled_email_rules() -> tuple[Rule, ...]:
    """Return the rules for spelled e-mail addresses."""
    return _RULES
