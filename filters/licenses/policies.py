"""A policy read from a table: what it allows and denies, and every mistake in it at once."""

from __future__ import annotations

import difflib
import types
import typing
from typing import Any, Final, Literal, TypeAlias

import msgspec

from filters.licenses.facts import LICENSE_CLASSES
from filters.licenses.ids import index
from filters.licenses.spdx import NOASSERTION, LicenseSyntaxError, normalise, parse

Fate: TypeAlias = Literal["drop", "keep"]
# The policies in configs/policies; what else `[license] policy` names is a file that ends in .toml.
SHIPPED: Final = ("permissive", "permissive-or-no-licence", "copyleft-ok", "public-domain")


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What may be kept, as ids, expressions and class names.

    `deny` wins over `allow`; with `deny` alone, all else that is known is allowed. `exceptions` are
    the ids after WITH that lift a copyleft licence. What nobody can decide is dropped unless the
    fate of its kind is "keep": `unknown` a licence that is named and on no list, `unstated` the
    author's own NONE, `none` where nothing was found, `unrecognised` where words of a licence were
    found and which one cannot be told, `failed` where the search for one failed. `no_derivatives`
    (in a file `no-derivatives`): "unmodified" allows works that may be passed on only as they are.
    """

    name: str
    description: str = ""
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    unknown: Fate = "drop"
    unstated: Fate = "drop"
    none: Fate = "drop"
    unrecognised: Fate = "drop"
    failed: Fate = "drop"
    no_derivatives: Literal["drop", "unmodified"] = msgspec.field(
        default="drop", name="no-derivatives"
    )


# What `permissive` means where no file is at hand; a test ties it to configs/policies.
PERMISSIVE: Final = Policy(
    name="permissive",
    description="Public domain and permissive licences; what cannot be told is dropped.",
    allow=("public-domain", "permissive"),
)


def parse_policy(table: dict[str, Any], name: str) -> Policy:
    """Turn the table of a policy's file into the policy called `name`.

    Raises `ValueError` with one line for every mistake, `policy NAME: key: problem`.
    """
    fields = {each.encode_name: each for each in msgspec.structs.fields(Policy)}
    del fields["name"]
    problems = [
        f"{each}: unknown key{_nearest(each, fields)}" for each in table if each not in fields
    ]
    values: dict[str, Any] = {}
    hints = typing.get_type_hints(Policy)
    for key in fields.keys() & table.keys():
        own = fields[key].name
        try:
            values[own] = msgspec.convert(table[key], hints[own])
        except msgspec.ValidationError:
            problems.append(f"{key}: {_expected(hints[own], table[key])}")
    built = Policy(name=name, **values)
    problems += policy_mistakes(built)
    if problems:
        raise ValueError("\n".join(f"policy {name}: {each}" for each in sorted(problems)))
    return built


def policy_mistakes(policy: Policy) -> list[str]:
    """List what is wrong in a policy that types cannot say, as `key: problem`."""
    found = entry_mistakes(policy.allow, policy.deny, policy.exceptions)
    if policy.description.strip() == "" or "\n" in policy.description.strip():
        found.append("description: say in one line what the policy is for")
    if policy.allow == () == policy.deny:
        found.append("allow: nothing is allowed: list classes, ids or expressions")
    return found


def entry_mistakes(
    allow: tuple[str, ...], deny: tuple[str, ...], exceptions: tuple[str, ...]
) -> list[str]:
    """List the entries that name no class, licence, expression or exception."""
    entries = [("allow", each, _mistake(each)) for each in allow]
    entries += [("deny", each, _mistake(each)) for each in deny]
    entries += [("exceptions", each, _exception_mistake(each)) for each in exceptions]
    return [f"{key}: {problem}" for key, _, problem in entries if problem]


def policy_name_mistake(name: str) -> str:
    """Say what is wrong with a policy's name, `""` if it is a shipped one's or a TOML file's."""
    if name in SHIPPED or name.endswith(".toml"):
        return ""
    return (
        f"policy: {name!r} is neither shipped nor the path of a .toml file{_nearest(name, SHIPPED)}"
    )


def _mistake(entry: str) -> str:
    """Say what is wrong with an entry of `allow` or `deny`, `""` if nothing."""
    if entry in LICENSE_CLASSES:
        return ""
    try:
        parse(entry)
    except LicenseSyntaxError as error:
        return f"{entry!r} is no licence id, expression or class ({error}){_suggestion(entry)}"
    found = normalise(entry)
    if found.repaired:
        return f"{entry!r} is not on the SPDX licence list{_suggestion(entry)}"
    return ""


def _exception_mistake(entry: str) -> str:
    """Say what is wrong with an entry of `exceptions`: it must be listed and take no right away."""
    known = index()
    if entry in known.exception_classes:
        if LICENSE_CLASSES.index(known.exception_classes[entry]) < LICENSE_CLASSES.index(
            "source-available"
        ):
            return ""
        return f"{entry!r} takes rights away: it can lift nothing"
    if entry.startswith("AdditionRef-"):
        return ""
    near = difflib.get_close_matches(entry.lower(), known.exceptions, n=1)
    hint = f"; did you mean {known.exceptions[near[0]]!r}?" if near else ""
    return f"{entry!r} is no exception of the SPDX list{hint}"


def _suggestion(entry: str) -> str:
    understood = normalise(entry)
    if understood.expression != NOASSERTION and not understood.unknown:
        return f"; did you mean {understood.expression!r}?"
    names = {each.lower(): each for each in LICENSE_CLASSES} | index().licenses
    near = difflib.get_close_matches(entry.lower(), names, n=1)
    return f"; did you mean {names[near[0]]!r}?" if near else ""


def _nearest(word: str, known: typing.Iterable[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"


def _expected(hint: Any, value: Any) -> str:
    """Say what a key takes instead of the value that it was given."""
    if typing.get_origin(hint) is Literal:
        words = typing.get_args(hint)
        near = difflib.get_close_matches(value, words, n=1) if isinstance(value, str) else []
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"one of {', '.join(map(repr, words))} is expected{hint}"
    if isinstance(hint, types.GenericAlias):
        return "a list of strings is expected"
    return "a string is expected"
