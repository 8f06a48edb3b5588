"""Redact personal data and secrets: detectors return spans, and this one place edits the text.

The edits always map the original text to the final one, in code points, and redacting twice is
redacting once: detection is repeated on the edited text until nothing new is found.
"""

from __future__ import annotations

import fnmatch
import hashlib
import re
import unicodedata
from bisect import bisect_right
from functools import cache
from typing import Final, Literal

import msgspec

from filters.document import Span
from filters.redact.database import BEST, Engine, Scanner, build
from filters.redact.edits import Cut, Redaction, compose
from filters.redact.prefilter import find
from filters.redact.recognisers import Recogniser, recognise
from filters.redact.replace import Replacement, keyed, normal, outputs, stands_free
from filters.redact.rule import TYPES, Level

Scope = Literal["document", "release"]
Choice = Literal["redact", "keep"]

_ORDER: Final = {kind: rank for rank, kind in enumerate(TYPES)}
# A line that asserts a copyright or names an author; attribution licences ask to keep it.
_NOTICE: Final = re.compile(
    r"copyright|©|\(c\)|SPDX-FileCopyrightText|@?\bauthors?\b|\bmaintain(?:er|ed by)", re.IGNORECASE
)


class Redactor(msgspec.Struct, frozen=True):
    """What to redact, and what to put in its place; each process compiles the rules on first use.

    `scope` is what equal values get equal surrogates in: one text, or everything under one key.
    `copyright_emails` says whether addresses on lines with a copyright notice go or stay. `allow`
    lists values that are never redacted, as patterns with `*` and `?`, in any case. `recognisers`
    are detectors from outside (`recognisers`). `scanner` holds the compiled rules of the level where
    someone has them; without it they are compiled on first use.
    """

    level: Level = "balanced"
    replacement: Replacement = Replacement()
    scope: Scope = "document"
    copyright_emails: Choice = "redact"
    allow: tuple[str, ...] = ()
    recognisers: tuple[Recogniser, ...] = ()
    scanner: Scanner | None = None

    def redact(self, text: str, within: str = "") -> Redaction:
        """Replace what is detected; `within` names the scope of surrogates, by default this text."""
        if self.level == "off":
            return Redaction(text)
        within = within or self.scope_of(text)
        compiled = scanner(self.level) if self.scanner is None else self.scanner
        return self._to_the_end(compiled, text, within)

    def spans(self, text: str) -> tuple[Span, ...]:
        """Return what `redact` would replace, as spans of the original text."""
        return tuple(Span(e.start, e.end, e.type, e.rule) for e in self.redact(text).edits)

    def scope_of(self, text: str) -> str:
        """Name a text as a scope of surrogates: equal texts share them; empty where all is one scope."""
        if self.scope == "release" or not self.replacement.key:
            return ""
        return hashlib.sha256(text.encode()).hexdigest()

    def digest(self, kind: str, value: str, name: str) -> str:
        """Return the keyed digest by which a ledger names a value, or an empty one without a key.

        In the scope of one document it is bound to the document's `name`, so that nobody can tell
        equal values in two documents; who holds the key can look a value up document by document.
        """
        key = self.replacement.key
        bound = "" if self.scope == "release" else name
        return keyed(key, "audit", bound, kind, normal(kind, value)).hex() if key else ""

    def _to_the_end(self, scanner: Scanner, text: str, within: str) -> Redaction:
        """Redact to the fixed point.

        Each round replaces at least one code point that is no output of a redaction, and what it
        puts in is an output, or shorter, or a zero for another digit; so the rounds end.
        """
        done = Redaction(text)
        while True:
            cuts = self._cuts(self._fresh(scanner, done.text), done.text, within)
            if not cuts:
                return msgspec.structs.replace(done, refused=self._refused(done))
            done = compose(done, cuts)

    def _fresh(self, scanner: Scanner, text: str) -> list[Span]:
        """Merge overlapping detections; leave out what is to stay and what an earlier round put in."""
        found = [*find(scanner, text), *recognise(self.recognisers, text)]
        wanted = [span for span in found if not self._stays(span, text)]
        return merged(wanted, text) if wanted else []

    def _stays(self, span: Span, text: str) -> bool:
        if self.replacement.action(span.type) == "keep":
            return True
        if span.type == "EMAIL" and self.copyright_emails == "keep" and in_notice(text, span):
            return True
        return (
            bool(self.allow)
            and _allowed(self.allow).fullmatch(text[span.start : span.end]) is not None
        )

    def _cuts(self, spans: list[Span], text: str, within: str) -> list[Cut]:
        """Say what stands for each span; the bare zero that stands for a number stays what it is."""
        ends = {span.end for span in spans}
        starts = {span.start for span in spans}
        cuts = []
        for span in spans:
            alone = span.start not in ends and span.end not in starts
            put = self.replacement.text(span.type, text, span.start, span.end, within, alone=alone)
            if put != text[span.start : span.end]:
                cuts.append(Cut(span.start, span.end, span.type, span.rule, put))
        return cuts

    def _refused(self, done: Redaction) -> str:
        """Name the first type, in their order, for which a document goes as a whole."""
        found = {edit.type for edit in done.edits}
        refused = (
            kind for kind in TYPES if kind in found and self.replacement.action(kind) == "drop"
        )
        return next(refused, "")


