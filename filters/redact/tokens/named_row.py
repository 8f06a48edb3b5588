"""One row of the tables of keys that are known by a name: how it is written, and what it becomes.

The shape of a value is a template (`examples.fill`), such as `{hex:32}` or `pk_{low:34}`; it gives
the regex as well as the examples, which spell the same key in the ways that people do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.redact.tokens.token import Token

if TYPE_CHECKING:
    from filters.redact.rule import Level

_CLASSES: Final = {
    "an": "[A-Za-z0-9]",
    "low": "[a-z0-9]",
    "up": "[A-Z0-9]",
    "let": "[A-Za-z]",
    "lower": "[a-z]",
    "upper": "[A-Z]",
    "dig": "[0-9]",
    "hex": "[A-Fa-f0-9]",
    "HEX": "[A-F0-9]",
    "b32": "[A-Z2-7]",
    "b64": "[A-Za-z0-9+/]",
    "url": "[A-Za-z0-9_-]",
    "word": "[A-Za-z0-9_]",
    "pad": "=",
    "pw": r"[A-Za-z0-9!@#%^*+_?()&=.,:;|~$-]",
}
_MACRO: Final = re.compile(r"\{(\w+):(\d+)(?:-(\d+))?\}|\{uuid\}")
_UUID: Final = "[A-Fa-f0-9]{8}(?:-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}"
# One key written as an environment line, JSON, YAML, code, a call, an option and part of an address
_SPELLINGS: Final = (
    "export {UPPER}=«{value}»",
    '  "{snake}": "«{value}»",',
    "  {kebab}: «{value}»",
    "const {camel} = '«{value}»';",
    'client.set{pascal}("«{value}»")',
    "run --{kebab} «{value}» --verbose",
    "curl 'https://api.acme.net/v1?{snake}=«{value}»&limit=10'",
    '<add key="{pascal}" value="«{value}»"/>',
    "'{snake}' => '«{value}»',",
    r"{{\"{snake}\":\"«{value}»\"}}",
)
_NO: Final = (
    "https://github.com/{kebab}/repo/commit/{value}",
    "{kebab}@{value}",
    '"{snake}_sha1": "{value}"',
    "assets/{kebab}-{value}.js",
    "{kebab} sha256:{value}",
)


def word(*names: str) -> str:
    """Return a regex for names that are also parts of other words: as a word of their own."""
    return "(?-i:" + "|".join(spelled for name in names for spelled in _whole(name)) + ")"


def _whole(name: str) -> tuple[str, str, str]:
    return (
        rf"(?<![A-Za-z]){name.lower()}(?![a-z])",
        rf"(?<![A-Z]){name.capitalize()}(?![a-z])",
        rf"(?<![A-Za-z]){name.upper()}(?![A-Za-z])",
    )


def named(
    provider: str, words: str, *shapes: str, near: str = "", level: Level = "permissive"
) -> Token:
    """Return the row of one kind of key.

    `words` name the key ("api key"); `near` is a regex of the provider's name (by default its
    words in any spelling), `shapes` are the templates of the value.
    """
    regex = "|".join(map(_regex, shapes))
    name = f"{provider} {words}".replace("-", " ")
    # half of the spellings each, so that the whole table has them all many times over
    turn = len(provider) % 2
    yes = tuple(_spelled(each, name, shapes[0]) for each in _SPELLINGS[turn::2])
    yes += tuple(_spelled(_SPELLINGS[i % 3], name, shape) for i, shape in enumerate(shapes[1:]))
    no = tuple(_spelled(each, name, shapes[0]) for each in _NO)
    kind = words.replace(" ", "-")
    return Token(provider, kind, regex, level, near or _spaced(provider), yes=yes, no=no)


def _spaced(provider: str) -> str:
    """Return a regex of a name with any or no sign between its words."""
    return provider.replace("-", "[-_. ]?")


def _regex(shape: str) -> str:
    """Turn the template of a value into the regex of all such values."""
    done, parts = 0, []
    for macro in _MACRO.finditer(shape):
        parts.append(re.escape(shape[done : macro.start()]))
        parts.append(_class(macro) if macro[1] else _UUID)
        done = macro.end()
    return "".join(parts) + re.escape(shape[done:])


def _class(macro: re.Match[str]) -> str:
    bounds = macro[2] if macro[3] is None else f"{macro[2]},{macro[3]}"
    return f"{_CLASSES[macro[1]]}{{{bounds}}}"


def _spelled(spelling: str, name: str, shape: str) -> str:
    """Write a name and the template of its value in one of the spellings."""
    low = name.lower().split()
    pascal = "".join(map(str.capitalize, low))
    value = _MACRO.sub(_shortest, shape)
    return spelling.format(
        UPPER="_".join(low).upper(),
        snake="_".join(low),
        kebab="-".join(low),
        camel=low[0] + pascal[len(low[0]) :],
        pascal=pascal,
        value=value,
    )


def _shortest(macro: re.Match[str]) -> str:
    """Spell a macro of `examples.fill` for the shortest value of one of ours."""
    if macro[1] is None:
        return macro[0]
    return "=" * int(macro[2]) if macro[1] == "pad" else f"{{{macro[1]}:{macro[2]}}}"
