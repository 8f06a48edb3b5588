"""Private keys as they are pasted: plain, indented, escaped, quoted line by line; and keys of wallets."""

# ruff: noqa: SIM905  # a list of words reads as a line

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final

from redaction_cases.case import Case, Label, half_of
from redaction_cases.personal import base58check
from redaction_cases.template import draw, fill
from redaction_cases.values import pem_body

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_DASHES: Final = "-" * 5
_BLOCKS: Final = (
    ("RSA PRIVATE KEY", 1190),
    ("PRIVATE KEY", 1214),
    ("EC PRIVATE KEY", 118),
    ("OPENSSH PRIVATE KEY", 396),
    ("ENCRYPTED PRIVATE KEY", 340),
    ("DSA PRIVATE KEY", 440),
    ("PGP PRIVATE KEY BLOCK", 700),
)
_MNEMONIC: Final = (
    "abandon ability above absorb account acid actor adjust advice afraid agent album alien almost anchor ankle "
    "apple arctic armor arrow artist aspect atom august autumn avocado bacon balance banana basket beach below "
    "bicycle blanket border bottom brave bridge bronze cabin cactus candle canyon carbon castle cereal cheese "
    "cherry circle citizen clever cloud coconut copper coral cradle cricket crystal dolphin donkey dragon"
).split()


def block(rng: Random, title: str, size: int) -> list[str]:
    """Build the lines of a PEM or an OpenPGP block (RFC 7468, RFC 9580)."""
    lines = pem_body(rng, size)
    if title.startswith("PGP"):
        lines = ["", *lines, "=" + draw(rng, "b64", 4)]
    if title.startswith("RSA") and rng.random() < 0.2:
        lines = [
            "Proc-Type: 4,ENCRYPTED",
            f"DEK-Info: AES-128-CBC,{draw(rng, 'HEX', 32)}",
            "",
            *lines,
        ]
    return [f"{_DASHES}BEGIN {title}{_DASHES}", *lines, f"{_DASHES}END {title}{_DASHES}"]


def _quoted(lines: list[str]) -> str:
    return "\n".join(f'    "{line}\\n"' for line in lines).strip().strip('"')[:-2]


# how a block is written: what stands before, the spelling of its lines, what stands behind
_FORMS: Final[dict[str, tuple[str, Callable[[list[str]], str], str]]] = {
    "file": ("", "\n".join, "\n"),
    "file with CRLF": ("", "\r\n".join, "\r\n"),
    "markdown": ("Here is my key:\n\n```\n", "\n".join, "\n```\n"),
    "yaml block": ("tls:\n  key: |\n    ", "\n    ".join, "\n  port: 443\n"),
    "json escaped": ('{"client_email": "x", "private_key": "', "\\n".join, '\\n", "id": 4}\n'),
    "json escaped twice": ('{"body": "{\\"key\\": \\"', "\\\\n".join, '\\\\n\\"}"}\n'),
    "dotenv escaped": ('PRIVATE_KEY="', "\\n".join, '\\n"\n'),
    "dotenv lines": ('PRIVATE_KEY="', "\n".join, '"\nPORT=1\n'),
    "python triple": ('KEY = """', "\n".join, '\n"""\n'),
    "python lines": ('KEY = (\n    "', _quoted, '\\n"\n)\n'),
    "c lines": ('static const char key[] =\n    "', _quoted, '\\n";\n'),
    "java plus": ('String key = "', '\\n" +\n        "'.join, '\\n";\n'),
    "javascript template": ("const key = `", "\n".join, "`;\n"),
    "go backtick": ("var key = []byte(`", "\n".join, "`)\n"),
    "php heredoc": ("$key = <<<EOD\n", "\n".join, "\nEOD;\n"),
    "shell heredoc": ("cat > id_rsa <<EOF\n", "\n".join, "\nEOF\n"),
    "xml": ("<key>", "\n".join, "</key>\n"),
    "terraform heredoc": ("private_key = <<-EOT\n    ", "\n    ".join, "\n  EOT\n"),
    "ini continued": ("[ssh]\nkey = ", "\n\t".join, "\nuser = git\n"),
    "commented": ("# old key\n# ", "\n# ".join, "\n# end\n"),
    "quoted mail": ("> here it is\n> ", "\n> ".join, "\n> bye\n"),
    "diff": ("+++ b/id_rsa\n+", "\n+".join, "\n"),
    "one line with blanks": ("key: ", " ".join, "\n"),
    "log": ("2024-05-01 DEBUG loaded key ", "\\n".join, " ok\n"),
    "sql": ("INSERT INTO certs VALUES (1, '", "\n".join, "');\n"),
}


