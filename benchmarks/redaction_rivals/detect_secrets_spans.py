"""detect-secrets 1.5 as a detector: its default plugins and filters on each document as a file.

Its values are no spans: each value is sought on its line, which is what a user has to do with them.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings
from interface import line_starts, places, serve

if TYPE_CHECKING:
    from collections.abc import Iterator


def detect(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where the values of a document stand."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "text.txt")
        path.write_text(text, encoding="utf-8")
        secrets = SecretsCollection()
        secrets.scan_file(str(path))
    starts = [*line_starts(text), len(text)]
    for _, secret in secrets:
        number = min(secret.line_number, len(starts) - 1)
        for low, high in places(
            text, secret.secret_value or "", starts[number - 1], starts[number]
        ):
            yield low, high, "SECRET"


if __name__ == "__main__":
    with default_settings():
        serve(detect)
