"""How the names in a notice hang together: a choice, a sum, or separate statements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from filters.licenses.notices.context import sentence_start
from filters.licenses.notices.limits import speaks_of_part

if TYPE_CHECKING:
    from filters.licenses.notices.mention import Mention

Joint: TypeAlias = Literal["", "OR", "AND", ","]
_CHOICE: Final = re.compile(
    r"\b(?:dual|dually|triple?|tri|multi|multiple|disjunct\w*|either|choice|choose|"
    r"choosing|alternatively|alternative|"
    r"whichever|one of|any of|any one of|your (?:option|choice|discretion|preference)|"
    r"option of|elect|election)\b"
)
_LATER_OPTION: Final = re.compile(
    r"\(?,? ?at your (?:option|choice|discretion)\)?,? (?:any|a|under any|or any) (?:later|newer)"
)
_OR: Final = re.compile(r"\bor\b|/|\||\band/or\b|\bou\b|\boder\b")
_JOINT: Final = re.compile(
    r"(?:[ ,;:/&+|().-]|\n(?!\n)|\blicen[cs]e-\w+|\b(?:and|or|the|a|an|an?d?/or|versions?|v\d?|"
    r"licen[cs]es?|\d[\d.]*|any|later|terms|of|under|as|well|both|either|also|"
    r"at|your|option|only|gnu|inc|with|http\S*|www\S*|see|by|free|software|foundation|"
    r"published|alternatively|b|c|ii|is|dual|with|to|in|you|may|choose|it|"
    r"can|be|used|which|comes|this|kit)\b|\((?:found|see|described|included) [^()\n]{0,90}\)){0,40}"
)
_ALTERNATIVE: Final = re.compile(
    r"\balternatively\b|\bas an alternative\b|\bat your (?:option|choice)\b|may (?:also|"
    r"instead|alternatively) be (?:used|distributed|made|redistributed|licen[cs]ed)|"
    r"\bor,? (?:at your option|instead|the following)|\bin which case the provisions\b|"
    r"\beither (?:of|the)\b|\bone of the (?:following|two|three)\b|"
    r"\b(?:dual|tri|multi)[- ]?licen|\byou (?:may|can) (?:choose|elect|select|use (?:it|"
    r"this file) under either)\b|\bchoice of\b|^ ?or\b"
)
_LONE_OR: Final = re.compile(
    r"(?: versions?)?[\s.,;:)*]*\bor\b[\s,:*(]*(?:\b(?:under|the|terms|of|a|b|to)\b[\s).]*)*"
)
# words that offer a choice of which the last licence may stand farther off: "one of two, A found in COPYING, or B"
_ONE_OF: Final = re.compile(
    r"\b(?:(?:choice|choose|any|one|either) (?:of |between |from )?(?:one |any "
    r"|either )?(?:of )?(?:the )?(?:following )?"
    r"(?:two|three|2|3|several|these|following|licen[cs]es)\b|(?:dual|tri|multi)[- ]?licen"
    r"|your (?:choice|option|election))"
)
_LAST_OR: Final = re.compile(
    r"[^.]*(?:\.\w[^.]*)*\bor\b[ ,(]*(?:(?:under|the|terms|of|an?|to) ){0,4}\(?$"
)
# the line above a list of licences of which one may be chosen
_LEAD: Final = re.compile(
    r"\b(?:either(?: of)?|(?:any )?one of|any of|your choice of|choice of)(?: the| these| following| two"
    r"| three| licen[cs]es?| open source)*(?:,? at your (?:option|choice))?\W{0,4}$"
    r"|\b(?:dual|tri|multi)[- ]?licen[cs]ed(?: under(?: the)?)?\W{0,4}$"
)
_OR_WORD: Final = re.compile(r"\bor\b")
_NEXT_OR: Final = re.compile(r"[\s.,;:]*\bor\b.{0,40}", re.DOTALL)
# what begins another notice: an alternative named behind it is none to what stands before
_NOTICE: Final = re.compile(r"copyright:? {0,3}(?:\(c\)|©|\d{4})|©|\(c\) ?\d{4}", re.IGNORECASE)
_SELECT: Final = re.compile(
    r"[^.]{0,120}[.,;]? ?(?:you|licensees|users|recipients)[^.]{0,30} (?:may|can)[^.]{0,12} "
    r"(?:select|choose|elect|pick)[^.]{0,40} (?:one|either|any) of (?:the|these)"
)
_NO_CHOICE: Final = re.compile(r"http\S*|www\S*|and/or later|or \(?any|or later|or newer")
_AND: Final = re.compile(r"\band\b|&|\+|\bplus\b|\bas well as\b")
_CLAUSES: Final = 160  # code points between two names of one sentence
_BLOCK: Final = 1600  # code points from a name to the paragraph that offers an alternative
_OFFER: Final = 320  # code points from the words of a choice to the name
_BEHIND: Final = 90


class Group(NamedTuple):
    """Names of one statement and what joins them; a comma is an AND that a later OR changes."""

    mentions: list[Mention]
    joint: Joint


def groups(low: str, kept: list[Mention]) -> list[Group]:
    """Put mentions that belong to one statement of a flat lower-case text together."""
    found: list[Group] = []
    for mention in kept:
        last = found[-1] if found else Group([], "")
        joint = _joint(low, last.mentions, mention) if found else ""
        if joint and last.joint in {"", ",", joint}:
            last.mentions.append(mention)
            found[-1] = Group(last.mentions, joint)
        else:
            # "A and B, or C": the sum stands, so that no part of it can be chosen alone
            found.append(Group([mention], ""))
    return found


def joined(between: str) -> bool:
    """Say whether only joining words stand between two names."""
    return len(between) < _CLAUSES and _JOINT.fullmatch(between) is not None


def listed(low: str, before: Mention, mention: Mention) -> bool:
    """Say whether a sentence that offers a choice ends in a name: "one of two: A, found in COPYING, or B"."""
    between = low[before.end : mention.start]
    if len(between) > _BLOCK // 4 or "\n" in between or _LAST_OR.fullmatch(between) is None:
        return False
    start = sentence_start(low, before.start)
    return _ONE_OF.search(low, start, before.start) is not None


def begins_notice(text: str) -> bool:
    """Say whether somebody's copyright stands in a text: with it another notice begins."""
    return _NOTICE.search(text) is not None


