"""A release that somebody signed: ssh-keygen agrees, and a change to either file is named."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from manifests import sshsig
from manifests.manifest import MANIFEST, SUMS, checksums_text, decode
from pipeline.errors import ConfigError, IntegrityError
from pipeline.signing import read_signers, sign_release
from pipeline.verify import verify
from tests.unit.test_verify import Plan, build

SEEDS = st.binary(min_size=32, max_size=32)
PLAIN = NoEncryption()


def private(seed: bytes = b"k" * 32) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)


def write_key(folder: Path, name: str = "key", seed: bytes = b"k" * 32) -> Path:
    path = folder / name
    path.write_bytes(private(seed).private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, PLAIN))
    path.chmod(0o600)
    public = sshsig.decode(sshsig.sign(b"", private(seed))).key
    path.with_suffix(".pub").write_text(sshsig.public_line(public) + " somebody\n")
    return path


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("sealed"), Plan())


@pytest.fixture
def release(sealed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sealed, tmp_path / sealed.name))


@given(SEEDS, st.binary(max_size=200), st.binary(max_size=200))
def test_a_key_signs_its_message_and_no_other(seed: bytes, message: bytes, other: bytes) -> None:
    read = sshsig.decode(sshsig.sign(message, private(seed)))
    assert read.holds(message)
    assert read.holds(other) == (other == message)


@given(SEEDS, st.data())
def test_every_flipped_bit_in_a_signature_shows(seed: bytes, data: st.DataObject) -> None:
    good = sshsig.sign(b"sums", private(seed))
    bad = bytearray(good)
    bad[data.draw(st.integers(0, len(bad) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with contextlib.suppress(ValueError):  # it may not even read
        assert not sshsig.decode(bytes(bad)).holds(b"sums")


@given(st.binary(max_size=300))
def test_what_is_no_signature_is_refused_with_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"signature|signed"):
        sshsig.decode(data)


def test_a_signed_release_verifies_and_names_its_signer(release: Path, tmp_path: Path) -> None:
    key = write_key(tmp_path)
    signed = sign_release(release, key)
    for deep in (False, True):
        report = verify(release, deep=deep, signers=read_signers(key.with_suffix(".pub")))
        assert (report.problems, report.signer) == ((), signed.fingerprint)
    again = (release / sshsig.SIGNED).read_bytes()
    sign_release(release, key)
    assert (release / sshsig.SIGNED).read_bytes() == again


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH is not installed")
def test_ssh_keygen_takes_ours_and_we_take_its(release: Path, tmp_path: Path) -> None:
    key = write_key(tmp_path)
    sign_release(release, key)
    ours = (release / sshsig.SIGNED).read_bytes()
    signers = tmp_path / "signers"
    signers.write_text(f"me@example.org {key.with_suffix('.pub').read_text()}")
    check = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", "me@example.org"]
    check += ["-n", sshsig.NAMESPACE, "-s", str(release / sshsig.SIGNED)]
    with (release / SUMS).open("rb") as sums:
        assert subprocess.run(check, stdin=sums, capture_output=True, check=False).returncode == 0
    (release / sshsig.SIGNED).unlink()
    make = ["ssh-keygen", "-Y", "sign", "-n", sshsig.NAMESPACE, "-f", str(key), str(release / SUMS)]
    subprocess.run(make, capture_output=True, check=True)
    assert (release / sshsig.SIGNED).read_bytes() == ours
    assert verify(release, deep=False, signers=read_signers(signers)).ok
    shown = subprocess.run(["ssh-keygen", "-lf", str(key)], capture_output=True, check=True).stdout
    assert sshsig.decode(ours).fingerprint.encode() in shown


def test_a_manifest_edited_with_all_lists_made_anew_shows(release: Path, tmp_path: Path) -> None:
    sign_release(release, write_key(tmp_path))
    said = b"no licence filter was configured"
    edited = (release / MANIFEST).read_bytes().replace(said, said[3:])
    (release / MANIFEST).write_bytes(edited)
    (release / SUMS).write_text(checksums_text(decode(edited), edited))
    (problem,) = verify(release, deep=False).problems
    assert problem.path == sshsig.SIGNED
    assert "changed since" in problem.problem


def test_a_damaged_list_is_named_and_its_signature_is_not(release: Path, tmp_path: Path) -> None:
    sign_release(release, write_key(tmp_path))
    sums = bytearray((release / SUMS).read_bytes())
    sums[7] ^= 4
    (release / SUMS).write_bytes(sums)
    assert {each.path for each in verify(release, deep=False).problems} == {SUMS}


def test_a_stranger_s_signature_and_a_missing_one_are_problems(
    release: Path, tmp_path: Path
) -> None:
    trusted = read_signers(write_key(tmp_path, "mine").with_suffix(".pub"))
    (missing,) = verify(release, deep=False, signers=trusted).problems
    assert "not signed" in missing.problem
    sign_release(release, write_key(tmp_path, "theirs", b"t" * 32))
    assert verify(release, deep=False).ok
    (stranger,) = verify(release, deep=False, signers=trusted).problems
    assert "not trusted" in stranger.problem


def test_a_damaged_release_is_not_signed(release: Path, tmp_path: Path) -> None:
    shard = next(release.glob("data/*/*.zst"))
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(IntegrityError, match="was not signed"):
        sign_release(release, write_key(tmp_path))
    assert not (release / sshsig.SIGNED).exists()


def test_a_key_that_will_not_do_says_what_to_do(release: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    wrapped = BestAvailableEncryption(b"word")
    locked.write_bytes(private().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, wrapped))
    noise = tmp_path / "noise"
    noise.write_text("no key")
    for path, said in (
        (locked, "has a passphrase: use `ssh-keygen -Y sign"),
        (noise, "make one with"),
        (tmp_path / "none", "make one with"),
    ):
        with pytest.raises(ConfigError, match=said):
            sign_release(release, path)
    with pytest.raises(ConfigError, match="holds no ssh-ed25519 key"):
        read_signers(noise)
