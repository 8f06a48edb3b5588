"""Web archives: what each record gives, what is dropped and why, and what of a broken archive goes through."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import zlib
from pathlib import Path
from typing import Any

import brotli
import pytest
import zstandard

from pipeline.config import load_config
from pipeline.errors import ConfigError
from pipeline.sources import Bad, Damage, Item, Raw, Said, read
from pipeline.sources.fields import to_document
from tests.web_archives import ARTICLE, DATE, MENU, http, name, packed, page, record, sha1, written

GOOD = record(http(page()), 99)
CANARY = "canary" + "-7fa2"


def items(folder: Path, data: bytes, kind: str = "warc", **options: Any) -> list[Item]:
    path = folder / "mill.warc"
    path.write_bytes(data)
    return list(read(path, kind, said=Said(name="web", options=options)))


def only(folder: Path, block: bytes, **fields: str) -> Raw:
    (found,) = items(folder, record(block, 1, **fields))
    assert isinstance(found, Raw)
    return found


def reasons(found: list[Item]) -> list[str]:
    """What became of each item: `""` for a document."""
    return [each.drop if isinstance(each, Raw) else each.reason for each in found]


def chunked(body: bytes, size: int = 7) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in pieces) + b"0\r\n\r\n"


@pytest.mark.parametrize("packs", [True, False])
def test_a_page_gives_its_main_text_and_what_it_says_of_itself(tmp_path: Path, packs: bool) -> None:
    head = (
        '<link rel="license" href="https://creativecommons.org/licenses/by-sa/4.0/">'
        '<meta name="author" content="A. Miller">'
        '<meta property="article:published_time" content="2019-05-01T08:00:00+02:00">'
    )
    data = written([("https://mill.example/race", page(head=head))], packs=packs)
    (found,) = items(tmp_path, data)
    assert isinstance(found, Raw)
    assert not found.drop
    text = found.record.pop("text")
    assert ARTICLE in text
    assert MENU not in text
    assert found.row == 0
    assert found.line == 3  # behind warcinfo and the request
    assert found.record == {
        "id": name(1),
        "url": "https://mill.example/race",
        "created": "2019-05-01T08:00:00+02:00",
        "captured": DATE,
        "title": "The mill",
        "license": ["https://creativecommons.org/licenses/by-sa/4.0/"],
        "author": "A. Miller",
        "byline": ["A. Miller"],
    }


def test_all_text_is_taken_where_it_is_asked_for(tmp_path: Path) -> None:
    (found,) = items(tmp_path, GOOD, text="all")
    assert isinstance(found, Raw)
    assert MENU in found.record["text"]


@pytest.mark.parametrize(
    "stated",
    [
        sha1(page()),
        "sha1:" + hashlib.sha1(page()).hexdigest().upper(),  # noqa: S324  what archives have
        "SHA-256:" + hashlib.sha256(page()).hexdigest(),
        "sha512:" + base64.b32encode(hashlib.sha512(page()).digest()).decode().rstrip("="),
        "blake3:whatever",
        "nothing",
    ],
)
def test_digests_that_hold_or_that_nobody_knows_are_no_matter(tmp_path: Path, stated: str) -> None:
    assert only(tmp_path, http(page()), WARC_Payload_Digest=stated).drop == ""


def test_linked_data_speaks_of_works_and_not_of_their_pictures(tmp_path: Path) -> None:
    head = """<script type="application/ld+json">{"@graph": [
        {"@type": "ImageObject", "license": "https://example.org/all-rights", "author": "nobody"},
        {"@type": ["Thing", "NewsArticle"], "license": "../terms", "datePublished": "2020-02-30",
         "author": [{"@type": "Person", "name": "A. Miller"}, {"name": "B. Stone"}]}]}</script>"""
    found = only(tmp_path, http(page(head=head)))
    assert found.record["license"] == ["https://mill.example/terms"]
    assert found.record["byline"] == ["A. Miller", "B. Stone"]
    assert found.record["created"] == DATE  # there is no such day
    document = to_document(found.record, source="web")
    assert not isinstance(document, str)
    assert document.author == "A. Miller, B. Stone"


@pytest.mark.parametrize(
    ("said", "created"),
    [("2031-01-01", DATE), ("2025-12-31", "2025-12-31"), ("yesterday", DATE), ("0000-00-00", DATE)],
)
def test_a_page_was_made_no_later_than_it_was_captured(
    tmp_path: Path, said: str, created: str
) -> None:
    head = f'<meta name="dcterms.issued" content="{said}">'
    assert only(tmp_path, http(page(head=head))).record["created"] == created


DROPPED = {
    "status:404": record(http(page(), status="404 Not Found")),
    "status:301": record(http(b"", "", "Location: /", status="301 Moved")),
    "type:image": record(http(b"\x89PNG\0", "image/png")),
    "type:pdf": record(http(b"%PDF", "application/pdf")),
    "type:json": record(http(b"{}", "application/json; charset=utf-8")),
    "type:unknown": record(http(b"?", "")),
    "http": record(b"GET / HTTP/1.1\r\n\r\n"),
    "http:chunks": record(http(b"5\r\nab", "text/html", "Transfer-Encoding: chunked")),
    "encoding:unknown": record(http(b"zz", "text/html", "Content-Encoding: zz")),
    "encoding:corrupt": record(http(b"\x1f\x8bzz", "text/html", "Content-Encoding: gzip")),
    "encoding:truncated": record(
        http(gzip.compress(page())[:-9], "text/html", "Content-Encoding: gzip")
    ),
    "empty": record(http(b"<html><body><nav>Home</nav></body></html>")),
    "binary": record(http(b"a\0b", "text/plain")),
    "site-file": record(http(b"User-agent: *", "text/plain"), WARC_Target_URI="https://e.org/robots.txt"),
    "not-http": record(b"mill.example 1.2.3.4", Content_Type="text/dns", WARC_Target_URI="dns:mill"),
    "no-url": record(http(page()), WARC_Target_URI=""),
    "truncated": record(http(page()), WARC_Truncated="length"),
    "segmented": record(http(page()), WARC_Segment_Number="1"),
    "record:revisit": record(http(b""), kind="revisit"),
    "record:continuation": record(b"rest", kind="continuation"),
    "record:conversion": record(b"text", kind="conversion", Content_Type="text/plain"),
    "record:unknown": record(b"", kind="screenshot"),
}  # fmt: skip


@pytest.mark.parametrize("reason", DROPPED)
@pytest.mark.parametrize("pack", [b"".join, packed], ids=["plain", "packed"])
def test_what_gives_no_document_says_why(tmp_path: Path, reason: str, pack: Any) -> None:
    found = items(tmp_path, pack([DROPPED[reason], GOOD]))
    assert reasons(found) == [reason, ""]
    assert [each.row for each in found] == [0, 1]


def test_what_tells_of_records_is_no_row(tmp_path: Path) -> None:
    about = [
        record(b"a: b\r\n", at, kind=kind)
        for at, kind in enumerate(["warcinfo", "request", "metadata"])
    ]
    assert reasons(items(tmp_path, b"".join([*about, GOOD]))) == [""]


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body, wbits=-15)),
        ("br", brotli.compress),
        ("zstd", zstandard.compress),
        ("gzip, br", lambda body: brotli.compress(gzip.compress(body))),
        ("identity", bytes),
    ],
)
@pytest.mark.parametrize("in_chunks", [False, True])
def test_contents_are_unpacked(tmp_path: Path, coding: str, pack: Any, in_chunks: bool) -> None:
    body = pack(page())
    headers = [f"Content-Encoding: {coding}"]
    if in_chunks:
        body, headers = chunked(body), [*headers, "Transfer-Encoding: chunked"]
    found = only(tmp_path, http(body, "text/html", *headers), WARC_Payload_Digest=sha1(body))
    assert (found.drop, found.odd) == ("", ())
    assert ARTICLE in found.record["text"]


def test_headers_of_a_packing_that_the_crawler_undid_are_odd(tmp_path: Path) -> None:
    headers = ("Content-Encoding: gzip", "Transfer-Encoding: chunked")
    found = only(tmp_path, http(page(), "text/html", *headers))
    assert (found.drop, found.odd) == ("", ("chunked", "packed"))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_unpacked_no_further_than_is_wanted(tmp_path: Path, coding: str) -> None:
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}
    body = pack.get(coding, zstandard.compress)(b"<p>x" * (8 << 20))
    found = only(tmp_path, http(body, "text/html", f"Content-Encoding: {coding}"))
    assert found.drop == "too-large"


TEXT = "Über die Mühle läuft das Wasser, und der Müller schläft früh."


@pytest.mark.parametrize(
    ("media", "head", "codec", "odd"),
    [
        ("text/html; charset=utf-8", "", "utf-8", ()),
        ("text/html", "", "utf-8", ()),
        ("text/html; charset=ISO-8859-1", "", "cp1252", ()),
        ("text/html", '<meta charset="windows-1252">', "cp1252", ()),
        ("text/html", '<meta http-equiv=Content-Type content="text/html; charset=latin1">', "cp1252", ()),
        ("text/html", "", "utf-16", ()),
        ("text/html", "", "cp1252", ()),
        ("text/html; charset=iso-8859-1", "", "utf-8", ("charset-declared",)),
        ("text/html; charset=utf-8", "", "cp1252", ("charset",)),
        ("text/html; charset=idna", "", "utf-8", ()),
    ],
)  # fmt: skip
def test_charsets_are_told_by_mark_bytes_header_tag_or_looks(
    tmp_path: Path, media: str, head: str, codec: str, odd: tuple[str, ...]
) -> None:
    found = only(tmp_path, http(page(TEXT, head).decode().encode(codec), media))
    assert found.odd == odd
    assert (TEXT in found.record["text"]) is (odd != ("charset",))


def test_plain_text_stays_as_it_is(tmp_path: Path) -> None:
    text = "One.\r\n\r\n   Two < three &amp; so on.\n"
    assert only(tmp_path, http(text.encode(), "text/plain")).record["text"] == text
    block = page()
    assert (
        ARTICLE in only(tmp_path, block, kind="resource", Content_Type="text/html").record["text"]
    )


@pytest.mark.parametrize(
    ("headers", "head", "reason"),
    [
        (["X-Robots-Tag: noindex, noai"], "", "signal:noai"),
        (["x-robots-tag: GPTBot: noai"], "", "signal:noai"),
        (["X-Robots-Tag: noimageai"], "", ""),  # pictures are not read
        ([], '<meta name="robots" content="NoAI, noimageai">', "signal:noai"),
        (["TDM-Reservation: 1"], "", "signal:tdmrep"),
        ([], '<meta name="tdm-reservation" content="1">', "signal:tdmrep"),
        (["TDM-Reservation: 0"], '<meta name="tdm-reservation" content="1">', "signal:tdmrep"),
        (["Content-Usage: train-ai=n"], "", "signal:aipref"),
        (["X-Robots-Tag: noindex"], '<meta name="robots" content="noarchive">', ""),
    ],
)
def test_a_page_s_own_word_is_heeded(
    tmp_path: Path, headers: list[str], head: str, reason: str
) -> None:
    block = http(page(head=head), "text/html", *headers)
    assert only(tmp_path, block).drop == reason
    assert only(tmp_path, block, WARC_Target_URI="http://[").drop == reason  # whatever its URL
    (found,) = items(tmp_path, record(block), signals=False)
    assert reasons([found]) == [""]


LIES = {
    "digest:block": record(http(page()), WARC_Block_Digest=sha1(b"else")),
    "digest:payload": record(http(page()), WARC_Payload_Digest="sha256:" + "0" * 64),
    "digest:payload ": record(
        http(page()),
        1,
        ("WARC-Payload-Digest", sha1(page())),
        ("WARC-Payload-Digest", "md5:" + "0" * 32),
    ),
    "warc:id": record(http(page()), WARC_Record_ID="<two ids>"),
    "warc:id-twice": record(http(page()), 99),
    "warc:version": record(http(page()), version="WARC/2.0"),
    "warc:length": record(http(page()), Content_Length="9x"),
    "warc:header-twice": record(http(page()), 1, ("Content-Length", "7")),
    "warc:header": record(http(page()), WARC_Target_URI="https://e.org/\r\nforged"),
}


@pytest.mark.parametrize("reason", LIES)
@pytest.mark.parametrize("pack", [b"".join, packed, lambda r: gzip.compress(b"".join(r))])
def test_a_record_that_lies_is_bad_and_its_neighbours_go_through(
    tmp_path: Path, reason: str, pack: Any
) -> None:
    more = record(http(page("Another day at the mill, and the wheel turns.")), 100)
    found = items(tmp_path, pack([GOOD, LIES[reason], more]))
    assert reasons(found) == ["", reason.strip(), ""]
    assert isinstance(found[1], Bad)
    assert found[1].line == 2
    assert [each.row for each in found] == [0, 1, 2]


@pytest.mark.parametrize("off", [-400, -3, 5, 700, 10**9, 10**17])
@pytest.mark.parametrize("pack", [b"".join, packed], ids=["plain", "packed"])
def test_a_length_that_lies_takes_no_neighbour_along(tmp_path: Path, off: int, pack: Any) -> None:
    block = http(page())
    lie = record(block, 1, Content_Length=str(len(block) + off))
    others = [record(http(page(f"{ARTICLE} {at}")), at) for at in range(2, 6)]
    found = items(tmp_path, pack([GOOD, lie, *others]))
    assert reasons(found) == ["", "warc:length", "", "", "", ""]
    odd = [each.odd for each in found if isinstance(each, Raw)]
    assert odd == [(), ("after-damage",), (), (), ()]


def test_a_page_cannot_plant_a_record_where_each_has_its_member(tmp_path: Path) -> None:
    planted = record(http(page(CANARY)), 7, WARC_Target_URI="https://bank.example/")
    carrier = record(http(page() + b"\r\n" + planted), 1, Content_Length="12")
    found = items(tmp_path, packed([GOOD, carrier, record(http(page("Fine.")), 2)]))
    assert reasons(found) == ["", "warc:length", ""]


@pytest.mark.parametrize("where", ["body", "crc", "magic", "between"])
def test_a_broken_member_ends_nothing(tmp_path: Path, where: str) -> None:
    members = [packed([record(http(page(f"{ARTICLE} {at}")), at)]) for at in range(4)]
    broken = bytearray(members[1])
    at = {"body": 60, "crc": len(broken) - 7, "magic": 0, "between": 0}[where]
    broken[at] ^= 0xFF
    members[1] = b"junk" + members[1] if where == "between" else bytes(broken)
    found = items(tmp_path, b"".join(members))
    lost = [each for each in found if isinstance(each, Bad)]
    assert len(lost) == 1
    assert lost[0].reason in {"gzip-crc", "corrupt-frame", "garbage"}
    kept = [each.record["id"] for each in found if isinstance(each, Raw)]
    assert kept == [name(at) for at in range(4) if at != 1 or where == "between"]


@pytest.mark.parametrize("pack", [b"".join, packed, lambda r: gzip.compress(b"".join(r)),
                                  lambda r: zstandard.compress(b"".join(r)),
                                  lambda r: b"".join(zstandard.compress(each) for each in r)])  # fmt: skip
def test_what_is_cut_short_is_damaged_at_its_end(tmp_path: Path, pack: Any) -> None:
    data = pack([GOOD, record(http(page(ARTICLE * 2000)), 2)])
    assert reasons(items(tmp_path, data)) == ["", ""]
    found = items(tmp_path, data[:-40])
    assert isinstance(found[-1], Damage)
    assert found[-1].reason == "truncated"
    assert set(reasons(found[:-1])) <= {""}


@pytest.mark.parametrize("size", [7, 100, 5000])
def test_records_may_lie_across_members(tmp_path: Path, size: int) -> None:
    whole = b"".join(record(http(page(f"{ARTICLE} {at}")), at) for at in range(5))
    data = packed(whole[at : at + size] for at in range(0, len(whole), size))
    assert reasons(items(tmp_path, data)) == [""] * 5


def test_a_long_rest_without_a_record_is_damage(tmp_path: Path) -> None:
    found = items(tmp_path, GOOD + b"no record " * 200_000)
    assert reasons(found) == ["", "garbage"]
    assert isinstance(found[-1], Damage)
    assert reasons(items(tmp_path, GOOD + b"no record")) == ["", "warc:version"]


def test_a_frame_that_needs_a_dictionary_is_refused(tmp_path: Path) -> None:
    words = zstandard.ZstdCompressionDict(GOOD * 9, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    trained = zstandard.train_dictionary(2000, [GOOD[at:] + b"%d" % at for at in range(300)])
    head = b"\x5d\x2a\x4d\x18" + len(trained.as_bytes()).to_bytes(4, "little") + trained.as_bytes()
    data = head + zstandard.ZstdCompressor(dict_data=trained).compress(GOOD)
    (found,) = items(tmp_path, data)
    assert isinstance(found, Damage)
    assert found.reason == "dictionary"
    data = zstandard.ZstdCompressor(dict_data=words).compress(GOOD)
    assert isinstance(items(tmp_path, data)[-1], Damage)


def test_more_than_an_archive_unpacks_to_is_refused(tmp_path: Path) -> None:
    bomb = record(http(bytes(90 << 20), "text/plain"), 2)
    found = items(tmp_path, packed([GOOD, bomb]), max_ratio=2)
    assert reasons(found) == ["", "bomb"]
    assert isinstance(found[-1], Damage)
    assert reasons(items(tmp_path, packed([GOOD, bomb, record(http(page()), 3)]), max_ratio=9999)) == [
        "",
        "too-large",
        "",
    ]  # fmt: skip


PAGES = {
    "nested": "<div>" * 100_000,
    "nested ": "<ol><li>x" * 20_000,
    "crowded": "<p " + " ".join(f"a{at}" for at in range(200_000)) + ">",
    "crowded ": "".join(f"<b id={at}>" for at in range(100_000)),
    "crowded  ": "".join(f"<b id={at}><table></b></table>" for at in range(60_000)),
    "crowded   ": "".join(f"<body a{at}>" for at in range(100_000)),
    "crowded    ": "<br>" * 900_000,
    "crowded     ": '<p " ' + " ".join(f"a{at}" for at in range(200_000)) + ">",
    "crowded       ": "<!--><p " + " ".join(f"a{at}" for at in range(200_000)) + ">",
    "crowded      ": "<p " + "".join(f"a{at}='>'" for at in range(200_000)) + ">",
}


@pytest.mark.parametrize("reason", PAGES)
def test_pages_that_would_keep_a_parser_busy_for_hours_are_left_out(
    tmp_path: Path, reason: str
) -> None:
    # each of them takes minutes to hours, or all memory, where nothing stops it
    assert only(tmp_path, http(PAGES[reason].encode())).drop == reason.strip()


def test_a_quote_that_nothing_closes_makes_no_page_crowded(tmp_path: Path) -> None:
    open_quote = f'<p><a href="/mill>{"A long way round the mill. " * 400}</a> <b class="x">{ARTICLE}</b></p>'
    found = only(tmp_path, http(page(open_quote + f"<p>{ARTICLE}</p>" * 3)))
    assert found.drop == ""
    code = "if (a <b) { " + "x = y + 1; " * 900 + "}"
    script = f"<script>{code}</script><p>{ARTICLE}</p>"
    assert only(tmp_path, http(page(script))).drop == ""
    long_value = f"<p data-x='{'word ' * 5000}'>{ARTICLE}</p>"
    assert only(tmp_path, http(page(long_value))).drop == ""


def test_wet_gives_texts_as_they_are(tmp_path: Path) -> None:
    text = "Home\nÜber die Mühle\n"
    data = written([("https://mill.example/", text.encode())], kind="conversion")
    data += packed([record(http(page()), 7)])
    found = items(tmp_path, data, "wet")
    assert reasons(found) == ["", "record:response"]
    assert isinstance(found[0], Raw)
    assert found[0].record == {
        "id": name(1),
        "url": "https://mill.example/",
        "created": DATE,
        "text": text,
    }
    told = record(
        text.encode(), kind="conversion", Content_Type="text/plain",
        WARC_Refers_To="<urn:uuid:1>", WARC_Identified_Content_Language="deu,eng",
    )  # fmt: skip
    (found_one,) = items(tmp_path, told, "wet")
    assert isinstance(found_one, Raw)
    assert found_one.record["refers_to"] == "urn:uuid:1"
    assert found_one.record["identified_languages"] == "deu,eng"
    assert "language" not in found_one.record


@pytest.mark.parametrize("version", ["WARC/0.17", "WARC/0.18", "WARC/1.0", "WARC/1.1"])
def test_every_version_is_read(tmp_path: Path, version: str) -> None:
    found = only(
        tmp_path, http(page()), version=version, WARC_Target_URI="<https://mill.example/a>"
    )
    assert found.record["url"] == "https://mill.example/a"


def test_a_url_of_other_bytes_is_spelled_in_percents(tmp_path: Path) -> None:
    found = only(tmp_path, http(page()), WARC_Target_URI="https://mill.example/caf\udce9?a=%20")
    assert found.record["url"] == "https://mill.example/caf%E9?a=%20"
    assert found.odd == ("url-bytes",)
    assert only(tmp_path, http(page()), WARC_Date="today").odd == ("date",)


def test_lines_of_bare_line_feeds_and_folded_ones_are_read(tmp_path: Path) -> None:
    head = GOOD.partition(b"\r\n\r\n")
    unix = head[0].replace(b"\r\n", b"\n").replace(b"WARC-Date: ", b"WARC-Date:\n  ")
    found = items(
        tmp_path,
        unix + b"\n\n" + head[2].removesuffix(b"\r\n\r\n") + b"\n\n" + record(http(page()), 2),
    )
    assert reasons(found) == ["", ""]
    assert isinstance(found[0], Raw)
    assert found[0].record["created"] == DATE


def test_who_looks_for_licence_files_reads_no_page(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(GOOD)
    (found,) = read(path, "warc", wanted=lambda path: path == "LICENSE")
    assert isinstance(found, Raw)
    assert found.record["text"] == ""


def test_the_largest_record_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(record(http(bytes(200_000), "video/mp4")) + GOOD)
    assert reasons(list(read(path, "warc", max_record=100_000))) == ["too-large", ""]


@pytest.mark.parametrize("kind", ["warc", "wet"])
def test_options_are_checked(tmp_path: Path, kind: str) -> None:
    config = tmp_path / "c.toml"
    config.write_text(
        f'[release]\nname = "m"\n[[sources]]\nname = "web"\nformat = "{kind}"\npaths = ["*"]\n'
        "[sources.options]\nmax_bytes = 0\n"
    )
    with pytest.raises(ConfigError, match="max_bytes"):
        load_config(config)
    with pytest.raises(ConfigError, match="max_ratio"):
        items(tmp_path, GOOD, kind, max_ratio="much")


def test_nothing_of_a_page_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lie = record(http(page(CANARY)), 1, Content_Length="20")
    items(tmp_path, lie + GOOD + io.BytesIO(CANARY.encode()).read())
    assert capfd.readouterr() == ("", "")
