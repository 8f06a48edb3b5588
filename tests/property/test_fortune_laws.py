"""Laws of the adapter that docs/plugins.md shows: who copies it copies a reader that loses nothing."""

from __future__ import annotations

import re
import types
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import example, given, settings

from pipeline.sources.adapter import Reading
from pipeline.sources.records import Bad, Raw

ROOT = Path(__file__).parents[2]
LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).filter(
    lambda line: line.rstrip("\r\n") != "%"
)
TEXTS = st.lists(st.lists(LINES, max_size=4).map("\n".join), max_size=6)
LAW = settings(deadline=None, max_examples=200)


@cache
def acme() -> Any:
    """Run the module that the docs show."""
    page = (ROOT / "docs/plugins.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    module = types.ModuleType("acme_mill")
    exec(compile(code, "acme_mill.py", "exec"), module.__dict__)  # noqa: S102  our own docs
    return module


def items(data: bytes, folder: Path, longest: int = 1 << 20) -> list[Any]:
    path = folder / "law.fortune"
    path.write_bytes(data)
    return list(acme().FORTUNE.read(path, Reading(longest)))


@LAW
@given(TEXTS)
def test_what_is_written_is_read(tmp_path_factory: Any, texts: list[str]) -> None:
    folder = tmp_path_factory.getbasetemp()
    found = items("".join(f"{text}\n%\n" for text in texts).encode(), folder)
    assert [each.row for each in found] == list(range(len(texts)))
    assert [each.record["text"] for each in found] == [text.strip() for text in texts]
    assert [bool(each.drop) for each in found] == [not text.strip() for text in texts]


@LAW
@given(
    st.lists(
        st.one_of(st.sampled_from([b"%", b"\n", b"%\n", b"\xff", b"\r\n"]), st.binary(max_size=9))
    ).map(b"".join),
    st.integers(16, 40),
)
@example(b"a" * 16 + b"%\n%\n", 16)
def test_whatever_the_bytes_each_text_is_one_row(
    tmp_path_factory: Any, data: bytes, longest: int
) -> None:
    found = items(data, tmp_path_factory.getbasetemp(), longest)
    texts = re.split(rb"(?m)^%\r*(?:\n|\Z)", data)
    wanted = len(texts) - (texts[-1] == b"")
    assert [each.row for each in found] == list(range(wanted))
    assert all(isinstance(each, Raw | Bad) for each in found)
    for each, text in zip(found, texts, strict=False):
        assert (len(text) > longest) == (isinstance(each, Bad) and each.reason == "oversize")
