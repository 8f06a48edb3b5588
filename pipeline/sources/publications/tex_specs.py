"""What pylatexenc makes of the commands that papers have, beside its own tables."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

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
def contexts() -> tuple[Any, Any]:
    """Return what pylatexenc reads TeX by, and what writes text of it: its own tables, and those above before them."""
    from pylatexenc import latex2text, latexwalker  # noqa: PLC0415  papers alone need it
    from pylatexenc.latex2text import EnvironmentTextSpec, MacroTextSpec  # noqa: PLC0415  see above
    from pylatexenc.macrospec import EnvironmentSpec, MacroSpec  # noqa: PLC0415  see above

    macros, environments = _macros(), _environments()
    walker = latexwalker.get_default_latex_context_db()
    texts = latex2text.get_default_latex_context_db()
    optional = {*_FLOATS.split(), *_STATEMENTS.split()}
    walker.add_context_category(
        "gristmill",
        macros=[MacroSpec(name, args) for name, (args, _) in macros.items()],
        environments=[
            EnvironmentSpec(name, "[" if name in optional else "") for name in environments
        ],
        prepend=True,
    )
    texts.add_context_category(
        "gristmill",
        macros=[
            MacroTextSpec(name, simplify_repl=how, discard=not how)
            for name, (_, how) in macros.items()
        ],
        environments=[
            EnvironmentTextSpec(name, simplify_repl=how, discard=not how)
            for name, how in environments.items()
        ],
        prepend=True,
    )
    writer = latex2text.LatexNodes2Text(
        latex_context=texts, math_mode="verbatim", keep_comments=False, strict_latex_spaces="macros"
    )
    return walker, writer


def _macros() -> dict[str, tuple[str, Any]]:
    """Return the arguments of each command, as pylatexenc spells them, and what becomes of it; nothing, if empty."""
    said: dict[str, tuple[str, Any]] = {
        name: (spec, "") for spec, names in _LEFT_OUT.items() for name in names.split()
    }
    said |= dict.fromkeys(_TEXTUAL.split(), ("*[[{", _bracketed))
    said |= dict.fromkeys(_REFERENCES.split(), ("*{", _bracketed))
    said |= dict.fromkeys(_WORDS.split(), ("{", _last))
    said |= dict.fromkeys(_HEADINGS.split(), ("*[{", _heading))
    said |= {"caption": ("*[{", _heading), "item": ("[", _item)}
    said |= {"href": ("{{", _last), "textcolor": ("{{", _last), "url": ("{", _last)}
    return said | {name: ("", name) for name in ("TeX", "LaTeX", "LaTeXe", "BibTeX")}


def _environments() -> dict[str, Any]:
    found: dict[str, Any] = dict.fromkeys(_FLOATS.split(), _captions) | dict.fromkeys(
        _DROPPED.split(), ""
    )
    return found | {name: _statement(name) for name in _STATEMENTS.split()}


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
