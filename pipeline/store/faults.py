"""What a store answers when it cannot: each refusal becomes an error of ours, and what may pass is asked again.

The packages behind fsspec each have errors of their own, and load only where a store is used: so
they are told apart by name and code. No message of theirs is passed on, it may name a key.
"""

from __future__ import annotations

import errno
import time
from typing import TYPE_CHECKING, Any, Final

from pipeline.errors import ConfigError, GristmillError, at
from pipeline.store.address import scheme_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE: Final = 120.0
"""Seconds that a store which has answered before may be out of reach: a partition of the network ends."""

_WAITS: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
_EXTRAS: Final = {"s3": "[s3]", "s3a": "[s3]"}
_EXPIRED: Final = "FileExpired"
_EXISTS: Final = {"PreconditionFailed", "412"}
_NO_BUCKET: Final = "NoSuchBucket"
_CREDENTIALS: Final = {
    "NoCredentialsError",
    "PartialCredentialsError",
    "CredentialRetrievalError",
    "ProfileNotFound",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
    "SSOTokenLoadError",
}
_PASSING: Final = {
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "EndpointConnectionError",
    "FSTimeoutError",
    "HTTPClientError",
    "IncompleteRead",
    "ReadTimeoutError",
    "ResponseParserError",
    "ClientConnectionError",
    "ClientPayloadError",
    "ServerDisconnectedError",
}
_BUSY: Final = {errno.EBUSY, getattr(errno, "EREMOTEIO", errno.EIO)}

_answered: set[str] = set()  # kinds of store that have answered in this process


class ChangedError(Exception):
    """The object is another one than when it was opened; it never leaves this package."""


class NoRangeError(Exception):
    """The object has none of the bytes that were asked for; it never leaves this package."""


_OURS: Final[dict[str, type[Exception]]] = {
    _EXPIRED: ChangedError,
    "InvalidRange": NoRangeError,
    "416": NoRangeError,
}


def ask(url: str, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Call a function of a file system for a URL; wait where the store is out of reach for a while.

    Raises:
        FileNotFoundError: there is no such object.
        FileExistsError: there is one, and it was to be created.
        ChangedError: it is another one than when it was opened.
        NoRangeError: a part was asked for, and it has no byte there.
        ConfigError: the bucket is missing, or access is refused.
        GristmillError: the store cannot be reached, or fails.
    """
    began = time.monotonic()
    for attempt in range(1 << 30):
        try:
            answer = function(*arguments, **options)
        except Exception as error:  # noqa: BLE001  every package behind fsspec has a tree of its own
            patient = scheme_of(url) in _answered and time.monotonic() - began < PATIENCE
            if not (patient and _may_pass(error)):
                raise _told(url, error) from None
            time.sleep(_WAITS[min(attempt, len(_WAITS) - 1)])
        else:
            _answered.add(scheme_of(url))
            return answer
    raise AssertionError("unreachable")


def prepare(url: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function that asks nothing of the store itself; raises `ConfigError` as `ask` does."""
    try:
        return function(*arguments)
    except Exception as error:  # noqa: BLE001  as in `ask`
        raise _told(url, error) from None


def _may_pass(error: Exception) -> bool:
    names = {each.__name__ for each in type(error).__mro__}
    if _EXPIRED in names:
        return False
    if isinstance(error, TimeoutError | ConnectionError) or names & _PASSING:
        return True
    return isinstance(error, OSError) and error.errno in _BUSY


def _told(url: str, error: Exception) -> Exception:  # noqa: PLR0911  one for each answer
    """Say in our terms what went wrong; the error itself is left behind."""
    name, code = type(error).__name__, _code(error)
    place = shown(url)
    if isinstance(error, GristmillError | AssertionError):
        return error
    if name in _OURS or code in _OURS:
        return _OURS.get(name, _OURS.get(code, ChangedError))()
    if code == _NO_BUCKET:
        return ConfigError(at("start", place, "there is no such bucket"))
    if isinstance(error, FileNotFoundError):
        return FileNotFoundError(errno.ENOENT, "is not there", place)
    if isinstance(error, FileExistsError) or code in _EXISTS:
        return FileExistsError(errno.EEXIST, "is there already", place)
    if isinstance(error, ImportError):
        extra = _EXTRAS.get(scheme_of(url), "of its kind of store")
        return ConfigError(
            at("start", place, f"a package is missing: is the extra {extra} installed?")
        )
    if isinstance(error, ValueError) and "rotocol" in str(error):
        return ConfigError(at("start", place, "no package knows this kind of store"))
    if isinstance(error, PermissionError) or name in _CREDENTIALS:
        return ConfigError(at("start", place, f"access is refused ({code or name})"))
    if _may_pass(error):
        return GristmillError(at("store", place, f"cannot be reached ({code or name})"))
    return GristmillError(at("store", place, f"the store fails ({code or name})"))


def _code(error: BaseException) -> str:
    """Return the code of S3's answer, which the error or its cause carries."""
    for each in (error, error.__cause__):
        response = getattr(each, "response", None)
        if isinstance(response, dict):
            return str(response.get("Error", {}).get("Code", ""))
    return ""
