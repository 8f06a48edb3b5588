"""Credentials told beside the account or the host that they open: `ann@a.example / …`, `10.0.0.1 root …`."""

from __future__ import annotations

import re
from typing import Final

from filters.redact.rule import Range, Rule
from filters.redact.secrets.judgement import is_credential
from filters.redact.secrets.keywords import Grade
from filters.redact.secrets.phrases import is_chosen, is_phrase
from filters.redact.secrets.prose_pairs import (
    ACCOUNTS,
    LONG_ACCOUNTS,
    SHORT_ACCOUNTS,
    is_solid,
    told,
)
from filters.redact.secrets.prose_words import JOINED, OPEN
from filters.redact.secrets.strength import weigh

_VALUE: Final = (
    r"(?P<value>[^\s`'\"«\u201c\u201e=:<>/()\[\],;|][^\s`'\"«»\u201c\u201d<>/()\[\],;|]{4,60})"
)
_SHOWS: Final = rf"(?:[^\s/()]{{0,40}}[0-9]|{JOINED})"
_STOP: Final = r"(?=[\s`'\"*)\],.<;|]|$)"
# An account that is an address of mail; those of version control stand before paths
_MAIL: Final = re.compile(
    r"(?<![\w.+\-/@])(?!git@|hg@|svn@)(?P<user>[\w.+\-]{1,40}@(?:[\w\-]{1,40}\.){1,3}[a-zA-Z]{2,12})"
    rf"[`'\"*]{{0,2}}(?:[ ]//?[ ]|[ ]?\|[ ]?|[:;|](?![ ])|[ ])(?P<quote>{OPEN}){_VALUE}{_STOP}",
    re.ASCII | re.MULTILINE,
)
_MAIL_TRIGGER: Final = re.compile(
    rf"@[\w\-.]{{1,80}}\.[a-zA-Z]{{2,12}}[`'\"*]{{0,2}}(?:[ ]//?[ ]|[ ]?\|[ ]?|[:;]|[ ])[`'\"*]{{0,3}}{_SHOWS}",
    re.ASCII,
)
_LINE: Final = re.compile(r"^[ \t>*\-]{0,8}$")
_HEAD: Final = re.compile(r"\b(?:creds?|credentials?|log[ ]?ins?|accounts?)\b", re.IGNORECASE)
_HEAD_REACH: Final = 40
# `vpn: ann / …`, `(ann / …)`: any account, where something near says that it is one
_APART: Final = re.compile(
    rf"(?:(?<=[\s(\[`'\"*>])|^)(?P<user>[A-Za-z][\w.\-]{{1,30}})[`'\"*]{{0,2}}[ ]//?[ ]"
    rf"(?P<quote>{OPEN}){_VALUE}{_STOP}",
    re.ASCII | re.MULTILINE,
)
_APART_TRIGGER: Final = re.compile(
    r"\w[`'\"*]{0,2}[ ]//?[ ][`'\"*]{0,3}[^\s/()]{0,40}[0-9]", re.ASCII
)
_NEAR: Final = re.compile(
    r"\b(?:log[ \-]?in|sign[ \-]?in|account|user|creds?|credentials|access|ssh|s?ftp|rdp|vpn|vnc|db|database|mysql|"
    r"postgres|mongo|redis|server|host|staging|stage|prod|demo|admin|portal|jenkins|grafana|gitlab|jira|wiki|nas|"
    r"router|switch|wi-?fi|wlan|ssid|panel|console|webmail|mail|smtp|imap|http|https)\b",
    re.IGNORECASE,
)
# `10.0.0.1 root …`, `https://h.example admin …`, `h.example — admin:…`
_HOST: Final = re.compile(
    r"(?:(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{2,5})?|https?://[\w.\-/:]{4,80}|"
    r"(?<![\w.@/\-])[\w\-]{2,30}(?:\.[\w\-]{2,20}){1,4}(?::\d{2,5})?)"
    rf"[ ,|]{{1,3}}(?:[\-\u2013\u2014:/>][ ])?(?:\(|user[ :]{{1,2}}|login[ :]{{1,2}})?(?P<user>{ACCOUNTS})"
    rf"(?:[ ]?[,/|:][ ]?|[ ])(?P<quote>{OPEN}){_VALUE}{_STOP}",
    re.ASCII | re.MULTILINE,
)
_HOST_TRIGGER: Final = re.compile(
    rf"(?:[ ,|(:](?:{SHORT_ACCOUNTS})|(?:{LONG_ACCOUNTS}))"
    rf"(?:[ ]?[,/|:][ ]?|[ ])[`'\"*]{{0,3}}{_SHOWS}",
    re.ASCII,
)
# What servers and guessing tools write of a login: `login attempt [root/…] failed`, `Trying ann:…`
_ATTEMPT: Final = re.compile(
    r"(?:attempt|incorrect|login|logon|\bOK|failed|failure)(?:[ ]for)?:?[ ](?:\w{1,12}[ ])?\[b?'?"
    r"(?P<user>[\w.@\\\-]{1,40})'?"
    r"/(?:b')?(?P<quote>)(?P<value>[^\s\]']{4,80})'?\]",
    re.IGNORECASE | re.ASCII,
)
_ATTEMPT_TRIGGER: Final = re.compile(
    r"(?:attempt|incorrect|login|logon|ok|failed|failure|for):?[ ](?:\w{1,12}[ ])?\[b?'?[\w.@\\\-]+'?/"
    r"(?:b')?[^\s\]]{4}",
    re.IGNORECASE | re.ASCII,
)
_TRIED: Final = re.compile(
    r"(?:\b(?:trying|tried|testing|authenticat(?:ed|ing)(?:[ ](?:as|with))?|log(?:ged|ging)?[ ]?in[ ](?:as|with)|"
    r"failed[ ]for)[ ]|(?:success|valid[ ]login|login|found|cracked)(?:ful)?:[ ]{1,2})"
    rf"[`'\"]?(?:[\w.\-]{{1,20}}\\{{1,2}})?(?P<user>[\w.@\-]{{2,40}})[:/](?P<quote>){_VALUE}{_STOP}",
    re.IGNORECASE | re.ASCII | re.MULTILINE,
)
_TRIED_TRIGGER: Final = re.compile(
    r"(?:trying|tried|testing|authenticat(?:ed|ing)|(?:authenticat(?:ed|ing)|log(?:ged|ging)?[ ]?in)[ ](?:as|with)|"
    r"failed[ ]for|(?:success|successful|login|found|cracked):)[ ]{1,2}"
    rf"[`'\"]?(?:[\w.\-]+\\+)?[\w.@\-]{{2,40}}[:/]{_SHOWS}",
    re.IGNORECASE | re.ASCII,
)
_ODD: Final = 20.0
_LONG: Final = 16
_HEX: Final = re.compile(r"[0-9a-f]{16,64}")


