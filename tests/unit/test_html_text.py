"""The text of HTML, and the way of spans into it."""

from __future__ import annotations

import pytest

from filters.html_text import html_text, is_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            "<p>Rye &amp; <b>wheat</b></p>\n<p>two  spaces\nhere</p>",
            "Rye & wheat\n\ntwo spaces here",
        ),
        ("a<b> c</b>d <i> e</i>", "a cd e"),
        ("x<br>y<br/><br />z", "x\ny\n\nz"),
        ("<ul>\n<li>one</li>\n<li>two</li>\n</ul>after", "one\ntwo\n\nafter"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><th>3</th></tr></table>", "1\t2\n3"),
        ("<pre>\n  a  b\r\n\n c\n</pre><p>d", "  a  b\n\n c\n\nd"),
        ("a <!-- c > b --> d <!x> e <?php x ?> f", "a d e f"),
        ("<style>p > q {}</style><SCRIPT>if (a<b) '</p>'</Script >ok", "ok"),
        ("<script>never closed <p>text</p>", ""),
        ("<a title=\"a > b\" href='c>d' x=it's>link</a>", "link"),
        ("1 < 2 <3 & so on; a&b", "1 < 2 <3 & so on; a&b"),
        ("caf&eacute; &#233;&#xE9; &copy2023 &notit; &bogus;", "café éé ©2023 ¬it; &bogus;"),
        ("&#0;&#xD800;&#99999999;", "\ufffd\ufffd\ufffd"),
        ("non&nbsp;breaking&#32;&#32;b", "non\xa0breaking b"),
        ("</물> 물 <물레>", "물 <물레>"),
        ("cut <b", "cut"),
        ("\ufeff plain text ", "\ufeff plain text"),
        ("", ""),
    ],
)
def test_the_text_is_what_is_shown(html: str, text: str) -> None:
    assert html_text(html).text == text


@pytest.mark.parametrize(
    ("piece", "shown"),
    [
        ("<a>독일</a>", "독일"),
        ("독일", "독일"),
        ("<p>of <a>독일</a> &amp; more</p>", "of 독일 & more"),
        ("</a> &amp;", "&"),
        ("more</p>\n", "more"),
        ("<a>", None),
        ("amp; more", None),  # begins inside a reference
        ("a>독일", None),  # begins inside a tag
    ],
)
def test_a_span_goes_with_its_text_and_without_the_space_around(
    piece: str, shown: str | None
) -> None:
    html = "<div>x <p>of <a>독일</a> &amp; more</p>\n</div>"
    extracted = html_text(html)
    start = html.index(piece)
    span = extracted.span(start, start + len(piece))
    assert (None if span is None else extracted.text[slice(*span)]) == shown


def test_markup_is_told_from_text() -> None:
    assert is_html("<!DOCTYPE html>\n<p>x")
    assert is_html("a<br>b")
    assert is_html("<b>x</b >")
    assert not is_html("if a < b and c > d: </ no tag")
