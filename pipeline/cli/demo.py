"""`gristmill demo`: a release of the Python packages installed on this machine, end to end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli import run
from pipeline.cli.options import add_run_options
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    import argparse

_CONFIG = "demo.toml"


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "demo", help="make a release of the installed Python packages", description=__doc__
    )
    add_run_options(parser)
    parser.set_defaults(handler=handle, rehash=False)


def demo_config() -> Path:
    """Find the demo's config: in the checkout, or as the wheel carries it.

    Raises:
        ConfigError: neither is there.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package.parent / "configs", package / "configs"):
        if (folder / _CONFIG).is_file():
            return folder / _CONFIG
    raise ConfigError(f"demo: {_CONFIG} is not installed: reinstall gristmill")


def handle(options: argparse.Namespace) -> int:
    """Run the demo's config as `run` does; the last line on stdout is the release's path."""
    options.config, options.overrides = demo_config(), []
    return run.handle(options)
