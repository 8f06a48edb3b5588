"""One event of the opt-out registry: its line, its hash, and the id of a request that it begins.

A line is canonical JSON (sorted keys, no spaces, nothing that is as by default) of an `Event`; its
`hash` is the SHA-256 of the line without it, `prev` is the hash of the line before.
"""

from __future__ import annotations

import hashlib
from typing import Final, Literal

import msgspec

from manifests.registry.terms import Terms, is_code, tidy

Kind = Literal["submit", "verify", "reject", "amend", "revoke", "apply", "alias", "unalias"]

EMPTY_HEAD: Final = "0" * 64  # the head of a registry without events
_CANONICAL: Final = "the line is not canonical JSON: it was changed after it was written"
_ENCODER: Final = msgspec.json.Encoder(order="sorted")


class ChainError(ValueError):
    """An event does not follow from the events before it; the message says how."""


class Event(
    Terms, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, gc=False
):
    """One line of the log. `seq` is the line's number from 1, `ts` is UTC to the second.

    Terms stand in `submit` and `amend` alone, but that `alias` and `unalias`, a rename and that it is
    taken back, have the old name and the new one as their subjects, and an authority. `release` names
    what an `apply` reached, as `name-version`. A requester's own words are private: `reason` is a
    code, see `reason_code`.
    """

    seq: int
    ts: str
    event: Kind
    request: str = ""
    reason: str = ""
    release: str = ""
    prev: str
    hash: str = ""


class Draft(Terms, frozen=True, kw_only=True):
    """An event before it has its place in the log; a `submit` gets its request's id by `seal`."""

    event: Kind
    request: str = ""
    reason: str = ""
    release: str = ""


_DRAFTED: Final = Draft.__struct_fields__
_DECODER: Final = msgspec.json.Decoder(Event)


def reason_code(text: str) -> str:
    """Return a reason as the log keeps it: a code such as `gdpr-17`, and `other` for free text."""
    text = text.strip()
    return text if not text or is_code(text) else "other"


def seal(previous: Event | None, draft: Draft, ts: str) -> Event:
    """Give a draft its number, its request's id and its hash.

    The id of a new request is `r-` and the first 12 hex digits of the digest that its `submit`
    event has while it is without an id; nobody chooses it, and anybody can check it.
    """
    said = {name: getattr(draft, name) for name in _DRAFTED}
    event = Event(
        seq=1 if previous is None else previous.seq + 1,
        ts=ts,
        prev=EMPTY_HEAD if previous is None else previous.hash,
        **said | {"reason": reason_code(draft.reason)},
    )
    if event.event == "submit":
        event = msgspec.structs.replace(event, request=request_id(event))
    try:
        return decode(encode(msgspec.structs.replace(event, hash=digest(event))))
    except msgspec.ValidationError as error:  # a value that no reader would take
        raise ChainError("the event is none that a registry holds") from error


def encode(event: Event) -> bytes:
    """Return the event's one line, with its line feed."""
    return _ENCODER.encode(tidy(event)) + b"\n"


def decode(line: bytes) -> Event:
    """Read one line; raises `ChainError` or `msgspec.DecodeError` unless `encode` gives it."""
    if not line.endswith(b"\n"):
        raise ChainError("the line is torn: its end is missing")
    event = _DECODER.decode(line)
    if encode(event) != line:
        raise ChainError(_CANONICAL)
    return event


def digest(event: Event) -> str:
    """Return the SHA-256 of the event's line without its hash."""
    return hashlib.sha256(encode(msgspec.structs.replace(event, hash=""))).hexdigest()


def request_id(event: Event) -> str:
    """Return the id of the request that a `submit` without a hash begins."""
    return f"r-{digest(msgspec.structs.replace(event, request=''))[:12]}"


def check_line(line: bytes, event: Event) -> None:
    """Raise `ChainError` unless a canonical line has its event's hash and, if it begins one, request's id.

    What `digest` and `request_id` encode anew is cut out here: a quote inside of a value is escaped,
    so a key cannot be mistaken.
    """
    bare = line.replace(f'"hash":"{event.hash}",'.encode(), b"", 1)
    if hashlib.sha256(bare).hexdigest() != event.hash:
        raise ChainError("the event does not have its own hash: the line was changed")
    if event.event == "submit":
        nameless = bare.replace(f'"request":"{event.request}",'.encode(), b"", 1)
        if event.request != f"r-{hashlib.sha256(nameless).hexdigest()[:12]}":
            raise ChainError("the request's id is not that of its event")
