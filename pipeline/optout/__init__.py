"""The opt-out registry on disk: nothing recorded is ever lost, and damage is named, never skipped."""

from pipeline.optout.given import (
    open_key,
    read_key,
    read_normalised_subject,
    read_text_subject,
)
from pipeline.optout.load import Registry, load, load_as_of
from pipeline.optout.log import append, utc_now
from pipeline.optout.record import (
    add,
    alias,
    amend,
    applied,
    reject,
    requests,
    revoke,
    unalias,
    verify,
)

__all__ = [
    "Registry",
    "add",
    "alias",
    "amend",
    "append",
    "applied",
    "load",
    "load_as_of",
    "open_key",
    "read_key",
    "read_normalised_subject",
    "read_text_subject",
    "reject",
    "requests",
    "revoke",
    "unalias",
    "utc_now",
    "verify",
]
