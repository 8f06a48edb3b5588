"""The papers of a release that say what it is: the datasheet and the disclosure forms, by path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from manifests.figures import Figures
from manifests.metadata.california import CALIFORNIA_DATA, CALIFORNIA_PAGE, california_form
from manifests.metadata.datasheet import DATASHEET, datasheet_form
from manifests.metadata.eu_summary import EU_DATA, EU_PAGE, eu_form
from manifests.metadata.forms import as_json, markdown

if TYPE_CHECKING:
    from manifests.manifest import Manifest


class Statistics(msgspec.Struct, frozen=True):
    """The part of reports/stats.json that forms need: figures, and licence expression -> its class."""

    content: Figures | None = None
    classes: dict[str, str] = {}


def disclosure_papers(manifest: Manifest, statistics: bytes) -> dict[str, bytes]:
    """Return DATASHEET.md and both forms as Markdown and JSON, from reports/stats.json.

    Of the manifest's files only the shards play a part, so a draft without papers will do. Raises
    `ValueError` when the statistics cannot be read.
    """
    told = msgspec.json.decode(statistics, type=Statistics)
    eu = eu_form(manifest, told.content)
    california = california_form(manifest, told.content, told.classes)
    return {
        DATASHEET: markdown(datasheet_form(manifest, told.content)).encode(),
        EU_PAGE: markdown(eu).encode(),
        EU_DATA: as_json(eu, manifest),
        CALIFORNIA_PAGE: markdown(california).encode(),
        CALIFORNIA_DATA: as_json(california, manifest),
    }
