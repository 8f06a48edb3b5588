"""Turn a parsed record into a `Document`: every key is used or carried along, none is lost."""

from __future__ import annotations

import functools
import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

import msgspec

from filters import normalise
from filters.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable

ID_DIGITS: Final = 32
"""How many hex digits of a digest stand for an id, behind a prefix where the id was an address."""

_MISSING: Final = object()
_CANONICAL: Final = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
)
_Path = tuple[str, ...]


class FieldMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Their name for ours, dotted where it is nested; an empty one is looked for where usual.

    Usual is the top of the record, then `meta`, then `metadata`; the first usable value wins.
    """

    text: str = "text"
    id: str = ""
    license: str = ""
    url: str = ""
    repo: str = ""
    path: str = ""
    created: str = ""
    language: str = ""
    author: str = ""


PLAIN: Final = FieldMap()
_KNOWN: Final = ("id", "license", "url", "repo", "path", "created", "language", "author")


def to_document(
    record: dict[str, Any],
    *,
    source: str,
    license_claim: str = "",
    fields: FieldMap = PLAIN,
    id_prefix: str = "",
    kind: str = "",
    is_address: Callable[[str], bool] | None = None,
) -> Document | str:
    """Build the document of one record, or say why there is none.

    The reason is `text-missing`, `text-type`, `nul` (U+0000 in the text) or `surrogate`.

    Null and blank values are absent. A known key of a wrong type, a second value for one that has
    its value already, and all other keys go to `extra` as they are, under their own key; what is
    left of `meta` stays `extra["meta"]`. A list of licences holds all of them at once: it is joined
    with AND. `license_claim` stands in for a licence that is absent. `id_prefix` goes before the
    record's own id; without one the id is a digest of the source's name and the record's content. So it
    is, behind the prefix, where `is_address` says of the id that it holds an address; under its own id the
    document is then an origin of itself.
    """
    rest = dict(record)
    given = _take_text(rest, fields.text)
    found = _sound(given)
    if isinstance(found, str):
        return found
    text, sha256 = found
    without_text = dict(rest)
    known: dict[str, Any] = {
        name: _take(rest, places, convert) or "" for name, places, convert in _plan(fields)
    }
    own = known.pop("id")
    known["license"] = known["license"] or license_claim
    name = id_prefix + own if own else derived_id(source, without_text, sha256)
    if own and is_address is not None and is_address(name):
        known["origins"] = (Document(id=name, text=text, sha256=sha256, source=source),)
        name = id_prefix + nameless_id(source, _without_id(without_text, fields), sha256)
    return Document(
        id=name,
        text=text,
        sha256=sha256,
        source=source,
        kind=kind,
        normalised=text is not given and text != given,
        extra=rest,
        derived=not own or "origins" in known,
        **known,
    )


def _sound(given: Any) -> tuple[str, str] | str:
    """Return the text in NFC and its digest, or what is wrong with what stands for a text."""
    if given is None:
        return "text-missing"
    if type(given) is not str:
        return "text-type"
    if "\0" in given:
        return "nul"
    text = nfc(given)
    try:
        return text, hashlib.sha256(text.encode()).hexdigest()
    except UnicodeEncodeError:
        return "surrogate"


def own_id(record: dict[str, Any], fields: FieldMap = PLAIN) -> str:
    """Return the id that a record has of its own, whatever else is wrong with it, or `""`."""
    values = (_peek(record, place) for place in _places("id", fields.id))
    return next((name for name in map(_identifier, values) if name), "")


def locate(record: dict[str, Any], fields: FieldMap = PLAIN) -> tuple[str, str]:
    """Return the repository and the path that the document of a record would have."""
    found = {"repo": "", "path": ""}
    for name, places, convert in _plan(fields):
        for place in places if name in found else ():
            value = _peek(record, place) if place[0] in record else None
            if not found[name] and value is not _MISSING and value is not None:
                found[name] = convert(value) or ""
    return found["repo"], found["path"]


def field_map(fields: dict[str, str]) -> FieldMap:
    """Return the map of a source's `fields`; equal ones share one map."""
    return _field_map(tuple(sorted(fields.items())))


@functools.lru_cache(maxsize=64)
def _field_map(pairs: tuple[tuple[str, str], ...]) -> FieldMap:
    return FieldMap(**dict(pairs))


