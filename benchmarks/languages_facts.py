"""What files of packages are written in, by the packages' own conventions and not by our rules.

Test suites of highlighters and line counters name the language of each file by a folder, a file name
or an expected result. Of ordinary packages it is known which language they are written in, so that
files of the extension that the language's own tools ask for are labelled with it.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Source(NamedTuple):
    """A package, its part in the sample, and `(pattern of paths, label)`; a label may be a group `\\1`.

    `part` is `train`, `dev` (looked at while the rules were written) or `held` (not looked at).
    """

    package: str
    part: str
    labels: tuple[tuple[str, str], ...]


# Highlighters' and counters' own test files: the folder or the file's name is the label.
SUITES: Final = (
    Source("pygments", "dev", ((r"tests/examplefiles/([^/]+)/(?!.*\.output$).+", r"\1"),)),
    Source("rust-bat", "held", ((r"tests/syntax-tests/source/([^/]+)/.+", r"\1"),)),
    Source("ohcount", "held", ((r"test/src_dir/.+", "ohcount:"),)),
    Source("cloc", "held", ((r"tests/inputs/.+", "cloc:"),)),
    Source("ruby-rouge", "train", ((r"usr/share/ruby-rouge/demos/(.+)", r"\1"),)),
    Source(
        "golang-github-alecthomas-chroma", "train", ((r"lexers/testdata/([^/]+)\.actual", r"\1"),)
    ),
    Source("node-prismjs", "train", ((r"tests/languages/([^/+!]+)/[^/]+\.test", r"prism:\1"),)),
)


def _of(package: str, part: str, *labels: tuple[str, str]) -> Source:
    return Source(package, part, tuple((rf".+\.(?:{ends})", name) for ends, name in labels))


# Packages written in one language, or in few of which each has its extension.
PACKAGES: Final = (
    # ---- C and its kin: `.h` is shared by three
    _of("zlib1g-dev", "dev", ("c|h", "C")),
    _of("gnulib", "train", ("c|h", "C"), ("m4", "M4|M4Sugar"), ("texi", "Texinfo")),
    _of("sdcc-libraries", "train", ("c|h", "C"), ("asm|s|S", "Assembly")),
    _of("algol68g", "held", ("h", "C")),
    _of("asn1c", "dev", ("h|c", "C"), ("asn1", "ASN.1")),
    _of("libxml2-doc", "train", ("c", "C"), ("html", "HTML")),
    _of("libcapnp-dev", "dev", ("h", "C++"), ("capnp", "Cap'n Proto"), ("cmake", "CMake")),
    _of("libeigen3-dev", "train", ("h", "C++")),
    _of("libboost1.81-dev", "train", ("hpp|ipp", "C++")),
    _of("libprotobuf-dev", "held", ("h", "C++"), ("proto", "Protocol Buffer")),
    _of("qtbase5-examples", "held", ("cpp|h", "C++"), ("pro", "QMake"), ("qrc|ui", "XML")),
    _of("qtdeclarative5-examples", "train", ("cpp|h", "C++"), ("pro", "QMake"), ("qml", "QML")),
    Source(
        "libgnustep-base-dev",
        "held",
        ((r".+/Foundation/NS\w+\.h", "Objective-C"), (r".+\.make", "Makefile")),
    ),
    Source(
        "gnustep-base",
        "train",
        (
            (r"(?:Source|Tests|Examples|Tools)/.+\.m", "Objective-C"),
            (r"Headers/Foundation/NS\w+\.h", "Objective-C"),
        ),
    ),
    _of("gnustep-examples", "dev", ("m", "Objective-C"), ("make", "Makefile")),
    _of("gnustep-make", "train", ("make", "Makefile")),
    _of("arduino", "train", ("java", "Java")),
    _of("spirv-tools", "dev", ("cpp|h", "C++")),
    # ---- `.m`
    _of("octave-common", "dev", ("m", "MATLAB")),
    _of("octave-signal", "held", ("m", "MATLAB")),
    _of("octave-statistics", "train", ("m", "MATLAB")),
    # ---- `.pl`, `.pm`, `.t`, `.pod`
    _of("perl-modules-5.36", "dev", ("pl|pm", "Perl"), ("pod", "Pod")),
    _of("libmojolicious-perl", "train", ("pm|pl|t", "Perl"), ("pod", "Pod")),
    _of("libpoe-perl", "held", ("pm|perl", "Perl")),
    _of("libdancer2-perl", "held", ("pm", "Perl"), ("pod", "Pod")),
    Source("swi-prolog-core", "train", ((r".+/library/.+\.pl", "Prolog"),)),
    _of("swi-prolog-nox", "dev", ("pl", "Prolog")),
    Source("gprolog", "held", ((r"examples/ExamplesPl/.+\.pl", "Prolog"), (r"src/.+\.[ch]", "C"))),
    # ---- `.v`, `.fs`, `.ml`, `.l`, `.inc`, `.pp`, `.cls`, `.mod`, `.lp`
    Source("libcoq-stdlib", "held", ((r".+/theories/.+\.v", "Rocq Prover"),)),
    Source("yosys", "train", ((r"(?:techlibs|examples|tests)/.+\.v", "Verilog"),)),
    _of("gforth-common", "held", ("fs", "Forth")),
    _of("hol-light", "held", ("ml", "OCaml")),
    _of("why3", "dev", ("mlw", "WhyML")),
    _of("mlton-basis", "held", ("sml|sig|fun", "Standard ML")),
    _of("picolisp", "held", ("l", "PicoLisp")),
    _of("bison", "dev", ("y", "Yacc|Bison"), ("m4", "M4|M4Sugar")),
    _of("povray-includes", "held", ("inc|pov", "POV-Ray SDL")),
    _of("povray-examples", "train", ("inc|pov", "POV-Ray SDL")),
    Source("cc65", "dev", ((r".+/asminc/.+\.inc", "Assembly"), (r".+\.[ch]", "C"))),
    _of("fasm", "held", ("asm|inc", "Assembly")),
    Source("fpc", "train", ((r".+\.(?:pp|pas)", "Pascal"),)),
    _of("lazarus-src-2.2", "dev", ("pas|pp|inc|lpr", "Pascal"), ("po", "Gettext Catalog")),
    _of("puppet-module-puppetlabs-stdlib", "held", ("pp", "Puppet"), ("rb", "Ruby")),
    _of("puppet-module-puppetlabs-apache", "train", ("pp", "Puppet"), ("rb", "Ruby")),
    _of("texlive-latex-base", "train", ("tex|sty|cls|def|dtx", "TeX")),
    _of("texlive-latex-recommended", "held", ("tex|sty|dtx|ldf|cls", "TeX")),
    _of("texlive-metapost", "dev", ("mp", "MetaPost"), ("tex", "TeX")),
    _of("libgm2-12-dev", "held", ("mod|def", "Modula-2")),
    _of("gringo", "held", ("lp", "Answer Set Programming")),
    _of("minizinc", "held", ("mzn", "MiniZinc")),
    _of("freefem-examples", "dev", ("pde", "FreeFem")),
    # ---- the rest, one or two packages each
    _of("golang-github-pkg-errors-dev", "dev", ("go", "Go")),
    _of("golang-github-spf13-cobra-dev", "held", ("go", "Go")),
    _of("librust-anyhow-dev", "dev", ("rs", "Rust"), ("toml", "TOML")),
    _of("librust-regex-dev", "held", ("rs", "Rust"), ("md", "Markdown")),
    _of("elpa-magit", "held", ("el", "Emacs Lisp"), ("org", "Org")),
    _of("elpa-helm-core", "dev", ("el", "Emacs Lisp")),
    _of("emacs-el", "train", ("el", "Emacs Lisp")),
    _of("cl-alexandria", "held", ("lisp|asd", "Common Lisp")),
    _of("cl-ppcre", "dev", ("lisp|asd", "Common Lisp")),
    _of("maxima-share", "held", ("lisp", "Common Lisp"), ("mac|dem", "Maxima")),
    _of("newlisp", "dev", ("lsp", "NewLisp")),
    _of("racket-common", "held", ("rkt|scrbl", "Racket")),
    _of("guile-3.0-libs", "dev", ("scm", "Scheme")),
    _of("guile-2.2-libs", "train", ("scm", "Scheme")),
    _of("mit-scheme", "held", ("scm", "Scheme")),
    _of("lilypond-data", "held", ("ly", "LilyPond"), ("scm", "Scheme")),
    _of("tcllib", "dev", ("tcl", "Tcl")),
    _of("tklib", "held", ("tcl", "Tcl"), ("xbm", "X BitMap")),
    _of("xotcl", "dev", ("xotcl", "XOTcl"), ("tcl", "Tcl")),
    _of("erlang-src", "held", ("erl|hrl", "Erlang"), ("java", "Java")),
    _of("elixir-lang", "held", ("ex|exs", "Elixir")),
    _of("hugs", "held", ("hs", "Haskell"), ("lhs", "Literate Haskell")),
    _of("libgnatcoll21-dev", "held", ("ads|adb", "Ada")),
    _of("libphobos2-ldc-shared-dev", "held", ("d|di", "D")),
    _of("valac-0.56-vapi", "held", ("vapi", "Vala")),
    _of("nim", "held", ("nim", "Nim")),
    _of("ats2-lang", "held", ("dats|sats|hats", "ATS")),
    _of("ghdl-common", "held", ("vhdl", "VHDL")),
    _of("pike8.0-core", "held", ("pike|pmod", "Pike")),
    _of("singular-data", "dev", ("lib", "Singular")),
    _of("macaulay2-common", "held", ("m2", "Macaulay2")),
    _of("scilab-data", "held", ("sci|sce", "Scilab"), ("tst", "Scilab")),
    _of("faust-common", "held", ("dsp", "Faust"), ("pd", "Pure Data"), ("cpp", "C++")),
    _of("asymptote", "held", ("asy", "Asymptote"), ("glsl", "GLSL")),
    _of("glmark2-data", "held", ("frag|vert", "GLSL")),
    _of("openscad-mcad", "held", ("scad", "OpenSCAD")),
    _of("kicad-symbols", "held", ("kicad_sym", "KiCad Schematic")),
    _of("puredata-core", "dev", ("pd", "Pure Data")),
    _of("nsis-common", "held", ("nsh|nsi", "NSIS")),
    Source(
        "vim-runtime",
        "held",
        ((r".+/(?:syntax|ftplugin|indent)/.+\.vim", "Vim Script"), (r".+/doc/.+\.txt", "Vim Help File")),
    ),
    _of("fish-common", "held", ("fish", "fish")),
    Source("bash-completion", "dev", ((r".+/completions/[^/.]+", "Shell"),)),
    Source("zsh-common", "held", ((r".+/functions/.+/_[^/.]+", "Shell"),)),
    _of("autoconf", "held", ("m4", "M4|M4Sugar"), ("pm", "Perl")),
    _of("autoconf-archive", "train", ("m4", "M4|M4Sugar")),
    _of("cmake-data", "held", ("cmake", "CMake"), ("rst", "reStructuredText")),
    _of("gawk", "held", ("awk", "Awk")),
    _of("bpftrace", "held", ("bt", "BPFtrace")),
    _of("swig4.0", "held", ("i|swg", "SWIG")),
    _of("yorick-data", "dev", ("i", "Yorick")),
    _of("slsh", "dev", ("sl", "S-Lang")),
    _of("jasmin-sable", "held", ("j", "Jasmin")),
    _of("ragel", "held", ("rl", "Ragel")),
    _of("graphviz-doc", "held", ("gv", "Graphviz (DOT)")),
    _of("docbook-xsl", "held", ("xsl", "XSLT"), ("svg", "SVG")),
    _of("docbook-xml", "held", ("dtd", "DTD")),
    _of("sgml-data", "dev", ("dtd", "DTD")),
    _of("ghostscript", "held", ("ps", "PostScript")),
    _of("a2ps", "held", ("ps", "PostScript"), ("afm", "Adobe Font Metrics")),
    _of("enscript", "dev", ("afm", "Adobe Font Metrics")),
    _of("mediawiki", "dev", ("php", "PHP"), ("less", "Less"), ("js", "JavaScript")),
    _of("wordpress", "held", ("php", "PHP"), ("css", "CSS"), ("js", "JavaScript")),
    _of("php-symfony-console", "train", ("php", "PHP")),
    _of("libjs-bootstrap4", "held", ("scss", "SCSS"), ("js", "JavaScript"), ("css", "CSS")),
    _of("node-less", "dev", ("less", "Less"), ("css", "CSS"), ("js", "JavaScript")),
    _of("node-vue", "held", ("js", "JavaScript"), ("ts", "TypeScript")),
    _of("node-typescript", "dev", ("ts", "TypeScript")),
    _of("python3-django", "held", ("py", "Python"), ("po", "Gettext Catalog")),
    _of("ansible", "dev", ("py", "Python"), ("yml|yaml", "YAML"), ("ps1", "PowerShell")),
    _of("ruby-sass", "dev", ("rb", "Ruby")),
    _of("ruby-haml", "held", ("rb", "Ruby")),
    _of("lua-penlight", "held", ("lua", "Lua")),
    _of("awesome", "dev", ("lua", "Lua")),
    _of("meson", "held", ("py", "Python")),
    _of("nano", "held", ("nanorc", "nanorc")),
    _of("jedit", "dev", ("props", "Java Properties"), ("xml", "XML")),
)

FROM_PYPI: Final = frozenset(["pygments"])
# Source packages of Debian; all others are binary packages.
FROM_SOURCE: Final = frozenset(
    """rust-bat ohcount cloc golang-github-alecthomas-chroma node-prismjs gnustep-base arduino
    spirv-tools gprolog yosys fpc elixir-lang""".split()
)

# Files whose folder is wrong about them, seen when our answer was another: `package/path` -> language.
CORRECTED: Final = {
    "pygments/tests/examplefiles/verilog/example_coq.v": "Rocq Prover",  # lemmas in Coq, not hardware
}

# A suite's word for a language -> ours; `""` where we have no name for it or the word says too little.
WORDS: Final = {
    "actionscript": "ActionScript", "ahk": "AutoHotkey", "al": "AL", "antlr": "ANTLR",
    "ants": "XML", "apacheconf": "ApacheConf", "apex class": "Apex", "apex trigger": "Apex",
    "apl": "APL", "arm assembly": "Assembly", "armasm": "Assembly", "arturo": "Arturo", "as": "",
    "as3": "ActionScript", "asc": "Public Key|AsciiDoc", "asm6502": "Assembly", "asn1": "ASN.1",
    "asp": "Classic ASP", "asp.net": "ASP.NET", "aspnet": "ASP.NET", "aspx-cs": "ASP.NET",
    "aspx-vb": "ASP.NET", "assembler": "Assembly", "assembler-intel": "Assembly",
    "assembly (x86_64)": "Assembly", "asy": "Asymptote", "autoconf": "M4|M4Sugar",
    "automake": "Makefile", "bash": "Shell", "basic": "BASIC", "bat": "Batchfile",
    "batch": "Batchfile", "bazel": "Starlark", "bbcbasic": "BBC BASIC", "bbj": "", "bib": "BibTeX",
    "bicep": "Bicep", "biztalk orchestration": "", "biztalk pipeline": "", "blade": "Blade",
    "bnf": "BNF", "boa": "Boa", "bourne again shell": "Shell", "bourne shell": "Shell",
    "brightscript": "Brightscript", "bro": "Zeek", "bsl": "1C Enterprise", "bst": "BibTeX Style",
    "c": "C", "c# designer": "C#", "c++": "C++", "c-sharp": "C#", "c/c++ header": "C|C++",
    "ca65": "Assembly", "cake build script": "C#", "capnp": "Cap'n Proto", "cfc": "ColdFusion CFC",
    "cfm": "ColdFusion", "chai": "ChaiScript", "chaiscript": "ChaiScript", "cil": "CIL",
    "classic_basic": "BASIC", "clearsilver": "", "clearsilver_template": "", "clojure": "Clojure",
    "clojurescript": "Clojure", "cmake": "CMake", "cmd-help": "", "coffee-script": "CoffeeScript",
    "coffeescript": "CoffeeScript", "coldfusion": "ColdFusion|ColdFusion CFC",
    "common-lisp": "Common Lisp", "conftest.py": "", "containerfile": "Dockerfile",
    "control": "Debian Package Control File", "coq": "Rocq Prover", "cpp": "C++", "cpuinfo": "",
    "cr": "Crystal", "csharp": "C#", "csp": "", "css+mozpreproc": "CSS", "cucumber": "Gherkin",
    "cuda": "Cuda", "dash": "Shell", "delphi": "Pascal", "django": "Jinja",
    "dos batch": "Batchfile", "drools": "", "dtd": "DTD", "ebuild": "Gentoo Ebuild", "ecpp": "",
    "ejs": "EJS", "elisp": "Emacs Lisp", "elixir": "Elixir", "emacs": "Emacs Lisp",
    "emacslisp": "Emacs Lisp", "email": "EML|E-mail", "erl": "Erlang", "etcgroup": "",
    "exheres": "", "false": "", "fan": "Fantom", "fish history": "", "fish_history": "",
    "flatbuffers": "FlatBuffers", "focus": "", "fortran": "Fortran|Fortran Free Form",
    "fortran (fixed form)": "Fortran", "fortran (modern)": "Fortran Free Form",
    "fortran 77": "Fortran", "fortran 90": "Fortran Free Form", "fortran namelist": "",
    "fortranfixed": "Fortran", "freemarker template": "FreeMarker", "fsharp": "F#",
    "fstab": "Fstab", "fstar": "F*", "fxml": "XML", "gcode": "G-code", "gencat nls": "",
    "git ignore": "Ignore List", "glade": "XML", "glsl": "GLSL", "godot resource": "Godot Resource",
    "godot scene": "Godot Resource", "godot shaders": "GDShader", "graphviz": "Graphviz (DOT)",
    "graphviz dot": "Graphviz (DOT)", "groff": "Roff", "groovy": "Groovy|Gradle", "gst": "Gosu",
    "harbour": "Harbour|xBase", "hcl": "HCL", "heex": "HTML+EEX", "holyc": "",
    "hosts": "Hosts File", "hpkp": "", "hsts": "", "html": "HTML", "html+handlebars": "Handlebars",
    "html+php": "HTML+PHP", "http-request-response": "HTTP", "hx": "Haxe", "hylang": "Hy",
    "ibm assembly": "Assembly", "icon": "Icon", "idl": "IDL", "idl_pvwave": "IDL",
    "ignored suffixes": "", "igor pro": "IGOR Pro", "imba": "Imba", "inform6": "Inform 6",
    "inform7": "Inform 7", "ini": "INI", "io": "Io", "irc": "IRC log", "j": "J",
    "java server page (jsp)": "Java Server Pages", "javadoc": "",
    "javascript+mozpreproc": "JavaScript", "javaserver faces": "XML", "jinja template": "Jinja",
    "jinja2": "Jinja", "jlcon": "Julia REPL", "jsdoc": "", "json": "JSON|JSON with Comments",
    "jsp": "Java Server Pages", "jsx": "JavaScript", "juniper junos": "",
    "jupyter notebook": "Jupyter Notebook", "kvlang": "kvlang", "lagda": "Literate Agda",
    "latex": "TeX", "lean": "Lean", "lean4": "Lean 4", "lem": "", "lhs": "Literate Haskell",
    "linker script": "Linker Script", "lisp": "Emacs Lisp", "lisp/julia": "",
    "lisp/opencl": "OpenCL|Common Lisp", "live-script": "LiveScript", "log": "", "logos": "Logos",
    "m4": "M4|M4Sugar", "make": "Makefile", "mako": "Mako", "manpage": "Roff", "markup": "HTML",
    "mata": "Stata", "matlab": "MATLAB", "mcschema": "", "mel": "", "meminfo": "",
    "metafont": "Metafont", "metapost": "MetaPost", "mime": "EML|E-mail",
    "mips": "Assembly|MIPS Assembly", "modula2": "Modula-2", "mojom": "", "mongodb": "",
    "monkey": "Monkey", "moon": "MoonScript", "mql": "MQL4|MQL5", "ms": "MiniScript",
    "mscgen": "MSC Generator", "mumps": "M", "mxml": "XML", "nand2tetris-hdl": "",
    "nant build file": "XML", "nasm": "Assembly", "nixos": "Nix", "nse": "Lua", "nsis": "NSIS",
    "nt": "N-Triples", "objdump-nasm": "ObjDump|Assembly", "objective-c": "Objective-C",
    "objective_c": "Objective-C", "objectivec": "Objective-C", "octave": "MATLAB",
    "odin": "Odin|Object Data Instance Notation", "omg-idl": "CORBA IDL", "opencl": "OpenCL",
    "openedge": "OpenEdge ABL", "orgmode": "Org", "oscript": "", "parigp": "PARI/GP", "parser": "",
    "pascal/puppet": "Pascal|Puppet", "pascaligo": "", "passwd": "", "peg": "", "peg.js": "PEG.js",
    "peggy": "PEG.js", "pegjs": "PEG.js", "perl6": "Raku", "pest": "", "php": "PHP",
    "pig": "PigLatin", "pl/i": "PL/I", "plaintext": "Text", "plm": "", "plsql": "PLSQL",
    "po file": "Gettext Catalog", "postgresql": "SQL|PLpgSQL", "pot": "Gettext Catalog",
    "pov": "POV-Ray SDL", "powerbuilder": "", "proguard": "", "prolog": "Prolog",
    "properties": "Java Properties", "protocol buffers": "Protocol Buffer", "psl": "", "psql": "",
    "pure": "", "py2tb": "Python traceback", "pycon": "Python console", "pytb": "Python traceback",
    "q": "q", "qbasic": "BASIC|QuickBASIC", "qt linguist": "XML", "qt project": "QMake",
    "racket": "Racket", "ragel-cpp": "Ragel", "raku": "Raku", "raku/prolog": "Raku|Prolog",
    "razor": "HTML+Razor", "rd": "R", "reasonml": "Reason", "registry": "Windows Registry Entries",
    "regular expression": "Regular Expression", "rescript": "ReScript", "resolv.conf": "",
    "resource": "", "rest": "reStructuredText", "rhtml": "HTML+ERB", "ring": "Ring",
    "rnc": "RELAX NG Compact", "robotframework": "RobotFramework", "ruby haml": "Haml",
    "ruby on rails": "HTML+ERB|Ruby", "salt": "SaltStack", "sc": "SuperCollider", "sdp": "",
    "sh": "Shell", "shell": "Shell", "shexc": "ShEx", "slim": "Slim", "slim ": "Slim",
    "sls": "SaltStack", "smarty": "Smarty", "sml": "Standard ML", "snobol": "SNOBOL4",
    "sp": "SourcePawn", "spec": "RPM Spec", "specman e": "E", "splus": "R",
    "sql": "SQL|PLSQL|TSQL|PLpgSQL|SQLPL", "sql+jinja": "SQL|SQL+Jinja",
    "sshd config": "SSH Config", "ssp": "", "starlark": "Starlark", "strace": "",
    "stratego": "Stratego", "structured_basic": "BASIC", "sugarss": "SugarSS", "svg": "SVG",
    "syslog": "", "tableGen": "", "tads3": "TADS 3", "tasm": "Assembly", "tcl/tk": "Tcl",
    "tcsh": "Tcsh", "teal": "Teal", "tex": "TeX", "tex ": "", "tex_dtx": "TeX", "text": "Text",
    "text ": "", "tnsdl": "", "tt2": "Template Toolkit", "ttcn": "", "ttl": "Turtle",
    "typescriptreact": "TSX", "umka": "", "uri": "", "v": "V", "varlink": "",
    "vb.net": "Visual Basic .NET", "vbnet": "Visual Basic .NET",
    "velocity template language": "Velocity Template Language", "vhdl": "VHDL", "vim": "Vim Script",
    "vim script": "Vim Script", "viml": "Vim Script", "visual basic": "VBA|Visual Basic 6.0",
    "visual basic .net": "Visual Basic .NET",
    "visual studio solution": "Microsoft Visual Studio Solution", "visual-basic": "VBA",
    "visual_basic": "VBA|Visual Basic 6.0|BASIC", "vuejs component": "Vue", "wat": "WebAssembly",
    "web services description": "XML", "webassembly": "WebAssembly", "wiki": "MediaWiki",
    "wikitext": "MediaWiki", "windows message file": "Win32 Message File", "wolfram": "Mathematica",
    "wowtoc": "World of Warcraft Addon Data", "wxml": "", "wxss": "", "x++": "", "xaml": "XML",
    "xbase": "xBase|Harbour", "xeora": "", "xml": "XML|XML Property List|SVG|Maven POM|XSLT",
    "xmlschema": "XML", "xsl-fo": "XML|XSLT", "xslt": "XSLT", "xul+mozpreproc": "XML",
    "yaml": "YAML", "yaml+jinja": "YAML|Jinja|SaltStack", "zig": "Zig", "zone": "DNS Zone",
}  # fmt: skip
