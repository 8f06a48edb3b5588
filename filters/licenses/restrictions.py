"""Words that take rights back: what was added to a permissive text, and what stands beside one.

A licence text with such an addition is not that licence any more, whatever its name says.
"""

from __future__ import annotations

import re
from typing import Final

_ADDED: Final = re.compile(
    r"\bnon-?\s?commercial|\bcommons clause\b|\bcommercial (?:use|purpose|product|licen[cs]e)"
    r"|\b(?:may|must|shall|can|do) ?not (?:be )?(?:use|sell|sold|copy|copied|redistribut|distribut|"
    r"modif|sublicen|train|resell|resold|host|offer|provide|compete)"
    r"|\b(?:is|are) (?:not permitted|not allowed|prohibited|forbidden|restricted)\b"
    r"|\bwithout (?:the )?(?:prior |express |explicit )*(?:written )?(?:permission|consent|licen[cs]e)"
    r"|\b(?:complete|corresponding) source\b|\b(?:must|shall) be (?:accompanied|released|licensed|open)"
    r"|\b(?:good,? not evil|military|weapons?|personal use|educational use|academic use|research use|"
    r"internal use|evaluation (?:use|purposes?)|competing|confidential|proprietary|share[- ]?alike|"
    r"no[- ]?derivatives?|ethical|machine learning|training (?:data|purposes?|of)|royalt(?:y|ies) (?:of|must)|"
    r"fee (?:of|must))\b",
    re.IGNORECASE,
)


def restricts(text: str) -> bool:
    """Tell whether words that somebody added to a licence take rights back."""
    return _ADDED.search(text) is not None
