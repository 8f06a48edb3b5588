"""Secrets are found whole, wherever they stand, and look-alikes are left alone."""

from __future__ import annotations

import base64
import json
import random
import string
from typing import Any

import pytest

from tests.redactors import ready

ALNUM = string.ascii_letters + string.digits


def word(size: int, alphabet: str = ALNUM, seed: int = 1) -> str:
    rng = random.Random(seed)
    return "".join(rng.choice(alphabet) for _ in range(size))


def found(text: str, level: str = "balanced") -> list[str]:
    return [text[s.start : s.end] for s in ready(level).spans(text)]


def pem(label: str = "RSA ", *, size: int = 12) -> str:
    lines = [word(64, ALNUM + "+/", seed) for seed in range(size)]
    dashes = "-" * 5
    return "\n".join(
        [
            f"{dashes}BEGIN {label}PRIVATE KEY{dashes}",
            *lines,
            f"{dashes}END {label}PRIVATE KEY{dashes}",
        ]
    )


def web_token() -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return ".".join((part({"alg": "HS256", "typ": "JWT"}), part({"sub": "7"}), word(43)))


@pytest.mark.parametrize(
    "dress",
    [
        lambda key: key,
        lambda key: "\n".join("    " + line for line in key.split("\n")),
        lambda key: json.dumps({"private_key": key + "\n"}),
        lambda key: "key = (\n" + "\n".join(f'    "{line}\\n"' for line in key.split("\n")) + "\n)",
        lambda key: key.replace("\n", "\r\n"),
        lambda key: key.replace("\n", "\\\\n"),
    ],
    ids=["plain", "indented", "json", "concatenated", "crlf", "double-escaped"],
)
@pytest.mark.parametrize("label", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
def test_a_private_key_goes_as_one_block(dress: Any, label: str) -> None:
    text = "before\n" + dress(pem(label)) + "\nafter"
    result = ready("permissive").redact(text)
    assert [edit.type for edit in result.edits] == ["PRIVATE_KEY"]
    assert "-----" not in result.text
    assert word(64, ALNUM + "+/", 3)[:20] not in result.text


def test_a_private_key_with_headers_or_without_end() -> None:
    lines = pem().split("\n")
    headed = "\n".join(
        [lines[0], "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,0A1B", "", *lines[1:]]
    )
    assert ready("permissive").redact(headed).text == "REDACTED_PRIVATE_KEY"
    cut = "\n".join(lines[:-1]) + "\n\nand prose."
    assert ready("permissive").redact(cut).text == "REDACTED_PRIVATE_KEY\n\nand prose."


def test_a_mention_of_a_key_header_is_no_key() -> None:
    lines = pem(size=0).split("\n")
    text = f'BEGIN = "{lines[0]}"\nprint(BEGIN, other(call))\nEND = "{lines[1]}"\n'
    # strict takes whatever detect-secrets reports, and it reports the header
    assert found(text) == []


def test_a_web_token_goes_with_its_signature() -> None:
    token = web_token()
    assert found(f"Authorization: Bearer {token}") == [token]
    assert found(json.dumps({"a": f"x\n{token}\n"})) == [token]
    assert found("eyJ" + word(30) + "." + word(30) + "." + word(30)) == []


@pytest.mark.parametrize(
    ("template", "secret"),
    [
        ('password = "%s"', "s3cr" + "Et!9x"),
        ("db_password: '%s'", "Tr0ub4" + "dor&3x"),
        ("DB_PASSWORD=%s\n", "kJ8s" + "Lq02mZx"),
        ("export API_TOKEN=%s\n", "kJ8s" + "Lq02mZx9"),
        ("spring:\n  password: %s\n", "kJ8s" + "Lq02mZx9"),
        ('"access_token": "%s"', word(32)),
        ("postgres://app:%s@db.internal:5432/x", "kJ8s" + "Lq02m"),
        ("curl -u admin:%s https://h/x", "kJ8s" + "Lq02m"),
        ('aws_secret_access_key = "%s"', word(40, ALNUM + "+/")),
        ("//registry.example/:_authToken=%s", "npm_" + word(36)),
    ],
)
def test_assignments_are_redacted_by_value(template: str, secret: str) -> None:
    text = template % secret
    assert ready("balanced").redact(text).text == template % "REDACTED_SECRET"


@pytest.mark.parametrize(
    "value",
    [
        "changeme", "your-api-key", "xxxxxxxxxxxx", "${DB_PASSWORD}", "{{ password }}", "<token>",
        "%(password)s", "$SECRET", "password123", "********", "client_secret", "foobar12", "None",
        "self.config.password", "123e4567-e89b-12d3-a456-426614174000", "https://a.example/x1",
    ],
)  # fmt: skip
def test_placeholder_values_stay(value: str) -> None:
    for template in ('password = "%s"', 'api_key: "%s"', "API_KEY=%s", "secret: %s"):
        assert found(template % value) == []


def test_specimens_hashes_and_identifiers_stay() -> None:
    for text in (
        "AKIA" + "IOSFODNN7" + "EXAMPLE",
        "ghp_" + "x" * 36,
        "sk-" + "1234567890" * 4,
        '"integrity": "sha512-' + word(86, ALNUM + "+/") + '=="',
        'checksum = "' + word(64, "0123456789abcdef") + '"',
        "commit " + word(40, "0123456789abcdef"),
        f'"AWS::SecretsManager::Secret": "{word(16, "0123456789abcdef")}"',
        "    oauth1_client_cls = StarletteOAuth1App",
        "class APFloat : public " + "APFloatBase {",
        "API_KEY = 'this-will-ordinarily-be-detected-by-a-plugin'",
        "secret = get_secret('" + word(12) + "')",
    ):
        assert found(text) == [], text


def test_entropy_counts_at_strict_alone() -> None:
    text = f'value = "{word(40)}"'
    assert found(text, "balanced") == []
    assert found(text, "strict") == [word(40)]
    assert found(f'digest = "{word(40, "0123456789abcdef")}"', "strict") != []


def test_an_allow_list_comment_switches_nothing_off() -> None:
    token = "ghp_" + word(36)
    assert found(f'token = "{token}"  # pragma: allowlist secret') == [token]
