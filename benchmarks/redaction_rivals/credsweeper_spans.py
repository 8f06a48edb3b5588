"""CredSweeper as a detector, with its model (`CREDSWEEPER_NO_ML=1` leaves it out).

It gives the line and the columns of each value.
"""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

from credsweeper.app import CredSweeper
from credsweeper.common.constants import Severity, ThresholdPreset
from credsweeper.file_handler.text_content_provider import TextContentProvider
from interface import line_starts, serve

if TYPE_CHECKING:
    from collections.abc import Iterator


def detector() -> CredSweeper:
    """Set it up as its command line does by default."""
    threshold = 0 if os.environ.get("CREDSWEEPER_NO_ML") else ThresholdPreset.medium
    return CredSweeper(ml_threshold=threshold, severity=Severity.INFO)


def main() -> None:
    """Serve, one document at a time."""
    sweeper = detector()

    def detect(text: str) -> Iterator[tuple[int, int, str]]:
        provider = TextContentProvider(("input.txt", io.BytesIO(text.encode())))
        candidates = sweeper.file_scan(provider)
        sweeper.credential_manager.set_credentials(candidates)
        sweeper.post_processing(None)
        starts = line_starts(text)
        for candidate in sweeper.credential_manager.get_credentials():
            for line in candidate.line_data_list:
                start = starts[line.line_num - 1]
                yield start + line.value_start, start + line.value_end, "SECRET"

    serve(detect)


if __name__ == "__main__":
    main()