def _joint(low: str, group: list[Mention], mention: Mention) -> Joint:
    """Say what joins a name to those before it; nothing, where another statement begins."""
    if any("proprietary" in each.expression for each in (*group[-1:], mention)):
        return ""  # a refusal of rights is no choice
    before = group[-1]
    if _changes_subject(low, before, mention):
        return ""
    between = _LATER_OPTION.sub(" ", low[before.end : mention.start])
    offered = listed(low, before, mention) or _offered(between) or _LONE_OR.fullmatch(between)
    if offered or _below(low, group, mention, between):
        return "OR"
    return _joint_of_words(low, group, mention, between)


def _joint_of_words(low: str, group: list[Mention], mention: Mention, between: str) -> Joint:
    """Read the words between two names of one sentence."""
    if not joined(between) or ("\n" in between and not _NEXT_OR.fullmatch(between)):
        return ""
    if _OR.search(_NO_CHOICE.sub(" ", between)) or _chosen(low, group, mention):
        return "OR"
    return "AND" if _AND.search(between) else ","


def _changes_subject(low: str, before: Mention, mention: Mention) -> bool:
    """Say whether a sentence about a part follows one about the whole, or the other way round."""
    if sentence_start(low, mention.start) < before.end:
        return False
    return speaks_of_part(low, before) != speaks_of_part(low, mention)


def _chosen(low: str, group: list[Mention], mention: Mention) -> bool:
    """Say whether the words around all the names leave a choice."""
    start = sentence_start(low, group[0].start)
    behind = low[mention.end : mention.end + _BEHIND].partition(". ")[0]
    if _CHOICE.search(_LATER_OPTION.sub(" ", low[start : group[0].start] + behind)):
        return True
    if start and low[start - 1] == "\n" and _led(low, start - 1):
        return True
    return _SELECT.match(low, mention.end, mention.end + _OFFER) is not None


def _led(low: str, at: int) -> bool:
    """Say whether the paragraph that ends at a line feed leaves a choice between what follows."""
    return _LEAD.search(low, max(0, at - _OFFER), at) is not None


def _offered(between: str) -> bool:
    """Say whether a licence is offered in place of the one before it."""
    if len(between) >= _BLOCK or begins_notice(between):
        return False
    return _ALTERNATIVE.search(between[-_OFFER:]) is not None


def _below(low: str, group: list[Mention], mention: Mention, between: str) -> bool:
    """Say whether a choice is offered whose second licence stands below in its own words."""
    if mention.note != "partial" or len(between) > _OFFER or not _OR_WORD.search(between):
        return False
    return _CHOICE.search(low, sentence_start(low, group[0].start), group[0].start) is not None
