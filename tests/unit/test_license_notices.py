"""Notices: sentences that grant or state a licence are read, talk about licences is not."""

from __future__ import annotations

import pytest

from filters.licenses.notices.find import find_notices
from filters.licenses.spdx import classify

OWNER = "LicenseRef-scancode-proprietary-license"
FREE = "LicenseRef-scancode-public-domain"
PERL = "Artistic-1.0-Perl OR GPL-1.0-or-later"
GPL_2_LATER = (
    "This program is free software; you can redistribute it and/or modify it under the terms of "
    "the GNU General Public License as published by the Free Software Foundation; either version 2 "
    "of the License, or (at your option) any later version."
)

THE_MIT = "This file is licensed under the MIT License."
RUST = (
    "Licensed under the Apache License, Version 2.0 <LICENSE-APACHE or "
    "https://www.apache.org/licenses/LICENSE-2.0> or the MIT license <LICENSE-MIT or "
    "https://opensource.org/licenses/MIT>, at your option."
)
KERNEL = (
    "This software is available to you under a choice of one of two licenses. You may choose to be "
    "licensed under the terms of the GNU General Public License (GPL) Version 2, available from the "
    "file COPYING, or the BSD license below:\n\nRedistribution and use in source and binary forms, "
    "with or without modification, are permitted provided that the following conditions are met: "
    "Redistributions in binary form must reproduce the above copyright notice"
)
TRIPLE = (
    "The contents of this file are subject to the Mozilla Public License Version 1.1 "
    '(the "License").'
    "\n\nAlternatively, the contents of this file may be used under the terms of either the GNU "
    'General Public License Version 2 or later (the "GPL"), or the GNU Lesser General '
    "Public License "
    'Version 2.1 or later (the "LGPL"), in which case the provisions of the GPL or the LGPL are '
    "applicable instead of those above."
)


