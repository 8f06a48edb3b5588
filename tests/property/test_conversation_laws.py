"""Laws of logs, subtitles and mail: what was written comes back, and whatever the bytes, a row and no exception."""

from __future__ import annotations

import tempfile
from email.message import EmailMessage
from email.policy import SMTP, default
from encodings.aliases import aliases
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sources import Bad, Damage, Item, Raw, Said, read
from pipeline.sources.conversations.cues import parse_srt
from pipeline.sources.conversations.encodings import charset, decode
from pipeline.sources.conversations.irc_lines import Line
from pipeline.sources.conversations.mbox import messages
from pipeline.sources.conversations.messages import Mailbox, MailOptions
from pipeline.sources.conversations.nicks import People
from pipeline.sources.conversations.quotes import Written

NICKS = st.text("abcdefgABC0123[]^_`{|}-", min_size=1, max_size=9).filter(
    lambda nick: nick[0].isalpha()
)
WORDS = st.text(
    st.characters(categories=["Lu", "Ll", "Lo", "Nd"], codec="utf-8"), min_size=1, max_size=8
)
LINES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
NAMES = ["Miller[m]", "wheel_wright", "stone-dresser", "{sluice}"]
# Bytes that readers look for, among others.
SHARDS = st.sampled_from(
    [b"\n", b"\n\n", b"From x Mon May 14 10:00:00 2001\n", b"--b", b"Content-Type: multipart/mixed; boundary=b\n",
     b"[12:00] <ada> ", b"=== ", b"-->", b"00:00:01,000 --> 00:00:02,000\n", b"<s>", b"</s>", b"<document>",
     b"</document>", b"<w>", b"\x1f\x8b", b"\xff\xfe", b"=?utf-8?q?", b"?=", b"> ", b"-- \n", b"base64", b"\t", b"\0"]
)  # fmt: skip
BYTES = st.lists(st.one_of(st.binary(max_size=20), SHARDS), max_size=30).map(b"".join)


def rows_are_whole(found: list[Item]) -> None:
    assert [each.row for each in found] == list(range(len(found)))
    for each in found[:-1]:
        assert not isinstance(each, Damage)


@given(BYTES, st.sampled_from([("irc", "2012/04/06/#c.txt"), ("subtitles", "a.srt"), ("subtitles", "a.vtt"),
                               ("subtitles", "xml/en/1942/1/2.xml"), ("mail", "1.")]))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_whatever_the_bytes_a_file_is_one_row(data: bytes, shape: tuple[str, str]) -> None:
    kind, name = shape
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        found = list(read(Path(folder), kind, said=Said(path="in")))
    assert len(found) == 1
    rows_are_whole(found)
    for each in found:
        assert isinstance(each, Raw | Bad)
        text = each.record["text"] if isinstance(each, Raw) else ""
        assert "\0" not in text
        text.encode()


@given(BYTES)
@settings(max_examples=200, deadline=None)
def test_whatever_the_bytes_a_mailbox_is_read_to_its_end(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "x.mbox").write_bytes(data)
        found = list(read(Path(folder) / "x.mbox", "mbox"))
    rows_are_whole(found)
    assert found or not data.strip()


@given(st.lists(BYTES.filter(lambda data: b"From " not in data), max_size=5), st.integers(1, 50))
def test_how_a_mailbox_is_cut_into_chunks_never_shows(bodies: list[bytes], size: int) -> None:
    line = b"From x Mon May 14 10:00:00 2001\n"
    whole = b"".join(line + body.rstrip(b"\n") + b"\n\n" for body in bodies)
    chunks = [whole[at : at + size] for at in range(0, len(whole), size)]
    found = list(messages(chunks, 1 << 20))
    assert found == list(messages([whole], 1 << 20))
    assert len(found) == len(bodies)
    assert line.join([b"", *(each.data for each in found)]) == whole


