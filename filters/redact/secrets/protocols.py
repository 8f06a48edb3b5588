"""Credentials in transcripts of protocols and consoles: mail and file servers, chats, caches, prompts, scripts.

Sources: RFC 959 and 1939 (`PASS`), RFC 9051 (`LOGIN`), RFC 4954 (`AUTH`), the manuals of Redis, NickServ,
expect and RADIUS.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from filters.redact.rule import Range, Rule
from filters.redact.secrets.forms import Form, form_rules
from filters.redact.secrets.judgement import is_credential
from filters.redact.secrets.keywords import Grade, grade
from filters.redact.secrets.logins import is_login, is_password, is_token
from filters.redact.secrets.sql_forms import QUERIES

_Q: Final = r"\\{0,3}[\"']?"
_WORD: Final = r"(?P<span>[^\s\"'`|;&<>()\\]{5,200}+)"
_TEXT: Final = r"\\{0,3}(?P<quote>[\"'])(?P<span>[^\"'\n\\]{5,200})\\{0,3}(?P=quote)"


def _is_password(value: str) -> bool:
    return is_credential(value, Grade.PASSWORD, "quoted")


def _is_plain(value: str) -> bool:
    """Tell whether base64, as SASL PLAIN and LOGIN send it, spells a password, or an account and one."""
    try:
        plain = base64.b64decode(value + "=" * (-len(value) % 4)).decode()
    except (binascii.Error, ValueError):
        return False
    last = plain.rpartition("\0")[2]
    return last.isprintable() and is_login(last)


_FORMS: Final = (
    Form(
        "mailbox-login",
        rf"(?<![\w.])[A-Za-z]{{0,4}}\d{{1,5}}[ ]LOGIN[ ]{_Q}[\w.@+\-]{{1,80}}{_Q}[ ]{_Q}{_WORD}",
        _is_password,
        ("a001 LOGIN ada@a.example «{an:12}7»", 'A1 LOGIN "ada" "«{pw:12}7»"'),
        ("a1 LOGIN user password", "10 LOGIN OK completed"),
        trigger=r"[0-9][ ]LOGIN[ ][^\s]{1,90}[ ][^\s]{5}",
    ),
    Form(
        "nickname-login",
        rf"(?i:nickserv|chanserv|authserv|\bns)[ :]{{1,3}}(?i:identify|id|auth|register|ghost|regain|release)"
        rf"[ ](?:[\w\-\[\]]{{1,30}}[ ])?{_WORD}",
        is_password,
        ("/msg NickServ identify ada «{an:12}7»", "PRIVMSG NickServ :IDENTIFY «{an:12}7»"),
        ("/msg nickserv identify password",),
        trigger=r"(?i:(?:nick|chan|auth)serv[ :]"
        r"|(?<![a-z])ns[ :]{1,3}(?:identify|id |auth|register|ghost|regain|release))",
    ),
    Form(
        "cache-login",
        rf"(?:(?<=\d> )|^[ \t]{{0,8}}|(?<=\] )){_Q}(?i:AUTH){_Q}[ ](?:(?!PLAIN|LOGIN|CRAM|TLS|SSL|XOAUTH)"
        rf"\w{{1,20}}[ ])?{_Q}{_WORD}"
        r"(?=[\"']?[ \t\r]{0,4}$)",
        _is_password,
        (
            "127.0.0.1:6379> AUTH «{an:12}7»",
            "AUTH «{an:16}7»\n",
            '1681204930.12 [0 127.0.0.1:5000] "AUTH" "«{an:12}7»"',
        ),
        ("AUTH PLAIN {b64:24}", "auth required", "AUTH TLS"),
        re.MULTILINE,
        trigger=r"(?i:auth)[\"']?[ ](?:\w+[ ])?[\"']?[^\s\"'`|;&<>()\\]{5}",
    ),
    Form(
        "cache-password",
        rf"(?i:\bset[ ]requirepass[ ]|\bset[ ]masterauth[ ]){_Q}{_WORD}",
        is_password,
        ("CONFIG SET requirepass «{an:12}7»", "config set masterauth '«{an:12}7»'"),
        ("CONFIG SET requirepass foobared",),
    ),
    Form(
        "cache-user",
        r"(?i:\bacl[ ]setuser[ ]|^[ \t]{0,4}user[ ])[\w\-]{1,40}[ ][^\n]{0,80}?(?<=[ ])>(?P<span>[^\s\"'<>]{5,200})",
        is_password,
        ("ACL SETUSER ada on >«{an:12}7» ~* +@all", "user ada on >«{an:12}7» ~*"),
        ("ACL SETUSER ada on >password ~*",),
        re.MULTILINE,
        trigger=r"(?i:setuser|user)[ ][^\n]*[ ]>[^\s\"'<>]{5}",
    ),
    Form(
        "mail-login",
        r"\bAUTH[ ](?:PLAIN|LOGIN)[ ](?P<span>[A-Za-z0-9+/]{12,400}={0,2})(?![\w+/=])",
        _is_plain,
        ("AUTH PLAIN «" + base64.b64encode(b"\0bob\0Wq7kX2" + b"9dLm").decode() + "»",),
        ("AUTH PLAIN LOGIN CRAMMD5", "AUTH PLAIN AHVzZXIAcGFzc3dvcmQ="),
        trigger=r"AUTH[ ](?:PLAIN|LOGIN)[ ][A-Za-z0-9+/]{12}",
    ),
    Form(
        "typed-answer",
        rf"\b(?:radtest[ ][\w.@\-]{{1,40}}[ ]|iwconfig[ ]\w{{1,12}}[ ]key[ ]s:|connect[ ][\w\-]{{1,30}}[ ]key[ ]\d:|"
        rf"keyMaterial=|kinit[ ][\w.@/\-]{{1,60}}[ ]<<<[ ]?|luksOpen[ ][^\n|;]{{1,80}}<<<[ ]?|"
        rf"--password-command[ =]'echo[ ]){_Q}{_WORD}",
        is_password,
        (
            "radtest ada «{an:12}7» localhost 0 x",
            "iwconfig wlan0 key s:«{an:12}7»",
            "kinit ada <<< «{an:12}7»",
        ),
        ("radtest ada password localhost 0 x",),
        trigger=r"radtest |iwconfig |[ ]key[ ]\d:|keyMaterial=|kinit [^\n]*<<<|luksOpen [^\n]*<<<|--password-command",
    ),
    Form(
        "shown-profile",
        r"^[ \t]{1,12}(?:Key Content|Schl\u00fcsselinhalt|Contenu de la cl\u00e9|Contenido de la clave)"
        r"[ ]{0,20}:[ ](?P<span>[^\n]{8,63}?)[ \t\r]{0,4}$",
        _is_password,
        ("    Key Content            : «{an:12}7»\n",),
        ("    Key Content            : password",),
        re.MULTILINE,
    ),
    Form(
        "wifi-code",
        r"WIFI:(?:[TSH]:[^;\n]{0,64};){0,3}P:(?P<span>(?:[^;\\\n\"]|\\[\\;,:\"]){5,64});",
        _is_password,
        ("WIFI:T:WPA;S:Office;P:«{an:12}7»;;",),
        ("WIFI:T:WPA;S:Office;P:password;;",),
    ),
    Form(
        "pipeline-variable",
        r"(?:##vso\[task\.setvariable[^\]\n]{0,80}variable=\w{0,30}(?i:pass\w{0,6}|token|secret|key)\w{0,20}[^\]\n]{0,60}\]"
        r"|::(?:set-output|set-env)[ ]name=\w{0,30}(?i:pass\w{0,6}|token|secret|key)\w{0,20}::|::add-mask::)"
        r"(?P<span>[^\s$<]{8,400})",
        is_token,
        (
            "##vso[task.setvariable variable=token]«{an:24}»",
            "::set-output name=api_key::«{hex:32}»",
            "::add-mask::«{an:24}»",
        ),
        ("::add-mask::$TOKEN", "::set-output name=tokens::production"),
    ),
    Form(
        "sealed-store-key",
        r"\b(?:Unseal|Recovery)[ ]Key[ ]\d{1,2}:[ ]{1,3}(?P<span>[A-Za-z0-9+/]{32,88}={0,2})(?![A-Za-z0-9+/=])",
        is_token,
        ("Unseal Key 1: «{b64:43}=»", "Recovery Key 2: «{hex:64}»"),
        ("Unseal Key 1: (will be hidden)",),
    ),
    Form(
        "commented-key",
        r"\([ ]?(?P<quote>[\"'])(?P<span>[^\s\"']{16,200})(?P=quote)[ ]?\);?[ ]{0,8}(?://|\#|/\*|--)[ ]?(?i:"
        r"(?:my|the|your|our)[ ])?"
        r"(?i:\w{2,12}[ ])?(?i:api|secret|access|auth)[ _\-]?(?i:key|token)\b",
        is_token,
        ("client = Client('«{an:32}»')  # secret key", 'new Client("«{hex:32}»"); // api key'),
        ("client = Client('my-service-name-one')  # api key",),
        trigger=r"[\"'][ ]?\);?[ ]{0,8}(?://|\#|/\*|--)[ ]?(?i:[\w ]{0,24}(?:api|secret|access|auth)[ _\-]?"
        r"(?:key|token))",
    ),
    Form(
        "environment-fallback",
        r"(?:getenv|environ|env|ENV)[(\[][ ]?[\"'][\w.]{0,40}(?i:key|token|secret|password|passwd|pwd)[\"'][)\]]"
        r"[ ]?(?:\?:|\?\?|\|\||or)[ ]?"
        rf"{_TEXT}",
        is_token,
        ("getenv('API_KEY') ?: '«{an:24}»'", 'os.environ["TOKEN"] or "«{hex:32}»"'),
        ("getenv('API_KEY') ?: 'none'",),
    ),
    Form(
        "quoted-login",
        r"(?:-u|--user)[ =]\"?[\w.@\-]{1,40}\"?:\"(?P<span>[^\"\n\\]{5,120})\"",
        is_login,
        ('curl --user "ada":"«{an:12}7»" https://h',),
        ('curl -u "ada":"password" h',),
    ),
)
# `PASS …` behind `USER …` or a reply that asks for it; on IRC it comes first
_PASS: Final = re.compile(
    r"^(?P<head>[^\n]{0,60}?(?<![\w.\-/]))PASS[ ](?:oauth:)?(?P<value>[^\s\"'<>]{4,120})[ \t\r]{0,4}$",
    re.MULTILINE,
)
_PASS_TRIGGER: Final = re.compile(r"PASS[ ][^\s\"'<>]{4}")
_ASKED: Final = re.compile(
    r"\bUSER[ ]|^[^\n]{0,40}\b331[ -]|\+OK|\bNICK[ ]|\bCAP[ ]|oauth:", re.MULTILINE
)
_ASKED_REACH: Final = 240
# `send "…\r"` where a script has waited for `assword:`
_SENT: Final = re.compile(
    r"\b(?:exp_)?send(?:_user|line|Line|ln)?[ (]{1,3}(?:--[ ])?(?:[\"'](?P<quoted>[^\s\"'\\$]{5,80})(?:\\[rn]|"
    r"[\"'])|(?P<bare>[^\s\"'\\$()]{5,80})\\[rn])"
)
_SENT_TRIGGER: Final = re.compile(
    r"send(?:_user|line|ln)?[ (]{1,3}(?:--[ ])?[\"']?[^\s\"'\\$]{5}", re.IGNORECASE
)
_PROMPT: Final = re.compile(r"ass(?:word|phrase|wd)", re.IGNORECASE)
_PROMPT_REACH: Final = 200
_PROMPT_BEHIND: Final = 40
# A variable as `var_dump` of PHP shows it
_DUMPED: Final = re.compile(
    r"\[\"(?P<name>[\w.\-]{2,40})\"(?::\w{1,12})?\]=>\s{1,40}string\(\d{1,4}\)[ ]\"(?P<value>[^\"\n]{4,200})\""
)
_DUMPED_TRIGGER: Final = re.compile(
    r"\[\"[\w.\-]*(?:pass|pwd|secret|token|key|auth)\w*\"(?::\w+)?\]=>", re.IGNORECASE
)
_DUMPED_REACH: Final = 280


def _pass(match: re.Match[str]) -> Range | None:
    low = max(0, match.start() - _ASKED_REACH)
    near = _ASKED.search(match.string, low, min(len(match.string), match.end() + _ASKED_REACH))
    fits = near is not None and is_credential(match["value"], Grade.PASSWORD, "plain")
    return match.span("value") if fits else None


def _sent(match: re.Match[str]) -> Range | None:
    name = "quoted" if match["quoted"] is not None else "bare"
    low = max(0, match.start() - _PROMPT_REACH)
    asked = _PROMPT.search(match.string, low, match.start()) is not None
    behind = match.string[match.end() : match.end() + _PROMPT_BEHIND].split("\n", 1)[0]
    asked = asked or _PROMPT.search(behind) is not None
    fits = asked and is_credential(match[name], Grade.PASSWORD, "quoted")
    return match.span(name) if fits else None


def _dumped(match: re.Match[str]) -> Range | None:
    found = grade(match["name"])
    fits = found >= Grade.SECRET and is_credential(match["value"], found, "quoted")
    return match.span("value") if fits else None


_RULES: Final = (
    *form_rules((*_FORMS, *QUERIES)),
    Rule(
        "session-pass", "SECRET", "balanced", _PASS, _pass, _PASS_TRIGGER,
        yes=("USER ada\nPASS «{an:12}7»\n", "331 Password required\nPASS «{an:12}7»\n",
            "NICK ada\nPASS «{an:14}7»\n"),
        no=("PASS tests/test_login2\n", "USER ada\nPASS password\n"),
    ),
    Rule(
        "sent-password", "SECRET", "balanced", _SENT, _sent, _SENT_TRIGGER,
        yes=('expect "assword:"\nsend "«{an:12}7»\\r"', "child.sendline('«{an:12}7»')  # password"),
        no=('send "hello\\r"', 'expect "password:"\nsend "$pw\\r"', "the password\nsend_mail(user12)"),
    ),
    Rule(
        "dumped-variable", "SECRET", "balanced", _DUMPED, _dumped, _DUMPED_TRIGGER, reach=_DUMPED_REACH,
        yes=('  ["password"]=>\n  string(12) "«{an:12}7»"\n',),
        no=('  ["password"]=>\n  string(8) "password"\n',),
    ),
)  # fmt: skip


def protocol_rules() -> tuple[Rule, ...]:
    """Return the rules for transcripts."""
    return _RULES
