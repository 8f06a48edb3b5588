"""Texts that a release holds in another form: which subjects miss them, and a given text as it would stand there.

A release tells the digest of a text as it is in it. That of the text as it was read is nowhere in
it, on purpose: whoever had it could guess what was redacted.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from filters.normalise import nfc
from filters.subjects import SubjectError
from pipeline.errors import ConfigError, IntegrityError
from pipeline.optout_check.asked import read_alike
from pipeline.plugins import missing
from pipeline.preflight import code_digest, package_versions
from pipeline.release import CONFIG_PATH
from pipeline.sources.fields import may_hold_address

if TYPE_CHECKING:
    from pathlib import Path

    from filters.redact.redactor import Redactor
    from filters.subjects import Subject
    from pipeline.optout_check.asked import Asked
    from pipeline.redaction import Redact
    from pipeline.subject_index import Head, Index

_ANOTHER: Final = "were redacted and had another digest before: cannot be told"


class Held(NamedTuple):
    """The subjects that name a given text as a release would hold it, and `why` that may not be so."""

    subjects: tuple[Subject, ...] = ()
    why: str = ""


def held_as(index: Index, asked: Asked) -> Held:
    """Name a given text as a release would hold it, redacted as the config in the release says.

    Raises:
        IntegrityError: that config does not read.
    """
    if asked.text is None or asked.forms is None or not len(index.redacted):
        return Held()
    redactor, why = _open(index.release, index.head, asked.redact_key)
    if redactor is None:
        return Held((), why)
    text = nfc(asked.text)[0]
    with suppress(SubjectError):  # no word was left of it
        forms = asked.forms(redactor.redact(text).text)
        return Held(tuple(each for each in forms if each not in asked.subjects), why)
    return Held((), why)


def not_told(index: Index, asked: Asked, held: Held) -> tuple[int, str]:
    """Count the records of which a digest that was not found does not tell whether they are meant; and say why."""
    if any(map(is_of_address, asked.subjects)) and index.head.redact.hides_addresses:
        every = index.head.records
        why = f"{every} records may have had an address for an id, which is not shown: cannot be told by it"
        return every, why
    if not any(map(is_of_text, asked.subjects)):
        return 0, ""
    changed, cut = len(index.changed()), len(index.cut)
    if asked.text is None:
        why = f"{changed} documents {_ANOTHER} by digest: ask with --text FILE"
    elif asked.forms is read_alike:
        why = f"{changed} documents {_ANOTHER} by a normalised text: ask with --text FILE"
    elif held.why:
        why = f"{changed} documents {_ANOTHER}: {held.why}"
    else:
        changed = cut
        why = f"{cut} documents lost passages that stand elsewhere: cannot be told by digest"
    return changed, why if changed else ""


def is_of_text(subject: Subject) -> bool:
    """Say whether a subject names a text by a digest, which is another one once the text was redacted."""
    return subject.kind in {"sha256", "normalised"} or subject.value.startswith("swh:1:cnt:")


def is_of_address(subject: Subject) -> bool:
    """Say whether a subject may name a record by an id that a release shows nowhere, for it is an address."""
    return subject.kind == "id" and may_hold_address(subject.value)


def _open(release: Path, head: Head, key: Path | None) -> tuple[Redactor | None, str]:
    """Open the redactor that the config in a release asks for, and say why it may redact otherwise than then.

    The key is used only where the text depends on it: `None` stands for a redactor that is not to be had.
    """
    # numba loads only for who has a text
    from pipeline.redaction import check_redact, open_redactor  # noqa: PLC0415

    redact = _redact(release)
    wrong = check_redact(redact)
    if wrong:
        return None, f"{head.release} was redacted with what is not installed here: {wrong[0]}"
    named = str(key.resolve()) if key is not None and redact.needs_key else ""
    expected = head.redact.key if redact.needs_key else None
    try:
        opened = open_redactor(msgspec.structs.replace(redact, key=named), release, expected)
    except ConfigError:
        return None, f"{head.release} was redacted with a key: give it with --redact-key"
    return opened, "" if _same_code(head) else f"{head.release} was redacted by other code"


def _redact(release: Path) -> Redact:
    """Read `[redact]` of the config in a release."""
    from pipeline.redaction import Redact  # noqa: PLC0415  as above

    path = release / CONFIG_PATH
    try:
        table = json.loads(path.read_bytes()).get("redact") or {}
        given = {name: value for name, value in table.items() if value is not None}
        return msgspec.convert(given, Redact)
    except (OSError, ValueError, AttributeError) as error:
        raise IntegrityError(f"optout: {path}: does not read: verify the release") from error


def _same_code(head: Head) -> bool:
    """Say whether a text would be redacted as it was when the release was made."""
    then, now = head.build.packages, package_versions()
    known = all(then[name] == now[name] for name in then.keys() & now.keys())
    recognisers = tuple(each for each in head.build.plugins if each.kind == "recogniser")
    return head.build.code_sha256 == code_digest() and known and not missing(recognisers)
