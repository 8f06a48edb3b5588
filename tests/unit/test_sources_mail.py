"""Mail: one message a document, whatever mailers made of it; and of a person nothing that is not his text."""

from __future__ import annotations

import base64
import gzip
import random
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from pipeline.sources import Bad, Damage, Item, Raw, Said, read
from pipeline.sources.conversations.messages import Mailbox, MailOptions, mail_id
from pipeline.sources.conversations.quotes import Written

HEAD = b"From: Zo\xc3\xab <zoe@example.com>\nSubject: Wheels\nMessage-ID: <7@host.example>\n"
FROM = b"From zoe@example.com Mon May 14 10:00:00 2001\n"


SIGNED = (
    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\nNew.\n- -- x\n"
    "-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----"
)
UTF_8 = b"Content-Type: text/plain; charset=utf-8"
TRANSFER = b"Content-Transfer-Encoding: "


def take(data: bytes, **options: Any) -> Raw | Bad:
    return Mailbox("box", MailOptions(**options)).take(data)


def taken(data: bytes, **options: Any) -> Raw:
    found = take(data, **options)
    assert isinstance(found, Raw), found
    return found


def text_of(data: bytes, **options: Any) -> str:
    return str(taken(data, subject=False, **options).record["text"])


def mail(body: bytes, *headers: bytes) -> bytes:
    return HEAD + b"".join(each + b"\n" for each in headers) + b"\n" + body


def test_a_mail_is_its_subject_and_what_was_written() -> None:
    data = mail(b"The wheel turns.\n\n-- \nZoe\n", b"Date: Mon, 14 May 2001 16:39:00 -0700 (PDT)")
    assert taken(data).record == {
        "id": mail_id("box", "7@host.example"),
        "text": "Wheels\n\nThe wheel turns.",
        "created": "2001-05-14T23:39:00Z",
        "author": "Zoë <zoe@example.com>",
        "left_out": {"signature": 2},
    }


def test_of_the_same_in_two_forms_plain_text_is_taken() -> None:
    message = EmailMessage()
    message["From"] = "a@example.com"
    message.set_content("Plain.\n")
    message.add_alternative("<p>Rich.</p>", subtype="html")
    message.add_attachment(b"\0\1", maintype="application", subtype="pdf", filename="a.pdf")
    found = taken(message.as_bytes())
    assert (found.record["text"], found.record["left_out"]) == ("Plain.", {"attachments": 1})


def test_html_alone_becomes_text_without_what_it_quotes() -> None:
    old = b"<blockquote>old <blockquote>older</blockquote></blockquote>"
    html = b"<p>Caf\xc3\xa9 &amp; tea</p><p>Ada wrote:</p>" + old + b"<p>Bye</p>"
    data = mail(html, b"Content-Type: text/html; charset=utf-8")
    assert text_of(data).split() == ["Café", "&", "tea", "Bye"]
    assert "older" in text_of(data, quotes="keep")


@pytest.mark.parametrize(
    ("body", "headers", "text", "odd"),
    [
        (b"caf\xe9", [b"Content-Type: text/plain; charset=iso-8859-1"], "café", ()),
        (b"caf\xc3\xa9", [b"Content-Type: text/plain; charset=iso-8859-1"], "café", ("charset-wrong",)),
        (b"\x93caf\xe9\x94", [b"Content-Type: text/plain; charset=iso-8859-1"], "“café”", ()),
        (b"caf\xc3\xa9", [b"Content-Type: text/plain; charset=x-nonsense"], "café", ("charset-unknown",)),
        (b"plain", [b"Content-Type: text/plain; charset=rot13"], "plain", ()),
        (b"\x1b$B?e<V\x1b(B", [b"Content-Type: text/plain; charset=iso-2022-jp"], "水車", ()),
        (b"caf=C3=A9 =\nau lait=zz", [UTF_8, TRANSFER + b"quoted-printable"], "café au lait=zz", ()),
        (base64.b64encode("café".encode())[:-1], [UTF_8, TRANSFER + b"base64"], "café", ("encoding-broken",)),
        (b"!!" + base64.b64encode("café".encode()) + b"\n--", [UTF_8, TRANSFER + b"BASE64"], "café", ()),
        (b"a \nb \n c\n>quoted \n-- \nsig", [b"Content-Type: text/plain; format=flowed"], "a b c", ()),
        (b"no type at all", [b"Content-Type: ???"], "no type at all", ()),
    ],
)  # fmt: skip
def test_text_is_decoded_whatever_the_headers_say(
    body: bytes, headers: list[bytes], text: str, odd: tuple[str, ...]
) -> None:
    found = taken(mail(body, *headers), subject=False)
    assert found.record["text"].rstrip("\ufffd") == text
    assert set(odd) <= set(found.odd)
    assert odd or not found.odd


