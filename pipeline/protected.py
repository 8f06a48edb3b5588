"""Protected evaluation sets: found, named by content, and left for the tasks as one index."""

from __future__ import annotations

import glob
import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from filters.decontam import Protected, digest_of, make_keys, title_digest
from filters.decontam_index import Passage, build, weight_of
from filters.decontam_words import WORD_WEIGHT
from filters.document import Document
from manifests.checksum import canonical_json
from pipeline.decontam import (
    Decontam,
    Protect,
    ProtectedSet,
    is_saved,
    read_protected,
    save_protected,
)
from pipeline.errors import ConfigError
from pipeline.evaluation_sets import File, Item, items
from pipeline.preflight import environment_digest
from pipeline.sources import digest
from pipeline.sources.fields import nfc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from filters.decontam import Method
    from pipeline.config import Config
    from pipeline.engine.work import Work

_SUFFIXES: Final = tuple(
    f".{kind}{packed}" for kind in ("json", "jsonl", "ndjson") for packed in ("", ".gz", ".zst")
)
_LEAST_QUESTION: Final = (
    8  # words: shorter ones are asked by chance, "When was the article published?"
)


class Guarded(NamedTuple):
    """What `[decontam]` asks for, the files of each set in the order of their digests, and the digest of it all."""

    settings: Decontam
    files: tuple[tuple[Protect, tuple[File, ...]], ...]
    digest: str


NOTHING: Final = Guarded(Decontam(), (), "")


def find_protected(config: Config, root: Path) -> Guarded:
    """Find and digest the files of all protected sets; where they lie and in what order is no matter.

    Without `[decontam]` there are none, and the digest is `""`.

    Raises:
        ConfigError: a path matches nothing.
        InputError: a file cannot be read.
    """
    settings = config.decontam
    if settings is None:
        return NOTHING
    problems = [
        f"plan: {path}: matches no file (decontam set {each.name!r})"
        for each in settings.protect
        for path in each.paths
        if not _paths(root, path)
    ]
    if problems:
        raise ConfigError("\n".join(problems))
    sets = sorted(settings.protect, key=lambda each: each.name)
    files = tuple((each, _files(each, root)) for each in sets)
    named = [
        [each.name, each.format, sorted(each.fields), [file.sha256 for file in mine]]
        for each, mine in files
    ]
    content = [environment_digest(), settings.ngram, sorted(settings.by), named]
    return Guarded(settings, files, hashlib.sha256(canonical_json(content)).hexdigest())


def _files(protect: Protect, root: Path) -> tuple[File, ...]:
    paths = sorted({path.resolve() for each in protect.paths for path in _paths(root, each)})
    by_digest = {digest(path)[1]: path for path in paths}
    return tuple(File(by_digest[sha256], sha256) for sha256 in sorted(by_digest))


def _paths(root: Path, pattern: str) -> list[Path]:
    """Expand a file, a folder (searched through) or a glob with `**`."""
    whole = root / pattern
    if whole.is_file():
        return [whole]
    if whole.is_dir():
        return [path for path in whole.rglob("*") if path.name.endswith(_SUFFIXES)]
    # the config's own folder is no part of the pattern: its name may hold what a glob reads
    matches = glob.glob(pattern, root_dir=root, recursive=True)  # noqa: PTH207  Path.glob takes no absolute pattern
    return [root / match for match in matches if (root / match).is_file()]


def keep_protected(guarded: Guarded, work: Work) -> None:
    """Leave the index for the tasks, unless an earlier run did.

    Raises:
        InputError: a file is not what its format says.
    """
    if guarded.digest and not is_saved(work, guarded.digest):
        save_protected(work, guarded.digest, *make_protected(guarded))
        opened, _ = read_protected(work, guarded.digest)
        opened.judge(Document(id="", text="", sha256="", source=""))  # compiles for all workers


def make_protected(guarded: Guarded) -> tuple[Protected, tuple[ProtectedSet, ...]]:
    """Read all sets into an index; say of each what was read."""
    settings = guarded.settings
    found = (
        (number, item)
        for number, (protect, files) in enumerate(guarded.files)
        for item in items(protect, files)
    )
    names = tuple(protect.name for protect, _ in guarded.files)
    protected, counts = index_items(found, names, settings.ngram, settings.by)
    return protected, tuple(
        ProtectedSet(
            name=protect.name,
            format=protect.format,
            files=tuple(file.sha256 for file in files),
            items=counted.items,
            passages=counted.passages,
        )
        for (protect, files), counted in zip(guarded.files, counts, strict=True)
    )


class Counted(NamedTuple):
    """How many items a set has, and how many passages of it are sought."""

    items: int
    passages: int


def index_items(
    found: Iterable[tuple[int, Item]], names: tuple[str, ...], ngram: int, by: tuple[Method, ...]
) -> tuple[Protected, tuple[Counted, ...]]:
    """Index items, each with the number of its set among `names`."""
    ids: set[tuple[int, int]] = set()
    titles: set[tuple[int, int]] = set()
    counts = [0] * len(names)

    def passages() -> Iterator[Passage]:
        for number, item in found:
            counts[number] += bool(item.id or item.texts)
            if item.id:
                ids.add((digest_of(item.id), number))
            if item.title:
                titles.add((title_digest(item.title), number))
            texts = item.texts
            if weight_of(item.question) >= _LEAST_QUESTION * WORD_WEIGHT:
                texts = (*texts, item.question)
            yield from (Passage(number, item.name, nfc(text)) for text in texts)

    index = build(passages(), ngram)
    held = [int((index.sets >> number & 1).sum()) for number in range(len(counts))]
    protected = Protected(
        ngram=ngram, by=by, sets=names, index=index, ids=make_keys(ids), titles=make_keys(titles)
    )
    return protected, tuple(map(Counted, counts, held))
