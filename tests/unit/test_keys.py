"""Private keys and web tokens go whole, however they are written; specimens and public keys stay."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import TYPE_CHECKING

import pytest

from filters.redact.database import Scanner, build
from filters.redact.examples import fill
from filters.redact.prefilter import find
from filters.redact.redactor import merged
from filters.redact.secrets.keys import key_rules
from filters.redact.secrets.web_tokens import web_token_rules

if TYPE_CHECKING:
    from collections.abc import Callable

RULES = (*key_rules(), *web_token_rules())
DASHES = "-" * 5


@cache
def scanner() -> Scanner:
    return build(RULES)


def found(text: str) -> list[str]:
    return [text[span.start : span.end] for span in merged(find(scanner(), text), text)]


def pem(label: str = "RSA PRIVATE KEY", size: int = 12) -> str:
    blank = "\n" if label.startswith("PGP") else ""
    body = "\n".join(fill(f"{{b64:{64}}}" + str(line))[:64] for line in range(size))
    return f"{DASHES}BEGIN {label}{DASHES}\n{blank}{body}\n{fill('{b64:40}')}\n{DASHES}END {label}{DASHES}"


DRESSES: dict[str, Callable[[str], str]] = {
    "plain": lambda key: key,
    "indented": lambda key: "key: |\n" + "\n".join("    " + line for line in key.split("\n")),
    "json": lambda key: json.dumps({"key": key + "\n"}),
    "double-escaped": lambda key: json.dumps(json.dumps(key)),
    "crlf": lambda key: key.replace("\n", "\r\n"),
    "one-line": lambda key: key.replace("\n", " "),
    "python": lambda key: "(" + "\n".join(f'"{line}\\n"' for line in key.split("\n")) + ")",
    "java": lambda key: " +\n".join(f'    "{line}\\n"' for line in key.split("\n")) + ";",
    "list": lambda key: "[" + ",\n".join(f"'{line}'" for line in key.split("\n")) + "].join()",
    "calls": lambda key: "\n".join(f's.append("{line}\\n");' for line in key.split("\n")),
    "continued": lambda key: '"' + key.replace("\n", "\\n\\\n") + '"',
    "comment": lambda key: "\n".join("# " + line for line in key.split("\n")),
    "mail": lambda key: "\n".join("> " + line for line in key.split("\n")),
    "removed": lambda key: "\n".join("-" + line for line in key.split("\n")),
    "html": lambda key: key.replace("\n", "<br>"),
    "url": lambda key: key.replace("+", "%2B").replace(" ", "%20").replace("\n", "%0A"),
    "quoted-printable": lambda key: key.replace("=", "=3D"),
}


@pytest.mark.parametrize("dress", DRESSES.values(), ids=DRESSES)
@pytest.mark.parametrize("label", ["RSA PRIVATE KEY", "PRIVATE KEY", "PGP PRIVATE KEY BLOCK"])
def test_a_block_goes_as_one_in_every_dress(dress: Callable[[str], str], label: str) -> None:
    text = dress(pem(label))
    hits = found(text)
    assert len(hits) == 1
    assert hits[0].startswith(DASHES + "BEGIN")
    assert hits[0].endswith(DASHES)
    rest = text.replace(hits[0], "")
    assert fill("{b64:40}") not in rest
    assert rest.count('"') % 2 == 0


@pytest.mark.parametrize("size", [1, 4, 40])
def test_a_block_without_its_end_goes_as_far_as_the_base64(size: int) -> None:
    cut = pem(size=size).rsplit("\n", 1)[0]
    assert found(f"{cut}\n\nand prose.") == [cut]
    escaped = cut.replace("\n", "\\n")
    assert found(json.dumps({"k": cut, "n": 1})) == [escaped]


def test_other_blocks() -> None:
    body = "\n".join(fill("{hex:32}")[n:] + fill("{hex:32}")[:n] for n in range(16))
    static = f"{DASHES}BEGIN OpenVPN Static key V1{DASHES}\n{body}\n{DASHES}END OpenVPN Static key V1{DASHES}"
    label = "SSH2 ENCRYPTED PRIVATE KEY ----"
    ssh = (
        f"---- BEGIN {label}\nComment: x\n{fill('{b64:70}')}\n{fill('{b64:64}')}\n---- END {label}"
    )
    lines = fill("{b64:64}") + "\n" + fill("{b64:32}")
    putty = (
        f"PuTTY-User-Key-File-2: ssh-rsa\nComment: x\nPublic-Lines: 1\n{lines}\n"
        f"Private-Lines: 2\n{lines}"
    )
    signed = putty + "\nPrivate-MAC: " + fill("{hex:40}")
    for block in (static, ssh, putty, signed):
        assert found(f"a\n{block}\nb\n") == [block]


def test_the_base64_of_a_block_is_a_key_and_of_a_certificate_is_none() -> None:
    encoded = base64.b64encode((pem() + "\n").encode()).decode()
    assert found(f"client-key-data: {encoded}\n") == [encoded]
    twice = base64.b64encode(encoded.encode()).decode()
    assert found(f"key: {twice}") == [twice]
    other = base64.b64encode(pem("CERTIFICATE").encode()).decode()
    assert found(f"client-certificate-data: {other}\n") == []


def test_wrapped_base64_goes_with_all_its_lines() -> None:
    start = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
    lines = [start + fill("{b64:32}"), fill("{b64:64}"), fill("{b64:21}") + "=="]
    for glue in ("\n", "\n    ", "\\n", '" +\n  "', "\n# "):
        assert found(glue.join(lines) + "\nnext: 1\n") == [glue.join(lines)]
    assert found(f"\\n{lines[0]}\\n") == [lines[0]]
    assert found(f"n{lines[0]}") == []
    assert found(lines[0] + "...") == []


@pytest.mark.parametrize(
    "body",
    ["...", "MIIE...", "<your key here>", "{key}", '" + key + "', "x" * 64, "A" * 64, "${KEY}", ""],
)
def test_specimens_stay(body: str) -> None:
    text = f"{DASHES}BEGIN PRIVATE KEY{DASHES}\n{body}\n{DASHES}END PRIVATE KEY{DASHES}\n"
    assert found(text) == []
    assert found(text.rsplit(DASHES, 2)[0]) == []


def test_public_halves_stay() -> None:
    for label in ("CERTIFICATE", "PUBLIC KEY", "RSA PUBLIC KEY", "PGP MESSAGE"):
        assert found(pem(label)) == []


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_web_tokens_go_with_all_their_parts_and_no_more() -> None:
    head, claims, mac = part({"alg": "HS256"}), part({"sub": "7"}), fill("{url:43}")
    encrypted = part({"alg": "dir", "enc": "A256GCM"})
    for token in (
        f"{head}.{claims}.{mac}",
        f"{part({'alg': 'none'})}.{claims}",
        f"{encrypted}..{fill('{url:16}')}.{fill('{url:40}')}.{fill('{url:22}')}",
    ):
        for text in (f"Bearer {token}", f'"{token}"', f"it is {token}.", f"x\\n{token}\\n"):
            assert found(text) == [token]
    assert found(f"{part({'typ': 'x'})}.{claims}.{mac}") == []
    assert found(f"x{head}.{claims}.{mac}") == []
    assert found(f"{head}.x") == []
    assert found(f"eyJ{fill('{an:30}')}.{claims}.{mac}") == []
