"""Questions wherever they lie: in a release, in one of its shards, or in a file of a format that sources have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from filters.qa import Question, synthetic_of
from manifests.manifest import MANIFEST
from pipeline.errors import InputError
from pipeline.qa.released import released
from pipeline.sources import Item, Raw, Said, read
from pipeline.sources.questions.record import to_question
from pipeline.sources.questions.told import tell_format
from pipeline.sources.stackexchange.questions import site_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manifests.record import Question as Record

_TOLD: Final = ("source", "license", "url")


class Asked(NamedTuple):
    """A question, and what is said of it where it comes from; unknown things are `""`.

    `split` is that of the release, `synthetic` is the method it was made by if nobody asked it.
    """

    question: Question
    split: str = ""
    source: str = ""
    license: str = ""
    language: str = ""
    url: str = ""
    synthetic: str = ""


def read_asked(path: Path) -> Iterator[Asked]:
    """Yield every question of a release's folder, or of a file, in order.

    Raises:
        InputError: a file cannot be read, or holds something that is no sound question.
        IntegrityError: a release is damaged.
    """
    if (path / MANIFEST).is_file():
        return (_of_record(each.record, each.split) for each in released(path))
    return _of_file(path)


def _of_record(record: Record, split: str) -> Asked:
    question = msgspec.convert(record, Question, from_attributes=True)
    return Asked(
        question,
        split,
        record.source,
        record.license,
        record.language,
        record.url,
        record.synthetic.method,
    )


def _of_file(path: Path) -> Iterator[Asked]:
    for item in read_items(path):
        found = to_question(item.record) if isinstance(item, Raw) else item.reason
        if isinstance(item, Raw) and item.drop:
            continue
        if not isinstance(found, Question):
            raise InputError(f"qa: {path}#{item.row}: {found}")
        record = item.record if isinstance(item, Raw) else {}
        told = {key: record[key] for key in _TOLD if isinstance(record.get(key), str)}
        made = synthetic_of(record.get("synthetic"))
        yield Asked(found, **told, synthetic=made if isinstance(made, str) else made.method)


def read_items(path: Path) -> Iterator[Item]:
    """Yield the items of a file of questions, whatever its format is.

    Raises:
        InputError: it cannot be read.
    """
    try:
        kind = tell_format(path)
    except OSError as error:
        raise InputError(f"qa: {path}: {error.strerror or 'cannot be read'}") from error
    return read(path, kind, said=Said(site=site_of(str(path))))
