"""Files that parse go on parsing, wherever in their strings, keys, comments and markup secrets stand."""

from __future__ import annotations

import ast
import json
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any, Final, Literal
from xml.sax.saxutils import escape, quoteattr

import hypothesis.strategies as st
import pytest
import yaml  # type: ignore[import-untyped]  # has no stubs here
from hypothesis import given, settings

from filters.redact.examples import fill
from tests.redactors import ready

LAW = settings(deadline=None, max_examples=40)
LEVELS: Final = ("balanced", "strict")
# How people put a secret or somebody's data into a text
SECRETS: Final = tuple(
    fill(template)
    for template in (
        "password: {an:14}", "password={an:14}", "PW: {pw:12}", "pwd={an:12}", "api_key = {an:32}",
        "token: {an:24}", "token={hex:40}", "secret '{an:20}'", 'password = "{an:12}"', "psk: {an:12}",
        "Authorization: Bearer {an:32}", "https://u:{an:12}@h.acme.io/x", "client_secret={an:24}&b=1",
        "--password {an:12}", "curl -u u:{an:12} https://h", "passphrase: {an:16}.", "secret-key:{an:20}",
        "ghp_{an:36}", "AKIA{up:16}", "xoxb-{dig:12}-{an:24}", "jdbc:x://h;user=u;password={an:12};a=1",
        "jane.{lower:6}@acme-corp.com", "tel 030 {dig:8}", "+49 30 90{dig:6}", "ssn 219-09-8{dig:3}",
        "93.184.216.3", "2a02:26f0:6c00::210:ba1", "DE89 3704 0044 0532 0130 00", "password is {an:12}!",
        "your password: {an:12}, bye", "x {an:12} password", "export DB_PASSWORD={an:14}", "pass:{pw:14}",
    )
)  # fmt: skip
FILLERS: Final = (
    "", "x", "a b", " ", ":", ",", "'", '"', "\\", "\n", "\t", "<b>", "&", "#", "--", "]]>", "</data>",
    "{", "}", "[", "]", "(", ")", "%s", "é", "phone", "password", "key: ", "token", "@", "/", "=", "- ",
)  # fmt: skip
WORDS: Final = (
    "id",
    "pin",
    "phone",
    "password",
    "api_key",
    "token_count",
    "name",
    "x-secret",
    "psk",
)


def texts() -> st.SearchStrategy[str]:
    """Join secrets and what may stand beside them."""
    filler = st.sampled_from(FILLERS)
    return st.tuples(filler, filler, st.sampled_from(SECRETS), filler, filler).map("".join)


def keys() -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(WORDS), texts())


def scalars() -> st.SearchStrategy[Any]:
    number = st.integers(-(10**13), 10**13)
    return st.one_of(texts(), number, st.floats(-1e9, 1e9), st.booleans(), texts())


def values() -> st.SearchStrategy[Any]:
    return st.recursive(
        scalars(),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(keys(), inner, max_size=3)
        ),
        max_leaves=6,
    )


MAPPINGS: Final = st.dictionaries(keys(), values(), min_size=1, max_size=4)
COMMENTS: Final = texts().map(lambda text: " ".join(text.split()))


def spell_json(mapping: dict[str, Any], comment: str, indent: int | None) -> str:
    del comment
    return json.dumps(mapping, indent=indent, ensure_ascii=False)


def spell_python(mapping: dict[str, Any], comment: str, indent: int | None) -> str:
    lines = [f"# {comment}", f"value = {mapping!r}  # {comment}"]
    for index, (key, value) in enumerate(mapping.items()):
        lines += [
            f"call({key!r}, x={value!r}, y=f({key!r}, [{value!r}]))",
            f"password_{index} = {value!r}",
        ]
        lines += [
            f"if x == {value!r}: # {comment}",
            f"    print(\n        {key!r}\n        {comment!r})",
        ]
    doc = comment.replace("\\", "").replace('"', "'").rstrip()
    lines.append(
        f'def f():\n    """A text.\n\n    {doc}."""\n' if indent else f'"""{doc}\n{doc}"""'
    )
    return "\n".join(lines)


def spell_toml(mapping: dict[str, Any], comment: str, indent: int | None) -> str:
    return "\n".join(
        [f"# {comment}", *(f"{json.dumps(k)} = {toml(v)} # {comment}" for k, v in mapping.items())]
    ) + ("" if indent is None else "\n")


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def spell_yaml(mapping: dict[str, Any], comment: str, indent: int | None) -> str:
    text: str = yaml.safe_dump(mapping, indent=indent, allow_unicode=True, default_flow_style=None)
    return f"# {comment}\n{text}"


def spell_xml(mapping: dict[str, Any], comment: str, indent: int | None) -> str:
    gap = "" if indent is None else "\n" + " " * indent
    parts = [
        f"<item name={quoteattr(key)} {attribute(value)}>{escape(str(value))}</item>{gap}"
        f"<{tag(key)}>{gap}{escape(key)}{gap}</{tag(key)}><!-- {dashless(comment)} -->{gap}"
        f"<![CDATA[{str(value).replace(']]>', '')}]]>"
        for key, value in mapping.items()
    ]
    return f"<all>{gap}{gap.join(parts)}{gap}</all>"


def attribute(value: Any) -> str:
    return f"value={quoteattr(str(value))}"


def tag(key: str) -> str:
    return key if key in WORDS else "data"


def dashless(text: str) -> str:
    return text.replace("--", "- ").rstrip("-")


Spell = Callable[[dict[str, Any], str, int | None], str]
FORMATS: Final[dict[str, tuple[Spell, Callable[[str], object]]]] = {
    "json": (spell_json, json.loads),
    "python": (spell_python, ast.parse),
    "toml": (spell_toml, tomllib.loads),
    "yaml": (spell_yaml, yaml.safe_load),
    "xml": (spell_xml, ET.fromstring),
}
FAULTS: Final = (SyntaxError, ValueError, yaml.YAMLError)


@pytest.mark.parametrize("form", FORMATS)
@LAW
@given(MAPPINGS, COMMENTS, st.sampled_from((None, 2, 4)), st.sampled_from(LEVELS))
def test_what_parses_goes_on_parsing(
    form: str,
    mapping: dict[str, Any],
    comment: str,
    indent: int | None,
    level: Literal["balanced", "strict"],
) -> None:
    spell, parse = FORMATS[form]
    text = spell(mapping, comment, indent)
    try:
        parse(text)
    except FAULTS:
        return  # such as a key twice
    parse(ready(level).redact(text).text)
