"""Where a Dask cluster is, and who may talk to it: whoever reaches a port of Dask's runs code as its owner.

Dask asks for no password and takes pickled functions, so an address in clear text is for one's own
machine alone; elsewhere both sides show certificates of one authority (TLS).
"""

from __future__ import annotations

import ipaddress
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import dask
from distributed.security import Security

from pipeline.errors import ConfigError, at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.engine.crew import Cluster

_ENCRYPTED: Final = frozenset({"tls", "wss"})
_CLIENT: Final = ("tls_ca_file", "tls_client_cert", "tls_client_key")


@contextmanager
def dask_config(path: Path | None) -> Iterator[dict[str, Any]]:
    """Put a file of Dask's own settings over those it finds by itself; yield what the file says.

    Raises:
        ConfigError: it is not there, or is no YAML of nested names.
    """
    if path is None:
        yield {}
        return
    if not path.is_file():
        raise ConfigError(at("start", str(path), "is no file: --dask-config takes one"))
    try:
        found = list(dask.config.collect_yaml([str(path)]))
    except (OSError, ValueError) as error:  # its text may quote a key or a password of the site
        raise ConfigError(at("start", str(path), "is no config of Dask's, in YAML")) from error
    with dask.config.set(dask.config.merge(dask.config.config, *found)):
        yield dask.config.merge(*found)


def address_of(cluster: Cluster) -> str:
    """Return the address of the scheduler, as given or as it has written it into its file.

    Raises:
        ConfigError: the file is not what `dask scheduler --scheduler-file` writes, or anyone who
            reaches the address could run code as its owner.
    """
    address = cluster.scheduler or _written(cluster.scheduler_file)
    if "://" not in address:
        address = f"tcp://{address}"
    protocol, _, place = address.partition("://")
    if protocol not in _ENCRYPTED and not cluster.insecure and not _is_loopback(place):
        raise ConfigError(
            f"start: {address}: anyone who reaches that port can run code as you: use tls://,"
            " or give --insecure where the network keeps strangers out"
        )
    return address


def _written(path: Path | None) -> str:
    try:
        address = json.loads(path.read_bytes())["address"] if path else ""
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            at("start", str(path), "is no file that a Dask scheduler has written")
        ) from error
    return str(address)


def _is_loopback(place: str) -> bool:
    """Tell whether `host:port` is on this machine and nowhere else; names but `localhost` are not looked up."""
    host = place.rpartition(":")[0] if not place.endswith("]") else place
    host = (host or place).strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def security_of(address: str, cluster: Cluster) -> Security:
    """Return the certificates to show: those given, else those of Dask's own config.

    Raises:
        ConfigError: one is missing, or they are given for an address in clear text.
    """
    encrypted = address.partition("://")[0] in _ENCRYPTED
    if cluster.tls is not None and not encrypted:
        raise ConfigError(f"start: {address}: certificates go with an address of tls://")
    files: dict[str, Any] = {}
    if cluster.tls is not None:
        files = dict(zip(_CLIENT, map(str, cluster.tls), strict=True))
    security = Security(require_encryption=encrypted or None, **files)
    if not encrypted:
        return security
    for name in _CLIENT[:2]:  # the key may lie in the file of the certificate
        if not getattr(security, name):
            raise ConfigError(
                "start: tls:// needs --tls-ca, --tls-cert and --tls-key,"
                " or distributed.comm.tls of Dask's config"
            )
    try:
        security.get_connection_args("client")  # reads them all
    except (OSError, ValueError) as error:
        told = ", ".join(str(getattr(security, name)) for name in _CLIENT)
        raise ConfigError(f"start: no certificates and key that fit in {told}") from error
    return security