def test_headers_are_decoded_folded_and_never_part_of_the_text() -> None:
    data = (
        b"Subject: =?iso-8859-1?q?Caf=E9?=\n =?utf-8?b?IMO8YmVy?= =?x?y?z?=\n"
        b"From: =?utf-8?q?Zo=C3=AB?= <zoe@example.com>\nFrom: other@example.com\nTo: secret@example.com\n\nHi\n"
    )
    record = taken(data).record
    assert record["text"].split("\n")[0].startswith("Café über")
    assert record["author"] == "Zoë <zoe@example.com>, other@example.com"
    assert "secret" not in str(record)


def test_an_archive_s_spelling_of_an_address_is_one() -> None:
    assert taken(b"From: zoe at example.com (Zoe)\n\nHi\n").record["author"] == (
        "zoe@example.com (Zoe)"
    )


@pytest.mark.parametrize(
    ("date", "created", "odd"),
    [
        (b"Thu, 1 Jan 1970 00:00:00 +0000", "", ("date-early",)),
        (b"Fri, 1 Jan 2044 00:00:00 +0000", "", ("date-future",)),
        (b"Mon, 31 Feb 2001 00:00:00 +0000", "", ("date-unreadable",)),
        (b"yesterday", "", ("date-unreadable",)),
        (b"Mon, 14 May 01 16:39:00 EST", "2001-05-14T21:39:00Z", ()),
        (b"1 Mar 2001 00:00", "2001-03-01T00:00:00Z", ()),
        (b"Mon, 14 May 2001 16:39:00 +9999999", "", ("date-unreadable",)),
    ],
)
def test_a_date_that_cannot_be_is_none(date: bytes, created: str, odd: tuple[str, ...]) -> None:
    found = taken(mail(b"Hi", b"Date: " + date))
    assert (found.record["created"], found.odd) == (created, odd)


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("> old\n> older\n\nNew.", "New."),
        ("New.\nOn Mon, 14 May 2001, Ada wrote:\n> old\n\nMore.", "New.\n\nMore."),
        ("On Mon, 14 May 2001, Ada\n<ada@example.com> wrote:\n\n> old\nNew.", "New."),
        ("Am 14.05.2001 schrieb Ada:\n> alt\nNeu.", "Neu."),
        ("New.\n\n-----Original Message-----\nFrom: Ada\nOld.", "New."),
        ("New.\n\n---------------------- Forwarded by Ada/HOU/ECT on 03/16/2000 ------\nOld.", "New."),
        ("New.\n\nFrom: Ada\nSent: Monday\nTo: Zoe\nSubject: x\n\nOld.", "New."),
        ("From: here to there\nis a long way.", "From: here to there\nis a long way."),
        ("New.\n-- \nZoe\n+44 1", "New."),
        ("New.\n--\nZoe", "New."),
        ("New.\n" + "_" * 47 + "\nmill mailing list\nhttps://lists.example.org/listinfo/mill", "New."),
        ("a\n" + "-" * 30 + "\nb", "a\n" + "-" * 30 + "\nb"),
        ("x\nbegin 644 a.bin\nM" + "A" * 60 + "\n`\nend\ny", "x\n\ny"),
        (SIGNED, "New.\n-- x"),
    ],
)  # fmt: skip
def test_only_what_was_written_now_is_kept(body: str, kept: str) -> None:
    assert Written().clean(body) == kept


def test_quotes_and_signatures_stay_where_that_is_asked_for() -> None:
    body = "New.\nAda wrote:\n> old\n\n-----Original Message-----\nOlder.\n-- \nZoe"
    kept = Written(quotes=True, signatures=True)
    assert kept.clean(body) == body.replace("-- \n", "--\n")
    assert not kept.left_out


def nested(depth: int) -> bytes:
    head = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(depth)
    )
    return b"From: a@example.com\n" + head + b"\nHi\n"


def test_messages_in_messages_are_counted_and_not_read() -> None:
    inner = b"From: b@example.com\n\nSecret.\n"
    data = b"From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nOuter.\n"
    data += b"--b\nContent-Type: message/rfc822\n\n" + inner + b"--b--\n"
    record = taken(data).record
    assert (record["text"], record["left_out"]) == ("Outer.", {"messages": 1})


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (nested(500), "depth"),
        (b"From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 5000, "parts"),
        (b"From: a@example.com\nX: " + b"a" * 300_000 + b"\n\nHi\n", "header"),
        (b"Just some text.\n", "shape:mail"),
        (b"", "shape:mail"),
        (b"\0\1\2", "shape:mail"),
    ],
)  # fmt: skip
def test_what_is_no_mail_or_too_much_of_one_is_bad(data: bytes, reason: str) -> None:
    found = take(data)
    assert isinstance(found, Bad)
    assert found.reason == reason


