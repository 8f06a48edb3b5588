"""Turn the LaTeX of a paper into text, its formulas left as they are; pylatexenc reads what is between them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pipeline.sources.publications.tex_macros import Braces, expand, split_definitions
from pipeline.sources.publications.tex_specs import contexts

if TYPE_CHECKING:
    from pipeline.sources.publications.tex_source import Kept

MAX_DEPTH: Final = 40
"""Levels of groups and environments: pylatexenc takes up to ten calls for each, and Python has a thousand."""

MAX_TEXT: Final = 32 << 20
"""Characters of the longest text that a paper makes, what is verbatim put back."""
MAX_SEGMENT: Final = 1 << 20
"""Characters of the longest stretch without a paragraph's end that is read."""

_DISPLAYS: Final = (
    "equation align gather multline eqnarray displaymath math flalign alignat xalignat dmath subequations"
    " IEEEeqnarray"
)
_MATH: Final = re.compile(
    r"\\begin[ ]?\{(?P<name>(?:"
    + "|".join(_DISPLAYS.split())
    + r")\*?)\}|(?P<open>\\\[|\\\(|\$\$|\$)|\\.",
    re.DOTALL,
)
_CLOSES: Final = {"\\[": "\\]", "\\(": "\\)", "$$": "$$", "$": "$"}
_BEGIN, _END = r"\begin{document}", r"\end{document}"
_TITLE: Final = re.compile(
    r"\\(?:title|Title|icmltitle)[ \t\n]*+(?:\[[^\[\]]{0,500}\])?[ \t\n]*+(?=\{)"
)
_ABSTRACT: Final = re.compile(r"\\abstract[ \t\n]*(?=\{)")
_LEVELS: Final = re.compile(r"\\begin\b|\\end\b|\\.|[{}\]]|(?<=[A-Za-z*\]}])\[", re.DOTALL)
_PARTS: Final = re.compile(r"\n[ \t]*\n|\\begin\b|\\end\b|\\.|[{}]", re.DOTALL)
_SEGMENT: Final = 4096  # characters that are worth a call
_CLOSED: Final = {"{": "}", "[": "]", "\\begin": "\\end"}
_BLANK_LINES: Final = re.compile(r"\n(?:[ \t]*\n)+")
_SPACES: Final = re.compile(r"[ \t\n\u00a0]+")
_DOLLAR: Final = re.compile(r"(\\.)|\$", re.DOTALL)
_BEFORE_STOP: Final = re.compile(r" +(?=[.,;:)\]](?:\s|$))")
_SWITCHES: Final = re.compile(
    r"\\(?:left|right)?(?:quad|qquad|noindent|medskip|bigskip|smallskip|newpage|clearpage)(?![A-Za-z])"
)


class BadTexError(Exception):
    """TeX that is not read: `depth`, `large`, `latex`."""


def paper_text(source: str, kept: Kept) -> tuple[str, str]:
    """Return the title and the text of a paper, paragraphs with a blank line between them.

    Raises:
        BadTexError: it nests deeper than any paper, or pylatexenc gives it up.
    """
    source, macros = split_definitions(source)
    source = expand(source, macros)
    head, begin, body = source.partition(_BEGIN)
    body = body.partition(_END)[0] if begin else source
    title = _group_of(_TITLE, source)
    abstract = _group_of(_ABSTRACT, head) if begin else ""
    heading = _plain(title, kept)
    prose = "\n\n".join(filter(None, (_plain(abstract, kept), _plain(body, kept))))
    return " ".join(heading.split()), prose


def _group_of(pattern: re.Pattern[str], source: str) -> str:
    """Return the argument of the first command that matches."""
    found = pattern.search(source)
    if found is None:
        return ""
    window = source[found.end() : found.end() + 20_000]
    stop = Braces(window).get(0)
    return "" if stop is None else window[1:stop]


