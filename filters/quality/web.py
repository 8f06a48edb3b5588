"""Rules for pages of the web: C4's and FineWeb's."""

from __future__ import annotations

from typing import ClassVar

from filters.quality.figures import Measures
from filters.quality.rule import Kind, Limit, Rule, RuleFilter


class C4(RuleFilter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """C4's rules that drop a page whole.

    Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text
    Transformer" (arXiv:1910.10683), section 2.2, in the order of its own code (tensorflow_datasets,
    c4_utils.py). There a line goes unless it ends a sentence and has three words, and if it speaks of
    Javascript or of cookies and terms of use; only lines that stay are asked for filler text, for
    curly brackets and for sentences. A filter never edits: here these lines stay in the text and only
    do not count. The list of bad words is left out.
    """

    name: ClassVar[str] = "c4"
    kind: ClassVar[Kind] = "prose"
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("curly-bracket", "max_curly_brackets"),
        Rule("lorem-ipsum", "max_lorem_ipsum"),
        Rule("sentences", "min_sentences", least=True),
    )

    languages: tuple[str, ...] = ("en", "und")
    min_sentences: Limit = 5
    max_curly_brackets: Limit = 0
    max_lorem_ipsum: Limit = 0


class FineWeb(RuleFilter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """FineWeb's own three rules, and the bound on line breaks of its code.

    Penedo et al. 2024, "The FineWeb Datasets: Decanting the Web for the Finest Text Data at Scale"
    (arXiv:2406.17557), section 3.6: too few lines end a sentence (`min_terminal_lines`), too much
    of the text is in lines that occurred before (`max_duplicate_characters`), too many lines have
    `short_line` code points or fewer (`max_short_lines`). `max_newlines` is in breaks for each word.
    """

    name: ClassVar[str] = "fineweb"
    kind: ClassVar[Kind] = "prose"
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("terminal-lines", "min_terminal_lines", least=True),
        Rule("short-lines", "max_short_lines"),
        Rule("duplicate-characters", "max_duplicate_characters"),
        Rule("newlines", "max_newlines"),
    )

    languages: tuple[str, ...] = ("en", "und")
    min_terminal_lines: Limit = 0.12
    max_short_lines: Limit = 0.67
    max_duplicate_characters: Limit = 0.01
    max_newlines: Limit = 0.3
    short_line: int = 30

    @property
    def measures(self) -> Measures:
        """How long a short line is makes the figures."""
        return Measures(short_line=self.short_line)
