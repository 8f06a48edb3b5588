"""The formats of sources: which ask questions, and what their files are called."""

from __future__ import annotations

from typing import Final, Literal, get_args

DocumentFormat = Literal["jsonl", "parquet", "python-env"]
QaFormat = Literal["squad", "mrqa", "questions", "stackexchange", "faq"]
Format = Literal[DocumentFormat, QaFormat]

QA_FORMATS: Final[frozenset[str]] = frozenset(get_args(QaFormat))


def asks(kind: Format) -> bool:
    """Tell whether a source of this format gives questions; all others give documents."""
    return kind in QA_FORMATS


def takes_fields(kind: Format) -> bool:
    """Tell whether `fields` may name the keys of its records."""
    return kind in {"jsonl", "parquet", "faq"}


def is_cut(kind: Format, path: str) -> bool:
    """Tell whether a large file is cut into stretches: each of its lines is one record."""
    return kind == "jsonl" or (kind == "questions" and not path.endswith(".parquet"))


def _compressed(*suffixes: str) -> tuple[str, ...]:
    return tuple(suffix + packed for packed in ("", ".gz", ".zst") for suffix in suffixes)


_LINES: Final = _compressed(".jsonl", ".json", ".ndjson")
SUFFIXES: Final[dict[Format, tuple[str, ...]]] = {
    "jsonl": _LINES,
    "parquet": (".parquet",),
    "squad": _compressed(".json"),
    "mrqa": _compressed(".jsonl", ".json"),
    "questions": (*_LINES, ".parquet"),
    "stackexchange": _compressed("Posts.xml"),
    "faq": _LINES,
}
"""How the names of the files end that are taken from a folder."""
