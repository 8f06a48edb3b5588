"""The report of a release: one page that stands alone, made of the release and nothing else."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final

from pipeline.report.cards import cards
from pipeline.report.care import care, since
from pipeline.report.content import content
from pipeline.report.css import STYLE
from pipeline.report.data import read_facts
from pipeline.report.html import esc
from pipeline.report.journey import journey
from pipeline.report.making import build, files
from pipeline.report.overview import composition, header, headline
from pipeline.report.script import SCRIPT

if TYPE_CHECKING:
    from pathlib import Path

    from manifests.manifest import Manifest
    from pipeline.report.data import Facts

REPORT: Final = "reports/index.html"
_ENTRIES: Final = (
    ("composition", "Composition"),
    ("flow", "Flow"),
    ("lengths", "Length"),
    ("languages", "Languages"),
    ("licenses", "Licences"),
    ("clusters", "Duplicates"),
    ("origin", "Origin"),
    ("care", "Redaction and opt-outs"),
    ("since", "Since before"),
    ("samples", "Samples"),
    ("files", "Files"),
    ("build", "Build"),
)


def render(release: Path, manifest: Manifest | None = None) -> bytes:
    """Make the page; equal releases give equal bytes, and it fetches nothing.

    `manifest` stands in for one that is not written yet; what it says of other files than shards
    is not looked at, so that the page in a release is the page made of it.

    Raises:
        IntegrityError: a file that the report is made of does not read.
    """
    return page(read_facts(release, manifest)).encode()


def page(facts: Facts) -> str:
    """Put the page together."""
    body = "".join(
        (
            composition(facts),
            journey(facts),
            content(facts),
            care(facts),
            since(facts),
            cards(facts),
            files(facts),
            build(facts),
        )
    )
    manifest = facts.manifest
    entries = "".join(
        f'<li><a href="#{anchor}">{title}</a></li>'
        for anchor, title in _ENTRIES
        if f'<section id="{anchor}"' in body
    )
    title = esc(f"{manifest.name} {manifest.version} \u00b7 release report")
    return (
        f"{head(title)}<body>"
        f'<a class="skip" href="#main">Skip to content</a>{header(facts)}'
        f'<nav aria-label="Contents"><div class="in"><ul>{entries}</ul></div></nav>'
        f'<main id="main">{headline(facts)}<div class="in">{body}</div></main>'
        f'<footer class="foot"><div class="in">{_FOOT}</div></footer>'
        f"<script>{SCRIPT}</script></body></html>\n"
    )


_FOOT: Final = (
    "Made by gristmill from the release alone: no clock, no network, no text but what the release "
    "holds. <code>reports/stats.json</code> has the figures for machines."
)


def head(title: str) -> str:
    """Return the head of a page, `title` is HTML; the policy lets no script run but ours, and nothing be fetched."""
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        f"<title>{title}</title><style>{STYLE}</style></head>"
    )