def paper_text(data: bytes) -> str:
    """Read a licence file or manifest: what is no UTF-8 must not look as if it were not there.

    UTF-16 is told by its byte order mark; all else is Latin-1, in which every file can be read and
    the words of a licence are the same.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("latin-1")
    return nfc(text.replace("\0", " "))


def nfc(text: str) -> str:
    """Return `text` in Unicode normalisation form C (UAX #15)."""
    return text if text.isascii() else normalise.nfc(text)[0]


def derived_id(source: str, rest: dict[str, Any], sha256: str) -> str:
    """Return 32 hex digits of the SHA-256 over the source's name and the record's content.

    `rest` is the record without its text, `sha256` stands for the text. Two records share an id
    only if they give the same document, wherever they lie in their source's files. Of what redaction
    changes no release may show it: see `pipeline.stages.emitted_ids`.
    """
    content = "\n".join((json.dumps(source), sha256, encode_extra(rest)))
    return hashlib.sha256(content.encode()).hexdigest()[:ID_DIGITS]


def may_hold_address(name: str) -> bool:
    """Tell an id in which an e-mail address may be looked for; nearly none is one."""
    return "@" in name or "%40" in name


def spelled_id(name: str) -> str:
    """Spell an id for an error, unless it may hold an address."""
    return "(not shown: it may hold an address)" if may_hold_address(name) else repr(name)


def nameless_id(source: str, rest: dict[str, Any], sha256: str) -> str:
    """Derive the id of a record whose own is an address: as `derived_id`, but of `rest` without any address.

    Who has the text and the rest can try every address that he thinks of against a digest of them all,
    and where one is the id it often stands beside it, too, as the author. So none is digested, under a key
    or without: a release must not need a key to have the ids that it has. What tells records apart is
    their text, of which no two share a digest; equal texts that differ in addresses alone share an id, and
    are duplicates.
    """
    return derived_id(source, _without_addresses(rest), sha256)


def encode_extra(extra: dict[str, Any]) -> str:
    """Return canonical JSON: keys sorted by code point, no spaces, integers of any size exact.

    Characters stand as themselves; a float is spelled as Python's shortest `repr`.
    """
    return _CANONICAL.encode(extra) if extra else "{}"


def _without_id(rest: dict[str, Any], fields: FieldMap) -> dict[str, Any]:
    rest = dict(rest)
    _take(rest, _places("id", fields.id), _identifier)
    return rest


def _without_addresses(value: Any) -> Any:
    """Leave out every string in which an address may stand, keys of objects included."""
    if isinstance(value, dict):
        kept = ((key, each) for key, each in value.items() if not may_hold_address(key))
        return {key: _without_addresses(each) for key, each in kept}
    if isinstance(value, list):
        return [_without_addresses(each) for each in value]
    return "" if isinstance(value, str) and may_hold_address(value) else value


def _take_text(rest: dict[str, Any], name: str) -> Any:
    for place in _places("", name):
        value = _peek(rest, place)
        if value is not _MISSING:
            _remove(rest, place)
            return value
    return None


@functools.cache
def _plan(fields: FieldMap) -> tuple[tuple[str, tuple[_Path, ...], Any], ...]:
    """Return, for each known key, its name, where to look in order, and how to read a value."""
    convert = {"id": _identifier, "license": _license}
    return tuple(
        (name, _places(name, getattr(fields, name)), convert.get(name, _string)) for name in _KNOWN
    )


def _places(name: str, mapped: str) -> tuple[_Path, ...]:
    if mapped:
        return ((mapped,), tuple(mapped.split(".")))
    return ((name,), ("meta", name), ("metadata", name))


def _take(rest: dict[str, Any], places: tuple[_Path, ...], convert: Any) -> Any:
    """Take the first usable value out of `rest`, and nulls and blanks with it; `None` if none."""
    found = None
    for place in places:
        if place[0] not in rest:
            continue
        value = rest[place[0]] if len(place) == 1 else _peek(rest, place)
        if value is _MISSING:
            continue
        if value is None or value == "":
            _remove(rest, place)
        elif found is None:
            found = convert(value)
            if found is not None:
                _remove(rest, place)
    return found


def _peek(tree: Any, place: _Path) -> Any:
    for key in place:
        if type(tree) is not dict:
            return _MISSING
        tree = tree.get(key, _MISSING)
    return tree


def _remove(tree: dict[str, Any], place: _Path) -> None:
    """Delete the value at `place`; a folder on the way is copied, and goes when it is empty."""
    head, *tail = place
    if not tail:
        del tree[head]
        return
    tree[head] = dict(tree[head])
    _remove(tree[head], tuple(tail))
    if not tree[head]:
        del tree[head]


def _string(value: Any) -> str | None:
    return value if type(value) is str and value.strip() else None


def _identifier(value: Any) -> str | None:
    return str(value) if type(value) is int else _string(value)


def _license(value: Any) -> str | None:
    if type(value) is not list:
        return _string(value)
    if not value or not all(type(each) is str and each.strip() for each in value):
        return None
    terms = list(dict.fromkeys(value))
    if len(terms) == 1:
        return str(terms[0])
    return " AND ".join(f"({each})" if " or " in each.lower() else each for each in terms)
