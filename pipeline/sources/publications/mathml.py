"""Write presentation MathML as TeX, which is what models meet in papers; a formula without its structure is noise.

The elements of MathML 3 that papers and patents have, no more: of any other what is in it stands one behind the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.sources.publications.xml_tree import Element

_SPECIAL: Final = {each: "\\" + each for each in "#$%&_{}"} | {
    "\\": r"\backslash ",
    "~": r"\sim ",
    "^": r"\hat{}",
}
_FENCES: Final = {"{": r"\{", "}": r"\}"}
_ACCENTS: Final = {
    "^": r"\hat", "\u0302": r"\hat", "\u02c6": r"\hat", "¯": r"\bar", "\u0304": r"\bar", "‾": r"\overline",
    "~": r"\tilde", "\u02dc": r"\tilde", "→": r"\vec", "\u20d7": r"\vec", "˙": r"\dot",
    "\u0307": r"\dot", ".": r"\dot", "¨": r"\ddot", "\u0308": r"\ddot",
}  # fmt: skip
# How many arguments an element takes, and what is written of them.
_FORMS: Final = {
    "mfrac": (2, r"\frac{%s}{%s}"),
    "mroot": (2, r"\sqrt[%s]{%s}"),
    "msup": (2, "%s^{%s}"),
    "msub": (2, "%s_{%s}"),
    "msubsup": (3, "%s_{%s}^{%s}"),
    "munder": (2, "%s_{%s}"),
    "mover": (2, "%s^{%s}"),
    "munderover": (3, "%s_{%s}^{%s}"),
}
_BARE: Final = frozenset({"msup", "msub", "msubsup", "munder", "mover", "munderover"})
_LEFT_OUT: Final = frozenset({"annotation", "annotation-xml", "mphantom", "none", "mprescripts"})


def latex_of(element: Element) -> str:
    """Return the TeX of a formula, `""` of an empty one; TeX that is given beside it comes first."""
    given = (
        each.raw().strip()
        for each in element.all("annotation")
        if "tex" in each.attributes.get("encoding", "").lower()
    )
    return next((each for each in given if each), "") or " ".join(_row(element).split())


def _row(element: Element) -> str:
    return "".join(map(_write, element.children()))


def _write(element: Element) -> str:
    name = element.name
    if name in _LEFT_OUT:
        return ""
    reader = _READERS.get(name)
    if reader is not None:
        return reader(element)
    count, form = _FORMS.get(name, (0, ""))
    children = [each for each in element.children() if each.name not in _LEFT_OUT]
    if not count or len(children) != count:
        return _row(element)
    return _form(name, form, children)


def _form(name: str, form: str, children: list[Element]) -> str:
    said = [_write(each).strip() for each in children]
    accent = _ACCENTS.get(children[1].raw().strip()) if name == "mover" else None
    if accent is not None:
        return f"{accent}{{{said[0]}}}"
    if name == "mroot":
        said.reverse()
    if name in _BARE and not _is_single(said[0]):
        said[0] = f"{{{said[0]}}}"
    return form % tuple(said)


def _is_single(text: str) -> bool:
    is_command = text.startswith("\\") and text[1:].isalpha()
    return len(text) == 1 or is_command or text.isdigit()


def _token(element: Element) -> str:
    text = " ".join(element.raw().split())
    written = "".join(_SPECIAL.get(each, each) for each in text)
    if element.name == "mtext":
        return rf"\text{{{written}}}" if text else " "
    if element.name == "mi" and len(text) > 1 and text.isalpha():
        return rf"\mathrm{{{written}}}"
    return written


def _fenced(element: Element) -> str:
    opened, closed = (
        element.attributes.get(key, usual) for key, usual in (("open", "("), ("close", ")"))
    )
    inner = ",".join(map(_write, element.children()))
    return _FENCES.get(opened, opened) + inner + _FENCES.get(closed, closed)


def _table(element: Element) -> str:
    rows = (
        " & ".join(map(_row, each.children("mtd")))
        for each in element.children("mtr", "mlabeledtr")
    )
    return r"\begin{matrix}" + r" \\ ".join(rows) + r"\end{matrix}"


_READERS: Final[dict[str, Callable[[Element], str]]] = {
    **dict.fromkeys(("mi", "mn", "mo", "mtext", "ms"), _token),
    "mspace": lambda _: " ",
    "msqrt": lambda element: rf"\sqrt{{{_row(element)}}}",
    "mfenced": _fenced,
    "mtable": _table,
}
