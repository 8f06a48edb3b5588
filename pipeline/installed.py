"""The plug-ins that are installed, each with what keeps it from being used."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.errors import ConfigError
from pipeline.export import HELD, MADE, load_exporter
from pipeline.filtering import OWN, load_filter
from pipeline.plugins import KINDS, Offer, offers
from pipeline.recognising import recogniser_flaws
from pipeline.sources.formats import adapter_of, is_own

if TYPE_CHECKING:
    from pipeline.plugins import Kind


class Installed(NamedTuple):
    """A plug-in and what is wrong with it, `""` for nothing."""

    offer: Offer
    problem: str

    @property
    def package(self) -> str:
        """The package and its version."""
        return f"{self.offer.distribution} {self.offer.version}"

    def shown(self) -> dict[str, Any]:
        """Show it as JSON."""
        return {**self.offer._asdict(), "problem": self.problem}


def installed(*, check: bool) -> list[Installed]:
    """List all plug-ins by kind and name; with `check` each is imported.

    Raises:
        ConfigError: some package has entry points that do not read.
    """
    found = []
    for kind in KINDS:
        there = offers(kind)
        times = Counter(each.name for each in there)
        for each in there:
            problem = _clash(each, times[each.name])
            if check and not problem:
                problem = _flaw(kind, each.name)
            found.append(Installed(each, problem))
    return found


def _clash(offer: Offer, times: int) -> str:
    """Tell a name that is taken: ours count before others, and of two others none."""
    own = {
        "adapter": is_own(offer.name),
        "filter": offer.name in OWN,
        "exporter": offer.name in {*MADE, *HELD},
    }
    if own.get(offer.kind, False):
        return f"hidden: gristmill has a {offer.kind} of its own called so"
    return "another package offers one called so: uninstall one of them" if times > 1 else ""


def _flaw(kind: Kind, name: str) -> str:
    """Import a plug-in, and say why it cannot be used."""
    try:
        if kind == "adapter":
            adapter_of(name)
        elif kind == "filter":
            return (
                ""
                if load_filter(name)
                else f"{name!r} can be no filter's name: a-z, 0-9, '.', '_', '-'"
            )
        elif kind == "exporter":
            load_exporter(name)
        else:
            return "; ".join(recogniser_flaws(name))
    except ConfigError as error:
        return str(error)
    return ""
