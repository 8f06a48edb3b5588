"""Which subjects of the opt-out registry say what a recording closes, and what none can say.

A `url` subject covers a place and all beneath it. It is derived only where every URL it covers is
closed, whatever exceptions the recording makes. What is closed beyond that is never widened into a
subject and never dropped: it comes back as a `Remainder`, for URL by URL or for a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from filters.signals.combine import TRAINING
from filters.signals.model import Signal
from filters.signals.patterns import may_overrule, prefix_of
from filters.subjects import Subject, SubjectError, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from filters.signals.model import Reading, Rule, RuleSet

_NOT_A_PREFIX: Final = "the pattern is no prefix"
_NAMES_BEYOND: Final = "the pattern matches other names that begin so, too"
_EXCEPTIONS: Final = "other rules may open URLs beneath it"
_FOLDER: Final = "a page's word does not hold for what may lie beneath the page"


class Remainder(msgspec.Struct, frozen=True, order=True):
    """Something closed that subjects do not say in full, and why."""

    signal: Signal
    pattern: str
    why: str


class Closed(msgspec.Struct, frozen=True):
    """Subjects, each with the first signal that closes it, and what is left; both sorted."""

    subjects: tuple[tuple[Subject, Signal], ...] = ()
    rest: tuple[Remainder, ...] = ()


def closed(reading: Reading, purposes: frozenset[str] = TRAINING) -> Closed:
    """Derive the subjects of what a reading closes for any of the purposes."""
    found: dict[Subject, Signal] = {}
    rest: set[Remainder] = set()
    steps = _page(reading, purposes) if reading.page else _site(reading, purposes)
    for step in steps:
        if isinstance(step, Remainder):
            rest.add(step)
        else:
            found[step[0]] = min(step[1], found.get(*step))
    covered = {each: signal for each, signal in found.items() if not _beneath(each, found)}
    return Closed(tuple(sorted(covered.items())), tuple(sorted(rest)))


def _beneath(one: Subject, others: dict[Subject, Signal]) -> bool:
    return one.kind == "url" and any(
        one.value.startswith(f"{each.value}/") for each in others if each.kind == "url"
    )


def _page(
    reading: Reading, purposes: frozenset[str]
) -> Iterator[tuple[Subject, Signal] | Remainder]:
    """Name a page by its document's id, or by its URL where that is a file's."""
    for rules in reading.sets:
        rule = rules.rules[0]
        if rules.purpose not in purposes or rule.answer != "no":
            continue
        signal = reading.signal(rule, rules.purpose)
        path, _, query = reading.place.partition("/")[2].partition("?")
        if reading.id:
            yield subject("id", reading.id), signal
        elif "." in path.rpartition("/")[2] and not query:
            yield subject("url", f"https://{reading.place}"), signal
        else:
            yield Remainder(signal, "", _FOLDER)


def _site(
    reading: Reading, purposes: frozenset[str]
) -> Iterator[tuple[Subject, Signal] | Remainder]:
    for rules in reading.sets:
        if rules.purpose in purposes:
            for rule in rules.rules:
                if rule.answer == "no":
                    yield from _rule(reading, rules, rule)


def _rule(
    reading: Reading, rules: RuleSet, rule: Rule
) -> Iterator[tuple[Subject, Signal] | Remainder]:
    signal = reading.signal(rule, rules.purpose)
    prefix = prefix_of(rule.pattern)
    if prefix is None:
        yield Remainder(signal, rule.pattern, _NOT_A_PREFIX)
    elif may_overrule(rules, rule, prefix.path):
        yield Remainder(signal, rule.pattern, _EXCEPTIONS)
    else:
        try:
            yield subject("url", f"https://{reading.place}{prefix.path}"), signal
        except SubjectError:
            yield Remainder(signal, rule.pattern, _NOT_A_PREFIX)
            return
        if not prefix.whole:
            yield Remainder(signal, rule.pattern, _NAMES_BEYOND)
