"""Words that take rights back: what was added to a permissive text, and what stands beside one.

A licence text with such an addition is not that licence any more, whatever its name says.
"""

from __future__ import annotations

import functools
import re
from itertools import takewhile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_BESIDE: Final = 400  # code points
_SHORT: Final = 256  # code points of what is remembered
_OPENED: Final = ("/*", "<!--", "(*", "{-", "--[[")
_EDGE: Final = re.compile(r"\*/|/\*|-->|<!--|\"\"\"|'''|\*\)|-\}")
# A full stop that ends a sentence; comment marks and line breaks are blanks by then.
_SENTENCE: Final = re.compile(r"(?<=[.;!?])\s+(?=[\"'(\[]?[A-Z0-9])|(?<=[,:])\s+(?=[A-Z][a-z'])")
_BREAK: Final = re.compile(r"\n\s*\n")
_MARKS: Final = re.compile(r"(?:[\s*#>|/\u2022]|(?<!\w)-|-(?!\w))+")
_WORD: Final = re.compile(r"[a-z]+")
# How the words begin without which nothing below restricts: most of what is asked has none of them.
_OPENINGS: Final = frozenset(
    """not non no nonco noder nonpr noone never nobod none only solel exclu prohi forbi disal limit restr
    refus permi conse appro agree prior writt need needs requi obtai ask conta must
    mustn shall have has canno can won don isn aren does doesn could shoul would commo comme profi good
    milit weapo warfa nucle surve perso compe confi propr share deriv ethic machi artif train unaut priva
    acade educa resea inter evalu teach scien produ home hobby testi stude trial more royal fee fees paid
    subsc purch bough expir revok valid termi rever nicht darf durf kauf sans inter usage comer vieta
    sin""".split()  # noqa: SIM905  ninety words in a list take ninety lines
)
# What restricts wherever it stands.
_ALONE: Final = re.compile(
    r"\bnon-?\s?commercial|\bcommons clause\b|(?<!creative )\bcommons\W*$"
    r"|\bcommercial(?:ly)? (?:use|users?|purpose|product|entit|licen[cs]|exploit|distribut|gain)"
    r"|\b(?:for|anything|in) (?:any )?(?:commercial\b|profit\b)|\bfor-profit\b"
    r"|\b(?:good,? not evil|military|weapons?|warfare|nuclear|surveillance|personal use|competing|"
    r"confidential (?:and|or)|(?:is|are|and|remains?|strictly) (?:confidential|proprietary)|"
    r"share[- ]?alike|no[- ]?derivatives?|ethical(?:ly)?|"
    r"machine learning|artificial intelligence|(?<!pre-)training (?:data|purposes?|of)|unauthori[sz]ed)\b"
    r"|\b(?:personal|private|academic|educational?|research|internal|evaluation|teaching|scientific|"
    r"production|home|hobby)(?:,? (?:and|or) \w+)* (?:use\b|usage\b|purposes?\b|only\b)"
    r"|\breverse[- ]engineer|\blicen[cs]e terminates if\b|\bnicht (?:\w+ )?(?:kommerziell|erlaubt|gestattet|genutzt)"
    r"|\bohne (?:\w+ )?(?:genehmigung|erlaubnis|zustimmung)\b|\binterdit|\bprohibid[oa]\b|\bvietat[oa]\b"
    r"|\b(?:usage|utilisation|fins?) (?:non[- ])?commerciale?s?\b|\bsans (?:l')?autorisation\b"
    r"|\b(?:uso|fines?) (?:no )?comercial(?:es)?\b|\bsin (?:la )?autorizaci"
    r"|\b(?:for (?:evaluation|testing|students)|trial|non-?profit (?:use|purposes?|only|institution)"
    r"|more than \d+ employees)\b"
    r"|\b(?:royalt(?:y|ies) (?:of|must|shall|are)|(?<!without )(?<!no )fees?\b|paid\b(?![- ]up)|use in production|"
    r"subscription|purchase[ds]?|"
    r"bought|expires?|revoked|valid (?:for|until|only)|for internal)",
    re.IGNORECASE,
)
# What forbids, narrows, or asks for leave; with an act or a right in one sentence it restricts.
_FORBIDS: Final = re.compile(
    r"\b(?:may|must|shall|can|could|should|do|will|would|is|are)(?: not|n['\u2019]t)\b"
    r"(?! (?:limited|required|restricted|have to|responsible|liable|warrant|imply|an? |"
    r"be (?:held )?(?:liable|responsible)))"
    r"|\bdoes(?: not|n['\u2019]t) (?:include|extend|grant|permit|allow|cover)\b"
    r"|\b(?:cannot|can['\u2019]t|won['\u2019]t)\b|\bnever\b|\bnobody\b|\bno ?one\b|(?<!-)\bonly\b|\bsolely\b"
    r"|\bexclusively\b|\bexcluded?s?\b"
    r"|\bnot (?:be )?(?:allowed|permitted|granted|for|free|to be|sold|used|extend|include)\b"
    r"|\b(?:prohibit(?:s|ed)?|prohibition|forbid(?:s|den)?|disallow(?:s|ed)?|limited to|(?<!not )restricted|refused)\b"
    r"|\bno (?:part|use|copy|copies|copying|redistribution|distribution|modifications?|changes|sale|"
    r"commercial|rights?|permission|licen[cs]e (?:is|to|for|granted))\b"
    r"|\b(?:permission|consent|approval|agreement|authori[sz]ation) (?:of|from|by|in writing|is (?:required|needed))"
    r"|\b(?:prior|written|author's|owner's|holder's) (?:\w+ )?(?:permission|consent|approval|agreement)"
    r"|\brequires? (?:an? |the )?(?:commercial|paid|separate|prior)\b"
    r"|\b(?:needs?|requires?|obtain(?! a copy of)|ask|contact)\b.{0,60}\b(?:licen[cs]|permission|consent|approval)",
    re.IGNORECASE,
)
_ACTS: Final = re.compile(
    r"\b(?:us(?:e|es|ed|er|ers|age|ing)|cop(?:y|ies|ied|ying)|reproduc\w+|(?:re)?distribut\w+|modif\w+|"
    r"alter\w*|deriv\w+|(?:re)?s(?:ell|ells|old|ale|elling)|publish\w*|host\w*|offer\w*|provid\w+|train\w*|"
    r"sublicen\w+|licen[cs]\w+|permission|rights?|grants?|granted|shared?|deploy\w*|run|executed?)\b",
    re.IGNORECASE,
)
# What a user has to do, beyond naming the authors.
_DUTIES: Final = re.compile(
    r"\b(?:must|shall|(?<!not )(?<!n't )have to|has to|need to|needs to|required to|agree to|agrees to)\b",
    re.IGNORECASE,
)
_BURDENS: Final = re.compile(
    r"\b(?:sources?|same licen[cs]e|(?:same|these) terms|this licen[cs]e|publish\w*|disclos\w*|releas\w+|available|"
    r"open|pay\w*|regist\w+|submit\w*|sen[dt]|inform|notify|contact|ask|permission|consent|approv\w+|"
    r"(?:your|any|all) (?:changes|modifications)|delet\w+|destroy\w*|return|obtain)\b",
    re.IGNORECASE,
)
# Sentences that licences hold anyway: disclaimers, names and notices, the Apache header, praise.
_HARMLESS: Final = re.compile(
    r"\b(?:warrant(?:y|ies|ed|s)|liab(?:le|ility)|damages|merchantab|fitness|endorse|promot(?:e|ion)|"
    r"as[ -]is|except in compliance|compliance with the licen[cs]e|trade ?marks?|advertising|"
    r"misrepresent|infring\w+|neither the names?|originally written|claim that you wrote|plainly marked|altered source|"
    r"(?:in|as) (?:all|any|source) (?:copies|distribution)|"
    r"(?:this|the|above|following|copyright|permission|attribution|licen[cs]e) (?:\w+ )?(?:notices?|header)|"
    r"clearly (?:indicated|marked)|acknowledg\w*|credit\w*|attribut\w+|gpl.compatib\w+|incompatible|your version of)\b",
    re.IGNORECASE,
)
# Of these a sentence of the harmless kind is none.
_SEVERE: Final = re.compile(
    r"\bnon-?\s?commercial|\bcommons clause\b|\bcommercial (?:use|purpose|product)|\bpersonal use\b"
    r"|\bnot (?:be )?(?:sold|sell|redistribut)|\bno[- ]?derivatives?\b",
    re.IGNORECASE,
)


