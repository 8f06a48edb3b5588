"""The page to ask by hand, as one file: it names no other, and its policy lets it reach this server alone."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Final

from pipeline.report.css import STYLE

_FOLDER: Final = resources.files("pipeline.qa.reader.serve")
_STYLE: Final = STYLE + _FOLDER.joinpath("page.css").read_text("utf-8")
_SCRIPT: Final = _FOLDER.joinpath("page.js").read_text("utf-8")


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


POLICY: Final = (
    f"default-src 'none'; style-src {_hash(_STYLE)}; script-src {_hash(_SCRIPT)}; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE: Final = (
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
    '<link rel="icon" href="data:,">\n'
    f"<title>Ask a reader \u00b7 gristmill</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
    '<a class="skip" href="#question">To the question</a>\n'
    '<header class="top"><div class="in"><p class="kicker">gristmill qa serve</p><h1>Ask a reader</h1>'
    '<p class="about">It answers with words of the text, or says that the text has no answer.</p></div></header>\n'
    '<main class="in"><div class="ask">\n'
    '<form id="ask" class="panel">'
    '<div class="of"><label for="context">Text</label><span id="samples"></span></div>'
    '<textarea id="context" rows="11" spellcheck="false" dir="auto" required></textarea>'
    '<label for="question">Question</label>'
    '<div class="go"><input id="question" autocomplete="off" dir="auto" required>'
    '<button type="submit">Ask</button></div>'
    "<noscript><p>This page needs JavaScript, which talks to this server alone.</p></noscript></form>\n"
    '<section id="found" class="panel" aria-live="polite" aria-busy="false">'
    '<p class="none">The answer will stand here, and in the text.</p></section>\n'
    '</div>\n<section aria-labelledby="model-h"><h2 id="model-h">The reader</h2><dl id="model" class="facts"></dl>'
    "</section></main>\n"
    '<footer class="foot"><div class="in">For machines: <code>POST /answer</code>, <code>GET /health</code>, '
    "<code>GET /metrics</code>. What you ask stays between this page and this server, which keeps none of it."
    f"</div></footer>\n<script>{_SCRIPT}</script>\n</body>\n</html>\n"
).encode()
