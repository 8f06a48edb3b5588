"""Keep or drop a document by the licence that it declares, with the deciding id as the reason."""

from __future__ import annotations

import difflib
import functools
from typing import ClassVar, Final, Literal, NamedTuple

import msgspec

from filters.document import KEEP, Document, Verdict, drop
from filters.licenses.ids import index
from filters.licenses.spdx import (
    LICENSE_CLASSES,
    Combination,
    Expression,
    License,
    LicenseClass,
    LicenseSyntaxError,
    combine,
    normalise,
    parse,
    rank,
    render,
)

Decision = Literal["allow", "deny", "unknown"]
PERMISSIVE: Final[frozenset[LicenseClass]] = frozenset({"public-domain", "permissive"})
_ORDER: Final[tuple[Decision, ...]] = (
    "deny",
    "unknown",
    "allow",
)  # OR takes the last, AND the first
_CACHED: Final = 1 << 16


class LicenseDecision(NamedTuple):
    """What a filter makes of one claim.

    `expression` is normalised. `elected` is the branch that was chosen where the expression offers
    a choice, else `""`. `rule` and `by` name what decided: the `policy`, `allow` or `deny` entry
    list or `unknown`, and the licence that met it; both `""` when the decision is to allow.
    """

    expression: str
    license_class: LicenseClass
    decision: Decision
    elected: str = ""
    rule: str = ""
    by: str = ""


class LicenseFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[license]` table: a policy, or lists of ids, expressions and class names.

    `allow` adds to what the policy allows, `deny` wins over both, and with `deny` alone all else
    that is known is allowed. `unknown` says what happens to documents whose licence cannot be
    told. With none of the three set, everything is kept. Raises `ValueError` with every mistake.
    """

    stage: ClassVar[str] = "license"

    policy: Literal["permissive"] | None = None
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    unknown: Literal["drop", "keep"] = "drop"

    def __post_init__(self) -> None:
        entries = [("allow", each) for each in self.allow] + [("deny", each) for each in self.deny]
        mistakes = [f"{key}: {problem}" for key, each in entries if (problem := _mistake(each))]
        if mistakes:
            raise ValueError("license: " + "; ".join(mistakes))

    def judge(self, document: Document, /) -> Verdict:
        """Keep the document, or drop it for `rule:id`; the detail holds the whole decision."""
        return _verdict(self, document.license)

    def decide(self, expression: str) -> LicenseDecision:
        """Say what the filter makes of a claim in any form."""
        return _decide(self, expression)


class _Rules(NamedTuple):
    """A filter's lists, ready for lookups."""

    allow: frozenset[Expression]
    allow_classes: frozenset[LicenseClass]
    deny: frozenset[Expression]
    deny_classes: frozenset[LicenseClass]
    otherwise: str  # the list that denies what it does not name, "" where nothing does


class _Weighed(NamedTuple):
    order: int  # place in _ORDER
    rank: int
    elected: Expression
    rule: str
    by: str


@functools.lru_cache(maxsize=_CACHED)
def _verdict(rule: LicenseFilter, claim: str) -> Verdict:
    if rule.policy is None and not rule.allow and not rule.deny:
        return KEEP
    found = _decide(rule, claim)
    if found.decision == "allow" or (found.decision == "unknown" and rule.unknown == "keep"):
        return KEEP
    return drop(
        f"{found.rule}:{found.by}",
        **{"class": found.license_class},
        expression=found.expression,
        decision=found.decision,
        elected=found.elected,
    )


@functools.lru_cache(maxsize=_CACHED)
def _decide(rule: LicenseFilter, claim: str) -> LicenseDecision:
    canonical = normalise(claim).expression
    expression = parse(canonical)
    weighed = _weigh(expression, _rules(rule))
    chosen = weighed.elected
    return LicenseDecision(
        canonical,
        LICENSE_CLASSES[rank(expression)],
        _ORDER[weighed.order],
        "" if chosen == expression else render(chosen),
        weighed.rule,
        weighed.by,
    )


@functools.lru_cache(maxsize=64)
def _rules(rule: LicenseFilter) -> _Rules:
    allow, allow_classes = _split(rule.allow)
    deny, deny_classes = _split(rule.deny)
    if rule.policy is not None:
        return _Rules(allow, allow_classes | PERMISSIVE, deny, deny_classes, "policy")
    return _Rules(allow, allow_classes, deny, deny_classes, "allow" if rule.allow else "")


def _split(entries: tuple[str, ...]) -> tuple[frozenset[Expression], frozenset[LicenseClass]]:
    classes = frozenset(each for each in LICENSE_CLASSES if each in entries)
    others = [each for each in entries if each not in LICENSE_CLASSES]
    return frozenset(_unordered(parse(normalise(each).expression)) for each in others), classes


def _unordered(expression: Expression) -> Expression:
    """Sort the parts of an expression, so that an entry matches in any order."""
    if isinstance(expression, License):
        return expression
    return Combination(
        expression.operator, tuple(sorted(map(_unordered, expression.parts), key=render))
    )


def _weigh(expression: Expression, rules: _Rules) -> _Weighed:
    if isinstance(expression, License):
        return _weigh_license(expression, rules)
    same = _unordered(expression)
    if same in rules.deny:
        return _Weighed(0, rank(expression), expression, "deny", render(expression))
    parts = [_weigh(part, rules) for part in expression.parts]
    if expression.operator == "OR":
        found = max(parts, key=lambda each: (each.order, -each.rank))
    else:
        worst = min(parts, key=lambda each: (each.order, -each.rank))
        chosen = combine("AND", [each.elected for each in parts])
        found = worst._replace(rank=max(each.rank for each in parts), elected=chosen)
    if same in rules.allow and found.rule != "deny":
        return _Weighed(2, found.rank, found.elected, "", "")
    return found


def _weigh_license(atom: License, rules: _Rules) -> _Weighed:
    own = rank(atom)
    kind = LICENSE_CLASSES[own]
    bare = License(atom.id)
    forms = {atom, bare, License(atom.id, atom.plus), License(atom.id, exception=atom.exception)}
    # an exception grants more than the bare licence, unless it is one that takes rights away
    loosened = forms if own <= rank(bare) else {atom}
    if kind in rules.deny_classes or forms & rules.deny:
        return _Weighed(0, own, atom, "deny", render(atom))
    if kind in rules.allow_classes or loosened & rules.allow:
        return _Weighed(2, own, atom, "", "")
    if kind in {"unknown", "unstated"}:
        return _Weighed(1, own, atom, "unknown", render(atom))
    if rules.otherwise:
        return _Weighed(0, own, atom, rules.otherwise, render(atom))
    return _Weighed(2, own, atom, "", "")


def _mistake(entry: str) -> str:
    """Say what is wrong with an entry of `allow` or `deny`, `""` if nothing."""
    if entry in LICENSE_CLASSES:
        return ""
    try:
        parse(entry)
    except LicenseSyntaxError as error:
        return f"{entry!r} is no licence id, expression or class ({error}){_suggestion(entry)}"
    found = normalise(entry)
    if found.repaired:
        return f"{entry!r} is not on the SPDX licence list{_suggestion(entry)}"
    return ""


def _suggestion(entry: str) -> str:
    understood = normalise(entry)
    if understood.expression != "NOASSERTION" and not understood.unknown:
        return f"; did you mean {understood.expression!r}?"
    names = {each.lower(): each for each in LICENSE_CLASSES} | index().licenses
    near = difflib.get_close_matches(entry.lower(), names, n=1)
    return f"; did you mean {names[near[0]]!r}?" if near else ""
