"""Path patterns of RFC 9309 section 2.2.3: which paths they match, and which prefix says the same."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from protego import Protego

from filters.signals.model import encoded

if TYPE_CHECKING:
    from filters.signals.model import Rule, RuleSet

_AGENT: Final = "a"
# Of two rules of one length the one whose answer stands further to the right decides.
_RANKS: Final = {"open": ("no", "unknown", "yes"), "closed": ("unknown", "yes", "no")}
# Characters that every normalisation of URLs leaves as they are.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.~/-]*")


class Prefix(NamedTuple):
    """A prefix, cut at a slash, all of whose URLs a pattern matches.

    `whole` says that the pattern matches no other URL; a last slash is no difference.
    """

    path: str
    whole: bool


@functools.lru_cache(maxsize=8192)
def canonical_pattern(text: str) -> str:
    """Return a pattern in ASCII, as long as RFC 9309 counts it: octets, non-ASCII encoded."""
    return encoded(text)


def is_pattern(text: str) -> bool:
    """Say whether the text can match a path at all: it begins with `/` or with `*`."""
    return text.startswith(("/", "*"))


@functools.lru_cache(maxsize=8192)
def _matcher(pattern: str) -> Protego:
    return Protego.parse(f"User-agent: {_AGENT}\nDisallow: {pattern}\n")


def matches(pattern: str, path: str) -> bool:
    """Say whether a pattern matches an encoded path and query."""
    return not _matcher(canonical_pattern(pattern)).can_fetch(f"https://host{path}", _AGENT)


def deciding(rules: RuleSet, path: str) -> Rule | None:
    """Return the rule that decides for a path, if any matches."""
    found = [each for each in rules.rules if not each.pattern or matches(each.pattern, path)]
    if not found or rules.order == "first":
        return found[0] if found else None
    return max(found, key=lambda each: _strength(rules, each))


def _strength(rules: RuleSet, rule: Rule) -> tuple[int, int]:
    return len(canonical_pattern(rule.pattern)), _RANKS[rules.order].index(rule.answer)


def prefix_of(pattern: str) -> Prefix | None:
    """Return the largest prefix that says no more than the pattern does, if there is one.

    `/a/` and `/a/*` are the prefix `/a`; `/a` matches `/ab` too, so that the prefix is not the
    whole of it. `/a$`, `/*.pdf` and what asks for a query are no prefix.
    """
    text = canonical_pattern(pattern).rstrip("*")
    if not text:
        return Prefix("/", whole=True)
    segments = text.split("/")
    if not text.startswith("/") or re.search(r"[*$?]", text) is not None:
        return None
    if "" in segments[1:-1] or {".", ".."} & set(segments):
        return None
    return Prefix(text, whole=text.endswith("/") and _PLAIN.fullmatch(text) is not None)


def literal_head(pattern: str) -> str:
    """Return the part of a pattern that every path it matches begins with."""
    return re.split(r"\*|\$\Z", canonical_pattern(pattern), maxsplit=1)[0]


def may_meet(pattern: str, prefix: str) -> bool:
    """Say whether a pattern may match a path under a prefix; in doubt it may."""
    head = literal_head(pattern)
    stem = prefix.rstrip("/")
    if _PLAIN.fullmatch(head) is None or _PLAIN.fullmatch(stem) is None:
        return True
    return head.startswith(f"{stem}/") or f"{stem}/".startswith(head)


def may_overrule(rules: RuleSet, rule: Rule, prefix: str) -> tuple[Rule, ...]:
    """Return the rules with another answer that may decide for some path under a prefix."""
    if rules.order == "first":
        before = next(i for i, each in enumerate(rules.rules) if each is rule)
        stronger = rules.rules[:before]
    else:
        least = _strength(rules, rule)
        stronger = tuple(each for each in rules.rules if _strength(rules, each) > least)
    return tuple(
        each for each in stronger if each.answer != rule.answer and may_meet(each.pattern, prefix)
    )
