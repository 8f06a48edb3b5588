"""Short licences that stand in a file's head in full: read by the phrases that set them apart.

The evidence is `partial`, because only phrases were read; a comparison with the whole text says more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.licenses.notices.mention import Mention
from filters.licenses.spdx import NOASSERTION

if TYPE_CHECKING:
    from collections.abc import Callable

    from filters.licenses.notices.hints import Hints

_SPAN: Final = 3600  # code points in which a short licence ends
_ENDORSE: Final = re.compile(
    r"neither (?:the )?(?:\S+ ){0,3}names?\b|names?(?: \S+){0,24} (?:to endorse|be used "
    r"to)|endorse or promote"
)


def _bsd(text: str) -> str:
    if "all advertising materials" in text:
        university = "university of california" in text
        third = _ENDORSE.search(text) is not None
        return (
            ("BSD-4-Clause-UC" if university else "BSD-4-Clause")
            if third
            else "BSD-Advertising-Acknowledgement"
        )
    if _ENDORSE.search(text):
        return "BSD-3-Clause"
    binary = re.search(
        (
            r"redistributions? in binary form|(?:source and|or) binary forms? must|both "
            r"source and binary"
        ),
        text,
    )
    return "BSD-2-Clause" if binary else "BSD-1-Clause"


def _mit(text: str) -> str:
    if "used for good, not evil" in text:
        return "JSON"
    if "except as contained in this notice" in text:
        return "X11"
    if "this permission notice" not in text and "copyright notice" not in text:
        return "MIT-0"
    return "MIT"


def _isc(text: str) -> str:
    return "ISC" if "provided that" in text[:260] else "0BSD"


def _hpnd(text: str) -> str:
    if "sell" in text[:140]:
        return "HPND-sell-variant"
    return "HPND" if "without specific" in text else "NTP"


def _fsf(text: str) -> str:
    if "with or without modifications" not in text[:220]:
        return "FSFUL"
    return "FSFULLRWD" if "without any warranty" in text[:560] else "FSFULLR"


def _always(expression: str) -> Callable[[str], str]:
    return lambda _: expression


_RULES: Final[tuple[tuple[str, str, Callable[[str], str]], ...]] = (
    (
        "redistribution and use",
        r"redistribution and use (?:of this \w+ )?in (?:the )?(?:source|binary)",
        _bsd,
    ),
    (
        "person obtaining a copy",
        (
            r"permission is hereby granted,? (?:free of charge,? )?(?:without \S+ \S+ \S+,? "
            r")?to any person obtaining a copy of (?:this|the) \S+(?: \S+)? and(?:/or)? "
            r"associated"
        ),
        _mit,
    ),
    (
        "person or organization obtaining",
        (
            r"permission is hereby granted, free of charge, to any person or organization "
            r"obtaining a copy"
        ),
        _always("BSL-1.0"),
    ),
    (
        "with or without fee",
        (
            r"permission to use, copy, modify,? and(?:/or)? distribute (?:this|the) \S+ for "
            r"any purpose with or without fee"
        ),
        _isc,
    ),
    (
        "and its documentation",
        (
            r"permission to use, copy, modify,?(?: and)?(?:/or)? ?(?:distribute|"
            r"sell)[^.]{0,30}this \S+ and (?:its|associated) documentation"
        ),
        _hpnd,
    ),
    (
        "must not be misrepresented",
        r"origin of this (?:software|source code|\w+) must not be misrepresented",
        _always("Zlib"),
    ),
    (
        "provided this copyright notice appears",
        (
            r"permission to (?:copy, use|use, copy), modify, sell and distribute this \S+ is "
            r"(?:hereby )?granted,? provided this copyright notice appears"
        ),
        _always("LicenseRef-scancode-boost-original"),
    ),
    ("in any medium without royalty", r"permitted in any medium without royalty", _always("FSFAP")),
    (
        "unlimited permission",
        (
            r"(?:free software foundation|author|inc\.?)[, ]+gives unlimited permission to copy"
            r"(?!, distribute and modify the)"
        ),
        _fsf,
    ),
    (
        "changing it is allowed",
        r"verbatim or modified copies of this licen[cs]e document, and changing it is allowed",
        _always("WTFPL"),
    ),
)
_COMPILED: Final = tuple(
    (literal, re.compile(pattern), decide) for literal, pattern, decide in _RULES
)
HINTS: Final = tuple(literal for literal, _, _ in _RULES)


_REFUSED: Final = re.compile(
    r"\b(?:not|never) (?:be )?(?:permitted|allowed|granted|authori[sz]ed)\b|"
    r"\b(?:prohibited|forbidden|denied|refused|permitted only|allowed only|only (?:permitted|allowed|for|as|with))\b|"
    r"\bnon-?commercial\b|\b(?:prior|written) (?:\w+ )?(?:permission|consent|approval)\b"
)
_GRANT: Final = 170  # code points of the sentence that grants


def _refused(low: str, start: int) -> bool:
    """Say whether the sentence that should grant refuses, or grants little."""
    sentence = re.split(r"\.(?: |$)|provided|subject to|\n", low[start : start + _GRANT])[0]
    return _REFUSED.search(sentence) is not None


def text_mentions(low: str, hints: Hints) -> list[Mention]:
    """Find the beginnings of short licences in a flat lower-case text and tell them apart."""
    found = []
    for literal, pattern, decide in _COMPILED:
        if literal not in hints:
            continue
        for match in pattern.finditer(low):
            if _refused(low, match.start()):
                found.append(Mention(*match.span(), NOASSERTION, NOASSERTION, own=True))
                continue
            expression = decide(low[match.start() : match.start() + _SPAN])
            family = expression.partition("-")[0]
            found.append(
                Mention(match.start(), match.end(), expression, family, own=True, note="partial")
            )
    return found
