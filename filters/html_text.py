"""Take the text out of HTML and say, for any span of the HTML, where it stands in the text.

Tags, comments, scripts and styles go, character references become what they stand for, blocks
become lines and runs of white space one space, as a browser shows them. The tokens follow the HTML
standard (WHATWG, section 13.2.5). The standard library's parser is not used: what it makes of broken markup
changed within one minor version of Python, and the same bytes in must give the same bytes out.
"""

from __future__ import annotations

import functools
import re
from html import unescape
from typing import Final, NamedTuple

from filters.normalise import Edit, OffsetMap, offset_map

_SPACES: Final = " \t\n\f\r"
# Words with a space between them are most of any text, and stay as they are.
_WORDS: Final = re.compile(r"[^ \t\n\f\r<&]++(?: [^ \t\n\f\r<&]++)*+")
_TOKEN: Final = re.compile(
    r"(?P<space>[ \t\n\f\r]++)"
    r"|(?P<reference>&(?:#[0-9]{1,4000}+;?|#[xX][0-9a-fA-F]{1,4000}+;?|[A-Za-z][A-Za-z0-9]{1,31}+;?))"
    r"|(?P<markup><(?=[A-Za-z!?/]))"
)
_TAG: Final = re.compile(
    r"""</?+([A-Za-z][^ \t\n\f\r/>]*+)(?:=[ \t\n\f\r]*+(?:"[^"]*+"|'[^']*+')|[^>=]++|=)*+>"""
)
_LOOKS_LIKE: Final = re.compile(
    r"<(?:!DOCTYPE\s+html|/[A-Za-z][A-Za-z0-9]*\s*>|br\s*/?>)", re.IGNORECASE
)
_DROPPED: Final = frozenset({"script", "style"})
# How far a tag parts what stands before it from what stands behind.
_NONE, _SPACE, _CELL, _LINE, _PARAGRAPH = range(5)
_BREAKS: Final = ("", " ", "\t", "\n", "\n\n")
_LEVELS: Final = {
    name: level
    for level, names in (
        (_CELL, "td th"),
        (
            _LINE,
            (
                "address article aside body br caption center dd details dialog div dt fieldset"
                " figcaption figure footer form head header hgroup html legend li main menu nav option"
                " search section summary tbody tfoot thead title tr"
            ),
        ),
        (_PARAGRAPH, "blockquote dl h1 h2 h3 h4 h5 h6 hr ol p pre table ul"),
    )
    for name in names.split()
}