def test_a_part_that_nothing_closes_is_read_and_odd() -> None:
    found = taken(nested(3))
    assert (found.record["text"], found.odd) == ("Hi", ("mime-cut",))


def test_hostile_headers_and_bodies_are_read_once() -> None:
    long = 50_000
    for value in (b"=?a?q?" * long, b'"' * long, b";" * long, b"(" * long, b"\xff" * long):
        for name in (b"Subject", b"From", b"Date", b"Content-Type", b"Message-ID"):
            take(b"To: a@example.com\n" + name + b": " + value[:long] + b"\n\nHi\n")
    for line in (
        b">",
        b"begin 644 a\n",
        b"On wrote:\n",
        b"From: x\n",
        b"-",
        b"<blockquote>",
        b"<",
        b"--b\n",
    ):
        for kind in (b"text/plain", b"text/html", b"multipart/mixed; boundary=b"):
            take(mail(line * long, b"Content-Type: " + kind))


def box(*mails: bytes) -> bytes:
    return b"".join(FROM + each + b"\n" for each in mails)


def read_box(folder: Path, data: bytes, name: str = "list.mbox", **options: Any) -> list[Item]:
    (folder / name).write_bytes(data)
    return list(read(folder / name, "mbox", said=Said(options=options)))


def test_a_mailbox_is_cut_at_its_from_lines_alone(tmp_path: Path) -> None:
    body = b"Hi.\n\n>From me.\n>>From you.\nFrom here on\n\nFrom nobody\n"
    found = read_box(tmp_path, box(mail(body), b"From: b@example.com\n\nSecond.\n"), subject=False)
    assert [each.record["text"] for each in found if isinstance(each, Raw)] == [
        "Hi.\n\nFrom me.\n>From you.\nFrom here on\n\nFrom nobody".replace("\n>From you.", ""),
        "Second.",
    ]
    assert [getattr(each, "line", 0) for each in found] == [1, 14]


def test_a_mailbox_is_the_same_packed_or_not_and_ids_hang_on_its_name(tmp_path: Path) -> None:
    data = box(mail(b"Hi.\n"))
    plain = read_box(tmp_path, data)
    assert plain == read_box(tmp_path, gzip.compress(data), "list.mbox.gz")
    assert isinstance(plain[0], Raw)
    other = read_box(tmp_path, data, "other.mbox")
    assert isinstance(other[0], Raw)
    assert plain[0].record["id"] == mail_id("list.mbox", "7@host.example")
    assert other[0].record["id"] == mail_id("other.mbox", "7@host.example")


def test_a_message_that_comes_twice_is_dropped_once(tmp_path: Path) -> None:
    found = read_box(tmp_path, box(mail(b"Hi.\n"), mail(b"Hi, with a footer.\n")))
    assert [each.drop for each in found if isinstance(each, Raw)] == ["", "message-twice"]


def test_nothing_of_a_broken_mailbox_is_lost_in_silence(tmp_path: Path) -> None:
    large = mail(b"x" * 5000 + b"\n")
    found = read_box(
        tmp_path, b"noise\n\n" + box(mail(b"Hi.\n"), large, b"no header\n"), max_bytes=2000
    )
    assert [each.reason if isinstance(each, Bad) else "" for each in found] == [
        "shape:mbox", "", "oversize", "shape:mail",
    ]  # fmt: skip
    cut = read_box(
        tmp_path,
        gzip.compress(
            box(mail(b"Hi.\n"), mail(base64.encodebytes(random.Random(1).randbytes(9000))))
        )[:-30],
        "cut.mbox.gz",
    )
    assert isinstance(cut[-1], Damage)
    assert cut[-1].reason == "truncated"
    assert isinstance(cut[0], Raw)


def test_a_folder_of_mail_shows_no_path(tmp_path: Path) -> None:
    raw = mail(b"Hi.\n")
    files = {
        "smith-j/inbox/1.": raw,
        "smith-j/inbox/2.eml": FROM + b"From: b@example.com\n\nSecond.\n",
        "smith-j/cur/3.host.example:2,S": b"not a mail",
        "smith-j/4.emlx": b"%d\n" % len(raw) + raw + b"<plist/>",
    }
    for name, data in files.items():
        (tmp_path / "maildir" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "maildir" / name).write_bytes(data)
    (tmp_path / "maildir/smith-j/5.").symlink_to("/etc/passwd")
    found = list(read(tmp_path / "maildir", "mail", said=Said(path="data/maildir")))
    assert [each.drop if isinstance(each, Raw) else getattr(each, "reason", "") for each in found] == [
        "", "symlink", "shape:mail", "message-twice", "",
    ]  # fmt: skip
    assert "smith" not in str(found)
