"""What is said about a named licence: granted, pointed at, denied, or only talked about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from filters.licenses.notices.talk import (
    compares,
    follows_name,
    is_labelled,
    is_new,
    is_variable,
    names_link,
    speaks_generally,
)

if TYPE_CHECKING:
    from filters.licenses.notices.flat import Flat
    from filters.licenses.notices.mention import Mention


Said = Literal["stated", "pointed", "denied", "talk"]

REACH: Final = 260  # code points of a sentence that are read before a name
_CLOSE: Final = 130  # code points in which words of doubt still speak of the name
_STOP: Final = re.compile(r"[.!?](?=[ \n])|\n")
_ABBREVIATED: Final = re.compile(
    r"(?:\b(?:v|ver|vers|inc|e\.g|i\.e|cf|corp|ltd|co|dr|st|al|no|approx)|\b\w)\.$"
)
_DENIED: Final = re.compile(
    r"\b(?:(?:not|never|isn't|aren't|doesn't)(?! (?:only|use|be used|limited|to|have "
    r"received|a substitute|modify|copy|"
    r"distribute|remove|alter|been|charge)\b)|unlike|instead of|rather than|no longer|"
    r"neither|nor|formerly|previously|nicht|keine?[mnrs]?|n'est pas|não|nunca|non (?:è|sono)|no est[áa]|не|"
    r"(?:in)?compatible with|than|replaces?|contrary to|opposed to|no|"
    r"without)\b[^.;\n\w]{0,3}(?:\w+(?:['/-]\w+)*\W{1,3}){0,5}$"
)
_DENIED_AFTER: Final = re.compile(
    r"[- ]?(?:in)?compatib|\W{1,3}from compatib|[- ](?:free|incompatible|violation|faq|advoca|zealot|infring)|"
    r"\W{0,2}(?:is|are) (?:not|no longer)\b"
    r"|[- ](?:licen[cs]ed? )?dependenc"
    r"|[- ](?:licen[cs]ed? )?(?:software|programs?|projects?|code|libraries|packages) "
    r"(?:is|are|can|may|must|could|would|that|which)\b(?! licen)"
)
# what is under it is something else: "does not mean that Python is under the GPL"
_ELSEWHERE: Final = re.compile(
    r"\b(?:does not|doesn't|don't|do not) mean\b[^.;\n]{0,90}$"
    r"|\b(?:combin\w+|link\w*)\b[^.;\n]{0,60}\bother (?:\w+ )?(?:software|programs?|code|works?|packages?)\b"
    r"[^.;\n]{0,50}$"
)
# the licence of what the file works with is not the file's: "uses numpy, which is under the BSD license"
_OTHERS_WORK: Final = re.compile(
    r"\b(?:uses|using|requires|needs|depends on|loads|links (?:to|with|against)|wraps|imports|works with)"
    r" (?!(?:this|the (?:software|program|library|file|code|project|licen[cs]e)|it|them|and|or|of|in)\b)"
    r"[^.;\n]{2,70}\b(?:is|are|licen[cs]ed|released|distributed|available|under)\b[^.;\n]{0,40}$"
)
_TALK: Final = re.compile(
    r"\b(?:if (?:you|your|the|it|a|an|we|i|they|someone)\b(?! (?:do|did) not (?:accept|"
    r"agree|have|receive))"
    r"(?! wish to (?:use|allow))|whether|would|could|for example|for instance|e\.g|such "
    r"as|many|most|several|popular|commonly"
    r"|compare[sd]?|versus|vs|differences?|suppose|imagine|typically|usually"
    r"|recommend\w*|prefers?|incompatib\w+|bibliography|when you|what|why|how|who|"
    r"choosing|list of|support(?:s|ed) licen"
    r"|converts?|detects?|parses?|regex|returns?|anyone who|dependenc\w+|depends"
    r"|(?:add|added|adds|switch|switched|change|changed|update|updated|move|moved|fix|"
    r"fixed|clarify|missing)(?: \w+){0,4})\b"
)
_FILL: Final = (
    r"(?:[ ,:;/()&'は：为為-]|\n|\b(?:the|a|an|both|either|any of|one of|all|of|to|terms|"  # noqa: RUF001  a full-width colon is meant
    r"conditions?|conditions|following|open[- ]source|"
    r"free software|free|permissive|standard|very|liberal|new|this|same|version|gnu|and|"
    r"or|licen[cs]es?|licen[cs]e|agreement|"
    r"as well as|also|dual|dually|its|their|our|your|choice|choose|option|at|under|by|in|"
    r"with|file|software|full|famous|"
    r"osi[- ]approved|approved|popular|simple|strict|well-known|business-friendly|la|el|"
    r"il|le|die|der|de|licen[cs]ed|as|specified|"
    r"per|published|election|discretion|preference|set forth|stated|according|is|are|found"
    r"|provided|pursuant|provisions|"
    r"otherwise|\d[\d.]*)\b){0,30}"
)
_CUE: Final = re.compile(
    r"(?:\b(?:under|subject to|governed by|covered by|protected by|bound by|terms|"
    r"conditions|accordance with|compliance with|"
    r"(?:dual|tri|re|multi|triple|open)?[- ]?licen[cs](?:ed|e|es|ing)|open[- ]sourced?|"
    r"released|rights|copying|"
    r"lizenz\w*|licenci\w*|licenz\w*|лицензи\w*|redistribut\w+|distributed|available|"
    r"published|issued|"
    r"secondary licen[cs]es?\b[^\n]{0,160}|module_licen[cs]e|"
    r"(?:this|our) (?:\w+ )?(?:project|software|library|package|code|repository|repo|program|module|"
    r"plugin|app|application|tool|crate|gem|work) (?:uses|has)|"
    r"sous|bajo|unter|sotto|sob)\b|ライセンス|许可|許可|授权|授權|라이선스|라이센스)"
    rf"{_FILL}$"
)
# A name that is an everyday word elsewhere needs words that only licences have: "running under
# Apache" and "published by MIT Press" grant nothing.
_LOOSE_CUE: Final = re.compile(
    r"(?:\b(?:(?:dual|tri|re|multi|triple)?[- ]?licen[cs](?:ed|e|es|ing)|module_licen[cs]e|lizenz\w*"
    r"|licenci\w*|licenz\w*|лицензи\w*)|ライセンス|许可|許可|授权|授權|라이선스|라이센스"
    r"|\bunder (?:the )?terms (?:and conditions )?of\b"
    r"|\b(?:(?:re)?distribut\w+|released|available|published|issued|provided|offered|shared|usable"
    r"|open[- ]sourced?|free software|contributed|covered|governed|protected|copying|terms|conditions"
    r"|(?:project|code|library|package|software|work|works|everything|repo|repository|module|files?"
    r"|program|it|all|this|content|data) (?:is|are)|publi\w+|veröffentlicht|steht|distribu\w+)\b"
    r"[ a-z,:]{0,30}?\b(?:under|unter|sous|bajo|sotto|sob|terms of|conditions of)\b)"
    rf"{_FILL}$"
)
_NO_GRANT: Final = re.compile(r"\b(?:by|to|from|at|in|for|on|with)\W+(?:the |an? |our )?$")
_LOOSE_AFTER: Final = re.compile(
    r"\W{0,2}(?:$|\n)|[ ]?[^\w\s]|'|[ ](?:and|or|with|see|terms?|conditions?|as|for|by|which|where|from|copyright"
    r"|v?\d|version|unless|except|so|but|https?|dual|compatible|style|since|while|if|in|at|on|the|please|to"
    r"|y|et|und|e|o|ou|oder)\b|[ ]?[^\x00-\x7f]"
)
_LABEL: Final = re.compile(
    r"(?:^|\n|[\s('@]|module_)_{0,2}(?:licen[cs]e|licen[cs]ing|licença|licencia|lizenz|copying|"
    r"license_type)_{0,2}(?: (?:type|name|terms|information))?(?!,)\W{0,4}[:=-]?\W{0,5}(?:the "
    r"|a )?$"
)
_NEAR_ADDRESS: Final = re.compile(r"licen[cs]|copyright|©|copying|\bterms\b")
_COPYRIGHT: Final = re.compile(r"(?:copyright|\(c\)|©)[^\n]{0,140}$")
_UNDER: Final = re.compile(r"\bunder\b[^.;\n]{0,70}$")
_POINTER: Final = re.compile(
    r"\b(?:see|received?|cop(?:y|ies) of|text of|read|versions? of|details?|obtain|"
    r"consult|refer to|comes with|accept|agree to|"
    r"(?:stated|described|defined|found|specified|forth|out|down|provided|contained|given|listed|detailed|explained"
    r"|granted|required|permitted|mentioned|included|written|noted|outlined|expressed|embodied|terms"
    r"|conditions|as) in) "
    r"(?:also )?(?:the |a |full |complete |entire |text |copy |of |at |file |enclosed |"
    r"accompanying |included |standard |gnu )*$"
)
_IN: Final = re.compile(r"\bin (?:the )?$")
_COPYLEFT: Final = frozenset({"MPL", "EPL"})
_STRICT: Final = frozenset(
    {"GPL", "LGPL", "AGPL", "GFDL", "MPL", "EPL", "EUPL", "CDDL", "CECILL", "OSL", "SSPL"}
)
_LICENSED: Final = ("licensed", "licenced")
_LICENSED_AFTER: Final = re.compile(
    r"\W{0,2}(?:许可|許可|授权|授權|ライセンス|라이선스|라이센스|协议|協議|の(?:下|もと)で|lizenz(?! ist)|лиценз)"
    r"|(?: ?\([^()\n]{0,20}\))? ?(?:and|or|/|,|&) ?(?:[al]?gpl|mit|bsd|apache|mpl|isc|x11)[\w.-]{0,8}"
    r"(?: \([^()\n]{0,20}\))? licen[cs]ed\b"
    r"|[ )']{0,3}[- ]?,?(?:dual[- ])?licen[cs]ed\b|'?d\b| licen[cs]e (?:applies|terms apply|"
    r"governs)|[^.\n]{0,12} licen[cs]e(?:s)? (?:is|are) (?:used|applied)"
)
_HEADING: Final = re.compile(
    r"\W*(?:licen[cs](?:e|es|ing|e info|e information|e terms| & copyright)|lizenz|"
    r"licencia|licença|copying|legal|copyright(?: (?:and|&) licen[cs]e| notice)?|"
    r"licen[cs]e (?:and|&) copyright|лицензия|ライセンス|许可证|라이선스)\W*"
)
_PLAIN: Final = re.compile(
    r"(?:\b(?:the|a|licen[cs]es?|licen[cs]ed|text|terms|agreement|version|open source|"
    r"initiative|osi|header|notice|software|"
    r"free|style|simplified|new|revised|modified|template|january|february|march|april|"
    r"may|june|july|august|september|october|november|december|sept|dated|begin|block|"
    r"start|end|full|applied|apply|to|this|work|v?\d[\d.]*|or|and|later|any|your|option|"
    r"at)\b|\W|_)*"
)


def said(flat: Flat, mention: Mention) -> Said:
    """Judge one mention by the sentence that it stands in."""
    if mention.own:
        return "stated"
    low = flat.lower
    start = mention.start + (low[mention.start] in "\n.:,")  # where the mention opens a sentence
    before = low[sentence_start(low, start) : start]
    after = low[mention.end : mention.end + 90]
    if names_link(flat, mention) or compares(before, after):
        return "talk"
    if _LABEL.search(before) or is_labelled(low, mention) or is_new(before):
        return "talk" if _in_code(flat, mention, before) else "stated"
    if _DENIED.search(before) or _DENIED_AFTER.match(after) or _ELSEWHERE.search(before):
        return "denied"
    if _talks(low, before, mention):
        return "talk"
    return _granted(flat, mention, before, after)


def _talks(low: str, before: str, mention: Mention) -> bool:
    """Say whether a sentence speaks of licences, or of the licence of other software."""
    if _TALK.search(before[-_CLOSE:]) is not None:
        return True
    return speaks_generally(low, before, mention) or _is_anothers(before, mention)


def _is_anothers(before: str, mention: Mention) -> bool:
    """Say whether a free licence is that of other software; of a strict one the doubt stays."""
    return mention.family not in _STRICT and _OTHERS_WORK.search(before) is not None


def _granted(flat: Flat, mention: Mention, before: str, after: str) -> Said:
    if flat.lower.endswith(_LICENSED, mention.start, mention.end) or _stated(
        before, after, mention
    ):
        return "stated"
    if _points(before, mention):
        return "pointed"
    return "stated" if _headed(flat, mention) else "talk"


def _points(before: str, mention: Mention) -> bool:
    """Say whether the reader is sent to a licence; with an everyday word only a copyleft one's counts."""
    if _POINTER.search(before) is None:
        return False
    return not mention.loose or (mention.family in _COPYLEFT and _IN.search(before) is None)


