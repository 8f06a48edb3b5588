"""The texts that vectors are made of, wherever they lie: documents, contexts and questions, one after another."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from manifests.checksum import sha256_hex
from manifests.manifest import MANIFEST
from pipeline.errors import InputError
from pipeline.qa.asked import read_asked
from pipeline.qa.released import documents
from pipeline.sources import Damage, Raw, read, to_document
from pipeline.sources.questions.told import tell_format

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pipeline.qa.asked import Asked
    from pipeline.sources import Bad

Kind = Literal["document", "context", "question"]
What = Literal["context", "question", "both"]
_KINDS: Final[dict[str, frozenset[str]]] = {
    "context": frozenset(("document", "context")),
    "question": frozenset(("question",)),
    "both": frozenset(("document", "context", "question")),
}


class Text(NamedTuple):
    """A text in NFC; `id` is that of its document or question, and of a context its SHA-256.

    `source` and `split` are `""` where nothing says them.
    """

    kind: Kind
    id: str
    text: str
    sha256: str
    source: str
    split: str


def read_texts(paths: Sequence[Path], what: What, split: str = "") -> Iterator[Text]:
    """Yield texts in the order of their places, a context where it first stands and never again.

    Of releases only one split, if it is named; what has no split belongs to each. Memory: one text, a frame
    of a release, and some hundred bytes for every context.

    Raises:
        InputError: a file does not read, or holds something that is neither document nor question.
        IntegrityError: a release is damaged.
    """
    kinds = _KINDS[what]
    seen: set[str] = set()
    for text in chain.from_iterable(_of_path(path, split) for path in paths):
        if text.kind not in kinds or (text.kind == "context" and text.sha256 in seen):
            continue
        if text.kind == "context":
            seen.add(text.sha256)
        yield text


def _of_path(path: Path, split: str) -> Iterator[Text]:
    if (path / MANIFEST).is_file():
        for name, record in documents(path, {split} if split else ()):
            yield Text("document", record.id, record.text, record.sha256, record.source, name)
    elif _holds_documents(path):
        yield from _documents(path)
        return
    for asked in read_asked(path):
        if not split or asked.split in {"", split}:
            yield from _of_question(asked)


def _of_question(asked: Asked) -> Iterator[Text]:
    question, source, split = asked.question, asked.source, asked.split
    digest = sha256_hex(question.context.encode())
    yield Text("context", digest, question.context, digest, source, split)
    digest = sha256_hex(question.question.encode())
    yield Text("question", question.id, question.question, digest, source, split)


def _holds_documents(path: Path) -> bool:
    try:
        return tell_format(path) == "faq"  # JSON lines with a `text` each, which are documents here
    except OSError as error:
        raise InputError(f"embed: {path}: {error.strerror or 'cannot be read'}") from error


def _documents(path: Path) -> Iterator[Text]:
    for item in read(path, "jsonl"):
        if not isinstance(item, Raw):
            raise _unreadable(path, item)
        source = item.record.get("source")
        told = source if isinstance(source, str) else ""
        found = to_document(item.record, source=told or path.name)
        if isinstance(found, str):
            raise InputError(f"embed: {path}#{item.row}: {found}")
        yield Text("document", found.id, found.text, found.sha256, told, "")


def _unreadable(path: Path, item: Bad | Damage) -> InputError:
    if isinstance(item, Damage):
        return InputError(f"embed: {path}: cannot be read: {item.reason}: {item.detail}")
    return InputError(f"embed: {path}#{item.row}: {item.reason}")