@given(st.lists(st.tuples(NICKS, LINES), min_size=1, max_size=20))
@settings(deadline=None)
def test_who_said_what_comes_back_and_no_name_with_it(said: list[tuple[str, str]]) -> None:
    log = "".join(f"[12:{at:02}] <{nick}> {text}\n" for at, (nick, text) in enumerate(said))
    found = {}
    for nicks in ("kept", "numbered"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "2012/04/06/#c.txt"
            path.parent.mkdir(parents=True)
            path.write_text(log)
            (item,) = read(Path(folder), "irc", said=Said(options={"nicks": nicks, "bots": []}))
        assert isinstance(item, Raw)
        found[nicks] = item.record["text"].split("\n")
    assert found["kept"] == [f"<{nick}> {text}" for nick, text in said]
    folded = {nick: nick.lower().translate(str.maketrans("[]\\^", "{}|~")) for nick, _ in said}
    order = list(dict.fromkeys(folded.values()))
    heads = [line.partition("> ")[0] for line in found["numbered"]]
    same = [order.index(folded[nick]) for nick, _ in said]
    assert [heads.index(head) for head in heads] == [same.index(each) for each in same]
    assert all(head.removeprefix("<user").isdecimal() for head in heads)


@given(
    st.lists(LINES.filter(lambda line: not line.strip().isdecimal()), min_size=1, max_size=20),
    st.booleans(),
)
def test_cues_come_back(lines: list[str], blank: bool) -> None:
    cues = [f"{at}\n00:00:01,000 --> 00:00:02,000\n{line}\n" for at, line in enumerate(lines)]
    found = list(parse_srt(("\n" if blank else "").join(cues)))
    assert [each.lines for each in found] == [(" ".join(line.split(" ")),) for line in lines]


@given(
    st.lists(LINES, min_size=1, max_size=20),
    st.sampled_from(["utf-8", "base64", "quoted-printable"]),
    st.booleans(),
)
def test_what_was_mailed_comes_back(lines: list[str], transfer: str, smtp: bool) -> None:
    message = EmailMessage()
    message["From"] = "ada@example.com"
    cte = "8bit" if transfer == "utf-8" else transfer
    message.set_content("\n".join(lines) + "\n", cte=cte)
    found = Mailbox("x", MailOptions()).take(message.as_bytes(policy=SMTP if smtp else default))
    assert isinstance(found, Raw)
    assert found.record["text"] == "\n".join(lines)


@given(
    st.lists(
        st.one_of(LINES, st.sampled_from(["> a", ">> b", "-- ", "Ada wrote:", "", "- x"])),
        max_size=20,
    )
)
def test_cleaning_adds_nothing_and_counts_what_it_leaves_out(lines: list[str]) -> None:
    written = Written()
    kept = [each for each in written.clean("\n".join(lines)).split("\n") if each]
    rest = iter(each.rstrip() for each in lines)
    assert all(any(each == line for line in rest) for each in kept)  # in their order
    gone = sum(1 for each in lines if each.strip()) - len(kept)
    assert gone <= written.left_out.total()


@given(st.text(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_a_text_with_a_mark_or_in_utf_8_comes_back(text: str, encoding: str) -> None:
    data = "".join(each for each in text if not "\ud800" <= each <= "\udfff").encode(encoding)
    assert decode(data).text == data.decode(encoding if encoding != "utf-8" else "utf-8-sig")


@given(
    BYTES | st.binary(max_size=300),
    st.sampled_from(sorted({*aliases, *aliases.values(), "x-unknown", ""})),
)
@settings(max_examples=300, deadline=None)
def test_whatever_is_declared_bytes_are_decoded(data: bytes, declared: str) -> None:
    found = decode(data, declared)
    found.text.encode()  # no lone surrogates
    assert charset(found.encoding) or found.encoding.startswith("utf-")


@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES), LINES, st.sampled_from(NAMES)), min_size=1, max_size=20
    )
)
def test_no_name_of_who_is_there_is_left(said: list[tuple[str, str, str]]) -> None:
    lines = [Line("talk", nick, f"{other}: {text}, {other}!") for nick, text, other in said]
    lines += [Line("event", name) for name in NAMES]
    people = People(lines, numbered=True)
    text = "\n".join(people.spell(each) for each in lines if each.kind == "talk")
    assert not any(name.lower() in text.lower() for name in NAMES)
    assert text.count("user") >= 3 * len(said)
