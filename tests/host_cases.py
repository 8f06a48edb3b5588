"""What may happen to a run over several machines, each as a function that ends with the same bytes or fails."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

from filters.subjects import subject
from pipeline.engine.crew import SYNC
from pipeline.optout import add
from pipeline.run import run_config
from tests import object_store
from tests.machines import BUCKET, GRISTMILL, Machine, Site, ended, wait

SHARDS = 8
_AUTHORS = b"a key of author subjects"
_AT = "@" + "watermill-museum.org"
_CONFIG = """
[release]
name = "m"
shards = 4
[[sources]]
name = "s"
paths = ["{inputs}"]
[split]
validation = 0.1
[redact]
key = "redaction.key"
replace = {{ EMAIL = "surrogate" }}
[optout]
registry = "events.jsonl"
key = "authors.key"
"""
_SHORT_TTL = "distributed:\n  scheduler:\n    worker-ttl: 10s\n"


def write_corpus(root: Path, inputs: str = f"s3://{BUCKET}/in") -> None:
    """Write shards with equal and similar documents, and the config that names them, `inputs`.

    Both keys are files beside the config: other machines do not see them.
    """
    (root / "in").mkdir(parents=True)
    for shard in range(SHARDS):
        lines = [json.dumps(_document(n)) for n in range(shard * 30, shard * 30 + 45)]
        (root / f"in/{shard}.jsonl").write_text("\n".join(lines) + "\n")
    (root / "m.toml").write_text(_CONFIG.format(inputs=inputs))
    (root / "redaction.key").write_bytes(b"a key of redaction\n")
    (root / "authors.key").write_bytes(_AUTHORS)
    add(root / "events.jsonl", [subject("author", "miller3" + _AT, key=_AUTHORS)])


def _document(number: int) -> dict[str, object]:
    """Make one that names its author, one of forty; every fifth is nearly the one before it."""
    author = f"miller{number % 40}{_AT}"
    words = random.Random(number - (number % 5 == 0)).choices(range(900), k=200)
    text = " ".join(f"word{each}" for each in words)
    return {"text": f"{text} Write to {author}.", "meta": {"author": author}}


def upload(foreign: object, corpus: Path) -> None:
    """Put the inputs where the config says."""
    object_store.upload(foreign, BUCKET, corpus / "in", "in/")


def reference(folder: Path, corpus: Path) -> bytes:
    """Return the SHA256SUMS of a run in one process, whose releases and work lie on this machine."""
    with object_store.serve(folder) as address:
        foreign = object_store.client(address)
        foreign.create_bucket(Bucket=BUCKET)
        upload(foreign, corpus)
        before = dict(os.environ)
        os.environ.update(object_store.environment(address))
        try:
            made = run_config(corpus / "m.toml", out=folder / "out", crew=SYNC).release
        finally:
            os.environ.clear()
            os.environ.update(before)
    return (made / "SHA256SUMS").read_bytes()


def check(site: Site, sums: bytes, *dead: Machine) -> None:
    """See that the release is right, and that nothing is left anywhere but on machines that are dead."""
    assert site.read("r/m-1.0.0/SHA256SUMS") == sums
    left = site.keys()
    kinds = ("w/tmp/", "w/probe/", "w/claims/", "w/hung/")
    assert not [key for key in left if key.startswith(kinds) or ".partial" in key]
    assert not [path for path in (site.folder / "mirrors").rglob("*") if path.is_file()]
    for each in site.machines:
        if each not in dead:
            assert not each.mirrored(), each.mirrored()


def plain(site: Site, sums: bytes) -> None:
    """Nothing happens, and both hosts take part."""
    scheduler = site.start_cluster()
    if site.hidden:  # the work folder is none of the hosts'
        _, err = ended(site.run_on(scheduler, "--work", site.corpus / "work"), 2)
        assert "not to be seen from workers" in err
    out, _ = ended(site.run_on(scheduler))
    assert out.splitlines()[-1] == f"s3://{BUCKET}/r/m-1.0.0"
    worked = {marker["pid"] for marker in site.markers()}
    assert all(worked & host.pids() for host in site.hosts)
    check(site, sums)


def host_killed(site: Site, sums: bytes) -> None:
    """Workers and nannies of a host are gone at once."""
    run = site.run_on(site.start_cluster())
    site.await_screens(2, run)
    lost = site.hosts[0]
    lost.kill()
    ended(run)
    check(site, sums, lost)


def store_away(site: Site, sums: bytes) -> None:
    """The store refuses everybody for a while."""
    run = site.run_on(site.start_cluster())
    site.await_screens(2, run)
    site.gate.close()
    time.sleep(6)
    site.gate.open()
    ended(run)
    check(site, sums)


def scheduler_killed(site: Site, sums: bytes) -> None:
    """The command says so; the same command goes on with another scheduler."""
    run = site.run_on(site.start_cluster())
    site.await_screens(2, run)
    site.chief.kill()
    _, err = ended(run, 1)
    assert err.count("is its scheduler gone? Start it and its workers") == 1, err
    assert "Traceback" not in err, err
    before = {marker["pid"] for marker in site.markers("screen/")}
    for host in site.hosts:
        host.kill()
    ended(site.run_on(site.start_cluster()))
    assert before <= {marker["pid"] for marker in site.markers("screen/")}  # none was done again
    check(site, sums)


def partition(site: Site, sums: bytes, seconds: float = 25.0, *options: object) -> None:
    """A host is cut off from scheduler and store, and comes back."""
    run = site.run_on(site.start_cluster(), *options)
    site.await_screens(2, run)
    site.hosts[1].cut()
    time.sleep(seconds)
    site.hosts[1].mend()
    ended(run)
    check(site, sums)


def partition_beyond_ttl(site: Site, sums: bytes) -> None:
    """It is given up meanwhile, and what its workers commit in the end harms nothing."""
    config = site.folder / "ttl.yaml"
    config.write_text(_SHORT_TTL)
    partition(site, sums, 25.0, "--dask-config", config)
    time.sleep(5)
    check(site, sums)


def ranks(site: Site, sums: bytes) -> None:
    """Three machines share a run without a scheduler, and one is lost."""
    started = []
    for number, machine in enumerate(site.machines):
        own = machine.folder / "config"
        shutil.copytree(site.corpus, own, ignore=shutil.ignore_patterns("in"))
        options = site.options("--executor", "sync", f"--rank={number}", "--world=3")
        options[1] = str(own / "m.toml")
        started.append(machine.start(GRISTMILL, *options, **site.environment))
    site.await_screens(2, *started)
    site.hosts[0].kill()
    wait(lambda: all(each.poll() is not None for each in started), site)
    assert [each.returncode for each in started] == [0, -signal.SIGKILL, 0], site.said()
    check(site, sums, site.hosts[0])


Case = Callable[[Site, bytes], None]
NAPS = "1 0.3 0.9"
"""How long tasks sleep, so that there is a middle of the run to strike in."""

QUICK: dict[str, Case] = {
    "host killed": host_killed,
    "scheduler killed": scheduler_killed,
}
LONG: dict[str, Case] = {
    "plain": plain,
    "store away": store_away,
    "partition of 25 s": partition,
    "partition of 25 s, given up after 10 s": partition_beyond_ttl,
    "three ranks, one killed": ranks,
}
