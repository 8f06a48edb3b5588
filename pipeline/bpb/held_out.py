"""Which documents are measured and which are learnt from: the held-out splits, and a sample of the train split.

Documents of a source and split lie in the order of their addresses, hashes of the release's seed and their
ids, so the first so many of them are a fair sample that nothing but the release decides.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.catalog import Release


class Document(NamedTuple):
    """A document that is measured: what it is grouped by, and its text as UTF-8."""

    id: str
    source: str
    split: str
    license: str
    language: str
    text: bytes


class Sample(NamedTuple):
    """What is learnt from: for each source its texts, the last one cut where the share is full."""

    seed: int
    texts: dict[str, tuple[tuple[bytes, bool], ...]]

    @property
    def sizes(self) -> dict[str, int]:
        """How many bytes of each source there are."""
        return {name: sum(len(text) for text, _ in each) for name, each in self.texts.items()}

    def mixed(self) -> list[tuple[bytes, bool]]:
        """Return the texts with the sources one after another, and whether each is whole."""
        return [text for each in self.texts.values() for text in each]

    def part(self, share: int, of: int) -> Sample:
        """Return the first so many parts of each source, of which there are `of`."""
        return Sample(
            self.seed,
            {
                name: tuple(_cut(iter(each), sum(len(text) for text, _ in each) * share // of))
                for name, each in self.texts.items()
            },
        )


class _Record(msgspec.Struct, frozen=True):
    """What of a document is needed."""

    id: str
    text: str
    license: str
    language: str


_RECORDS = msgspec.json.Decoder(_Record)


def held_out(
    release: Release, sources: Sequence[str], splits: Sequence[str], most: int | None = None
) -> Iterator[Document]:
    """Yield the documents of some splits; of a source and split no more once there are `most` bytes.

    The document that passes the bound is the last one and is whole. Memory holds one frame.
    """
    for source in sources:
        for split in splits:
            size = 0
            for line in release.lines(source, split, "document"):
                record = _RECORDS.decode(line)
                text = record.text.encode()
                size += len(text)
                yield Document(record.id, source, split, record.license, record.language, text)
                if most is not None and size >= most:
                    break


def sample(release: Release, sources: Sequence[str], most: int, seed: int) -> Sample:
    """Take an equal number of bytes of each source's train split, `most` in all; what one lacks is not made up for.

    The seed says with which frame of a source reading begins; it goes on behind the last with the first.
    """
    share = most // max(len(sources), 1)
    return Sample(
        seed, {source: tuple(_cut(_train(release, source, seed), share)) for source in sources}
    )


def _train(release: Release, source: str, seed: int) -> Iterator[tuple[bytes, bool]]:
    frames = [
        frame for shard in release.shards(source, "train", "document") for frame in shard.frames
    ]
    digest = hashlib.sha256(f"gristmill-bpb-1 {seed} {source}".encode()).digest()
    start = int.from_bytes(digest[:8], "big") % max(len(frames), 1)
    for frame in frames[start:] + frames[:start]:
        for line in release.frames.decode(frame).splitlines():
            yield _RECORDS.decode(line).text.encode(), True


def _cut(texts: Iterator[tuple[bytes, bool]], most: int) -> Iterator[tuple[bytes, bool]]:
    """Yield texts until there are `most` bytes; the last one is cut."""
    left = most
    for text, whole in texts:
        if left <= 0:
            return
        yield text[:left], whole and len(text) <= left
        left -= len(text)