def _in_code(flat: Flat, mention: Mention, before: str) -> bool:
    """Say whether the label is a key and the name its value: `license="MIT"` in a call."""
    declared = "__" in before[-16:] or "module_" in before[-20:] or not _LABEL.search(before)
    return not declared and flat.quoted(mention.start)


def sentence_start(low: str, at: int) -> int:
    """Find where the sentence that holds a place begins."""
    floor = max(0, at - REACH)
    start = floor
    for match in _STOP.finditer(low, floor, at):
        if match[0] == "\n" or not _ABBREVIATED.search(
            low, max(floor, match.end() - 9), match.end()
        ):
            start = match.end()
    return start


def sentence_end(low: str, at: int) -> int:
    """Find where the sentence that holds a place ends: at its full stop's right."""
    ceiling = min(len(low), at + REACH)
    for match in _STOP.finditer(low, at, ceiling):
        if match[0] == "\n":
            return match.start()
        if not _ABBREVIATED.search(low, max(at, match.end() - 9), match.end()):
            return match.end()
    return ceiling


def _stated(before: str, after: str, mention: Mention) -> bool:
    if mention.loose and not _names_license(before, after):
        return _LICENSED_AFTER.match(after) is not None
    if _CUE.search(before):
        return True
    if mention.licensed or _LICENSED_AFTER.match(after):
        return True
    if mention.url and _NEAR_ADDRESS.search(before[-_CLOSE:]):
        return True
    return bool(_UNDER.search(before) or _COPYRIGHT.search(before))


