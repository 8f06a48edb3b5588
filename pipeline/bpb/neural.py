"""A causal language model in Hugging Face's format, from a folder on this machine; nothing is ever downloaded.

Its bits per byte are those of The Pile (Gao et al. 2020, arXiv:2101.00027, section 3.1): the sum of the
tokens' negative log likelihoods over ln 2 and over the bytes of the text's UTF-8, which is the same
as (tokens / bytes) x loss / ln 2.
"""

from __future__ import annotations

import hashlib
import math
import os
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from manifests.checksum import sums_text
from pipeline.bpb.model import ONE_BIT
from pipeline.errors import ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Device = Literal["auto", "cpu", "cuda"]

_EXTRA: Final = "pip install 'gristmill[model]'"
_LENGTHS: Final = ("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len")
_LONGEST: Final = 2048  # tokens of a window where nobody says; attention takes their square
_LEAST_WINDOW: Final = 2
_LOGITS: Final = 1 << 28  # numbers that a batch may hold: 1 GiB
_WEIGHTS: Final = "*.safetensors"


class Window(NamedTuple):
    """Tokens `start:stop` of a document; those from `first` on are counted."""

    start: int
    first: int
    stop: int


def windows(tokens: int, length: int, overlap: int) -> Iterator[Window]:
    """Cut tokens into windows so that each but the first token is counted once, behind all there is or `overlap`.

    `length` counts the tokens of a window and `overlap` those it shares with the one before it, less than `length`.
    """
    first, stop = 1, min(length, tokens)
    while first < tokens:
        yield Window(max(stop - length, 0), first, stop)
        first, stop = stop, min(stop + length - overlap, tokens)


class Settings(NamedTuple):
    """How a model reads: tokens of a window (0: what the model was made for), windows at once, and on what."""

    window: int = 0
    batch: int = 8
    device: Device = "auto"


