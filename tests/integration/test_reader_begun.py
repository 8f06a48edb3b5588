"""Readers that begin with a network that others trained, and folders that are none or are damaged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.app import main
from tests.capitals import answers, paragraphs, write
from tests.conftest import Ask
from tests.learned import NET, contents, head_of, learn, refused, right

torch = pytest.importorskip("torch", reason="the extra [model] is not installed")
tokenizers = pytest.importorskip("tokenizers", reason="the extra [tokenizers] is not installed")
safetensors = pytest.importorskip("safetensors.torch", reason="the extra [model] is not installed")
transformers = pytest.importorskip("transformers", reason="the extra [model] is not installed")

OTHERS = paragraphs(20, 2)
SHORT = ("--windows", "sentences", "--length", "96", "--device", "cpu", "--batch", "1024")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("asked") / "asked.json", paragraphs(30, 1))


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Other countries."""
    return write(tmp_path_factory.mktemp("others") / "others.json", OTHERS)


@pytest.fixture(scope="module")
def reader(asked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that hardly learned anything; treat it as read-only."""
    out = tmp_path_factory.mktemp("reader") / "reader"
    assert main(["qa", "train", str(asked), "--out", str(out), "--epochs", "0.1", *NET]) == 0
    return out


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network with its tokenizer as others leave it: of our making is nothing but the words."""
    folder = tmp_path_factory.mktemp("foreign") / "foreign"
    words = sorted(
        {each for asked in OTHERS for each in asked["context"].replace(".", " ").split()}
    )
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = {each: at for at, each in enumerate([*marks, *words, *".?W"])}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106  no password
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]"  # noqa: S106  no password
    ).save_pretrained(folder)  # fmt: skip
    torch.manual_seed(0)
    config = transformers.DistilBertConfig(
        vocab_size=len(vocabulary), dim=24, hidden_dim=40, n_layers=3, n_heads=2, max_position_embeddings=128
    )  # fmt: skip
    transformers.DistilBertModel(config).save_pretrained(folder)
    return folder


def test_what_others_trained_is_gone_on_with(
    ask: Ask, foreign: Path, asked: Path, tmp_path: Path
) -> None:
    given = ("train", asked, "--from", foreign, "--family", "distilbert", *SHORT, "--epochs", "0.3")
    head = head_of(ask, tmp_path / "reader", *given)
    head_of(ask, tmp_path / "again", *given)
    assert contents(tmp_path / "again") == contents(tmp_path / "reader")
    assert head["plan"]["begins_with"] == "foreign"
    measure = head["plan"]["measure"]
    assert (measure["layers"], measure["width"], measure["heads"], measure["forward"]) == (3, 24, 2, 40)  # fmt: skip
    assert not head["plan"]["reading"]["hints"]
    card = (tmp_path / "reader/README.md").read_text()
    assert "3 layers of 24, " in card
    assert "begun with the weights of `foreign`" in card
    assert str(foreign.parent) not in card + json.dumps(head)
    begun = transformers.AutoModel.from_pretrained(foreign).state_dict()
    own = transformers.AutoModel.from_pretrained(tmp_path / "reader").state_dict()
    assert begun.keys() == own.keys()
    name = "embeddings.position_embeddings.weight"
    assert torch.allclose(begun[name], own[name], atol=0.05)
    assert not torch.equal(begun[name], own[name])


def test_a_reader_of_ours_learns_on(
    ask: Ask, reader: Path, asked: Path, others: Path, tmp_path: Path
) -> None:
    more = ("--rate", "0.002", "--epochs", "0.2", *SHORT)
    head = head_of(ask, tmp_path / "more", "train", asked, "--from", reader, *more)
    before = json.loads((reader / "reader.json").read_bytes())
    assert head["learned"]["parameters"] == before["learned"]["parameters"]
    assert (tmp_path / "more/tokenizer.json").read_bytes() == (reader / "tokenizer.json").read_bytes()  # fmt: skip
    assert right(ask, tmp_path / "more", others, answers(OTHERS)) <= 1


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (("--family", "electra"), "is distilbert, not electra"),
        (("--layers", "2"), "--layers is for a reader from scratch"),
        (("--width", "24"), "--width is for a reader from scratch"),
        (("--tokenizer", "tokenizer.json"), "--tokenizer is for a reader from scratch"),
        (("--windows", "passage", "--length", "384"), "has places for 128 tokens: give --length"),
    ],
)
def test_what_does_not_go_with_a_network_is_said(
    ask: Ask, foreign: Path, asked: Path, tmp_path: Path, more: tuple[str, ...], problem: str
) -> None:
    given = ("--from", foreign, "--family", "distilbert", *SHORT, *more, "--out", tmp_path / "out")
    assert problem in refused(ask, "qa", "train", asked, *given)
    assert not (tmp_path / "out").exists()