def _mail(match: re.Match[str]) -> Range | None:
    """Accept what stands on a line of its own behind the address, or what is hardly a word."""
    span = told(match)
    if span is None:
        return None
    begin = match.string.rfind("\n", max(0, match.start() - _HEAD_REACH), match.start()) + 1
    alone = (
        begin + 8 >= match.start() and _LINE.match(match.string[begin : match.start()]) is not None
    )
    alone = alone and match.string[span[1] : span[1] + 1] in ("", "\n", "\r", ":", ";", "|")
    if match.string[span[0] - 1] == " " and match.string[span[0] - 2] not in "/|":
        line = match.string[max(begin, match.start() - _HEAD_REACH) : match.start()]
        alone = alone or _HEAD.search(line) is not None
        return span if alone and is_solid(match, span) else None
    return span if alone or is_solid(match, span) else None


def _odd(match: re.Match[str]) -> Range | None:
    span = told(match)
    if span is None or not is_solid(match, span):
        return None
    value = match.string[slice(*span)]
    chosen = value[-1:] in "!?*#$" or "_" in value
    return span if chosen or weigh(value).odd >= _ODD else None


def _hosted(match: re.Match[str]) -> Range | None:
    """Accept what stands behind a host and an account that machines have."""
    span = told(match)
    if span is None:
        return None
    value = match.string[slice(*span)]
    chosen = is_chosen(value) or is_phrase(value) or _HEX.fullmatch(value) is not None
    return span if chosen or is_solid(match, span) else None


def _tried(match: re.Match[str]) -> Range | None:
    span = told(match)
    if span is None:
        return None
    value, parted = match.string[slice(*span)], match.string[span[0] - 1] == ":"
    chosen = parted and (is_chosen(value) or is_phrase(value) or len(value) >= _LONG)
    return span if chosen or is_solid(match, span) else None


def _attempt(match: re.Match[str]) -> Range | None:
    fits = is_credential(match["value"], Grade.PASSWORD, "told")
    return match.span("value") if fits else None


_RULES: Final = (
    Rule(
        "mail-pair", "SECRET", "balanced", _MAIL, _mail, _MAIL_TRIGGER,
        yes=(
            "ada@a.example:«{an:12}7»", "ada@a.example / «{an:12}7Aa»", "ada@a.example | «{an:12}7Aa»",
            "ada@a.example «{an:12}7Aa»\n",
        ),
        no=("git@h.example:ada/repo2.git", "ada@a.example: 2019-12-13", "ada@h.example:backup/x1",
            "mail a@b.example on 12May2019"),
    ),
    Rule(
        "apart-pair", "SECRET", "balanced", _APART, _odd, _APART_TRIGGER, context=_NEAR,
        yes=("vpn: ada / «{an:12}7Aa»", "mysql: root // «{pw:12}7Aa»", "staging (ada / «{an:12}7Aa»)"),
        no=("Linux / x86_64", "on the server IPv4 / IPv6only", "user / group1"),
    ),
    Rule(
        "host-login", "SECRET", "balanced", _HOST, _hosted, _HOST_TRIGGER,
        yes=("10.2.3.4 root «{an:12}7Aa»", "RDP 10.2.3.4 administrator «{an:12}7Aa»",
            "ci.acme.example \u2014 admin:«{an:12}7Aa»"),
        no=("10.2.3.4 root 2019-12-01", "10.0.0.1 - admin GET", "a.example user agent7"),
    ),
    Rule(
        "login-attempt", "SECRET", "balanced", _ATTEMPT, _attempt, _ATTEMPT_TRIGGER,
        yes=("login attempt [root/«{an:12}7»] failed", "login attempt [b'root'/b'«{an:12}7»'] failed",
            "Login OK: [ada/«{an:12}7»] (from"),
        no=("login failed: [auth/login.py]", "login attempt [root/password] failed"),
    ),
    Rule(
        "login-tried", "SECRET", "balanced", _TRIED, _tried, _TRIED_TRIGGER,
        yes=("Trying ada:«{an:12}7Aa»", "Success: 'ada:«{an:12}7Aa»'", "login failed for ada:«{an:12}7Aa»"),
        no=("trying src/main2", "found: a:b2", "testing foo:Bar12Baz"),
    ),
)  # fmt: skip


def host_rules() -> tuple[Rule, ...]:
    """Return the rules for credentials beside an account or a host."""
    return _RULES
