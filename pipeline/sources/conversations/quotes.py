# ruff: noqa: RUF001  mail is written in other scripts, too

"""What somebody wrote in a mail himself: without what he quotes, signs with, and what lists put under it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

_PGP_SIGNED: Final = "-----BEGIN PGP SIGNED MESSAGE-----"
_PGP: Final = re.compile(
    r"^-----BEGIN PGP (SIGNATURE|MESSAGE|PUBLIC KEY BLOCK)-----$.*?(?:^-----END PGP \1-----$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_PACKED: Final = re.compile(
    r"^begin [0-7]{3,4} [^\n]{1,200}\n(?:[!-`][^\n]{0,90}\n)*`?\n?end$", re.MULTILINE
)
_LIST: Final = re.compile(r"_{20,}|-{20,}")
_LIST_SAYS: Final = re.compile(r"mailing list|unsubscribe|https?://\S+/listinfo", re.IGNORECASE)
_SIGNED: Final = re.compile(r"-- ?")
_SIGNATURE: Final = 15  # lines of the longest signature; four are allowed (RFC 3676 section 4.3)
_QUOTED: Final = re.compile(r" {0,3}>")
_BEFORE: Final = re.compile(
    r" {0,3}(?:[-_*]{2,40} ?(?:Original (?:Message|Appointment)|Forwarded [Mm]essage|Forwarded by [^\n]{0,200}"
    r"|Ursprüngliche Nachricht|Weitergeleitete Nachricht|Message d'origine|Message original|Mensaje original"
    r"|Messaggio originale|Mensagem original|Oorspronkelijk bericht|Ursprungligt meddelande|Исходное сообщение"
    r")(?: ?[-_*]{2,40})?|Begin forwarded message:)[ \t]*"
)
_HEADER: Final = re.compile(
    r"[*>\s]{0,4}(From|Sent|Date|To|Von|Gesendet|An|De|Envoyé|À|Enviado|Para)\*?:[*]?\s"
)
_HEADERS: Final = 3
_WROTE: Final = re.compile(
    r"(?:wrote|writes|said|schrieb[^\n]{0,80}|a écrit|escribió|escreveu|ha scritto|scrisse|skrev[^\n]{0,80}"
    r"|schreef[^\n]{0,80}"
    r"|napisał(?:\(a\))?|пишет|написал(?:\(а\))?|写道|のメール|님이 작성)[ \t]*[:：]?[ \t]*\Z"
)
_LONGEST: Final = 300  # characters of a line that says who wrote what follows
_BLANKS: Final = re.compile(r"\n{4,}")


class Written:
    """Cleans a text; `left_out` counts lines by kind."""

    def __init__(self, *, quotes: bool = False, signatures: bool = False) -> None:
        self.left_out: Counter[str] = Counter()
        self._quotes = quotes
        self._signatures = signatures

    def clean(self, text: str) -> str:
        """Return what is left of the text of a mail."""
        text = self._without(_PGP, "signature", _unsigned(text))
        lines = [
            each.rstrip() if each != "-- " else each
            for each in self._without(_PACKED, "packed", text).strip("\n").split("\n")
        ]
        if not self._signatures:
            lines = self._cut(lines, _list_footer(lines), "footer")
            lines = self._cut(lines, _signature(lines), "signature")
        if not self._quotes:
            lines = self._cut(lines, _message_below(lines), "quoted")
            lines = self._unquoted(lines)
        return _BLANKS.sub("\n\n\n", "\n".join(each.rstrip() for each in lines)).strip()

    def _without(self, pattern: re.Pattern[str], kind: str, text: str) -> str:
        def lose(found: re.Match[str]) -> str:
            self.left_out[kind] += found[0].count("\n") + 1
            return ""

        return pattern.sub(lose, text)

    def _cut(self, lines: list[str], at: int, kind: str) -> list[str]:
        if at < len(lines):
            self.left_out[kind] += len(lines) - at
        return lines[:at]

    def _unquoted(self, lines: list[str]) -> list[str]:
        """Leave out quoted lines, and the one or two before them that say whose they are."""
        kept: list[str] = []
        before = False
        for line in lines:
            quoted = _QUOTED.match(line) is not None
            if quoted and not before:
                self._lose_attribution(kept)
            if quoted:
                self.left_out["quoted"] += 1
            else:
                kept.append(line)
            before = quoted or (before and not line.strip())
        return kept

    def _lose_attribution(self, kept: list[str]) -> None:
        at = len(kept) - 1
        while at >= 0 and not kept[at].strip():
            at -= 1
        if at < 0 or len(kept[at]) > _LONGEST or _WROTE.search(kept[at]) is None:
            return
        first = at
        if (
            at > 0
            and kept[at - 1].strip()
            and re.match(r"(?:On|Am|Le|El|Em|Il|At|In) ", kept[at]) is None
        ):
            first = at - 1 if re.match(r"(?:On|Am|Le|El|Em|Il|At|In) ", kept[at - 1]) else at
        self.left_out["quoted"] += at - first + 1
        del kept[first:]


def _unsigned(text: str) -> str:
    """Take away the frame of a signed text (RFC 9580 section 7)."""
    if _PGP_SIGNED not in text:
        return text
    before, _, rest = text.partition(_PGP_SIGNED)
    _, blank, body = rest.partition("\n\n")
    return before + re.sub(r"^- ", "", body if blank else rest, flags=re.MULTILINE)


def _list_footer(lines: list[str]) -> int:
    """Return where the footer of a mailing list begins."""
    for at in range(max(0, len(lines) - _SIGNATURE), len(lines)):
        if _LIST.fullmatch(lines[at].strip()) is not None:
            below = "\n".join(lines[at + 1 : at + 4])
            if _LIST_SAYS.search(below) is not None:
                return at
    return len(lines)


def _signature(lines: list[str]) -> int:
    """Return where the signature begins."""
    last = len(lines)
    for at in range(len(lines) - 1, -1, -1):
        if last - at > _SIGNATURE + 1:
            break
        if _SIGNED.fullmatch(lines[at]) is not None:
            return at
    return last


def _message_below(lines: list[str]) -> int:
    """Return where another message begins that stands whole below this one."""
    for at, line in enumerate(lines):
        if len(line) <= _LONGEST and _BEFORE.fullmatch(line) is not None:
            return at
        if _HEADER.match(line) is not None and (at == 0 or not lines[at - 1].strip()):
            block = lines[at : at + 6]
            if sum(_HEADER.match(each) is not None for each in block) >= _HEADERS:
                return at
    return len(lines)