def _names_license(before: str, after: str) -> bool:
    """Say whether an everyday word stands where only a licence's name can."""
    if _NO_GRANT.search(before) or _LOOSE_AFTER.match(after) is None:
        return False
    return _LOOSE_CUE.search(before) is not None


def _headed(flat: Flat, mention: Mention) -> bool:
    """Say whether the name is all of its line, or opens what stands below a heading "License"."""
    low = flat.lower
    start = low.rfind("\n", 0, mention.start) + 1
    above = low[low.rfind("\n", 0, max(0, start - 1)) + 1 : max(0, start - 1)]
    if start and _HEADING.fullmatch(above) and _PLAIN.fullmatch(low, start, mention.start):
        return True
    if mention.loose or mention.url or is_variable(flat, mention):
        return False
    begin, end = flat.line(mention.start, mention.end)
    begin, end = max(begin, mention.start - _LONG_LINE), min(end, mention.end + _LONG_LINE)
    tail = low[mention.end : end]
    if _PLAIN.fullmatch(low, begin, mention.start):
        return _PLAIN.fullmatch(tail) is not None or _CREDIT.match(tail) is not None
    return _LICENSE_WORD.search(low, mention.start, mention.end + 1) is not None and (
        _CREDIT.match(tail) is not None
        or _CREDITED.search(low, begin, mention.start) is not None
        or follows_name(low[begin : mention.start], tail)
    )


_LONG_LINE: Final = 600  # code points of a line about a name that are looked at
_LICENSE_WORD: Final = re.compile(r"licen[cs]")
_CREDIT: Final = re.compile(
    r"\W*(?:copyright|\(c\)|©|see\b|https?:|permission|as |for |all |by |author|version \d|\d{4})"
)
_CREDITED: Final = re.compile(
    r"(?:\b(?:19|20)\d\d\W*|[^\w ] ?-{1,3} |\w -{1,3} |[|;,·\u2014\u2013(] ?)$"
)
