"""A licence policy or the decisions made by hand, read from their file with every mistake in it."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from filters.licenses.decisions import Decisions, parse_decisions
from filters.licenses.policies import SHIPPED, parse_policy, policy_name_mistake
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from filters.licenses.policies import Policy
    from filters.licenses.policy import LicenseFilter
    from pipeline.config import Config


class Licenses(NamedTuple):
    """What a run holds of licences: the filter with the policy in it, if there is one, and what people decided."""

    filter: LicenseFilter | None = None
    decisions: Decisions = Decisions()


def open_licenses(config: Config, root: Path) -> Licenses:
    """Read the policy and the decisions that a config names, relative to its folder `root`.

    Raises:
        ConfigError: with one line for every mistake.
    """
    settings = config.license
    if settings is None:
        return Licenses()
    problems: list[str] = []
    base, decisions = None, Decisions()
    try:
        base = None if settings.policy is None else load_policy(settings.policy, root)[0]
    except ConfigError as error:
        problems.append(str(error))
    try:
        decisions = load_decisions(root / settings.decisions) if settings.decisions else decisions
    except ConfigError as error:
        problems.append(str(error))
    if problems:
        raise ConfigError("\n".join(problems))
    return Licenses(settings.as_filter(base) if settings.filters else None, decisions)


def load_policy(name: str, root: Path) -> tuple[Policy, str]:
    """Read a shipped policy by its name, or the file that `name` gives relative to `root`.

    Returns the policy and the hex SHA-256 of the file's bytes.

    Raises:
        ConfigError: with one line for every mistake.
    """
    mistake = policy_name_mistake(name)
    if mistake:
        raise ConfigError(f"config: license.{mistake}")
    path = _shipped_folder() / f"{name}.toml" if name in SHIPPED else root / name
    table, data = _read(path, name, "license.policy")
    try:
        return parse_policy(table, name), hashlib.sha256(data).hexdigest()
    except ValueError as error:
        raise ConfigError(_listed(error)) from error


def load_decisions(path: Path) -> Decisions:
    """Read a file of `[[decision]]` tables; its `digest` is the canonical content's, not the bytes'.

    Raises:
        ConfigError: with one line for every mistake.
    """
    table, _ = _read(path, str(path), "license.decisions")
    try:
        return parse_decisions(table)
    except ValueError as error:
        raise ConfigError(_listed(error, f"{path}: ")) from error


def _listed(error: ValueError, where: str = "") -> str:
    return "\n".join(f"config: {where}{line}" for line in str(error).splitlines())


def _shipped_folder() -> Path:
    """Find configs/policies: in the checkout, or as the wheel carries it."""
    package = Path(__file__).resolve().parent
    for folder in (package.parent / "configs/policies", package / "configs/policies"):
        if folder.is_dir():
            return folder
    raise ConfigError("config: license.policy: the policies are not installed: reinstall gristmill")


def _read(path: Path, shown: str, key: str) -> tuple[dict[str, Any], bytes]:
    try:
        data = path.read_bytes()
        return tomllib.loads(data.decode()), data
    except OSError as error:
        raise ConfigError(f"config: {key}: {shown}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"config: {key}: {shown}: is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"config: {key}: {shown}: not valid TOML: {error}") from error
