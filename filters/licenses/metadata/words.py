"""Licence names that mean something in one ecosystem only, as SPDX expressions.

Facts from each ecosystem's documentation; names that the SPDX list or common use explain are not
repeated here. What a vocabulary leaves open (Perl's "open_source") stays `NOASSERTION`.
"""

from __future__ import annotations

from typing import Final

_PUBLIC: Final = "LicenseRef-scancode-public-domain"
_CLOSED: Final = "LicenseRef-scancode-proprietary-license"
_OPEN: Final = "NOASSERTION"

# CPAN::Meta::Spec 2 and 1.4, Software::License's short names
PERL: Final = {
    "agpl_3": "AGPL-3.0-only", "apache": "Apache-2.0", "apache_1_1": "Apache-1.1",
    "apache_2_0": "Apache-2.0", "artistic": "Artistic-1.0-Perl", "artistic_1": "Artistic-1.0-Perl",
    "artistic_1_0": "Artistic-1.0-Perl", "artistic_2": "Artistic-2.0",
    "artistic_2_0": "Artistic-2.0", "bsd": "BSD-3-Clause", "freebsd": "BSD-2-Clause",
    "cc0_1_0": "CC0-1.0", "gfdl_1_2": "GFDL-1.2-only", "gfdl_1_3": "GFDL-1.3-only",
    "fdl_1_2": "GFDL-1.2-only", "fdl_1_3": "GFDL-1.3-only", "gpl": "GPL-1.0-or-later",
    "gpl_1": "GPL-1.0-only", "gpl_2": "GPL-2.0-only", "gpl_3": "GPL-3.0-only",
    "lgpl": "LGPL-2.0-or-later", "lgpl_2_1": "LGPL-2.1-only", "lgpl_3_0": "LGPL-3.0-only",
    "mit": "MIT", "mozilla": "MPL-1.1", "mozilla_1_0": "MPL-1.0", "mozilla_1_1": "MPL-1.1",
    "mozilla_2_0": "MPL-2.0", "openssl": "OpenSSL",
    "perl": "Artistic-1.0-Perl OR GPL-1.0-or-later",
    "perl_5": "Artistic-1.0-Perl OR GPL-1.0-or-later", "postgresql": "PostgreSQL",
    "qpl_1_0": "QPL-1.0", "ssleay": "OpenSSL", "sun": "SISSL", "zlib": "Zlib",
    "open_source": _OPEN, "unrestricted": _OPEN, "unknown": _OPEN, "custom": _OPEN,
    "restricted": _CLOSED, "restrictive": _CLOSED, "none": _CLOSED,
}  # fmt: skip

# Cabal's names before version 2.2
CABAL: Final = {
    "bsd2": "BSD-2-Clause", "bsd3": "BSD-3-Clause", "bsd4": "BSD-4-Clause",
    "publicdomain": _PUBLIC, "allrightsreserved": _CLOSED, "otherlicense": _OPEN,
    "unspecifiedlicense": _OPEN, "none": _CLOSED,
    "gpl": "GPL-1.0-or-later", "lgpl": "LGPL-2.0-or-later", "agpl": "AGPL-3.0-or-later",
}  # fmt: skip

# haxelib's closed list
HAXE: Final = {"public": _PUBLIC, "gpl": "GPL-1.0-or-later", "lgpl": "LGPL-2.0-or-later"}

# Writing R Extensions 1.1.2: names for the files under R's share/licenses
R: Final = {
    "unlimited": "LicenseRef-CRAN-Unlimited", "cc0": "CC0-1.0", "acm": "LicenseRef-ACM",
    "bsd_2_clause": "BSD-2-Clause", "bsd_3_clause": "BSD-3-Clause", "freebsd": "BSD-2-Clause",
    "gpl": "GPL-1.0-or-later", "lgpl": "LGPL-2.0-or-later", "agpl": "AGPL-3.0-or-later",
    "lucent public license": "LPL-1.02", "file license": _OPEN, "file licence": _OPEN,
}  # fmt: skip

