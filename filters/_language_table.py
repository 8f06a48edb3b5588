"""The table of languages, turned round once a process: what a name, extension or program stands for."""

from __future__ import annotations

import functools
import re
import tomllib
from importlib.resources import files
from typing import Final, Literal, NamedTuple

import msgspec

Kind = Literal["programming", "markup", "data", "prose"]

_PLACE: Final = re.compile(r"/\d$")  # of a second pattern for the same language
_NO_LANGUAGES: Final = frozenset(["also", "certain", "otherwise"])


class _Fact(msgspec.Struct, frozen=True):
    """One language. Extensions have no leading dot; `modes` are words of editors alone."""

    name: str
    kind: Kind
    extensions: tuple[str, ...]
    filenames: tuple[str, ...]
    interpreters: tuple[str, ...]
    aliases: tuple[str, ...]
    modes: tuple[str, ...]


class Rules(NamedTuple):
    """What the text says of one extension: `(language, pattern)` in order, then the language of the rest.

    With `certain` the rest is `otherwise` for sure; else the classifier is asked first.
    """

    patterns: tuple[tuple[str, bytes], ...]
    otherwise: str | None
    certain: bool


class Tables(NamedTuple):
    """Every key is in lower case; the languages of an extension or program are in the table's order."""

    kinds: dict[str, Kind]
    names: dict[str, str]
    modes: dict[str, str]
    extensions: dict[str, tuple[str, ...]]
    filenames: dict[str, str]
    interpreters: dict[str, tuple[str, ...]]
    rules: dict[str, Rules]


@functools.cache
def tables() -> Tables:
    """Read the two tables of facts, of languages and of what their texts say."""
    folder = files("filters._tables")
    facts = msgspec.json.decode(
        folder.joinpath("languages.json").read_bytes(), type=tuple[_Fact, ...]
    )
    given = tomllib.loads(folder.joinpath("language_rules.toml").read_text("utf-8"))
    rules = {
        name: _rules(table)
        for key, table in given.items()
        for name in (key, *table.get("also", ()))
    }
    names = {fact.name.lower(): fact.name for fact in facts}
    named = {alias: fact.name for fact in facts for alias in fact.aliases} | names
    extensions = _turned([(fact.extensions, fact.name) for fact in facts])
    for extension, rule in rules.items():
        told = (*extensions.get(extension, ()), *(name for name, _ in rule.patterns))
        extensions[extension] = tuple(dict.fromkeys(told))
    filenames = _turned([(fact.filenames, fact.name) for fact in facts])
    return Tables(
        kinds={fact.name: fact.kind for fact in facts},
        names=named,
        modes=named | {mode: fact.name for fact in facts for mode in fact.modes},
        extensions=extensions,
        filenames={name: languages[0] for name, languages in filenames.items()},
        interpreters=_turned([(fact.interpreters, fact.name) for fact in facts]),
        rules=rules,
    )


def _rules(table: dict[str, object]) -> Rules:
    patterns = tuple(
        (_PLACE.sub("", name), pattern.encode())
        for name, pattern in table.items()
        if name not in _NO_LANGUAGES and isinstance(pattern, str)
    )
    otherwise = table.get("otherwise")
    return Rules(
        patterns,
        otherwise if isinstance(otherwise, str) else None,
        table.get("certain") is True,
    )


def _turned(claims: list[tuple[tuple[str, ...], str]]) -> dict[str, tuple[str, ...]]:
    """Say for each key which languages claim it, first come first."""
    turned: dict[str, tuple[str, ...]] = {}
    for keys, name in claims:
        for key in keys:
            turned[key.lower()] = (*turned.get(key.lower(), ()), name)
    return turned
