"""Plug-ins: what other installed packages offer under our groups of entry points, and what is known of their code.

They are found by name among the metadata of what is installed. Nothing is imported but what a config or
a command asks for, and what is wrong with one is told of that one, by kind, name and package.
"""

from __future__ import annotations

import functools
import hashlib
import traceback
from contextlib import contextmanager
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, get_args

from manifests.manifest import Plugin
from pipeline.errors import ConfigError, FaultError, GristmillError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Kind = Literal["adapter", "filter", "recogniser", "exporter"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
GROUPS: Final[dict[Kind, str]] = {kind: f"gristmill.{kind}s" for kind in KINDS}
"""The groups of entry points under which packages offer plug-ins."""

_LONGEST: Final = 200  # characters of what an import says of why it failed
_COMPILED: Final = "__pycache__"


class Offer(NamedTuple):
    """A plug-in as the metadata tell of it; `value` is its place, `module:attribute`.

    `distribution` and `version` are `""` for a module that no package was installed with.
    """

    kind: Kind
    name: str
    value: str
    distribution: str
    version: str

    def __str__(self) -> str:
        package = f" of {self.distribution} {self.version}" if self.distribution else ""
        return f"{self.kind} {self.name!r}{package}"

    @property
    def module(self) -> str:
        """The module that it is in."""
        return self.value.partition(":")[0].strip()


class Loaded(NamedTuple):
    """A plug-in that was imported: its offer and what lies at that place."""

    offer: Offer
    value: Any


def offers(kind: Kind) -> tuple[Offer, ...]:
    """List what is installed of one kind, sorted; nothing is imported.

    Raises:
        ConfigError: some package has entry points that do not read.
    """
    try:
        points = metadata.entry_points(group=GROUPS[kind])
    except Exception as error:  # noqa: BLE001  parsing what any package may have written raises anything
        raise ConfigError(
            f"plugins: the entry points of the installed packages do not read: {type(error).__name__}:"
            " reinstall the package that was installed last"
        ) from None
    return tuple(sorted(_offer(kind, point) for point in points))


def _offer(kind: Kind, point: metadata.EntryPoint) -> Offer:
    package = point.dist
    name, version = ("", "") if package is None else (package.name, package.version)
    return Offer(kind, point.name, point.value, name, version)


@functools.cache
def find(kind: Kind, name: str) -> Offer | None:
    """Find a plug-in by name, `None` where there is none. What is named `module:attribute` lies there.

    Raises:
        ConfigError: two packages offer it.
    """
    if ":" in name:
        return Offer(kind, name, name, *_package_of(name.partition(":")[0]))
    found = [each for each in offers(kind) if each.name == name]
    if len(found) > 1:
        both = " and ".join(f"{each.distribution} {each.version}" for each in found)
        raise ConfigError(f"{kind} {name!r}: {both} both offer it: uninstall one of them")
    return found[0] if found else None


def _package_of(module: str) -> tuple[str, str]:
    """Name the package that a module was installed with, and its version; empty where that cannot be told."""
    owners = set(metadata.packages_distributions().get(module.partition(".")[0], ()))
    if len(owners) != 1:
        return "", ""
    (owner,) = owners
    return owner, metadata.version(owner)


@functools.cache
def load(kind: Kind, name: str, fits: Callable[[Any], bool], what: str) -> Loaded | None:
    """Import a plug-in, `None` where there is none; it must fit, and `what` says what is expected.

    Raises:
        ConfigError: two packages offer it, it cannot be imported, or it is something else.
    """
    offer = find(kind, name)
    if offer is None:
        return None
    point = metadata.EntryPoint(name=name, value=offer.value, group=GROUPS[kind])
    try:
        value = point.load()
        fitting = fits(value)
    except Exception as error:  # noqa: BLE001  a stranger's module raises anything when it is imported
        said = (str(error).splitlines() or [""])[0][:_LONGEST]
        raise ConfigError(
            f"{offer}: {offer.value} is no {kind} that can be loaded: {type(error).__name__}: {said}:"
            " mend the package, or install what it needs"
        ) from None
    if not fitting:
        raise ConfigError(f"{offer}: {offer.value} is no {kind}: {what} is expected")
    return Loaded(offer, value)


@contextmanager
def blamed(offer: Offer, *, early: bool = False) -> Iterator[None]:
    """Name the plug-in behind what its code raises, by place and without a word of its message.

    Raises:
        FaultError: it raised something, over a record perhaps.
        ConfigError: it raised something and it is `early`, so that no record can be to blame.
    """
    try:
        yield
    except (GristmillError, OSError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001  a stranger's code raises anything
        kind = type(error).__name__
        problem = f"{offer}: unexpected {kind} at {_place(offer, error)}"
        raise (ConfigError(problem) if early else FaultError(problem, kind)) from None


def _place(offer: Offer, error: Exception) -> str:
    """Name the innermost line of the plug-in that an exception passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    home = _source(offer)
    theirs = [each for each in frames if Path(each.filename).resolve().is_relative_to(home)]
    place = (theirs or frames)[-1]
    return f"{Path(place.filename).name}:{place.lineno} ({place.name})"


@functools.cache
def identify(kind: str, name: str) -> Plugin:
    """Tell which plug-in it is: package, version and code. The code decides where versions are not kept up.

    Raises:
        ConfigError: there is none, or its code is not to be found.
    """
    known: Kind | None = next((each for each in KINDS if each == kind), None)
    offer = None if known is None else find(known, name)
    if offer is None:
        raise ConfigError(f"{kind} {name!r}: no installed package offers it")
    return Plugin(
        kind=kind,
        name=name,
        distribution=offer.distribution,
        version=offer.version,
        sha256=_digest(_source(offer)),
    )


def _source(offer: Offer) -> Path:
    """Find the outermost package, or the one file, that a plug-in's module is in, without importing it.

    Raises:
        ConfigError: there is no such module, or it is in no folder.
    """
    parts = offer.module.split(".")
    origin = None
    try:
        # a folder without __init__.py is no package of anybody: what is below it is
        for depth in range(1, len(parts) + 1):
            spec = util.find_spec(".".join(parts[:depth]))
            if spec is None or spec.origin is not None:
                origin = None if spec is None else Path(str(spec.origin)).resolve()
                break
    except (ImportError, ValueError):
        origin = None
    if origin is None or not origin.is_file():
        raise ConfigError(f"{offer}: the code of {offer.module!r} is not to be found: reinstall it")
    return origin.parent if origin.name == "__init__.py" else origin


def _digest(source: Path) -> str:
    """SHA-256 over the files of a package by path and content, or over one module."""
    digest = hashlib.sha256()
    files = [source] if source.is_file() else sorted(source.rglob("*"))
    for path in files:
        if path.is_file() and _COMPILED not in path.parts and path.suffix != ".pyc":
            digest.update(path.relative_to(source.parent).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def missing(wanted: tuple[Plugin, ...]) -> list[str]:
    """Say which plug-ins are not here, or are others here, and what to do; for each one line."""
    return [said for each in wanted if (said := _difference(each))]


def _difference(wanted: Plugin) -> str:
    what = f"{wanted.kind} {wanted.name!r}"
    advice = f"install {wanted.distribution}=={wanted.version}" if wanted.distribution else ""
    try:
        here = identify(wanted.kind, wanted.name)
    except ConfigError:
        return f"{what} is not installed: {advice or 'it must be found by its name'}"
    if here == wanted:
        return ""
    if (here.distribution, here.version) != (wanted.distribution, wanted.version):
        there = f"{here.distribution or 'no package'} {here.version}".strip()
        return f"{what} is of {there}, not of {wanted.distribution} {wanted.version}: {advice}"
    return f"{what} has other code than then under one version: {advice or 'bring that code back'}"


def is_installed(wanted: Plugin) -> bool:
    """Tell whether there is a plug-in of the kind and name, in whatever version."""
    try:
        return identify(wanted.kind, wanted.name).name == wanted.name
    except ConfigError:
        return False


def require(wanted: tuple[Plugin, ...], stage: str) -> None:
    """See to it that this process has the plug-ins that its task was made for.

    Raises:
        ConfigError: it has not.
    """
    problems = missing(wanted)
    if problems:
        raise ConfigError("\n".join(f"{stage}: on this machine {problem}" for problem in problems))
