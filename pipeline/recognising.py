"""`[redact] recognisers`: what other packages offer to redact by, by name or as `module:function`."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, Final

from filters.redact.recognisers import Recogniser, applies, finder_of
from filters.redact.rule import LEVELS, TYPES, Rule
from pipeline.errors import ConfigError
from pipeline.plugins import Loaded, blamed, load, offers
from pipeline.tables import suggestion

if TYPE_CHECKING:
    from filters.redact.recognisers import Finder
    from filters.redact.rule import Level

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,99}")
_WHAT: Final = "a function from a text to (start, end, type), or a filters.redact.rule.Rule,"


def _fits(value: Any) -> bool:
    return callable(value) or isinstance(value, Rule)


def recogniser_flaws(name: str) -> list[str]:
    """Say what is wrong with a recogniser, if anything is."""
    try:
        _finder(name)
    except ConfigError as error:
        return [str(error)]
    return []


def open_recognisers(names: tuple[str, ...], level: Level) -> tuple[Recogniser, ...]:
    """Open those that apply at a level: a function does at any but `off`, a rule at its own and later ones.

    Raises:
        ConfigError: there is no such recogniser, or it is none.
    """
    opened = []
    for name in names if level != "off" else ():
        loaded = _loaded(name)
        if not isinstance(loaded.value, Rule) or applies(loaded.value, level):
            opened.append(Recogniser(name, _guarded(loaded, _finder(name)), ConfigError))
    return tuple(opened)


def _loaded(name: str) -> Loaded:
    found = load("recogniser", name, _fits, _WHAT) if _NAME.fullmatch(name) else None
    if found is None:
        known = [each.name for each in offers("recogniser")]
        near = suggestion(name, known) if known else ""
        raise ConfigError(f"{name!r} is no recogniser: no installed package offers it{near}")
    return found


@functools.cache
def _finder(name: str) -> Finder:
    """Make the finder; of a rule its pattern is compiled, which takes some milliseconds."""
    loaded = _loaded(name)
    value = loaded.value
    if not isinstance(value, Rule):
        found: Finder = value
        return found
    wrong = _rule_flaw(value) or _own_id(name)
    if wrong:
        raise ConfigError(f"{loaded.offer}: {wrong}")
    with blamed(loaded.offer, early=True):
        return finder_of(value._replace(id=name))


def _rule_flaw(rule: Rule) -> str:
    if rule.type not in TYPES:
        return f"no type is called {rule.type!r}{suggestion(str(rule.type), TYPES)}"
    if rule.level not in LEVELS:
        return f"no level is called {rule.level!r}{suggestion(str(rule.level), LEVELS)}"
    texts = [each for each in (rule.pattern, rule.trigger, rule.context) if each is not None]
    if not all(isinstance(each, re.Pattern) and isinstance(each.pattern, str) for each in texts):
        return "its patterns must be compiled by re.compile from a str"
    return ""


def _own_id(name: str) -> str:
    """Keep apart in the ledger what ours and others found."""
    # the rules bring phonenumbers and detect-secrets along: only who has a rule of his own pays here
    from filters.redact.rules import every_rule  # noqa: PLC0415

    taken = any(rule.id == name for rule in every_rule())
    return "a rule of gristmill's own is called so: it must have another name" if taken else ""


def _guarded(loaded: Loaded, find: Finder) -> Finder:
    def found(text: str) -> list[tuple[int, int, str]]:
        with blamed(loaded.offer):
            return list(find(text))

    return found
