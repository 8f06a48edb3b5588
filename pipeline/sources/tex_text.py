"""Turn the LaTeX of a paper into text, its formulas left as they are; pylatexenc reads what is between them."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, Final

from pipeline.sources.tex_macros import braces, expand, split_definitions

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.sources.tex_source import Kept

MAX_DEPTH: Final = 40
"""Levels of groups and environments: pylatexenc takes up to ten calls for each, and Python has a thousand."""

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
    r"\\(?:title|Title|icmltitle)[ \t\n]*(?:\[[^\[\]]{0,500}\])?[ \t\n]*(?=\{)"
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
    stop = braces(window).get(0)
    return "" if stop is None else window[1:stop]


def _plain(tex: str, kept: Kept) -> str:
    tex = _DOLLAR.sub(lambda found: found[1] or "", _mask_math(tex, kept))
    _check_depth(tex)
    text = "\n\n".join(map(_read, _segments(_SWITCHES.sub(" ", tex))))
    paragraphs = (_SPACES.sub(" ", each).strip() for each in _BLANK_LINES.split(text))
    return "\n\n".join(kept.restore(_BEFORE_STOP.sub("", each)) for each in paragraphs if each)


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

    walker, writer = _contexts()
    try:
        nodes, *_ = LatexWalker(tex, latex_context=walker, tolerant_parsing=True).get_latex_nodes()
        return str(writer.nodelist_to_text(nodes))
    except RecursionError as error:
        raise BadTexError("depth") from error
    except (LatexWalkerError, LookupError, TypeError, ValueError, AttributeError) as error:
        # arguments that its tables ask for and a paper does not give are errors of its own
        raise BadTexError("latex") from error


# Commands that are left out with their arguments, as pylatexenc spells these.
_LEFT_OUT: Final = {
    "{": (
        "label vspace hspace vskip input include includeonly bibliography bibliographystyle nocite thanks footnotetext"
        " pagestyle thispagestyle affil institute address email urladdr date pacs preprint keywords markboth index"
        " usepackage vspace* hspace* graphicspath hypersetup orcid ead fntext cortext tnotetext tnoteref corref fnref"
        " inst refstepcounter pdfbookmark bibitem"
    ),
    "[{": "author affiliation footnote footnotemark includegraphics title abstract cite citep autocite parencite"
    " cites citealp citealt affil altaffiltext address",
    "[[{": "citep parencite",
    "{{": "setcounter addtocounter setlength addtolength addcontentsline settowidth newtheorem* hyphenation",
    "": "maketitle tableofcontents centering raggedright par newline smallskip appendix bigskip medskip and newpage"
    " clearpage balance hline toprule midrule bottomrule protect break sloppy noindent itshape bfseries rm bf it em sc"
    " tt small footnotesize large Large normalsize twocolumn onecolumn listoffigures printbibliography",
}
_TEXTUAL: Final = "citet textcite citeauthor citeyear Citet"
_REFERENCES: Final = "ref eqref autoref cref Cref pageref nameref subref vref"
# Of these pylatexenc knows the argument and not what to make of it.
_WORDS: Final = "mbox textmd textsf texttt textup"
_HEADINGS: Final = "part chapter section subsection subsubsection paragraph subparagraph"
_FLOATS: Final = "figure figure* table table* wrapfigure SCfigure sidewaystable sidewaysfigure algorithm algorithm*"
_DROPPED: Final = (
    "tabular tabular* tabularx longtable tikzpicture pspicture picture thebibliography feynman diagram array"
    " axis pgfpicture CCSXML IEEEbiography IEEEbiographynophoto"
)
_STATEMENTS: Final = (
    "theorem lemma proposition corollary definition remark proof example conjecture claim"
)


@functools.cache
def _contexts() -> tuple[Any, Any]:
    """Return what pylatexenc goes by: its own tables, and those above before them."""
    from pylatexenc import latex2text, latexwalker  # noqa: PLC0415  papers alone need it
    from pylatexenc.latex2text import EnvironmentTextSpec, MacroTextSpec  # noqa: PLC0415  see above
    from pylatexenc.macrospec import EnvironmentSpec, MacroSpec  # noqa: PLC0415  see above

    said: dict[str, tuple[str, Any]] = {
        name: (spec, "") for spec, names in _LEFT_OUT.items() for name in names.split()
    }
    said |= dict.fromkeys(_TEXTUAL.split(), ("*[[{", _bracketed))
    said |= dict.fromkeys(_REFERENCES.split(), ("*{", _bracketed))
    said |= dict.fromkeys(_WORDS.split(), ("{", _last))
    said |= dict.fromkeys(_HEADINGS.split(), ("*[{", _heading))
    said |= {
        "caption": ("*[{", _heading),
        "item": ("[", _item),
        "href": ("{{", _last),
        "textcolor": ("{{", _last),
        "url": ("{", _last),
    }
    said |= {name: ("", name) for name in ("TeX", "LaTeX", "LaTeXe", "BibTeX")}
    walker = latexwalker.get_default_latex_context_db()
    texts = latex2text.get_default_latex_context_db()
    environments = dict.fromkeys(_FLOATS.split(), _captions) | dict.fromkeys(_DROPPED.split(), "")
    environments |= {name: _statement(name) for name in _STATEMENTS.split()}
    optional = {*_FLOATS.split(), *_STATEMENTS.split()}
    walker.add_context_category(
        "gristmill",
        macros=[MacroSpec(name, args) for name, (args, _) in said.items()],
        environments=[
            EnvironmentSpec(name, "[" if name in optional else "") for name in environments
        ],
        prepend=True,
    )
    texts.add_context_category(
        "gristmill",
        macros=[
            MacroTextSpec(name, simplify_repl=how, discard=not how)
            for name, (_, how) in said.items()
        ],
        environments=[
            EnvironmentTextSpec(name, simplify_repl=how, discard=not how)
            for name, how in environments.items()
        ],
        prepend=True,
    )
    return walker, latex2text.LatexNodes2Text(
        latex_context=texts, math_mode="verbatim", keep_comments=False, strict_latex_spaces="macros"
    )


def _argument(node: Any, l2tobj: Any, at: int = -1) -> str:
    given = node.nodeargd.argnlist if node.nodeargd is not None else None
    return (
        str(l2tobj.nodelist_to_text([given[at]])).strip() if given and given[at] is not None else ""
    )


def _last(node: Any, l2tobj: Any) -> str:
    return _argument(node, l2tobj)


def _bracketed(node: Any, l2tobj: Any) -> str:
    said = _argument(node, l2tobj)
    return f"[{said}]" if said else ""


def _heading(node: Any, l2tobj: Any) -> str:
    return f"\n\n{_argument(node, l2tobj)}\n\n"


def _item(node: Any, l2tobj: Any) -> str:
    label = _argument(node, l2tobj)
    return f"\n\n{label or '-'} "


def _captions(node: Any, l2tobj: Any) -> str:
    """Return the captions of what floats: pictures and grids say nothing without their lines."""
    found = [each for each in _below(node) if getattr(each, "macroname", "") == "caption"]
    return "\n\n" + "\n\n".join(_argument(each, l2tobj) for each in found) + "\n\n"


def _below(node: Any) -> list[Any]:
    found: list[Any] = []
    waiting = list(reversed(getattr(node, "nodelist", None) or []))
    while waiting:
        each = waiting.pop()
        if each is not None:
            found.append(each)
            waiting += reversed(getattr(each, "nodelist", None) or [])
    return found


def _statement(name: str) -> Callable[..., str]:
    def write(node: Any, l2tobj: Any) -> str:
        given = _argument(node, l2tobj, 0)
        head = f"{name.capitalize()} ({given}). " if given else f"{name.capitalize()}. "
        return f"\n\n{head}{l2tobj.nodelist_to_text(node.nodelist)}\n\n"

    return write
