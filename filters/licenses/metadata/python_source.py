"""setup.py and conanfile.py: literals found on the syntax tree; nothing is ever executed."""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING, Final

from filters.licenses.metadata.claims import Claim, MetadataError, bounded, settle
from filters.licenses.metadata.python_project import CLASSIFIER, read_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from filters.licenses.evidence import Evidence

_MAX_SOURCE: Final = 1 << 20  # code points; the parser's stack is C's
_KEYS: Final = frozenset(["license", "licence"])
_LINE: Final = re.compile(r"\r\n|\r|\n")
_OLD: Final = re.compile(
    r"^[^#\n]*?\blicen[cs]e[\"']?\s*[=:]\s*(\"[^\"\n]*\"|'[^'\n]*')", re.MULTILINE
)
_OLD_CLASSIFIER: Final = re.compile(r"^[^#\n]*?[\"'](License ::[^\"'\n]*)[\"']", re.MULTILINE)


class _Source:
    """A parsed file whose nodes can be found in its text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = _parse(text)
        self.starts = [0, *(match.end() for match in _LINE.finditer(text))]
        self.names = {
            target.id: node.value
            for node in self.tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }

    def claim(self, node: ast.expr) -> Claim | None:
        """Read a string, or a name that the module gives one."""
        if isinstance(node, ast.Name):
            node = self.names.get(node.id, node)
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            return None
        return self.place(node, node.value)

    def place(self, node: ast.Constant, value: str) -> Claim:
        """Give the value's place within the literal, or no place where it is written with escapes."""
        start = self.offset(node.lineno, node.col_offset)
        end = self.offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
        at = self.text.find(value, start, end) if value else -1
        return Claim(value, at, at + len(value)) if at >= 0 else Claim(value)

    def offset(self, line: int, column: int) -> int:
        """Turn a line and a column in UTF-8 bytes into code points of the text."""
        start = self.starts[line - 1]
        return start + len(
            self.text[start : start + column].encode()[:column].decode(errors="ignore")
        )


def _parse(text: str) -> ast.Module:
    if len(text) > _MAX_SOURCE:
        raise MetadataError("longer than a million characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of strange escapes in somebody else's strings
            return ast.parse(text)
    except (SyntaxError, ValueError, MemoryError) as error:
        raise MetadataError("not Python 3") from error


def read_setup_py(text: str) -> tuple[Evidence, ...]:
    """Read the `license` of any call or dictionary, and the classifiers among all strings.

    What Python 3 cannot parse is searched line by line, for it may be Python 2.
    """
    try:
        source = _Source(text)
    except MetadataError:
        return _read_old(text)
    field = [claim for node in _values(source.tree) if (claim := source.claim(node)) is not None]
    return read_statements(field[:1], _classifiers(source))


def _values(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield what a keyword or a dictionary's key called license holds, `setup(…)` first."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda call: not _is_setup(call.func)):
        yield from (each.value for each in node.keywords if each.arg in _KEYS)
    for found in ast.walk(tree):
        if isinstance(found, ast.Dict):
            for key, value in zip(found.keys, found.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in _KEYS:
                    yield value


def _is_setup(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name == "setup"


def _classifiers(source: _Source) -> list[Claim]:
    found = [
        (node, line.strip())
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for line in (node.value.splitlines() if CLASSIFIER in node.value else ())
        if line.strip().startswith(CLASSIFIER)
    ]
    return [source.place(node, line) for node, line in bounded(found)]


def _read_old(text: str) -> tuple[Evidence, ...]:
    field = [Claim(m[1][1:-1], m.start(1) + 1, m.end(1) - 1) for m in _OLD.finditer(text)]
    listed = [Claim(m[1], *m.span(1)) for m in _OLD_CLASSIFIER.finditer(text)]
    if not field and not listed:
        raise MetadataError("not Python")
    return read_statements(field[:1], listed)


def read_class_field(text: str) -> tuple[Evidence, ...]:
    """Read `license = …` in a class's body (Conan): a string, or several that all apply."""
    source = _Source(text)
    found: list[Claim] = []
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Assign) or not _names_license(node):
            continue
        several = isinstance(node.value, ast.Tuple | ast.List)
        values = node.value.elts if isinstance(node.value, ast.Tuple | ast.List) else [node.value]
        claims = (source.claim(each) for each in (values if several else [node.value]))
        found.extend(claim for claim in claims if claim is not None)
    return settle(found)


def _names_license(node: ast.Assign) -> bool:
    return any(isinstance(each, ast.Name) and each.id in _KEYS for each in node.targets)
