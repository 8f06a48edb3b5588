"""What real packages taught: sentences, claims and names that were read wrongly once."""

from __future__ import annotations

import pytest

from filters.licenses.metadata.claims import Claim, settle
from filters.licenses.notices.find import find_notices
from filters.licenses.places import file_kind, names_part
from filters.licenses.spdx import NOASSERTION

LIBTOOL = (
    "GNU Libtool is free software; you can redistribute it and/or modify it under the terms of the "
    "GNU General Public License as published by the Free Software Foundation; either version 2 of "
    "the License, or (at your option) any later version.\n\n"
)
DUAL = (
    "Copyright (C) 2004-2019 Bootstrap Authors\n\nThis file is dual licensed under the terms of the "
    "MIT license <https://opensource.org/license/MIT>, and GPL version 2 or later.\n"
)
BOOTLOADER = (
    "Distributed under the terms of the GNU General Public License with exception for distributing "
    "bootloader."
)
CRYPTOGRAPHY = (
    "made available under the terms of *either* of the licenses\nfound in LICENSE.APACHE or "
    "LICENSE.BSD."
)
ZSTD = (
    "This source code is licensed under both the BSD-style license (found in the LICENSE file in "
    "the root directory of this source tree) and the GPLv2 (found in the COPYING file in the root "
    "directory of this source tree). You may select, at your option, one of the above-listed "
    "licenses."
)
AGG = (
    "Permission to copy, use, modify, sell and distribute this software is granted provided this "
    "copyright notice appears in all copies."
)


def expressions(text: str) -> list[str]:
    return [each.expression for each in find_notices(text)]


@pytest.mark.parametrize(
    "text",
    [
        "# module for use in apache and nginx",
        "# running under Apache",
        "# protected by Apache basic auth",
        "# distributed under Apache Kafka topics",
        "# available in Apache 2.4 only",
        "# originally published by MIT Press",
        "# released by MIT in 1999",
        "# data available at MIT",
        "# comes with BSD",
        "# runs under BSD and Linux",
        "# (introduced in mpl 3.1)",
        "# redistributed by ISC",
        "# licensed by MIT",
        "# see Apache docs",
        "# uses numpy, which is released under the BSD license",
        "# This module requires bar, licensed under the MIT license.",
    ],
)
def test_a_name_that_is_an_everyday_word_grants_nothing(text: str) -> None:
    assert expressions(text) == []


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("Released under MIT.", "MIT"),
        ("This project uses the MIT license.", "MIT"),
        ("It requires bar, licensed under the GPL v2.", "GPL-2.0-only"),
        ("Licensed under BSD or MIT", "BSD-3-Clause OR MIT"),
        ("This project is under MIT.", "MIT"),
        ("Distributed under the terms of Apache 2.0.", "Apache-2.0"),
        ("See MPL 2.0 for details", "MPL-2.0"),
        ("Pillow is licensed under the open source MIT-CMU License:", "MIT-CMU"),
        ("licensed under CNRI's Python 1.6 license.", "CNRI-Python"),
        ("Licensed to PSF under a Contributor Agreement.", "PSF-2.0"),
        ("Use is given under the terms of the NumPy License.", "BSD-3-Clause"),
        ("Included under the terms of an Apache-style license", "Apache-2.0"),
        (BOOTLOADER, "GPL-1.0-or-later WITH Bootloader-exception"),
        (CRYPTOGRAPHY, "Apache-2.0 OR BSD-3-Clause"),
        (ZSTD, "BSD-3-Clause OR GPL-2.0-only"),
        (AGG, "LicenseRef-scancode-boost-original"),
    ],
)
def test_what_headers_of_well_known_packages_say(text: str, expression: str) -> None:
    assert expressions(text) == [expression]


def test_a_notice_of_a_part_is_no_alternative_to_the_files_own() -> None:
    both = ["GPL-2.0-or-later", "MIT OR GPL-2.0-or-later"]
    assert expressions(LIBTOOL + DUAL) == both
    assert expressions(LIBTOOL + "echo some line of a program\n" * 60 + DUAL) == both
    assert expressions(DUAL + LIBTOOL.replace("GNU Libtool", "Copyright 2001 X. It")) == both[::-1]
    assert expressions("Dual licensed under the MIT or GPL v2 licenses.\nUnder GPL v2.") == [
        "MIT OR GPL-2.0-only"
    ]


def test_being_compatible_with_a_licence_is_not_being_under_it() -> None:
    text = (
        "GPL-compatible doesn't mean that we're distributing Python under the GPL. The "
        "GPL-compatible licenses make it possible to combine Python with other software that is "
        "released under the GPL; the others don't. Python is licensed under the PSF License."
    )
    assert expressions(text) == ["PSF-2.0"]


def test_a_gnu_licence_without_a_version_is_one_of_a_family() -> None:
    (found,) = find_notices("Distributed under the terms of the GPL.")
    assert (found.expression, found.note) == ("GPL-1.0-or-later", "family")


@pytest.mark.parametrize(
    ("claim", "expression"),
    [
        (
            "Dual Licensed - GNU AFFERO GPL 3.0 or Artifex Commercial License",
            "AGPL-3.0-only OR LicenseRef-scancode-proprietary-license",
        ),
        (
            "GPLv2-or-later with a special exception which allows to build non-free programs",
            "GPL-2.0-or-later WITH AdditionRef-special-exception",
        ),
        ("GPLv2-or-later", "GPL-2.0-or-later"),
        ("Dual Licensed - whatever you like", NOASSERTION),
    ],
)
def test_claims_with_words_around_the_names(claim: str, expression: str) -> None:
    assert [each.expression for each in settle([Claim(claim)])] == [expression]


def test_a_project_called_like_its_licence_is_a_part_in_a_folder_of_licences() -> None:
    assert names_part("LICENSE/LICENSE_FREETYPE") == "FREETYPE"
    assert names_part("LICENSES/Zlib.txt") == ""
    assert names_part("LICENSE-ZLIB") == ""


def test_a_script_that_works_on_licences_is_none() -> None:
    assert file_kind("scripts/update-copyright") == ""
    assert file_kind("scripts/check_licenses") == ""
    assert file_kind("COPYRIGHT") == "license"
