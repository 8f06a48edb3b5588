"""A cluster whose scheduler takes certificates: who shows none is refused, and the bytes are the same."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipeline.engine.cluster import connect
from pipeline.engine.crew import Cluster, Tls
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from conftest import Gristmill


def authority(folder: Path) -> Tls:
    """Make an authority and one certificate of it, for a scheduler, its workers and its client."""
    folder.mkdir()
    signer, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in ("ca", "mill")]
    now = dt.datetime.now(dt.UTC)

    def certificate(name: x509.Name, key: ec.EllipticCurvePublicKey, *, signs: bool) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(names[0])
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=signs, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                critical=False,
            )
        )
        made = builder.sign(signer, hashes.SHA256())
        return made.public_bytes(serialization.Encoding.PEM)

    tls = Tls(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    tls.ca.write_bytes(certificate(names[0], signer.public_key(), signs=True))
    tls.cert.write_bytes(certificate(names[1], own.public_key(), signs=False))
    tls.key.write_bytes(
        own.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return tls


class Running(NamedTuple):
    address: str
    file: Path  # where the scheduler wrote its address
    tls: Tls


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("tls")
    tls = authority(home / "authority")
    file = home / "scheduler.json"
    common = ["--tls-ca-file", tls.ca, "--tls-cert", tls.cert, "--tls-key", tls.key]
    common += ["--scheduler-file", file, "--protocol", "tls", "--host", "127.0.0.1"]
    parts = (
        ["scheduler", "--port", "0", "--no-dashboard"],
        ["worker", "--nthreads", "1", "--no-dashboard", "--local-directory", home],
    )
    dask = Path(sys.executable).with_name("dask")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    processes = [
        subprocess.Popen([dask, *map(str, part), *map(str, common)], **quiet) for part in parts
    ]
    try:
        for _ in range(600):
            if file.exists() and file.stat().st_size:  # it is there before it is written
                break
            time.sleep(0.1)
        yield Running(json.loads(file.read_text())["address"], file, tls)
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait(timeout=30)


def test_certificates_open_it_and_change_no_byte(
    gristmill: Gristmill, running: Running, corpus: Path, release: Path, tmp_path: Path
) -> None:
    tls = running.tls
    shown = ["--tls-ca", tls.ca, "--tls-cert", tls.cert, "--tls-key", tls.key]
    where = ["--executor", "dask", "--scheduler", running.address]
    done = gristmill("run", corpus / "mill.toml", "--out", tmp_path, *where, *shown)
    assert done.returncode == 0, done.stderr
    made = Path(done.stdout.splitlines()[-1])
    assert (made / "SHA256SUMS").read_bytes() == (release / "SHA256SUMS").read_bytes()


def test_a_file_of_dask_s_own_and_the_scheduler_s_file_do_as_well(
    running: Running, tmp_path: Path
) -> None:
    ca, cert, key = map(str, running.tls)
    settings = tmp_path / "dask.yaml"
    own = {"ca-file": ca, "client": {"cert": cert, "key": key}}
    settings.write_text(json.dumps({"distributed": {"comm": {"tls": own}}}))  # JSON is YAML
    with connect(Cluster(scheduler_file=running.file, settings=settings)) as client:
        assert client.submit(pow, 2, 5).result() == 32


def test_a_stranger_s_certificates_and_clear_text_are_refused(
    running: Running, tmp_path: Path
) -> None:
    stranger = authority(tmp_path / "other")
    clear = Cluster(running.address.replace("tls:", "tcp:"))
    for cluster in (Cluster(running.address, tls=stranger), clear):
        with pytest.raises(ConfigError, match="no Dask scheduler answers"), connect(cluster):
            pass
