"""The programming, markup or data language of a file, by GitHub Linguist's name for it.

Own table and rules from facts (docs/languages.md). The first of these that speaks decides: the whole
file name, the interpreter line, an editor's mode line, the extension, the text where an extension is
shared, a small classifier, a format's opening mark. Nothing is executed or parsed, and what none of
them tells is `None`: no answer is better than a wrong one.
"""

from __future__ import annotations

import functools
from typing import Final, Literal, NamedTuple

from filters import _language_model
from filters._language_lines import by_mark, by_modeline, by_shebang
from filters._language_rules import HEAD, spoken_for
from filters._language_table import Kind, tables

__all__ = [
    "HEAD",
    "Evidence",
    "Kind",
    "Step",
    "kind_of",
    "language_count",
    "language_evidence",
    "language_name",
    "programming_language",
]

Step = Literal[
    "filename", "shebang", "modeline", "extension", "text", "classifier", "default", "mark", ""
]
_LONGEST_NAME: Final = 64  # code points of a declared language
# Of these names the rest of the file name says nothing: Makefile.linux, Dockerfile.alpine.
_STEMS: Final = frozenset(["makefile", "gnumakefile", "dockerfile", "jenkinsfile", "vagrantfile"])
# Endings of copies and templates: what stands before them names the language.
_COPIES: Final = frozenset(
    ["in", "dist", "example", "sample", "orig", "bak", "default", "template", "skel"]
)
# Editors and interpreters speak of a family: a mode of the left does not overrule an extension of the
# right, which says the same and more.
_FAMILIES: Final = {
    "C": "C++|Objective-C|Objective-C++|Cuda|OpenCL|GLSL|Lex|Yacc|Bison|Ragel|C#|Java|SWIG|XS|Pike"
    "|Devicetree|BPFtrace|eC|Awk|X BitMap|X PixMap",
    "C++": "Objective-C++|Cuda|OpenCL|GLSL|HLSL|Lex|Yacc|Bison|Ragel|SWIG|ISPC|Metal|QML",
    "Java": "Yacc|Bison|JavaScript|CORBA IDL|Groovy|Processing|AspectJ|Apex|AIDL|C#",
    "JavaScript": "TypeScript|TSX|JSON|JSON with Comments|JSON5|CoffeeScript|QML|ArkTS|LiveScript",
    "Common Lisp": "Emacs Lisp|Scheme|Racket|Clojure|NewLisp|PicoLisp|LFE|Hy|ACL2|Fennel|Janet",
    "Scheme": "Racket|Tree-sitter Query|LilyPond",
    "Shell": "Tcsh|fish|Gentoo Ebuild|Gentoo Eclass|Alpine Abuild|Makefile|Nushell|Elvish|Dotenv",
    "Python": "Cython|Starlark|Sage|Snakemake|Meson|Xonsh|Vyper|Mojo|Ren'Py|Jupyter Notebook",
    "Perl": "Raku|XS|Pod",
    "TeX": "BibTeX|BibTeX Style|Literate Haskell|Sweave|Literate Agda|Texinfo",
    "HTML": "HTML+ERB|HTML+PHP|HTML+EEX|HTML+Razor|Jinja|Twig|Vue|Svelte|Astro|PHP|Handlebars|Mako"
    "|Mustache|EJS|XML|Smarty|Java Server Pages|Classic ASP|ASP.NET|Markdown|FreeMarker|Liquid",
    "XML": "HTML|XSLT|DTD|SVG|XML Property List|Maven POM|XProc|COLLADA|Web Ontology Language",
    "SQL": "PLSQL|PLpgSQL|TSQL|SQLPL|HiveQL",
    "Fortran": "Fortran Free Form",
    "MATLAB": "Scilab|Objective-C|Mathematica|Mercury",
    "D": "Yacc|Bison|DTrace",
    "Tcl": "XOTcl|Expect",
    "IDL": "WebIDL|CORBA IDL|Microsoft IDL",
    "INI": "TOML|YAML|Java Properties|Desktop|Git Config|EditorConfig",
    "YAML": "SaltStack|OpenAPI Specification v2|OpenAPI Specification v3|RAML|Kaitai Struct",
    "Ruby": "HTML+ERB|Puppet|Crystal|RBS",
    "Haskell": "Literate Haskell|PureScript|Idris|Agda|C2hs Haskell|Elm|Curry|Frege",
    "OCaml": "Reason|Standard ML|F#",
    "M4": "M4Sugar",
    "Markdown": "RMarkdown|MDX",
    "Groovy": "Gradle|Nextflow",
    "Makefile": "M4|M4Sugar",
    "Roff": "Pod",
    "Lua": "Luau|Teal|MoonScript|Terra",
    "Text": "",
}
# They quote other files, and those files' mode lines with them.
_HOLDERS: Final = frozenset(["Diff", "WDiff", "Darcs Patch", "Jest Snapshot", "Jupyter Notebook"])
_FINER: Final = {name: frozenset(finer.split("|")) for name, finer in _FAMILIES.items()}


