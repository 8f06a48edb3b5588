"""REUSE.toml, .reuse/dep5 and debian/copyright: which licence a file states for which other files.

Sources: REUSE specification 3.3; Debian's machine-readable copyright format 1.0.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, get_args

import msgspec

from filters.licenses.evidence import (  # noqa: TC001  msgspec reads annotations at run time
    Evidence,
    Kind,
)
from filters.licenses.metadata.claims import MAX_TEXT, Claim, MetadataError, locate, settle
from filters.licenses.metadata.debian import evidence, read_dep5
from filters.licenses.metadata.toml_files import load

if TYPE_CHECKING:
    from collections.abc import Iterator

Precedence = Literal["closest", "aggregate", "override"]
_ANY: Final = "**"
_SEGMENT: Final = "*"
_ONE: Final = "?"
_CACHED: Final = 1 << 13


class Answer(NamedTuple):
    """What a file of rules says of another file, and how it stands to what that file says itself.

    `closest`: only where the file is silent; `aggregate`: besides it; `override`: instead of it.
    The evidence's place is in the file of rules, its `path` left to the caller.
    """

    evidence: Evidence
    precedence: Precedence


class Rule(msgspec.Struct, frozen=True):
    """Patterns with one answer; `answer` is `None` where only a copyright holder is named."""

    patterns: tuple[str, ...]
    answer: Answer | None


class ReuseRules(msgspec.Struct, frozen=True):
    """All rules of one file, in its order. `crossing`: a `*` matches slashes too (DEP-5)."""

    rules: tuple[Rule, ...]
    crossing: bool = False

    def match(self, path: str) -> tuple[Answer, ...]:
        """Answer for a path relative to the folder the file speaks for: the last rule that fits.

        `()` where no rule fits, or the last that fits names no licence.
        """
        for rule in reversed(self.rules):
            if any(_fits(pattern, path, self.crossing) for pattern in rule.patterns):
                return () if rule.answer is None else (rule.answer,)
        return ()


def is_reuse_file(path: str) -> bool:
    """Whether `read_reuse` knows the name: REUSE.toml, .reuse/dep5, debian/copyright."""
    return path.endswith(("REUSE.toml", "dep5", "copyright")) and _shape(path) != ""


def _shape(path: str) -> str:
    folder, _, name = path.rpartition("/")
    if name == "REUSE.toml":
        return "toml"
    parent = folder.rpartition("/")[2]
    if name == "dep5" and parent in {".reuse", "debian"}:
        return "dep5"
    return "debian" if name == "copyright" and parent == "debian" else ""


def read_reuse(path: str, text: str) -> ReuseRules | None:
    """Read the rules; `None` when the path names no such file or debian/copyright is free prose.

    Raises `MetadataError` for a file that is broken or too long.
    """
    shape = _shape(path)
    if not shape:
        return None
    if len(text) > MAX_TEXT:
        raise MetadataError(f"longer than {MAX_TEXT} characters")
    if text.startswith("\ufeff"):
        # a blank in the mark's place would indent a field, a line end would not
        text = f"\n{text[1:]}"
    try:
        return _read_toml(text) if shape == "toml" else _read_dep5(text, shape)
    except RecursionError as error:
        raise MetadataError("nested too deeply") from error


def _read_dep5(text: str, shape: str) -> ReuseRules | None:
    """Paragraphs with `Files`; REUSE adds them to what a file says, Debian's stand behind it."""
    found = read_dep5(text)
    if found is None:
        if shape == "dep5":
            raise MetadataError("not Debian's copyright format")
        return None
    precedence: Precedence = "aggregate" if shape == "dep5" else "closest"
    rules = []
    for each in found:
        if each.files:
            patterns = tuple(file.removeprefix("./") for file in each.files)
            kind: Kind = "reuse" if shape == "dep5" else "metadata"
            said = msgspec.structs.replace(evidence(each), kind=kind)
            rules.append(Rule(patterns, Answer(said, precedence)))
    return ReuseRules(tuple(rules), crossing=True)


def _read_toml(text: str) -> ReuseRules:
    document = load(text)
    if document.get("version") != 1:
        raise MetadataError("REUSE.toml of no known version")
    annotations = document.get("annotations", [])
    if not isinstance(annotations, list):
        raise MetadataError("annotations that are no array of tables")
    at = 0
    rules = []
    for each in annotations:
        patterns, precedence, values = _annotation(each)
        said = settle(_claims(text, values, at))
        first = said[0] if said else None
        at = first.end if first is not None and first.end else at
        rules.append(Rule(patterns, _answer(first, precedence)))
    return ReuseRules(tuple(rules))


