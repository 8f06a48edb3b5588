"""Sentences that a licence file holds beside its text and that change nothing: all others are conditions unread.

As with the words inside a text it is the harmless kinds that are listed: where code comes from, who wrote
it, which licence holds for what, where to read more. They are few in real files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_BREAK: Final = re.compile(r"\n[\s*#>|/]*\n")
_EDGES: Final = " \t\r*#>/|=_+~`"
# A line that states a copyright or an address.
_STATED: Final = re.compile(
    r"copyright|\u00a9|\(c\)|rights reserved|https?://|www\.|\w@\w|\bat \w+ dot \w+", re.IGNORECASE
)
_STOP: Final = re.compile(r"(?<=[.;!])[\"'\u201d\u2019)\]]*(?:\s+|$)|[\u3002\uff01]\s*")
_SHORTENED: Final = re.compile(
    r"(?:^|\W)(?:inc|ltd|co|corp|llc|gmbh|et al|etc|jr|sr|dr|dept|univ|al|no|vs|e\.g|i\.e|[a-z])\.$",
    re.IGNORECASE,
)
_LONGEST: Final = 8  # code points of a shortened word
_LETTERS: Final = 4
_WORD: Final = re.compile(r"[^\s,;]+")
# Between names, and after them.
_NAMING: Final = frozenset(
    """and of the by other others parties contributors & de van von in for at""".split()  # noqa: SIM905  fewer lines
)
# The end of a disclaimer that the template leaves open.
_TAIL: Final = frozenset(
    """in of the this these and or software work program license copies substantial portions terms
    conditions information questions""".split()  # noqa: SIM905  fewer lines
)
_HARMLESS: Final = re.compile(
    # which licence holds for what
    r"\b(?:licen[cs]e\w*|distributed|released|covered|available|governed|provided|re-?licen[cs]ed)\b.{0,80}"
    r"\b(?:under|by|as|with|at|in|along|below|above|follow\w*|differ\w*)\b"
    r"|\b(?:is|are) (?:dual.?licen[cs]ed|licen[cs]ed|free)\b"
    r"|\bunder (?:the|a|an|this|either|both|its|their|different)\b"
    r"|\b(?:licen[cs]es?|files?|code|terms) (?:apply|applies)\b"
    # what a sentence names, sums up, or gives away
    r"|(?-i:\b(?:MIT|BSD|ISC|Apache|Zlib|Boost|Expat|RFCs?)\b)"
    r"|\b(?:in short|basically|tl;?dr|in other words|essentially|own risk|whatever you (?:want|like)|feel free|"
    r"free to (?:use|copy|do|modify|share)|questions|suggestions|feedback|bug reports?|end of)\b"
    r"|\b(?:this|these) (?:\w+ )?(?:provides?|implements?|describes?|lists?|documents?|defines?)\b"
    # what happened is no condition
    r"|\b(?:was|were|had|has been|have been|should have received)\b"
    # where it comes from, and who wrote it
    r"|\b(?:derived|based|forks?|forked|extracted|ported|adapted|copied|taken|generated|translated|converted|"
    r"rewritten|obtained|downloaded|originat\w*|debianized|packaged)\b.{0,40}\b(?:from|on|of|by|code|for|the)\b"
    r"|\b(?:written|developed|created|maintained|contributed|designed|authored|optimi[sz]ed|made|modified|"
    r"donated|submitted|drawn|implemented|reproduced) (?:\w+ ){0,3}(?:by|for|in|at|from|to|below)\b"
    r"|\b(?:includes?|contains?|bundles?|uses?|incorporates?|embeds?)\b.{0,60}\b(?:code|software|files?|librar\w+|"
    r"parts?|portions|work|data|licen[cs]e\w*|version|contributions|algorithms?|modules?|components?|icons?|fonts?)\b"
    r"|\b(?:continued|moved to|became|sponsoring|historically|according to|linked|support library|"
    r"in the future|(?:upstream|original|current) (?:authors?|maintainers?)|authors? of|"
    r"retains certain rights|gpl|gnu|debian|prepackaged|upstream)\b"
    r"|\b(?:thanks|credits?|courtesy|kudos|acknowledg\w*|dedicated to|approved by|compatible|incompatible|"
    r"revision history|list of (?:contributors|authors|changes)|open source definition)\b"
    # where to read more, what a word means
    r"|\b(?:see|refer to|find|consult|look (?:at|for)|described in|found (?:in|at|below)|listed (?:in|below)|"
    r"list these|consists? of|owned by|property of|trademarks?|(?:is|are) (?:an?|the|defined|free software)|"
    r"the following|as follows|stands for|summari[sz]es?|full text|public domain|used (?:with|by) permission|"
    r"all other|unless|in either case|do not edit|this means|part of th\w+|summary of|faq|"
    r"contributions towards|rights reserved|enjoy|have fun|note that|(?:for|more) (?:information|details)|"
    r""
    r"implementations?|upgrades|licen[cs]e for|includes all|algorithms?|librar(?:y|ies) (?:for|to)|"
    r"you may do anything|keep both pieces)\b"
    r"|(?-i:\bby(?: [A-Z][\w.-]+){2})"
    r"|\b(?:warrant\w*|liab\w+|damages|as[ -]is)\b|\bthe \W?License\W",
    re.IGNORECASE,
)


def unread(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Find the first paragraph of `text[start:end]` with a sentence that nothing explains, in code points."""
    while start < end:
        gap = _BREAK.search(text, start, end)
        stop = end if gap is None else gap.start()
        if any(not is_harmless(each) for each in _sentences(text[start:stop])):
            return start, stop
        start = end if gap is None else gap.end()
    return None


def is_harmless(sentence: str) -> bool:
    """Tell a sentence that leaves a licence what it is, or is none: a name, the rest of one that begins elsewhere."""
    if sum(map(str.isalpha, sentence)) < _LETTERS or (sentence.isascii() and " " not in sentence):
        return True
    if sentence[0].islower() or not sentence[0].isalpha():
        return True
    said = [word.rstrip('.)"') for word in _WORD.findall(sentence)]
    names = all(word in _NAMING or not word[:1].isalpha() or word[0].isupper() for word in said)
    if (names and not sentence.isupper()) or _TAIL.issuperset(word.lower() for word in said):
        return True
    return _HARMLESS.search(sentence) is not None


def _sentences(paragraph: str) -> Iterator[str]:
    """Cut out what ends like a sentence, from lines that state no copyright."""
    if _STOP.search(paragraph) is None:
        return
    lines = [line.strip(_EDGES) for line in paragraph.split("\n") if not _STATED.search(line)]
    joined = " ".join(line for line in lines if line)
    start = 0
    for stop in _STOP.finditer(joined):
        if _SHORTENED.search(joined[max(start, stop.start() - _LONGEST) : stop.start()]) is None:
            yield joined[start : stop.end()].strip()
            start = stop.end()
