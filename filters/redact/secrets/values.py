"""Tell values that may be secrets from placeholders, templates, words and references."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Final

from detect_secrets.filters import heuristic

# Words that mark a token as a specimen, whatever its format: in one case throughout, or capitalised,
# for random letters spell a short word in mixed case now and then.
_WORDS: Final = ("example", "placeholder", "redacted", "insert", "replace", "xxxx")
_SPECIMEN: Final = re.compile(
    "|".join(f"{word}|{word.upper()}|{word.capitalize()}" for word in _WORDS)
    + r"|(?:your|YOUR|Your)(?:[-_ ]|[A-Z][a-z])|yourapi|yourtoken|yourkey|yoursecret|\*{3,}|\.{3}|\u2026|<|>|"
    r"0123456789|1234567890|abcdefgh|ABCDEFGH|123e4567-e89b|"
    r"3fa85f64-5717-4562|550e8400-e29b-41d4|6ba7b81[0-4]-9dad|f47ac10b-58cc-4372|a1b2c3d4-?e5f6"
)
# One character six times over; a random 64-digit hex string holds such a run once in 20,000.
_RUN: Final = re.compile(r"(.)\1{5}")
# What follows an assignment and looks like a call or a subscript; the same question as
# detect-secrets' is_indirect_reference asks, without its quadratic run-up.
_REFERENCE: Final = re.compile(r"(?::=?|[!=]{1,3})\s*[\w.-]+[\[(][^\v]*[\])]")
_REFERENCE_LINE: Final = 1000

MIN_DISTINCT: Final = 7


def is_specimen(token: str) -> bool:
    """Tell whether a provider token is a documentation specimen rather than a real one."""
    return (
        len(set(token)) < MIN_DISTINCT
        or _RUN.search(token) is not None
        or _SPECIMEN.search(token) is not None
        or heuristic.is_sequential_string(token)
    )


def is_indirect_reference(line: str) -> bool:
    """Tell whether a line assigns the result of a call or a subscript, no literal."""
    return len(line) <= _REFERENCE_LINE and _REFERENCE.search(line) is not None


def is_random(value: str, floor: float) -> bool:
    """Tell whether a value has letters and digits and at least `floor` bits of entropy each."""
    letters = any(map(str.isalpha, value))
    digits = any(map(str.isdigit, value))
    return letters and digits and entropy(value) >= floor


def entropy(value: str) -> float:
    """Return the Shannon entropy of a text's characters in bits per character."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values())
