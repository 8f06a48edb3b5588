"""Tell values that may be secrets from placeholders, templates, words and references."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Final

from detect_secrets.filters import heuristic

# Words that mark a token as a specimen, whatever its format.
_SPECIMEN: Final = re.compile(
    r"example|placeholder|redacted|your[-_ ]?|insert|replace|x{4,}|\*{3,}|\.{3}|…|<|>|"
    r"(?:0123456789|1234567890|abcdefgh)",
    re.IGNORECASE,
)
# One character six times over; a random 64-digit hex string holds such a run once in 20,000.
_RUN: Final = re.compile(r"(.)\1{5}")
# Words that mark a password as no password.
_DUMMY: Final = re.compile(
    r"change.?(?:me|it|this)|dummy|sample|foo|bar\b|baz|test|todo|fixme|enter|default|fake|mock|"
    r"invalid|wrong|passw|pass(?:phrase)?\d*\b|secret|token|api.?key|access.?key|private.?key|"
    r"hunter2|12345|qwerty|undefined|null|none|true|false|xxx|hidden|masked|secure|"
    r"password|user|admin$|root$|demo|string|value",
    re.IGNORECASE,
)
_TEMPLATE: Final = re.compile(r"[{}]|\$\w|\$\(|%\(|%[sdr]|<[^>]*>|\[\[|@@|#\{|^\$|^@")
# `self.password`, `os.environ`, `module::name`, `a/b/c`, `kebab-case`: words joined by separators
_WORDS: Final = re.compile(r"[^\W\d_]*(?:[\s_.:/\\,;|()\[\]-]+[^\W\d_]*\d{0,2})*\d{0,2}")
_PATH: Final = re.compile(r"://|^\.{0,2}/|^~/|^[A-Za-z]:\\|\w\.\w{2,4}$|\(|\)")
# What follows an assignment and looks like a call or a subscript; the same question as
# detect-secrets' is_indirect_reference asks, without its quadratic run-up.
_REFERENCE: Final = re.compile(r"(?::=?|[!=]{1,3})\s*[\w.-]+[\[(][^\v]*[\])]")
_REFERENCE_LINE: Final = 1000

MIN_PASSWORD: Final = 6
MIN_PASSPHRASE: Final = 12
MAX_PASSWORD: Final = 200
MIN_DISTINCT: Final = 7


def is_specimen(token: str) -> bool:
    """Tell whether a provider token is a documentation specimen rather than a real one."""
    return (
        len(set(token)) < MIN_DISTINCT
        or _RUN.search(token) is not None
        or _SPECIMEN.search(token) is not None
        or heuristic.is_sequential_string(token)
    )


def is_filtered(value: str, line: str) -> bool:
    """Apply detect-secrets' default filters on a value and its line.

    Its functions are called directly: its settings are process-global and mutable. Left out are
    the allow-list comments (a source must not switch off its own redaction) and file names.
    """
    return (
        heuristic.is_sequential_string(value)
        or heuristic.is_potential_uuid(value)
        or heuristic.is_templated_secret(value)
        or heuristic.is_prefixed_with_dollar_sign(value)
        or heuristic.is_not_alphanumeric_string(value)
        or is_indirect_reference(line)
    )


def is_indirect_reference(line: str) -> bool:
    """Tell whether a line assigns the result of a call or a subscript, no literal."""
    return len(line) <= _REFERENCE_LINE and _REFERENCE.search(line) is not None


def is_passphrase(value: str) -> bool:
    """Tell whether letters alone are plausibly a credential where nothing else can stand: in a login."""
    return (
        MIN_PASSPHRASE <= len(value) <= MAX_PASSWORD
        and value.isalpha()
        and _RUN.search(value) is None
        and _DUMMY.search(value) is None
        and _SPECIMEN.search(value) is None
    )


def is_password(value: str) -> bool:
    """Tell whether the value of a keyword assignment is plausibly a credential.

    It has letters and at least one digit or symbol, is no template, path, reference, dictionary
    word with a number or joined words, and holds no word that marks it as a dummy.
    """
    return (
        MIN_PASSWORD <= len(value) <= MAX_PASSWORD
        and not any(map(str.isspace, value))
        and _RUN.search(value) is None
        and _DUMMY.search(value) is None
        and _SPECIMEN.search(value) is None
        and _TEMPLATE.search(value) is None
        and _PATH.search(value) is None
        and _WORDS.fullmatch(value) is None
    )


def is_random(value: str, floor: float) -> bool:
    """Tell whether a value has letters and digits and at least `floor` bits of entropy each."""
    letters = any(map(str.isalpha, value))
    digits = any(map(str.isdigit, value))
    return letters and digits and entropy(value) >= floor


def entropy(value: str) -> float:
    """Return the Shannon entropy of a text's characters in bits per character."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values())
