"""Allow, deny or leave open a document by its licence, and say which licence decided."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, ClassVar, Final, Literal, NamedTuple

import msgspec

from filters.document import KEEP, Document, Verdict, drop
from filters.licenses.attributes import attributes_of
from filters.licenses.policies import (
    PERMISSIVE,
    Fate,
    Policy,
    entry_mistakes,
    policy_name_mistake,
)
from filters.licenses.spdx import (
    LICENSE_CLASSES,
    NOASSERTION,
    Combination,
    Expression,
    License,
    LicenseClass,
    combine,
    normalise,
    parse,
    rank,
    render,
)

if TYPE_CHECKING:
    from filters.licenses.evidence import Outcome

Decision = Literal["allow", "deny", "unknown"]
# OR takes the last, AND the first. What is unknown is kept or dropped, and stays unknown.
_ORDER: Final[tuple[Decision, ...]] = ("deny", "unknown", "unknown", "allow")
_DENY, _UNKNOWN, _KEPT, _ALLOW = range(4)
_COPYLEFT: Final = frozenset({"weak-copyleft", "strong-copyleft", "network-copyleft"})
_CACHED: Final = 1 << 13


class LicenseDecision(NamedTuple):
    """What a filter makes of one claim.

    `expression` is normalised. `elected` is the branch that was chosen where the expression offers
    a choice, else `""`. `rule` and `by` name what decided: the `policy`, `allow` or `deny` entry
    list or `unknown`, and the licence that met it, or how the search for one ended; both `""` when
    the decision is to allow. `outcome` is as it was given. `keep`: what becomes of the document,
    also where the decision is unknown. `unmodified`: it may be kept only as it is.
    """

    expression: str
    license_class: LicenseClass
    decision: Decision
    elected: str = ""
    rule: str = ""
    by: str = ""
    outcome: Outcome = "found"
    keep: bool = False
    unmodified: bool = False


class LicenseFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[license]` table: a policy, or lists of ids, expressions and class names.

    `policy` is one of configs/policies or the path of an own TOML file. `allow` adds to what the
    policy allows, `deny` wins over both, and with `deny` alone all else that is known is allowed.
    `exceptions` adds ids of exceptions that lift a copyleft licence. `unknown` says, in place of
    the policy, what happens to documents whose licence cannot be told. Without a policy, `allow`
    and `deny` everything is kept. `base` is the policy as it was read: only the reader of the config sets it.
    Raises `ValueError` with every mistake.
    """

    stage: ClassVar[str] = "license"

    policy: str | None = None
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    unknown: Fate | None = None
    exceptions: tuple[str, ...] = ()
    base: Policy | None = None

    def __post_init__(self) -> None:
        mistakes = entry_mistakes(self.allow, self.deny, self.exceptions)
        if self.policy is not None and (mistake := policy_name_mistake(self.policy)):
            mistakes.append(mistake)
        if self.base is not None and self.policy is None:
            mistakes.append("base: write the policy into a file of its own and name it in `policy`")
        if mistakes:
            raise ValueError("license: " + "; ".join(mistakes))

    def judge(self, document: Document, /) -> Verdict:
        """Keep the document, or drop it for `rule:id`; the detail holds the whole decision."""
        return _verdict(self, document.license, "found")

    def verdict(self, expression: str, outcome: Outcome = "found") -> Verdict:
        """Judge what was resolved for a document rather than what it claims."""
        return _verdict(self, expression, outcome)

    def decide(self, expression: str, outcome: Outcome = "found") -> LicenseDecision:
        """Say what the filter makes of a claim in any form, or of a search that found none.

        Where the search did not end with a licence the class is at least `unknown`, and nothing
        but an entry for `NOASSERTION` or `unknown` allows it; a denied licence stays denied.
        """
        return _decide(self, expression, outcome)


class _Rules(NamedTuple):
    """A filter's lists, ready for lookups."""

    allow: frozenset[Expression]
    allow_classes: frozenset[LicenseClass]
    deny: frozenset[Expression]
    deny_classes: frozenset[LicenseClass]
    exceptions: frozenset[str]
    unmodified: bool  # works that must not be changed are allowed as they are
    otherwise: str  # the list that denies what it does not name, "" where nothing does
    fates: dict[str, Fate]


class _Weighed(NamedTuple):
    order: int  # place in _ORDER
    rank: int
    elected: Expression
    rule: str
    by: str


@functools.lru_cache(maxsize=_CACHED)
def _verdict(rule: LicenseFilter, claim: str, outcome: Outcome) -> Verdict:
    found = _decide(rule, claim, outcome)
    if found.keep:
        return KEEP
    return drop(
        f"{found.rule}:{found.by}",
        **{"class": found.license_class},
        expression=found.expression,
        decision=found.decision,
        elected=found.elected,
        **({} if outcome == "found" else {"outcome": outcome}),
    )


