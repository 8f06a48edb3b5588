"""Gopher's two sets of rules for pages of natural language.

Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training Gopher"
(arXiv:2112.11446), appendix A.1.1. The defaults are the paper's.
"""

from __future__ import annotations

from typing import ClassVar

from filters.quality.figures import REPEATED, STOP_WORDS, TOP, Measures
from filters.quality.rule import Kind, Limit, Rule, RuleFilter


class GopherQuality(RuleFilter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The paper's "Quality Filtering". English by default, as its stop words are; `und` is mostly no language at all.

    Words are those of `word_kernels`; of the count and the mean length bare signs are left out, as
    in datatrove. Of all words a share must have a letter.
    """

    name: ClassVar[str] = "gopher"
    kind: ClassVar[Kind] = "prose"
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("words", "min_words", least=True),
        Rule("words", "max_words"),
        Rule("mean-length", "min_mean_length", least=True),
        Rule("mean-length", "max_mean_length"),
        Rule("symbols", "max_symbols"),
        Rule("alphabetic", "min_alphabetic", least=True),
        Rule("stop-words", "min_stop_words", least=True),
        Rule("bulleted", "max_bulleted"),
        Rule("ellipsis", "max_ellipsis"),
    )

    languages: tuple[str, ...] = ("en", "und")
    min_words: Limit = 50
    max_words: Limit = 100_000
    min_mean_length: Limit = 3
    max_mean_length: Limit = 10
    max_symbols: Limit = 0.1
    max_bulleted: Limit = 0.9
    max_ellipsis: Limit = 0.3
    min_alphabetic: Limit = 0.8
    min_stop_words: Limit = 2
    stop_words: tuple[str, ...] = STOP_WORDS

    @property
    def measures(self) -> Measures:
        """The stop words are part of the figures."""
        return Measures(stop_words=self.stop_words)


class GopherRepetition(RuleFilter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The paper's "Repetition Removal", table A1: shares of lines and paragraphs, and of the text's code points.

    `max_top` bound the commonest run of so many words, `max_repeated` what is in runs that occurred
    before. Runs of words say nothing where words are not set apart.
    """

    name: ClassVar[str] = "gopher-repetition"
    kind: ClassVar[Kind] = "prose"
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("lines", "max_lines"),
        Rule("line-characters", "max_line_characters"),
        Rule("paragraphs", "max_paragraphs"),
        Rule("paragraph-characters", "max_paragraph_characters"),
        *(Rule(f"top-{n}-gram", f"max_top_{n}_gram") for n in TOP),
        *(Rule(f"repeated-{n}-gram", f"max_repeated_{n}_gram") for n in REPEATED),
    )

    languages: tuple[str, ...] = ("spaced",)
    max_lines: Limit = 0.30
    max_paragraphs: Limit = 0.30
    max_line_characters: Limit = 0.20
    max_paragraph_characters: Limit = 0.20
    max_top_2_gram: Limit = 0.20
    max_top_3_gram: Limit = 0.18
    max_top_4_gram: Limit = 0.16
    max_repeated_5_gram: Limit = 0.15
    max_repeated_6_gram: Limit = 0.14
    max_repeated_7_gram: Limit = 0.13
    max_repeated_8_gram: Limit = 0.12
    max_repeated_9_gram: Limit = 0.11
    max_repeated_10_gram: Limit = 0.10
