"""A row of a table of forms: one regex around a credential, how to judge its value, examples; and its rule."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from filters.redact.rule import Check, Level, Range, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

_TRAILING: Final = ".,:;"
_PATH: Final = re.compile(
    r"/[a-z]+(?:[/.][\w.\-]*)*$|~/|\.{1,2}/|[A-Za-z]:\\|[\w./-]+\."
    r"(?:txt|json|ya?ml|pem|key|env|conf|py|js|sh)$|--?[a-z]"
)


class Form(NamedTuple):
    """A form: its id, its regex with a `span` group, the judge of the value, and examples.

    `trigger` is the part of the regex that is rarest in ordinary text (`rule.Rule`).
    """

    id: str
    regex: str
    judge: Callable[[str], bool]
    yes: tuple[str, ...]
    no: tuple[str, ...] = ()
    flags: int = 0
    level: Level = "balanced"
    trigger: str = ""


def checked(judge: Callable[[str], bool]) -> Check:
    """Accept the group `span`, without trailing points, when it is no path and the judge agrees."""

    def check(match: re.Match[str]) -> Range | None:
        start = match.start("span")
        value = match["span"].rstrip(_TRAILING)
        if _PATH.match(value) is not None or not judge(value):
            return None
        return start, start + len(value)

    return check


def form_rules(forms: tuple[Form, ...]) -> tuple[Rule, ...]:
    """Return one rule for each form."""
    return tuple(
        Rule(
            form.id,
            "SECRET",
            form.level,
            re.compile(form.regex, form.flags),
            checked(form.judge),
            re.compile(form.trigger) if form.trigger else None,
            yes=form.yes,
            no=form.no,
        )
        for form in forms
    )
