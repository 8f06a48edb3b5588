r"""Expand what a paper defines for itself, so that its formulas say what they mean without its preamble.

`\newcommand` and its kin, `\def` with arguments that nothing separates, `\DeclareMathOperator`. As in any
language of macros a few lines can expand without end: passes and sizes are bounded.
"""

from __future__ import annotations

import re
from array import array
from typing import Final, NamedTuple

PASSES: Final = 8
"""How deep definitions may use each other."""
GROWTH: Final = 3
"""Times that a text may grow by expansion, beyond 64 KiB; where it would, it stays as it was before that pass."""
_SLACK: Final = 64 << 10
_LONGEST: Final = 2000  # characters of a definition
_MOST: Final = 5000  # definitions
_DEFINITION: Final = re.compile(
    r"\\(?P<kind>(?:new|provide|renew)command|g?def|DeclareMathOperator|DeclareRobustCommand)\*?"
    r"[ \t\n]*+\{?[ \t]*+\\(?P<name>[A-Za-z@]{1,60})[ \t]*+\}?"
    r"[ \t\n]*+(?:\[(?P<count>[0-9])\][ \t]*+(?P<default>\[[^\[\]]{0,200}\])?|(?P<numbers>(?:#[1-9]){1,9}))?"
    r"[ \t\n]*+(?=\{)"
)
_CALL: Final = re.compile(r"\\([A-Za-z@]{1,60})(\*?)")
_ARGUMENT: Final = re.compile(r"##|#([1-9])")
_MATH_ONLY: Final = re.compile(r"\\ensuremath[ ]?\{")


class Macro(NamedTuple):
    """What a name stands for; of the arguments that it `takes` the first may have a `default`."""

    body: str
    takes: int
    default: str | None = None


class Braces:
    """Where each `{` of a text is closed: 4 bytes for each character, whatever stands there."""

    def __init__(self, text: str) -> None:
        opened = array("i")
        self._closed = array("i", [-1]) * len(text)
        for each in re.finditer(r"\\.|[{}]", text, re.DOTALL):
            if each[0] == "{":
                opened.append(each.start())
            elif each[0] == "}" and opened:
                self._closed[opened.pop()] = each.start()

    def get(self, at: int) -> int | None:
        """Return where what is opened at `at` is closed; `None` where that is none, or never closed."""
        found = self._closed[at] if at < len(self._closed) else -1
        return None if found < 0 else found


def split_definitions(text: str) -> tuple[str, dict[str, Macro]]:
    """Take the definitions out of a text; the last one of a name counts."""
    closed, pieces, at = Braces(text), [], 0
    macros: dict[str, Macro] = {}
    for found in _DEFINITION.finditer(text):
        if found.start() < at:
            continue
        stop = closed.get(found.end())
        if stop is None or stop - found.end() > _LONGEST or len(macros) >= _MOST:
            continue
        body = text[found.end() + 1 : stop]
        pieces.append(text[at : found.start()])
        at = stop + 1
        macros[found["name"]] = _macro(found, body)
    return "".join([*pieces, text[at:]]), macros


def _macro(found: re.Match[str], body: str) -> Macro:
    if found["kind"] == "DeclareMathOperator":
        return Macro(rf"\operatorname{{{body}}}", 0)
    count = int(found["count"] or 0) or len(found["numbers"] or "") // 2
    default = found["default"]
    return Macro(body, count, None if default is None else default[1:-1])


def expand(text: str, macros: dict[str, Macro]) -> str:
    """Replace what is defined by what it stands for."""
    most = GROWTH * len(text) + _SLACK
    for _ in range(PASSES if macros else 0):
        expanded = _pass(text, macros, most)
        if expanded is None or expanded == text:
            break
        text = expanded
    return _MATH_ONLY.sub("{", text)


def _pass(text: str, macros: dict[str, Macro], most: int) -> str | None:
    """Expand each call once; `None` where that would make more than `most` characters."""
    closed, pieces, at, made = Braces(text), [], 0, 0
    for found in _CALL.finditer(text):
        macro = macros.get(found[1])
        if macro is None or found.start() < at or _is_escaped(text, found.start()):
            continue
        taken = _arguments(text, found.end(1), macro, closed)
        if taken is None:
            continue
        arguments, stop = taken
        said = _fill(macro.body, arguments)
        if said[-1:].isalpha() and text[stop : stop + 1].isalpha():
            said += " "
        pieces += [text[at : found.start()], said]
        made += found.start() - at + len(said)
        at = stop
        if made > most:
            return None
    return "".join([*pieces, text[at:]])


def _is_escaped(text: str, at: int) -> bool:
    r"""Tell a line break (`\\`) whose second half is not the beginning of a name."""
    count = 0
    while at - count > 0 and text[at - count - 1] == "\\" and count < 100:  # noqa: PLR2004  nobody writes that
        count += 1
    return count % 2 == 1


def _fill(body: str, arguments: list[str]) -> str:
    given = {str(at): said for at, said in enumerate(arguments, 1)}
    return _ARGUMENT.sub(lambda found: "#" if found[1] is None else given.get(found[1], ""), body)


def _arguments(text: str, at: int, macro: Macro, closed: Braces) -> tuple[list[str], int] | None:
    """Return the arguments of a call and where it ends; `None` where one is missing."""
    arguments: list[str] = []
    if macro.default is not None and macro.takes:
        at, said = _optional(text, at)
        arguments.append(macro.default if said is None else said)
    while len(arguments) < macro.takes:
        found = _BLANK.match(text, at)
        start = at if found is None else found.end()
        stop = closed.get(start)
        if stop is not None:
            arguments.append(text[start + 1 : stop])
            at = stop + 1
        elif text[start : start + 1] == "\0":  # the place of what is kept aside is one thing
            at = text.find("\1", start) + 1 or start + 1
            arguments.append(text[start:at])
        elif text[start : start + 1] not in {"", "{", "}", "\\"}:
            arguments.append(text[start])
            at = start + 1
        else:
            return None
    return arguments, at


_BLANK: Final = re.compile(r"[ \t\n]{1,20}")


def _optional(text: str, at: int) -> tuple[int, str | None]:
    stop = text.find("]", at, at + 500) if text[at : at + 1] == "[" else -1
    return (at, None) if stop < 0 else (stop + 1, text[at + 1 : stop])
