"""The config: a TOML file becomes one frozen value, and every mistake in it is reported at once."""

from pipeline.config.load import check_config, load_config
from pipeline.config.tables import (
    QA,
    Config,
    Dedup,
    License,
    Limits,
    Near,
    OptOut,
    Quality,
    Release,
    Repositories,
    Source,
    Split,
    relative_to,
)

__all__ = [
    "QA",
    "Config",
    "Dedup",
    "License",
    "Limits",
    "Near",
    "OptOut",
    "Quality",
    "Release",
    "Repositories",
    "Source",
    "Split",
    "check_config",
    "load_config",
    "relative_to",
]
