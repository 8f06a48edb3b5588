"""`[[filters]]`: filters that other packages offer, each with its options, and what is asked of their verdicts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import msgspec

from filters.document import KEEP, Verdict, drop
from filters.quality import QUALITY_FILTERS
from pipeline.errors import ConfigError
from pipeline.plugins import Loaded, blamed, load, offers
from pipeline.tables import build_table, suggestion

if TYPE_CHECKING:
    from filters.document import Document, Filter
    from pipeline.plugins import Offer

STAGE: Final = "quality"
"""The ledger's name for what these filters drop: that of our own ones of their kind."""

OWN: Final = frozenset(each.name for each in QUALITY_FILTERS)
"""Names that are taken: a reason in the ledger says which filter it was."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}(?::[a-z0-9._-]{1,64})?")
_FIGURES: Final = 16  # facts of a drop that a ledger row takes
_WHAT: Final = "a frozen class of msgspec.Struct with a method judge(document)"


class PluginFilter(msgspec.Struct, frozen=True, kw_only=True):
    """`[[filters]]`: a filter by the name of its entry point, and what it lets one choose."""

    name: str
    options: dict[str, Any] = {}


class Opened(NamedTuple):
    """A filter with its options, ready to judge; `offer` says whose it is."""

    name: str
    offer: Offer
    filter: Filter

    def judge(self, document: Document) -> Verdict:
        """Keep the document, or drop it for the filter's reason under the filter's name.

        Raises:
            FaultError: the filter raised something.
            ConfigError: what it returns is no verdict, or says more than a ledger may hold.
        """
        with blamed(self.offer):
            verdict = self.filter.judge(document)
        flaw = _verdict_flaw(verdict)
        if flaw:
            raise ConfigError(f"{self.offer}: {flaw}")
        return KEEP if verdict.keep else drop(f"{self.name}:{verdict.reason}", **verdict.detail)


def check_filter(asked: PluginFilter) -> list[str]:
    """List what is wrong with one table."""
    if asked.name in OWN:
        return [
            f"name: {asked.name!r} is a filter of gristmill's own: write it into quality.filters"
        ]
    problems: list[str] = []
    try:
        _open(asked, problems)
    except ConfigError as error:
        return [f"name: {error}"]
    return problems


def open_filters(asked: tuple[PluginFilter, ...]) -> tuple[Opened, ...]:
    """Open filters that were checked, in the order of the config.

    Raises:
        ConfigError: there is no such filter, or it is none.
    """
    return tuple(_open(each, []) for each in asked)


def load_filter(name: str) -> Loaded | None:
    """Load the class of a filter, `None` where there is none of that name; errors as `load`."""
    return load("filter", name, _fits, _WHAT) if _NAME.fullmatch(name) else None


def _open(asked: PluginFilter, problems: list[str]) -> Opened:
    loaded = load_filter(asked.name)
    if loaded is None:
        known = [each.name for each in offers("filter")]
        near = suggestion(asked.name, known) if known else ""
        raise ConfigError(f"no installed package offers a filter {asked.name!r}{near}")
    with blamed(loaded.offer, early=True):
        built = build_table(loaded.value, asked.options, "options", problems, {})
    if built is None and not problems:
        problems.append(f"options: {loaded.offer} does not take them")
    return Opened(asked.name, loaded.offer, cast("Filter", built))


def _fits(value: Any) -> bool:
    return (
        isinstance(value, type)
        and issubclass(value, msgspec.Struct)
        and value.__struct_config__.frozen
        and callable(getattr(value, "judge", None))
    )


def _verdict_flaw(verdict: Any) -> str:
    """Say why an answer is no verdict: reasons are words, and facts are figures or words, never a text."""
    if not isinstance(verdict, Verdict):
        return "judge must return KEEP or drop(reason) of filters.document"
    if verdict.keep:
        return ""
    if not isinstance(verdict.reason, str) or _WORD.fullmatch(verdict.reason) is None:
        return (
            "the reason of a drop must be one word of a-z, 0-9, '.', '_' and '-', as in too-short"
        )
    facts = verdict.detail
    if len(facts) > _FIGURES or not all(map(_is_word, facts)):
        return f"the detail of a drop must be at most {_FIGURES} facts, each under one word"
    if not all(isinstance(each, bool | int | float) or _is_word(each) for each in facts.values()):
        return (
            "the detail of a drop must be numbers, or words as reasons are: never a document's text"
        )
    return ""


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and _WORD.fullmatch(value) is not None
