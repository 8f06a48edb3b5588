"""A thousand single-bit flips over all files of a signed release: each is found, in its file, frame and document."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from manifests.manifest import MANIFEST, SUMS
from manifests.sshsig import SIGNED
from pipeline.engine.crew import SYNC
from pipeline.run import run_config
from pipeline.signing import sign_release
from pipeline.verify import verify

FLIPS = 1000
CONFIG = """\
[release]
name = "flips"
shards = 2
signatures = true
parquet = true
[[sources]]
name = "web"
paths = ["in.jsonl"]
license = "MIT"
[[sources]]
name = "quiz"
paths = ["quiz.json"]
format = "squad"
[split]
test = 0.2
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flips")
    draw = random.Random(5)
    words = ["".join(draw.choices("abcdefghijklmnop", k=7)) for _ in range(4000)]
    records = [
        {"id": f"d{n}", "text": " ".join(draw.choices(words, k=80)), "url": f"https://x.org/{n}"}
        for n in range(120)
    ]
    (folder / "in.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    asked = [
        {"id": f"q{n}", "question": f"Which {n}?", "answers": [{"text": "Zoë", "answer_start": 0}]}
        for n in range(8)
    ]
    article = {"title": "T", "paragraphs": [{"context": "Zoë wrote it.", "qas": asked}]}
    (folder / "quiz.json").write_text(json.dumps({"version": "1.1", "data": [article]}))
    (folder / "flips.toml").write_text(CONFIG)
    made = run_config(folder / "flips.toml", out=folder / "out", crew=SYNC).release
    key = folder / "key"
    key.write_bytes(
        Ed25519PrivateKey.from_private_bytes(b"k" * 32).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
    )
    sign_release(made, key)
    assert verify(made, deep=True).ok
    return made


def flip(path: Path, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


def test_every_flipped_bit_is_found_and_named(release: Path) -> None:
    """Bits are drawn over all files: half by size, half by file, so that small files are not passed over."""
    draw = random.Random(7)
    files = sorted(path for path in release.rglob("*") if path.is_file() and path.stat().st_size)
    sizes = [path.stat().st_size for path in files]
    chosen = [
        *draw.choices(files, sizes, k=FLIPS // 2),
        *(files[n % len(files)] for n in range(FLIPS - FLIPS // 2)),
    ]
    assert {path.name for path in files} >= {MANIFEST, SUMS, SIGNED, "index.html", "croissant.json"}
    missed = []
    for path in chosen:
        bit = draw.randrange(8 * path.stat().st_size)
        flip(path, bit)
        named = {each.path for each in verify(release, deep=False).problems}
        flip(path, bit)
        mine = path.relative_to(release).as_posix()
        if mine not in named or named - {mine, MANIFEST, SUMS}:
            missed.append((mine, bit, sorted(named)))
    assert missed == []
    assert verify(release, deep=True).ok


def test_the_deep_check_names_frame_and_document_of_a_flipped_bit(release: Path) -> None:
    """In a data frame the first document of the frame is named, or the very one where the frame still decodes."""
    draw = random.Random(11)
    frames = pq.read_table(release / "index/frames.parquet").to_pylist()
    documents = pq.read_table(release / "index/documents.parquet").to_pylist()
    for row in frames:
        place = row["shard"], row["frame"]
        ids = {each["id"] for each in documents if (each["shard"], each["frame"]) == place}
        bit = 8 * row["offset"] + draw.randrange(8 * row["length"])
        flip(release / row["shard"], bit)
        problems = [each for each in verify(release, deep=True).problems if each.frame is not None]
        flip(release / row["shard"], bit)
        assert {(each.path, each.frame) for each in problems} == {place}
        if row["shard"].startswith("data/"):
            assert {each.document for each in problems} & ids
