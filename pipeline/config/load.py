"""Read a config: a TOML file becomes one frozen value, and every mistake in it is reported at once."""

from __future__ import annotations

import os
import tomllib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from pipeline.config.checks import CHECKS
from pipeline.config.tables import Config
from pipeline.errors import ConfigError
from pipeline.tables import build_table

if TYPE_CHECKING:
    from pathlib import Path


def load_config(path: Path, overrides: tuple[str, ...] = ()) -> Config:
    """Read a TOML config; `overrides` are `a.b=value` pairs with TOML values.

    Raises:
        ConfigError: with one line for every mistake found.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"config: {path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"config: {path}: is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"config: {path}: not valid TOML: {error}") from error
    for override in overrides:
        _apply_override(table, override)
    return _dated(check_config(table, str(path)))


def _dated(config: Config) -> Config:
    """Let SOURCE_DATE_EPOCH say when the release is published, unless `[about]` does.

    Raises:
        ConfigError: it is no number of seconds (https://reproducible-builds.org/specs/source-date-epoch/).
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch == "" or config.about.published:
        return config
    try:
        day = datetime.fromtimestamp(int(epoch), UTC).date().isoformat()
    except (ValueError, OverflowError, OSError) as error:
        raise ConfigError(
            f"config: SOURCE_DATE_EPOCH: {epoch!r} is no number of seconds since 1970"
        ) from error
    about = msgspec.structs.replace(config.about, published=day)
    return msgspec.structs.replace(config, about=about)


def check_config(table: dict[str, Any], where: str) -> Config:
    """Turn a parsed table into a `Config`, or raise one error that lists all mistakes."""
    problems: list[str] = []
    config = build_table(Config, table, "", problems, CHECKS)
    if problems or config is None:
        raise ConfigError("\n".join(f"config: {where}: {problem}" for problem in problems))
    return config


def _apply_override(table: dict[str, Any], override: str) -> None:
    """Set one dotted key, creating tables on the way."""
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise ConfigError(f"config: --set {override!r}: write it as table.key=value")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text  # a bare word is a string
    *parents, last = key.split(".")
    place: Any = table
    for name in parents:
        place = _step(place, name, key)
    if isinstance(place, list):
        raise ConfigError(
            f"config: --set {key}: name a key inside one of the tables, as in sources.0.name"
        )
    place[last] = value


def _step(place: Any, name: str, key: str) -> Any:
    if isinstance(place, list):
        if not name.isdigit() or int(name) >= len(place):
            raise ConfigError(f"config: --set {key}: there is no table number {name!r}")
        return place[int(name)]
    inner = place.setdefault(name, {})
    if not isinstance(inner, dict | list):
        raise ConfigError(f"config: --set {key}: {name!r} is no table")
    return inner