@functools.lru_cache(maxsize=_CACHED)
def _decide(rule: LicenseFilter, claim: str, outcome: Outcome) -> LicenseDecision:
    canonical = normalise(claim).expression
    expression = parse(canonical)
    rules = _rules(rule)
    weighed = _weigh(expression, rules)
    own = rank(expression)
    if outcome != "found":
        nothing = License(NOASSERTION)
        own = max(own, rank(nothing))
        missing = _weigh_license(nothing, rules, fate=outcome)
        if missing.order < weighed.order or weighed.by == NOASSERTION:
            weighed = missing._replace(elected=weighed.elected, by=missing.by and outcome)
    chosen = weighed.elected
    idle = rule.policy is None and not rule.allow and not rule.deny
    return LicenseDecision(
        canonical,
        LICENSE_CLASSES[own],
        _ORDER[weighed.order],
        "" if chosen == expression else render(chosen),
        weighed.rule,
        weighed.by,
        outcome,
        idle or weighed.order in {_KEPT, _ALLOW},
        "no-derivatives" in attributes_of(chosen),
    )


@functools.lru_cache(maxsize=64)
def _rules(rule: LicenseFilter) -> _Rules:
    base = _base(rule)
    allow, allow_classes = _split(base.allow + rule.allow)
    deny, deny_classes = _split(base.deny + rule.deny)
    closed = base.allow if rule.policy is not None else rule.allow
    fates: dict[str, Fate] = {
        each: getattr(base, each) if rule.unknown is None else rule.unknown
        for each in ("unknown", "unstated", "none", "unrecognised", "failed")
    }
    return _Rules(
        allow,
        allow_classes,
        deny,
        deny_classes,
        frozenset(base.exceptions + rule.exceptions),
        base.no_derivatives == "unmodified",
        ("policy" if rule.policy is not None else "allow") if closed else "",
        fates,
    )


def _base(rule: LicenseFilter) -> Policy:
    """Return the policy that the filter refines; one that nobody has read allows nothing."""
    if rule.base is not None:
        return rule.base
    if rule.policy is None:
        return Policy(name="")
    if rule.policy == PERMISSIVE.name:
        return PERMISSIVE
    raise ValueError(f"license: the policy {rule.policy!r} has not been read")


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
        fate = "unstated" if expression.id == "NONE" else "unknown"
        return _weigh_license(expression, rules, fate=fate)
    same = _unordered(expression)
    if same in rules.deny:
        return _Weighed(_DENY, rank(expression), expression, "deny", render(expression))
    parts = [_weigh(part, rules) for part in expression.parts]
    if expression.operator == "OR":
        found = max(parts, key=lambda each: (each.order, -each.rank))
    else:
        worst = min(parts, key=lambda each: (each.order, -each.rank))
        chosen = combine("AND", [each.elected for each in parts])
        found = worst._replace(rank=max(each.rank for each in parts), elected=chosen)
    if same in rules.allow and found.rule != "deny":
        return _Weighed(_ALLOW, found.rank, found.elected, "", "")
    return found


def _weigh_license(atom: License, rules: _Rules, *, fate: str) -> _Weighed:
    own = rank(atom)
    kind = LICENSE_CLASSES[own]
    bare = License(atom.id)
    forms = {atom, bare, License(atom.id, atom.plus), License(atom.id, exception=atom.exception)}
    # an exception grants more than the bare licence, unless it is one that takes rights away
    loosened = forms if own <= rank(bare) else {atom}
    if kind in rules.deny_classes or forms & rules.deny:
        return _Weighed(_DENY, own, atom, "deny", render(atom))
    if kind in rules.allow_classes or loosened & rules.allow or _lifted(atom, rules):
        return _Weighed(_ALLOW, own, atom, "", "")
    if kind in {"unknown", "unstated"}:
        order = _KEPT if rules.fates[fate] == "keep" else _UNKNOWN
        return _Weighed(order, own, atom, "unknown", render(atom))
    if rules.otherwise:
        return _Weighed(_DENY, own, atom, rules.otherwise, render(atom))
    return _Weighed(_ALLOW, own, atom, "", "")


def _lifted(atom: License, rules: _Rules) -> bool:
    """Say whether a listed exception lifts the licence, or being passed on unmodified does."""
    bare = LICENSE_CLASSES[rank(License(atom.id))]
    if bare in rules.deny_classes:
        return False
    if atom.exception in rules.exceptions:
        listed = License(atom.id) in rules.allow
        return listed or bare in _COPYLEFT or bare in rules.allow_classes
    if bare != "no-derivatives" or not rules.unmodified:
        return False
    commercial = "non-commercial" not in attributes_of(atom)
    return not atom.exception and (commercial or "non-commercial" in rules.allow_classes)
