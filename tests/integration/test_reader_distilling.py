"""`gristmill qa distil`: a smaller reader that learns from a larger one, and says so."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from pipeline.cli.app import main
from pipeline.qa.reader.architecture import Dropout, Measure, make_config, make_net
from pipeline.qa.reader.distilling import matched
from pipeline.qa.reader.shrinking import shrink
from tests.capitals import answers, paragraphs, write
from tests.conftest import Ask
from tests.learned import contents, head_of, refused, right

torch = pytest.importorskip("torch", reason="the extra [model] is not installed")
transformers = pytest.importorskip("transformers", reason="the extra [model] is not installed")

OTHERS = paragraphs(20, 2)
RUN = ("--device", "cpu", "--batch", "1024", "--epochs", "3")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("asked") / "asked.json", paragraphs(50, 1))


@pytest.fixture(scope="module")
def teacher(asked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two layers; treat it as read-only."""
    out = tmp_path_factory.mktemp("teacher") / "teacher"
    size = ("--layers", "2", "--width", "64", "--vocab", "300", "--seed", "3")
    assert main(["qa", "train", str(asked), "--out", str(out), *RUN, *size]) == 0
    return out


def test_a_student_is_smaller_names_its_teacher_and_learns_the_rule(
    ask: Ask, teacher: Path, asked: Path, tmp_path: Path
) -> None:
    given = ("distil", teacher, asked, *RUN)
    head = head_of(ask, tmp_path / "student", *given)
    head_of(ask, tmp_path / "again", *given)
    assert contents(tmp_path / "again") == contents(tmp_path / "student")
    its = json.loads((teacher / "reader.json").read_bytes())
    assert head["plan"]["measure"] == its["plan"]["measure"] | {"layers": 1, "token": 32}
    assert head["plan"]["seed"] == its["plan"]["seed"] == 3
    net = transformers.AutoModelForQuestionAnswering.from_pretrained(tmp_path / "student")
    own = sum(each.numel() for each in net.parameters())
    assert head["learned"]["parameters"] == own < its["learned"]["parameters"]
    weights = hashlib.sha256((teacher / "model.safetensors").read_bytes()).hexdigest()
    told = {name: its["learned"][name] for name in ("parameters", "exact", "f1")}
    assert head["learned"]["teacher"] == {"weights": weights, **told}
    card = (tmp_path / "student/README.md").read_text()
    assert f"a teacher of {its['learned']['parameters']:,} weights (SHA-256 `{weights}`)" in card
    assert "from scratch" not in card
    assert str(teacher.parent) not in card + json.dumps(head)
    for name in ("held_out", "questions", "contexts"):
        assert head["learned"][name] == its["learned"][name]
    file = write(tmp_path / "others.json", OTHERS)
    assert right(ask, tmp_path / "student", file, answers(OTHERS)) > 0.9


@pytest.mark.parametrize("family", ["mobilebert", "distilbert"])
def test_a_student_is_of_its_teacher_s_family(
    ask: Ask, asked: Path, tmp_path: Path, family: str
) -> None:
    size = ("--layers", "2", "--width", "32", "--vocab", "300", "--family", family)
    short = (*RUN, "--epochs", "0.2")
    head_of(ask, tmp_path / "teacher", "train", asked, *size, *short)
    head = head_of(ask, tmp_path / "student", "distil", tmp_path / "teacher", asked, *short)
    assert head["plan"]["family"] == family
    assert head["plan"]["measure"]["layers"] == 1
    assert head["learned"]["parameters"] < head["learned"]["teacher"]["parameters"]


def test_a_student_with_room_for_all_that_is_there_does_what_its_teacher_does() -> None:
    """Words of 16 numbers that are made of 6: of MobileBERT, whose embeddings nothing norms, the turn is exact."""
    torch.manual_seed(5)
    nets = []
    for token in (16, 6):
        size = Measure(2, 24, 2, 24, token, 12)
        nets.append(make_net(make_config("mobilebert", size, 50, 4, Dropout())).eval())
    teacher, student = nets
    with torch.no_grad():
        words = teacher.mobilebert.embeddings.word_embeddings.weight
        words.copy_(torch.randn(50, 6) @ torch.randn(6, 16))
    shrink(teacher, student, matched(2, 2))
    ids = torch.randint(1, 50, (3, 9))
    with torch.no_grad():
        told = [net(ids, token_type_ids=ids % 4).start_logits for net in nets]
    assert torch.allclose(*told, rtol=1e-3, atol=1e-3)


def test_a_student_can_have_other_questions_and_another_teacher(
    ask: Ask, teacher: Path, asked: Path, tmp_path: Path
) -> None:
    more = write(tmp_path / "more.json", paragraphs(10, 4))
    short = (*RUN, "--epochs", "0.1")
    one = head_of(ask, tmp_path / "one", "distil", teacher, asked, more, *short)
    two = head_of(ask, tmp_path / "two", "distil", tmp_path / "one", asked, *short, "--width", "32")
    assert len(one["learned"]["sources"]) == 2
    assert two["learned"]["teacher"]["parameters"] == one["learned"]["parameters"]


def test_how_it_learns_matters(ask: Ask, teacher: Path, asked: Path, tmp_path: Path) -> None:
    made = set()
    short = (*RUN, "--epochs", "0.2")
    for number, how in enumerate(
        (("--soft", "0"), ("--soft", "1"), ("--hidden", "0"), ("--attention", "0"), ("--temperature", "9"))
    ):  # fmt: skip
        out = tmp_path / str(number)
        head_of(ask, out, "distil", teacher, asked, *short, *how)
        made.add((out / "model.safetensors").read_bytes())
    assert len(made) == 5


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (("--layers", "3"), "a student of 3 layers: its teacher has 2"),
        (("--layers", "2", "--token", "64"), "fewer --layers, or a smaller --width or --token"),
        (("--width", "66"), "is no multiple of 4 heads"),
        (("--seed", "4"), "a student has its teacher's seed"),
        (("--soft", "1.5"), "is no share from 0 to 1"),
        (("--soft", "nan"), "is no share from 0 to 1"),
        (("--temperature", "0"), "is no number above 0"),
        (("--temperature", "inf"), "is no number above 0"),
        (("--hidden", "-1"), "is no number from 0 on"),
        (("--attention", "nan"), "is no number from 0 on"),
    ],
)
def test_what_cannot_be_a_student_is_said(
    ask: Ask, teacher: Path, asked: Path, tmp_path: Path, more: tuple[str, ...], problem: str
) -> None:
    out = tmp_path / "student"
    assert problem in refused(ask, "qa", "distil", teacher, asked, "--out", out, *RUN, *more)
    assert list(tmp_path.iterdir()) == []


def test_a_teacher_must_be_a_reader(ask: Ask, teacher: Path, asked: Path, tmp_path: Path) -> None:
    out = tmp_path / "student"
    said = refused(ask, "qa", "distil", tmp_path, asked, "--out", out, *RUN, code=3)
    assert "is no reader: reader.json" in said
    assert "is there already" in refused(ask, "qa", "distil", teacher, asked, "--out", teacher)
