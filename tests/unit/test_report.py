"""The report: it stands alone, is well formed whatever names and texts hold, adds up, and comes out the same again."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.subjects import subject
from manifests import manifest as m
from pipeline.cli.app import main
from pipeline.engine.crew import SYNC
from pipeline.errors import IntegrityError
from pipeline.optout import add
from pipeline.report import REPORT, render
from pipeline.report.css import STYLE
from pipeline.report.data import SourceStatistics
from pipeline.report.flow import Flow, flow_of
from pipeline.report.html import esc, percent, size
from pipeline.report.samples import SHOWN_CHARACTERS
from pipeline.report.svg import NARROW, WIDE, sankey
from pipeline.report.treemap import Box, squarify
from pipeline.run import run_config

VOID = {"meta", "br", "img", "link", "input", "hr"}
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&<!--\u202e"
LONG = "a-source-with-a-rather-long-name-as-people-like-to-give-them"


class Reader(HTMLParser):
    """Reads a page strictly: every element closed in its order, every id once."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given_ = dict(attrs)
        assert len(given_) == len(attrs), f"<{tag}> has an attribute twice"
        self.tags.append((tag, given_))
        self.ids += [value for key, value in attrs if key == "id" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(page: bytes) -> Reader:
    reader = Reader()
    reader.feed(page.decode())
    reader.close()
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    return reader


def words(seed: int) -> str:
    return " ".join(f"w{seed}x{each}" for each in range(60))


def lines(path: Path, records: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(each) + "\n" for each in records))


def documents() -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = [
        {
            "id": f"d{n}",
            "text": words(n),
            "license": ("MIT", "GPL-3.0-only", "CC0-1.0")[n % 3],
            "url": f"https://sub{n}.example{n % 2}.co.uk/{n}",
            "created": f"20{10 + n}-03-04",
        }
        for n in range(12)
    ]
    made.append(made[3] | {"id": "copy"})
    return made


def strange() -> list[dict[str, Any]]:
    """Few enough that all of them are samples."""
    rtl = "هذا مستند باللغة العربية. " + "这是一个中文文档。" * 30
    return [
        {"id": HOSTILE, "text": f"{HOSTILE} {words(77)} mail me: jo@corp-mail.org"},
        {"id": "rtl", "text": rtl + words(5)},
        {"id": "t0", "text": "\n".join(words(101).split())},
    ]


def config(version: str, *, more: str = "") -> str:
    return (
        f'[release]\nname = "r"\nversion = "{version}"\nshards = 2\n[optout]\nregistry = "o.jsonl"\n'
        f'[dedup]\nmax_loss = 1.0\n[[sources]]\nname = "s"\npaths = ["s.jsonl"]\n'
        f'[[sources]]\nname = "{LONG}"\npaths = ["t.jsonl"]\n{more}'
    )


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("report")
    lines(root / "s.jsonl", documents())
    lines(root / "t.jsonl", strange())
    add(root / "o.jsonl", [subject("id", "d1")])
    (root / "c.toml").write_text(config("1.0.0"))
    first = run_config(root / "c.toml", out=root / "out", crew=SYNC).release
    add(root / "o.jsonl", [subject("id", "d2")])
    changed = documents()
    changed[5]["license"] = "ISC"
    lines(root / "s.jsonl", [*changed, {"id": "new", "text": words(55)}])
    (root / "c.toml").write_text(config("2.0.0"))
    return first, run_config(root / "c.toml", out=root / "out", crew=SYNC).release


def text_of(release: Path) -> str:
    return " ".join(" ".join(read((release / REPORT).read_bytes()).text).split())


