"""A recipe, read from its file and held against the release, with every mistake in it."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from manifests.checksum import sha256_hex
from manifests.mix import Recipe, mistakes
from pipeline.errors import ConfigError
from pipeline.tables import build_table, suggestion

if TYPE_CHECKING:
    from pathlib import Path

    from manifests.manifest import Manifest

_NAME: Final = re.compile(r"(?!\.)[A-Za-z0-9._-]{1,100}")


class Ready(NamedTuple):
    """A recipe that a release can be mixed by, and the file it was read from."""

    recipe: Recipe
    path: Path
    data: bytes

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file, in hex."""
        return sha256_hex(self.data)


class _File(msgspec.Struct, frozen=True, kw_only=True):
    """A recipe's file."""

    mix: Recipe


def load_recipe(path: Path, manifest: Manifest) -> Ready:
    """Read a recipe for a release.

    Raises:
        ConfigError: with one line for every mistake.
    """
    try:
        data = path.read_bytes()
        table = tomllib.loads(data.decode())
    except OSError as error:
        raise ConfigError(f"mix: {path}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"mix: {path}: not TOML: {error}") from error
    problems: list[str] = []
    built = build_table(_File, table, "", problems, {Recipe: _mistakes})
    if built is not None:
        problems += _against(built.mix, manifest)
    if built is None or problems:
        raise ConfigError("\n".join(f"mix: {path}: {problem}" for problem in problems))
    return Ready(built.mix, path, data)


def _mistakes(recipe: Recipe) -> list[str]:
    named = _NAME.fullmatch(recipe.name) is not None
    rule = "name: letters, digits, '.', '_' and '-' only, at most 100, not starting with '.'"
    return [*([] if named else [rule]), *mistakes(recipe)]


def _against(recipe: Recipe, manifest: Manifest) -> list[str]:
    """Check that the release has each source, as documents, in the split."""
    known = {source.name: source for source in manifest.sources}
    documents = [name for name, source in known.items() if source.kind == "document"]
    found = []
    for key, table in (("epochs", recipe.epochs), ("weights", recipe.weights)):
        for name in sorted(table):
            if name not in known:
                problem = f"the release has no such source{suggestion(name, documents)}"
            elif name not in documents:
                problem = "holds questions: a mix is made of documents"
            elif not known[name].splits.get(recipe.split):
                problem = f"has no document in the split {recipe.split!r}"
            else:
                continue
            found.append(f"mix.{key}.{name}: {problem}")
    return found
