"""Extractors of main text: how much of an article they lose, how much around it they keep, how fast they are.

usage: main_text.py --work DIR [--most N] [--names a,b]

Pages are those of documentation packages of Debian 12, unpacked below DIR/<package>:

    for p in python3.11-doc python-django-doc …; do apt-get download $p; dpkg-deb -x $p_*.deb DIR/$p; done

Where a generator puts the article is known for each of them (`SITES`), and the words in there are the reference:
`kept` is the share of these that an extractor gives, `around` the share of all other words of the page that it gives
as well (both as multisets, means over pages). Each page is taken twice: as it is, and `unmarked`, with
`<main>`, `<article>` and `role="main"` made plain, since the larger part of the web has none of them.
Wants resiliparse and, of the contestants, what is installed: trafilatura, readability-lxml, jusText, inscriptis.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from filters.html_text import html_text  # noqa: E402  found by the line above

if TYPE_CHECKING:
    from collections.abc import Callable

SITES: Final = {
    "python3.11-doc": "div[role=main]",
    "python-django-doc": "#yui-main .yui-b",
    "python-sqlalchemy-doc": "#docs-body",
    "sphinx-doc": "div[role=main]",
    "debian-policy": "div[role=main]",
    "mkdocs-doc": "div[role=main]",
    "python-markdown-doc": "div.body",
    "postgresql-doc-15": "div.sect1, div.refentry, div.chapter",
    "git-doc": "#content",
    "debian-handbook": "div.section, div.chapter",
    "installation-guide-amd64": "div.sect1, div.sect2, div.chapter",
    "rust-book": "main",
    "rust-std": "#main-content",
}
"""CSS of the element that holds the article, by package; of several that match the first counts."""

_MARKS: Final = re.compile(
    r"""<(/?)(?:main|article)\b|\s+role\s*=\s*["']?(?:main|article)["']?""", re.IGNORECASE
)
_WORD: Final = re.compile(r"\w+")


class Page(NamedTuple):
    """A page, the words of its article, and those around it."""

    html: str
    article: Counter[str]
    around: Counter[str]


def words(text: str) -> Counter[str]:
    """Count the words of a text, whatever their case."""
    return Counter(_WORD.findall(text.casefold()))


def pages(folder: Path, selector: str, most: int) -> list[Page]:
    """Take pages of at least 100 words of article, spread evenly over those that there are."""
    parse = import_module("resiliparse.parse.html").HTMLTree.parse
    found = sorted(
        each for each in folder.rglob("*.html") if each.is_file() and not each.is_symlink()
    )
    chosen: list[Page] = []
    for path in found[:: max(1, len(found) // most)]:
        html = path.read_text(encoding="utf-8", errors="replace")
        tree = parse(html)
        element = tree.document.query_selector(selector)
        if element is None:
            continue
        article = words(html_text(element.html).text)
        if article.total() >= 100:  # fewer are no article
            chosen.append(Page(html, article, words(html_text(html).text) - article))
    return chosen


def contestants() -> dict[str, Callable[[str], str]]:
    """Return those that are installed, by name."""
    makers: dict[str, tuple[str, Callable[[Any], Callable[[str], str]]]] = {
        "resiliparse": (
            "resiliparse.extract.html2text",
            lambda m: (
                lambda html: str(
                    m.extract_plain_text(
                        html, preserve_formatting=True, main_content=True, alt_texts=False
                    )
                )
            ),
        ),
        "resiliparse, all": (
            "resiliparse.extract.html2text",
            lambda m: lambda html: str(m.extract_plain_text(html, preserve_formatting=True)),
        ),
        "trafilatura": ("trafilatura", lambda m: lambda html: m.extract(html) or ""),
        "trafilatura, fast": (
            "trafilatura",
            lambda m: lambda html: m.extract(html, fast=True, include_comments=False) or "",
        ),
        "readability": (
            "readability",
            lambda m: lambda html: html_text(m.Document(html).summary()).text,
        ),
        "jusText": (
            "justext",
            lambda m: (
                lambda html: "\n".join(
                    each.text
                    for each in m.justext(
                        html.encode(), m.get_stoplist("English"), encoding="utf-8"
                    )
                    if not each.is_boilerplate
                )
            ),
        ),
        "inscriptis, all": ("inscriptis", lambda m: lambda html: str(m.get_text(html))),
    }
    made = {"html_text, all": lambda html: html_text(html).text}
    for name, (module, make) in makers.items():
        try:
            made[name] = make(import_module(module))
        except ImportError:
            print(f"{name}: not installed", file=sys.stderr)
    return made


class Score(NamedTuple):
    """Sums over pages: shares kept and around, pages of which under half is kept, seconds, bytes."""

    kept: float = 0
    around: float = 0
    lost: int = 0
    seconds: float = 0
    size: int = 0


def score(extract: Callable[[str], str], chosen: list[Page], *, marked: bool) -> Score:
    """Run one contestant over pages; one that raises gives nothing of that page."""
    total = Score()
    for page in chosen:
        html = (
            page.html
            if marked
            else _MARKS.sub(
                lambda found: f"<{found[1]}div" if found[1] is not None else "", page.html
            )
        )
        start = time.process_time()
        try:
            got = words(extract(html))
        except Exception:  # noqa: BLE001  whatever strangers' code raises
            got = Counter()
        taken = time.process_time() - start
        kept = (got & page.article).total() / page.article.total()
        rest = got - page.article
        around = (rest & page.around).total() / max(1, page.around.total())
        total = Score(
            total.kept + kept,
            total.around + around,
            total.lost + (kept < 0.5),
            total.seconds + taken,
            total.size + len(html.encode()),
        )
    return total


def main() -> None:
    """Print a line for each contestant and, with its shares, for each site."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--most", type=int, default=60)
    parser.add_argument("--names", default="")
    told = parser.parse_args()
    sites = {name: pages(told.work / name, css, told.most) for name, css in SITES.items()}
    sites = {name: chosen for name, chosen in sites.items() if chosen}
    print("pages:", {name: len(chosen) for name, chosen in sites.items()})
    for name, extract in contestants().items():
        if told.names and name not in told.names.split(","):
            continue
        for marked in (True, False):
            found = {site: score(extract, chosen, marked=marked) for site, chosen in sites.items()}
            # each site counts alike, however many pages it has
            kept = sum(each.kept / len(sites[site]) for site, each in found.items()) / len(found)
            around = sum(each.around / len(sites[site]) for site, each in found.items()) / len(
                found
            )
            lost = sum(each.lost for each in found.values())
            seconds = sum(each.seconds for each in found.values())
            size = sum(each.size for each in found.values())
            count = sum(map(len, sites.values()))
            print(
                f"{name:18} {'as is' if marked else 'unmarked':9} kept {kept:.3f} around {around:.3f}"
                f" under half {lost:3} {count / seconds:7.0f} pages/s {size / seconds / 1e6:6.1f} MB/s",
                {
                    site: f"{each.kept / len(sites[site]):.2f}/{each.around / len(sites[site]):.2f}"
                    for site, each in found.items()
                },
                flush=True,
            )


if __name__ == "__main__":
    main()
