"""mix.json: what a mix was made of, how much of each source it holds, and its files, in one spelling.

No clock, host, user or path outside the mix stands in it, so equal inputs give an equal account.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from manifests.manifest import File
from manifests.mix import Unit

FORMAT: Final = "gristmill-mix-1"
ACCOUNT: Final = "mix.json"
RECIPE: Final = "recipe.toml"


class Amount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many documents and what their texts add up to; a document read twice counts twice."""

    documents: int = 0
    bytes: int = 0
    characters: int = 0
    words: int = 0
    tokens: int = 0

    def __add__(self, other: Amount) -> Amount:
        """Add up two amounts."""
        return Amount(
            documents=self.documents + other.documents,
            bytes=self.bytes + other.bytes,
            characters=self.characters + other.characters,
            words=self.words + other.words,
            tokens=self.tokens + other.tokens,
        )

    def in_unit(self, unit: Unit) -> int:
        """Return the amount in one unit."""
        amount: int = getattr(self, unit)
        return amount

    @property
    def tokens_per_byte(self) -> float:
        """L_T / L_B: nats per token times this, over ln 2, are bits per byte (The Pile, section 3.1)."""
        return self.tokens / self.bytes if self.bytes else 0.0


class Share(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source: what there is of it, how often it is read, what that comes to, its share by the unit."""

    name: str
    there: Amount
    epochs: float
    mixed: Amount
    weight: float


class Tokenizer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a token is: a name, the SHA-256 of the file with the vocabulary, and who read it.

    A built-in one has no file; that of words has the version of Unicode as its `library`.
    """

    name: str
    sha256: str = ""
    library: str = ""


class Base(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The release that the mix is a view of."""

    name: str
    version: str
    content_root: str


class Mix(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mix. `fraction` is the share of the release's addresses it looks at, as `1` or `1/64`.

    `root` is the Merkle root over the shards' roots and says which records it holds in which order,
    whatever the compressor; like `files` and `shards` it is empty in a mix that was only counted.
    """

    format: Literal["gristmill-mix-1"] = FORMAT
    name: str
    seed: int
    split: str
    unit: Unit
    fraction: str
    recipe_sha256: str
    release: Base
    tokenizer: Tokenizer
    unicode: str
    sources: tuple[Share, ...]
    there: Amount
    mixed: Amount
    tokens_per_byte: float
    shards: int = 0
    root: str = ""
    libzstd: str = ""
    files: tuple[File, ...] = ()


def encode(mix: Mix) -> bytes:
    """Return mix.json: sorted keys, two spaces of indent, one newline at the end."""
    return msgspec.json.format(msgspec.json.encode(mix, order="sorted"), indent=2) + b"\n"


def decode(data: bytes) -> Mix:
    """Read mix.json; raises `ValueError` unless `encode` gives the same bytes back."""
    mix = msgspec.json.decode(data, type=Mix)
    if encode(mix) != data:
        raise ValueError("mix.json is not in canonical form")
    return mix
