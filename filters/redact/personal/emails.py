"""Detect e-mail addresses as people write them; tell them from logins, versions and code."""

from __future__ import annotations

import re
import string
from functools import cache
from typing import Final

from filters.redact.personal.domains import FIRM, domain_end, is_code, is_reserved
from filters.redact.personal.mailboxes import escaped_start, is_mailbox, local_start, wider
from filters.redact.personal.spelled_emails import spelled_email_rules
from filters.redact.rule import Range, Rule

# RFC 5321 and RFC 6531 in practice. Latin, Greek and Cyrillic letters; scripts that are written
# without spaces have a rule of their own, for an address would run into the prose before it.
_NEAR: Final = "A-Za-z0-9\u00c0-\u024f\u0370-\u052f"
_FAR: Final = "\u0530-\u1fff\u2c00-\u2dff\u3040-\ud7ff\uf900-\ufaff"
_LOCAL: Final = rf"{_NEAR}._%+\-"
# The sign as it stands in text, URLs (RFC 3986), JSON, HTML, mail (RFC 2045), Perl and LaTeX,
# Texinfo, and wide
# each begins with one plain character: `re` then skips to the next of these
_AT: Final = (
    r"(?:@@?|\uff20|\ufe6b|%(?:25)?40|\\\\{0,3}(?:u0040|x40|@)"
    r"|&(?:amp;)?(?:#0{0,4}64|#[xX]0{0,4}40|commat);|=40)"
)
_LABEL: Final = rf"[{_NEAR}{_FAR}](?:[{_NEAR}{_FAR}_\-]{{0,61}}[{_NEAR}{_FAR}])?"
_TOP: Final = rf"(?:[Xx][Nn]--[A-Za-z0-9\-]{{2,59}}|[A-Za-z]{{2,24}}|[{_FAR}\u0370-\u052f]{{2,24}})"
_DOMAIN: Final = rf"(?P<domain>(?:{_LABEL}\.){{1,8}}{_TOP})(?![A-Za-z0-9]|_\w)"
# The sign and the domain; the local part is read backwards from there
_EMAIL: Final = re.compile(rf"(?P<at>{_AT}){_DOMAIN}")
_BEFORE: Final = re.compile(rf"(?<![{_LOCAL}])(?:[{_NEAR}._+\-]|%(?!(?:25)?40)){{1,96}}+\Z")
_LONGEST: Final = 97
_PLAIN: Final = string.ascii_letters + string.digits + "._%+-"
_TRIGGER: Final = re.compile(rf"[{_LOCAL}]{_AT}[{_NEAR}{_FAR}_\-]{{1,63}}\.[{_NEAR}{_FAR}]")
_FAR_EMAIL: Final = re.compile(
    rf"(?:^|(?<=[\s<>\"'`(\[{{:;,|=/\uff0c\uff1a\uff08\u300c\u3010\u3001]))[{_LOCAL}{_FAR}]{{0,32}}[{_FAR}](?P<at>[@\uff20]){_DOMAIN}",
    re.MULTILINE,
)
_FAR_TRIGGER: Final = re.compile(rf"[{_FAR}][@\uff20][{_NEAR}{_FAR}_\-]{{1,63}}\.[{_NEAR}{_FAR}]")
# Letters at both ends, or the quotes of two neighbours in a list would be those of one local part.
_PHRASE: Final = r"[A-Za-z0-9](?:[A-Za-z0-9 ._+\-(),:;<>@]{0,62}[A-Za-z0-9])?"
_QUOTED: Final = re.compile(
    rf"(?:(?<![\w\"\\])\"{_PHRASE}\"|(?<!\\)\\\"{_PHRASE}\\\")(?P<at>@){_DOMAIN}"
)
_TEMPLATE: Final = re.compile(r"%\d{0,3}[sdifuv]|(?:[xX]{3,}|\*+)")
# The one login of a forge: its host tells, or the path that follows
_FORGE_LOGIN: Final = re.compile(
    r"(?:git|hg|svn|gitea|gitlab|forgejo|aur|org-\d+)@"
    r"(?:(?:[\w-]+\.)*(?:[\w-]*(?:git|hg|svn|bitbucket|code|repo|source|forge)[\w-]*\.|ssh\.).*|.*:)"
)
_URL_USERINFO: Final = re.compile(r"://[^\s/?#\"'<>]{0,128}$")
_REMOTE_SHELL: Final = re.compile(
    r"\b(?:ssh|scp|sftp|rsync|mosh|sshfs|autossh|ssh-copy-id)\s[^|;&]{0,96}$"
)
_REMOTE_WORDS: Final = ("ssh", "scp", "sftp", "rsync", "mosh")
_REMOTE_PATH: Final = re.compile(r":(?:~|/(?!/)|[\w.-]{1,40}/[\w./-]{0,80}\.git\b)|\s~\]")
_IDENTIFIER: Final = re.compile(
    r"(?:message-?id|in-reply-to|references|content-id|x-ms-exchange-\S+|resent-message-id|cid|uid)"
    r"\s{0,2}[:=]\s{0,2}[\"'<]{0,2}(?:<[^<>\s]{1,200}>,?\s{0,4}){0,20}<?$",
    re.IGNORECASE,
)
_IDENTIFIER_WORDS: Final = (
    "-id",
    "messageid",
    "in-reply-to",
    "references",
    "exchange",
    "cid",
    "uid",
)
_LOOK: Final = 160


