"""What docs/releases.md shows is what happens: its commands run, its output is theirs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from manifests import sshsig
from tests.pages import Page

PAGE = Page("releases.md")
WORDS = (
    "the mill grinds what the farmer brings and keeps no grain for itself while water runs below"
)
# Digests follow from texts and code, sizes from libzstd, the number of files from what is generated.
VOLATILE = (
    (r"[0-9a-f]{64}", "HASH"),
    (r"r-[0-9a-f]{12}", "REQUEST"),
    (r"content root [0-9a-f]{12}, \d+ files", "content root HASH, N files"),
    (r"(frames|all files): .*", r"\1: N"),
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the config of the page, its twelve pages, an empty registry and a key."""
    words = WORDS.split()
    pages = [
        {
            "id": f"page-{n:02d}",
            "text": " ".join(
                words[(n * k + k) % len(words)] + (str(n % 5) if k % 3 == 0 else "")
                for k in range(40)
            ),
            "url": f"https://mill{n % 3}.example/{n}",
        }
        for n in range(12)
    ]
    lines = "".join(json.dumps(page) + "\n" for page in pages)
    (tmp_path / "pages.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "optout.jsonl").touch()
    PAGE.write_files(tmp_path, "toml")
    key = Ed25519PrivateKey.from_private_bytes(b"a key for a page".ljust(32))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key").write_bytes(pem)
    public = sshsig.public_line(sshsig.decode(sshsig.sign(b"", key)).key)
    (tmp_path / "key.pub").write_text(public + "\n", encoding="utf-8")
    return tmp_path


def test_every_command_prints_what_is_shown(place: Path) -> None:
    PAGE.check_sessions(place, VOLATILE)
    shown = (place / "out/mill-1.0.0/reports/changes.json").read_text(encoding="utf-8")
    assert json.loads(shown)[0]["content_root"] in PAGE.text
