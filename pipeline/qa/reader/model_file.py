"""A reader as a folder that transformers loads too, with what it takes to answer as it was trained to.

    config.json, model.safetensors     the network, as `AutoModelForQuestionAnswering` takes it
    tokenizer.json, tokenizer_config.json
    reader.json    how questions are read, what scores are worth, the plan, what it learned from, the curve, SHA-256
    README.md      the card, for people

In another form, for another runtime (pipeline/qa/reader/forms.py), its weights lie in other files, and the rest is
the same. The same questions, plan, versions and processor give the same bytes. No context, question or answer stands
in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import msgspec

from manifests.checksum import sha256_hex
from pipeline.errors import ConfigError, InputError
from pipeline.qa.baseline.model_file import Source
from pipeline.qa.reader import hints
from pipeline.qa.reader.architecture import family_of, has_types, measure_in
from pipeline.qa.reader.checkpoints import Point
from pipeline.qa.reader.fits import Fits
from pipeline.qa.reader.forms import FILES, ORIGINAL, Form
from pipeline.qa.reader.hints import Rarity
from pipeline.qa.reader.inputs import Preparer
from pipeline.qa.reader.network import Network
from pipeline.qa.reader.packages import packages, pick_device
from pipeline.qa.reader.plan import Plan
from pipeline.qa.reader.reader import Reader, Sureness
from pipeline.qa.reader.runtimes import open_runtime
from pipeline.qa.wordpiece import load
from pipeline.release import whole_folder, write_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.qa.reader.architecture import Measure
    from pipeline.qa.reader.runtimes import Runtime
    from pipeline.qa.wordpiece import WordPiece

SCHEMA: Final = "qa-reader/1"
HEAD: Final = "reader.json"
WEIGHTS: Final = FILES[ORIGINAL][0]
CONFIG: Final = "config.json"
TOKENIZER: Final = "tokenizer.json"
_TOKENIZER_CONFIG: Final = "tokenizer_config.json"
CARD: Final = "README.md"
_UNSOUND: Final = (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError)
_LOCAL: Final = {"local_files_only": True, "trust_remote_code": False}
_MARKS: Final = (
    ("pad_token", ("[PAD]", "<pad>")), ("unk_token", ("[UNK]", "<unk>")), ("cls_token", ("[CLS]", "<s>")),
    ("sep_token", ("[SEP]", "</s>")), ("mask_token", ("[MASK]", "<mask>")),
)  # fmt: skip


class Teacher(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The reader that another one learned from: the SHA-256 of its weights, and what it was trained as."""

    weights: str
    parameters: int
    exact: float
    f1: float


Unit = Literal["group", "context"]
"""What is held out with all of its questions: a group is an article, or what else must not straddle a split."""


class Learned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a reader learned from, and what came of it.

    `impossible` of the questions have no answer, `made` of them were made so; `left_out` have their answer in no
    window. `exact` and `f1` are per cent on the `held_out` questions that have an answer. No group or context, as
    `held_out_by` says, is both among these and the others.
    """

    sources: tuple[Source, ...]
    questions: int
    held_out: int
    contexts: int
    impossible: int
    made: int
    left_out: int
    windows: int
    steps: int
    parameters: int
    exact: float
    f1: float
    device: str
    held_out_by: Unit = "context"
    teacher: Teacher | None = None


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`reader.json`."""

    schema: str
    hints: str
    plan: Plan
    learned: Learned
    sureness: Sureness
    curve: tuple[Point, ...]
    versions: dict[str, str]
    rarity: Rarity
    fits: Fits
    files: dict[str, str]
    form: Form = Form()

    @property
    def weights(self) -> str:
        """The SHA-256 of the file that holds the weights."""
        return self.files[FILES[self.form.name][-1]]


class Opened(NamedTuple):
    """A reader that was read from a folder, ready to answer."""

    reader: Reader
    runtime: Runtime
    head: Head

    @property
    def network(self) -> Network:
        """The network, where it is one of PyTorch.

        Raises:
            ConfigError: its weights have another form.
        """
        if not isinstance(self.runtime, Network):
            raise ConfigError(
                f"reader: it is a reader as {self.head.form.name}, which answers and no more:"
                " name the one that it was made from"
            )
        return self.runtime


def write_reader(folder: Path, network: Network, preparer: Preparer, head: Head, card: str) -> None:
    """Write a reader under a name that is free; the digests of `head` are filled in.

    Raises:
        InputError: something lies there already.
    """
    if folder.exists():
        raise InputError(f"reader: {folder}: is there already")
    with whole_folder(folder) as staging:
        network.net.save_pretrained(staging)
        write_bytes(staging / TOKENIZER, preparer.tokenizer.as_json())
        write_bytes(staging / _TOKENIZER_CONFIG, _told_of(preparer.tokenizer, network.net.config))
        seal_reader(staging, head, card)


