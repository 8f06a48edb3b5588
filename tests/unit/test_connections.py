"""Credentials in URLs, connection strings, requests and their own files are found; stand-ins stay."""

from __future__ import annotations

import base64
from functools import cache

import pytest

from filters.redact.database import Scanner, build
from filters.redact.examples import fill
from filters.redact.prefilter import find
from filters.redact.redactor import merged
from filters.redact.secrets.connections import connection_rules
from filters.redact.secrets.credential_files import credential_file_rules
from filters.redact.secrets.headers import header_rules
from filters.redact.secrets.logins import is_login, is_mixed, is_token

RULES = (*connection_rules(), *header_rules(), *credential_file_rules())
SCHEMES = (
    "postgres", "postgresql+psycopg2", "mysql", "mongodb+srv", "redis", "amqps", "smtp", "imap", "ldap",
    "mssql", "clickhouse", "snowflake", "neo4j", "ftp", "ssh", "https", "git+https", "socks5", "jdbc:mysql",
)  # fmt: skip


@cache
def scanner() -> Scanner:
    return build(RULES)


def found(text: str) -> list[str]:
    return [text[span.start : span.end] for span in merged(find(scanner(), text), text)]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_password_of_a_url_goes_whatever_the_scheme(scheme: str) -> None:
    for template in (
        "{an:14}",
        "{pw:16}7a",
        "{an:5}%40{an:6}",
        "Kestrel-{dig:4}!",
        "{an:6}:{an:5}",
    ):
        secret = fill(template)
        for text in (f"{scheme}://bob:{secret}@db:1/x", f'"{scheme}://bob:{secret}@h"'):
            assert found(text) == [secret]


@pytest.mark.parametrize(
    ("template", "wanted"),
    [
        ("postgres" + "://u:{an:5}@{an:6}@h/d", 1), ("postgres" + "://u:{an:6}/{an:5}@h/d", 1),
        ("https" + "://u:{an:12}@h/p?mail=a@b.example", 1), ("http://host:8080/{an:12}@x", 0),
        ("https://localhost:3000#{an:5}@x", 0), ("http://a.example:80/x@y/{an:9}@z", 0),
        ("https" + "://{an:40}@github.example/x", 1), ("https://{lower:40}@github.example/x", 0),
        ("https://bob:x-oauth-basic@github.example/x", 0), ("https" + "://{hex:32}:{hex:32}@sentry.example/1", 1),
    ],
)  # fmt: skip
def test_what_a_url_may_hold(template: str, wanted: int) -> None:
    assert len(found(fill(template))) == wanted


STAND_INS = (
    "password", "changeme", "your_password", "<password>", "${PASSWORD}", "$PASSWORD", "{{ password }}",
    "********", "xxxxxxxx", "%s", "{password}", "PASSWORD", "my-secret-password", "%(password)s", "password123",
    "my_database_password", "12345678", "aaaaaaaa", "P@ssw0rd!", "contraseña", "geheim", "...",
)  # fmt: skip


@pytest.mark.parametrize("value", STAND_INS)
def test_stand_ins_stay_everywhere(value: str) -> None:
    assert not is_login(value)
    assert not is_mixed(value)
    assert not is_token(value)
    for text in (
        f"postgres://user:{value}@host/db", f"Server=h;User Id=u;Password={value};", f"host=h user=u password={value}",
        f"Authorization: Bearer {value}", f"X-Api-Key: {value}", f"Cookie: sessionid={value}", f"https://h/x?access_token={value}",
        f"machine h login user password {value}", f"h:5432:d:u:{value}", f"<password>{value}</password>",
    ):  # fmt: skip
        assert found(text) == [], text


def test_a_user_name_is_no_password_and_lengths_count() -> None:
    assert not is_login("svc9x", "svc9x")
    assert not is_login("a1b2")
    assert not is_login("kestrel")
    assert is_login("kestrelharb")
    assert not is_login("83921")
    assert is_login("83920174")
    assert not is_mixed("kestrelharb")
    assert is_mixed("kestrelHarb")
    assert not is_token("users-read-v2.x1")


def test_basic_credentials_are_read() -> None:
    def encoded(pair: str) -> str:
        return base64.b64encode(pair.encode()).decode()

    real = encoded("bob:" + fill("{an:12}"))
    assert found(f"Authorization: Basic {real}") == [real]
    assert found(f'"auth": "{real}"') == [real]
    for pair in ("user:password", "Aladdin:open sesame", "no colon at all", "bob:"):
        assert found(f"Authorization: Basic {encoded(pair)}") == []
        assert found(f'"auth": "{encoded(pair)}"') == []
    assert found("Basic " + fill("{b64:23}")) == []


def test_code_that_passes_values_on_stays() -> None:
    for text in (
        "connect(host=host, user=user, password=password)",
        "def f(user=None, host=None, password=None):",
        "dsn = 'host=%s user=%s password=%s' % (h, u, p)",
        "conn = 'Server=' + h + ';Password=' + settings.db_password + ';'",
        "headers = {'Authorization': f'Bearer {token}'}",
        "h['X-Api-Key'] = os.environ['KEY_1234567']",
        "session_id = make_session_id(user1234567890)",
        "    <password>${env.DB_PASSWORD}</password>",
    ):
        assert found(text) == [], text


def test_an_entity_is_never_taken_apart() -> None:
    secret = fill("{an:6}") + "&amp;" + fill("{an:4}")
    assert found(f'<add connectionString="Server=h;User Id=u;Password={secret};X=1"/>') == [secret]


def test_a_cluster_secret_needs_its_kind() -> None:
    value = base64.b64encode(fill("{an:12}").encode()).decode()
    assert found(f"kind: Secret\ndata:\n  db: {value}\n") == [value]
    assert found(f"kind: ConfigMap\ndata:\n  db: {value}\n") == []
    assert found("kind: Secret\ndata:\n  db: ZZZZZZZZ\n") == []
