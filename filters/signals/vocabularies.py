"""All vocabularies by name and version; a config or a command line chooses among them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final, NamedTuple

from filters.signals import aipref, aitxt, contentsignal, noai, robots, tdmrep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from filters.signals.model import Carrier, Options, Reading, Recording


class Vocabulary(NamedTuple):
    """A parser, its version, and the recordings that it reads."""

    name: str
    version: str
    carriers: tuple[Carrier, ...]
    parse: Callable[[Recording, Options], Reading]


def _aipref(draft: str) -> Vocabulary:
    read = functools.partial(aipref.parse, draft)
    return Vocabulary(aipref.NAME, draft, ("robots", "headers"), read)


DEFAULT: Final[dict[str, Vocabulary]] = {
    each.name: each
    for each in (
        _aipref(aipref.ANY),
        Vocabulary(aitxt.NAME, aitxt.VERSION, ("aitxt",), aitxt.parse),
        Vocabulary(contentsignal.NAME, contentsignal.VERSION, ("robots",), contentsignal.parse),
        Vocabulary(noai.NAME, noai.VERSION, ("headers", "html"), noai.parse),
        Vocabulary(robots.NAME, robots.VERSION, ("robots",), robots.parse),
        Vocabulary(tdmrep.NAME, tdmrep.VERSION, ("tdmrep", "headers", "html"), tdmrep.parse),
    )
}
"""One version of each vocabulary."""

VOCABULARIES: Final[dict[str, Vocabulary]] = {
    **DEFAULT,
    **{f"{each.name}@{each.version}": each for each in DEFAULT.values()},
    **{f"{aipref.NAME}@{draft}": _aipref(draft) for draft in aipref.DRAFTS},
}
"""Every parser, as `name` or `name@version`."""


def choose(names: Iterable[str]) -> tuple[Vocabulary, ...]:
    """Return vocabularies by name, all of `DEFAULT` for none; raises `ValueError` for an unknown."""
    chosen = list(dict.fromkeys(names)) or list(DEFAULT)
    for each in chosen:
        if each not in VOCABULARIES:
            known = ", ".join(sorted(VOCABULARIES))
            raise ValueError(f"unknown vocabulary {each!r}: write one of {known}")
    return tuple(VOCABULARIES[each] for each in chosen)


def read(
    recording: Recording, options: Options, vocabularies: Iterable[Vocabulary]
) -> tuple[Reading, ...]:
    """Return what each vocabulary that reads this kind of recording finds in it."""
    return tuple(
        each.parse(recording, options)
        for each in vocabularies
        if recording.carrier in each.carriers
    )