def harm(folder: Path, name: str, how: str) -> None:
    path = folder / name
    data = bytearray(path.read_bytes())
    if how == "gone":
        path.unlink()
    elif how == "cut":
        path.write_bytes(data[: len(data) // 2])
    else:
        data[len(data) // 2] ^= 0x04
        path.write_bytes(data)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("how", ["gone", "cut"])
def test_a_damaged_network_is_not_begun_with(
    ask: Ask, foreign: Path, asked: Path, tmp_path: Path, name: str, how: str
) -> None:
    shutil.copytree(foreign, tmp_path / "harmed")
    harm(tmp_path / "harmed", name, how)
    given = ("--from", tmp_path / "harmed", "--family", "distilbert", *SHORT, "--out", tmp_path / "out")  # fmt: skip
    code = 2 if name == "tokenizer.json" else 3
    assert "harmed" in refused(ask, "qa", "train", asked, *given, code=code)


def test_a_network_that_lacks_weights_is_not_made_up(
    ask: Ask, foreign: Path, asked: Path, tmp_path: Path
) -> None:
    shutil.copytree(foreign, tmp_path / "harmed")
    weights = safetensors.load_file(foreign / "model.safetensors")
    kept = {name: each for name, each in weights.items() if "layer.1." not in name}
    safetensors.save_file(kept, tmp_path / "harmed/model.safetensors", {"format": "pt"})
    said = refused(
        ask, "qa", "train", asked, *begin(tmp_path / "harmed"), "--out", tmp_path / "out", code=3
    )
    assert f"lacks {len(weights) - len(kept)} weights: distilbert.transformer.layer.1." in said


def begin(folder: Path) -> tuple[object, ...]:
    return ("--from", folder, "--family", "distilbert", *SHORT)


def test_a_tokenizer_of_another_network_is_seen(
    ask: Ask, foreign: Path, reader: Path, asked: Path, tmp_path: Path
) -> None:
    shutil.copytree(foreign, tmp_path / "mixed")
    (tmp_path / "mixed/tokenizer.json").write_bytes((reader / "tokenizer.json").read_bytes())
    given = ("--from", tmp_path / "mixed", "--family", "distilbert", *SHORT, "--out", tmp_path / "out")  # fmt: skip
    assert "its tokenizer has more tokens than it" in refused(ask, "qa", "train", asked, *given)


FILES = ("config.json", "model.safetensors", "tokenizer.json")


@pytest.mark.parametrize(
    ("name", "how"),
    [
        *((name, how) for name in (*FILES, "reader.json") for how in ("gone", "cut")),
        *((name, "flipped") for name in FILES),  # nothing vouches for what vouches for these
    ],
)
def test_a_damaged_reader_answers_nothing(
    ask: Ask, reader: Path, others: Path, tmp_path: Path, name: str, how: str
) -> None:
    shutil.copytree(reader, tmp_path / "harmed")
    harm(tmp_path / "harmed", name, how)
    out = tmp_path / "answers.json"
    said = refused(ask, "qa", "predict", tmp_path / "harmed", others, "--out", out, code=3)
    assert said.startswith("reader: ")
    assert "harmed" in said
    assert not out.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda head: head["rarity"].update(counts=[1, 2]),
        lambda head: head["fits"]["openings"].update(what=[0, 1]),
        lambda head: head["fits"]["heads"].update(capital=[7] * 9),
        lambda head: head.update(schema="qa-reader/9"),
        lambda head: head.update(more=1),
        lambda head: head["plan"]["reading"].update(length=0),
        lambda head: head.update(files={}),
        lambda head: head["files"].update({"../asked.json": "0" * 64}),
    ],
    ids=[
        "rarity",
        "short fits",
        "strange fits",
        "schema",
        "key",
        "reading",
        "files",
        "other files",
    ],
)
def test_a_reader_that_says_what_cannot_be_answers_nothing(
    ask: Ask, reader: Path, others: Path, tmp_path: Path, change: Callable[[Any], None]
) -> None:
    shutil.copytree(reader, tmp_path / "harmed")
    head = json.loads((reader / "reader.json").read_bytes())
    change(head)
    (tmp_path / "harmed/reader.json").write_text(json.dumps(head), encoding="utf-8")
    given = ("qa", "predict", tmp_path / "harmed", others, "--out", tmp_path / "answers.json")
    assert "harmed" in refused(ask, *given, code=3)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (("--length", "600"), "a network has places for 512"),
        (("--length", "60"), "leave 0 for the passage"),
        (("--windows", "passage", "--stride", "400"), "of which neighbours share 400"),
        (("--width", "66"), "is no multiple of 4 heads"),
        (("--tokenizer", "nowhere"), "nowhere: No such file or directory"),
        (("--rate", "1e30"), "the loss is no number any more"),
    ],
)
def test_what_cannot_be_trained_is_said(
    ask: Ask, asked: Path, tmp_path: Path, more: tuple[str, ...], problem: str
) -> None:
    said = refused(ask, "qa", "train", asked, "--out", tmp_path / "out", *NET, *more)
    assert problem in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("width", ["4", "12", "20"])
def test_narrow_heads_are_prepared_too(ask: Ask, asked: Path, tmp_path: Path, width: str) -> None:
    head = learn(ask, tmp_path / "reader", asked, "--width", width, "--epochs", "0.1")
    assert head["learned"]["parameters"] > 0


def test_a_name_that_is_taken_and_too_few_questions_are_refused(
    ask: Ask, asked: Path, reader: Path, tmp_path: Path
) -> None:
    assert "is there already" in refused(ask, "qa", "train", asked, "--out", reader, *NET)
    few = write(tmp_path / "few.json", paragraphs(10, 1))
    said = refused(ask, "qa", "train", few, "--out", tmp_path / "out", *NET, code=3)
    assert "fewer than 50 questions with an answer" in said
