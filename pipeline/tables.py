"""Tables become structs: unknown keys get a suggestion, and every mistake is collected, not just the first."""

from __future__ import annotations

import difflib
import typing
from typing import Any, TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


def build_table(kind: type[T], table: Any, where: str, problems: list[str]) -> T | None:
    """Convert `table` to `kind`; append one `path: problem` line to `problems` for each mistake.

    Returns `None` when this table could not be built.
    """
    if not isinstance(table, dict):
        problems.append(f"{where or 'config'}: a table is expected")
        return None
    before = len(problems)
    hints = typing.get_type_hints(kind)
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key in table.keys() - fields.keys():
        near = difflib.get_close_matches(key, fields, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(sorted(fields))}"
        problems.append(f"{_join(where, key)}: unknown key{hint}")
    values = {}
    for key, field in fields.items():
        if key in table:
            values[field.name] = _build_value(
                hints[field.name], table[key], _join(where, key), problems
            )
        elif field.required:
            problems.append(f"{_join(where, key)}: is missing")
    if len(problems) > before:
        return None
    try:
        return kind(**values)
    except ValueError as error:
        problems += [f"{where}: {line}" for line in str(error).splitlines()]
        return None


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _build_value(hint: Any, value: Any, where: str, problems: list[str]) -> Any:
    inner = _struct_in(hint)
    if inner is not None and isinstance(value, dict):
        return build_table(inner, value, where, problems)
    if inner is not None and typing.get_origin(hint) is tuple and isinstance(value, list):
        built = [build_table(inner, item, f"{where}.{n}", problems) for n, item in enumerate(value)]
        return tuple(built)
    try:
        return msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        problems.append(f"{where}: {str(error)[:1].lower()}{str(error)[1:]}")
        return None


def _struct_in(hint: Any) -> type[msgspec.Struct] | None:
    """Find the struct inside `X`, `X | None`, `X | bool` or `tuple[X, ...]`."""
    for kind in (hint, *typing.get_args(hint)):
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return kind
    return None
