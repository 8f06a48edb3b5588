"""The look-up page as one file: it names no other file, and a policy in it forbids the browser to fetch any."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import msgspec

from pipeline.report.css import STYLE
from pipeline.report.html import Cell, code, counted, esc, named, number, section, table, tiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.optout_page.asked import Asked
    from pipeline.optout_page.releases import Shown

SCRIPTS: Final = ("names.js", "lookup.js", "page.js")
_KNOWN: Final = (
    "a repository, an account, a site, a URL, a document’s id, a SWHID or a text’s SHA-256"  # noqa: RUF001  typographic
)

_LEFT_OUT: Final = {
    "ids": "Documents’ ids are too many for this page; of them it knows only those that were removed.",  # noqa: RUF001  typographic
    "parts": "Parts of sites are too many for this page, too: URLs are counted one segment deep.",
}


def script_text(*names: str) -> str:
    """Return the page's scripts as one."""
    folder = resources.files("pipeline.optout_page")
    body = "".join(folder.joinpath(name).read_text("utf-8") for name in names or SCRIPTS)
    return f'(() => {{\n"use strict";\n{body}}})();\n'


def lay_out(
    data: dict[str, Any],
    releases: Sequence[Shown],
    asked: Sequence[Asked],
    *,
    title: str,
    contact: str,
) -> bytes:
    """Lay out the page around its data."""
    folder = resources.files("pipeline.optout_page")
    style = STYLE + folder.joinpath("page.css").read_text("utf-8")
    script = script_text()
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)};"
        " base-uri 'none'; form-action 'none'"
    )
    # `<` cannot end the element that the data stand in
    packed = msgspec.json.encode(data).decode().replace("<", "\\u003c")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{esc(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#name">To the search</a>\n'
        f'{_head(title, releases)}<main class="in">\n'
        '<div id="found" aria-live="polite"></div>\n'
        f"{_releases(releases, asked)}{_about(data['left_out'], contact)}</main>\n"
        f'<script type="application/json" id="data">{packed}</script>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    ).encode()


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _head(title: str, releases: Sequence[Shown]) -> str:
    names = ", ".join(sorted({each.name for each in releases}))
    return (
        '<header class="top"><div class="in">'
        f'<p class="kicker">{esc(names)}</p><h1>{esc(title)}</h1>'
        '<p class="about">See what of yours is in our releases, what was removed, and when.</p>'
        '<form id="ask" role="search"><label for="name">What do you look for?</label>'
        '<input id="name" type="search" autocomplete="off" autocapitalize="off" spellcheck="false"'
        ' placeholder="github.com/owner/name" aria-describedby="hint">'
        '<button type="submit">Look up</button></form>'
        f'<p class="hint" id="hint">Type {_KNOWN}. It stays in your browser.</p>'
        "<noscript><p>The look-up needs JavaScript, which runs here alone. Without it, ask us.</p></noscript>"
        "</div></header>\n"
    )


def _releases(releases: Sequence[Shown], asked: Sequence[Asked]) -> str:
    rows = [
        [
            named(f"{each.name}-{each.version}"),
            counted(each.documents),
            Cell(
                esc(
                    f"withdrawn {each.withdrawn}, replaced by {each.by}"
                    if each.withdrawn
                    else "published"
                )
            ),
            Cell(code(each.root[:12])),
        ]
        for each in releases
    ]
    verified = sum(each.status == "verified" for each in asked)
    pending = sum(each.status == "pending" for each in asked)
    removed = sum(effect.removed for each in asked for effect in each.effects)
    figures = tiles(
        [
            (
                "Releases",
                number(len(releases)),
                f"{sum(not each.withdrawn for each in releases)} not withdrawn",
            ),
            ("Requests that hold", number(verified), "verified"),
            ("Requests to be looked at", number(pending), "not verified yet"),
            ("Removals", number(removed), "of documents from published releases"),
        ]
    )
    listed = table("Releases, newest first", ("Release", "Documents", "State", "Content"), rows)
    return section("releases", "The releases", "", figures, f'<div class="panel">{listed}</div>')


def _about(left_out: Sequence[str], contact: str) -> str:
    told = "".join(f"<li>{_LEFT_OUT[each]}</li>" for each in left_out)
    ask = f"<li>To ask: {_link(contact)}</li>" if contact else ""
    return section(
        "about",
        "How this page works",
        "",
        '<div class="panel"><ul>'
        "<li>This page is one file. It fetches and sends nothing: what you type is hashed and compared here.</li>"
        "<li>It holds hashes of names, no list of them. Who knows a name, or guesses one, can test it; so can you.</li>"
        "<li>People are not in it, not even as hashes: addresses are guessed too easily. Ask us instead.</li>"
        "<li>Names are counted, not texts: a copy of your file under another name is found by its text alone, which"
        " we look up on request. An old name of a renamed repository is another name.</li>"
        "<li>URLs are counted two segments deep, sites with their subdomains.</li>"
        f"{told}{ask}</ul></div>",
    )


def _link(contact: str) -> str:
    if contact.startswith(("https://", "http://", "mailto:")):
        return f'<a href="{esc(contact)}" rel="noreferrer">{esc(contact)}</a>'
    return esc(contact)
