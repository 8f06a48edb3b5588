"""A form: questions, what the data answer, and what only people can say, marked where it is missing.

One form gives Markdown for people and JSON for machines; a figure stands in both from one place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from manifests.markdown import number, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manifests.manifest import Manifest

Cell = str | int


class Table(NamedTuple):
    """Figures: column names, and rows of words and counts. Markdown shows the first `shown` rows."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    shown: int = 40


class Item(NamedTuple):
    """A question of a form. `said` are sentences from figures, `quoted` are the publisher's words.

    `missing` says what a person has to add and where, one for each thing.
    """

    number: str
    title: str
    said: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: dict[str, int] = {}  # noqa: RUF012  never changed: the default of a tuple's field
    missing: tuple[str, ...] = ()


class Section(NamedTuple):
    """Questions that belong together."""

    title: str
    items: tuple[Item, ...]


class Form(NamedTuple):
    """A filled form, by which text, for which release."""

    title: str
    basis: str
    note: str
    sections: tuple[Section, ...]


def by_config(value: str, key: str, what: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what `[about]` states and what is missing: `key` and `what` it is, if it states nothing."""
    return ((value,), ()) if value else ((), (f"`{key}`: {what}",))


def asked(number: str, title: str, value: str, key: str, what: str) -> Item:
    """Make a question that only `[about]` answers."""
    quoted, missing = by_config(value, key, what)
    return Item(number, title, quoted=quoted, missing=missing)


def missing_items(form: Form) -> tuple[Item, ...]:
    """List the questions that are not answered in full."""
    return tuple(item for section in form.sections for item in section.items if item.missing)


def markdown(form: Form) -> str:
    """Lay the form out for people."""
    gaps = len(missing_items(form))
    count = sum(len(section.items) for section in form.sections)
    answered = f"{count - gaps} of {count} questions are answered in full"
    parts = [
        f"# {form.title}",
        f"{form.note} By: {form.basis}.",
        f"{answered}; what is marked **not stated** only people can say.",
    ]
    for section in form.sections:
        parts.append(f"## {section.title}")
        for item in section.items:
            parts += _shown(item)
    return "\n\n".join(parts) + "\n"


def _shown(item: Item) -> Iterator[str]:
    """Lay out one question."""
    yield " ".join(filter(None, ("###", item.number, item.title)))
    yield from item.said
    for words in item.quoted:
        yield "> " + " ".join(words.split())
    for each in item.tables:
        yield table(each.head, (tuple(map(_cell, row)) for row in each.rows[: each.shown]))
        hidden = len(each.rows) - each.shown
        if hidden > 0:
            yield f"… and {number(hidden)} more."
    for what in item.missing:
        yield f"**not stated**: {what}"


def _cell(cell: Cell) -> str:
    return number(cell) if isinstance(cell, int) else cell


def as_json(form: Form, manifest: Manifest) -> bytes:
    """Return the form as JSON: tables in full, figures by name, `status` and `missing` by question."""
    told = {
        "form": form.title,
        "basis": form.basis,
        "release": {
            "name": manifest.name,
            "version": manifest.version,
            "content_root": manifest.content_root,
        },
        "items": [
            {"section": section.title} | _plain(item)
            for section in form.sections
            for item in section.items
        ],
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


def _plain(item: Item) -> dict[str, Any]:
    """Turn one question into values of JSON."""
    answered = bool(item.said or item.quoted or item.tables or item.figures)
    partly = "partly stated" if answered else "not stated"
    return {
        "number": item.number,
        "title": item.title,
        "status": partly if item.missing else "stated",
        "figures": item.figures,
        "said": [*item.said, *item.quoted],
        "tables": [
            [dict(zip(each.head, row, strict=True)) for row in each.rows] for each in item.tables
        ],
        "missing": list(item.missing),
    }