class Evidence(NamedTuple):
    """A language and what decided; `(None, "")` where nothing did."""

    language: str | None
    by: Step


class _Known(NamedTuple):
    """What a file name says alone; `extension` is set where the text has to decide."""

    whole: str | None
    candidates: tuple[str, ...]
    extension: str


_NONE: Final[frozenset[str]] = frozenset()
_NOTHING: Final = Evidence(None, "")


def language_count() -> int:
    """How many languages the table can name."""
    return len(tables().kinds)


def kind_of(language: str) -> Kind | None:
    """Say what a Linguist name stands for, `None` for a name that the table does not have."""
    return tables().kinds.get(language)


def language_name(declared: str) -> str | None:
    """Linguist's spelling of a declared name or common alias, in any case; else `None`."""
    if len(declared) > _LONGEST_NAME:
        return None
    return tables().names.get(" ".join(declared.lower().replace("_", " ").split()))


def programming_language(path: str, text: str) -> str | None:
    """Linguist's name for code, markup and data; `None` for plain text and for what it cannot tell.

    `path` may be any path or a bare file name, `""` where there is none; of `text` at most the
    first 16,384 code points count.
    """
    language = language_evidence(path, text).language
    return None if language == "Text" else language


def language_evidence(path: str, text: str, *, classifier: bool = True) -> Evidence:
    """Say the language, `Text` included, and what decided; the classifier may be left out."""
    known = _by_name(path[path.rfind("/") + 1 :])
    if known.whole is not None:
        return Evidence(known.whole, "filename")
    head = text[:HEAD].removeprefix("\ufeff")
    said = _by_lines(head, known)
    if said is not None:
        return said
    if known.extension:
        return _by_text(known, head, classifier=classifier)
    if known.candidates:
        return Evidence(known.candidates[0], "extension")
    mark = by_mark(head)
    return _NOTHING if mark is None else Evidence(mark, "mark")


def _by_lines(head: str, known: _Known) -> Evidence | None:
    """Take the interpreter's or an editor's word, unless the extension says the same and more."""
    by: Step = "shebang"
    claimed = by_shebang(head)
    if not claimed:
        by, mode = "modeline", by_modeline(head)
        if mode is None or (mode == "Text" and known.candidates):
            return None
        claimed = (mode,)
    for language in known.candidates:
        if language in claimed:
            return Evidence(language, by)
    finer = _FINER.get(claimed[0], _NONE) | _HOLDERS
    if not finer.isdisjoint(known.candidates):
        return None
    return Evidence(claimed[0], by)


def _by_text(known: _Known, head: str, *, classifier: bool) -> Evidence:
    """Ask the text of a shared extension, first its patterns, then the classifier."""
    data = head.encode("utf-8", "surrogatepass")
    language = spoken_for(known.extension, data)
    if language is not None:
        return Evidence(language, "text")
    rules = tables().rules[known.extension]
    if classifier and not rules.certain:
        guess = _language_model.tell_apart(known.candidates, data)
        if guess is not None:
            return Evidence(guess, "classifier")
    return _NOTHING if rules.otherwise is None else Evidence(rules.otherwise, "default")


@functools.lru_cache(maxsize=1 << 14)
def _by_name(name: str) -> _Known:
    """Look a file name up, the longest compound extension first."""
    known = tables()
    lower = name.lower().rstrip("~")
    whole = known.filenames.get(lower)
    if whole is not None:
        return _Known(whole, (), "")
    parts = lower.split(".")
    for start in range(1, len(parts)):
        extension = ".".join(parts[start:])
        if extension in known.rules:
            return _Known(None, known.extensions[extension], extension)
        if extension in known.extensions:
            return _Known(None, known.extensions[extension], "")
    if len(parts) > 1 and parts[-1] in _COPIES:
        return _by_name(lower.rpartition(".")[0])
    if parts[0] in _STEMS:
        return _Known(known.filenames[parts[0]], (), "")
    return _Known(None, (), "")
