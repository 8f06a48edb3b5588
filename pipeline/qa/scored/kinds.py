"""What the questions are that are scored, as far as it says something of their scores; no text is kept."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from filters.qa_words import words
from pipeline.qa.asked import read_items
from pipeline.qa.baseline.cues import ASKING, cue_of
from pipeline.qa.baseline.units import units_of
from pipeline.qa.scored.confidence import wilson
from pipeline.sources import Raw
from pipeline.sources.fields import may_hold_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pipeline.qa.score import Gold
    from pipeline.qa.threshold import Scored

ANSWER: Final = (0, 1, 2, 3, 5, 10)  # words: the last of each class
CONTEXT: Final = (64, 128, 256, 512, 1024, 4096)  # words, likewise
_MOST: Final = 20  # sources or languages that have a line of their own
_NO_WORD: Final = "no such word"
_NAME: Final = 40  # characters of a name


class About(NamedTuple):
    """A question: the word of asking, the words of its context, where it is from; unknown things are `""`."""

    asking: str
    context_words: int
    source: str
    language: str


class Group(NamedTuple):
    """Questions of one kind: how many, their scores from 0 to 1, the interval of `exact`, mean confidence."""

    name: str
    questions: int
    exact: float
    low: float
    high: float
    f1: float
    confidence: float | None


class Kinds(NamedTuple):
    """Groups of all questions by one trait."""

    title: str
    groups: tuple[Group, ...]


def read_about(path: Path) -> dict[str, About]:
    """Say of each question of a file what it is, by id; the file is one that `read_gold` reads."""
    return {
        item.record["id"]: _about(item.record)
        for item in read_items(path)
        if isinstance(item, Raw) and not item.drop
    }


def _about(record: Mapping[str, Any]) -> About:
    question, context, source, language = (
        found if isinstance(found := record.get(key), str) else ""
        for key in ("question", "context", "source", "language")
    )
    asking = ASKING[cue_of(units_of(question)).asking]
    return About(asking, len(words(context)), _shown(source), _shown(language))


def _shown(name: str) -> str:
    """Cut a name; one that may be an address of a person is none."""
    if may_hold_address(name):
        return "(not shown: it may hold an address)"
    return name if len(name) <= _NAME else f"{name[:_NAME]}\u2026"


def kinds_of(
    gold: Sequence[Gold],
    scored: Sequence[Scored],
    about: Mapping[str, About],
    confidences: Mapping[str, float],
) -> tuple[Kinds, ...]:
    """Group by each trait that is known of some question."""
    found = []
    for title, order, names in _traits(gold, about):
        parts: dict[str, list[Scored]] = {name: [] for name in order}
        for each in scored:
            parts[names[each.id]].append(each)
        groups = (_group(name, part, confidences) for name, part in parts.items() if part)
        found.append(Kinds(title, tuple(groups)))
    return tuple(found)


def _traits(
    gold: Sequence[Gold], about: Mapping[str, About]
) -> Iterator[tuple[str, Iterable[str], dict[str, str]]]:
    """Yield traits: the title, the names in their order, and the name that each question has."""
    asking = {each.id: about[each.id].asking or _NO_WORD for each in gold}
    yield "Word of asking", (*ASKING[1:], _NO_WORD), asking
    lengths = {each.id: len(words(each.answers[0])) if each.answers else -1 for each in gold}
    for title, ends, numbers in (
        ("Words of the first right answer", ANSWER, lengths),
        (
            "Words of the context",
            CONTEXT,
            {each.id: about[each.id].context_words for each in gold},
        ),
    ):
        yield title, classes(ends), {name: class_of(each, ends) for name, each in numbers.items()}
    for title, trait in (("Source", "source"), ("Language", "language")):
        given = {each.id: str(getattr(about[each.id], trait)) for each in gold}
        shown = _shown_as(Counter(given.values()))
        if set(given.values()) - {""}:
            names = {name: shown[each] for name, each in given.items()}
            yield title, dict.fromkeys(shown.values()), names


def _shown_as(counts: Counter[str]) -> dict[str, str]:
    """Return under which name each is shown: the most frequent ones under their own, in order."""
    ranked = sorted(filter(None, counts), key=lambda name: (-counts[name], name))
    own = {name: name for name in sorted(ranked[:_MOST])}
    return own | dict.fromkeys(ranked[_MOST:], "others") | {"": "not given"}


def classes(ends: Sequence[int]) -> list[str]:
    """Name all classes of numbers of words, in order; `ends` are the last numbers of each."""
    return [class_of(end, ends) for end in (-1, *ends, ends[-1] + 1)]


def class_of(value: int, ends: Sequence[int]) -> str:
    """Name the class that a number of words is in; below 0 is where there is nothing to count."""
    before = -1
    if value < 0:
        return "no answer"
    for end in ends:
        if value <= end:
            return f"{end:,}" if end == before + 1 else f"{before + 1:,} to {end:,}"
        before = end
    return f"more than {before:,}"


def _group(name: str, part: Sequence[Scored], confidences: Mapping[str, float]) -> Group:
    count, right = len(part), math.fsum(each.exact for each in part)
    sure = [confidences[each.id] for each in part if each.id in confidences]
    return Group(
        name,
        count,
        right / count,
        *wilson(right, count),
        math.fsum(each.f1 for each in part) / count,
        math.fsum(sure) / len(sure) if sure else None,
    )
