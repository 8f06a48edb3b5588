"""Laws of web archives: what is written comes out, and whatever the bytes, nothing raises and nothing is made up."""

from __future__ import annotations

import gzip
import random
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources import Bad, Damage, Item, Raw, read
from pipeline.sources.web.digests import holds
from pipeline.sources.web.fields import read_fields
from pipeline.sources.web.page import is_crowded, read_page
from pipeline.sources.web.response import read_response
from tests.web_archives import http, packed, page, record, written

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300)
soup = st.lists(
    st.sampled_from(
        ["<", ">", "<p>", "</p>", "<b x='", '"', "<!--", "-->", "<script>", "<meta name=robots content=", "noai>",
         "<table>", "<td>", "<link rel=license href=", "//e.org/l>", "&#0;", "&amp", "\0", "é", "word "]
    ),
    max_size=60,
).map("".join)  # fmt: skip


def items(data: bytes, kind: str = "warc") -> list[Item]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive"
        path.write_bytes(data)
        return list(read(path, kind))


def are_whole(found: list[Item]) -> bool:
    """Rows count up from 0, and damage is the last one."""
    ends = [isinstance(each, Damage) for each in found]
    return [each.row for each in found] == list(range(len(found))) and not any(ends[:-1])


@given(st.lists(texts, max_size=4), st.booleans())
def test_texts_that_are_written_are_read_back(contents: list[str], packs: bool) -> None:
    pages = [(f"https://mill.example/{at}", each.encode()) for at, each in enumerate(contents)]
    found = items(written(pages, packs=packs, kind="conversion"), "wet")
    assert are_whole(found)
    assert all(isinstance(each, Raw) for each in found)
    read_back = [each.record["text"] for each in found if isinstance(each, Raw) and not each.drop]
    assert read_back == [
        each.removeprefix("\ufeff") for each in contents if each.removeprefix("\ufeff").strip()
    ]


@given(st.data(), st.sampled_from(["plain", "packed", "whole"]))
def test_whatever_is_broken_all_is_accounted_for(data: st.DataObject, form: str) -> None:
    made = [record(http(page(f"Day {at} at the mill.")), at) for at in range(4)]
    whole = {"plain": b"".join, "packed": packed, "whole": lambda r: gzip.compress(b"".join(r))}[
        form
    ](made)
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(0, 3))):
        start = data.draw(st.integers(0, len(damaged)))
        stop = data.draw(st.integers(start, min(len(damaged), start + 40)))
        damaged[start:stop] = data.draw(st.binary(max_size=40))
    for kind in ("warc", "wet"):
        found = items(bytes(damaged), kind)
        assert are_whole(found)
        if len(found) < len(made):
            assert any(isinstance(each, Bad | Damage) for each in found) or form == "plain"
    if bytes(damaged) == whole:
        assert [getattr(each, "drop", None) for each in items(whole)] == [""] * 4


@given(st.integers(0, 3), st.integers(0, 10**9), st.integers(1, 255))
def test_a_broken_member_costs_its_own_record_alone(which: int, seed: int, flip: int) -> None:
    members = [packed([record(http(page(f"Day {at} at the mill.")), at)]) for at in range(4)]
    broken = bytearray(members[which])
    broken[random.Random(seed).randrange(10, len(broken))] ^= flip
    members[which] = bytes(broken)
    found = items(b"".join(members))
    assert are_whole(found)
    assert len(found) == 4
    assert sum(isinstance(each, Raw) and not each.drop for each in found) == 3


@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"WARC/1.0\r\n", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"]),
)
def test_no_bytes_raise(data: bytes, head: bytes) -> None:
    for kind in ("warc", "wet"):
        assert are_whole(items(head + data, kind))


@given(
    st.binary(max_size=300),
    st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br", "chunked"]),
)
def test_no_response_raises(body: bytes, coding: str) -> None:
    name = "Transfer-Encoding" if coding == "chunked" else "Content-Encoding"
    found = read_response(http(body, "text/html", f"{name}: {coding}"), 1000)
    assert found.flaw or found.content is not None
    assert len(found.content) <= 1000
    read_response(body, 1000)
    read_fields(body)


@given(soup)
def test_no_page_raises(html: str) -> None:
    found = read_page(html, "https://mill.example/", main=True)
    assert not found.flaw
    assert not is_crowded(html)
    assert "\0" not in found.text


@given(st.text(max_size=80), st.binary(max_size=20))
def test_a_digest_holds_fails_or_is_not_known(stated: str, content: bytes) -> None:
    assert holds(stated, content) in {True, False, None}
