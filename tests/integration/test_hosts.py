"""Machines that share a network and an object store and nothing else make the bytes of a run in one process.

What takes longer than a test should stands in benchmarks/hosts.py: partitions, a store that is away,
and ranks of which one dies.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests import netns
from tests.host_cases import NAPS, QUICK, reference, upload, write_corpus
from tests.machines import open_site


class Made(NamedTuple):
    """A config and its inputs, and the SHA256SUMS of what one process makes of them."""

    corpus: Path
    sums: bytes


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    corpus = tmp_path_factory.mktemp("hosts")
    write_corpus(corpus)
    return Made(corpus, reference(tmp_path_factory.mktemp("reference"), corpus))


@pytest.mark.parametrize("case", list(QUICK))
def test_the_same_bytes_whatever_happens(made: Made, tmp_path: Path, case: str) -> None:
    with open_site(tmp_path, made.corpus) as site:
        upload(site.foreign, made.corpus)
        site.extra["TEST_NAPS"] = NAPS
        QUICK[case](site, made.sums)


def test_a_network_of_namespaces_leaves_nothing() -> None:
    problem = netns.refusal()
    if problem:
        pytest.skip(problem)
    with netns.network(2) as net:
        addresses = {port.address for port in net.ports}
        assert len(addresses | {net.gateway}) == 3
        names = [port.namespace for port in net.ports]
        assert all(Path("/run/netns", name).exists() for name in names)
    assert not any(Path("/run/netns", name).exists() for name in names)
