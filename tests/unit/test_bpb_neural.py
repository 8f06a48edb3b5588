"""Causal language models by path: a small one with random weights says what its own loss says."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from pipeline.bpb.model import ONE_BIT
from pipeline.bpb.neural import Neural, Settings
from pipeline.errors import ConfigError

torch = pytest.importorskip("torch", reason="a causal language model needs gristmill[model]")
transformers = pytest.importorskip("transformers", reason="likewise")
pytestmark = pytest.mark.filterwarnings("default")  # what PyTorch warns of is not ours

LENGTH = 32
END = "<|end|>"
TEXTS = [
    "The mill turns.",
    "",
    "물레방아가 돈다 " * 20,
    "\U0001f33e grain <|end|> " * 40,
    "x" * 900,
]
DOCUMENTS = [text.encode() for text in TEXTS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GPT-2 of two layers and a byte-level tokenizer."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    path = tmp_path_factory.mktemp("models") / "tiny"
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, special_tokens=[END])  # fmt: skip
    tokenizer.train_from_iterator(TEXTS, trainer)
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, **dict.fromkeys(("bos_token", "eos_token"), END)
    )
    fast.save_pretrained(path)
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=len(fast), n_positions=LENGTH, n_embd=32, n_layer=2, n_head=2, initializer_range=0.3,
        bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    transformers.GPT2LMHeadModel(config).save_pretrained(path)
    return path


def naive(folder: Path, text: str) -> float:
    """Return the bits of a text: each token behind as many before it as our windows give it."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    found = tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    ids = [tokenizer.bos_token_id, *found]
    nats = 0.0
    for at in range(1, len(ids)):
        stop = LENGTH
        while stop <= at:
            stop += LENGTH // 2
        context = ids[max(min(stop, len(ids)) - LENGTH, 0) : at]
        with torch.inference_mode():
            logits = model(torch.tensor([context])).logits[0, -1].double()
        nats -= float(torch.log_softmax(logits, 0)[ids[at]])
    return nats / math.log(2)


def test_bits_are_those_of_each_token_behind_its_window(folder: Path) -> None:
    found = Neural(folder, Settings()).bits(DOCUMENTS)
    for text, bits in zip(TEXTS, found, strict=True):
        assert bits / ONE_BIT == pytest.approx(naive(folder, text), rel=1e-4, abs=1e-4)


def test_they_are_the_formula_of_the_pile(folder: Path) -> None:
    """L_T / L_B x loss / ln 2 with the loss that the model itself computes, where one window is enough."""
    text = TEXTS[0]
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    ids = torch.tensor([[0, *tokenizer(text, add_special_tokens=False)["input_ids"]]])
    with torch.inference_mode():
        loss = float(model(ids, labels=ids).loss)
    tokens, size = ids.shape[1] - 1, len(text.encode())
    (bits,) = Neural(folder, Settings()).bits([text.encode()])
    assert bits / ONE_BIT / size == pytest.approx(tokens / size * loss / math.log(2), rel=1e-5)


def test_neither_batch_nor_company_matter(folder: Path) -> None:
    alone = [Neural(folder, Settings(batch=1)).bits([each])[0] for each in DOCUMENTS]
    for batch in (1, 3, 64):
        together = Neural(folder, Settings(batch=batch)).bits(DOCUMENTS)
        for one, other, text in zip(alone, together, DOCUMENTS, strict=True):
            assert abs(one - other) <= 0.0005 * ONE_BIT * len(text)


def test_special_tokens_in_a_text_are_text(folder: Path) -> None:
    model = Neural(folder, Settings())
    model.bits([b"<|end|>"])
    assert model.told["tokens"] > 1
    assert model.told["changed_by_tokenizer"] == 0
    assert (model.name, model.told["window"], model.told["overlap"]) == (
        "tiny",
        LENGTH,
        LENGTH // 2,
    )


def test_a_first_token_that_nothing_precedes_is_uniform(folder: Path, tmp_path: Path) -> None:
    copy = _copied(folder, tmp_path / "bare", bos_token=None, eos_token=None)
    model = Neural(copy, Settings())
    assert model.told["begin"] == "uniform"
    (bits,) = model.bits([b"x"])
    assert bits / ONE_BIT == pytest.approx(math.log2(model._model.config.vocab_size), abs=1e-6)


def test_texts_that_a_tokenizer_changes_are_counted(folder: Path, tmp_path: Path) -> None:
    path = _copied(folder, tmp_path / "lower")
    data = json.loads((path / "tokenizer.json").read_text(encoding="utf-8"))
    data["normalizer"] = {"type": "Lowercase"}
    (path / "tokenizer.json").write_text(json.dumps(data), encoding="utf-8")
    model = Neural(path, Settings())
    model.bits([b"the mill", b"The mill", b"THE"])
    assert model.told["changed_by_tokenizer"] == 2
    assert model.told["sha256"] != Neural(folder, Settings()).told["sha256"]


def test_what_does_not_load_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the model takes 32 tokens"):
        Neural(folder, Settings(window=33))
    with pytest.raises(ConfigError, match="at least 2 tokens"):
        Neural(folder, Settings(window=1))
    broken = _copied(folder, tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ConfigError, match="does not load"):
        Neural(broken, Settings())


def test_a_tokenizer_of_another_model_is_refused(folder: Path, tmp_path: Path) -> None:
    path = _copied(folder, tmp_path / "mixed")
    data = json.loads((path / "tokenizer.json").read_text(encoding="utf-8"))
    data["model"]["vocab"] |= {f"grain{n}": 300 + n for n in range(30)}
    (path / "tokenizer.json").write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(ConfigError, match="more tokens than the model"):
        Neural(path, Settings())


def test_weights_that_are_not_there_are_not_made_up(folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = _copied(folder, tmp_path / "partial") / "model.safetensors"
    tensors = load_file(path)
    del tensors["transformer.h.1.mlp.c_fc.weight"]
    save_file(tensors, path, {"format": "pt"})
    with pytest.raises(ConfigError, match=r"lacks 1 of the model's weights"):
        Neural(path.parent, Settings())


def _copied(folder: Path, to: Path, **tokens: Any) -> Path:
    """Copy a model, with some settings of its tokenizer changed."""
    to.mkdir()
    for file in folder.iterdir():
        (to / file.name).write_bytes(file.read_bytes())
    path = to / "tokenizer_config.json"
    data = json.loads(path.read_text(encoding="utf-8")) | tokens
    path.write_text(json.dumps(data), encoding="utf-8")
    return to