def _email(match: re.Match[str]) -> Range | None:
    at = match.start()
    near = match.string[max(0, at - _LONGEST) : at]
    size = len(near) - len(near.rstrip(_PLAIN))
    if near[: len(near) - size].isascii() and "%" not in near and size < _LONGEST:
        return _read(match, at - size) if size > 0 else None
    before = _BEFORE.search(match.string, max(0, at - _LONGEST), at)
    return None if before is None else _read(match, before.start())


def _far_email(match: re.Match[str]) -> Range | None:
    return _read(match, match.start())


def _read(match: re.Match[str], first: int) -> Range | None:
    """Accept the address whose local part is read from `first` on."""
    text = match.string
    end = match.start("domain") + domain_end(match["domain"])
    domain = text[match.start("domain") : end]
    start = local_start(text, first, match.start("at"))
    if text[first] in "_-" and text[first - 1 : first] == "\\":
        start = escaped_start(text, first)
    if text[start] == "_" and text.startswith("_", end):  # emphasis in Markdown
        start += 1
    local = text[start : match.start("at")]
    if not _is_sign(match, start, end, domain):
        return None
    if end == match.start("domain") or not is_mailbox(local, domain):
        return None
    if not text.startswith(">", end) and is_code(local, domain):
        return None
    if _is_template(text, first, start, local) or _is_login(text, start, end, domain):
        return None
    return wider(text, start), end


def _is_sign(match: re.Match[str], start: int, end: int, domain: str) -> bool:
    """Tell whether the sign is one, and not an operator, a parameter of a URL or part of a name."""
    text, sign = match.string, match["at"]
    firm = domain.rpartition(".")[2].lower() in FIRM
    if "_" in domain and not firm:
        return False
    if sign == "@" and text.startswith(("(", "@"), end):
        return firm
    if sign == "@@" and text.startswith("@@", match.start("at")) and domain.isupper():
        return False
    named = text[start - 1 : start] in ("?", "&", ";", "-")
    return sign != "=40" or (not named and text[match.end("at")].isalpha())


def _is_template(text: str, start: int, after: int, local: str) -> bool:
    """Tell whether a part of the address is filled in later, or masked."""
    if _TEMPLATE.fullmatch(text, start, after + len(local)) is not None:
        return True
    before = text[start - 1 : start]
    if before == "$" or (before == "}" and text[start] in "._-+%"):
        return True
    return (
        before == ")" and text[start] in "sd" and text.rfind("%(", max(0, start - 40), start) >= 0
    )


def _is_login(text: str, start: int, end: int, domain: str) -> bool:
    """Tell whether this is no mailbox but a login, a principal, a handle or a message."""
    before = text[max(0, start - _LOOK) : start].rpartition("\n")[2]
    last = before[-1:]
    if _FORGE_LOGIN.fullmatch(text, start, end + 1 if text.startswith(":", end) else end):
        return True
    if last in ("@", "!") or before.endswith("!~") or (last == "/" and domain.isupper()):
        return True
    if "://" in before and "@" in text[start:end] and _URL_USERINFO.search(before) is not None:
        return True
    if _REMOTE_PATH.match(text, end) is not None:
        return True
    if any(word in before for word in _REMOTE_WORDS) and _REMOTE_SHELL.search(before) is not None:
        return True
    folded = before.lower()
    named = any(word in folded for word in _IDENTIFIER_WORDS)
    return named and _IDENTIFIER.search(before) is not None