def test_every_release_has_its_report_and_it_comes_out_the_same_again(
    releases: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for release in releases:
        held = (release / REPORT).read_bytes()
        assert render(release) == held
        out = tmp_path / "again.html"
        assert main(["report", str(release), "--out", str(out), "--json"]) == 0
        assert out.read_bytes() == held
        assert json.loads(capsys.readouterr().out)["same"] is True


def test_the_page_is_well_formed_and_stands_alone(releases: tuple[Path, Path]) -> None:
    for release in releases:
        page = (release / REPORT).read_bytes()
        reader = read(page)
        assert len(page) < 150_000
        for tag, attrs in reader.tags:
            assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form"}
            assert not {"src", "srcset", "action", "xlink:href", "data"} & attrs.keys()
            assert attrs.get("href", "#").startswith("#")  # type: ignore[union-attr]  # every href has a value
            assert not any(key.startswith("on") for key in attrs)
        assert re.search(r"url\(|@import", STYLE) is None
        assert [tag for tag, _ in reader.tags].count("script") == 1
        anchors = {attrs["href"] for tag, attrs in reader.tags if tag == "a"}
        assert {str(each)[1:] for each in anchors} <= set(reader.ids)


def test_only_the_pages_own_script_may_run_and_nothing_be_fetched(
    releases: tuple[Path, Path],
) -> None:
    page = (releases[0] / REPORT).read_text()
    policy = next(
        attrs["content"] or ""
        for tag, attrs in read(page.encode()).tags
        if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    import base64
    import hashlib

    script = page.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy


def test_hostile_names_and_texts_come_out_as_text(releases: tuple[Path, Path]) -> None:
    page = (releases[0] / REPORT).read_text()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "alert(2)" in text_of(releases[0])  # the sample is there, as text


def test_the_page_says_what_the_manifest_says(releases: tuple[Path, Path]) -> None:
    for release in releases:
        manifest = m.decode((release / m.MANIFEST).read_bytes())
        told = text_of(release)
        assert manifest.content_root in told
        read_ = sum(each.read for each in manifest.sources)
        kept = sum(each.kept for each in manifest.sources)
        assert f"{read_:,} records read, {read_ - kept:,} left out, {kept:,} kept" in told
        assert LONG in told
        assert "example1.co.uk" in told


def test_the_second_release_is_compared_with_the_first(releases: tuple[Path, Path]) -> None:
    first, second = map(text_of, releases)
    assert "Since the release before" not in first
    assert "Against r 1.0.0" in second
    assert "optout:id" in second
    assert "1 tombstone" in second


def test_redactions_are_marked_and_their_values_gone(releases: tuple[Path, Path]) -> None:
    page = (releases[0] / REPORT).read_text()
    assert "jo@corp-mail.org" not in page
    assert "EMAIL" in page


def test_what_turns_the_direction_is_spelled_and_never_obeyed(
    releases: tuple[Path, Path],
) -> None:
    page = (releases[0] / REPORT).read_text()
    assert re.search("[\u202a-\u202e\u2066-\u2069]", page) is None
    assert "\\u202e" in text_of(releases[0])
    assert esc("a\u202eb\u2066") == r"a\u202eb\u2066"
    assert esc("\u05e9\u200f") == "\u05e9\u200f"


def test_an_empty_registry_has_no_head(tmp_path: Path) -> None:
    lines(tmp_path / "s.jsonl", [{"id": "a", "text": words(1)}])
    lines(tmp_path / "t.jsonl", [{"id": "b", "text": words(2)}])
    (tmp_path / "o.jsonl").touch()
    (tmp_path / "c.toml").write_text(config("1.0.0"))
    release = run_config(tmp_path / "c.toml", out=tmp_path / "out", crew=SYNC).release
    assert "Registry head no event yet" in text_of(release)
    assert "0" * 64 not in text_of(release)


def test_every_file_is_spoken_of_and_the_download_adds_up(
    releases: tuple[Path, Path], tmp_path: Path
) -> None:
    lines(tmp_path / "s.jsonl", documents())
    lines(tmp_path / "t.jsonl", strange())
    (tmp_path / "o.jsonl").touch()
    forms_too = config("1.0.0").replace("[optout]", "parquet = true\nsignatures = true\n[optout]")
    (tmp_path / "c.toml").write_text(forms_too)
    both = run_config(tmp_path / "c.toml", out=tmp_path / "out", crew=SYNC).release
    for release in (*releases, both):
        told = read((release / REPORT).read_bytes()).text
        for path in release.iterdir():
            if path.name not in {"data", "qa"}:
                name = path.name + "/" * path.is_dir()
                assert name in told or name == "manifest.schema.json"
        forms = ("data", "parquet", "signatures")
        files = (file for form in forms for file in (release / form).rglob("*.*"))
        whole = sum(file.stat().st_size for file in files if file.is_file())
        assert told[told.index("Download") + 1] == size(whole)
    assert "parquet/" not in text_of(releases[0])
    assert render(both) == (both / REPORT).read_bytes()


def test_the_line_of_releases_counts_every_kind(releases: tuple[Path, Path]) -> None:
    page = (releases[1] / REPORT).read_text()
    line = page.partition("The line of releases")[2].partition("</table>")[0]
    assert re.findall(r">([a-z -]+)</th>", line) == [
        *("version", "change", "added", "removed", "changed", "re-licensed", "other split"),
        "content root",
    ]
    row = line.partition("2.0.0")[2].partition("</tr>")[0]
    assert re.findall(r'data-k="(\d+)"', row) == ["1", "1", "0", "1", "0"]


def test_a_sample_is_cut_and_knows_its_direction(releases: tuple[Path, Path]) -> None:
    page = (releases[0] / REPORT).read_text()
    samples = re.findall(r'<pre dir="auto" tabindex="0">(.*?)</pre>', page, re.DOTALL)
    assert 3 <= len(samples) <= 6
    assert all(len(each) < 2 * SHOWN_CHARACTERS + 200 for each in samples)


def test_a_release_that_does_not_read_is_an_integrity_error(
    releases: tuple[Path, Path], tmp_path: Path
) -> None:
    broken = shutil.copytree(releases[0], tmp_path / "broken")
    (broken / "reports/stats.json").write_text("[")
    with pytest.raises(IntegrityError, match="verify the release"):
        render(broken)
    shard = next((broken / "data/s").glob("*.zst"))
    shutil.copy(releases[0] / "reports/stats.json", broken / "reports/stats.json")
    shard.write_bytes(b"x" * shard.stat().st_size)
    with pytest.raises(IntegrityError, match="verify the release"):
        render(broken)


def test_questions_alone_have_a_report(tmp_path: Path) -> None:
    answer = {"text": "Paris", "answer_start": 18}
    qas = [{"id": "q1", "question": "Where <b>is</b> it?", "answers": [answer]}]
    paragraph = {"context": "The tower lies in Paris since long ago.", "qas": qas}
    data = {"version": "1.1", "data": [{"title": "t", "paragraphs": [paragraph]}]}
    (tmp_path / "q.json").write_text(json.dumps(data))
    (tmp_path / "c.toml").write_text(
        '[release]\nname = "q"\nversion = "1.0.0"\nshards = 1\n[[sources]]\nname = "quiz"\n'
        'format = "squad"\nlicense = "CC0-1.0"\npaths = ["q.json"]\n'
    )
    release = run_config(tmp_path / "c.toml", out=tmp_path / "out", crew=SYNC).release
    told = text_of(release)
    assert "Where <b>is</b> it?" in told
    assert "no opt-out registry was configured" in told


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_enough(scheme: str) -> None:
    light, _, rest = STYLE.partition("prefers-color-scheme: dark")
    rest = rest.partition("@media")[0]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light if scheme == "light" else rest))

    def contrast(one: str, other: str) -> float:
        def luminance(colour: str) -> float:
            parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
            red, green, blue = (
                part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
                for part in parts
            )
            return 0.2126 * red + 0.7152 * green + 0.0722 * blue

        low, high = sorted(map(luminance, (one, other)))
        return (high + 0.05) / (low + 0.05)

    text = [("ink", "page"), ("ink", "card"), ("soft", "page"), ("soft", "card"), ("soft", "wash")]
    text += [("accent", "page"), ("accent", "card"), ("mark-ink", "mark"), ("ink", "accent-wash")]
    assert all(contrast(colours[a], colours[b]) >= 4.5 for a, b in text)
    drawn = [key for key in colours if re.match(r"s\d|k-|drop", key)]
    assert len(drawn) == 17
    assert all(contrast(colours[key], colours["card"]) >= 3 for key in drawn)
    assert all(contrast(colours[f"s{n}"], "#ffffff") >= 4.5 for n in range(8))