class Extracted(NamedTuple):
    """The text of some HTML, and the way from one to the other."""

    text: str
    change: OffsetMap

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Move a span of the HTML to the text, without the white space at its ends.

        `None` where an end falls inside what was edited, or nothing of the span is shown.
        """
        moved = self.change.forward(start, end) if start < end else None
        if moved is None:
            return None
        piece = self.text[slice(*moved)]
        first = moved[0] + len(piece) - len(piece.lstrip())
        return (first, first + len(piece.strip())) if piece.strip() else None


def is_html(text: str) -> bool:
    """Tell whether a text holds markup: a document type, an end tag or a line break."""
    return _LOOKS_LIKE.search(text) is not None


def html_text(html: str) -> Extracted:
    """Extract the text. Broken markup never raises; what no `>` ends is not shown, as in a browser."""
    scan = _Scan(html)
    at = 0
    while at < len(html):
        words = _WORDS.match(html, at)
        token = _TOKEN.match(html, at) if words is None else None
        if token is None:
            scan.show()
            at = at + 1 if words is None else words.end()
        elif token.lastgroup == "space":
            at = scan.space(at, token.end())
        elif token.lastgroup == "reference":
            at = scan.reference(at, token.end())
        else:
            at = scan.markup(at)
    return scan.close()


class _Gap(NamedTuple):
    """A token between two pieces of text: how far it parts them, and what it says where layout is kept."""

    start: int
    end: int
    level: int
    kept: str = ""


class _Scan:
    """Gathers the edits from HTML to text."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._edits: list[tuple[int, int, str]] = []
        self._gap: list[_Gap] = []
        self._begun = False  # something is shown already
        self._kept = 0  # levels of `pre`
        self._opened = -1  # where the last `<pre>` ends

    def show(self) -> None:
        """Take text as it is: now it is settled how it is parted from the text before."""
        if not self._gap:
            self._begun = True
            return
        top = max(each.level for each in self._gap)
        last = max((at for at, each in enumerate(self._gap) if each.level >= _CELL), default=-1)
        lines = sum(each.level == _LINE and self._is_break(each) for each in self._gap)
        kept = any(each.kept for each in self._gap[last + 1 :])
        if top == _SPACE and kept:
            top = _NONE
        first = next((at for at, each in enumerate(self._gap) if each.level == top), 0)
        for at, each in enumerate(self._gap):
            new = each.kept if at > last else ""
            if at == first and self._begun and not new:
                new = _BREAKS[_PARAGRAPH if top == _LINE and lines > 1 else top]
            if self._html[each.start : each.end] != new:
                self._edits.append((each.start, each.end, new))
        self._gap.clear()
        self._begun = True

    def space(self, start: int, end: int) -> int:
        """Take a run of white space."""
        if not self._kept:
            self._gap.append(_Gap(start, end, _SPACE))
            return end
        run = self._html[start:end]
        if start == self._opened and run.startswith(("\n", "\r\n")):  # not shown, by the standard
            first = start + run.index("\n") + 1
            self._gap.append(_Gap(start, first, _NONE))
            start, run = first, self._html[first:end]
        if start < end:
            self._gap.append(_Gap(start, end, _NONE, run.replace("\r\n", "\n").replace("\r", "\n")))
        return end

    def reference(self, start: int, end: int) -> int:
        """Take a character reference; the tail that is no part of one stays as it is."""
        old = self._html[start:end]
        new = unescape(old)
        if new == old:
            self.show()
            return end
        if new != "" and not new.strip(_SPACES):
            self._gap.append(_Gap(start, end, _SPACE, new if self._kept else ""))
            return end
        tail = 0
        while tail < min(len(old), len(new)) - 1 and old[-1 - tail] == new[-1 - tail]:
            tail += 1
        self.show()
        self._edits.append((start, end - tail, new[: len(new) - tail]))
        return end

    def markup(self, start: int) -> int:
        """Take a tag or a comment; return where it ends."""
        html = self._html
        tag = _TAG.match(html, start)
        if tag is None:
            end, level = _end_of_other(html, start), _NONE
        else:
            name, end = tag[1].lower(), tag.end()
            level = _LEVELS.get(name, _NONE)
            closes = html.startswith("</", start)
            if name in _DROPPED and not closes:
                end = _end_of_raw(html, name, end)
            elif name == "pre":
                self._kept = max(0, self._kept + (-1 if closes else 1))
                self._opened = -1 if closes else end
        self._gap.append(_Gap(start, end, level))
        return end

    def close(self) -> Extracted:
        """Return what was gathered; nothing is shown behind the last text."""
        self._edits += [(each.start, each.end, "") for each in self._gap]
        pieces, done = list[str](), 0
        for start, end, new in self._edits:
            pieces += (self._html[done:start], new)
            done = end
        text = "".join(pieces) + self._html[done:]
        change = offset_map(Edit(start, end, len(new)) for start, end, new in self._edits)
        return Extracted(text, change)

    def _is_break(self, gap: _Gap) -> bool:
        return self._html[gap.start : gap.start + 3].lower() == "<br"


def _end_of_other(html: str, start: int) -> int:
    """Find the end of a comment, a declaration, a bogus one, or a tag that nothing ends."""
    if html.startswith("<!--", start):
        end = html.find("-->", start + 2)
        return len(html) if end < 0 else end + 3
    named = html[start + 2 : start + 3]
    bogus = html[start + 1] in "!?" or (
        html[start + 1] == "/" and not (named.isascii() and named.isalpha())
    )
    end = html.find(">", start) if bogus else -1
    return len(html) if end < 0 else end + 1


def _end_of_raw(html: str, name: str, start: int) -> int:
    """Find the end of a script or style sheet, whose content is no markup."""
    closing = _closing(name).search(html, start)
    if closing is None:
        return len(html)
    end = html.find(">", closing.end())
    return len(html) if end < 0 else end + 1


@functools.cache
def _closing(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.IGNORECASE)
