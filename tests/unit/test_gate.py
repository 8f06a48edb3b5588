"""The gate: a registry that is missing, stale or unsigned stops a run; the index beside it never decides."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from typing import TYPE_CHECKING

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from filters.subjects import subject
from manifests import sshsig
from manifests.registry import Draft, Entry, encode, seal
from pipeline.config import Config, OptOut
from pipeline.config.tables import Release
from pipeline.errors import ConfigError, RegistryError
from pipeline.gate import gate_of, open_gate, reopen_gate
from pipeline.optout import add, append, load, revoke
from pipeline.optout.index import index_path
from pipeline.registry_signature import NAMESPACE, require_signature, sign_registry, signature_path

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def config(**more: object) -> Config:
    optout = OptOut(registry="events.jsonl", **more)  # type: ignore[arg-type]  # a test's shorthand
    return Config(release=Release(name="demo", version="1.0.1"), sources=(), optout=optout)


def write_key(folder: Path, name: str) -> tuple[Path, bytes]:
    """Write an Ed25519 key pair made of its name; return the private key's path and the raw public key."""
    private = Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32))
    key = folder / name
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    key.chmod(0o600)
    public = sshsig.decode(sshsig.sign(b"", private)).key
    key.with_suffix(".pub").write_text(f"{sshsig.public_line(public)} {name}\n")
    return key, public


def test_a_run_needs_a_registry_that_one_of_the_signers_signed_as_it_is(
    path: Path, tmp_path: Path
) -> None:
    key, _ = write_key(tmp_path, "clerk")
    stranger, _ = write_key(tmp_path, "stranger")
    settings = config(signers="clerk.pub")
    request = add(path, [subject("id", "a")])[0].request
    with pytest.raises(RegistryError, match=r"events\.jsonl\.sig: the head is not signed"):
        open_gate(settings, tmp_path)
    sign_registry(path, stranger)
    with pytest.raises(RegistryError, match="none of the allowed signers"):
        open_gate(settings, tmp_path)
    sign_registry(path, key)
    gate = open_gate(settings, tmp_path)
    assert gate is not None
    assert gate.state == {"head": load(path).head, "cutoff": load(path).cutoff}
    revoke(path, request)
    for use in (open_gate, lambda c, r: gate_of(c, r, path, None)):
        with pytest.raises(
            RegistryError, match=r"is stale: .* sign it with `gristmill optout sign`"
        ):
            use(settings, tmp_path)
    again = reopen_gate(settings, tmp_path, gate.registry.head, gate.registry.cutoff)
    assert again is not None
    assert (again.state, again.filter) == (gate.state, gate.filter)
    sign_registry(path, key)
    assert open_gate(settings, tmp_path) is not None
    signature = signature_path(path)
    for damage in (b"", b"x", signature.read_bytes()[:-9], bytes(200)):
        signature.write_bytes(damage)
        with pytest.raises(RegistryError, match="signature file"):
            open_gate(settings, tmp_path)
    with pytest.raises(ConfigError, match=r"optout: .*missing"):
        open_gate(config(signers="missing"), tmp_path)


def test_a_release_s_signature_is_none_of_a_registry(path: Path, tmp_path: Path) -> None:
    key, public = write_key(tmp_path, "clerk")
    add(path, [subject("id", "a")])
    head = f"{load(path).head}\n".encode()
    private = Ed25519PrivateKey.from_private_bytes(b"clerk".ljust(32))
    signature_path(path).write_bytes(sshsig.sign(head, private))
    with pytest.raises(
        RegistryError, match="for another purpose: sign with `-n gristmill-registry`"
    ):
        require_signature(path, load(path).head, {public})
    sign_registry(path, key)
    assert signature_path(path).read_bytes() == sshsig.sign(head, private, NAMESPACE)
    assert path.with_name("events.jsonl.head").read_bytes() == head


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="there is no ssh-keygen here")
def test_ssh_keygen_checks_and_makes_the_same_signature(path: Path, tmp_path: Path) -> None:
    key, public = write_key(tmp_path, "clerk")
    add(path, [subject("id", "a")])
    sign_registry(path, key)
    head = path.with_name("events.jsonl.head")
    allowed = tmp_path / "allowed"
    allowed.write_text(f"clerk {sshsig.public_line(public)}\n")
    check = ["ssh-keygen", "-Y", "verify", "-f", allowed, "-I", "clerk", "-n", NAMESPACE]
    with head.open("rb") as message:
        subprocess.run([*check, "-s", signature_path(path)], stdin=message, check=True)  # type: ignore[list-item]  # paths
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", NAMESPACE, "-f", key, head], check=True)
    head.with_name("events.jsonl.head.sig").replace(signature_path(path))
    assert require_signature(path, load(path).head, {public}).key == public


