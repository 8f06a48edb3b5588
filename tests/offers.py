"""Packages of strangers as an installer leaves them: metadata with entry points, and a module."""

from __future__ import annotations

from pathlib import Path

from pipeline import plugins, recognising
from pipeline.plugins import Kind
from pipeline.sources import formats


def lay(
    site: Path, package: str, module: str, points: dict[tuple[Kind, str], str], version: str = "1.0"
) -> Path:
    """Lay a package into a folder; `points` are the places in its module by kind and name."""
    name = package.replace("-", "_")
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n", encoding="utf-8"
    )
    lines = []
    for (kind, called), place in points.items():
        lines += [f"[{plugins.GROUPS[kind]}]", f"{called} = {name}:{place}"]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (site / f"{name}.py").write_text(module, encoding="utf-8")
    return site


def forget() -> None:
    """Forget what this process knows of plug-ins: what is installed does not change under a real one."""
    for cached in (
        plugins.find,
        plugins.load,
        plugins.identify,
        recognising._finder,
        formats.adapter_of,
    ):
        cached.cache_clear()
