"""What a case is: a text, and what in it is personal or secret, with exact spans in code points."""

from __future__ import annotations

import hashlib
from typing import Final, Literal, NamedTuple

Half = Literal["a", "b"]

SECRETS: Final = frozenset({"SECRET", "PRIVATE_KEY"})


class Label(NamedTuple):
    """One secret or personal item: `[start, end)`, its type, and what kind of value it is."""

    start: int
    end: int
    type: str
    kind: str

    def accepts(self, detected: str) -> bool:
        """Tell whether a detection of this type finds it; kinds of secrets are one group."""
        if self.kind.startswith("wallet-private"):
            return detected in SECRETS or detected == "WALLET"
        return detected in SECRETS if self.type in SECRETS else detected == self.type


class Value(NamedTuple):
    """A value that is to be found, before it stands in a text."""

    text: str
    type: str
    kind: str


class Case(NamedTuple):
    """A document of the benchmark; without labels it is a clean one."""

    text: str
    labels: tuple[Label, ...]
    context: str
    half: Half
    group: str


def half_of(name: str) -> Half:
    """Assign a kind of template, value or provider to one half, by its name alone."""
    return "a" if hashlib.sha256(name.encode()).digest()[0] % 2 else "b"
