r"""A pattern in the content: RE2, which takes linear time whatever the pattern, behind a search for plain bytes.

RE2's syntax has no look-around and no back-references, and there `\w`, `\d`, `\s` and `\b` know
ASCII alone: https://github.com/google/re2/wiki/Syntax. DuckDB and Go have the same.
"""

from __future__ import annotations

import re
from string import punctuation
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOKEN: Final = re.compile(
    r"(?s)(?P<escaped>\\.)|(?P<class>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])"
    r"|(?P<open>\()|(?P<close>\))|(?P<repeat>[*?]\??|\{[\d,]*\}\??|\+[?]?)|(?P<other>.)"
)
_UNPLAIN: Final = re.compile(r"\||\(\?|\\[QxpP0-9]")
_ANCHORS: Final = frozenset("^$.|")


class Pattern(msgspec.Struct, frozen=True):
    """A checked pattern, and the bytes without which no line can match: `b""` if none are known."""

    text: str
    needed: bytes

    def matches(self, lines: Sequence[bytes]) -> list[bool]:
        """Say of each line of a shard whether its content matches."""
        found = [self.needed in line for line in lines]
        read = [
            msgspec.json.decode(line, type=_Content)
            for line, hit in zip(lines, found, strict=True)
            if hit
        ]
        hits = iter(
            pc.or_(
                self._search([each.text or each.context for each in read]),
                self._search([each.question for each in read]),
            ).to_pylist()
        )
        return [hit and bool(next(hits)) for hit in found]

    def _search(self, texts: list[str]) -> pa.Array[Any]:
        return pc.match_substring_regex(pa.array(texts, pa.large_string()), self.text)


class _Content(msgspec.Struct, frozen=True):
    """What of a record a pattern looks at."""

    text: str = ""
    context: str = ""
    question: str = ""


def compile_pattern(text: str) -> Pattern:
    """Check a pattern.

    Raises:
        ConfigError: it is none that RE2 knows.
    """
    try:
        pc.match_substring_regex(pa.array([""]), text)
    except (pa.ArrowInvalid, UnicodeEncodeError) as error:
        problem = str(error).removeprefix("Invalid regular expression: ")
        raise ConfigError(
            f"query: --pattern: not a regular expression as RE2 knows them: {problem}"
        ) from error
    # inside a JSON string a character is spelled by itself, so what the text needs the line needs, escaped
    return Pattern(text, msgspec.json.encode(needed_literal(text))[1:-1])


def needed_literal(pattern: str) -> str:
    """Return the longest run of characters that every match holds, `""` where none is plain to see.

    Only what stands outside of groups and classes counts, and nothing where there are flags or
    alternatives.
    """
    if _UNPLAIN.search(pattern.replace("(?:", "(")) is not None:
        return ""
    runs, run, depth = [""], "", 0
    for token in _TOKEN.finditer(pattern):
        kind, found = token.lastgroup, token[0]
        depth += (kind == "open") - (kind == "close")
        literal = "" if depth or kind == "close" else _literal(kind, found)
        if literal:
            run += literal
            continue
        if kind == "repeat" and not found.startswith("+"):
            run = run[:-1]  # the last one may be missing
        runs.append(run)
        run = ""
    return max([*runs, run], key=len)


def _literal(kind: str | None, found: str) -> str:
    """Return the character that a token stands for, `""` where it is not just one."""
    if kind == "escaped":
        return found[1] if found[1] in punctuation else ""
    return found if kind == "other" and found not in _ANCHORS else ""
