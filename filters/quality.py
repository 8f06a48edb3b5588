"""Quality rules from the literature as filters, each threshold a field, each drop with its figure.

None runs unless asked for. They are made for running text: code, tables and languages without
blanks between words fail Gopher's word rules by design.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

import msgspec

from filters._text_statistics import (
    NGrams,
    line_figures,
    repeated,
    sentence_count,
    share,
    word_figures,
)
from filters.document import KEEP, Document, Verdict, drop

if TYPE_CHECKING:
    from collections.abc import Iterable

_STOP_WORDS: Final = ("the", "be", "to", "of", "and", "that", "have", "with")
_TERMINAL: Final = (".", "!", "?", '"', "”", "。", "！", "？")  # noqa: RUF001  full-width signs end lines too


class GopherQuality(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Gopher's rules for pages of natural language; the defaults are the paper's.

    Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training Gopher"
    (arXiv:2112.11446), appendix A.1.1, "Quality Filtering".
    """

    stage: ClassVar[str] = "quality"
    name: ClassVar[str] = "gopher"

    min_words: int = 50
    max_words: int = 100_000
    min_mean_length: float = 3.0
    max_mean_length: float = 10.0
    max_symbols: float = 0.1
    max_bulleted: float = 0.9
    max_ellipsis: float = 0.3
    min_alphabetic: float = 0.8
    min_stop_words: int = 2
    stop_words: tuple[str, ...] = _STOP_WORDS

    def judge(self, document: Document, /) -> Verdict:
        """Keep the document, or drop it for the first rule that it fails."""
        text = document.text
        found = word_figures(text, text.split(), frozenset(self.stop_words))
        rules = (
            ("words", found.total, self.min_words, self.max_words),
            ("mean-length", found.mean_length, self.min_mean_length, self.max_mean_length),
            ("symbols", found.symbols, 0.0, self.max_symbols),
            ("alphabetic", found.alphabetic, self.min_alphabetic, 1.0),
            ("stop-words", found.stop_words, self.min_stop_words, len(self.stop_words)),
        )
        for rule, figure, least, most in rules:
            if not least <= figure <= most:
                return _drop(self.name, rule, figure)
        lines = line_figures(text)
        if lines.bulleted > self.max_bulleted:
            return _drop(self.name, "bulleted", lines.bulleted)
        if lines.ellipsis > self.max_ellipsis:
            return _drop(self.name, "ellipsis", lines.ellipsis)
        return KEEP


