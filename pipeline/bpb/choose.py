"""Models by their names: those that come with gristmill, and folders of causal language models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.bpb import compressors
from pipeline.bpb.compressors import MOST_DICTIONARY
from pipeline.bpb.neural import Neural, Settings, check_folder
from pipeline.bpb.ngram import ADAPTIVE, MAX_ORDER, MOST_BYTES, STATIC, train
from pipeline.errors import ConfigError
from pipeline.tables import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.bpb.held_out import Sample
    from pipeline.bpb.model import Model

_ZSTD_DICT: Final = "zstd-dict"
_ALONE: Final = {
    "zstd": compressors.zstd,
    "xz": compressors.xz,
    "bz2": compressors.bzip2,
}
BUILT_IN: Final = (STATIC, ADAPTIVE, "zstd", _ZSTD_DICT, "xz", "bz2")
_TRAINED: Final = frozenset({STATIC, ADAPTIVE, _ZSTD_DICT})
_SHARES: Final = (64, 16, 4)  # of the sample, for a curve


class Asked(NamedTuple):
    """Which models: names or paths, the order and the curve of the n-gram model, how a neural one reads."""

    names: tuple[str, ...] = BUILT_IN
    order: int = 6
    curve: bool = False
    neural: Settings = Settings()

    @property
    def trained(self) -> bool:
        """Whether one of them learns from the train split."""
        return not _TRAINED.isdisjoint(self.names)


def check(asked: Asked, train_bytes: int) -> None:
    """Check what is asked for before anything is read.

    Raises:
        ConfigError: there is no such model, two have one name, or a number is out of bounds.
    """
    for name in asked.names:
        if name in BUILT_IN:
            continue
        if "/" not in name and not Path(name).is_dir():
            known = ", ".join(BUILT_IN)
            raise ConfigError(
                f"bpb: --model {name}: neither a folder nor one of {known}{suggestion(name, BUILT_IN)}"
            )
        check_folder(Path(name))
    titles = [name if name in BUILT_IN else Path(name).resolve().name for name in asked.names]
    twice = sorted({title for title in titles if titles.count(title) > 1})
    if twice:
        raise ConfigError(f"bpb: --model: two are called {twice[0]}: name a folder differently")
    if not 1 <= asked.order <= MAX_ORDER:
        raise ConfigError(f"bpb: --order {asked.order}: between 1 and {MAX_ORDER}")
    if not 0 < train_bytes <= MOST_BYTES:
        raise ConfigError(f"bpb: --train-bytes {train_bytes}: between 1 and {MOST_BYTES}")
    if asked.curve and {STATIC, ADAPTIVE}.isdisjoint(asked.names):
        raise ConfigError(f"bpb: --curve is for {STATIC} and {ADAPTIVE}: ask for one of them")


def make(asked: Asked, sample: Sample) -> list[Model]:
    """Make the models in the order of their names; what has to learn learns from the sample.

    Raises:
        ConfigError: a package is missing, or a model does not load.
    """
    found = list(_grams(asked, sample))
    for name in asked.names:
        if name in _ALONE:
            found.append(_ALONE[name]())
        elif name == _ZSTD_DICT:
            most = sample.part(MOST_DICTIONARY, max(sum(sample.sizes.values()), MOST_DICTIONARY))
            found.append(compressors.zstd_with(b"".join(text for text, _ in most.mixed())))
        elif name not in BUILT_IN:
            found.append(Neural(Path(name), asked.neural))
    return sorted(found, key=lambda model: _place(asked.names, model.name))


def _grams(asked: Asked, sample: Sample) -> Iterator[Model]:
    """Train once for both, and for a curve on parts of the sample as well."""
    wanted = [name == ADAPTIVE for name in asked.names if name in {STATIC, ADAPTIVE}]
    shares = (*(_SHARES if asked.curve else ()), 1)
    for share in shares if wanted else ():
        model = train(asked.order, sample.part(1, share).mixed(), share)
        yield from (model._replace(adaptive=adaptive) for adaptive in wanted)


def _place(names: Sequence[str], title: str) -> int:
    """Return where a model was asked for; those of a curve stand together, smallest first."""
    titles = [name if name in BUILT_IN else Path(name).resolve().name for name in names]
    return titles.index(title if title in titles else title.rpartition("/")[0])
