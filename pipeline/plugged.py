"""Which plug-ins take part in what: a task names them in its spec, a release in its manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.plugins import identify
from pipeline.sources.formats import asks, is_own

if TYPE_CHECKING:
    from manifests.manifest import Plugin
    from pipeline.config import Config, Source


def of_reading(source: Source) -> tuple[Plugin, ...]:
    """Name what reads a source, if it is no adapter of ours."""
    return () if is_own(source.format) else (identify("adapter", source.format),)


def of_screen(config: Config, source: Source) -> tuple[Plugin, ...]:
    """Name all that the records of a source go through; filters are for documents."""
    filters = () if asks(source.format) else _filters(config)
    return (*of_reading(source), *filters, *_recognisers(config))


def of_config(config: Config) -> tuple[Plugin, ...]:
    """Name all that take part in a release, sorted."""
    readers = (each for source in config.sources for each in of_reading(source))
    return tuple(sorted({*readers, *_filters(config), *_recognisers(config)}))


def _filters(config: Config) -> tuple[Plugin, ...]:
    return tuple(identify("filter", each.name) for each in config.filters)


def _recognisers(config: Config) -> tuple[Plugin, ...]:
    if config.redact.level == "off":
        return ()
    return tuple(identify("recogniser", name) for name in config.redact.recognisers)
