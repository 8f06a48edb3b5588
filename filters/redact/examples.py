"""Spell the examples of a rule: templates of what it must and must not find, filled at run time.

A template holds no value that looks like a secret: `{an:36}` stands for 36 letters and digits. The
characters are a digest of the template itself, so they are always the same.
"""

from __future__ import annotations

import hashlib
import re
import string
from typing import Final

_ALPHABETS: Final = {
    "an": string.ascii_letters + string.digits,
    "low": string.ascii_lowercase + string.digits,
    "up": string.ascii_uppercase + string.digits,
    "let": string.ascii_letters,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "dig": string.digits,
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "b32": string.ascii_uppercase + "234567",
    "b64": string.ascii_letters + string.digits + "+/",
    "url": string.ascii_letters + string.digits + "-_",
    "word": string.ascii_letters + string.digits + "_",
    "pw": string.ascii_letters + string.digits + "!@#%^*+-_?",
}
_MACRO: Final = re.compile(r"\{(" + "|".join(_ALPHABETS) + r"):(\d+)\}|\{(uuid)\}")
_UUID_PARTS: Final = (8, 4, 4, 4, 12)
_ENTROPY: Final = 4096  # bytes: enough for five thousand characters
_OPEN, _CLOSE = "«", "»"


def spell(template: str) -> tuple[str, str]:
    """Return the text that a template stands for, and the part of it that is to be found.

    `«` and `»` enclose that part; without them it is the whole text.
    """
    text = fill(template)
    if _OPEN not in text:
        return text, text
    before, _, rest = text.partition(_OPEN)
    wanted, _, after = rest.partition(_CLOSE)
    return before + wanted + after, wanted


def fill(template: str) -> str:
    """Replace every macro of a template by characters of its alphabet."""
    bits = int.from_bytes(hashlib.shake_256(template.encode()).digest(_ENTROPY))

    def draw(alphabet: str, size: int) -> str:
        nonlocal bits
        drawn = []
        for _ in range(size):
            bits, index = divmod(bits, len(_ALPHABETS[alphabet]))
            drawn.append(_ALPHABETS[alphabet][index])
        return "".join(drawn)

    def one(match: re.Match[str]) -> str:
        if match[3]:
            return "-".join(draw("hex", size) for size in _UUID_PARTS)
        return draw(match[1], int(match[2]))

    return _MACRO.sub(one, template)
