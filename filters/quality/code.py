"""BigCode's rules for files of code."""

from __future__ import annotations

from typing import ClassVar

from filters.quality.rule import Kind, Limit, Rule, RuleFilter


class Code(RuleFilter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The long-line, generated-file, alphabetic, encoded-data and data-file rules of The Stack v2.

    Lozhkov et al. 2024, "StarCoder 2 and The Stack v2: The Next Generation" (arXiv:2402.19173),
    section 2.2; the first two are those of Kocetkov et al. 2022, "The Stack" (arXiv:2211.15533).
    In `long_line_languages` only a line beyond `max_line_of_data` counts, in `symbol_languages`
    digits count as letters do. What is different: bytes in hexadecimal may have a comma and a blank
    between them, generated files are told as the tags tell them, and lines too short for base64 are
    none, such as a column of words. Vendored files go only if asked for.
    """

    name: ClassVar[str] = "code"
    kind: ClassVar[Kind] = "code"
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("generated", "max_generated"),
        Rule("vendored", "max_vendored"),
        Rule("code-lines", "max_lines"),
        Rule("mean-line", "max_mean_line", spared="long_line_languages"),
        Rule("longest-line", "max_line", spared="long_line_languages"),
        Rule("longest-line-of-data", "max_line_of_data", only="long_line_languages"),
        Rule("alphabetic-characters", "min_alphabetic", least=True, spared="symbol_languages"),
        Rule("alphanumeric", "min_alphabetic", least=True, only="symbol_languages"),
        Rule("encoded-run", "max_encoded_run"),
        Rule("encoded", "max_encoded"),
        Rule("data-lines", "max_data_lines", only="data_languages"),
    )

    languages: tuple[str, ...] = ("*",)
    max_generated: Limit = 0
    max_vendored: Limit = "off"
    max_lines: Limit = 100_000
    max_mean_line: Limit = 100
    max_line: Limit = 1000
    max_line_of_data: Limit = 100_000
    min_alphabetic: Limit = 0.25
    max_encoded_run: Limit = 1024
    max_encoded: Limit = 0.5
    max_data_lines: Limit = 512
    long_line_languages: tuple[str, ...] = (
        "HTML", "JSON", "Roff", "SMT", "TeX", "XML",
    )  # fmt: skip
    symbol_languages: tuple[str, ...] = ("Motorola 68K Assembly", "WebAssembly")
    data_languages: tuple[str, ...] = ("JSON", "YAML", "Web Ontology Language", "Graphviz (DOT)")
