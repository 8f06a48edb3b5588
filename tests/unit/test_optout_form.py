"""The opt-out form: the shipped templates ask what the reader knows, and answers are read however they come."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.cli.app import main
from pipeline.forms import FORMS, read_form_file
from pipeline.optout import requests
from pipeline.optout_form import QUESTIONS, Answers, read_form

ADDRESS = "someone@example.org"
FILLED = f"""### What should be left out?

https://github.com/Foo/Bar
everything please

### What are you to it?

It is in my account

### Copies elsewhere

Exact copies too, changed ones may stay

### What you publish later

Only what is there today

### Kinds of data

- [ ] All kinds
- [X] Code and files
- [x] Commits

### Legal basis

GDPR, article 17 (erasure)

### How to reach you

{ADDRESS}

### Proof

https://gist.github.com/foo/1

### Anything else

A private word.
"""
Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        code = main(["optout", *map(str, arguments)])
        return code, *capsys.readouterr()

    return call


def test_github_form_asks_what_the_reader_knows() -> None:
    body = yaml.safe_load(read_form_file("opt-out.yml"))["body"]
    asked = [each for each in body if each["type"] != "markdown"]
    assert [each["id"] for each in asked] == [each.name for each in QUESTIONS]
    for field, question in zip(asked, QUESTIONS, strict=True):
        assert field["attributes"]["label"] == question.heading
        assert field.get("validations", {}).get("required", False) == question.required
        given = field["attributes"].get("options", [])
        labels = [each["label"] if isinstance(each, dict) else each for each in given]
        assert labels == [each.label for each in question.choices]


def test_the_other_form_asks_the_same() -> None:
    text = read_form_file("opt-out.md").decode()
    headings = [line[4:] for line in text.splitlines() if line.startswith("### ")]
    boxes = [line[6:] for line in text.splitlines() if line.startswith("- [ ] ")]
    assert headings == [each.heading for each in QUESTIONS]
    assert boxes == [choice.label for each in QUESTIONS for choice in each.choices]


def test_a_form_as_github_shows_it() -> None:
    form = read_form(FILLED)
    assert form.answers == Answers(
        what="https://github.com/Foo/Bar\neverything please",
        authority="account",
        copies="exact",
        future=False,
        kinds=("code", "commits"),
        basis="gdpr-17",
        contact=ADDRESS,
        proof="https://gist.github.com/foo/1",
        remarks="A private word.",
    )
    assert (form.what_line, form.unclear, form.missing) == (3, (), ())


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("windows", lambda text: text.replace("\n", "\r\n")),
        ("a byte order mark", lambda text: "\ufeff" + text),
        ("quoted", lambda text: "".join(f"> {line}\n" for line in text.splitlines())),
        ("quoted twice", lambda text: "".join(f">> {line}\n" for line in text.splitlines())),
        ("capitals", lambda text: text.replace("Copies elsewhere", "COPIES ELSEWHERE:")),
        ("bold", lambda text: text.replace("### Legal basis", "**Legal basis**")),
        ("deeper", lambda text: text.replace("###", "#")),
        ("no marks", lambda text: text.replace("### ", "")),
        ("comments", lambda text: text.replace("### Proof", "### Proof\n<!-- a link\n-->")),
        ("a greeting", lambda text: "Hello,\nhere is my form.\n\n" + text),
        ("questions quoted, answers not", lambda text: text.replace("###", "> ###")),
        (
            "the empty form below",
            lambda text: text + "\n".join(f"> {x}" for x in EMPTY.splitlines()),
        ),
    ],
)
def test_a_form_as_people_send_it(name: str, change: Callable[[str], str]) -> None:
    assert name
    plain, sent = read_form(FILLED), read_form(change(FILLED))
    assert _known(sent.answers) == _known(plain.answers)
    assert (sent.unclear, sent.missing) == ((), ())


EMPTY = read_form_file("opt-out.md").decode()


def _known(answers: Answers) -> dict[str, Any]:
    """Return all but the remarks, the last answer, which what follows the form becomes part of."""
    return {name: getattr(answers, name) for name in Answers.__struct_fields__ if name != "remarks"}


@pytest.mark.parametrize(
    ("question", "answer", "meant"),
    [
        ("Copies elsewhere", "near", {"copies": "near"}),
        ("Copies elsewhere", "only exact ones please", {"copies": "exact"}),
        ("Copies elsewhere", "- [x] No copies, only what I name", {"copies": "none"}),
        ("What you publish later", "no", {"future": False}),
        ("Kinds of data", "Code and files, Issues", {"kinds": ("code", "issues")}),
        ("Kinds of data", "code, PRs and comments", {"kinds": ("code", "comments", "pulls")}),
        ("Kinds of data", "- [x] All kinds\n- [x] Commits", {"kinds": ()}),
        ("Legal basis", "Art. 21 GDPR", {"basis": "gdpr-21"}),
        ("Legal basis", "none", {}),
        ("Proof", "_No response_", {}),
        ("Proof", "n/a", {}),
        ("Anything else", "<!-- nothing -->", {}),
    ],
)
def test_answers_in_own_words(question: str, answer: str, meant: dict[str, Any]) -> None:
    form = read_form(
        f"### {QUESTIONS[0].heading}\na/b\n### What are you to it?\nmaintainer\n### {question}\n{answer}\n"
    )
    assert form.answers == Answers(what="a/b", authority="owner", **meant)
    assert form.unclear == ()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Copies elsewhere", "not the near ones"),
        ("Copies elsewhere", "- [x] near\n- [x] exact"),
        ("Kinds of data", "code and my poems"),
        ("Legal basis", "because"),
        ("What are you to it?", "fan"),
    ],
)
def test_an_answer_that_may_mean_two_things_is_unclear(question: str, answer: str) -> None:
    form = read_form(f"### {QUESTIONS[0].heading}\na/b\n### {question}\n{answer}\n")
    assert len(form.unclear) == 1
    assert form.unclear[0].startswith(f"{question}: write one of: ")
    assert form.answers == Answers(what="a/b")


def test_two_answers_to_one_question_are_told_of() -> None:
    form = read_form(
        "### What should be left out?\na/b\n### Proof\nx\n### Proof\ny\n### What should be left out?\nc/d\n"
    )
    assert (form.answers.what, form.answers.proof) == ("a/b\nc/d", "x")
    assert form.unclear == ("Proof: stands twice, the first answer counts: keep one",)


def test_the_request_is_pending_and_nothing_private_is_kept(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "form.md").write_text(FILLED)
    (tmp_path / "key").write_bytes(bytes(range(32)))
    registry = tmp_path / "reg" / "events.jsonl"
    code, _, error = ask("add", "--from-form", "form.md", "--registry", registry)
    assert code == 2
    assert "--key" in error
    assert ADDRESS not in error
    code, out, _ = ask("add", "--from-form", "form.md", "--registry", registry, "--key", "key")
    assert code == 0
    for said in ("repo github.com/foo/bar", "?  everything please", "1 lines unclear", "gdpr-17"):
        assert said in out
    (state,) = requests(registry)
    assert (state.status, state.copies, state.scope.future) == ("pending", "exact", False)
    assert state.scope.kinds == ("code", "commits")
    assert state.authority.level == "account"
    assert len(state.authority.evidence) == 64
    assert state.requester
    assert state.due
    kept = b"".join(path.read_bytes() for path in registry.parent.iterdir())
    for private in (ADDRESS, "gist.github.com", "private word", "everything please"):
        assert private.encode() not in kept
    again = ask("add", "--from-form", "form.md", "--registry", registry, "--key", "key", "--json")
    assert json.loads(again[1])["known"] is True
    assert len(requests(registry)) == 1


def test_an_empty_form_names_what_is_missing(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "form.md").write_text(EMPTY)
    code, _, error = ask("add", "--from-form", "form.md", "--registry", "reg/events.jsonl")
    assert code == 2
    assert [line.rpartition(": ")[2] for line in error.splitlines()[:2]] == [
        each.heading for each in QUESTIONS if each.required
    ]
    assert not (tmp_path / "reg").exists()


def test_options_go_before_the_form(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "form.md").write_text(FILLED.replace(ADDRESS, "_No response_"))
    registry = tmp_path / "events.jsonl"
    given = ("--copies", "near", "--authority", "operator", "--due", "2030-01-31")
    assert ask("add", "--from-form", "form.md", "--registry", registry, *given)[0] == 0
    (state,) = requests(registry)
    assert (state.copies, state.authority.level, state.due) == ("near", "operator", "2030-01-31")
    code, _, error = ask("add", "--from-form", "form.md", "--registry", registry, "--repo", "a/b")
    assert code == 2
    assert "the form names the subjects" in error


def test_forms_are_written_out_and_not_over_others(ask: Ask, tmp_path: Path) -> None:
    assert ask("form", "--out", "forms")[0] == 0
    assert {path.name for path in (tmp_path / "forms").iterdir()} == set(FORMS)
    assert ask("form", "--out", "forms")[0] == 0
    (tmp_path / "forms" / "opt-out.md").write_text("mine")
    assert ask("form", "--out", "forms")[0] == 2
    assert (tmp_path / "forms" / "opt-out.md").read_text() == "mine"
    assert ask("form", "--out", "forms", "--force", "--json")[0] == 0
    assert (tmp_path / "forms" / "opt-out.md").read_text() == EMPTY
