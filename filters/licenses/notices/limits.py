"""What narrows a notice: limits beside a licence's name, and words that speak of a part alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.licenses.notices.context import REACH, sentence_end, sentence_start
from filters.licenses.restrictions import beside, restricts

if TYPE_CHECKING:
    from filters.licenses.notices.flat import Flat
    from filters.licenses.notices.mention import Mention

_BEFORE: Final = (
    200  # code points of a sentence before a name in which words of a part are looked for
)
_THINGS: Final = (
    r"(?:restrictions?|limitations?|conditions?|requirements?|terms?|clauses?|proviso|riders?|"
    r"addend(?:um|a)|amendments?|exceptions?|exclusions?)"
)
_MORE: Final = r"(?:additional|further|extra|added|special|supplementary|custom|some|one|these)"
# In the sentence of the name, before it: the grant is over, still to come, bought, or changed.
_LIMITED: Final = re.compile(
    r"\b(?:modified|custom(?:i[sz]ed)?|altered|amended|restricted|limited|extended|changed|adapted|"
    r"non-?standard|variant|variation|version)(?: (?:version|form|variant|copy))?(?: of)?(?: the| an?)? $"
    r"|\b(?:will|shall|would|might|could) (?:be|become|change|switch|convert)\b"
    r"|\b(?:is|are|going|due|scheduled|set|about|yet|intended|expected"
    r"|planned) to be (?:re)?(?:licen[cs]ed|released|published)\b|\b(?:plan|intend|expect"
    r"|hope|want)(?:s|ed)? to\b"
    r"|\bused to be\b|\b(?:until|through|up to|prior to|before|older than|earlier than|as of|starting|"
    r"effective|from|after|on) (?:and including )?(?:the )?(?:versions?|release|v?\d+\.\d|v\d"
    r"|(?:19|20)\d\d\b|january|february|"
    r"march|april|may|june|july|august|september|october|november|december|change date|date|end)\b"
    r"|\b(?:versions?|releases?) (?:\S+ )?(?:prior|before|older|earlier|up to|until|through|below|<)"
    r"|\b(?:old|older|earlier|previous|prior|past|first|former|future|later|next|upcoming) (?:versions?|releases?)\b"
    r"|\b(?:customers|members|subscribers|sponsors|employees|students|universities|individuals|"
    r"non-?profits?|patrons|licensees who|paying)\b"
    r"|\b(?:except|excluding|apart from|other than|aside from)\b(?! (?:where|as|if|when) )"
)
# … and behind it, or in the sentence behind.
_LIMITED_AFTER: Final = re.compile(
    rf"\b(?:with|plus|and|under|has|have|subject to|but) (?:(?:the|an?|our|its|following) )*{_MORE}"
    rf" (?:\w+ )?{_THINGS}\b"
    rf"|\bwith (?:the )?following {_THINGS}\b|\bwith (?:an? |the )?(?:{_THINGS}|caveats?)\b"
    r"|\b(?:except|excluding|excepting|with the exception of|apart from|other than|save for)\b"
    r"(?! (?:in compliance|as (?:contained|otherwise|noted|required|permitted|provided|allowed|set)|"
    r"where (?:otherwise|noted|indicated|stated|specified)|(?:when|if|as) otherwise))"
    r"|\b(?:until|since then|thereafter|no longer|from then on|as of version|from version|up to version|"
    r"before version|starting (?:with|from)|after (?:you|the|your|payment|paying|purchas\w+|regist\w+|that|which)|"
    r"once you|when you (?:have|pay|buy)|closed[- ]source|confidential|proprietary)\b"
    r"|\bbut (?:not|only|may not|cannot|can't|without (?!any warrant|warrant)|you|never"
    r"|with)\b|\bprovided (?:that )?[^.]{0,90}\b(?:not?|never|only)\b"
    r"|\b(?:as|so) long as\b(?! (?:you retain|this notice|the above|the copyright|credit))"
    r"|\bunless (?:you|your|(?:it is |this is )?used|the user|the company|part of)\b"
    r"|\bonly (?:for|if|when|in|by|to|on|with|within)\b|\bif (?:and only if )?you (?:are|have"
    r"|work|use|pay)\b"
    r"|\b(?:for|by|to) (?:all )?(?:individuals|students|employees|members|customers|subscribers|sponsors|patrons|"
    r"non-?profits?|universities|academics|researchers|non-?commercial|personal|private|academic|educational|"
    r"internal|evaluation)\b"
    r"|\b(?:companies|businesses|corporations|enterprises|organi[sz]ations|governments?|everyone else|all others?)"
    r" (?:\w+ ){0,6}(?:need|must|require|have to|pay|contact|buy|are)\b"
)
# A sentence of its own before or behind the notice that takes back what it grants.
_TAKEN: Final = re.compile(
    r"\b(?:until then|since then|thereafter|from then on)\b"
    r"|\b(?:modifications|changes|additions|our (?:code|changes|work)|everything else|the rest|all other \w+|"
    r"other parts|the (?:product|program|software|application|service)(?: itself)?)\b.{0,60}?"
    r"\b(?:confidential|proprietary|closed|all rights reserved|not (?:open|free|licen[cs]ed)|copyright.{0,60}reserved)"
    r"|\beula\b|\bend[- ]user licen[cs]e\b"
    rf"|\b(?:{_MORE}|following) (?:\w+ )?(?:restrictions?|limitations?) appl"
)
# What stands about a notice and takes nothing back.
_ASIDE: Final = re.compile(
    r"\b(?:please )?do not (?:edit|modify|change|touch|hand[- ]edit)\b|\ball rights (?:are )?reserved\b|"
    r"\bno rights (?:are )?reserved\b|\bpre-?\s?training\b|"
    r"\b(?:must|may|shall|should|can|do) ?not (?:be )?(?:remove|delete|alter)d?\b[^.]{0,60}|"
    r"\b(?:must|should|shall) (?:be )?(?:retain|keep|kept|preserve|include|reproduce)\w*\b[^.]{0,90}|"
    r"\bobtain(?:ed)? (?:a copy|copies)\b[^.;]{0,90}|\bif you (?:cannot|can't|do not|don't"
    r"|did not|have not|are unable)\b[^.;]{0,90}|"
    r"\bis not (?:available|possible|valid|recogni[sz]ed|applicable|enforceable)\b|\bmay not (?:recogni[sz]e|apply)\b|"
    r"\bmay not be [^.]{0,80}\bexcept (?:according to|in compliance with|as|under|per|subject to)\b[^.]{0,60}|"
    r"\bnot limited to\b|\bonly\b(?= (?:be )?(?:used|copied|modified|distributed|redistributed|available|licen[cs]ed)"
    r"[^.;]{0,60}\b(?:under|terms)\b)|"
    r"\b(?:vendored|bundled|third[- ]party|external) (?:libraries|packages|modules|code|dependencies) "
    r"(?:must|should|shall|have to)\b|\blicen[cs]ed (?:only|solely|exclusively)(?= under\b)|"
    r"\bnon-?exclusive\b|\broyalty-?\s?free\b|\bread[- ]only\b|\bheader-only\b"
    r"|\bfor internal use\b(?=[^.]{0,20}\b(?:function|only by))",
    re.IGNORECASE,
)
# A field of a module: what stands in the lines about it is none of its words.
_FIELD: Final = re.compile(r"_*licen[cs]e_* ?= ?")
# Before the name, in its sentence: what is under it is a part, or what the document was made from.
_PART: Final = re.compile(
    r"\b(?:based (?:up)?on|built (?:up)?on|adapted from|derived from|deriv(?:ative|ation) of|ported from|"
    r"borrowed from|taken from|copied from|lifted from|stolen from|extracted from|translated from|"
    r"converted from|forked from|inspired by|modelled (?:on|after)|modeled (?:on|after)|adaptation of|"
    r"(?:re-?)?port of|modified from|originat(?:es|ed|ing) from|comes from|"
    r"portions?|some (?:\w+ )?(?:components?|files?|parts?|code|modules?|sources?|functions?|pieces?|sections?|of)|"
    r"parts of|(?:certain|several|various|many|other|individual|few) (?:components?|files?|parts|modules?|functions?)|"
    r"(?:contains?|includes?|including|uses|using|incorporates?|incorporating|bundles?|embeds?|ships with|"
    r"borrows|reuses) (?!(?:this|the) )(?:\w+ ){0,3}?(?:code|parts|portions|pieces|snippets?"
    r"|sources?|components?|material|work|"
    r"functions?|software|algorithms?|files|data)\b|"
    r"(?:includes|incorporates|bundles|embeds|contains|ships) (?:(?!the (?:software|file|notice))[^.;\n]{2,60}?),? "
    r"(?:which|that) (?:is|are)|sample code|code samples?|examples? (?:code|in)|"
    r"(?:the|all|its) (?:icons?|fonts?|logos?|images?|pictures|artwork|sounds?|music|media|assets|graphics|"
    r"documentation|docs|examples?|tests|test suite|samples?) (?:is|are)|"
    r"(?:icons?|fonts?|logos?|images?|tests) (?:by|from|are)|(?:examples|recipes|samples"
    r"|snippets)\b[^.;]{0,60}\bare|original (?:code|version|work|implementation|source"
    r"|author))\b"
)
# … unless the sentence comes back to the document before it names the licence.
_WHOLE: Final = re.compile(
    r"\band (?:is|are|it is|hereby|also)\b[^,;]{0,30}$|\band (?:is |are "
    r"|it is )?(?:therefore |thus |also |hereby |likewise )?"
    r"(?:licen[cs]ed|released|distributed|published|available|provided|made available)\b"
    r"|[,;] (?:and )?(?:this|it|the (?:whole|entire|software|program|library|file|project|code|work|result))\b"
    r"|\b(?:all|any|the (?:whole|entire)) (?:\w+ )?(?:portions|parts)|\bsubstantial portions\b"
)


def speaks_of_part(low: str, mention: Mention) -> bool:
    """Say whether the sentence of a name grants it for a part of the document alone."""
    if mention.own:
        return False
    start = max(sentence_start(low, mention.start), mention.start - _BEFORE)
    cue = None
    for each in _PART.finditer(low, start, mention.start):
        cue = each
    return cue is not None and _WHOLE.search(low, cue.end(), mention.start) is None


def limited(flat: Flat, start: int, end: int) -> bool:
    """Say whether the sentences about `start:end` narrow what is granted there.

    That is its own sentence, and of the same paragraph and comment the one before and two behind.
    """
    low = flat.lower
    start += low[start] in "\n.:,"  # where the name opens a sentence
    line, line_end = flat.line(start, end)
    if _FIELD.match(low, line, start):
        return _restricts(flat.text[start:line_end])  # the lines about it are other fields
    first, last = sentence_start(low, start), sentence_end(low, end)
    if _LIMITED.search(low, first, start) or _LIMITED_AFTER.search(low, end, last):
        return True
    own = f"{flat.text[first:start]} it {flat.text[end:last]}"
    if any(_restricts(clause) for clause in own.split(";")):
        return True
    return any(
        _TAKEN.search(low, a, b) is not None or _restricts(flat.text[a:b])
        for a, b in _neighbours(flat, start, end, first, last)
    )


def _restricts(sentence: str) -> bool:
    return restricts(_ASIDE.sub(" ", sentence))


def _neighbours(flat: Flat, start: int, end: int, first: int, last: int) -> list[tuple[int, int]]:
    """Give the sentence before and two behind, as far as comment and paragraph reach."""
    low = flat.lower
    floor, ceiling = beside(flat.original, flat.source(start), flat.source(end - 1) + 1)
    found = []
    if first and low[first - 1] != "\n":
        before = sentence_start(low, first - 1)
        if first - 1 - before < REACH:  # a longer one is cut off, and may be harmless as a whole
            found.append((before, first - 1))
    for _ in range(2):
        if last >= len(low) or low[last : last + 1] == "\n":
            break
        following = sentence_end(low, last + 1)
        found.append((last + 1, following))
        last = following
    return [
        (a, b)
        for a, b in found
        if a < b and floor <= flat.source(a) and flat.source(b - 1) < ceiling
    ]
