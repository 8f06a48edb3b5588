"""What a document only tells of licences is no notice; what it says of itself still is."""

from __future__ import annotations

from typing import Final

import pytest

from filters.licenses.notices.find import find_notices
from filters.licenses.scan import scan
from filters.licenses.told import untold
from pipeline.detector import open_matcher

CHANGES: Final = """Version 2.0

* now released under GPLv3
* added a new extension
* copyright: Don't refer to BSD license file.
"""
COMPARED: Final = """| Feature | Mine | Other | Third |
|---|---|---|---|
| License | 0BSD | LGPL | MIT |
"""
DATA: Final = """allowed = [
    "GPL-3.0-only",
    "LGPL-2.1-only",
    "MIT",
]
urls = {"url": "https://www.gnu.org/licenses/gpl-3.0.html"}
"""
SUPPORTED: Final = """## Supported licenses

- [MIT](https://choosealicense.com/licenses/mit/)
- [Apache](https://www.apache.org/licenses/LICENSE-2.0.html)
- [BSD](https://opensource.org/licenses/BSD-3-Clause)
- [LGPL](https://choosealicense.com/licenses/lgpl-v2.1/)
- [GPL](https://choosealicense.com/licenses/gpl-v2/)
"""


def said(text: str, path: str) -> str:
    return scan(text, path, open_matcher()).expression


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (CHANGES, "NEWS"),
        (CHANGES, "docs/releases/2.0.md"),
        ("* Relicensed as LGPL v2.1 or later (user's option).\n", "CHANGELOG.rst"),
        (COMPARED, "README.md"),
        (DATA, "check.py"),
        (SUPPORTED, "README.md"),
        ("**Blocks:** GPL, AGPL. **Allows:** MIT, Apache, BSD, ISC, LGPL, MPL.\n", "docs/ci.md"),
        (("The GPL is a copyleft license, meaning any derivative work must also be released under the "
         "GPL.\n"), "blog.md"),
        ("A company took steps of its own, as long as the terms of the BUSL apply to it.\n", "post.md"),
        (("Most surveys say that the majority of projects use the MIT license, the Apache license, "
         "and the GPL or their variants.\n"), "post.html"),
        ("MIT License\nThe MIT License is a permissive license. It is very simple.\n", "post.md"),
        ("The GPL licenses (GPLv3, GPLv2, LGPL) all ask for sharing.\n", "post.md"),
        ("- Example: The kernel is licensed under the GPL.\n", "post.md"),
        ("Please don't put this text in the GPL itself.\n", "USAGE"),
        (":param public: If set to True, search in public domains.\n", "a.py"),
        ("collect( deps, {\n\tgpl2,\n\tvisited,\n} );\n", "a.js"),
        (".. _`3-clause BSD license`: https://example.org/LICENSE.txt\n", "index.rst"),
        ("The ``chardet`` library is an LGPL-licenced dependency of some users.\n", "advanced.rst"),
    ],
)  # fmt: skip
def test_what_is_told_states_nothing(text: str, path: str) -> None:
    assert said(text, path) == "NOASSERTION"


@pytest.mark.parametrize(
    ("text", "path", "expression"),
    [
        ("Copyright (C) 2001 X\n\nThis file is licensed under the GPL v3.\n\n" + CHANGES, "NEWS",
         "GPL-3.0-only"),
        (CHANGES, "LICENSE", "GPL-3.0-only"),
        ("| License | MIT |\n|---|---|\n", "README.md", "MIT"),
        (("/*! purify 3.0 | (c) Jane | Released under the Apache license 2.0 and Mozilla Public License "
         "2.0 | example.org */\n"), "purify.js", "Apache-2.0 AND MPL-2.0"),
        ('__license__ = "GPL-3.0-only"\n', "a.py", "GPL-3.0-only"),
        ('<cc:license rdf:resource="http://creativecommons.org/licenses/by-sa/4.0/"/>\n', "a.svg",
         "CC-BY-SA-4.0"),
        ('# Licensed under the "Elastic License 2.0"\nx = "MIT"\n', "a.py", "Elastic-2.0"),
        ("The original was distributed under the Apache 2.0 License, and so is this.\n", "README.md",
         "Apache-2.0"),
        ("Foo may be freely distributed under the MIT license.\n", "README.md", "MIT"),
        ("Placed in the public domain by the author, 2004.\n", "a.md", "LicenseRef-scancode-public-domain"),
        ("A library for the desktop. MIT License. Version 2 is out.\n", "README.md", "MIT"),
    ],
)  # fmt: skip
def test_what_a_document_says_of_itself_counts(text: str, path: str, expression: str) -> None:
    assert said(text, path) == expression