@cache
def scanner(level: Level, engine: Engine = BEST) -> Scanner:
    """Return the compiled rules of one level; built once a process."""
    # detect-secrets and phonenumbers load only in processes that redact
    from filters.redact.rules import rules  # noqa: PLC0415

    return build(rules(level), engine)


@cache
def _allowed(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(fnmatch.translate, patterns)), re.IGNORECASE)


def in_notice(text: str, span: Span) -> bool:
    """Tell whether a span stands on a line with a copyright notice."""
    start = text.rfind("\n", 0, span.start) + 1
    stop = text.find("\n", span.end)
    return _NOTICE.search(text, start, len(text) if stop < 0 else stop) is not None


def merged(found: list[Span], text: str) -> list[Span]:
    """Unite overlapping spans; leave out those that hold nothing but outputs of a redaction.

    An output that a detection touches in part is taken in whole, so that none is ever cut.
    """
    marks = outputs(text)
    grown = (_grow(_with_marks(span, text), marks, text) for span in found)
    return _united([span for span in grown if not _is_covered(span, marks)])


def _with_marks(span: Span, text: str) -> Span:
    """Extend a span over the combining marks behind it: on a placeholder they would break NFC."""
    end = span.end
    while end < len(text) and not text[end].isascii() and unicodedata.combining(text[end]):
        end += 1
    return span if end == span.end else Span(span.start, end, span.type, span.rule)


def _grow(span: Span, marks: list[tuple[int, int]], text: str) -> Span:
    """Extend a span over the outputs that it cuts, and those beside it that would not be known any more."""
    start, end = span.start, span.end
    for low, high in _touching(marks, start - 1, end + 1):
        if (low < span.end and high > span.start) or stands_free(text, low):
            start, end = min(start, low), max(end, high)
    return (
        span if (start, end) == (span.start, span.end) else Span(start, end, span.type, span.rule)
    )


def _is_covered(span: Span, marks: list[tuple[int, int]]) -> bool:
    touching = _touching(marks, span.start, span.end)
    return sum(high - low for low, high in touching) == span.end - span.start


def _touching(marks: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Return the outputs that share a code point with `[start, end)`."""
    first = bisect_right(marks, start, key=lambda item: item[1])
    last = bisect_right(marks, end - 1, key=lambda item: item[0])
    return marks[first:last]


def _united(spans: list[Span]) -> list[Span]:
    """Unite overlapping spans; the earliest, then longest, then first in order names the union."""
    united: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end, _ORDER[s.type], s.rule)):
        if united and span.start < united[-1].end:
            top = united[-1]
            united[-1] = Span(top.start, max(top.end, span.end), top.type, top.rule)
        else:
            united.append(span)
    return united
