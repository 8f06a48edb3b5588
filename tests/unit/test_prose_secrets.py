"""Credentials told in sentences, pairs, answers, tables and codes are found whole, and words are left."""

from __future__ import annotations

from functools import cache

import pytest

from filters.redact.database import Scanner, build
from filters.redact.examples import fill, spell
from filters.redact.prefilter import find
from filters.redact.redactor import merged
from filters.redact.secrets.columns import column_rules
from filters.redact.secrets.prose_secrets import prose_secret_rules
from tests.redactors import ready


@cache
def scanner() -> Scanner:
    return build((*prose_secret_rules(), *column_rules()))


def found(text: str) -> list[str]:
    return [text[s.start : s.end] for s in merged(find(scanner(), text), text)]


@pytest.mark.parametrize(
    "template",
    [
        "sudo password on that box is «{an:12}7»",
        "Her password was changed to «{an:12}7».",
        "A temporary password is generated for root@localhost: «{an:12}7»",
        "[10:22] tom: what's the pw?\n[10:22] ann: «{an:12}7»",
        "password: «{an:12}7»</a>",
        "<!-- password: «{an:12}7»-->",
        "The password is set to: «{an:12}7»\\n\\nPlease change it",
        "id/pw: admin / «{an:12}7»",
        "Passwort f\u00fcr den Server ist «{an:12}7»",
        "Mot de passe wifi : «{an:12}7»",
        "Het wachtwoord voor de server is «{an:12}7»",
        "G-«{dig:6}» is your verification code",
        "+----+----------+\n| id | password |\n+----+----------+\n|  1 | «{an:12}7» |\n",
        "      | username | password |\n      | ada      | «{an:12}7» |\n",
        "zip pw «copper-falcon-harbor»",
        "Password [temporary]: «{an:12}7»",
        "when asked for the password, enter «{an:12}7»",
        "«{an:12}7» <- new root password",
        "ada@a.example:«{an:12}7»",
        "10.2.3.4 root «{an:12}7Aa»",
        "login attempt [root/«{an:12}7»] failed",
        "> what is the password?\n«{an:12}7»",
        "Subject: password\n\n«{an:12}7»",
        "<b>Password</b>: «{an:12}7»<br/>",
        "| DB password | «{an:12}7» | rotated |",
        "INSERT INTO users (id, password) VALUES\n(1, 'x'),\n(2, '«{an:12}7»');",
    ],
)
def test_a_credential_is_found_whole(template: str) -> None:
    text, wanted = spell(template)
    assert found(text) == [wanted]


@pytest.mark.parametrize(
    "template",
    [
        "The password on the server is stored as bcrypt-12.",
        "Using ASCII/UTF-8 with python3.11",
        "gpg: using RSA key {HEX:40}",
        "  @  18:{hex:12} (secret) k",
        "mock.patch.object(pwd, 'getpwuid7')",
        "$ cat /etc/passwd\nroot:x:0:0:root:/root:/bin/bash",
        "pin 2700 of the board is an output",
        "the user, the password and the token\nwent to sleep, yes12, ok",
        "HTTP code: 404000",
        "The password is first-come-first-served and case-sensitive.",
        "password hashing moved from sha256 to bcrypt12",
        "| password | varchar(255) | not null |",
        "git@h.example:ada/repo2.git",
        "Linux / x86_64 on the server",
        "Fixed the password upgrade ([#12345](https://a.example/12345))",
    ],
)
def test_what_only_looks_alike_is_left(template: str) -> None:
    assert found(fill(template)) == []


@pytest.mark.parametrize(
    "unit",
    [
        "password is ",
        "login as a with ",
        "password,",
        "recovery codes: - ",
        "password hunter-falcon-",
        "admin / b1 ",
        "from a1b2c to ",
        '"ab1cd" when ',
        "INSERT INTO t (password) VALUES (",
        "login: [a/bcdef",
        "tom: pw ",
        "the key a ",
    ],
)
def test_a_long_hostile_line_is_bounded(unit: str) -> None:
    # the suite's time limit is the assertion: a rule that is not linear would take minutes
    assert found(unit * (200_000 // len(unit))) == []


def test_every_row_of_a_long_table_is_read() -> None:
    rows = [f"ada{n},Xq7{n:05d}kW!z,admin" for n in range(3000)]
    text = "name,password,role\n" + "\n".join(rows) + "\n"
    redacted = ready().redact(text).text.splitlines()
    assert all(line.split(",")[1] == "REDACTED_SECRET" for line in redacted[1:])
    assert len(redacted) == len(rows) + 1
