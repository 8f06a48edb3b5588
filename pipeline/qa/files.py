"""Files that are scored: questions with their right answers, predictions, and odds of having no answer."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import zstandard

from pipeline.errors import InputError
from pipeline.qa.score import Gold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def read_gold(path: Path) -> list[Gold]:
    """Read questions: a file of the SQuAD shape, or a shard of a release, `.jsonl` or `.jsonl.zst`.

    Raises:
        InputError: it cannot be read, is of another shape, or asks one question twice.
    """
    lines = path.name.endswith((".jsonl", ".jsonl.zst"))
    gold = list(_records(path) if lines else _articles(path))
    seen: set[str] = set()
    for each in gold:
        if each.id in seen:
            raise InputError(f"score: {path}: the id {each.id!r} is there twice")
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
    return {name: float(value) for name, value in _by_question(path, {int, float}, "number")}


def _by_question(path: Path, types: set[type], meant: str) -> Iterator[tuple[str, Any]]:
    found = _json(path)
    if not isinstance(found, dict):
        raise InputError(f"score: {path}: is no JSON object with one entry for each question")
    for name, value in found.items():
        if type(value) not in types:
            raise InputError(f"score: {path}: what stands at {name!r} is no {meant}")
        yield name, value


def _articles(path: Path) -> Iterator[Gold]:
    try:
        for article in _json(path)["data"]:
            for paragraph in article["paragraphs"]:
                for asked in paragraph["qas"]:
                    yield _gold(asked)
    except (KeyError, TypeError) as error:
        raise InputError(f"score: {path}: is not of the shape of SQuAD") from error


def _records(path: Path) -> Iterator[Gold]:
    number = 0
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, 1):  # noqa: B007  it names the line that is bad
                if line.strip():
                    yield _gold(json.loads(line))
    except (OSError, zstandard.ZstdError) as error:
        raise InputError(f"score: {path}: cannot be read") from error
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"score: {path}:{number}: is no question") from error


def _opened(path: Path) -> io.TextIOWrapper:
    file: Any = path.open("rb")
    if path.suffix == ".zst":
        file = zstandard.ZstdDecompressor().stream_reader(
            file, read_across_frames=True, closefd=True
        )
    return io.TextIOWrapper(file, encoding="utf-8", newline="\n")


def _gold(asked: Any) -> Gold:
    name, answers = asked["id"], tuple(each["text"] for each in asked.get("answers") or ())
    if not isinstance(name, str) or not all(isinstance(each, str) for each in answers):
        raise TypeError
    return Gold(name, answers)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"score: {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"score: {path}: is no JSON") from error
