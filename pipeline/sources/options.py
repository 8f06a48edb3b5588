"""`[sources.options]`: into a struct of the format's, whose fields are the options, or what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from pipeline.errors import ConfigError, at

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.sources.adapter import Said

Options = TypeVar("Options", bound=msgspec.Struct)


def option_flaws(said: Said, kind: type[msgspec.Struct]) -> list[str]:
    """List what is wrong with the options of a source."""
    try:
        msgspec.convert(dict(said.options), kind)
    except msgspec.ValidationError as error:
        return [f"options: {error}"]
    return []


def read_options(
    said: Said,
    kind: type[Options],
    flaws: Callable[[Said, type[Options]], list[str]] = option_flaws,
) -> Options:
    """Return the options of a source, once they are checked by `flaws`.

    Raises:
        ConfigError: they are wrong.
    """
    found = flaws(said, kind)
    if found:
        raise ConfigError("\n".join(at("start", f"source {said.name!r}", each) for each in found))
    return msgspec.convert(dict(said.options), kind)
