"""Password hashes, known by their own shape wherever they stand."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from filters.redact.rule import Range, Rule
from filters.redact.secrets.values import is_specimen

# crypt(5): $id$salt$hash; Argon2 and scrypt in PHC string format; Django, Werkzeug, LDAP (RFC 2307)
_CRYPT: Final = (
    r"\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}",
    r"\$(?:1|apr1)\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}",
    r"\$(?:5|6)\$(?:rounds=\d{1,9}\$)?[./A-Za-z0-9]{1,16}\$(?:[./A-Za-z0-9]{86}|[./A-Za-z0-9]{43})",
    r"\$(?:y|gy|7)\$[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{0,86}\$[./A-Za-z0-9]{43}",
    r"(?:argon2)?\$argon2(?:id|i|d)\$(?:v=\d{1,3}\$)?m=\d{1,9},t=\d{1,5},p=\d{1,4}\$[A-Za-z0-9+/]{8,88}\$[A-Za-z0-9+/]{16,128}",
    r"\$scrypt\$ln=\d{1,2},r=\d{1,3},p=\d{1,3}\$[A-Za-z0-9+/]{8,88}\$[A-Za-z0-9+/]{16,128}",
    r"\$(?:pbkdf2(?:-sha(?:1|256|512))?)\$\d{1,8}\$[./A-Za-z0-9]{8,88}\$[./A-Za-z0-9]{20,128}",
    r"\$[PH]\$[./A-Za-z0-9]{31}",
    r"(?:pbkdf2_sha(?:1|256)|scrypt|argon2|bcrypt_sha256)\$[\w$.=,/-]{4,60}\$[A-Za-z0-9+/=.]{24,128}",
    r"(?:pbkdf2:sha(?:1|256|512)(?::\d{1,8})?|scrypt:\d{1,7}:\d{1,3}:\d{1,3})\$[A-Za-z0-9]{4,32}\$[0-9a-f]{40,128}",
    r"\{(?:SSHA|SHA|SMD5|SSHA256|SSHA512|PBKDF2[-\w]{0,12}|CRYPT)\}[A-Za-z0-9+/=$.]{24,140}",
    r"SCRAM-SHA-256\$\d{1,7}:[A-Za-z0-9+/=]{16,44}\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}",
    r"(?<=:)[0-9a-fA-F]{32}:[0-9a-fA-F]{32}(?=:::)",
    r"\*[0-9A-F]{40}(?![0-9A-Fa-f])",
    # NetNTLMv2 and v1 as tools for them write it, Kerberos tickets, GRUB, MS SQL, Drupal, Cisco, Django of old
    r"(?<=:[0-9a-fA-F]{16}:)[0-9a-fA-F]{32}:[0-9a-fA-F]{40,1000}",
    r"\$krb5(?:tgs|asrep|pa)\$[\w$*@./:\-]{4,200}\$[0-9a-fA-F]{64,6000}",
    r"grub\.pbkdf2\.sha512\.\d{3,7}\.[0-9A-F]{32,128}\.[0-9A-F]{64,128}",
    r"\b0x0[12]00[0-9A-Fa-f]{8}[0-9A-Fa-f]{40,128}(?![0-9A-Fa-f])",
    r"\$S\$[./A-Za-z0-9]{52}",
    r"\$(?:8|9)\$[./A-Za-z0-9]{14}\$[./A-Za-z0-9]{43}",
    r"(?<![\w$])(?:sha1|md5)\$[A-Za-z0-9]{4,16}\$[0-9a-f]{32,40}(?![0-9a-f])",
)
_HASH: Final = re.compile("|".join(_CRYPT), re.ASCII)


def _hash(match: re.Match[str]) -> Range | None:
    return None if is_specimen(match[0]) else match.span()


@cache
def password_hash_rules() -> tuple[Rule, ...]:
    """Return the rule for password hashes."""
    examples = (
        "«$2b$12${an:53}»", "app:«$6${an:16}${an:86}»:19000:0", "«$apr1${an:8}${an:22}»",
        "«$argon2id$v=19$m=65536,t=3,p=4${an:22}${an:43}»", "«pbkdf2_sha256$600000${an:12}${an:43}=»",
        "«{SSHA}{an:32}»", "ada::CORP:{hex:16}:«{hex:32}:{hex:120}»", "«sha1${an:5}${hex:40}»",
        "«pbkdf2:sha256:600000${an:16}${hex:64}»",
    )  # fmt: skip
    no = ("$2b$12$salt", "$6$rounds", "*{HEX:39}")
    return (Rule("password-hash", "SECRET", "balanced", _HASH, _hash, yes=examples, no=no),)
