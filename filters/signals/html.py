"""Meta tags of an HTML head, from a bounded beginning, in time that grows with its length alone.

`html.parser` of the standard library takes minutes over 128 KiB of unclosed tags (228 s measured
on Python 3.11), and recordings are written by strangers. So tags are found here, each in a bounded
window; comments, scripts, styles, titles and templates are passed over (WHATWG HTML section 13.2).
"""

from __future__ import annotations

import html
import re
from typing import Final, NamedTuple

LONGEST: Final = 128 << 10
"""Characters that are read; a head that is longer has its tags before."""

_LONGEST_TAG: Final = 4096
_MOST: Final = 4096  # tags that are looked at
_MARK: Final = re.compile(r"<(?:(?P<comment>!--)|(?P<close>/?)(?P<tag>[A-Za-z][A-Za-z0-9]{0,15}))")
_TAG_END: Final = re.compile(r"""(?>"[^"]*"|'[^']*'|[^"'>])*+>""")
_ATTRIBUTE: Final = re.compile(
    r"""([^\s"'>/=]++)(?>\s*+=\s*+("[^"]*"|'[^']*'|[^\s"'<>`]++))?""", re.ASCII
)
_RAW: Final = frozenset({"script", "style", "title", "textarea", "template", "noframes", "xmp"})


class Meta(NamedTuple):
    """A meta tag with a name: the name in lower case, its content, and its line from 1."""

    name: str
    content: str
    line: int


class Head(NamedTuple):
    """The meta tags of a head, and what is wrong with it."""

    metas: tuple[Meta, ...]
    problems: tuple[tuple[str, str], ...]


def read_head(text: str) -> Head:
    """Return the meta tags before the body; never raises."""
    part = text[:LONGEST]
    metas: list[Meta] = []
    at = 0
    for _ in range(_MOST):
        mark = _MARK.search(part, at)
        if mark is None:
            break
        tag = (mark["tag"] or "").lower()
        if tag == "body" or (tag == "head" and mark["close"]):
            return Head(tuple(metas), ())
        at = _after(part, mark, tag)
        if tag == "meta" and not mark["close"] and at > mark.end():
            metas += _meta(part[mark.end() : at - 1], part.count("\n", 0, mark.start()) + 1)
    else:
        return Head(tuple(metas), (("end", "the head has more than 4096 tags"),))
    if len(text) > LONGEST:
        return Head(tuple(metas), (("end", "the head is longer than 128 KiB"),))
    return Head(tuple(metas), ())


def _after(part: str, mark: re.Match[str], tag: str) -> int:
    """Return where to go on after a tag or a comment: behind its end, or right behind its name."""
    if mark["comment"]:
        return _behind(part, "-->", mark.end())
    end = _TAG_END.match(part, mark.end(), mark.end() + _LONGEST_TAG)
    if end is None:
        return mark.end()
    if tag in _RAW and not mark["close"]:
        closing = re.compile(f"</{tag}", re.IGNORECASE).search(part, end.end())
        return len(part) if closing is None else closing.start()
    return end.end()


def _behind(part: str, closing: str, start: int) -> int:
    found = part.find(closing, start - 2)  # <!--> is a comment, too
    return len(part) if found == -1 else found + len(closing)


def _meta(inside: str, line: int) -> list[Meta]:
    given: dict[str, str] = {}
    for found in _ATTRIBUTE.finditer(inside):
        value = found[2] or ""
        bare = value[1:-1] if value[:1] in {'"', "'"} else value
        given.setdefault(found[1].lower(), html.unescape(bare))
    name = given.get("name", "").strip().lower()
    return [Meta(name, given.get("content", ""), line)] if name else []