def _answer(said: Evidence | None, precedence: Precedence) -> Answer | None:
    if said is None:
        return None
    return Answer(msgspec.structs.replace(said, kind="reuse"), precedence)


def _annotation(table: Any) -> tuple[tuple[str, ...], Precedence, list[str]]:
    """Check one table, and give its patterns, precedence and licences."""
    if not isinstance(table, dict):
        raise MetadataError("an annotation that is no table")
    patterns = _strings(table.get("path"))
    precedence = table.get("precedence", "closest")
    if not patterns or precedence not in get_args(Precedence):
        raise MetadataError("an annotation without a path, or with an unknown precedence")
    return tuple(patterns), precedence, _strings(table.get("SPDX-License-Identifier", []))


def _claims(text: str, values: list[str], at: int) -> list[Claim]:
    """Place the values, looking behind the licence of the annotation before."""
    claims = []
    for value in values:
        start, end = locate(text[at:], value, r"SPDX-License-Identifier[\"']?\s*=")
        claims.append(Claim(value, at + start, at + end) if end else Claim(value))
    return claims


def _strings(value: Any) -> list[str]:
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise MetadataError("neither a string nor a list of strings where one should stand")
    return found


class _Pattern(NamedTuple):
    """A pattern ready to match: a fixed beginning, then states as bits of numbers."""

    prefix: str
    whole: bool  # the prefix is all
    open: bool  # whatever follows the prefix fits
    literal: dict[str, int]
    crossing: int
    staying: int
    one: int
    last: int


def _fits(pattern: str, path: str, crossing: bool) -> bool:
    compiled = _compiled(pattern, crossing)
    if not path.startswith(compiled.prefix):
        return False
    if compiled.whole:
        return len(path) == len(compiled.prefix)
    return compiled.open or _run(compiled, path[len(compiled.prefix) :])


def _run(pattern: _Pattern, rest: str) -> bool:
    """Follow all ways through the pattern at once, so that no pattern takes exponential time."""
    stars = pattern.crossing | pattern.staying
    states = 1
    states |= (states & stars) << 1
    for character in rest:
        kept = pattern.crossing if character == "/" else stars
        moved = (states & (pattern.literal.get(character, 0) | pattern.one)) << 1
        states = moved | (states & kept)
        states |= (states & stars) << 1
        if not states:
            return False
    return bool(states & pattern.last)


@functools.lru_cache(maxsize=_CACHED)
def _compiled(pattern: str, crossing: bool) -> _Pattern:
    tokens: list[tuple[bool, str]] = []  # whether it is a wildcard, and which or which character
    for wild, token in _tokens(pattern, crossing):
        if wild and token != _ONE and tokens and tokens[-1][0] and tokens[-1][1] != _ONE:
            tokens[-1] = (True, _ANY if _ANY in (token, tokens[-1][1]) else _SEGMENT)
        else:
            tokens.append((wild, token))
    fixed = next((at for at, (wild, _) in enumerate(tokens) if wild), len(tokens))
    rest = tokens[fixed:]
    literal: dict[str, int] = {}
    for at, (wild, token) in enumerate(rest):
        if not wild:
            literal[token] = literal.get(token, 0) | 1 << at
    bits = {
        kind: sum(1 << at for at, (wild, token) in enumerate(rest) if wild and token == kind)
        for kind in (_ANY, _SEGMENT, _ONE)
    }
    return _Pattern(
        "".join(token for _, token in tokens[:fixed]),
        not rest,
        rest == [(True, _ANY)],
        literal,
        bits[_ANY],
        bits[_SEGMENT],
        bits[_ONE],
        1 << len(rest),
    )


def _tokens(pattern: str, crossing: bool) -> Iterator[tuple[bool, str]]:
    """Split a pattern: backslash takes the next character as it is; `?` is DEP-5's alone."""
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\" and at + 1 < len(pattern):
            at += 1
            yield False, pattern[at]
        elif character == "*":
            double = not crossing and pattern.startswith(_ANY, at)
            at += double
            yield True, _ANY if crossing or double else _SEGMENT
        else:
            yield (crossing and character == _ONE), character
        at += 1
