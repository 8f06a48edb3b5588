"""What is plausibly a credential behind a name, and what stands for one."""

from __future__ import annotations

import pytest

from filters.redact.examples import fill
from filters.redact.secrets.judgement import is_credential
from filters.redact.secrets.keywords import Grade
from filters.redact.secrets.letters import is_word
from filters.redact.secrets.strength import weigh

PASSWORDS = (
    "Winter2023!", "Test#2024!kx", "!x9Kq#2", "#4kZ_92", "a$bX9{k", "4821", "Tr0ub4dor&3",
    "marble lantern otter canyon", "marble-lantern-otter-canyon", "{let:16}", "{hex:32}", "{b64:40}",
    "{uuid}", "\u041f\u0430\u0440\u043e\u043b\u044c812!x",
)  # fmt: skip
STAND_INS = (
    "changeme", "your-api-key", "xxxxxxxxxxxx", "${DB_PASSWORD}", "{{ password }}", "<token>", "%(pw)s",
    "$SECRET", "password123", "********", "client_secret", "foobar12", "None", "self.config.password",
    "https://a.example/x1", "/run/secrets/db", "Enter your password", "Forgot your password?", "123456",
    "application/json", "csrf_token", "sha256", "HS256", "1111", "s3cret", "PBKDF2WithHmacSHA1",
    "correct horse battery staple", "Contrase\u00f1a", "Mot de passe",
    "\ube44\ubc00\ubc88\ud638\ub97c \uc785\ub825\ud558\uc138\uc694",
)  # fmt: skip


@pytest.mark.parametrize("template", PASSWORDS)
def test_a_password_is_one_behind_its_name(template: str) -> None:
    assert is_credential(
        fill(template) if ":" in template or "uuid" in template else template,
        Grade.PASSWORD,
        "quoted",
    )


@pytest.mark.parametrize("value", STAND_INS)
def test_what_stands_for_a_password_is_none(value: str) -> None:
    for name in Grade:
        assert not is_credential(value, name, "quoted")


def test_a_weak_name_asks_for_a_random_value() -> None:
    assert not is_credential("Winter2023!", Grade.WEAK, "quoted")
    assert is_credential(fill("{an:32}"), Grade.WEAK, "quoted")
    assert not is_credential(fill("{uuid}"), Grade.WEAK, "quoted")
    assert not is_credential(fill("{hex:40}"), Grade.WEAK, "quoted", "sha1 of the commit")


def test_words_weigh_less_than_random_letters() -> None:
    assert is_word("password")
    assert not is_word("qzxwvkjr")
    assert weigh("passwordpassword").odd == 0
    assert weigh(fill("{let:16}")).odd > weigh("Winter2023!").odd
