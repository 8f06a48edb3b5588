"""Claims as people write them in manifests, archives and model cards mean what they say, or nothing.

Each line is an expression and the claims that mean it, between bars that no claim holds.
"""

from __future__ import annotations

import pytest

from filters.licenses.spdx import classify, normalise

CLAIMS = """
MIT ¦ MIT License ¦ The MIT License ¦ The MIT License (MIT) ¦ MIT Licence ¦ mit license ¦ MIT-License ¦ MIT/X11 ¦ MIT/X ¦ Expat ¦ Expat License ¦ MIT (Expat) ¦ X11/MIT ¦ MIT Licensed ¦ "MIT" ¦ 'MIT' ¦ MIT. ¦ License :: OSI Approved :: MIT License ¦ OSI Approved :: MIT License ¦ http://opensource.org/licenses/MIT ¦ https://opensource.org/licenses/mit-license.php ¦ MIT + file LICENSE ¦ MIT+ ¦ Licensed under the MIT License ¦ mit-only ¦ MIT (Open Source) ¦ https://spdx.org/licenses/MIT.html ¦ (MIT) ¦ Bouncy Castle Licence
MIT-0 ¦ MIT No Attribution ¦ License :: OSI Approved :: MIT No Attribution License (MIT-0)
MIT-CMU ¦ License :: OSI Approved :: CMU License (MIT-CMU)
Apache-2.0 ¦ Apache 2.0 ¦ Apache 2 ¦ Apache2 ¦ Apache-2 ¦ Apache License 2.0 ¦ Apache License, Version 2.0 ¦ Apache License Version 2.0 ¦ Apache License v2.0 ¦ Apache License, v2.0 ¦ The Apache License, Version 2.0 ¦ The Apache Software License, Version 2.0 ¦ Apache Software License 2.0 ¦ Apache Software License - Version 2.0 ¦ ASL 2.0 ¦ ASL2 ¦ AL2 ¦ Apache v2 ¦ Apache-License-2.0 ¦ Apache_2_0 ¦ apache-2.0 ¦ APACHE-2.0 ¦ License :: OSI Approved :: Apache Software License ¦ https://www.apache.org/licenses/LICENSE-2.0 ¦ http://www.apache.org/licenses/LICENSE-2.0.txt ¦ https://www.apache.org/licenses/LICENSE-2.0.html ¦ apache_2_0 ¦ Apache License (2.0) ¦ Apache License 2.0 (Apache-2.0) ¦ Apache Public License 2.0
Apache-1.1 ¦ Apache 1.1 ¦ Apache License 1.1 ¦ Apache Software License, version 1.1
Apache-2.0 WITH LLVM-exception ¦ Apache-2.0 with LLVM exception ¦ Apache License 2.0 with LLVM Exceptions ¦ Apache-2.0 with LLVM-exception
Apache-2.0 WITH LicenseRef-scancode-commons-clause ¦ Apache 2.0 with Commons Clause
BSD-3-Clause ¦ BSD ¦ BSD License ¦ BSD 3 ¦ BSD-3 ¦ BSD3 ¦ BSD 3-Clause ¦ BSD 3 Clause ¦ 3-Clause BSD ¦ 3-Clause BSD License ¦ BSD 3-Clause License ¦ BSD (3-clause) ¦ BSD_3_clause ¦ BSD_3_clause + file LICENSE ¦ New BSD ¦ New BSD License ¦ The New BSD License ¦ Modified BSD ¦ Modified BSD License ¦ Revised BSD ¦ BSD-3-clause ¦ bsd-new ¦ new BSD license ¦ BSD-new ¦ BSD three clause ¦ BSD 3-Clause "New" or "Revised" License ¦ BSD-3-Clause-generic ¦ License :: OSI Approved :: BSD License ¦ https://opensource.org/licenses/BSD-3-Clause ¦ Eclipse Distribution License - v 1.0 ¦ EDL 1.0
BSD-2-Clause ¦ BSD 2-Clause ¦ BSD-2 ¦ BSD2 ¦ 2-clause BSD ¦ Simplified BSD ¦ Simplified BSD License ¦ BSD 2-Clause License ¦ BSD (2-clause) ¦ BSD_2_clause + file LICENSE ¦ FreeBSD ¦ bsd-simplified ¦ BSD-2-clause ¦ The BSD 2-Clause License ¦ BSD 2-Clause "Simplified" License
BSD-4-Clause ¦ BSD-4 ¦ BSD 4-clause ¦ Original BSD ¦ BSD-4-clause ¦ bsd-original
0BSD ¦ BSD Zero Clause License ¦ Zero-Clause BSD ¦ License :: OSI Approved :: Zero-Clause BSD (0BSD) ¦ BSD-0-Clause
ISC ¦ ISC License ¦ ISCL ¦ ISC License (ISCL) ¦ The ISC License ¦ isc ¦ License :: OSI Approved :: ISC License (ISCL) ¦ https://opensource.org/licenses/ISC
Zlib ¦ zlib License ¦ zlib/libpng ¦ zlib/libpng License ¦ License :: OSI Approved :: zlib/libpng License ¦ zlib-libpng ¦ zlib/libpng License (Open Source)
BSL-1.0 ¦ Boost ¦ Boost Software License ¦ Boost Software License 1.0 ¦ Boost Software License, Version 1.0 ¦ Boost-1.0 ¦ License :: OSI Approved :: Boost Software License 1.0 (BSL-1.0) ¦ BSL 1.0
PSF-2.0 ¦ PSF ¦ PSFL ¦ Python Software Foundation License ¦ License :: OSI Approved :: Python Software Foundation License ¦ PSF License ¦ PSF-2
CNRI-Python ¦ License :: OSI Approved :: Python License (CNRI Python License)
Unlicense ¦ The Unlicense ¦ The Unlicense (Unlicense) ¦ unlicense ¦ License :: OSI Approved :: The Unlicense (Unlicense)
CC0-1.0 ¦ CC0 ¦ CC0 1.0 ¦ CC0 1.0 Universal ¦ CC0-1.0 Universal ¦ Creative Commons Zero v1.0 Universal ¦ CC-0 ¦ cc0-1.0 ¦ https://creativecommons.org/publicdomain/zero/1.0/ ¦ https://creativecommons.org/publicdomain/zero/1.0/legalcode ¦ License :: CC0 1.0 Universal (CC0 1.0) Public Domain Dedication ¦ Public Domain, per Creative Commons CC0
WTFPL ¦ WTFPL 2 ¦ Do What The Fuck You Want To Public License ¦ wtfpl
PostgreSQL ¦ PostgreSQL License ¦ License :: OSI Approved :: PostgreSQL License
NCSA ¦ University of Illinois/NCSA Open Source License ¦ License :: OSI Approved :: University of Illinois/NCSA Open Source License ¦ UIUC
Unlicense ¦ https://unlicense.org/ ¦ http://unlicense.org
EPL-1.0 ¦ http://www.eclipse.org/legal/epl-v10.html
EPL-2.0 ¦ https://www.eclipse.org/legal/epl-2.0/ ¦ https://www.eclipse.org/legal/epl-v20.html
BSL-1.0 ¦ https://www.boost.org/LICENSE_1_0.txt
UPL-1.0 ¦ UPL ¦ License :: OSI Approved :: Universal Permissive License (UPL) ¦ Universal Permissive License v1.0
W3C ¦ W3C License ¦ License :: OSI Approved :: W3C License
ZPL-2.1 ¦ ZPL ¦ ZPL 2.1 ¦ Zope Public License ¦ Zope Public License 2.1
BlueOak-1.0.0 ¦ Blue Oak Model License 1.0.0 ¦ License :: OSI Approved :: Blue Oak Model License (BlueOak-1.0.0)
MulanPSL-2.0 ¦ Mulan PSL v2 ¦ License :: OSI Approved :: Mulan Permissive Software License v2 (MulanPSL-2.0)
Artistic-2.0 ¦ Artistic License 2.0 ¦ Artistic 2.0 ¦ artistic_2 ¦ The Artistic License 2.0
Artistic-1.0 ¦ Artistic ¦ Artistic License ¦ Artistic License 1.0 ¦ artistic_1
Artistic-1.0-Perl OR GPL-1.0-or-later ¦ perl_5 ¦ perl5 ¦ Perl ¦ same as Perl ¦ Same terms as Perl itself ¦ the same terms as perl itself
GPL-1.0-or-later OR Artistic-1.0 ¦ GPL-1+ or Artistic ¦ GPL or Artistic
(GPL-1.0-or-later OR Artistic-1.0) AND MIT ¦ GPL-1+ or Artistic, and Expat
Ruby ¦ Ruby License ¦ ruby ¦ Ruby's
Ruby OR BSD-2-Clause ¦ Ruby or BSD-2-Clause ¦ Ruby/BSD-2-Clause
PHP-3.01 ¦ PHP License 3.01 ¦ PHP-3.01 ¦ PHP License v3.01
JSON ¦ JSON License ¦ The JSON License
FTL ¦ Freetype Project License ¦ FreeType License
IJG ¦ Independent JPEG Group License
Libpng ¦ libpng License ¦ libpng
OLDAP-2.8 ¦ OpenLDAP-2.8 ¦ Open LDAP Public License v2.8 ¦ OpenLDAP Public License 2.8
AFL-2.1 ¦ Academic Free License v2.1 ¦ AFL 2.1 ¦ afl-2.1
AFL-3.0 ¦ Academic Free License ¦ License :: OSI Approved :: Academic Free License (AFL) ¦ afl-3.0
MS-PL ¦ Ms-PL ¦ Microsoft Public License ¦ MS-PL ¦ Microsoft Public License (Ms-PL)
etalab-2.0 ¦ Etalab 2.0 ¦ Licence Ouverte 2.0
GPL-1.0-or-later ¦ GPL ¦ GNU GPL ¦ GNU General Public License ¦ GNU Public License ¦ License :: OSI Approved :: GNU General Public License (GPL) ¦ GPL+ ¦ gpl ¦ GPL-1+
GPL-2.0-only ¦ GPL-2.0 ¦ GPL2 ¦ GPLv2 ¦ GPL v2 ¦ GPL-2 ¦ GPL 2 ¦ GPL (2) ¦ GPL version 2 ¦ GNU GPL v2 ¦ GNU GPLv2 ¦ GNU GPL 2.0 ¦ GNU General Public License v2 ¦ GNU General Public License version 2 ¦ GNU General Public License, version 2 ¦ License :: OSI Approved :: GNU General Public License v2 (GPLv2) ¦ GPL-2.0-only ¦ gpl-2.0 ¦ GPL v2 only ¦ GPL-2 only ¦ GPLv2 only ¦ http://www.gnu.org/licenses/gpl-2.0.html ¦ GNU General Public License v2.0 only
GPL-2.0-or-later ¦ GPL-2.0+ ¦ GPL2+ ¦ GPLv2+ ¦ GPL-2+ ¦ GPL (>= 2) ¦ GPL (>= 2.0) ¦ GPL (>=2) ¦ GPL (>= 2) | file LICENSE ¦ GPL (>= 2) + file LICENSE ¦ GPL-2.0-or-later ¦ GPL v2 or later ¦ GPLv2 or later ¦ GPL 2 or later ¦ GPL-2.0 or later ¦ GPL version 2 or any later version ¦ GNU GPL v2 or later ¦ GNU General Public License v2 or later ¦ GNU General Public License v2 or later (GPLv2+) ¦ License :: OSI Approved :: GNU General Public License v2 or later (GPLv2+) ¦ GNU General Public License v2.0 or later ¦ GPLv2 or newer ¦ GPL v2 or above ¦ GPL-2.0-only+ ¦ gpl-2.0-plus ¦ GPL2 or (at your option) any later version
GPL-2.0-only OR GPL-3.0-only ¦ GPL-2 | GPL-3 ¦ GPL-2 | GPL-3 [expanded from: GPL] ¦ GPL-2 or GPL-3 ¦ GPLv2 or GPLv3
GPL-3.0-only ¦ GPL-3.0 ¦ GPL3 ¦ GPLv3 ¦ GPL v3 ¦ GPL-3 ¦ GPL 3 ¦ GNU GPLv3 ¦ GNU GPL v3 ¦ GNU General Public License v3 ¦ GNU General Public License v3.0 ¦ GNU General Public License v3 (GPLv3) ¦ License :: OSI Approved :: GNU General Public License v3 (GPLv3) ¦ gpl-3.0 ¦ https://www.gnu.org/licenses/gpl-3.0.en.html ¦ GNU General Public License, Version 3 ¦ GPL-3 | file LICENSE ¦ gplv3
GPL-3.0-or-later ¦ GPL-3.0+ ¦ GPLv3+ ¦ GPL-3+ ¦ GPL (>= 3) ¦ GPL v3+ ¦ GPL v3 or later ¦ GPL version 3 or later ¦ GNU GPLv3+ ¦ GNU General Public License v3 or later (GPLv3+) ¦ License :: OSI Approved :: GNU General Public License v3 or later (GPLv3+) ¦ GPL-3.0-or-later ¦ GNU General Public License v3.0 or later ¦ GPL3 or later
LGPL-2.0-or-later ¦ LGPL ¦ GNU LGPL ¦ GNU Lesser General Public License ¦ LGPL-2+ ¦ LGPLv2+ ¦ LGPL-2.0+ ¦ License :: OSI Approved :: GNU Library or Lesser General Public License (LGPL) ¦ License :: OSI Approved :: GNU Lesser General Public License v2 or later (LGPLv2+) ¦ GNU Library General Public License v2 or later
LGPL-2.1-only ¦ LGPL-2.1 ¦ LGPLv2.1 ¦ LGPL 2.1 ¦ LGPL v2.1 ¦ GNU LGPL v2.1 ¦ GNU Lesser General Public License v2.1 ¦ GNU Lesser General Public License, Version 2.1 ¦ GNU Lesser General Public License v2.1 only ¦ lgpl-2.1
LGPL-2.1-or-later ¦ LGPL-2.1+ ¦ LGPLv2.1+ ¦ LGPLv2.1 or later ¦ LGPL 2.1 or later ¦ LGPL (>= 2.1) ¦ LGPL version 2.1 or later ¦ GNU Lesser General Public License v2.1 or later ¦ lgpl-2.1-plus
LGPL-3.0-only ¦ LGPL-3.0 ¦ LGPLv3 ¦ LGPL-3 ¦ LGPL v3 ¦ GNU Lesser General Public License v3 (LGPLv3) ¦ License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3) ¦ GNU LGPLv3 ¦ lgpl-3.0
LGPL-3.0-or-later ¦ LGPL-3+ ¦ LGPLv3+ ¦ LGPL-3.0+ ¦ LGPL (>= 3) ¦ License :: OSI Approved :: GNU Lesser General Public License v3 or later (LGPLv3+)
AGPL-3.0-only ¦ AGPL-3.0 ¦ AGPLv3 ¦ AGPL-3 ¦ AGPL v3 ¦ GNU AGPLv3 ¦ GNU Affero General Public License v3 ¦ License :: OSI Approved :: GNU Affero General Public License v3 ¦ GNU AGPL 3.0 ¦ agpl-3.0 ¦ GNU Affero General Public License, version 3
AGPL-3.0-or-later ¦ AGPL ¦ AGPLv3+ ¦ AGPL-3.0+ ¦ AGPL (>= 3) ¦ AGPL-3+ ¦ License :: OSI Approved :: GNU Affero General Public License v3 or later (AGPLv3+) ¦ GNU AGPL v3 or later
GFDL-1.3-only ¦ GFDL-1.3 ¦ GNU Free Documentation License v1.3 ¦ GFDL 1.3
GFDL-1.2-or-later ¦ GFDL-1.2+ ¦ GNU FDL 1.2 or later
GFDL-1.3-no-invariants-or-later ¦ GFDL-NIV-1.3+
GPL-2.0-only WITH Classpath-exception-2.0 ¦ GPL-2.0-with-classpath-exception ¦ GPLv2 with classpath exception ¦ GPL2 w/ CPE ¦ GNU General Public License, version 2 with the GNU Classpath Exception ¦ GNU General Public License, version 2 (GPL2), with the classpath exception ¦ GPL-2.0 WITH Classpath-exception-2.0
CDDL-1.0 OR GPL-2.0-only WITH Classpath-exception-2.0 ¦ CDDL + GPLv2 with classpath exception
GPL-2.0-or-later WITH AdditionRef-openssl-exception ¦ GPL-2+ with OpenSSL exception
GPL-2.0-or-later WITH AdditionRef-exceptions ¦ GPLv2+ with exceptions
GPL-2.0-or-later WITH Libtool-exception ¦ GPL-2+ with Libtool exception
GPL-3.0-or-later WITH GCC-exception-3.1 ¦ GPL-3.0+ with GCC-exception-3.1 ¦ GPL-3+ with GCC-Runtime-3.1 exception
GPL-3.0-or-later WITH Bison-exception-2.2 ¦ GPL-3+ with Bison exception
GPL-2.0-only WITH Linux-syscall-note ¦ GPL-2.0 WITH Linux-syscall-note ¦ GPL-2 with Linux-syscall-note exception
MPL-2.0 ¦ MPL ¦ MPL 2.0 ¦ MPL2 ¦ MPL-2 ¦ MPLv2 ¦ MPL v2.0 ¦ Mozilla Public License 2.0 ¦ Mozilla Public License, version 2.0 ¦ Mozilla Public License 2.0 (MPL 2.0) ¦ License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0) ¦ https://www.mozilla.org/MPL/2.0/ ¦ http://mozilla.org/MPL/2.0/
MPL-2.0 ¦ https://choosealicense.com/licenses/mpl-2.0/
MPL-2.0-no-copyleft-exception ¦ MPL 2.0 with no copyleft exception
MPL-1.1 ¦ MPL 1.1 ¦ Mozilla Public License 1.1 ¦ License :: OSI Approved :: Mozilla Public License 1.1 (MPL 1.1)
MPL-1.0 ¦ License :: OSI Approved :: Mozilla Public License 1.0 (MPL)
MPL-1.1 OR GPL-2.0-or-later OR LGPL-2.1-or-later ¦ MPL-1.1 or GPL-2+ or LGPL-2.1+ ¦ MPL-1.1/GPL-2.0+/LGPL-2.1+
EPL-1.0 ¦ EPL 1.0 ¦ Eclipse Public License 1.0 ¦ Eclipse Public License - v 1.0 ¦ License :: OSI Approved :: Eclipse Public License 1.0 (EPL-1.0)
EPL-2.0 ¦ EPL 2.0 ¦ EPL v2.0 ¦ Eclipse Public License 2.0 ¦ Eclipse Public License - v 2.0 ¦ Eclipse Public License v. 2.0
CDDL-1.0 ¦ CDDL ¦ CDDL 1.0 ¦ License :: OSI Approved :: Common Development and Distribution License 1.0 (CDDL-1.0)
CDDL-1.1 ¦ CDDL 1.1 ¦ Common Development and Distribution License 1.1
CPL-1.0 ¦ CPL ¦ Common Public License 1.0 ¦ License :: OSI Approved :: Common Public License
EUPL-1.2 ¦ EUPL ¦ EUPL 1.2 ¦ EUPL v1.2 ¦ European Union Public Licence 1.2 ¦ License :: OSI Approved :: European Union Public Licence 1.2 (EUPL 1.2)
CECILL-2.1 ¦ CeCILL-2.1 ¦ CeCILL ¦ License :: OSI Approved :: CEA CNRS Inria Logiciel Libre License, version 2.1 (CeCILL-2.1)
CECILL-B ¦ CeCILL-B ¦ License :: CeCILL-B Free Software License Agreement (CECILL-B)
OSL-3.0 ¦ Open Software License 3.0 ¦ License :: OSI Approved :: Open Software License 3.0 (OSL-3.0) ¦ OSL 3.0
OSL-2.1 ¦ Open Software License 2.1
APSL-2.0 ¦ Apple Public Source License ¦ License :: OSI Approved :: Apple Public Source License
QPL-1.0 ¦ License :: OSI Approved :: Qt Public License (QPL)
OFL-1.1 ¦ OFL ¦ OFL 1.1 ¦ SIL Open Font License ¦ SIL Open Font License 1.1 ¦ SIL OFL 1.1 ¦ License :: OSI Approved :: SIL Open Font License 1.1 (OFL-1.1)
LPPL-1.3c ¦ LPPL 1.3c ¦ LPPL-1.3c ¦ LaTeX Project Public License v1.3c ¦ lppl
LPPL-1.3a ¦ LaTeX Project Public License v1.3a
Sleepycat ¦ Sleepycat License ¦ License :: OSI Approved :: Sleepycat License
ODbL-1.0 ¦ ODbL ¦ Open Database License ¦ ODbL 1.0 ¦ odbl
ODC-By-1.0 ¦ ODC-BY ¦ odc-by ¦ Open Data Commons Attribution License v1.0
PDDL-1.0 ¦ PDDL ¦ pddl
CC-BY-4.0 ¦ CC BY 4.0 ¦ CC-BY-4.0 ¦ cc-by-4.0 ¦ CC-BY ¦ Creative Commons Attribution 4.0 International ¦ Creative Commons Attribution 4.0 ¦ https://creativecommons.org/licenses/by/4.0/ ¦ http://creativecommons.org/licenses/by/4.0 ¦ https://creativecommons.org/licenses/by/4.0/legalcode ¦ Creative Commons Attribution 4.0 International (CC BY 4.0) ¦ CC-BY 4.0 ¦ Creative Commons Attribution 4.0 International Public License
CC-BY-3.0 ¦ CC BY 3.0 ¦ CC-BY-3.0 ¦ Creative Commons Attribution 3.0 Unported
CC-BY-SA-4.0 ¦ CC BY-SA 4.0 ¦ CC-BY-SA 4.0 ¦ CC BY SA 4.0 ¦ cc-by-sa-4.0 ¦ Creative Commons Attribution-ShareAlike 4.0 International ¦ Creative Commons Attribution Share Alike 4.0 International ¦ https://creativecommons.org/licenses/by-sa/4.0/
CC-BY-SA-3.0 ¦ CC BY-SA 3.0 ¦ cc-by-sa-3.0 ¦ CC-BY-SA-3.0-Unported
CC-BY-NC-4.0 ¦ CC BY-NC 4.0 ¦ cc-by-nc-4.0 ¦ CC-BY-NC ¦ Creative Commons Attribution-NonCommercial 4.0 International ¦ Creative Commons Attribution Non Commercial 4.0 International ¦ https://creativecommons.org/licenses/by-nc/4.0/
CC-BY-NC-SA-4.0 ¦ CC BY-NC-SA 4.0 ¦ cc-by-nc-sa-4.0 ¦ Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International ¦ CC-BY-NC-SA 4.0 ¦ https://creativecommons.org/licenses/by-nc-sa/4.0/
CC-BY-ND-4.0 ¦ CC BY-ND 4.0 ¦ Creative Commons Attribution-NoDerivatives 4.0 International
CC-BY-ND-2.0 ¦ CC BY-ND 2.0 KR ¦ CC BY-ND 2.0
CC-BY-NC-ND-4.0 ¦ CC BY-NC-ND 4.0 ¦ cc-by-nc-nd-4.0 ¦ Creative Commons Attribution-NonCommercial-NoDerivatives 4.0 International
BUSL-1.1 ¦ BUSL 1.1 ¦ Business Source License 1.1 ¦ Business Source License
SSPL-1.0 ¦ SSPL ¦ Server Side Public License, v 1 ¦ Server Side Public License
Elastic-2.0 ¦ Elastic License 2.0 ¦ Elastic License 2.0 (Open Source)
Aladdin ¦ License :: Aladdin Free Public License (AFPL)
LicenseRef-scancode-public-domain ¦ Public Domain ¦ public domain ¦ public-domain ¦ Public-Domain ¦ PD ¦ License :: Public Domain ¦ publicdomain
LicenseRef-scancode-proprietary-license ¦ Proprietary ¦ proprietary ¦ UNLICENSED ¦ All rights reserved ¦ Commercial ¦ License :: Other/Proprietary License ¦ Closed source ¦ Other/Proprietary License ¦ License :: Free To Use But Restricted ¦ Private
LicenseRef-gristmill-non-commercial ¦ License :: Free for non-commercial use ¦ Non-commercial ¦ Research only
LicenseRef-OpenRAIL ¦ openrail ¦ creativeml-openrail-m ¦ openrail++
LicenseRef-scancode-bigscience-rail-1.0 ¦ bigscience-bloom-rail-1.0
LicenseRef-scancode-llama-2-license-2023 ¦ llama2
LicenseRef-Llama-3 ¦ llama3
LicenseRef-scancode-llama-3.1-license-2024 ¦ llama3.1
LicenseRef-scancode-gemma-tou-2024-04-01 ¦ gemma
LGPLLR ¦ lgpl-lr
MIT OR Apache-2.0 ¦ MIT/Apache-2.0 ¦ MIT OR Apache-2.0 ¦ (MIT OR Apache-2.0) ¦ MIT or Apache-2.0 ¦ MIT / Apache-2.0 ¦ MIT | Apache-2.0 ¦ Dual MIT/Apache-2.0 ¦ MIT License or Apache License 2.0 ¦ MIT/Apache 2.0
Apache-2.0 OR MIT ¦ Apache-2.0/MIT ¦ Apache-2.0 OR MIT ¦ Apache 2.0 or MIT ¦ Apache-2.0 / MIT
Apache-2.0 OR BSD-3-Clause ¦ Apache-2.0 OR BSD-3-Clause ¦ Apache or BSD
MIT OR GPL-1.0-or-later ¦ Dual MIT/GPL ¦ MIT/GPL
MIT AND BSD-3-Clause ¦ MIT, BSD ¦ MIT and BSD ¦ MIT & BSD ¦ MIT; BSD ¦ MIT, and BSD
MIT AND BSD-3-Clause AND GPL-2.0-only ¦ MIT, BSD, and GPL-2
GPL-3.0-only AND MIT ¦ License :: OSI Approved :: GNU General Public License v3 (GPLv3), License :: OSI Approved :: MIT License
MIT AND GPL-3.0-only ¦ MIT, GPLv3 ¦ MIT and GPLv3
(MIT OR Apache-2.0) AND GPL-3.0-only ¦ MIT/Apache-2.0 and GPL-3.0 ¦ MIT/Apache-2.0, GPL-3.0 ¦ (MIT OR Apache-2.0) AND GPL-3.0
BSD-3-Clause AND LicenseRef-scancode-public-domain ¦ BSD, Public Domain
NONE ¦ none ¦ NONE
"""  # noqa: E501  one line an expression
UNCLEAR = """
SEE LICENSE IN LICENSE.md ¦ see LICENSE ¦ See LICENSE file ¦ LICENSE ¦ LICENSE.txt ¦ file LICENSE ¦ UNKNOWN ¦ other ¦ Other
Custom ¦ Freeware ¦ free ¦ OSI Approved ¦ License :: OSI Approved ¦ License :: DFSG approved ¦ N/A ¦ TODO ¦ TBD ¦ ? ¦ -
Python ¦ Copyright ¦ Permissive ¦ MIT-like ¦ MIT style ¦ BSD-style ¦ BSD like ¦ GPL-compatible ¦ GPL compatible ¦ not MIT ¦ not the MIT licence
MIT (see LICENSE) ¦ MIT except where noted ¦ MIT (but GPL parts) ¦ mostly MIT ¦ MIT for non-commercial use ¦ Apache 2.0 (non-commercial)
MIT for code, CC-BY-NC for data ¦ GPL-2, MIT or BSD ¦ GPL, LGPL, or MIT ¦ MIT OR Apache-2.0, BSD ¦ Dual licensed under MIT and GPL
CC BY 3.0 - GPL 3 ¦ CC-BY-4.0 - see LICENSE ¦ License :: OSI Approved :: Sleepycat License plus License :: OSI Approved :: MIT License
BSD 3-Clause (modified) ¦ BSD-3-clause and/or GPL-3+ ¦ MIT + Commons Clause ¦ Apache 2.0 + Commons Clause ¦ GPLv2/v3 ¦ License :: Freely Distributable
Copyright (c) 2020 Somebody ¦ Permission is hereby granted, free of charge, to any person ¦ https://example.org/license ¦ http://example.org/MIT
MIT AND ( ¦ MIT OR ¦ (MIT ¦ MIT) ¦ AND ¦ OR MIT ¦ 1.0 ¦ v2 ¦ version 3 ¦ License ¦ GNU ¦ Creative Commons ¦ CC
"""  # noqa: E501  as above


def table() -> list[tuple[str, str]]:
    lines = [line.split(" ¦ ") for line in CLAIMS.strip().splitlines()]
    return [(claim, expression) for expression, *claims in lines for claim in claims]


def test_the_table_is_as_long_as_it_claims() -> None:
    assert len(table()) >= 500


@pytest.mark.parametrize("line", CLAIMS.strip().splitlines(), ids=lambda line: line.split(" ¦ ")[0])
def test_a_claim_means_its_expression(line: str) -> None:
    expression, *claims = line.split(" ¦ ")
    read = {claim: normalise(claim).expression for claim in claims}
    assert read == dict.fromkeys(claims, expression)
    assert not normalise(expression).repaired


@pytest.mark.parametrize("line", UNCLEAR.strip().splitlines())
def test_an_unclear_claim_is_no_assertion_or_at_least_not_permissive(line: str) -> None:
    for claim in line.split(" ¦ "):
        found = normalise(claim)
        assert classify(claim) not in {"public-domain", "permissive"}, claim
        assert found.expression == "NOASSERTION" or found.unknown, claim
