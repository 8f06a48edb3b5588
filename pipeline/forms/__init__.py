"""The opt-out form for issue trackers, and the guide for who fills it in: files that are written out as they are."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Final

from pipeline.errors import ConfigError
from pipeline.release import write_bytes

if TYPE_CHECKING:
    from pathlib import Path

FORMS: Final = ("opt-out.yml", "opt-out.md", "how-to-opt-out.md")
"""GitHub's issue form, the same for any other tracker or mail, and the guide."""


def read_form_file(name: str) -> bytes:
    """Return one of `FORMS`."""
    return resources.files(__name__).joinpath(name).read_bytes()


def write_forms(folder: Path, *, force: bool = False) -> list[Path]:
    """Write the forms into a folder; returns their paths.

    Raises:
        ConfigError: a file is there that differs, which only `force` overwrites; nothing is written.
    """
    wanted = {folder / name: read_form_file(name) for name in FORMS}
    try:
        changed = [
            path for path, data in wanted.items() if path.exists() and path.read_bytes() != data
        ]
        if changed and not force:
            raise ConfigError(f"optout: {changed[0]}: is there and differs: --force overwrites it")
        for path, data in wanted.items():
            write_bytes(path, data)
    except OSError as error:
        raise ConfigError(f"optout: {folder}: {error.strerror}") from error
    return list(wanted)
