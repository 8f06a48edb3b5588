"""The figures of a release: counted once at emit and once more by verify, from every angle the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.suffixes import registrable
from manifests.figures import Figures, Share
from pipeline.engine.crew import SYNC
from pipeline.figures import Tally, clusters_of, domain_of, figures_of, total_of
from pipeline.release import DECISIONS, write_parquet
from pipeline.run import run_config
from pipeline.verify import verify
from pipeline.verify.report import Findings
from pipeline.verify.tree import walk

Document = tuple[str, str, int, str, str, str]


def tally_of(documents: list[Document]) -> Tally:
    tally = Tally()
    for source, split, size, language, url, created in documents:
        tally.take(
            source,
            split,
            size,
            language=language,
            natural_language="und",
            license="MIT",
            url=url,
            created=created,
        )
    return tally


DOCUMENTS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.sampled_from(["train", "test"]),
        st.integers(0, 1 << 40),
        st.sampled_from(["Python", "en"]),
        st.sampled_from(["", "https://x.example.org/1", "http://b.com", "ftp://b.com:21/"]),
        st.sampled_from(["", "2020-02-03", "2020", "1577836800", "1999-12"]),
    ),
    max_size=30,
)


@given(DOCUMENTS, st.randoms())
def test_tallies_add_up_in_any_order_and_cut(documents: list[Document], random: Any) -> None:
    whole = figures_of(tally_of(documents), {})
    cut = random.randint(0, len(documents))
    shuffled = random.sample(documents, len(documents))
    parts = [tally_of(shuffled[:cut]), tally_of(shuffled[cut:])]
    assert msgspec.json.encode(figures_of(total_of(parts), {})) == msgspec.json.encode(whole)
    assert whole.total == Share(len(documents), sum(each[2] for each in documents))
    for shares in (whole.sources, whole.languages, whole.licenses, *[whole.natural_languages]):
        assert sum(each.documents for each in shares.values()) == whole.total.documents
        assert sum(each.bytes for each in shares.values()) == whole.total.bytes
    for name, splits in whole.splits.items():
        assert sum(each.documents for each in splits.values()) == whole.sources[name].documents
        assert sum(whole.lengths[name].values()) == whole.sources[name].documents
    assert sum(whole.years.values()) == whole.total.documents


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.example.co.uk/a?b#c", "example.co.uk"),
        ("HTTP://User:pw@Deep.Sub.Example.COM:8080/x", "example.com"),
        ("https://someone.github.io/repo", "someone.github.io"),
        ("//cdn.example.org/x", "example.org"),
        ("http://192.0.2.7:80/", "192.0.2.7"),
        ("http://[2001:db8::1]:8080/", "[2001:db8::1]"),
        ("http://localhost/x", "localhost"),
        ("https://例え.テスト/x", "例え.テスト"),
        ("https://example.org./", "example.org"),
        ("mailto:a@example.org", ""),
        ("/relative/path", ""),
        ("https:///nothing", ""),
        ("", ""),
    ],
)
def test_the_domain_of_a_url(url: str, domain: str) -> None:
    assert domain_of(url) == domain


@pytest.mark.parametrize("host", ["a.b.co.uk", "x.y.github.io", "deep.one.unlisted", "co.uk"])
def test_figures_and_requests_have_one_idea_of_a_site(host: str) -> None:
    assert domain_of(f"https://{host}/x") == registrable(host)


@given(st.text(max_size=40))
def test_no_url_is_too_strange(url: str) -> None:
    assert domain_of(url) == domain_of(url)
    assert "/" not in domain_of(url)


def test_dates_are_taken_as_far_as_they_are_dates() -> None:
    found = ["2021-05-06T07:08:09Z", "2019", "2020-13-01", "20200101", "1577836800", "", "x2020"]
    figures = figures_of(tally_of([("a", "train", 1, "en", "", each) for each in found]), {})
    assert figures.years == {"": 4, "2019": 1, "2020": 1, "2021": 1}
    assert (figures.first_created, figures.last_created) == ("2019", "2021-05-06")


def test_lengths_are_powers_of_two() -> None:
    sizes = [0, 1, 2, 3, 4, 1023, 1024]
    figures = figures_of(tally_of([("a", "train", n, "en", "", "") for n in sizes]), {})
    assert figures.lengths == {"a": {"0": 2, "1": 2, "2": 1, "9": 1, "10": 1}}


def test_a_cluster_is_a_survivor_and_those_that_name_it(tmp_path: Path) -> None:
    rows = [
        ("exact", "x"),
        ("near", "x"),
        ("near", "y"),
        ("optout", "z"),
        ("near", ""),
        ("keep", ""),
    ]
    plain = dict.fromkeys(DECISIONS.names, "") | {"row": 0}
    table = [plain | {"stage": stage, "survivor": survivor} for stage, survivor in rows]
    for part, chosen in enumerate((table[:1], table[1:])):
        path = tmp_path / f"ledger/decisions-{part:05d}.parquet"
        write_parquet(path, pa.Table.from_pylist(chosen, DECISIONS))
    assert clusters_of(tmp_path) == {"2": 1, "3": 1}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("figures")
    texts = [" ".join(f"w{n}x{each}é" for each in range(20 + n)) for n in range(9)]
    lines = [{"id": f"d{n}", "text": text, "created": "2020-01-02"} for n, text in enumerate(texts)]
    lines.append({"id": "again", "text": texts[0]})
    (root / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (root / "c.toml").write_text(
        '[release]\nname = "f"\nversion = "1.0.0"\nshards = 2\n'
        '[[sources]]\nname = "a"\npaths = ["a.jsonl"]\nlicense = "MIT"\n'
    )
    return run_config(root / "c.toml", out=root / "out", crew=SYNC).release


def test_a_release_holds_its_figures(release: Path) -> None:
    statistics = json.loads((release / "reports/stats.json").read_bytes())
    figures = msgspec.convert(statistics["content"], Figures)
    assert figures.total.documents == 9
    assert figures.clusters == {"2": 1}
    assert figures.years == {"2020": 9}
    assert statistics["classes"] == {"MIT": "permissive"}
    assert "parent" not in statistics
    assert verify(release, deep=True).problems == ()


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("total", "bytes"), 1),
        (("clusters", "2"), 2),
        (("years", "2020"), 8),
        (("licenses", "MIT", "documents"), 3),
    ],
)
def test_verify_finds_a_wrong_figure(
    release: Path, tmp_path: Path, place: tuple[str, ...], value: int
) -> None:
    statistics = json.loads((release / "reports/stats.json").read_bytes())
    cell = statistics["content"]
    for key in place[:-1]:
        cell = cell[key]
    cell[place[-1]] = value
    (problem,) = problems_of_figures(release, tmp_path, statistics)
    assert f"content.{place[0]}" in problem


@pytest.mark.parametrize("null", [True, False])
def test_verify_finds_figures_that_are_missing(release: Path, tmp_path: Path, null: bool) -> None:
    statistics = json.loads((release / "reports/stats.json").read_bytes())
    del statistics["content"]
    if null:
        statistics["content"] = None
    (problem,) = problems_of_figures(release, tmp_path, statistics)
    assert "no content" in problem


def problems_of_figures(release: Path, folder: Path, statistics: dict[str, Any]) -> list[str]:
    """What the deep check of the figures says when a release has these statistics instead."""
    from pipeline.verify.figures import check_figures
    from pipeline.verify.index import Index
    from pipeline.verify.lists import check_lists
    from pipeline.verify.shards import check_shards
    from pipeline.verify.walk import Walk

    findings = Findings()
    lists = check_lists(release, findings)
    assert lists.manifest is not None
    sound = lists.sound
    walked = Walk(lists.manifest, Index(release, sound, findings), findings)
    check_shards(release, walked, lists)
    bent = folder / "release"
    for path in walk(release).files:
        (bent / path).parent.mkdir(parents=True, exist_ok=True)
        (bent / path).symlink_to(release / path)
    (bent / "reports/stats.json").unlink()
    (bent / "reports/stats.json").write_text(json.dumps(statistics))
    check_figures(bent, walked, sound, findings)
    problems = findings.problems()
    assert {problem.path for problem in problems} <= {"reports/stats.json"}
    return list(map(str, problems))
