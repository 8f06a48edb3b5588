"""Training readers: the same bytes however it goes, folders that others load, and what is said when it cannot be."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.capitals import paragraphs, write
from tests.conftest import Ask
from tests.learned import contents
from tests.torch_command import Torch

torch = pytest.importorskip("torch", reason="the extra [model] is not installed")
transformers = pytest.importorskip("transformers", reason="the extra [model] is not installed")

NET = ("--layers", "1", "--width", "32", "--vocab", "300", "--device", "cpu")
QUICK = (*NET, "--epochs", "2", "--batch", "1024")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Questions to learn from; treat it as read-only."""
    return write(tmp_path_factory.mktemp("asked") / "asked.json", paragraphs(26, 1))


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Questions over other paragraphs."""
    return write(tmp_path_factory.mktemp("others") / "others.json", paragraphs(10, 2))


@pytest.fixture(scope="module")
def fork(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Torch]:
    with Torch(tmp_path_factory.mktemp("fork")) as made:
        yield made


@pytest.fixture(scope="module")
def made(fork: Torch, asked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader that was trained without an interruption; treat it as read-only."""
    out = tmp_path_factory.mktemp("made") / "reader"
    finished(fork, out, "train", asked, *QUICK)
    return out


def test_the_same_questions_give_the_same_bytes(
    ask: Ask, asked: Path, made: Path, tmp_path: Path
) -> None:
    """In another process, which has other things behind it."""
    assert ask("qa", "train", asked, "--out", tmp_path / "again", *QUICK).code == 0
    assert contents(tmp_path / "again") == contents(made)
    assert [path.name for path in tmp_path.iterdir()] == ["again"]
    assert ask("qa", "train", asked, "--out", tmp_path / "other", *QUICK, "--seed", "1").code == 0
    mine, theirs = contents(tmp_path / "other"), contents(made)
    assert mine["model.safetensors"] != theirs["model.safetensors"]


def test_the_order_of_questions_does_not_matter(ask: Ask, asked: Path, tmp_path: Path) -> None:
    """What differs is the SHA-256 of the file, which the model names."""
    all_ = [each["paragraphs"][0] for each in json.loads(asked.read_text())["data"]]
    shuffled = random.Random(3).sample(all_, len(all_))
    for each in shuffled:
        each["qas"].reverse()
    parts = [write(tmp_path / "1.json", all_[:15]), write(tmp_path / "2.json", all_[15:])]
    (tmp_path / "turned").mkdir()
    turned = write(tmp_path / "turned/asked.json", shuffled)
    for name, files in (("plain", [asked]), ("turned-m", [turned]), ("12", parts), ("21", parts[::-1])):  # fmt: skip
        assert ask("qa", "train", *files, "--out", tmp_path / name, *QUICK).code == 0
    assert contents(tmp_path / "12") == contents(tmp_path / "21")
    one, other = (contents(tmp_path / name) for name in ("plain", "turned-m"))
    heads = [json.loads(each.pop("reader.json")) for each in (one, other)]
    cards = [each.pop("README.md").decode().splitlines() for each in (one, other)]
    assert one == other
    sources = [head["learned"].pop("sources") for head in heads]
    assert sources[0] != sources[1]
    assert heads[0] == heads[1]
    assert len(set(cards[0]) ^ set(cards[1])) == 2


def strike(fork: Torch, number: int, out: Path, after: int, *arguments: object) -> tuple[int, str]:
    """Start a command of `gristmill qa` and end it by a signal, a while after it wrote so many checkpoints."""
    state = out.with_name(f".{out.name}.training") / "state.pt"
    before, seen = _stamp(state), 0
    pid = fork.start("qa", *arguments, "--out", out)
    while seen < after and not out.exists():
        time.sleep(0.001)
        stamp = _stamp(state)
        seen, before = seen + (stamp not in {before, 0}), stamp
    time.sleep(random.Random(after).random() / 20)
    os.kill(pid, number)
    return fork.end()