def expressions(text: str) -> list[str]:
    return [each.expression for each in find_notices(text)]


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        (GPL_2_LATER, "GPL-2.0-or-later"),
        (GPL_2_LATER.replace("either version 2", "version 2").partition(", or (")[0] + ".", "GPL-2.0-only"),
        (GPL_2_LATER.replace("General", "Lesser General").replace("2 of", "2.1 of"), "LGPL-2.1-or-later"),
        (GPL_2_LATER.replace("General", "Library General"), "LGPL-2.0-or-later"),
        (GPL_2_LATER.replace("General", "Affero General").replace("2 of", "3 of"), "AGPL-3.0-or-later"),
        (GPL_2_LATER + " Boston, MA 02110-1301, USA.", "GPL-2.0-or-later"),
        ("under version 2 of the GNU General Public License", "GPL-2.0-only"),
        ("licensed under version 2.1 or later of the LGPL", "LGPL-2.1-or-later"),
        ("Distributed under the GNU GPL v2 (or, at your option, any later version).", "GPL-2.0-or-later"),
        ("License: GPLv3+", "GPL-3.0-or-later"),
        ("License: GPL v3.0+ (see http://www.gnu.org/licenses/gpl-3.0.txt)", "GPL-3.0-or-later"),
        ("License: GPL (>= 2)", "GPL-2.0-or-later"),
        ("released under gpl version 2", "GPL-2.0-only"),
        ("Licensed under the GPL version 2 or 3.", "GPL-2.0-only OR GPL-3.0-only"),
        ("under the terms of the GPL", "GPL-1.0-or-later"),
        ("under the GNU General Public License (GPL) version 2", "GPL-2.0-only"),
        ("Licensed under the LGPL: https://www.gnu.org/licenses/old-licenses/lgpl-2.1.en.html", "LGPL-2.1-or-later"),
        ("the GNU Free Documentation License, Version 1.2 or any later version", "GFDL-1.2-or-later"),
        ("You can redistribute it under the same terms as Perl itself.", PERL),
    ],
)  # fmt: skip
def test_gnu_licences_in_all_spellings(text: str, expression: str) -> None:
    assert expressions(text) == [expression]


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ('Licensed under the Apache License, Version 2.0 (the "License");', "Apache-2.0"),
        ("Part of the LLVM Project, under the Apache License v2.0 with LLVM Exceptions.",
         "Apache-2.0 WITH LLVM-exception"),
        ("Licensed under the MIT license", "MIT"),
        ("@license MIT", "MIT"),
        ("MIT licensed, see LICENSE", "MIT"),
        ("The MIT License (MIT)\n\nCopyright (c) 2020 Someone", "MIT"),
        ("name - MIT License (c) 2022 Someone", "MIT"),
        ("Copyright 2015 Someone. Licensed under the Expat license.", "MIT"),
        ((
            "Use of this source code is governed by a BSD-style\nlicense that can be found "
            "in the LICENSE file."
        ),
         "BSD-3-Clause"),
        ("Distributed under the terms of the New BSD License.", "BSD-3-Clause"),
        ("licensed under the Simplified BSD license", "BSD-2-Clause"),
        ("Licensed under the 3-clause BSD license", "BSD-3-Clause"),
        ((
            "This Source Code Form is subject to the terms of the Mozilla Public License, "
            "v. 2.0."
        ), "MPL-2.0"),
        ((
            "under the terms of the Eclipse Public License v1.0 which accompanies this "
            "distribution"
        ), "EPL-1.0"),
        ("subject to the Common Development and Distribution License (CDDL), version 1.0", "CDDL-1.0"),
        ("Licensed under the EUPL, Version 1.2 or later", "EUPL-1.2"),
        ("This software is governed by the CeCILL-B license under French law", "CECILL-B"),
        ("Distributed under the Boost Software License, Version 1.0.", "BSL-1.0"),
        ("This code is licensed under the zlib license.", "Zlib"),
        ("Released under the ISC License", "ISC"),
        ("本项目采用 MIT 许可证", "MIT"),
        ("このソフトウェアはMITライセンスの下で公開されています", "MIT"),
        ("이 프로젝트는 MIT 라이선스를 따릅니다", "MIT"),
        ("Dieses Programm steht unter der MIT-Lizenz", "MIT"),
        ("Este programa se distribuye bajo la licencia MIT", "MIT"),
        ("## License\n\n[MIT](LICENSE) © Someone", "MIT"),
        ("__license__ = 'GPL v3'", "GPL-3.0-only"),
        ('MODULE_LICENSE("GPL v2");', "GPL-2.0-only"),
        ("This source file is subject to version 3.01 of the PHP license,", "PHP-3.01"),
        ("This is free and unencumbered software released into the public domain.", "Unlicense"),
        ((
            "This work is licensed under a Creative Commons Attribution-ShareAlike 4.0 "
            "International License."
        ),
         "CC-BY-SA-4.0"),
        ('<a rel="license" href="http://creativecommons.org/licenses/by-nc/4.0/">licence</a>', "CC-BY-NC-4.0"),
        ("Licence: CC BY-NC-ND 3.0", "CC-BY-NC-ND-3.0"),
        ("Released under CC0 1.0 Universal.", "CC0-1.0"),
        ("licensed under the SIL Open Font License, Version 1.1", "OFL-1.1"),
        ("available under the Open Database License (ODbL)", "ODbL-1.0"),
        ("licensed under the Elastic License 2.0", "Elastic-2.0"),
        ("Use of this software is governed by the Business Source License 1.1", "BUSL-1.1"),
        ("licensed under the Server Side Public License, version 1", "SSPL-1.0"),
        ("This module has been placed in the public domain.", FREE),
        ("Public domain. No warranty.", FREE),
        ("Unauthorized copying of this file, via any medium, is strictly prohibited.", OWNER),
        ("Licensed Materials - Property of Someone", OWNER),
        ("This file is confidential and proprietary.", OWNER),
    ],
)  # fmt: skip
def test_named_licences_and_statements(text: str, expression: str) -> None:
    assert expressions(text) == [expression]


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("Dual licensed under the MIT and GPL licenses.", "MIT OR GPL-1.0-or-later"),
        ("Dual licensed under the MIT or GPL Version 2 licenses.", "MIT OR GPL-2.0-only"),
        ((
            "Licensed under either of Apache License, Version 2.0 or MIT license at your "
            "option."
        ), "Apache-2.0 OR MIT"),
        ("Licensed under MIT and the Apache License 2.0", "MIT AND Apache-2.0"),
        ("Licensed under the MIT, Apache-2.0, or GPL-3.0 license", "MIT OR Apache-2.0 OR GPL-3.0-only"),
        ("Released under a BSD/GPL dual license", "BSD-3-Clause OR GPL-1.0-or-later"),
        (RUST, "Apache-2.0 OR MIT"),
        (KERNEL, "GPL-2.0-only OR BSD-2-Clause"),
        ("Licensed MPL-1.1 OR GPL-2.0-only OR LGPL-2.1-or-later", "MPL-1.1 OR GPL-2.0-only OR LGPL-2.1-or-later"),
        (THE_MIT + "\n\nAlternatively, it may be used under the GNU GPL version 2.", "MIT OR GPL-2.0-only"),
        (TRIPLE,
         "MPL-1.1 OR GPL-2.0-or-later OR LGPL-2.1-or-later"),
        ((
            f"{GPL_2_LATER}\n\nException: linking this library statically or dynamically is "
            f"a combined work"
        ),
         "GPL-2.0-or-later WITH Classpath-exception-2.0"),
        ((
            f"{GPL_2_LATER}\n\nException: create a larger work that contains part or all of "
            f"the Bison parser skeleton"
        ),
         "GPL-2.0-or-later WITH Bison-exception-2.2"),
        ("under the GPL version 3 or later, with the GCC Runtime Library Exception, version 3.1",
         "GPL-3.0-or-later WITH GCC-exception-3.1"),
    ],
)  # fmt: skip
def test_choices_sums_and_exceptions(text: str, expression: str) -> None:
    assert expressions(text) == [expression]


