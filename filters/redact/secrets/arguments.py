"""Credentials known by the place that they have among the arguments of a call, one row a form.

Sources: the manuals of JDBC, PHP, OCI, Node's crypto, PyJWT, PyCryptodome and of browser test drivers.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from filters.redact.rule import Range, Rule
from filters.redact.secrets.forms import Form, form_rules
from filters.redact.secrets.logins import is_login, is_mixed, is_password, is_token
from filters.redact.secrets.phrases import is_remembered

_TEXT: Final = r"[bB@]?\\{0,3}(?P<quote>[\"'])(?P<span>[^\"'\n\\]{5,200})\\{0,3}(?P=quote)"
# An argument that is a short name or a string
_ANY: Final = r"(?:[\w$.>\-]{1,60}|[\"'][^\"'\n]{0,200}[\"']),[ ]?"
_ALGORITHM: Final = r"[\"'][\w\-]{2,24}[\"'],[ ]?"


def _signs(value: str) -> bool:
    """Tell whether a value is a key, random or remembered."""
    return is_token(value) or is_remembered("secret", value)


_FORMS: Final = (
    Form(
        "connect-arguments",
        r"(?:getConnection|mysqli?_p?connect|mysqli|PDO|oci_p?connect|odbc_connect|imap_open"
        r"|ldap_bind|ssh2_auth_password|ftp_login|(?:racle|oracledb|MySQLdb|pymysql)\.connect)"
        rf"\([ ]?{_ANY}{_ANY}{_TEXT}",
        is_login,
        (
            'DriverManager.getConnection("jdbc:h2:mem:x", "bob", "«{pw:12}»")',
            "new PDO('mysql:host=h;dbname=d', $user, '«{pw:12}»')",
            'mysqli_connect("h", "u", "«{an:12}»", "d")',
        ),
        ('getConnection("jdbc:h2:mem:x", "user", "password")',),
        trigger=r"(?:getConnection|mysqli?_p?connect|mysqli|PDO|oci_p?connect|odbc_connect"
        r"|imap_open|ldap_bind|auth_password|ftp_login|(?:racle|oracledb|MySQLdb|pymysql)\.connect)\(",
    ),
    Form(
        "signing-arguments",
        r"\b(?:jwt\.(?:sign|encode|verify|decode)\([^\n\"'()]{1,80},[ ]?|(?:hmac|HMAC)\.new\([ ]?"
        rf"|create(?:Hmac|Cipheriv|Decipheriv)\([ ]?{_ALGORITHM}|(?:AES|DES3?|Blowfish|ARC[24]|ChaCha20)\.new\([ ]?"
        rf"|Fernet\([ ]?|SecretKeySpec\([ ]?|hash_hmac\([ ]?{_ALGORITHM}[^,\n]{{1,60}},[ ]?"
        rf"|openssl_(?:en|de)crypt\([^,\n]{{1,60}},[ ]?{_ALGORITHM}){_TEXT}",
        _signs,
        (
            "jwt.sign(payload, '«{an:32}»', options)",
            "jwt.sign({ id: user.id }, '«copper-garden-lantern»')",
            'jwt.encode(claims, "«{an:16}»", algorithm="HS256")',
            "hmac.new(b'«{an:32}»', text, sha256)",
            "crypto.createHmac('sha256', '«{hex:32}»')",
            'AES.new(b"«{an:32}»", AES.MODE_CBC)',
        ),
        ("jwt.sign(payload, 'secret')", "hmac.new(b'key', text)", "AES.new(b'Sixteen byte key')"),
        trigger=r"(?:jwt\.(?:sign|encode|verify|decode)|(?:hmac|HMAC|AES|DES3?|Blowfish|ARC[24]|ChaCha20)\.new"
        r"|create(?:Hmac|Cipheriv|Decipheriv)|Fernet|SecretKeySpec|hash_hmac|openssl_(?:en|de)crypt)\(",
    ),
    Form(
        "typed-password",
        r"(?i:passw(?:or)?d|passcode|pwd|#pass)[\w\-]{0,20}[\"'\])]{1,5}"
        r"(?:\.(?:clear\(\)\.)?(?:type|typeText|fill|send_keys|sendKeys|setValue|set_value|val|set|input)\([ ]?)"
        rf"{_TEXT}",
        is_password,
        (
            "cy.get('#password').type('«{an:12}»')",
            "cy.get('input[name=password]').type('«copper-garden-lantern»')",
            'driver.find_element(By.ID, "password").send_keys("«{pw:12}»")',
        ),
        ("cy.get('#password').type('password')", "$('#password').val('')"),
        trigger=r"[\])\"']\.(?:type|typeText|fill|send_keys|sendKeys|setValue|set_value|val|set|input)"
        r"\([ ]?[bB@]?\\*[\"'][^\"'\n]{5}",
    ),
    Form(
        "filled-password",
        r"(?:\b(?:fill|fill_in|type|type_text|typeText|input_text|enter_text|setValue)\b[( ][ ]?[\"'][^\"'\n]{0,60}?"
        r"|[#\[=.])(?i:passw(?:or)?d|passcode|pwd|pass)[\w\-]{0,20}\\?[\"']?\]?[\"'],[ ]?(?:with:[ ]?)?"
        rf"{_TEXT}",
        is_password,
        (
            "page.fill('#password', '«{an:12}»')",
            'fill_in "Password", with: "«{an:12}»"',
            'type_text "#pass", "«{pw:12}»"',
        ),
        ("page.fill('#password', 'password')", "fill('#user', 'x1y2z3')"),
        trigger=r"(?i:passw(?:or)?d|passcode|pwd|pass)[\w\-]*\\?[\"']?\]?[\"'],[ ]?(?:with:[ ]?)?"
        r"[bB@]?\\{0,3}[\"'][^\"'\n]{5}",
    ),
    Form(
        "account-arguments",
        rf"(?:create_?(?:[sS]uper_?)?[uU]ser|MongoCredential\.?\w{{0,30}})\([ ]?{_ANY}{_ANY}{_TEXT}",
        is_login,
        (
            'User.objects.create_user("bob", "b@x.io", "«{an:12}»")',
            'new MongoCredential("u", "d", "«{an:12}»".toCharArray())',
        ),
        ('create_user("bob", "b@x.io", "password")',),
        trigger=r"(?:[uU]ser|MongoCredential\.?\w*)\([ ]?[\w$.\"'][^\n,()]*,[^\n,()]*,[ ]?[bB@]?\\*[\"']",
    ),
    Form(
        "port-arguments",
        rf"\.(?:connect|login|open)\([ ]?{_ANY}\d{{2,5}},[ ]?{_ANY}{_TEXT}",
        is_login,
        ('sftp.connect("h", 22, "bob", "«{an:12}»")',),
        ('sftp.connect("h", 22, "bob", "password")',),
        trigger=r"\.(?:connect|login|open)\([^\n,()]*,[ ]?\d+,[^\n,()]*,[ ]?[bB@]?\\*[\"']",
    ),
    Form(
        "hashed-argument",
        r"(?:bcrypt\.(?:hash(?:Sync|pw)?|compare(?:Sync)?|checkpw|GenerateFromPassword)|[kK]ey[sS]tore\.load|\bks\.load"
        rf"|(?:check|verify|validate)_?[pP]assword)\([ ]?(?:\[\]byte\(|[\w.]{{1,40}},[ ]?)?{_TEXT}",
        is_login,
        (
            'bcrypt.hash("«{an:12}»", 10)',
            'ks.load(in, "«{an:12}»".toCharArray());',
            'check_password("«{an:12}»")',
        ),
        ('bcrypt.hash("password", 10)', 'check_password("Enter a password")'),
        trigger=r"(?:bcrypt\.\w+|[sS]tore\.load|\bks\.load|[pP]assword)"
        r"\([ ]?(?:\[\]byte\(|[\w.]+,[ ]?)?[bB@]?\\*[\"']",
    ),
    Form(
        "typed-declaration",
        r"(?i:password|passwd|pwd|passphrase|secret|api[_\-]?key|token)[\w\-]{0,12}[ ]{1,12}(?i:"
        r"PIC(?:TURE)?[ ]{1,4}X\(\d{1,4}\)[ ]{1,12}VALUE[ ]{1,4}(?:IS[ ])?"
        r"|(?:TYPE|LIKE)[ ][\w.\-]{1,20}(?:[ ]LENGTH[ ]\d{1,4})?[ ]{1,4}VALUE[ ]{1,4}"
        r"|(?:CONSTANT[ ])?N?(?:VAR)?CHAR2?[ ]?\(\d{1,5}\)(?:[ ]NOT[ ]NULL)?[ ]{0,4}(?::?=|DEFAULT)[ ]{0,4}N?"
        rf"|:[ ]?(?:constant[ ])?[\w.]{{1,20}}[ ]?:=[ ]?|<-[ ]?){_TEXT}",
        is_mixed,
        (
            "01 WS-PASSWORD PIC X(12) VALUE '«{an:12}»'.",
            "DATA lv_password TYPE string VALUE '«{an:12}»'.",
            "l_password VARCHAR2(30) := '«{an:12}»';",
            'password : string := "«{an:12}»";',
        ),
        ("password VARCHAR2(30) := 'password';", "token TYPE string VALUE 'example'."),
        trigger=r"(?i:password|passwd|pwd|passphrase|secret|api[_\-]?key|token)[\w\-]*[ ]+(?i:PIC|TYPE[ ]|LIKE[ ]"
        r"|(?:CONSTANT[ ])?N?(?:VAR)?CHAR2?[ ]?\(|:[ ]?(?:constant[ ])?[\w.]+[ ]?:=|<-)",
    ),
    Form(
        "environment-default",
        r"(?i:pass(?:word|wd|phrase)?|pwd|secret|token|key)[\"'\]]{0,2}[ ]{0,4}(?::[ ]?\w{1,20}[ ]?)?:?=[ ]{0,4}"
        r"(?:[\w.:]{0,30}[gG]et_?[eE]nv|[\w.]{0,20}environ\.get|[\w.]{0,20}env|ENV\.fetch|config)"
        rf"\([ ]?[\"'][\w.]{{1,60}}[\"'],[ ]?(?:default[ ]?=[ ]?)?{_TEXT}",
        _signs,
        ('API_SECRET = os.getenv("X", "«{an:24}»")', 'if SECRET := getenv("DBKEY", "«{an:10}»"):'),
        (
            'KEY = os.getenv("X", "default-key")',
            'TOKEN = env("A", "production")',
            'SECRET = env("A", "some-user-name")',
        ),
        trigger=r"(?:[gG]et_?[eE]nv|environ\.get|env|ENV\.fetch|config)"
        r"\([ ]?[\"'][\w.]+[\"'],[ ]?(?:default[ ]?=[ ]?)?[\"']",
    ),
    Form(
        "key-bytes",
        r"\b(?:KEY|key|SALT|salt|[a-z]{1,20}(?:Key|Salt))[ ]?=[ ]?\\{0,3}(?P<quote>[\"'])"
        r"(?P<span>[^\"'\n\\\s]{12,64})"
        r"(?P=quote)\.(?:getBytes|toCharArray|encode|toByteArray|bytes|as_bytes)\b",
        is_token,
        ('private static byte[] KEY = "«{an:16}»".getBytes();',),
        ('byte[] KEY = "configuration.key".getBytes();',),
        trigger=r"(?:KEY|key|SALT|salt|Key|Salt)[ ]?=[ ]?\\*[\"'][^\"'\n]+[\"']\.(?:getBytes|to|encode|bytes|as_bytes)",
    ),
    Form(
        "test-step",
        r"(?i:\b(?:fill|enter|type|input|set|provide)[a-z]{0,3}(?:[ ]in)?[ ](?:the[ ])?[\"'][\w \-]{0,20}"
        r"(?:password|passphrase|passcode|pwd|secret|token)[\"'](?:[ ]field)?,?[ ](?:with|as|to|value|=):?[ ])"
        rf"{_TEXT}",
        is_login,
        ('When I fill in "Password" with "«{pw:10}»"',),
        ('When I fill in "Password" with "password"',),
        trigger=r"(?i:password|passphrase|passcode|pwd|secret|token)[\"'](?i:[ ]field)?,?[ ]"
        r"(?i:with|as|to|value|=):?[ ][\"'\\]",
    ),
    Form(
        "typed-into",
        r"(?i:\b(?:enter|type|input|fill)[a-z]{0,3}[ ])"
        rf"{_TEXT}(?i:[ ](?:in|into|for|as)[ ](?:the[ ])?[\"']?[\w ]{{0,20}}(?:password|passphrase|passcode|pwd)\b)",
        is_login,
        ('And I enter "«{pw:10}»" in the "password" field',),
        ('I enter "password" in the "password" field',),
        trigger=r"[\"'](?i:[ ](?:in|into|for|as)[ ](?:the[ ])?)[\"']?[\w ]*(?i:password|passphrase|passcode|pwd)",
    ),
    Form(
        "robot-step",
        r"\b(?i:Input[ ](?:Password|Text)|Fill[ ](?:Text|Secret)|Type[ ](?:Text|Secret))[ ]{2,8}"
        r"(?i:\S{0,60}(?:pass|pw)\S{0,60})[ ]{2,8}(?P<span>[^\s$]\S{4,60})",
        is_mixed,
        ("Input Password    id=pw    «{pw:10}»", "Input Text    password_field    «{an:10}»"),
        ("Input Password    id=pw    ${PASSWORD}",),
        trigger=r"(?i:Input|Fill|Type)[ ](?i:Password|Text|Secret)[ ][ ]",
    ),
    Form(
        "setting-update",
        r"(?i:\bSET[ ]{1,4}\w{0,20}value\w{0,10}[ ]?=[ ]?)(?P<quote>')(?P<span>[^'\n\\]{5,200})'"
        r"(?i:[ ]{1,4}WHERE[ ]{1,4}[\w.]{1,40}[ ]?=[ ]?'[\w.\-]{0,40}(?:api_?key|secret|token|password|passwd)')",
        is_token,
        ("UPDATE settings SET value='«{an:40}»' WHERE name='api_key';",),
        ("UPDATE settings SET value='production' WHERE name='token';",),
        trigger=r"'(?i:[ ]+WHERE[ ]+[\w.]+[ ]?=[ ]?'[\w.\-]*(?:api_?key|secret|token|password|passwd)')",
    ),
)
# One user's password in a mapping of several
_ONE_OF: Final = re.compile(
    r"[\"'][\w.@\-]{1,40}[\"'][ ]?(?:=>|:)[ ]?(?P<quote>[\"'])(?P<span>[^\"'\n\\]{5,80})(?P=quote)"
)
_MANY: Final = re.compile(
    r"(?:passwords|passwds|PASSWORDS|credentials|CREDENTIALS)[\"']?[ ]?(?::[ ]?[\w\[\], ]{1,30})?[:=]{1,2}>?[ ]?\{"
)
_MANY_BEFORE: Final = re.compile(_MANY.pattern + r"[^{}]{0,200}$")
_MANY_REACH: Final = 280


def _one_of(match: re.Match[str]) -> Range | None:
    """Accept a value of a mapping that is named after its passwords."""
    low = max(0, match.start() - _MANY_REACH, match.string.rfind("\n", 0, match.start()))
    named = _MANY_BEFORE.search(match.string[low : match.start()]) is not None
    return match.span("span") if named and is_mixed(match["span"]) else None


@cache
def argument_rules() -> tuple[Rule, ...]:
    """Return one rule for each form, and one for mappings of passwords."""
    many = Rule(
        "mapped-password", "SECRET", "balanced", _ONE_OF, _one_of, _MANY,
        yes=("passwords = {'alice': '«{pw:10}»', 'b': 'x'}", "passwords = {'alice': 'x', 'b': '«{pw:10}»'}"),
        no=("passwords = {'alice': 'password'}", "passwords = {}; x = {'a': '{pw:10}'}"),
    )  # fmt: skip
    return (*form_rules(_FORMS), many)
