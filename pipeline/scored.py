"""What quality filters would drop: from scores that a run stored, or from shards before any run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from filters.quality import QUALITY_FILTERS, Measures, score
from pipeline.analyze import inputs_under
from pipeline.config import load_config
from pipeline.distributions import describe, gather
from pipeline.errors import ConfigError
from pipeline.planned import find_screens
from pipeline.sources.formats import asks
from pipeline.stages.scores import FILE, Stored, table_of
from pipeline.tagging import tag

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.config import Config
    from pipeline.means import Place
    from pipeline.stages.refuse import Chosen

_AT_ONCE = 4096  # documents whose figures become a table


def score_paths(
    paths: list[Path], config_path: Path | None, overrides: tuple[str, ...]
) -> dict[str, Any]:
    """Take the figures of documents, and judge them by the thresholds of a config or the papers.

    A path is a shard, a folder of them, or a config, all of whose sources are read.

    Raises:
        ConfigError: there is no shard under a path, or the config is wrong.
    """
    config = None if config_path is None else load_config(config_path, overrides)
    measures = (config and config.quality.measures) or Measures()
    return describe(gather(_fresh(paths, measures)), _chosen(config))


def score_run(
    config_path: Path, overrides: tuple[str, ...], out: Place, work: Place | None
) -> dict[str, Any]:
    """Judge the scores that a run of a config stored, by the thresholds of the config as it is now.

    Raises:
        ConfigError: there is no such run, or it asked for no quality filter.
    """
    found = find_screens(config_path, overrides, out, work)
    parts = []
    for item, screen in zip(found.inputs, found.screens, strict=True):
        if asks(found.config.source(item.source).format):
            continue
        if screen is None or not found.config.quality.filters:
            raise ConfigError(
                f"analyze: {config_path}: {item.path}: no scores are stored: run the config with"
                " [quality] filters first, or name shards to take them from"
            )
        parts.append((item.source, Stored(found.work.folder(screen) / FILE)))
    return describe(gather(parts), _chosen(found.config))


def _chosen(config: Config | None) -> Chosen:
    """Take the filters that a config asks for; without one, or where it asks for none, all."""
    if config is not None and config.quality.filters:
        return config.quality.chosen
    if config is not None:
        return tuple((each.name, config.quality.table(each.name)) for each in QUALITY_FILTERS)
    return tuple((each.name, each) for each in QUALITY_FILTERS)


def _fresh(paths: list[Path], measures: Measures) -> Iterator[tuple[str, Stored]]:
    for looked in inputs_under(paths):
        waiting = []
        for document in looked.documents():
            waiting.append(score(document.text, tag(document), measures))
            if len(waiting) == _AT_ONCE:
                yield looked.label, Stored(table_of(waiting))
                waiting = []
        yield looked.label, Stored(table_of(waiting))