@pytest.mark.parametrize(
    "text",
    [
        "A GPL-compatible free software licence.", "This code is not under the GPL.", "Unlike the GPL, it is short.",
        "Opens a BSD socket.", "MIT Press, Cambridge, 2009.", "Runs on an Apache server.", "MIT Scheme and GNU make",
        "If your project is under the MIT License, you need not do a thing.", "The MIT AI Lab wrote it.",
        "Copyright (c) 2020 Someone. All rights reserved.", "rename(old, new)", "", "ein Text mit Bild",
        "Most projects are licensed under the MIT License.", "parses names such as the Apache License 2.0",
        "usable in projects which are not available under the GNU General Public License or the GNU Lesser GPL",
        "neither the name of the copyright holder may be used to endorse products",
    ],
)  # fmt: skip
def test_talk_about_licences_says_nothing(text: str) -> None:
    assert expressions(text) == []


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("See LICENSE for details.", "partial"),
        ("Please see the file COPYING", "partial"),
        ("Licensed under the terms found in the LICENSE file", "partial"),
        ("This library is licensed under the Foo Bar Public License.", ""),
    ],
)
def test_what_cannot_be_told_is_said_to_be_unknown(text: str, note: str) -> None:
    assert [(each.expression, each.note) for each in find_notices(text)] == [("NOASSERTION", note)]


@pytest.mark.parametrize(
    "text",
    [
        (
            "Licensed under the MIT License.\n\nParts are under the GNU General Public "
            "License, version 2."
        ),
        (
            "MIT License\n\nYou should have received a copy of the GNU General Public "
            "License along with it."
        ),
        (
            "Released under the BSD license.\nUnauthorized copying of this file is strictly "
            "prohibited."
        ),
        (
            "Apache License 2.0 with the Commons Clause; licensed under the Apache License "
            "2.0 and the Commons Clause"
        ),
        "Licensed under the MIT License, for non-commercial use only.",
        (
            "Copyright 2020 Someone, MIT License\n\nSomebody once said that the GNU General "
            "Public License is good."
        ),
    ],
)
def test_a_stricter_licence_beside_a_permissive_one_is_never_passed_over(text: str) -> None:
    found = find_notices(text)
    kinds = {classify(each.expression) for each in found}
    assert kinds - {"permissive", "public-domain"}


@pytest.mark.parametrize(
    "lines",
    ["# {}", " * {}", "// {}", "-- {}", ";; {}", "% {}", "dnl {}", "rem {}", '.\\" {}', "* {} *", '"{}\\n"', "C {}"],
)  # fmt: skip
def test_comment_marks_and_line_breaks_stand_between_the_words(lines: str) -> None:
    words = GPL_2_LATER.split()
    text = "\r\n".join(lines.format(" ".join(words[at : at + 7])) for at in range(0, len(words), 7))
    (found,) = find_notices(text)
    assert found.expression == "GPL-2.0-or-later"
    assert text[found.start : found.end].startswith("GNU")
    assert text[found.start : found.end].endswith("later")


def test_a_sum_is_no_choice_when_an_alternative_follows() -> None:
    text = "Licensed under MIT and Apache-2.0, or GPL-3.0"
    assert expressions(text) == ["MIT AND Apache-2.0", "GPL-3.0-only"]


def test_a_tag_is_no_notice() -> None:
    assert expressions("// SPDX-License-Identifier: GPL-2.0-only OR MIT") == []


def test_equal_notices_are_one_and_short_names_add_nothing() -> None:
    text = f"{GPL_2_LATER}\n\nThis file is under the GPL.\n\n{GPL_2_LATER}"
    assert expressions(text) == ["GPL-2.0-or-later"]


def test_a_name_that_several_licences_share_is_noted() -> None:
    (found,) = find_notices("Distributed under the BSD license.")
    assert (found.expression, found.note) == ("BSD-3-Clause", "family")