def _pem(rng: Random, form: str, title: str, size: int) -> Case:
    before, join, after = _FORMS[form]
    lines = block(rng, title, size)
    if form == "one line with blanks":
        lines = [line for line in lines if line]
    text = join(lines)
    label = Label(len(before), len(before) + len(text), "PRIVATE_KEY", f"PEM: {title}")
    name = f"pem/{form}"
    return Case(before + text + after, (label,), name, half_of(name), "key block")


def _encoded(rng: Random, title: str, size: int) -> Case:
    text = base64.b64encode("\n".join(block(rng, title, size)).encode()).decode()
    before = "apiVersion: v1\nkind: Secret\ndata:\n  tls.key: "
    label = Label(len(before), len(before) + len(text), "PRIVATE_KEY", "PEM in base64")
    return Case(f"{before}{text}\n", (label,), "pem/base64", half_of("pem/base64"), "key block")


def _ppk(rng: Random) -> Case:
    """Build a PuTTY key file; what must go is its private lines."""
    body = "\n".join(pem_body(rng, 400))
    head = "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: imported\nPublic-Lines: 6\n"
    public = "\n".join(pem_body(rng, 270)[:6])
    before = f"{head}{public}\nPrivate-Lines: {body.count(chr(10)) + 1}\n"
    label = Label(len(before), len(before) + len(body), "PRIVATE_KEY", "PuTTY key file")
    text = f"{before}{body}\nPrivate-MAC: {draw(rng, 'hex', 64)}\n"
    return Case(text, (label,), "pem/putty", half_of("pem/putty"), "key block")


def _jwk(rng: Random) -> Case:
    """Build a JSON web key (RFC 7517); `d` is the private part."""
    d = draw(rng, "url", 43)
    public = {"kty": "EC", "crv": "P-256", "x": draw(rng, "url", 43), "y": draw(rng, "url", 43)}
    text = json.dumps(public)[:-1] + f', "d": "{d}", "use": "sig"}}\n'
    at = text.index(d)
    label = Label(at, at + len(d), "PRIVATE_KEY", "JWK d")
    return Case(text, (label,), "pem/jwk", half_of("pem/jwk"), "key block")


def _wallet(rng: Random, name: str, kind: str, before: str, value: str, after: str) -> Case:
    lead = fill(rng, before)
    label = Label(len(lead), len(lead) + len(value), "SECRET", f"wallet-private {kind}")
    return Case(f"{lead}{value}{after}", (label,), name, half_of(name), "wallet key")


def wallet_keys(rng: Random) -> list[Case]:
    """Build private keys and seed phrases of wallets, each in its contexts."""
    cases = []
    for number in range(4):
        wif = base58check(b"\x80" + rng.randbytes(32) + (b"\1" if number % 2 else b""))
        xprv = base58check(
            bytes.fromhex("0488ade4") + rng.randbytes(41) + b"\0" + rng.randbytes(32)
        )
        words = " ".join(rng.choices(_MNEMONIC, k=24 if number % 2 else 12))
        raw = rng.randbytes(32).hex()
        cases += [
            _wallet(rng, "wallet/wif-json", "WIF", '{"key": "', wif, '"}\n'),
            _wallet(rng, "wallet/wif-prose", "WIF", "import the wallet with ", wif, " and wait\n"),
            _wallet(rng, "wallet/xprv", "xprv", "master: ", xprv, "\n"),
            _wallet(rng, "wallet/mnemonic-env", "mnemonic", 'MNEMONIC="', words, '"\n'),
            _wallet(rng, "wallet/mnemonic-js", "mnemonic", "const mnemonic = '", words, "';\n"),
            _wallet(rng, "wallet/mnemonic-prose", "mnemonic", "My seed phrase is: ", words, "\n"),
            _wallet(rng, "wallet/eth-env", "ETH key", "DEPLOYER_PRIVATE_KEY=0x", raw, "\n"),
            _wallet(
                rng, "wallet/eth-js", "ETH key", "new ethers.Wallet('0x", raw, "', provider)\n"
            ),
        ]
    return cases


def key_cases(rng: Random) -> list[Case]:
    """Build every form of key block with two kinds of key each."""
    cases = []
    for place, form in enumerate(_FORMS):
        for step in range(3):
            title, size = _BLOCKS[(place + step * 2) % len(_BLOCKS)]
            cases.append(_pem(rng, form, title, size))
    cases += [_encoded(rng, *_BLOCKS[number]) for number in range(4)]
    cases += [_ppk(rng) for _ in range(3)] + [_jwk(rng) for _ in range(4)]
    return cases + wallet_keys(rng)
