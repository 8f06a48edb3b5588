"""The opt-out registry on disk: nothing recorded is ever lost, and damage is named, never skipped."""

from pipeline.optout.given import open_key, read_key, read_text_subject
from pipeline.optout.load import Registry, load, load_as_of
from pipeline.optout.log import append, utc_now
from pipeline.optout.record import add, amend, reject, requests, revoke, verify

__all__ = [
    "Registry",
    "add",
    "amend",
    "append",
    "load",
    "load_as_of",
    "open_key",
    "read_key",
    "read_text_subject",
    "reject",
    "requests",
    "revoke",
    "utc_now",
    "verify",
]