class GopherRepetition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Gopher's bounds on repetition: the same paper, table A1, "Repetition Removal".

    `top_ngrams` bound the characters inside the commonest 2- to 4-gram, `repeated_ngrams` those
    inside any 5- to 10-gram that occurred before, all as shares of the text's characters.
    """

    stage: ClassVar[str] = "quality"
    name: ClassVar[str] = "gopher-repetition"

    max_lines: float = 0.30
    max_paragraphs: float = 0.30
    max_line_characters: float = 0.20
    max_paragraph_characters: float = 0.20
    top_ngrams: tuple[tuple[int, float], ...] = ((2, 0.20), (3, 0.18), (4, 0.16))
    repeated_ngrams: tuple[tuple[int, float], ...] = (
        (5, 0.15),
        (6, 0.14),
        (7, 0.13),
        (8, 0.12),
        (9, 0.11),
        (10, 0.10),
    )

    def judge(self, document: Document, /) -> Verdict:
        """Keep the document, or drop it for the first rule that it fails."""
        text = document.text
        for kind, limit, character_limit in (
            ("lines", self.max_lines, self.max_line_characters),
            ("paragraphs", self.max_paragraphs, self.max_paragraph_characters),
        ):
            parts, characters = repeated(text, paragraphs=kind == "paragraphs")
            if parts > limit:
                return _drop(self.name, kind, parts)
            if characters > character_limit:
                return _drop(self.name, f"{kind[:-1]}-characters", characters)
        return self._judge_ngrams(text)

    def _judge_ngrams(self, text: str) -> Verdict:
        ngrams = NGrams(text.split())
        for n, limit in self.top_ngrams:
            figure = share(ngrams.top_characters(n), len(text))
            if figure > limit:
                return _drop(self.name, f"top-{n}-gram", figure)
        for n, limit in self.repeated_ngrams:
            figure = share(ngrams.repeated_characters(n), len(text))
            if figure > limit:
                return _drop(self.name, f"repeated-{n}-gram", figure)
        return KEEP


class C4(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """C4's rules that drop a page whole.

    Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text
    Transformer" (arXiv:1910.10683), section 2.2. The paper also cuts single lines; a filter never
    edits, so such lines only do not count as sentences here. Its word list is left out.
    """

    stage: ClassVar[str] = "quality"
    name: ClassVar[str] = "c4"

    min_sentences: int = 5
    min_line_words: int = 3
    curly_bracket: bool = True
    lorem_ipsum: bool = True

    def judge(self, document: Document, /) -> Verdict:
        """Keep the document, or drop it for the first rule that it fails."""
        text = document.text
        if self.curly_bracket and "{" in text:
            return _drop(self.name, "curly-bracket", text.count("{"))
        if self.lorem_ipsum and "lorem ipsum" in text.lower():
            return _drop(self.name, "lorem-ipsum", 1)
        sentences = _c4_sentences(text, self.min_line_words)
        if sentences < self.min_sentences:
            return _drop(self.name, "sentences", sentences)
        return KEEP


QualityFilter: TypeAlias = GopherQuality | GopherRepetition | C4
QUALITY_FILTERS: Final[tuple[QualityFilter, ...]] = (GopherQuality(), GopherRepetition(), C4())


def quality_filters(names: Iterable[str]) -> tuple[QualityFilter, ...]:
    """Give the filters of these names with their papers' thresholds, in the order given.

    Raises `ValueError` that names every unknown one, with a suggestion.
    """
    known = {each.name: each for each in QUALITY_FILTERS}
    wanted = list(names)
    mistakes = [_unknown(name, known) for name in wanted if name not in known]
    if mistakes:
        raise ValueError("quality: " + "; ".join(mistakes))
    return tuple(known[name] for name in wanted)


def scores(text: str) -> dict[str, float]:
    """Every figure that the filters judge by, under the names that their reasons use."""
    words = text.split()
    found = word_figures(text, words, frozenset(_STOP_WORDS))
    lines = line_figures(text)
    repeated_lines, line_characters = repeated(text, paragraphs=False)
    repeated_paragraphs, paragraph_characters = repeated(text, paragraphs=True)
    ngrams = NGrams(words)
    length = len(text)
    return {
        "words": float(found.total),
        "mean-length": found.mean_length,
        "symbols": found.symbols,
        "alphabetic": found.alphabetic,
        "stop-words": float(found.stop_words),
        "bulleted": lines.bulleted,
        "ellipsis": lines.ellipsis,
        "lines": repeated_lines,
        "line-characters": line_characters,
        "paragraphs": repeated_paragraphs,
        "paragraph-characters": paragraph_characters,
        **{f"top-{n}-gram": share(ngrams.top_characters(n), length) for n in range(2, 5)},
        **{
            f"repeated-{n}-gram": share(ngrams.repeated_characters(n), length) for n in range(5, 11)
        },
        "curly-bracket": float(text.count("{")),
        "lorem-ipsum": float("lorem ipsum" in text.lower()),
        "sentences": float(_c4_sentences(text, C4().min_line_words)),
    }


def _c4_sentences(text: str, min_words: int) -> int:
    """Count sentences on lines that C4 retains: punctuated, long enough, no script notice."""
    kept = 0
    for raw in text.split("\n"):
        line = raw.strip()
        whole = line.endswith(_TERMINAL) and not line.endswith("...")
        if whole and len(line.split()) >= min_words and "javascript" not in line.lower():
            kept += max(1, sentence_count(line))
    return kept


def _drop(name: str, rule: str, figure: float) -> Verdict:
    return drop(f"{name}:{rule}", figure=round(figure, 6))


def _unknown(name: str, known: dict[str, QualityFilter]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"
    return f"no filter is called {name!r}{hint}"
