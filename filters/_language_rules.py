"""What the text says where several languages share an extension."""

from __future__ import annotations

import functools
import re
from typing import Final

HEAD: Final = 16_384  # code points that a rule may look at; enough for every real preamble

# extension -> (language, pattern that speaks for it) in order, then the language when none does;
# `None` where other things use the extension more.
# Patterns are searched line by line (re.MULTILINE), anchored or literal: none backtracks far.
_RULES: Final[dict[str, tuple[tuple[tuple[str, str], ...], str | None]]] = {
    "asc": ((("Public Key", r"^(?:----[- ]BEGIN|ssh-)"),), "AsciiDoc"),
    "b": ((("Limbo", r"^implement \w+;"), ("Brainfuck", r"^[-+<>.,\[\] ]{16}")), None),
    "cl": ((("OpenCL", r"\b__?(?:kernel|global|local)\b|^kernel void"),), "Common Lisp"),
    "cls": (
        (
            ("VBA", r"^VERSION \d|^Attribute VB_"),
            ("TeX", r"^[ \t]*[\\%]"),
            ("Apex", r"\b(?:class|interface|enum)\s+\w+"),
        ),
        "TeX",
    ),
    "cs": ((("Smalltalk", r"![\w ]+methodsFor:"),), "C#"),
    "d": (
        (
            ("DTrace", r"^(?:\w*:\w*:\w*:\w*|BEGIN|END)\s*$|^#pragma\s+D\b|^provider\s"),
            ("Makefile", r"^[^\s:#;]+\.l?o\s*:|^[^\s:;]+:\s*\\$"),
        ),
        "D",
    ),
    "f": ((("Forth", r"^: \S"),), "Fortran"),
    "fs": (
        (
            ("GLSL", r"^[ \t]*#version\b|^[ \t]*(?:uniform|varying|precision)\s|\bgl_\w+"),
            ("Forth", r"^: \S"),
        ),
        "F#",
    ),
    "g": ((("GAP", r"\bfunction\s*\(|:="),), "G-code"),
    "gd": ((("GAP", r"^[ \t]*(?:Declare|Install)[A-Z]\w+\("),), "GDScript"),
    "h": (
        (
            ("Objective-C", r"^[ \t]*(?:@(?:interface|class|protocol|property|end)|[@#]import)\b"),
            (
                "C++",
                (
                    r"^[ \t]*(?:class\s+\w|(?:inline\s+)?namespace\b|template\s*<|using\s+\w"
                    r"|constexpr\s|(?:public|private|protected)\s*:|#\s*include\s*<[a-z_]+>)"
                    r"|\bstd::"
                ),
            ),
        ),
        "C",
    ),
    "hh": ((("Hack", r"^<\?hh"),), "C++"),
    "inc": (
        (
            ("PHP", r"<\?(?:php|=|\s)"),
            ("Assembly", r"^[ \t]*(?:%define|%macro|\.macro|\.globl|section\s+\.|\w+:?\s+equ\s)"),
            ("Pascal", r"(?i)^[ \t]*(?:unit|procedure|function|uses|begin)\b|^\{\$"),
        ),
        "C++",
    ),
    "l": ((("Common Lisp", r"^[ \t]*\((?:def|in-package)"), ("Roff", r"^\.[A-Za-z]{2}\b")), "Lex"),
    "m": (
        (
            (
                "Objective-C",
                (
                    r"^[ \t]*(?:@(?:interface|implementation|protocol|import|class|end)\b"
                    r"|#\s*(?:import|include)\b|//)"
                ),
            ),
            ("Mercury", r"^:- module "),
            ("Limbo", r"^\w+\s*:\s*module\s*\{|^implement \w+;"),
            ("MATLAB", r"^[ \t]*(?:%|function\b|classdef\b|end\b|clear\b|clc\b)"),
            ("Mathematica", r"\(\*|\w\[.*\]\s*:?="),
            ("M", r"^\w+\s+;|^\s;"),
        ),
        "Objective-C",
    ),
    "m4": ((("M4Sugar", r"^[ \t]*(?:A[CM]_[A-Z]+|m4_\w+|AX_\w+)"),), "M4"),
    "md": (
        (("GCC Machine Description", r"^\(define_(?:insn|expand|attr|c_enum|split)"),),
        "Markdown",
    ),
    "ml": (
        (("Standard ML", r"^[ \t]*(?:structure|signature|functor)\s+\w+[^=\n]*=|^[ \t]*fun\s+\w"),),
        "OCaml",
    ),
    "mod": (
        (
            ("XML", r"<\?xml|<!ENTITY|<!ELEMENT"),
            ("Modula-2", r"^[ \t]*(?:DEFINITION |IMPLEMENTATION )?MODULE\s+\w"),
            ("Linux Kernel Module", r"\A\S+\.k?o\b"),
        ),
        None,
    ),
    "php": ((("Hack", r"\A(?:#!.*\n)?<\?hh"),), "PHP"),
    "pl": (
        (
            ("Raku", r"^[ \t]*(?:use\s+v6\b|(?:grammar|role)\s+\w)|\A#!.*(?:raku|perl6)"),
            (
                "Perl",
                (
                    r"^[ \t]*(?:use\s+(?:strict|warnings|lib|v?5|[A-Z])|my\s*[$@%(]|sub\s+\w"
                    r"|package\s)|\A#!.*perl"
                ),
            ),
            ("Prolog", r"^[ \t]*:-|^[a-z]\w*(?:\(.*\))?\s*(?:-->|:-)|^[a-z]\w*\(.*\)\.\s*$"),
        ),
        "Perl",
    ),
    "pp": ((("Pascal", r"(?i)^[ \t]*(?:unit|program|uses|procedure)\b[^{=>]*$"),), "Puppet"),
    "pro": (
        (
            ("QMake", r"^[ \t]*(?:HEADERS|SOURCES|TEMPLATE|QT|CONFIG|TARGET|SUBDIRS)\s*[+-]?="),
            ("Prolog", r"^[a-z]\w*(?:\(.*\))?\s*:-|^:-"),
        ),
        "IDL",
    ),
    "r": ((("Rebol", r"(?i)^[ \t]*rebol\s*\["),), "R"),
    "rs": ((("XML", r"\A\s*<"),), "Rust"),
    "sc": (
        (("SuperCollider", r"\bSynthDef\b|^[ \t]*\^this\b|\|\s*\w+\s*\||^\+\s*[A-Z]\w+\s*\{"),),
        "Scala",
    ),
    "scd": ((("SuperCollider", r"\bSynthDef\b|\.play\b|^\($|\{\s*\|"),), "Markdown"),
    "sql": (
        (
            ("PLpgSQL", r"(?i)\blanguage\s+'?plpgsql\b"),
            ("PLSQL", r"(?i)\b(?:varchar2|pls_integer|dbms_\w+|sysdate)\b|%(?:row)?type\b"),
            ("TSQL", r"(?i)^[ \t]*GO\s*;?\s*$|\bnvarchar\b|\[dbo\]|@@\w+|\bdeclare\s+@"),
        ),
        "SQL",
    ),
    "t": ((("Raku", r"^[ \t]*use\s+v6\b|\A#!.*(?:raku|perl6)"),), "Perl"),
    "ts": ((("XML", r"\A\s*<(?:\?xml|!DOCTYPE TS|TS\b)"),), "TypeScript"),
    "tsx": ((("XML", r"\A\s*<(?:\?xml|tileset)"),), "TSX"),
    "v": (
        (
            (
                "Rocq Prover",
                (
                    r"^[ \t]*(?:Require|Proof|Qed|Lemma|Theorem|Definition|Fixpoint|Inductive"
                    r"|Section|From)\b.*\."
                ),
            ),
            ("V", r"^(?:pub\s+)?fn\s|^module\s+\w+\s*$|^import\s+[\w.]+\s*$"),
        ),
        "Verilog",
    ),
    "yy": ((("JSON", r"\A\s*[{\[]"),), "Yacc"),
}  # fmt: skip
# Man page sections are extensions too, and so are the versions of libraries and rotated logs.
_ROFF: Final = r"^[.']\s*(?:\\\"|T[Hh]\b|D[dt]\b|S[Hh]\b|so\b|ds\b|de\b)"
_ROFF_EXTENSIONS: Final = frozenset(
    [
        "1",
        "1in",
        "1m",
        "1x",
        "2",
        "3",
        "3in",
        "3m",
        "3p",
        "3pm",
        "3qt",
        "3x",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "man",
        "me",
        "ms",
        "n",
        "nr",
    ]
)


def has_rule(extension: str) -> bool:
    """Whether the text decides about this extension (no leading dot, lower case)."""
    return extension in _RULES or extension in _ROFF_EXTENSIONS


def decide(extension: str, text: str) -> str | None:
    """Name the language that the text speaks for, `None` where it denies the only candidate."""
    head = text[:HEAD]
    if extension in _ROFF_EXTENSIONS:
        return "Roff" if _roff().search(head) is not None else None
    patterns, otherwise = _compiled(extension)
    for language, pattern in patterns:
        if pattern.search(head) is not None:
            return language
    return otherwise


@functools.cache
def _roff() -> re.Pattern[str]:
    return re.compile(_ROFF, re.MULTILINE)


@functools.cache
def _compiled(extension: str) -> tuple[tuple[tuple[str, re.Pattern[str]], ...], str | None]:
    patterns, otherwise = _RULES[extension]
    return tuple((name, re.compile(each, re.MULTILINE)) for name, each in patterns), otherwise