def _quoted(match: re.Match[str]) -> Range | None:
    """Accept a quoted local part (RFC 5321 section 4.1.2)."""
    end = match.start("domain") + domain_end(match["domain"])
    domain = match.string[match.start("domain") : end]
    if end == match.start("domain") or is_reserved(domain) or is_code("", domain):
        return None
    return match.start(), end


@cache
def email_rules() -> tuple[Rule, ...]:
    """Return the rules for e-mail addresses."""
    return (
        Rule("email-address", "EMAIL", "permissive", _EMAIL, _email, _TRIGGER, yes=_YES, no=_NO),
        Rule(
            "email-international", "EMAIL", "permissive", _FAR_EMAIL, _far_email, _FAR_TRIGGER,
            yes=_YES_FAR, no=_NO_FAR,
        ),
        Rule("email-quoted", "EMAIL", "permissive", _QUOTED, _quoted, yes=_YES_QUOTED, no=_NO_QUOTED),
        *spelled_email_rules(),
    )  # fmt: skip


_YES: Final = (
    "mailto:«{lower:5}.{lower:6}@acme-corp.com»?subject=x",
    "Name <«{lower:5}+{lower:4}@mail.{lower:6}.co.uk»>",
    '{"a": "line\\n«{lower:6}@{lower:6}.io»"}',
    '"\\u003c«{lower:6}@{lower:6}.photography»\\u003e"',
    "?to=%22«{lower:6}%40{lower:6}.de»%22",
    "«{lower:6}&#64;{lower:6}.org»",
    '"«{lower:6}\\u0040{lower:6}.net»"',
    "«{lower:6}\uff20{lower:6}.jp»",
    "담당자는«{lower:6}@{lower:6}.co.kr»입니다.",
    "«jürgen.{lower:4}@büro-{lower:4}.de»",
    "«{lower:5}\\_{lower:5}@{lower:6}.com»",
    "«o'{lower:6}@{lower:6}.ie» wrote",
    "<«bounce+{lower:5}={lower:4}.com@lists.{lower:5}.net»>",
    "«{lower:6}@{lower:6}.com».Then",
    r'{"a": "\n«jos\u00e9.{lower:6}@{lower:6}.com»"}',
    "«{lower:6}@{lower:4}_{lower:4}.{lower:6}.com»",
    "<«{lower:6}=40{lower:6}.com»>",
)
_NO: Final = (
    "{lower:6}@example.com", "{lower:6}@mail.example.co.uk", "{lower:6}@{lower:6}.test",
    "you@yourdomain.com", "user@domain.com", "git@github.com:{lower:6}/{lower:6}.git",
    "ssh deploy@{lower:6}.io", "root@{lower:6}.io:~# ls", "https://{lower:6}@{lower:6}.com/",
    "icon@2x.png", "pkg@1.2.3", "this@Main.name", "x@y.data", "f@net.call(w)", "@{lower:6}@{lower:6}.social",
    "getty@tty1.service", "Message-ID: <{low:12}.{low:6}@{lower:6}.com>", "%s@{lower:6}.com",
    "$user@{lower:6}.com", "{dig:2}-cert-v01@openssh.com", "HTTP/web.{lower:5}.com@{upper:6}.COM",
    "nick!{lower:5}@{lower:6}.net", "{uuid}@{lower:6}.com",
)  # fmt: skip
_YES_FAR: Final = ("문의: «홍길동@{lower:6}.한국»", "<«用户@{lower:6}.中国»>")
_NO_FAR: Final = ("문의: 홍길동@example.com", "안녕하세요@everyone", "홍길동@회사")
_YES_QUOTED: Final = (
    'to «"{lower:5} {lower:5}"@{lower:6}.com»',
    r'{"x": "«\"{lower:5} {lower:4}\"@{lower:6}.com»"}',
)
_NO_QUOTED: Final = (
    '"{lower:5} {lower:5}"@example.com',
    '"a" @{lower:5}.com',
    '"root"@"localhost"',
)
