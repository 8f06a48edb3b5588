"""Assemble the text of an XML record: paragraphs with a blank line between them, words with one blank.

What the formats have in common is done here: scripts, formulas, citations by number, labels, lists.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.sources.publications.mathml import latex_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.sources.publications.xml_tree import Element

_SPACES: Final = re.compile(r"[ \t\r\n]+")
# U+0000 and U+0001 cannot stand in XML: between them stands a citation by number.
_CITED: Final = r"\x00[^\x00\x01]*\x01"
_AND: Final = r"[ \t\r\n,;\u2010-\u2015-]*+"
_CITATIONS: Final = re.compile(rf"{_AND}(?:{_CITED}{_AND})++")
_BRACKET: Final = rf" ?[\[(] ?(?:{_CITED}{_AND})++[\])]"
_BRACKETS: Final = rf"{_BRACKET}(?:[,;\u2010-\u2015-]?{_BRACKET})*"
_IN_BRACKETS: Final = re.compile(
    rf"(?<=\.){_BRACKETS}\.|{_BRACKETS}"
)  # of "al. [1]." one stop stays
_NUMBERS: Final = re.compile(
    r"[\[(]?[0-9]{1,4}[a-z]?(?:[ ,;\u2010-\u2015-]+[0-9]{1,4}[a-z]?)*[\])]?"
)
_RAISED: Final = str.maketrans("0123456789+-\u2212=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED: Final = str.maketrans("0123456789+-\u2212=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_TEX_BODY: Final = r"\begin{document}"
_TEX_END: Final = r"\end{document}"
_DELIMITERS: Final = (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)"))


def words(*said: str) -> frozenset[str]:
    """Return the words of some lines: names of elements."""
    return frozenset(" ".join(said).split())


class Rules(NamedTuple):
    """How the elements of a format are read, by name; what is in none of these is part of the line around it.

    `blocks` are paragraphs or hold such; `items` are paragraphs that a hyphen goes before; `verbatim` keep their
    lines; `labels` go before the paragraph that follows; `formulas` hold TeX or MathML, and stand by themselves
    where `displayed`. A `reference` whose `ref-type` is `cited` goes where it is a number and stays where it is
    a name, one to what is `noted` elsewhere goes.
    """

    blocks: frozenset[str]
    items: frozenset[str] = frozenset()
    verbatim: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    formulas: frozenset[str] = frozenset()
    displayed: frozenset[str] = frozenset()
    reference: str = ""
    cited: frozenset[str] = frozenset()
    noted: frozenset[str] = frozenset()


def paragraphs(elements: Iterable[Element], rules: Rules) -> list[str]:
    """Return the paragraphs of some elements, each of which begins a new one."""
    writer = _Writer(rules)
    for each in elements:
        writer.walk(each)
        writer.end_paragraph()
    return writer.done


class _Writer:
    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._line: list[str] = []
        self._label = ""
        self.done: list[str] = []

    def walk(self, element: Element) -> None:
        """Add what is in an element."""
        name, rules = element.name, self._rules
        is_block = name in rules.blocks
        if is_block:
            self.end_paragraph()
        if name in rules.items:
            self._label = "- "
        if name in rules.labels:
            self._label = f"{element.text()} " if element.text() else self._label
        elif name in rules.verbatim:
            self.end_paragraph()
            self._add_lines(element.raw())
        else:
            self._inside(element)
        if is_block:
            self.end_paragraph()
            self._label = "" if name not in rules.labels else self._label

    def _inside(self, element: Element) -> None:
        read = self._inline(element)
        if read is not None:
            self._line.append(read)
            return
        for each in element.parts:
            if isinstance(each, str):
                self._line.append(each)
            else:
                self.walk(each)

    def _inline(self, element: Element) -> str | None:
        """Return what stands for an element within a line; `None` where that is what is in it."""
        name = element.name
        if name in {"sup", "sub", "sup2", "sub2"}:
            return _script(name, self._flat(element))
        if name in {"br", "break"}:
            return " "
        if name in self._rules.formulas:
            return formula(element, displayed=name in self._rules.displayed) or None
        if name == self._rules.reference:
            return self._refer(element)
        return None

    def _refer(self, element: Element) -> str | None:
        kind = element.attributes.get("ref-type", "")
        if kind in self._rules.noted:
            return ""
        return self._cite(element) if kind in self._rules.cited else None

    def _flat(self, element: Element) -> str:
        """Return what is within a line, of elements that begin no other."""
        said = []
        for each in element.parts:
            read = each if isinstance(each, str) else self._inline(each)
            said.append(
                self._flat(each) if read is None and not isinstance(each, str) else read or ""
            )
        return "".join(said)

    def _cite(self, element: Element) -> str:
        cited = element.text()
        if not cited:
            return ""
        if _NUMBERS.fullmatch(cited) is None:
            return self._flat(element)
        if element.all("sup"):
            return ""
        opened, closed = ("[", "]") if cited[0] in "[(" else ("", "")
        return f"{opened}\0{cited.strip('[]()')}\1{closed}"

    def _add_lines(self, text: str) -> None:
        lines = [line.rstrip() for line in text.replace("\r\n", "\n").expandtabs().split("\n")]
        kept = "\n".join(lines).strip("\n")
        if kept.strip():
            self.done.append(kept)

    def end_paragraph(self) -> None:
        """Close the paragraph that is open, if there is anything in it."""
        text = _SPACES.sub(" ", "".join(self._line))
        self._line.clear()
        if "\0" in text:
            text = _IN_BRACKETS.sub("", text).replace("\0", "").replace("\1", "")
        text = text.strip(" ")
        if text:
            self.done.append(self._label + text)
            self._label = ""


def _script(name: str, text: str) -> str:
    """Write a script with the characters that Unicode has for it, where it has all of them; else as it is."""
    if "\0" in text:
        return "" if _CITATIONS.fullmatch(text) else text
    table = _RAISED if name.startswith("sup") else _LOWERED
    return text.translate(table) if all(ord(each) in table for each in text) else text


def formula(element: Element, *, displayed: bool) -> str:
    """Return a formula as TeX between dollars, as the author gave it or made of MathML; `""` where it is in neither."""
    given = next((each.raw() for each in element.all("tex-math")), "")
    if element.name == "tex-math":
        given = element.raw()
    found = _bare(given) if given.strip() else ""
    if not found:
        maths = [element] if element.name == "math" else element.all("math")
        found = latex_of(maths[0]) if maths else ""
    if not found:
        return ""
    return f"$${found}$$" if displayed else f"${found}$"


def _bare(tex: str) -> str:
    """Return a formula without the document and the delimiters around it."""
    if _TEX_BODY in tex:
        tex = tex.partition(_TEX_BODY)[2].rpartition(_TEX_END)[0] or tex.partition(_TEX_BODY)[2]
    tex = _SPACES.sub(" ", tex).strip()
    for opened, closed in _DELIMITERS:
        if tex.startswith(opened) and tex.endswith(closed) and len(tex) >= len(opened + closed):
            return tex[len(opened) : len(tex) - len(closed)].strip()
    return tex