class Neural:
    """A model that was loaded from a folder; `told` names its weights by one SHA-256 over all their files."""

    def __init__(self, path: Path, settings: Settings) -> None:
        os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}  # read when they load
        self._torch, transformers = _packages()
        check_folder(path)
        self._device = self._pick(settings.device)
        self._tokenizer, model = _load(path, self._torch, transformers)
        self._model = model.to(self._device).eval()
        self._batch = settings.batch
        self._window = _window(model.config, settings.window)
        self.name = path.resolve().name
        self.told: dict[str, Any] = {
            "kind": "causal language model",
            "sha256": digest_of(path),
            "window": self._window,
            "overlap": self._window // 2,
            "begin": "uniform" if self._begin() is None else "token",
            "end_counted": False,
            "transformers": version("transformers"),
            "torch": version("torch"),
            "tokens": 0,
            "changed_by_tokenizer": 0,
        }

    def bits(self, documents: Sequence[bytes]) -> list[int]:
        """Return the bits of each document in 2^-20 bit, the first token's included.

        `told` counts on: tokens, and documents that the tokenizer does not give back as they were.
        """
        nats = [0.0] * len(documents)
        waiting: list[tuple[int, list[int], Window]] = []
        for number, text in enumerate(documents):
            ids, nats[number] = self._tokens(text.decode())
            found = windows(len(ids), self._window, self._window // 2)
            waiting += ((number, ids, window) for window in found)
        width = max((each.stop - each.start for *_, each in waiting), default=1)
        step = max(1, min(self._batch, _LOGITS // (width * self._model.config.vocab_size)))
        for at in range(0, len(waiting), step):
            batch = waiting[at : at + step]
            losses = self._losses([(ids, window) for _, ids, window in batch])
            for (number, *_), loss in zip(batch, losses, strict=True):
                nats[number] += loss
        return [round(each / math.log(2) * ONE_BIT) for each in nats]

    def _tokens(self, text: str) -> tuple[list[int], float]:
        """Return the tokens of a text behind the one that begins a text, and the nats of the first where none does."""
        ids: list[int] = self._tokenizer(  # "<s>" in a text is three characters that somebody wrote
            text, add_special_tokens=False, split_special_tokens=True, verbose=False
        )["input_ids"]
        back = self._tokenizer.decode(
            ids, skip_special_tokens=False, clean_up_tokenization_spaces=False
        )
        self.told["changed_by_tokenizer"] += back != text
        self.told["tokens"] += len(ids)
        begin = self._begin()
        if begin is not None:
            return [begin, *ids], 0.0
        return ids, math.log(self._model.config.vocab_size) if ids else 0.0

    def _losses(self, batch: list[tuple[list[int], Window]]) -> list[float]:
        """Return the nats of each window's counted tokens; shorter ones are filled up behind their ends."""
        torch = self._torch
        width = max(window.stop - window.start for _, window in batch)
        ids = torch.zeros((len(batch), width), dtype=torch.long)
        mask = torch.zeros((len(batch), width), dtype=torch.long)
        for row, (tokens, window) in enumerate(batch):
            part = torch.tensor(tokens[window.start : window.stop])
            ids[row, : len(part)], mask[row, : len(part)] = part, 1
        try:
            with torch.inference_mode():
                logits = self._model(
                    input_ids=ids.to(self._device),
                    attention_mask=mask.to(self._device),
                    use_cache=False,
                ).logits
                return [
                    self._loss(logits[row], ids[row], window)
                    for row, (_, window) in enumerate(batch)
                ]
        except torch.cuda.OutOfMemoryError as error:
            raise ConfigError(
                f"bpb: {self.name}: the GPU's memory is full: give a smaller --batch or --window"
            ) from error

    def _loss(self, logits: Any, ids: Any, window: Window) -> float:
        """Add up the nats of a window's counted tokens, as doubles."""
        first, stop = window.first - window.start, window.stop - window.start
        found = self._torch.nn.functional.cross_entropy(
            logits[first - 1 : stop - 1].float(),
            ids[first:stop].to(logits.device),
            reduction="none",
        )
        return float(found.double().sum())

    def _begin(self) -> int | None:
        """Return the token that begins a text, or else ends one before it; `None` where the model has neither."""
        for found in (self._tokenizer.bos_token_id, self._tokenizer.eos_token_id):
            if found is not None:
                return int(found)
        return None

    def _pick(self, wanted: Device) -> str:
        there = self._torch.cuda.is_available()
        if wanted == "cuda" and not there:
            raise ConfigError("bpb: --device cuda: there is none that PyTorch can use")
        return "cuda" if there and wanted != "cpu" else "cpu"


def _load(path: Path, torch: Any, transformers: Any) -> tuple[Any, Any]:
    """Load tokenizer and model from a folder: no code of it runs, and no weight is made up."""
    import safetensors  # noqa: PLC0415  it comes with transformers

    local = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(path, **local)
        model, told = transformers.AutoModelForCausalLM.from_pretrained(
            path, **local, use_safetensors=True, dtype=torch.float32, output_loading_info=True
        )
    except (OSError, ValueError, KeyError, safetensors.SafetensorError) as error:
        raise ConfigError(
            f"bpb: {path}: does not load as a causal language model ({type(error).__name__}):"
            " it needs config.json, *.safetensors and its tokenizer's files"
        ) from error
    missing = len(told["missing_keys"]) + len(told["mismatched_keys"])
    if missing:
        raise ConfigError(
            f"bpb: {path}: lacks {missing} of the model's weights: is it another kind of model?"
        )
    if len(tokenizer) > model.get_input_embeddings().num_embeddings:
        raise ConfigError(
            f"bpb: {path}: its tokenizer has more tokens than the model: is it another's?"
        )
    return tokenizer, model


def check_folder(path: Path) -> None:
    """Check that a folder holds what looks like a model, before anything heavy is loaded.

    Raises:
        ConfigError: it does not.
    """
    if not (path / "config.json").is_file():
        raise ConfigError(
            f"bpb: {path}: is no model: neither one that comes with gristmill nor a folder with a"
            " config.json"
        )
    if not any(path.glob(_WEIGHTS)):
        raise ConfigError(
            f"bpb: {path}: holds no *.safetensors: save the model with safe_serialization"
        )


def digest_of(path: Path) -> str:
    """Return the SHA-256 of the list of a model's files and theirs: weights, config and tokenizer."""
    sums = {}
    for file in sorted((*path.glob(_WEIGHTS), *path.glob("*.json"), *path.glob("*.model"))):
        try:
            with file.open("rb") as data:
                sums[file.name] = hashlib.file_digest(data, "sha256").hexdigest()
        except OSError as error:
            raise InputError(f"bpb: {file}: {error.strerror}") from error
    return hashlib.sha256(sums_text(sums).encode()).hexdigest()


def _packages() -> tuple[Any, Any]:
    try:
        import torch  # noqa: PLC0415  heavy, and an extra
        import transformers  # noqa: PLC0415  likewise
    except ImportError as error:
        raise ConfigError(
            f"bpb: a model by its path needs torch and transformers: {_EXTRA}"
        ) from error
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return torch, transformers


def _window(config: Any, wanted: int) -> int:
    """Return how many tokens a window has: what is asked for, within what the model can take."""
    known = [getattr(config, name, None) for name in _LENGTHS]
    most = next((each for each in known if isinstance(each, int) and each > 0), None)
    if wanted and most is not None and wanted > most:
        raise ConfigError(f"bpb: --window {wanted}: the model takes {most} tokens")
    found: int = wanted or min(most or _LONGEST, _LONGEST)
    if found < _LEAST_WINDOW:
        raise ConfigError(f"bpb: --window {found}: at least {_LEAST_WINDOW} tokens")
    return found
