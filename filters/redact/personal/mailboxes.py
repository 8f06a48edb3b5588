"""Tell where the local part of a mailbox starts, and whether both halves can be somebody's."""

from __future__ import annotations

import re
from typing import Final

from filters.redact.personal.domains import is_reserved, is_stand_in
from filters.redact.rule import backslashes

_MAX_LOCAL: Final = 64  # RFC 5321 section 4.5.3.1.1
# An escape that ends right where the run of local characters begins, read as part of it
_ESCAPED: Final = re.compile(r"u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[abefnrtv]")
# Letters of Latin-1 and Latin Extended-A within a local part, as JSON may spell them
_LETTERS: Final = re.compile(
    r"(?:[A-Za-z0-9._+\-]{0,32}\\u(?P<last>0(?:0[c-fC-F]|1[0-7])[0-9A-Fa-f])){1,4}$"
)
_ESCAPED_TWICE: Final = re.compile(r"u[0-9A-Fa-f]{4}|[nrt]")
# A percent escape of a character that an unquoted local part does not have, or of white space
_PERCENT: Final = re.compile(r".*%(?:25)?(?:0[9AD]|2[0-27-9CF]|3[A-F]|5[BD]|7[BD])", re.IGNORECASE)
# Names of algorithms and extensions of the SSH protocol (RFC 4251 section 6)
_PROTOCOL: Final = re.compile(
    r"(?:.*[\d-].*|zlib|eow|e?statvfs|fstatvfs|hardlink|fsync|lsetstat|limits|hostkeys)"
    r"@(?:openssh\.com|libssh\.org|lysator\.liu\.se|putty\.projects\.tartarus\.org)"
)
# Locals that machines make: UUIDs, digests, timestamps with a counter, the ids of Gmail
_MACHINE: Final = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=\D*\d)[0-9a-f]{24,}|(?:19|20)\d{12}\.\S+"
    r"|\d{8,}\.\d{3,}\.\S+|CA[\w+=\-]{40,}|(?=.*\d)[A-Z0-9]{8,}\.[A-Z0-9]{8,}",
)
# The sender of a list, with the receiver before the sign (VERP)
_BOUNCE: Final = re.compile(
    r"(?<![\w.+\-])(?=[\w.\-]*\+|[\w.]*(?:bounce|return)[\w.]*-)[\w.+\-]{1,64}=$"
)
_ATEXT: Final = re.compile(r"(?<=<)[\w.!#$%&'*+/=?^`{|}~\-]{1,64}$")
_MARKDOWN: Final = re.compile(
    r"[A-Za-z0-9.+_\-]{1,64}(?:\\{1,2}[_\-][A-Za-z0-9.+\-]{1,64}){0,4}\\{1,2}$"
)
_ELIDED: Final = re.compile(r"(?<![A-Za-z0-9])[OoDd]['\u2019]$")


def is_mailbox(local: str, domain: str) -> bool:
    """Tell whether the two halves of an address can be somebody's."""
    if not 0 < len(local) <= _MAX_LOCAL or local.endswith("."):
        return False
    if is_reserved(domain) or is_stand_in(local, domain):
        return False
    return _MACHINE.fullmatch(local) is None and _PROTOCOL.fullmatch(f"{local}@{domain}") is None


def local_start(text: str, start: int, end: int) -> int:
    """Return where the local part starts: after an escape that precedes it, and punctuation."""
    before = backslashes(text, start)
    if before > 0:
        escape = (_ESCAPED if before % 2 == 1 else _ESCAPED_TWICE).match(text, start, end)
        if escape is not None:
            start = _letters_start(text, escape.end())
    percent = _PERCENT.match(text, start, end)
    start = start if percent is None else percent.end()
    start = max(start, text.rfind("..", start, end) + 2) if ".." in text[start:end] else start
    while start < end and text[start] in ".%+-":
        start += 1
    return start


def _letters_start(text: str, end: int) -> int:
    r"""Return where a local part starts that has letters spelled as escapes (`\u00e9`) before `end`."""
    spelled = _LETTERS.search(text, max(0, end - 72), end)
    if spelled is None or not chr(int(spelled["last"], 16)).isalpha():
        return end
    start = spelled.start()
    plain = _ESCAPED.match(text, start) if backslashes(text, start) % 2 == 1 else None
    return start if plain is None else plain.end()


def escaped_start(text: str, start: int) -> int:
    """Return where a local part starts whose `_` or `-` Markdown or roff has escaped."""
    earlier = _MARKDOWN.search(text, max(0, start - 72), start)
    return start if earlier is None else earlier.start()


def wider(text: str, start: int) -> int:
    """Return where the address starts if less common characters before `start` belong to it."""
    before = text[start - 1 : start]
    if before == "" or before.isspace():
        return start
    low = max(0, start - 72)
    wider: re.Match[str] | None = None
    if before in ("'", "\u2019"):
        wider = _ELIDED.search(text, low, start)
    elif before in "=/!#$&*^|?~":
        wider = _ATEXT.search(text, low, start)
        if wider is None and before == "=":
            wider = _BOUNCE.search(text, low, start)
    return start if wider is None else wider.start()