COUNTS = st.dictionaries(st.sampled_from(["a", "b:c", HOSTILE]), st.integers(0, 10**9), max_size=3)
STAGES = ("read", "license", "exact", "near")


@st.composite
def accounts(draw: st.DrawFn) -> tuple[m.Manifest, list[SourceStatistics]]:
    """A manifest whose figures add up, and the statistics by source."""
    names = draw(st.lists(st.text(min_size=1, max_size=9), max_size=12, unique=True))
    sources, statistics = [], []
    for name in names:
        dropped = draw(st.dictionaries(st.sampled_from(STAGES), COUNTS, max_size=4))
        kept = draw(st.integers(0, 10**9))
        lost = sum(sum(reasons.values()) for reasons in dropped.values())
        statistics.append(SourceStatistics(name=name, read=kept + lost, kept=kept, dropped=dropped))
        sources.append(source(name, kept + lost, kept))
    return manifest_of(sources, statistics), statistics


def source(name: str, read_: int, kept: int) -> m.Source:
    return m.Source(
        name=name, kind="document", read=read_, kept=kept, bytes=kept, splits={}, licenses={}
    )


def manifest_of(sources: list[m.Source], statistics: list[SourceStatistics]) -> m.Manifest:
    left, stages = sum(each.read for each in sources), []
    for stage in STAGES:
        dropped: dict[str, int] = {}
        for each in statistics:
            for reason, n in each.dropped.get(stage, {}).items():
                dropped[reason] = dropped.get(reason, 0) + n
        entered, left = left, left - sum(dropped.values())
        stages.append(m.Stage(stage=stage, entered=entered, left=left, dropped=dropped))
    return m.Manifest(
        schema_version=m.SCHEMA_VERSION,
        name="x",
        version="1.0.0",
        change="initial",
        content_root="0" * 64,
        branches=(),
        documents=left,
        questions=0,
        bytes_raw=0,
        build=m.Build(code_sha256="", config_sha256="", libzstd="", packages={}, seed=0, shards=1),
        inputs=(),
        registries=(),
        license="none",
        optout="none",
        redact=m.Redact(level="off", counts={}),
        stages=tuple(stages),
        sources=tuple(sources),
        quarantined={},
        notes=(),
        files=(),
    )


