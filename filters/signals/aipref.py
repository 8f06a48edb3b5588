"""AI preferences of the IETF: `Content-Usage` as a header and as a line of robots.txt.

The drafts draft-ietf-aipref-attach (to -05) and draft-ietf-aipref-vocab (to -08) renamed the uses
several times, so the table of labels is keyed by the draft. A label that a draft does not know is
ignored, a statement that is no dictionary says nothing (vocab-08 section 6.5).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from filters.signals.fields import dictionary
from filters.signals.model import Answer, Rule, RuleSet, reading
from filters.signals.usage import usage_rules

if TYPE_CHECKING:
    from filters.signals.fields import Member
    from filters.signals.model import Options, Reading, Recording

NAME: Final = "aipref"
_ALLOW: Final = "y"
_DISALLOW: Final = "n"

# By draft and purpose: chains of labels, of which the first that is stated answers. Up to -04 a
# use that is not stated falls back to the one it is part of. A corpus may train models that
# generate and models that do not, so both chains count where a draft tells them apart.
_Chains = dict[str, tuple[tuple[str, ...], ...]]
_FLAT: Final[_Chains] = {"train-ai": (("train-ai",),), "search": (("search",),)}
DRAFTS: Final[dict[str, _Chains]] = {
    "01": {
        "train-ai": (("genai", "ai", "tdm"), ("ai", "tdm")),
        "tdm": (("tdm",),),
        "ai-input": (("inference", "tdm"),),
        "search": (("search", "tdm"),),
    },
    "02": {
        "train-ai": (("train-genai", "train-ai", "all"), ("train-ai", "all")),
        "ai-input": (("ai-use", "all"),),
        "search": (("search", "all"),),
    },
    "03": {
        "train-ai": (("train-genai", "train-ai", "bots"), ("train-ai", "bots")),
        "search": (("search", "bots"),),
    },
    "04": {
        "train-ai": (("train-ai", "bots"),),
        "ai-input": (("ai-output", "bots"),),
        "search": (("search", "ai-output", "bots"),),
    },
    "05": _FLAT,
    "06": _FLAT,
    "07": _FLAT,
    "08": {**_FLAT, "ai-input": (("ai-use",),)},
}
ANY: Final = "01-08"
"""All drafts at once: a site that wrote by an old one meant what it said."""


def stated(text: str, draft: str, options: Options) -> dict[str, Answer] | None:
    """Return the answers in a statement by purpose, `None` where it is no dictionary.

    An exception that a statement grants (the parameter `exceptions`, as in CC signals) lifts a no
    to unknown only where `options.met` has it; drafts ignore parameters.
    """
    members = dictionary(text)
    if members is None:
        return None
    found: dict[str, Answer] = {}
    for each in DRAFTS if draft == ANY else (draft,):
        for purpose, chains in DRAFTS[each].items():
            answers = [_first(members, chain, options) for chain in chains]
            found[purpose] = _strictest(found.get(purpose, "unknown"), *answers)
    return {purpose: answer for purpose, answer in found.items() if answer != "unknown"}


def _first(members: dict[str, Member], chain: tuple[str, ...], options: Options) -> Answer:
    stands = (members[label] for label in chain if label in members)
    member = next((each for each in stands if each.token in {_ALLOW, _DISALLOW}), None)
    if member is None:
        return "unknown"
    granted = dict(member.parameters).get("exceptions", "").replace(",", " ").split()
    if member.token == _ALLOW:
        return "yes"
    return "unknown" if options.met & set(granted) else "no"


def _strictest(*answers: Answer) -> Answer:
    return max(answers, key=("unknown", "yes", "no").index)


def parse(draft: str, recording: Recording, options: Options) -> Reading:
    """Read `Content-Usage` from headers or a robots.txt by one draft, or by `ANY`; never raises."""
    states = functools.partial(stated, draft=draft, options=options)
    if recording.carrier == "robots":
        usage = usage_rules(recording.body, "content-usage", states, options)
        return reading(NAME, draft, recording, usage.sets, usage.problems)
    values = [value for name, value in recording.headers if name.strip().lower() == "content-usage"]
    answers = states(", ".join(each for each in values if each.strip()))
    if answers is None:
        problem = ("Content-Usage", "the header is no dictionary of RFC 9651")
        return reading(NAME, draft, recording, (), (problem,))
    sets = [
        RuleSet(purpose, (Rule("", answer, "Content-Usage"),))
        for purpose, answer in answers.items()
    ]
    return reading(NAME, draft, recording, sets)
