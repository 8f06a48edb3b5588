"""A regex that is compiled when it is first used.

There are thousands in the tables of provider tokens, and a run uses few of them: to compile all takes half a
second of every process that loads the rules.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Spelled:
    """A regex over text, `re.ASCII`: what a rule asks of a `re.Pattern`. `flags` are as `re.compile` takes them."""

    pattern: str
    flags: int = re.ASCII

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, self.flags)

    def finditer(
        self, text: str, start: int = 0, end: int = sys.maxsize
    ) -> Iterator[re.Match[str]]:
        """Find as a `re.Pattern` does."""
        return self._compiled.finditer(text, start, end)

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Search as a `re.Pattern` does."""
        return self._compiled.search(text, start, end)