def restricts(text: str) -> bool:
    """Tell whether words that somebody added to a licence take rights back."""
    return _restricts_short(text) if len(text) <= _SHORT else _any_restricts(text)


def _any_restricts(text: str) -> bool:
    return any(_restricts(each) for each in _sentences(text))


_restricts_short = functools.lru_cache(maxsize=1 << 13)(
    _any_restricts
)  # licences repeat each other


def restricting(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where in `text[start:end]` rights are taken back, in paragraphs, as code points."""
    found = []
    while start < end:
        gap = _BREAK.search(text, start, end)
        stop = end if gap is None else gap.start()
        if restricts(text[start:stop]):
            found.append((start, stop))
        start = end if gap is None else gap.end()
    return found


def beside(text: str, start: int, end: int) -> tuple[int, int]:
    """Return how far the comment or block reaches that `text[start:end]` stands in, a little way at most."""
    before, after = text[max(0, start - _BESIDE) : start], text[end : end + _BESIDE]
    lead = text[text.rfind("\n", 0, start) + 1 : start].strip()
    if lead and not lead[0].isalnum() and not lead.startswith(_OPENED):
        above, (own, *below) = before.split("\n")[-2::-1], after.split("\n")
        first = start - len(lead) - len(_led(above, lead[0]))
        return max(0, first), end + len(own) + len(_led(below, lead[0]))
    return start - len(_EDGE.split(before)[-1]), end + len(_EDGE.split(after)[0])


def _led(lines: list[str], mark: str) -> str:
    """Join the lines that begin with a comment mark, up to the first that does not."""
    led = takewhile(lambda line: line.lstrip().startswith(mark), lines)
    return "".join(f"{line}\n" for line in led)


def _sentences(text: str) -> Iterator[str]:
    for paragraph in _BREAK.split(text):
        if not _OPENINGS.isdisjoint(each[:5] for each in _WORD.findall(paragraph.lower())):
            yield from _SENTENCE.split(_MARKS.sub(" ", paragraph).strip())


def _restricts(sentence: str) -> bool:
    if _HARMLESS.search(sentence) is not None:
        return _SEVERE.search(sentence) is not None
    if _ALONE.search(sentence) is not None:
        return True
    if _FORBIDS.search(sentence) is not None and _ACTS.search(sentence) is not None:
        return True
    return _DUTIES.search(sentence) is not None and _BURDENS.search(sentence) is not None