def seal_reader(folder: Path, head: Head, card: str) -> None:
    """Write what a reader says of itself and its card, over the files that lie in its folder."""
    files = {path.name: sha256_hex(path.read_bytes()) for path in sorted(folder.iterdir())}
    whole = msgspec.structs.replace(head, files=files)
    write_bytes(folder / HEAD, msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n")
    write_bytes(folder / CARD, card.encode())


def _told_of(tokenizer: WordPiece, config: Any) -> bytes:
    """Name the marks that a tokenizer has: transformers adds those that it has not."""
    told = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": config.max_position_embeddings,
    }
    for name, spelled in _MARKS:
        known = next((each for each in spelled if tokenizer.has(each)), None)
        if known is not None:
            told[name] = known
    return msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n"


def read_head(folder: Path) -> Head:
    """Read what a reader says of itself, and check that its files are what it says.

    Raises:
        InputError: it is none, of another version, or damaged.
    """
    try:
        head = msgspec.json.decode((folder / HEAD).read_bytes(), type=Head)
    except OSError as error:
        raise InputError(f"reader: {folder}: is no reader: {HEAD}: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"reader: {folder / HEAD}: is no reader of this version") from error
    if (head.schema, head.hints) != (SCHEMA, hints.SCHEMA):
        raise InputError(f"reader: {folder}: made by a version that reads otherwise: train again")
    needed = {*FILES[head.form.name], CONFIG, TOKENIZER}
    if not needed <= head.files.keys() or any("/" in name for name in head.files):
        raise InputError(f"reader: {folder / HEAD}: does not name the files that a reader has")
    for name, wanted in head.files.items():
        try:
            found = sha256_hex((folder / name).read_bytes())
        except OSError as error:
            raise InputError(f"reader: {folder / name}: {error.strerror}") from error
        if found != wanted:
            raise InputError(f"reader: {folder / name}: is not what {HEAD} says")
    return head


def read_preparer(folder: Path, head: Head) -> Preparer:
    """Return what makes inputs as the reader learned them.

    Raises:
        InputError: what the head says of them cannot be.
    """
    tokenizer = load((folder / TOKENIZER).read_bytes(), str(folder / TOKENIZER))
    try:
        head.plan.reading.check()
    except ConfigError as error:
        raise InputError(f"{error}: {folder / HEAD}") from error
    if len(head.rarity.counts) != tokenizer.size or not head.fits.is_sound():
        raise InputError(f"reader: {folder / HEAD}: does not go with its {TOKENIZER}")
    return Preparer(tokenizer, head.plan.reading, head.rarity, head.fits)


def read_reader(folder: Path, device: str, threads: int = 1) -> Opened:
    """Read a reader whose weights have any form; `device` is `cpu`, `cuda` or `auto`.

    Raises:
        ConfigError: what runs it is not installed, or not on that device.
        InputError: it does not read, is damaged, or was made by a version that reads otherwise.
    """
    head = read_head(folder)
    preparer = read_preparer(folder, head)
    runtime = _open(folder, head, device, threads)
    return Opened(Reader(preparer, runtime.scores, head.sureness), runtime, head)


def _open(folder: Path, head: Head, device: str, threads: int) -> Runtime:
    name = head.form.name
    if name == ORIGINAL:
        packages().torch.set_num_threads(threads)
        typed = has_types(head.plan.family)
        return Network(load_net(folder), pick_device(device), typed=typed)
    if device == "cuda":
        raise ConfigError(f"reader: {folder}: a reader as {name} runs on a CPU: use --device cpu")
    return open_runtime(folder, head.form, threads)


def load_net(folder: Path) -> Any:
    """Load a network from a folder: no code of it runs.

    Raises:
        ConfigError: it is of no family.
        InputError: it does not load, or lacks weights below its head.
    """
    auto = packages().transformers.AutoModelForQuestionAnswering
    from safetensors import SafetensorError  # noqa: PLC0415  transformers, which is there, needs it

    try:
        net, found = auto.from_pretrained(
            folder, **_LOCAL, use_safetensors=True, output_loading_info=True
        )
    except (*_UNSOUND, SafetensorError) as error:
        raise InputError(
            f"reader: {folder}: does not load as a network that answers questions"
            f" ({type(error).__name__}): it needs {CONFIG} and {WEIGHTS}"
        ) from error
    family_of(net.config, str(folder))
    below = f"{net.base_model_prefix}."
    lacking = sorted(each for each in found["missing_keys"] if each.startswith(below))
    if lacking:  # which transformers makes up
        raise InputError(f"reader: {folder / WEIGHTS}: lacks {len(lacking)} weights: {lacking[0]}")
    return net.float()


def read_measure(folder: Path) -> Measure:
    """Return how large the network in a folder is.

    Raises:
        ConfigError: it is of no family.
        InputError: there is none.
    """
    auto = packages().transformers.AutoConfig
    try:
        config = auto.from_pretrained(folder, **_LOCAL)
        return measure_in(config, family_of(config, str(folder)))
    except _UNSOUND as error:
        raise InputError(
            f"reader: {folder}: is no network ({type(error).__name__}): it needs {CONFIG}"
        ) from error