def test_what_takes_rights_back_is_never_talk() -> None:
    text = (
        "Some parts of the tool are based on the work of X, MIT licensed. Modifications are "
        "confidential, all rights reserved.\n"
    )
    assert said(text, "a.md") != "MIT"
    warning = "x = (\n    'may not '\n    'be used for commercial uses or have other limits'\n)\n"
    assert said(f"# License: BSD\n{warning}", "a.py") != "BSD-3-Clause"


def test_places_stay_the_same() -> None:
    text = f"{SUPPORTED}\n\nThis project is licensed under the MIT license.\n"
    told = untold(text, "README.md", list(find_notices(text)))
    assert len(told) == len(text)
    assert told != text
    assert told.splitlines()[-1] == text.splitlines()[-1]
    assert said(text, "README.md") == "MIT"


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("/*! simple-concat. MIT License. Jane Doe <https://example.org/> */", "MIT"),
        ("var a;\n/*! ws. MIT License. Jane Doe <j@example.org> */\n", "MIT"),
        ("// Copyright 2014 Jane Doe\n// X11 (\u201cMIT\u201d) Licensed. (See LICENSE.)\n", "MIT"),
        ("an open-source dual [BSD](LICENSE) and [GPLv2](COPYING) licensed C library",
         "BSD-3-Clause OR GPL-2.0-only"),
        ("@preserve 3.7.3 | MIT/GPL2 Licensed", "MIT OR GPL-2.0-only"),
        ("The license has changed to GPL for version 20 onwards.", "GPL-1.0-or-later"),
        ('" Last Change: 2007 Jul 17\n" License:     public domain\n', "LicenseRef-scancode-public-domain"),
        ("Data were added later.\n\nThis file is in the public domain.\n", "LicenseRef-scancode-public-domain"),
        (("Licensed under either of\n\n- Apache 2.0, ([LICENSE-APACHE](a) / "
         "<http://www.apache.org/licenses/LICENSE-2.0>)\n- MIT ([LICENSE-MIT](b) / "
         "<http://opensource.org/licenses/MIT>)\n"), "Apache-2.0 OR MIT"),
    ],
)  # fmt: skip
def test_notices_in_words_of_their_own(text: str, expression: str) -> None:
    assert [each.expression for each in find_notices(text)] == [expression]


def test_fields_about_a_declared_licence_do_not_limit_it() -> None:
    text = '__email__ = "contact@example.org"\n__license__ = "MIT"\n__release__ = True\n'
    assert said(text, "about.py") == "MIT"
    assert said('__license__ = "MIT, for non-commercial use only"\n', "about.py") != "MIT"


def test_rules_for_vendored_code_limit_nothing() -> None:
    text = (
        "* Vendored libraries **MUST** be available under a license that allows them to be "
        "integrated into ``pip``, which is released under the MIT license.\n"
    )
    assert said(text, "README.rst") == "MIT"


def test_a_text_says_which_bsd_licence_a_choice_beside_it_names() -> None:
    text = (
        "Redistribution and use in source and binary forms, with or without modification, are permitted "
        "provided that the following conditions are met:\n\n1. Redistributions of source code must retain "
        "the above copyright notice, this list of conditions and the following disclaimer.\n2. "
        "Redistributions in binary form must reproduce the above copyright notice, this list of conditions "
        "and the following disclaimer in the documentation and/or other materials provided with the "
        'distribution.\n\nTHIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" '
        "AND ANY EXPRESS OR IMPLIED WARRANTIES ARE DISCLAIMED.\n\nAlternatively, this file may be used "
        "under the terms of the GNU General Public License version 2 or any later version. A recipient "
        "may use it under either the BSD or the GPL.\n"
    )
    assert "BSD-3-Clause" not in said(text, "ev.c")