def test_a_broken_registry_is_not_signed(path: Path, tmp_path: Path) -> None:
    key, _ = write_key(tmp_path, "clerk")
    add(path, [subject("id", "a")])
    path.write_bytes(path.read_bytes().replace(b'"a"', b'"b"'))
    with pytest.raises(RegistryError, match=r"events\.jsonl:1"):
        sign_registry(path, key)
    assert not signature_path(path).exists()


def test_an_old_registry_stops_a_run_and_an_application_alike(path: Path, tmp_path: Path) -> None:
    draft = Draft(event="submit", subjects=(Entry("id", "a"),))
    append(path, [draft, Draft(event="verify")], now="2026-01-31T12:00:00Z")
    settings = config(max_age_days=3)
    for use in (open_gate, lambda c, r: gate_of(c, r, path, None)):
        with pytest.raises(RegistryError, match="has its last event on 2026-01-31"):
            use(settings, tmp_path)
    assert gate_of(config(), tmp_path, path, None).filter.requests


# ---- the index of a large registry


def big(path: Path) -> list[bytes]:
    """Write a registry of somewhat more than a mebibyte."""
    lines, previous = [], None
    for number in range(1600):
        entry = Entry("repo", f"github.com/{'o' * 200}/{'n' * 100}{number}")
        previous = seal(previous, Draft(event="submit", subjects=(entry,)), "2026-01-31T12:00:00Z")
        lines.append(encode(previous))
        done = Draft(event="verify", request=previous.request)
        previous = seal(previous, done, "2026-01-31T12:00:00Z")
        lines.append(encode(previous))
    path.write_bytes(b"".join(lines))
    return lines


def test_the_index_changes_nothing_but_the_time(path: Path) -> None:
    lines = big(path)
    index = index_path(path)
    cold = load(path)
    assert len(cold.requests) == 1600
    made = index.read_bytes()
    assert load(path) == load(path, trust_index=False) == cold
    assert index.read_bytes() == made
    wrong = bytearray(made)
    wrong[len(wrong) // 2] ^= 1
    for damage in (b"", b"x", made[:-1], made[:100], bytes(wrong), made[32:]):
        index.write_bytes(damage)
        assert load(path) == cold
        assert index.read_bytes() == made  # made again
    assert [each.name for each in path.parent.iterdir()] in (
        ["events.jsonl", index.name],
        [index.name, "events.jsonl"],
    )
    # a log that is damaged, shortened or longer than when the index was made
    path.write_bytes(b"".join(lines).replace(b"n1599", b"n1598"))
    with pytest.raises(RegistryError, match=r"events\.jsonl:3199"):
        load(path)
    path.write_bytes(b"".join(lines[:-1]))
    assert load(path).counts == {"verified": 1599, "pending": 1}
    path.write_bytes(b"".join(lines))
    revoke(path, cold.requests[0].request)
    assert load(path).requests == cold.requests[1:]


def test_an_index_does_not_hide_that_events_are_missing(path: Path) -> None:
    lines = big(path)
    head = load(path).head
    path.with_name("events.jsonl.head").write_text(f"{head}\n")
    assert load(path, head=head).head == head
    path.write_bytes(b"".join(lines[:-1]))
    with pytest.raises(RegistryError, match="missing from the end"):
        load(path)
    path.with_name("events.jsonl.head").unlink()
    load(path)  # makes an index of the shorter log
    path.with_name("events.jsonl.head").write_text(f"{head}\n")
    with pytest.raises(RegistryError, match="missing from the end"):
        load(path)
    path.with_name("events.jsonl.head").unlink()
    with pytest.raises(RegistryError, match="older than the release"):
        load(path, head=head)


def test_an_index_of_other_code_is_none_and_a_forged_one_gets_past_no_signer(
    path: Path, tmp_path: Path
) -> None:
    big(path)
    cold = load(path)
    index = index_path(path)
    code, log, compiled = msgspec.msgpack.decode(index.read_bytes()[32:])
    compiled["requests"] = []

    def forge(code: str) -> None:
        data = msgspec.msgpack.encode((code, log, compiled))
        index.write_bytes(hashlib.sha256(data).digest() + data)

    forge("0" * 64)
    assert load(path) == cold
    forge(code)
    assert load(path).requests == ()
    key, _ = write_key(tmp_path, "clerk")
    sign_registry(path, key)
    gate = open_gate(config(signers="clerk.pub"), tmp_path)
    assert gate is not None
    assert gate.registry == cold


def test_a_small_registry_has_no_index(path: Path) -> None:
    add(path, [subject("id", "a")])
    load(path)
    assert not index_path(path).exists()
