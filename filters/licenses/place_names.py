"""What a file's name alone says of it: a licence's text, other people's licences, a notice, a README."""

from __future__ import annotations

import functools
import re
from typing import Final, Literal

from filters.licenses.ids import index
from filters.licenses.repair import name as name_of

Kind = Literal["license", "third-party", "notice", "readme", ""]

_CACHED: Final = 1 << 13
_GATE: Final = re.compile(
    r"licen[cs]|copy(?:ing|right|left)|notice|readme|eula|legal|credit|acknowledg|gpl|fdl|mit|bsd"
    r"|apache|mpl|epl|cc0|cc-by|wtfpl|artistic|third|3rd",
    re.IGNORECASE,
)
DOCUMENT: Final = re.compile(
    r"\.(?:txt|text|md|markdown|mdown|mkd|rst|html?|xhtml|adoc|asciidoc|org|rtf|tex|in|pod|rdoc|doc"
    r"|docs|utf-?8|plain)$",
    re.IGNORECASE,
)
# what ends so is a program, data or a picture, whatever it is called
_OTHER: Final = re.compile(
    r"\.(?:pyi?|pyc|[cm]?[jt]sx?|go|[ch]|cc|cpp|hpp|hh|cxx|m|mm|java|kts?|scala|rb|rs|php|cs|fs|vb"
    r"|json[5c]?|ya?ml|xml|xsd|toml|lua|sh|bash|zsh|fish|pl|pm|t|s?css|less|vue|svelte|swift|ex|exs|erl"
    r"|hs|ml|mli|clj|el|lisp|sql|ipynb|bat|cmd|ps1|cfg|ini|conf|csv|tsv|svg|png|jpe?g|gif|ico|pdf"
    r"|zip|gz|tgz|bz2|xz|po|pot|mo|lock|snap|tmpl|template|j2|erb|ejs|hbs|header|hdr|patch|diff|sig"
    r"|asc|map|plist|strings|resx|rc|log|proto|r|jl|dart|nim|zig|v|d|spec|rules|gradle|cmake|mk|am"
    r"|ac|m4|feature|bak|orig|rej|swp|wasm|so|dll|dylib|exe|jar|class|whl|egg|deb|rpm)$",
    re.IGNORECASE,
)
_LICENSE: Final = re.compile(
    r"(?<![a-z])(?:un)?(?:licen[cs]e(?:s|d)?|licen[cs]ing|copying[23]?|copyrights?|copyleft|eula|legal)"
    r"(?![a-z])"
)
_OTHERS_WORK: Final = re.compile(
    r"third.?part(?:y|ies)|3rd.?part(?:y|ies)|bundled|dependenc|vendored|(?<![a-z])vendors?(?![a-z])"
    r"|(?<![a-z])(?:oss|foss|open.?source).?licen|acknowledge?ments?|(?<![a-z])notices(?![a-z])"
    r"|licen[cs]e.?list"
)
# what is done to licences is done by a program
_TOOL: Final = re.compile(
    r"(?:update|check|add|gen|generate|fix|verify|make|build|print|show|collect|bump|insert|apply"
    r"|validate|test|lint|find|get|fetch|remove|sync|report)[-_ ].*"
)
_PACKED: Final = re.compile(r"\.(?:[cm]?js|css)\.licen[cs]e(?:\.txt)?$")
_NOTICE: Final = re.compile(r"(?<![a-z])notice(?![a-z])")
LICENSE_FOLDERS: Final = frozenset(["licenses", "licences", "license", "licence", "copying"])
_WORDS: Final = re.compile(
    r"(?<![a-z])(?:(?:un)?licen[cs](?:es?|ed|ing)|copying|copyrights?|the|text|full|file|of)(?![a-z])"
)
# ids and their beginnings that alone make a file a licence text: `gpl-3.0.txt`, `MIT`
NAMED: Final = re.compile(
    r"(?:gnu[-_ ])?(?:a|l)?gpl[-_ ]?(?:v?\d[\d.]*)?\+?(?:-only|-or-later)?|g?fdl[-_ ]?(?:v?\d[\d.]*)?|mit"
    r"|unlicense|wtfpl|apache[-_ ]?(?:license[-_ ]?)?v?2(?:\.0)?|bsd(?:[-_ ]?\d(?:[-_ ]clause)?)?|mpl[-_ ]?\d[\d.]*"
    r"|epl[-_ ]?v?\d[\d.]*|cc0(?:[-_ ]?1\.0)?|cc[-_]by[-_\w.]*|artistic[-_ ]?\d?(?:\.0)?"
)