def colours_of(names: list[str]) -> Mapping[str, int]:
    return {name: min(at, 7) for at, name in enumerate(names)}


def check(flow: Flow) -> None:
    assert sum(read_ for _, _, read_ in flow.bands) == flow.read
    left = flow.read
    for step in flow.steps:
        assert step.entered == left
        assert step.lost == sum(step.bands)
        left -= step.lost
    assert left == flow.kept


@given(accounts())
def test_any_flow_adds_up_and_is_drawn_well_formed(
    account: tuple[m.Manifest, list[SourceStatistics]],
) -> None:
    manifest, statistics = account
    flow = flow_of(manifest, statistics, colours_of([each.name for each in statistics]))
    check(flow)
    for shape in (WIDE, NARROW):
        drawn = sankey(flow, shape)
        read(f"<svg>{drawn}</svg>".encode("utf-8", "replace"))
        assert "nan" not in drawn
        assert "inf" not in drawn


@given(accounts())
def test_a_flow_without_statistics_adds_up_too(
    account: tuple[m.Manifest, list[SourceStatistics]],
) -> None:
    check(flow_of(account[0], [], {}))


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=60), st.integers(1, 1000))
def test_the_areas_of_a_treemap_are_in_proportion_and_inside(values: list[int], high: int) -> None:
    values.sort(reverse=True)
    boxes = squarify(values, Box(0, 0, 100, high))
    assert len(boxes) == len(values)
    for value, box in zip(values, boxes, strict=True):
        share = 100 * high * value / sum(values)
        assert box.width * box.height == pytest.approx(share, rel=1e-6, abs=1e-6)
        assert -1e-6 <= box.x <= box.x + box.width <= 100 + 1e-6
        assert -1e-6 <= box.y <= box.y + box.height <= high + 1e-6


def test_numbers_are_spelt_for_people() -> None:
    assert [size(each) for each in (0, 999, 1000, 174_900_000)] == [
        "0 B",
        "999 B",
        "1.0 kB",
        "174.9 MB",
    ]
    assert [percent(1, 2), percent(0, 5), percent(1, 10**6), percent(0, 0)] == [
        "50.0 %",
        "0.0 %",
        "&lt;0.1 %",
        "0.0 %",
    ]
    assert esc("a\x00<b>'\x9f") == "a\ufffd&lt;b&gt;&#x27;\ufffd"