def _stamp(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def finished(fork: Torch, out: Path, *arguments: object) -> dict[str, bytes]:
    """Have a command write a reader; return its files."""
    fork.start("qa", *arguments, "--out", out)
    code, said = fork.end()
    assert code == 0, said
    return contents(out)


def survive(fork: Torch, out: Path, *given: object) -> dict[str, bytes]:
    """Kill a command again and again before it finishes; return the files of what it makes."""
    ends = [strike(fork, signal.SIGKILL, out, after, *given)[0] for after in (1, 2, 1)]
    assert ends[0] == -signal.SIGKILL
    if not out.exists():
        assert (out.with_name(f".{out.name}.training") / "state.pt").exists()
        return finished(fork, out, *given)
    return contents(out)


def test_a_training_that_was_killed_gives_the_same_bytes(
    fork: Torch, asked: Path, made: Path, tmp_path: Path
) -> None:
    assert survive(fork, tmp_path / "reader", "train", asked, *QUICK) == contents(made)
    left = {path.name for path in tmp_path.iterdir()} - {"reader"}
    assert all(name.endswith(".tmp") for name in left)  # a folder that was being written


def test_a_student_that_was_killed_gives_the_same_bytes(
    fork: Torch, asked: Path, made: Path, tmp_path: Path
) -> None:
    """Its maps to its teacher's states learn along with it."""
    given = ("distil", made, asked, "--token", "8", "--width", "16", *QUICK[-6:])
    wanted = finished(fork, tmp_path / "wanted", *given)
    assert survive(fork, tmp_path / "student", *given) == wanted


def test_an_interrupt_leaves_the_checkpoint_alone(
    fork: Torch, asked: Path, made: Path, tmp_path: Path
) -> None:
    out = tmp_path / "reader"
    code, said = strike(fork, signal.SIGINT, out, 2, "train", asked, *QUICK)
    assert code == 130
    assert said.splitlines()[-1] == "stopped: run the same command again to go on from here"
    assert [path.name for path in tmp_path.iterdir()] == [".reader.training"]
    assert [path.name for path in (tmp_path / ".reader.training").iterdir()] == ["state.pt"]
    assert finished(fork, out, "train", asked, *QUICK) == contents(made)
    assert [path.name for path in tmp_path.iterdir()] == ["reader"]


@pytest.fixture(scope="module")
def stopped(fork: Torch, asked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a training that was stopped on its way."""
    out = tmp_path_factory.mktemp("stopped") / "reader"
    assert strike(fork, signal.SIGINT, out, 2, "train", asked, *QUICK)[0] == 130
    return out.with_name(".reader.training")


@pytest.fixture
def halfway(stopped: Path, tmp_path: Path) -> Path:
    """The name of a model that is not there yet, beside its checkpoint."""
    shutil.copytree(stopped, tmp_path / stopped.name)
    return tmp_path / "reader"


@pytest.mark.parametrize(
    "more", [("--seed", "4"), ("--rate", "0.003"), ("--vocab", "299"), ("--no-hints",)]
)
def test_another_plan_does_not_go_on(
    ask: Ask, halfway: Path, asked: Path, tmp_path: Path, more: tuple[str, ...]
) -> None:
    assert ask("qa", "train", asked, "--out", halfway, *QUICK, *more).code == 0
    assert ask("qa", "train", asked, "--out", tmp_path / "fresh", *QUICK, *more).code == 0
    assert contents(halfway) == contents(tmp_path / "fresh")


def test_other_questions_do_not_go_on(
    ask: Ask, halfway: Path, others: Path, asked: Path, tmp_path: Path
) -> None:
    for out in (halfway, tmp_path / "fresh"):
        assert ask("qa", "train", asked, others, "--out", out, *QUICK).code == 0
    assert contents(halfway) == contents(tmp_path / "fresh")


@pytest.mark.parametrize("harm", ["cut", "flipped", "empty", "other"])
def test_a_damaged_checkpoint_counts_as_none(
    ask: Ask, halfway: Path, asked: Path, made: Path, harm: str
) -> None:
    state = halfway.with_name(".reader.training") / "state.pt"
    data = bytearray(state.read_bytes())
    data[len(data) // 2] ^= 0x40
    harmed = {"cut": data[: len(data) // 2], "flipped": data, "empty": b"", "other": b"{}" * 99}
    state.write_bytes(harmed[harm])
    assert ask("qa", "train", asked, "--out", halfway, *QUICK).code == 0
    assert contents(halfway) == contents(made)