def is_license_file(path: str) -> bool:
    """Whether the file's name promises the licence of what stands beside it."""
    return file_kind(path) == "license"


def file_kind(path: str) -> Kind:
    """Say what a file is by its name.

    `license` a licence's text, `third-party` a list of bundled parts' licences, which decides
    nothing about the folder, `notice` an Apache NOTICE, `readme` prose that may speak of it.
    """
    folder, _, name = path.rpartition("/")
    if _GATE.search(name) is None:
        parent = folder.rpartition("/")[2]
        return _in_license_folder(name) if parent.lower() in LICENSE_FOLDERS else ""
    return _kind(folder.rpartition("/")[2], name)


@functools.lru_cache(maxsize=_CACHED)
def _kind(parent: str, name: str) -> Kind:
    lower = name.lower()
    if _PACKED.search(lower) is not None:
        return "third-party"
    if _OTHER.search(lower) is not None:
        return ""
    if lower.startswith(("readme", "read_me")):
        return "readme"
    said = _by_words(_spaced(DOCUMENT.sub("", name)))
    return said or (_in_license_folder(name) if parent.lower() in LICENSE_FOLDERS else "")


def _by_words(stem: str) -> Kind:
    if _TOOL.fullmatch(stem) is not None:
        return ""
    if _OTHERS_WORK.search(stem) is not None:
        return "third-party"
    if _LICENSE.search(stem) is not None or NAMED.fullmatch(stem) is not None:
        return "license"
    return "notice" if _NOTICE.search(stem) is not None else ""


def _spaced(stem: str) -> str:
    """Lower case with camel case opened: `ThirdPartyNotices` is `third-party-notices`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", stem).lower()


def _in_license_folder(name: str) -> Kind:
    """`LICENSES/Zlib.txt` holds a licence, `licenses/jquery.txt` that of a part."""
    if not name or _OTHER.search(name) is not None:
        return ""
    stem = DOCUMENT.sub("", name)
    if stem.startswith("LicenseRef-") or stem.lower() in index().licenses:
        return "license"
    return "license" if stem.lower() in index().exceptions or name_of(stem) else "third-party"


@functools.lru_cache(maxsize=_CACHED)
def license_id_of_name(path: str) -> str:
    """Give the licence that a file's name states (`LICENSES/MIT.txt`, `LICENSE-APACHE`), else ``""``.

    It is a hint: a version that the name leaves open is the family's usual one.
    """
    name = path[path.rfind("/") + 1 :]
    stem = DOCUMENT.sub("", name)
    if _OTHER.search(name) is not None:
        return ""
    if stem.startswith("LicenseRef-"):
        return stem
    lower = stem.lower()
    if re.search(r"(?:^|[-_. ])(?:lesser|lib)$", lower) is not None:
        return "LGPL-3.0-or-later" if "3" in lower else "LGPL-2.1-or-later"
    if lower in {"unlicense", "unlicence"}:
        return "Unlicense"
    for each in (stem, _WORDS.sub(" ", _spaced(stem)).strip(" -_.")):
        known = index().licenses.get(each.lower()) or index().successors.get(each.lower())
        found = known or name_of(each.replace("_", "-")) if each else None
        if found is not None and found not in {"NOASSERTION", "NONE"}:
            return found
    return ""
