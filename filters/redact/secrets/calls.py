"""Credentials that a call is given by position: logins, connections, signatures and ciphers."""

from __future__ import annotations

import re
from typing import Final

from filters.redact.rule import Range, Rule
from filters.redact.secrets.finding import closing
from filters.redact.secrets.judgement import is_credential
from filters.redact.secrets.keywords import Grade

_QUOTED: Final = r"(?:[\"'][^\"'\s]{1,64}[\"']|[\w.\[\]$>-]{1,40})"
# `login("user", "…")`, `authenticate(user, '…')`, `auth=("admin", "…")`
_LOGIN: Final = re.compile(
    r"(?:log_?in|log_?on|sign_?in|authenticate|basic_?auth|\bauth|credentials?|connect)(?:_?[A-Za-z]{0,12}(?<!ority))"
    rf"[ ]?=?[ ]?[\[(][ ]?(?:username[ ]?[=:][ ]?)?{_QUOTED},[ ]?(?P<quote>[\"'])(?P<value>[^\"'\n]{{4}})",
    re.IGNORECASE | re.ASCII,
)
_LOGIN_TRIGGER: Final = re.compile(
    r"(?:log_?in|log_?on|sign_?in|auth|credentials?|connect)\w*[ ]?=?[ ]?[\[(][^\n,(]*,[ ]?[\"'][^\"'\s]",
    re.IGNORECASE | re.ASCII,
)
# `getConnection(url, "user", "…")`, `mysqli_connect("host", "user", "…")`, `new PDO($dsn, 'user', '…')`
_THIRD: Final = re.compile(
    r"(?:getConnection|connect|mysqli|PDO|createConnection|create_engine|createPool|openConnection|logon|Connection)"
    r"[ ]?\(\s{0,8}(?:[\"'][^\"'\n]{1,200}[\"']|[\w.$()]{1,60}),\s{0,8}(?:[\"'][^\"'\n]{0,64}[\"']|"
    r"[\w.$]{1,40}),\s{0,8}"
    r"(?P<quote>[\"'])(?P<value>[^\"'\n]{4})"
)
_THIRD_TRIGGER: Final = re.compile(
    r"(?:onnect(?:ion)?|mysqli|PDO|logon|createPool|create_engine)[ ]?\([^\n,]*,[^\n,]*,\s*[\"'][^\"'\s]"
)
# `jwt.sign(payload, '…')`, `hmac.new(b'…'`, `createHmac('sha256', '…')`, `AES.new(b"…"`, `Fernet(b'…'`
_KEYED: Final = re.compile(
    r"(?:\b(?:jwt|jose|JWT|Jwts?)\.(?:sign|encode|decode|verify|signWith)\([^\n,()\"']{1,60},[ ]?|"
    r"\b(?:createHmac|createCipheriv|createDecipheriv|hash_hmac|openssl_encrypt|OpenSSL::HMAC\.\w+)\("
    r"(?:[\"'][\w-]{2,16}[\"']|[\w.:()'\" -]{1,40}),[ ]?(?:[$\w.]{1,40},[ ]?)?|"
    r"\b(?:hmac\.new|HMAC\.new|hmac\.digest|AES\.new|ARC4\.new|DES3?\.new|ChaCha20\.new|Blowfish\.new|Fernet|"
    r"algorithms\.AES|itsdangerous\.\w+|"
    r"URLSafe(?:Timed)?Serializer|HMAC256|HMAC384|HMAC512|hmacShaKeyFor|SecretKeySpec|"
    r"hmac\.New\(sha\d+\.New,[ ]?\[\]byte|"
    r"SymmetricSecurityKey|GetBytes)\([ ]?(?:Encoding\.\w+\.GetBytes\(|key[ ]?=[ ]?)?)"
    r"b?(?P<quote>[\"'])(?P<value>[^\"'\n]{4})"
)
_KEYED_TRIGGER: Final = re.compile(
    r"(?:[jJ](?:wt|ose|WT|wts)\.(?:sign|encode|decode|verify)|createHmac|pheriv|hash_hmac|openssl_encrypt|"
    r"OpenSSL::HMAC|hmac\.\w+|HMAC\.new|"
    r"(?:AES|ARC4|DES3?|ChaCha20|Blowfish)\.new|Fernet|algorithms\.AES|itsdangerous\.\w+|Serializer|HMAC\d+|"
    r"hmacShaKeyFor|SecretKeySpec|"
    r"SymmetricSecurityKey)\([^\n]*[\"'][^\"'\s]"
)
_USER: Final = re.compile(r"\d+|[\w.-]+\.\w+")


def _value(match: re.Match[str]) -> tuple[Range, str]:
    start = match.start("value")
    end = max(start, closing(match.string, start, match["quote"], 0))
    return (start, end), match.string[start:end]


def _login(match: re.Match[str]) -> Range | None:
    span, value = _value(match)
    fits = not value.isdigit() and is_credential(value, Grade.PASSWORD, "quoted")
    return span if fits else None


def _keyed(match: re.Match[str]) -> Range | None:
    span, value = _value(match)
    return span if is_credential(value, Grade.SECRET, "quoted") else None


_RULES: Final = (
    Rule(
        "login-call", "SECRET", "balanced", _LOGIN, _login, _LOGIN_TRIGGER,
        yes=('client.login("svc", "«{pw:12}»")', "auth=('svc', '«{pw:12}»')"),
        no=('AUTHORITY["EPSG","7030"]', 'login("user", "password")', 'connect("host", "5432")'),
    ),
    Rule(
        "connect-call", "SECRET", "balanced", _THIRD, _login, _THIRD_TRIGGER,
        yes=(
            'DriverManager.getConnection(url, "svc", "«{pw:12}»");', "mysqli_connect('h', 'svc', '«{pw:12}»');",
            "new PDO($dsn, 'svc', '«{pw:12}»');",
        ),
        no=("connect('h', 'svc', 'password')", "conn.connect(a, b, 'utf8mb4')"),
    ),
    Rule(
        "keyed-call", "SECRET", "balanced", _KEYED, _keyed, _KEYED_TRIGGER,
        yes=(
            "jwt.sign(payload, '«{an:32}»', {", "hmac.new(b'«{an:32}»', msg, sha256)",
            'AES.new(b"«{an:16}»", AES.MODE_CBC)',
            "crypto.createHmac('sha256', '«{an:24}»')", 'Fernet(b"«{url:43}=»")',
        ),
        no=("jwt.encode(claims, 'secret')", "createHmac('sha256', 'key')"),
    ),
)  # fmt: skip


def call_rules() -> tuple[Rule, ...]:
    """Return the rules for what calls are given."""
    return _RULES
