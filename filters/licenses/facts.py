"""What we hold about licences beyond license-expression's index: classes, successors, newer ids."""

from __future__ import annotations

from typing import Final, Literal, get_args

# From least to most restrictive; a position is a rank. `unstated` and `unknown` stand between
# permissive and copyleft: joined to a permissive licence by AND they spoil it, joined to a
# copyleft one they cannot make it freer, and of `unknown OR permissive` the latter is elected.
LicenseClass = Literal[
    "public-domain",
    "permissive",
    "unstated",
    "unknown",
    "weak-copyleft",
    "strong-copyleft",
    "network-copyleft",
    "source-available",
    "non-commercial",
    "no-derivatives",
    "proprietary",
]
LICENSE_CLASSES: Final[tuple[LicenseClass, ...]] = get_args(LicenseClass)

# ScanCode's categories (license-expression's index) in our words. Contributor and patent
# agreements say nothing about what may be done with a document, so they are unknown.
CATEGORIES: Final = {
    "Public Domain": "public-domain",
    "Permissive": "permissive",
    "Copyleft Limited": "weak-copyleft",
    "Copyleft": "strong-copyleft",
    "Source-available": "source-available",
    "Free Restricted": "source-available",
    "Proprietary Free": "proprietary",
    "Commercial": "proprietary",
    "Unstated License": "unknown",
    "CLA": "unknown",
    "Patent License": "unknown",
}

# Where a category is too coarse or, by the licence's own text, wrong. First match by prefix wins.
OVERRIDES: Final = (
    ("NONE", "unstated"),
    ("NOASSERTION", "unknown"),
    # use over a network counts as distribution
    ("AGPL-", "network-copyleft"),
    ("OSL-", "network-copyleft"),
    ("NPOSL-", "network-copyleft"),
    ("CPAL-", "network-copyleft"),
    ("CAL-", "network-copyleft"),
    ("RPL-", "network-copyleft"),
    ("APSL-", "network-copyleft"),
    ("Parity-", "network-copyleft"),
    # reciprocal hardware and font licences that the index calls permissive
    ("CERN-OHL-1", "strong-copyleft"),
    ("OFL-", "weak-copyleft"),
    # approved by the OSI, though the index calls them proprietary
    ("SISSL", "weak-copyleft"),
    ("Watcom-1.0", "strong-copyleft"),
    # only for one vendor's platform
    ("MS-LPL", "source-available"),
    ("SSPL-", "source-available"),
    ("BUSL-", "source-available"),
    ("PolyForm-Noncommercial", "non-commercial"),
    ("NCGL-", "non-commercial"),
    ("Aladdin", "non-commercial"),
    ("LicenseRef-scancode-other-permissive", "unknown"),
    ("LicenseRef-scancode-other-copyleft", "strong-copyleft"),
    ("LicenseRef-scancode-warranty-disclaimer", "unknown"),
)

