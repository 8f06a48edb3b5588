"""No rule takes more than about linear time on a line made to keep its regex busy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from re import _constants as op  # type: ignore[attr-defined]  # texts are drawn from the parse tree
from re import _parser  # type: ignore[attr-defined]  # the same
from string import printable
from time import process_time
from typing import Any

from filters.redact.database import build
from filters.redact.prefilter import find
from filters.redact.rule import Rule
from filters.redact.rules import every_rule

SHORT, LONG = 5_000, 20_000
# Seconds of CPU for a line of LONG characters that are linear whatever the machine
QUICK = 0.05
# Four times the text takes four times as long if linear and sixteen times if quadratic.
FACTOR = 9.0
LONGEST_REPEAT = 16
TEXTS = 10


def sample(nodes: Any, flags: int, groups: dict[int, str]) -> str:
    """Return a text that a sequence of parse nodes matches, but for look-arounds: the shortest."""
    return "".join(_sample(kind, value, flags, groups) for kind, value in nodes)


def _sample(  # noqa: PLR0911  one return a kind of node
    kind: Any, value: Any, flags: int, groups: dict[int, str]
) -> str:
    if kind is op.SUBPATTERN:
        index, added, removed, inner = value
        text = sample(inner, (flags | added) & ~removed, groups)
        if index is not None:
            groups[index] = text
        return text
    if kind is op.BRANCH:
        return sample(value[1][0], flags, groups)
    if kind is op.ATOMIC_GROUP:
        return sample(value, flags, groups)
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return sample(value[2], flags, groups) * int(value[0])
    if kind is op.GROUPREF:
        return groups.get(value, "")
    if kind in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN):
        return _character(kind, tuple(value) if kind is op.IN else value, flags)
    return ""


@cache
def _character(kind: Any, value: Any, flags: int) -> str:
    if kind is op.LITERAL:
        return chr(value)
    state = _parser.State()
    state.flags = flags
    tree = _parser.SubPattern(state, [(kind, list(value) if kind is op.IN else value)])
    one = re._compiler.compile(tree, flags)  # type: ignore[attr-defined]  # no public name
    others = "\u00e9\u00a0\uff1a\uac00\u4e2d"
    # letters and digits first, newlines last
    return next((c for c in "aA0" + printable.strip() + " \t" + others if one.fullmatch(c)), "x")


def stretched(nodes: Any, flags: int, before: str = "") -> Iterator[str]:
    """Yield texts in which one long repeat goes on, each from the start of the regex, and again."""
    for kind, value in nodes:
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            unit = sample(value[2], flags, {}) or " "
            if value[1] >= LONGEST_REPEAT:
                yield before + unit * (LONG // len(unit))
                yield (before + unit * 40) * LONG
            yield from stretched(value[2], flags, before)
        elif kind is op.SUBPATTERN:
            yield from stretched(value[3], (flags | value[1]) & ~value[2], before)
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from stretched(branch, flags, before)
        before += _sample(kind, value, flags, {})
    yield before * LONG


def texts(rule: Rule) -> list[str]:
    """Return lines that begin like a match of the rule over and over and never end like one."""
    tree = _parser.parse(rule.pattern.pattern, rule.pattern.flags)
    whole = sample(tree, rule.pattern.flags, {})
    drawn = (*stretched(tree, rule.pattern.flags), whole[:-1] * LONG, (whole[:-1] + " ") * LONG)
    kept = dict.fromkeys(text[:LONG].replace("\n", " ") for text in drawn if text.strip())
    return list(kept)[-TEXTS:]


def seconds(rule: Rule, text: str) -> float:
    alone = build((rule,), "re")
    start = process_time()
    find(alone, text)
    return process_time() - start


def is_slow(rule: Rule, text: str) -> bool:
    """Tell whether a text takes a rule long, and out of proportion to a quarter of it."""
    if seconds(rule, text) < QUICK:
        return False
    long = min(seconds(rule, text) for _ in range(2))
    short = min(seconds(rule, text[:SHORT]) for _ in range(3))
    return long > QUICK and long > FACTOR * short


def test_every_rule_is_about_linear_in_its_worst_line() -> None:
    slow = {rule.id for rule in every_rule() for text in texts(rule) if is_slow(rule, text)}
    assert slow == set()
