"""Tell letters that read like a word from letters drawn at random."""

from __future__ import annotations

import itertools
from typing import Final

# Minus log2 of how likely one letter follows another (row a, column b), rounded and at most 9;
# counted over ten thousand frequent words of licensed prose and code in several languages.
_FOLLOWS: Final = (
    "95449759596353959342568868", "37673899369279388446399969", "39593993494499489563599979",
    "47851778279677489547489979", "57436668798453857234867588", "39783489299499399465499959",
    "49992754399564489347499979", "28992999399677389574599969", "56454559997452368544959796",
    "29882898598978277949398989", "48872867398575579635596879", "38752889398398379955579939",
    "25982999399658339958599979", "49433628497786589933669979", "66558769686442559345455889",
    "39873985499399349354599959", "79999999998399989688099999", "38652769396655379544578959",
    "59592784396677447942497969", "39682894299689479345597959", "44564759599343749333989899",
    "39991999299999499899899999", "29873993399694399448996989", "49373796399869829982999869",
    "45564759497444539634675997", "38871999397766489777699947",
)  # fmt: skip
# Of the words above 97 in 100 stay below this mean, of random letters 1 in 10 at six letters and
# 1 in 30 at twelve.
_LIMIT: Final = 5.0
_SHORTEST: Final = 3
_PAIRS_TEXT: Final = """
    ab al am an as at be by da de di do du el en er es et ex go he id if il im in ip is it la le li
    lo ma me mi mo my na ne no of ok on or os pa re se si so st su te to tu ui um un up us va we
"""
_PAIRS: Final = frozenset(_PAIRS_TEXT.split())


def is_word(letters: str) -> bool:
    """Tell whether letters `a` to `z`, in lower case, could be a word of a language."""
    if len(letters) < _SHORTEST:
        return letters in _PAIRS
    pairs = itertools.pairwise(letters)
    cost = sum(int(_FOLLOWS[ord(a) - 97][ord(b) - 97]) for a, b in pairs)
    return cost <= _LIMIT * (len(letters) - 1)
