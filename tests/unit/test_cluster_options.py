"""What the options of a cluster may be, and which are refused before anything is reached."""

from __future__ import annotations

from pathlib import Path

import dask
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.app import main
from pipeline.engine.cluster import SETTINGS, settings_of
from pipeline.engine.crew import Cluster, Crew, Tls, open_executor
from pipeline.engine.secure import address_of, dask_config, security_of
from pipeline.engine.slurm import walltime_seconds
from pipeline.engine.work import Work
from pipeline.errors import ConfigError


@pytest.mark.parametrize(
    "place", ["127.0.0.1:8786", "localhost:8786", "[::1]:8786", "127.9.9.9:1", "[::1]", "localhost"]
)
def test_clear_text_stays_on_this_machine(place: str) -> None:
    assert address_of(Cluster(f"tcp://{place}")) == f"tcp://{place}"
    assert address_of(Cluster(place)) == f"tcp://{place}"


@given(st.ip_addresses().filter(lambda each: not each.is_loopback), st.integers(1, 65535))
def test_clear_text_goes_nowhere_else_unless_a_person_says_so(where: object, port: int) -> None:
    host = f"[{where}]" if ":" in str(where) else str(where)
    address = f"tcp://{host}:{port}"
    with pytest.raises(ConfigError, match="run code as you"):
        address_of(Cluster(address))
    assert address_of(Cluster(address, insecure=True)) == address
    assert address_of(Cluster(address.replace("tcp", "tls"))).startswith("tls://")


@pytest.mark.parametrize(
    "address",
    ["tcp://host:8786", "tcp://localhost.example.org:1", "ws://10.0.0.1:1", "127.0.0.1.example:1"],
)
def test_names_and_other_protocols_are_no_exception(address: str) -> None:
    with pytest.raises(ConfigError, match="--insecure"):
        address_of(Cluster(address))


@pytest.mark.parametrize("text", ["", "{}", "[]", '"tcp://127.0.0.1:1"', "\xff"])
def test_a_scheduler_file_is_one(tmp_path: Path, text: str) -> None:
    file = tmp_path / "scheduler.json"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(ConfigError, match="no file that a Dask scheduler has written"):
        address_of(Cluster(scheduler_file=file))


def test_a_scheduler_file_opens_no_hole(tmp_path: Path) -> None:
    file = tmp_path / "scheduler.json"
    file.write_text('{"address": "tcp://10.0.0.1:8786"}')
    with pytest.raises(ConfigError, match="run code as you"):
        address_of(Cluster(scheduler_file=file))


def test_tls_needs_certificates_and_certificates_need_tls(tmp_path: Path) -> None:
    files = Tls(*(tmp_path / name for name in ("ca", "cert", "key")))
    with pytest.raises(ConfigError, match="needs --tls-ca"):
        security_of("tls://h:1", Cluster())
    with pytest.raises(ConfigError, match="no certificates and key that fit"):
        security_of("tls://h:1", Cluster(tls=files))
    with pytest.raises(ConfigError, match="go with an address of tls"):
        security_of("tcp://127.0.0.1:1", Cluster(tls=files))


@pytest.mark.parametrize(
    ("name", "cluster", "told"),
    [
        ("local", Cluster(insecure=True), "--insecure goes with --executor dask"),
        ("sync", Cluster(settings=Path("x")), "--dask-config goes with --executor dask or --ex"),
        ("slurm", Cluster("tcp://127.0.0.1:1"), "--scheduler goes with --executor dask"),
        ("slurm", Cluster(tls=Tls(Path(), Path(), Path())), "--tls-key go with --executor dask"),
        ("dask", Cluster("a", Path("b")), "or --scheduler-file FILE"),
    ],
)
def test_an_option_that_nothing_would_read_is_refused(
    tmp_path: Path, name: str, cluster: Cluster, told: str
) -> None:
    with (
        pytest.raises(ConfigError, match=told),
        open_executor(Crew(name, 1, cluster), Work(tmp_path)),
    ):
        pass


def test_part_of_the_certificates_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(tmp_path / "x.toml"), "--executor", "dask", "--tls-ca", "x"]) == 2
    assert "go together" in capsys.readouterr().err


def test_settings_are_dask_s_own_and_only_while_they_are_needed(tmp_path: Path) -> None:
    file = tmp_path / "dask.yaml"
    file.write_text("distributed: {comm: {tls: {ca-file: here.pem}}}\n")
    before = dask.config.get("distributed.comm.timeouts.connect")
    with dask_config(file):
        assert dask.config.get("distributed.comm.tls.ca-file") == "here.pem"
        assert dask.config.get("distributed.comm.timeouts.connect") == before
    assert dask.config.get("distributed.comm.tls.ca-file") is None


def test_a_site_says_how_long_a_machine_may_be_silent_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "dask.yaml"
    file.write_text("distributed: {scheduler: {worker-ttl: 10s, allowed-failures: 9}}\n")
    with dask_config(None) as own:
        assert settings_of(own) == SETTINGS
    with dask_config(file) as own:
        assert settings_of(own) == SETTINGS | {"distributed.scheduler.worker-ttl": "10s"}


@pytest.mark.parametrize("text", ["a: [", "- a", "\x00"])
def test_settings_that_are_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "dask.yaml"
    with pytest.raises(ConfigError, match="is no file"), dask_config(file):
        pass
    file.write_text(text)
    with pytest.raises(ConfigError, match="is no config of Dask's"), dask_config(file):
        pass


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 1800),
        ("10:30", 630),
        ("01:00:00", 3600),
        ("2-0", 172800),
        ("1-12", 129600),
        ("1-12:30", 131400),
        ("1-00:00:30", 86430),
        ("UNLIMITED", None),
        ("0", None),
        ("", None),
    ],
)
def test_a_walltime_is_read_as_sbatch_reads_it(text: str, seconds: int | None) -> None:
    assert walltime_seconds(text) == seconds