# Ids of the SPDX licence list 3.29 that license-expression 30.4 does not know yet, or takes for an
# exception. Those whose text we could not place with confidence are unknown.
NEWER_IDS: Final = {
    "ALGLIB-Documentation": "permissive",
    "Advanced-Cryptics-Dictionary": "permissive",
    "BOLA-1.1": "permissive",
    "BSD-2-Clause-pos-unchanged": "permissive",
    "BSD-3-Clause-OpenWebUI": "source-available",
    "BSD-3-Clause-Tso": "permissive",
    "BSD-Mark-Modifications": "permissive",
    "BSD-Source-Code-no-disclaimer": "permissive",
    "BSD-Source-alt-GPL": "permissive",
    "BSD-ask-to-endorse": "permissive",
    "Brian-Gladman-3-Clause-no-conversion": "permissive",
    "Buddy": "permissive",
    "Bugroff": "permissive",
    "CAPEC-tou": "permissive",
    "CC-BY-NC-3.0-IGO": "non-commercial",
    "ESA-PL-permissive-2.4": "permissive",
    "ESA-PL-strong-copyleft-2.4": "strong-copyleft",
    "ESA-PL-weak-copyleft-2.4": "weak-copyleft",
    "FDK-MPEG-H": "weak-copyleft",
    "HPND-SMC": "permissive",
    "HPND-sell-variant-critical-systems": "permissive",
    "Hippocratic-3.0-core": "source-available",
    "ISO-permission": "source-available",
    "Informatica": "permissive",
    "MIT-STK": "permissive",
    "MMPL-1.0.1": "unknown",
    "MPL-2.0-no-copyleft-exception": "weak-copyleft",
    "MVT-1.1": "unknown",
    "NIST-PD-TNT": "public-domain",
    "Net-SNMP": "permissive",
    "OSC-1.0": "permissive",
    "OSSP": "permissive",
    "OpenMDW-1.0": "permissive",
    "ParaType-Free-Font-1.3": "unknown",
    "SGMLUG-PM": "permissive",
    "TekHVC": "permissive",
    "UnRAR": "source-available",
    "Vixie-Cron": "permissive",
    "WTFNMFPL": "permissive",
    "WordNet": "permissive",
    "X11-no-permit-persons": "permissive",
    "atc-game": "permissive",
    "hyphen-bulgarian": "permissive",
    # self-describing references in common use; every other LicenseRef is unknown
    "LicenseRef-Llama-3": "source-available",
    "LicenseRef-ModelTerms": "source-available",
    "LicenseRef-OpenRAIL": "source-available",
    "LicenseRef-Fedora-Public-Domain": "public-domain",
    "LicenseRef-PublicDomain": "public-domain",
    "LicenseRef-public-domain": "public-domain",
    # "for non-commercial use only", without a listed licence
    "LicenseRef-gristmill-non-commercial": "non-commercial",
    "LicenseRef-Commercial": "proprietary",
    "LicenseRef-Proprietary": "proprietary",
    "NOASSERTION": "unknown",
    "NONE": "unstated",
}

NEWER_EXCEPTIONS: Final = (
    "Classpath-exception-2.0-short",
    "Google-Patent-WebM",
    "Simple-Library-Usage-exception",
    "Spelling-Provider-LGPL-exception",
    "kvirc-openssl-exception",
    "rsync-linking-exception",
    "sqlitestudio-OpenSSL-exception",
)

# Deprecated ids that bundled an exception, and what the SPDX list writes instead. Where the
# bundled id did not say "or later", the narrower "only" is taken.
SUCCESSORS: Final = {
    "GPL-2.0-with-autoconf-exception": "GPL-2.0-only WITH Autoconf-exception-2.0",
    "GPL-2.0-with-bison-exception": "GPL-2.0-only WITH Bison-exception-2.2",
    "GPL-2.0-with-classpath-exception": "GPL-2.0-only WITH Classpath-exception-2.0",
    "GPL-2.0-with-font-exception": "GPL-2.0-only WITH Font-exception-2.0",
    "GPL-2.0-with-GCC-exception": "GPL-2.0-only WITH GCC-exception-2.0",
    "GPL-3.0-with-autoconf-exception": "GPL-3.0-only WITH Autoconf-exception-3.0",
    "GPL-3.0-with-GCC-exception": "GPL-3.0-only WITH GCC-exception-3.1",
    "eCos-2.0": "GPL-2.0-or-later WITH eCos-exception-2.0",
    "wxWindows": "LGPL-2.0-or-later WITH WxWindows-exception-3.1",
    "GPL-1.0+": "GPL-1.0-or-later",
    "BSD-2-Clause-FreeBSD": "BSD-2-Clause-Views",
    "BSD-2-Clause-NetBSD": "BSD-2-Clause",
    "bzip2-1.0.5": "bzip2-1.0.6",
    "StandardML-NJ": "SMLNJ",
    "Nunit": "zlib-acknowledgement",
}

EXCEPTION_SUCCESSORS: Final = {"Nokia-Qt-exception-1.1": "Qt-LGPL-exception-1.1"}

# GNU licences exist as `-only` and `-or-later` only; a bare version id is deprecated.
GNU_VERSIONS: Final = {
    "GPL": ("1.0", "2.0", "3.0"),
    "LGPL": ("2.0", "2.1", "3.0"),
    "AGPL": ("1.0", "3.0"),
    "GFDL": ("1.1", "1.2", "1.3"),
}
