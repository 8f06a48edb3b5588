"""Tell by its first bytes in which format a file asks questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from pipeline.sources.compressed import Trusted
from pipeline.sources.questions.mrqa import is_header

if TYPE_CHECKING:
    from pipeline.sources.file import InputFile

_FIRST: Final = (
    32 << 20
)  # bytes of a first line that is parsed; a longer one is a file of SQuAD's shape


def tell_format(path: InputFile) -> str:
    """Return the format of a file of questions; one that is of none is called `squad`, whose reader says why.

    OSError as `open` raises it.
    """
    if path.name.endswith(".parquet"):
        return "questions"
    line = _first_line(path)
    if line.startswith(b"<"):
        return "stackexchange"
    try:
        record = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "questions" if _is_lines(path) else "squad"
    return _of_record(record) if isinstance(record, dict) else "squad"


def _of_record(record: dict[str, Any]) -> str:
    if is_header(record) or ("context" in record and "qas" in record):
        return "mrqa"
    if record.keys() & {"question", "answers", "answer"}:
        return "questions"
    return "faq" if "text" in record else "squad"


def _is_lines(path: InputFile) -> bool:
    """Tell by the name a file of lines, the first of which is none."""
    return any(
        path.name.endswith(f".{kind}{packed}")
        for kind in ("jsonl", "ndjson")
        for packed in ("", ".gz", ".zst")
    )


def _first_line(path: InputFile) -> bytes:
    """Return the first line that is not blank, or as much of it as is looked at."""
    held = b""
    for chunk in Trusted(path):
        held = (held + chunk).removeprefix(b"\xef\xbb\xbf").lstrip()
        if b"\n" in held or len(held) > _FIRST:
            break
    return held.partition(b"\n")[0]
