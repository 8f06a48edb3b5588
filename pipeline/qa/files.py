"""Files that are scored: questions with their right answers, predictions, odds of no answer, confidences."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

import msgspec

from pipeline.errors import InputError
from pipeline.qa.asked import read_items
from pipeline.qa.score import Gold
from pipeline.sources import Bad, Damage, Raw
from pipeline.sources.fields import spelled_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST: Final = sys.float_info.max  # what is beyond is infinite, or an integer that no float is


def read_gold(path: Path) -> list[Gold]:
    """Read questions from a file of any format that sources have, a shard of a release among them.

    Raises:
        InputError: it cannot be read, is of another shape, or asks one question twice.
    """
    gold = list(_gold(path))
    seen: set[str] = set()
    for each in gold:
        if each.id in seen:
            raise InputError(f"score: {path}: the id {spelled_id(each.id)} is there twice")
        seen.add(each.id)
    if not gold:
        raise InputError(f"score: {path}: holds no question")
    return gold


def read_predictions(path: Path) -> dict[str, str]:
    """Read a JSON object of answers by question.

    Raises:
        InputError: it cannot be read, or is something else.
    """
    return {name: str(value) for name, value in _by_question(path, {str}, "text")}


def read_odds(path: Path) -> dict[str, float]:
    """Read a JSON object of numbers by question: the higher, the surer that there is no answer.

    Raises:
        InputError: it cannot be read, or is something else.
    """
    return dict(_numbers(path, -_MOST, _MOST, "number"))


def read_confidences(path: Path) -> dict[str, float]:
    """Read a JSON object of probabilities by question: that the answer is exactly right.

    Raises:
        InputError: it cannot be read, or is something else.
    """
    return dict(_numbers(path, 0, 1, "probability from 0 to 1"))


def _numbers(path: Path, least: float, most: float, meant: str) -> Iterator[tuple[str, float]]:
    """Yield the numbers of a file; NaN is between no two of them."""
    for name, value in _by_question(path, {int, float}, meant):
        if not least <= value <= most:
            raise _unlike(path, name, meant)
        yield name, float(value)


def _by_question(path: Path, types: set[type], meant: str) -> Iterator[tuple[str, Any]]:
    found = _json(path)
    if not isinstance(found, dict):
        raise InputError(f"score: {path}: is no JSON object with one entry for each question")
    for name, value in found.items():
        if type(value) not in types:
            raise _unlike(path, name, meant)
        yield name, value


def _unlike(path: Path, name: str, meant: str) -> InputError:
    return InputError(f"score: {path}: what stands at {spelled_id(name)} is no {meant}")


def _gold(path: Path) -> Iterator[Gold]:
    """Take ids and texts; whether a text stands where it is said to is nothing to a score."""
    for item in read_items(path):
        if isinstance(item, Damage):
            raise InputError(f"score: {path}: cannot be read: {item.reason}: {item.detail}")
        if isinstance(item, Bad):
            raise InputError(f"score: {path}#{item.row}: {item.reason}")
        if not item.drop:
            yield _gold_of(path, item)


def _gold_of(path: Path, item: Raw) -> Gold:
    name, answers = item.record["id"], item.record["answers"]
    try:
        return msgspec.convert((name, [each["text"] for each in answers]), Gold)
    except (KeyError, TypeError, msgspec.ValidationError):
        raise InputError(f"score: {path}#{item.row}: is no question") from None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"score: {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"score: {path}: is no JSON") from error