# Debian's machine-readable copyright format 1.0, section 7.1
DEBIAN: Final = {
    "artistic": "Artistic-1.0-Perl", "artistic-1": "Artistic-1.0-Perl", "expat": "MIT",
    "perl": "Artistic-1.0-Perl OR GPL-1.0-or-later", "public-domain": _PUBLIC,
    "pd": _PUBLIC, "python": "PSF-2.0", "cc0": "CC0-1.0", "zlib": "Zlib", "w3c": "W3C",
    "gfdl-niv": "GFDL-1.1-no-invariants-or-later",
    "gfdl-niv-1.1": "GFDL-1.1-no-invariants-only", "gfdl-niv-1.2": "GFDL-1.2-no-invariants-only",
    "gfdl-niv-1.3": "GFDL-1.3-no-invariants-only",
    "gfdl-niv-1.1+": "GFDL-1.1-no-invariants-or-later",
    "gfdl-niv-1.2+": "GFDL-1.2-no-invariants-or-later",
    "gfdl-niv-1.3+": "GFDL-1.3-no-invariants-or-later",
    "zope-1.1": "ZPL-1.1", "zope-2.0": "ZPL-2.0", "zope-2.1": "ZPL-2.1",
    "openldap-2.8": "OLDAP-2.8", "ssleay": "SSLeay-standalone",
    "apache-2-llvm-exceptions": "Apache-2.0 WITH LLVM-exception",
    "same-as-perl": "Artistic-1.0-Perl OR GPL-1.0-or-later",
}  # fmt: skip

# PyPI's classifiers that state a licence less plainly than the rest; keys are their last part
_TROVE_LAST: Final = {
    "aladdin free public license (afpl)": "Aladdin",
    "cecill-b free software license agreement (cecill-b)": "CECILL-B",
    "cecill-c free software license agreement (cecill-c)": "CECILL-C",
    "eiffel forum license (efl)": "EFL-2.0",
    "apple public source license": "APSL-2.0",
    "attribution assurance license": "AAL",
    "blue oak model license (blueoak-1.0.0)": "BlueOak-1.0.0",
    "cmu license (mit-cmu)": "MIT-CMU",
    "european union public licence 1.0 (eupl 1.0)": "EUPL-1.0",
    "gnu library or lesser general public license (lgpl)": "LGPL-2.0-or-later",
    "motosoto license": "Motosoto",
    "mozilla public license 1.0 (mpl)": "MPL-1.0",
    "nethack general public license": "NGPL",
    "netscape public license (npl)": "NPL-1.1",
    "nokia open source license": "Nokia",
    "nokia open source license (nokos)": "Nokia",
    "open group test suite license": "OGTSL",
    "open software license 3.0 (osl-3.0)": "OSL-3.0",
    "python license (cnri python license)": "CNRI-Python",
    "ricoh source code public license": "RSCPL",
    "sleepycat license": "Sleepycat",
    "sun public license": "SPL-1.0",
    "university of illinois/ncsa open source license": "NCSA",
    "vovida software license 1.0": "VSL-1.0",
    "gust font license 1.0": "LicenseRef-GUST-Font-1.0",
    "gust font license 2006-09-30": "LicenseRef-GUST-Font-2006-09-30",
    "repoze public license": "LicenseRef-Repoze",
    "free for educational use": _CLOSED,
    "free for home use": _CLOSED,
    "free to use but restricted": _CLOSED,
    "free for non-commercial use": _CLOSED,
    "freeware": _CLOSED,
    "freely distributable": _OPEN,
}
TROVE: Final = {
    f"{parent}{last}": expression
    for last, expression in _TROVE_LAST.items()
    for parent in ("license :: ", "license :: osi approved :: ")
}

# Hugging Face's short names that are no SPDX ids, and those whose version is open
HUGGING_FACE: Final = {
    "cc": _OPEN, "other": _OPEN, "unknown": _OPEN, "openrail": "LicenseRef-OpenRAIL",
    "gpl": "GPL-1.0-or-later", "lgpl": "LGPL-2.0-or-later", "bsd": _OPEN,
}  # fmt: skip
