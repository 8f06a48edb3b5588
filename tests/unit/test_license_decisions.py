"""Decisions made by hand are found by content, then by the most specific place, and checked whole."""

from __future__ import annotations

import datetime as dt
import pickle
from pathlib import Path

import pytest

from filters.licenses.decisions import Decision, Decisions, parse_decisions
from pipeline.errors import ConfigError
from pipeline.policy_file import load_decisions

SHA = "ab" * 32
TOLD = {"by": "data team", "why": "asked the author", "when": "2026-01-31"}


def entry(expression: str, **subject: str) -> dict[str, object]:
    return {"expression": expression, **TOLD, **subject}


def decided(*entries: dict[str, object]) -> Decisions:
    return parse_decisions({"decision": list(entries)})


REPO = "https://github.com/Owner/Name.git"
PLACES = decided(
    entry("MIT", repository=REPO),
    entry("ISC", repository=REPO, path="src"),
    entry("Zlib", repository=REPO, path="src/deep/one.py"),
    entry("BSD-3-Clause", repository=REPO, path="*.c"),
    entry("BSL-1.0", repository=REPO, path="src/deep/*.c"),
    entry("GPL-3.0-only", sha256=SHA.upper()),
)


@pytest.mark.parametrize(
    ("path", "expression"),
    [
        ("README", "MIT"),
        ("", "MIT"),
        ("src/a.py", "ISC"),
        ("./src//a.py", "ISC"),
        ("src/deep/one.py", "Zlib"),
        ("lib/a.c", "BSD-3-Clause"),
        ("src/a.c", "ISC"),
        ("src/deep/a.c", "BSL-1.0"),
        ("source/a.py", "MIT"),
    ],
)
def test_the_most_specific_place_decides(path: str, expression: str) -> None:
    found = PLACES.find(repo="git@github.com:owner/name", path=path)
    assert found is not None
    assert found.expression == expression


def test_the_content_decides_before_any_place() -> None:
    found = PLACES.find(SHA, REPO, "src/deep/one.py")
    assert found is not None
    assert found.expression == "GPL-3.0-only"
    assert found.as_json() == {"kind": "decision", "expression": "GPL-3.0-only", **TOLD}


@pytest.mark.parametrize("repo", ["", "github.com/other/name", "no repository", "https://x"])
def test_what_nobody_decided_has_no_decision(repo: str) -> None:
    assert PLACES.find("cd" * 32, repo, "src/a.py") is None


def test_an_expression_is_normalised_and_a_toml_date_is_its_iso_form() -> None:
    told = {**entry("GPL-2.0+ or mit", sha256=SHA), "when": dt.date(2026, 1, 31)}
    assert decided(told).decisions == (
        Decision(expression="GPL-2.0-or-later OR MIT", sha256=SHA, **TOLD),
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"expression": "Apache 2.0"}, "did you mean 'Apache-2.0'?"),
        ({"expression": "MIT AND ("}, "expression: is no SPDX expression"),
        ({"expression": "Foo"}, "expression: is not on the SPDX licence list"),
        ({"by": "jane@example.org"}, "by: an e-mail address is personal data"),
        ({"why": "jane@example.org said so"}, "why: an e-mail address is personal data"),
        ({"by": " "}, "by: is empty"),
        ({"why": "two\nlines"}, "why: one line"),
        ({"when": "31.1.2026"}, "when: a date is expected"),
        ({"when": dt.datetime(2026, 1, 31, tzinfo=dt.UTC)}, "when: a date is expected"),
        ({"when": "2026-02-29"}, "when: a date is expected"),
        ({"when": 2026}, "when: a string is expected"),
        ({"sha256": "ab"}, "sha256: 64 hexadecimal digits"),
        ({"repository": REPO}, "either sha256, or repository"),
        ({"sha256": "", "path": "src"}, "path: it needs its repository"),
        ({"repositry": REPO}, "did you mean 'repository'?"),
    ],
)
def test_a_mistake_is_named(change: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match="decision 1: ") as caught:
        decided({**entry("MIT", sha256=SHA), **change})
    assert problem in str(caught.value)
    assert "jane" not in str(caught.value)


@pytest.mark.parametrize("when", ["2024-02-29", "2000-02-29", "2026-12-31", "2026-04-30"])
def test_dates_that_the_calendar_has_are_taken(when: str) -> None:
    assert decided({**entry("MIT", sha256=SHA), "when": when}).decisions[0].when == when


def test_all_mistakes_are_named_at_once_and_in_order() -> None:
    with pytest.raises(ValueError, match="decision 1: ") as caught:
        parse_decisions(
            {
                "decisions": [],
                "decision": [
                    {},
                    entry("MIT", repository=REPO, path="src/"),
                    entry("MIT", repository="owner/name", path="/src"),
                    entry("MIT", repository="owner", path="../x"),
                ],
            }
        )
    lines = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "decisions", *["decision 1"] * 5, "decision 3", "decision 4", "decision 4",
    ]  # fmt: skip
    assert lines[6] == "decision 3: its subject is that of decision 2: keep one of the two"
    with pytest.raises(ValueError, match=r"write \[\[decision\]\]"):
        parse_decisions({"decision": {"sha256": SHA}})


def test_the_digest_is_of_the_content_not_of_its_order() -> None:
    one, two = entry("MIT", sha256=SHA), entry("ISC", repository=REPO)
    assert decided(one, two).digest == decided(two, one).digest
    assert decided(one).digest != decided(two).digest
    assert decided(one).digest != decided({**one, "why": "another"}).digest
    assert decided().digest == Decisions().digest


def test_decisions_survive_pickle() -> None:
    assert pickle.loads(pickle.dumps(PLACES)) == PLACES


@pytest.mark.timeout(60)  # one by one there are two hundred million
def test_a_lookup_takes_no_longer_with_many_decisions() -> None:
    many = Decisions(
        tuple(
            Decision(expression="MIT", repository="github.com/o/n", path=f"/d{n}", **TOLD)
            for n in range(50_000)
        )
    )
    for n in range(1000):
        assert many.find(SHA, "o/n", f"d{n}/a/b/c.py") is not None


def test_a_file_is_read_with_its_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "decisions.toml"
    path.write_text(
        f'[[decision]]\nsha256 = "{SHA}"\nexpression = "MIT"\nby = "team"\nwhy = "x"\n'
        "when = 2026-01-31\n"
    )
    assert load_decisions(path).find(SHA) is not None
    path.write_text('[[decision]]\nsha256 = "x"\n')
    with pytest.raises(
        ConfigError, match=r"config: .*decisions.toml: decision 1: sha256"
    ) as caught:
        load_decisions(path)
    assert len(str(caught.value).splitlines()) == 5
    with pytest.raises(ConfigError, match="cannot be read"):
        load_decisions(tmp_path / "missing.toml")