def _plain(tex: str, kept: Kept) -> str:
    tex = _DOLLAR.sub(lambda found: found[1] or "", _mask_math(tex, kept))
    _check_depth(tex)
    text = "\n\n".join(map(_read, _segments(_SWITCHES.sub(" ", tex))))
    paragraphs = (_SPACES.sub(" ", each).strip() for each in _BLANK_LINES.split(text))
    whole = "\n\n".join(_BEFORE_STOP.sub("", each) for each in paragraphs if each)
    restored = kept.restore(whole, MAX_TEXT)
    if restored is None:
        raise BadTexError("large")
    return restored


def _mask_math(tex: str, kept: Kept) -> str:
    """Put formulas aside: they stay as TeX, between dollars, or in the environment that numbers them."""
    done: list[str] = []
    at, absent = 0, set()
    while (found := _MATH.search(tex, at)) is not None:
        done.append(tex[at : found.start()])
        at = found.end()
        opened = found["open"] or found["name"]
        if opened is None:
            done.append(found[0])
            continue
        close = _CLOSES.get(opened, f"\\end{{{opened}}}")
        stop = -1 if close in absent else _find_close(tex, close, at)
        if stop < 0:
            absent.add(close)
            continue
        inner = tex[at:stop].strip()
        at = stop + len(close)
        if inner:
            done.append(_kept_math(opened, found["name"] is not None, inner, kept))
    return "".join([*done, tex[at:]])


def _find_close(tex: str, close: str, at: int) -> int:
    """Find what closes a formula; a dollar that is escaped does not, and none goes on over an empty line."""
    stop = tex.find(close, at)
    while stop > at and tex[stop - 1] == "\\" and close[0] == "$":
        stop = tex.find(close, stop + 1)
    return -1 if close == "$" and "\n\n" in tex[at : max(at, min(stop, at + 5000))] else stop


def _kept_math(opened: str, is_named: bool, inner: str, kept: Kept) -> str:
    if opened in {"$", "\\("}:
        return kept.put(f"${_SPACES.sub(' ', inner)}$")
    whole = f"\\begin{{{opened}}}\n{inner}\n\\end{{{opened}}}" if is_named else f"$${inner}$$"
    return f"\n\n{kept.put(whole)}\n\n"


def _segments(tex: str) -> list[str]:
    """Cut where a paragraph ends and nothing is open: pylatexenc takes a time that is the square of a run of letters.

    Raises:
        BadTexError: a group or an environment holds more than any paper's.
    """
    cuts, depth = [0], 0
    for found in _PARTS.finditer(tex):
        if found[0] in {"{", "\\begin"}:
            depth += 1
        elif found[0] in {"}", "\\end"}:
            depth = max(0, depth - 1)
        elif found[0][0] == "\n" and depth == 0 and found.start() - cuts[-1] >= _SEGMENT:
            cuts.append(found.end())
    segments = [tex[at:stop] for at, stop in zip(cuts, [*cuts[1:], len(tex)], strict=True)]
    if max(map(len, segments)) > MAX_SEGMENT:
        raise BadTexError("large")
    return segments


def _check_depth(tex: str) -> None:
    """Refuse what would bring a recursive reader down; brackets count where a command may take what is in them."""
    depth = {"}": 0, "]": 0, "\\end": 0}
    for found in _LEVELS.finditer(tex):
        closed = _CLOSED.get(found[0])
        if closed is not None:
            depth[closed] += 1
            if sum(depth.values()) > MAX_DEPTH:
                raise BadTexError("depth")
        elif depth.get(found[0]):
            depth[found[0]] -= 1


def _read(tex: str) -> str:
    from pylatexenc.latexwalker import LatexWalker, LatexWalkerError  # noqa: PLC0415  papers alone need it

    walker, writer = contexts()
    try:
        nodes, *_ = LatexWalker(tex, latex_context=walker, tolerant_parsing=True).get_latex_nodes()
        return str(writer.nodelist_to_text(nodes))
    except RecursionError as error:
        raise BadTexError("depth") from error
    except (LatexWalkerError, LookupError, TypeError, ValueError, AttributeError) as error:
        # arguments that its tables ask for and a paper does not give are errors of its own
        raise BadTexError("latex") from error
