"""Statements that are a licence in themselves or point at one, without a listed licence's name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.licenses.notices.mention import Mention

if TYPE_CHECKING:
    from filters.licenses.notices.hints import Hints

PROPRIETARY: Final = "LicenseRef-scancode-proprietary-license"
COMMERCIAL: Final = "LicenseRef-scancode-commercial-license"
_REFUSALS: Final = frozenset({PROPRIETARY, COMMERCIAL})
PUBLIC_DOMAIN: Final = "LicenseRef-scancode-public-domain"
PERL: Final = "Artistic-1.0-Perl OR GPL-1.0-or-later"

_THIS: Final = (
    r"(?:this|the|all|these|it|its|code|and|or|of|source|original|entire|following|files?|"
    r"software|program|work|module|library|script|version|package|documentation?|document|"
    r"data|information|implementation|function|header|text|contents?|algorithm|programs?|"
    r"routines?|materials?|tests?|i|we|author|has|have|been|is|are|was|hereby|by|explicitly|"
    r"also|which|that|totally|completely|entirely|now|into|in|to|released|placed|dedicated|"
    r"donated|put|given|declared|committed|contributed|published|distributed|made|under)"
)
_DEDICATED: Final = "public[- ]domain"
# a hint that must be there, a pattern, and what it says
_RULES: Final[tuple[tuple[str, str, str], ...]] = (
    ("as (?:the )?perl", (
        r"(?:same (?:terms|licen[cs]e|conditions|licen[cs]ing terms)|terms) (?:and "
        r"conditions )?as (?:the )?perl(?: ?5(?:\.\d+)*| itself| programming language| language| system|\b)+"
    ), PERL),
    ("perl itself", (
        r"same (?:terms|licen[cs]e|conditions) (?:as|of|that) \w{0,12} ?perl itself|like "
        r"perl itself|the (?:licen[cs]e|terms) of perl itself"
    ), PERL),
    ("as ruby", (
        r"same (?:terms|licen[cs]e|conditions) as ruby(?:'s)?(?: itself)?|ruby's (?:own "
        r")?licen[cs]e"
    ), "Ruby"),
    ("python software and documentation",
     (r"python software and documentation are licen[cs]ed under the (?:python software foundation"
      r"|psf) licen[cs]e(?: agreement)?(?: version 2)?"), "Python-2.0.1"),
    ("free and unencumbered",
     r"free and unencumbered (?:public domain )?software released into the public domain",
     "Unlicense"),
    ("the author disclaims copyright", r"the authors? disclaims? copyright to this source code", "blessing"),
    ("retain this notice you",
     r"as long as you retain this notice,? you can do whatever you want",
     "Beerware"),
    ("waived all copyright",
     r"to the extent possible under (?:\w+ )?law[^.]{0,160}waived all copyright",
     "CC0-1.0"),
    (_DEDICATED, (
        r"(?<!creative commons )(?:placed|released|dedicated|donated|put|given|gives?|"
        r"committed|contributed|enters?|entered|is|are|was|been|be|it|hereby|code|file|"
        r"software|place)(?: (?!not\b)\w+){0,4}? ?(?:in|into|to|within|under) (?:the )?public[- ]domain(?!s\b)"
    ), PUBLIC_DOMAIN),
    (_DEDICATED, (
        rf"(?:\A|[\n.:,] ?)(?:(?:license|licence|copyright|status|legal|"
        rf"distribution) ?[:=]? ?)?(?:{_THIS} ){{0,8}}public[- ]domain(?! (?:dedication|mark|"
        rf"clock|version|implementation of|replacement|korn|alternative|suite|"
        rf"tool))(?= ?(?:[.,;!:)(\n-]|$|code|software|by |and |so |work|file|source|program|"
        rf"no |not copyrighted|with ))"
    ), PUBLIC_DOMAIN),
    (_DEDICATED, r"(?:100 ?%|is|are|=|licen[cs]e[:=]?) public[- ]domain(?= ?(?:[.,;)\n]|$))", PUBLIC_DOMAIN),
    ("not copyrighted", (
        r"(?:is|are) not copyrighted(?: and)?(?: \w+){0,4} public domain|no copyright is "
        r"claimed|not subject to (?:copyright|u\.?s\.? copyright)"
    ), PUBLIC_DOMAIN),
    ("proprietary", (
        r"confidential (?:and|&|or|\/|,) ?(?:\w+ )?proprietary|proprietary (?:and|&|or|,|"
        r"\/) ?(?:\w+ )?(?:confidential|trade secret)|(?:is|are|contains?) (?:the "
        r")?(?:unpublished |valuable |confidential )*proprietary (?:and confidential "
        r")?(?:information|property|source code|code|software|data|material|to|product)|"
        r"proprietary (?:source code|software|licen[cs]e)\b(?! (?:vendors?|compan))"
    ), PROPRIETARY),
    ("confidential", (
        r"(?:company |strictly |highly )?confidential(?: and |/)(?:proprietary|trade secret)|"
        r"trade secrets? (?:and|or) confidential|unpublished confidential|confidential "
        r"(?:information|material|property)(?: \w+){0,3} of|\bstrictly confidential"
    ), PROPRIETARY),
    ("trade secret", r"trade secrets? of", PROPRIETARY),
    ("licensed materials", r"licensed materials? - property of", PROPRIETARY),
    ("unauthori", (
        r"unauthori[sz]ed (?:copying|use|reproduction|duplication|distribution|copy|"
        r"disclosure|modification|access|redistribution)[^.]{0,200}?(?:prohibited|forbidden|"
        r"illegal|unlawful|violation|not allowed|not permitted)"
    ), PROPRIETARY),
    (r"be (?:copied|reproduced|used|distributed|disclosed|redistributed|duplicated|transmitted|sold)", (
        r"(?:may not|must not|shall not|cannot|can ?not|not to|nor may|no part|not) be "
        r"(?:copied|reproduced|used|distributed|disclosed|redistributed|duplicated|"
        r"transmitted|sold)(?:,? (?:\w+,? ){0,14})without (?:the )?(?:\w+,? "
        r"){0,4}(?:permission|consent|authori[sz]ation|approval|licen[cs]e agreement|"
        r"agreement)"
    ), PROPRIETARY),
    ("no part of th", (
        r"no part of (?:this|the) [^.]{0,140}without (?:the )?(?:\w+,? ){0,4}(?:permission|"
        r"consent|authori[sz]ation)"
    ), PROPRIETARY),
    ("reproduction", (
        r"(?:use|copying|reproduction|distribution|duplication|disclosure)[^.]{0,60} "
        r"without[^.]{0,60}(?:permission|consent|authori[sz]ation|licen[cs]e)[^.]{0,40} "
        r"(?:is|are) (?:strictly |expressly )?(?:prohibited|forbidden)|any (?:use|"
        r"reproduction|copying)[^.]{0,120}without[^.]{0,80}(?:prohibited|forbidden)|"
        r"reproduction and distribution of this software without permission"
    ), PROPRIETARY),
    ("license agreement", (
        r"(?:under|subject to|in accordance with|governed by|per|pursuant to) (?:the |a |an |"
        r"your |terms of |conditions of |and |your )*(?:(?:separate|signed|written|"
        r"commercial|applicable|end[- ]user|software|express|enclosed|accompanying|"
        r"non-disclosure) ){1,4}licen[cs]e agreement"
    ), PROPRIETARY),
    ("commercial license", (
        r"(?:under|requires?|with) (?:the terms of )?(?:a |an |the |our )?commercial "
        r"licen[cs]e(?! or| for| is available|s? (?:are|is) available)"
    ), COMMERCIAL),
    ("non-commercial", (
        r"(?:for|only|free for) (?:your )?(?:personal(?:,| and| or)? ?(?:\w+,? "
        r")?)?non-?commercial (?:use|purposes?|research)[^.]{0,20}only|(?:only|free|"
        r"restricted|limited)[^.]{0,30} (?:for|to) (?:\w+,? ){0,4}non-?commercial|not (?:be "
        r"used )?for commercial (?:use|purposes?)|commercial use (?:is )?(?:prohibited|"
        r"forbidden|not (?:allowed|permitted))"
    ), "LicenseRef-gristmill-non-commercial"),
    ("noncommercial", (
        r"(?:for|only|free for) (?:your )?(?:personal(?:,| and| or)? ?)?noncommercial (?:use|"
        r"purposes?|research)"
    ), "LicenseRef-gristmill-non-commercial"),
)  # fmt: skip
_COMPILED: Final = tuple(
    (hint, re.compile(pattern), expression) for hint, pattern, expression in _RULES
)
HINTS: Final = tuple(hint for hint, _, _ in _RULES)

# the clause on names and publicity in BSD and HPND texts, and what texts say of themselves
_NAMES_ONLY: Final = re.compile(
    r"endors|promot|publicity|advertis|trademark|names? |this licen[cs]e may|logo|holding (?:a )?valid"
)
_ASIDE: Final = 100
# two words that state something where they are all of their line
_DOMAIN: Final = re.compile(rf"{_DEDICATED}(?!s\b)")


def own_mentions(low: str, hints: Hints) -> list[Mention]:
    """Find statements that need no name: public domain, proprietary notices, "as Perl itself"."""
    found = [
        _mention(match, expression)
        for hint, pattern, expression in _COMPILED
        if hint in hints
        for match in pattern.finditer(low)
        if expression not in _REFUSALS or not _speaks_of_names(low, match)
    ]
    lone = _DOMAIN.finditer(low) if _DEDICATED in hints else ()
    return found + [Mention(*match.span(), PUBLIC_DOMAIN, PUBLIC_DOMAIN) for match in lone]


def _mention(match: re.Match[str], expression: str) -> Mention:
    """Make a mention; only of the public domain people also talk without stating anything."""
    reference = expression.startswith("LicenseRef")
    family = expression if reference else expression.partition("-")[0]
    own = expression != PUBLIC_DOMAIN
    return Mention(*match.span(), expression, family, own=own, licensed=True)


def _speaks_of_names(low: str, match: re.Match[str]) -> bool:
    start, end = max(0, match.start() - _ASIDE), match.end() + _ASIDE
    return _NAMES_ONLY.search(low, start, end) is not None
