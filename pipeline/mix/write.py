"""Write a mix: records as they are in the release, shuffled over all sources, seen only when whole.

An external sort: lines go to buckets by the top bits of their address in the mix, and each bucket
becomes a shard. Memory holds the buffers of the buckets, then one shard.
"""

from __future__ import annotations

import shutil
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Final

import msgspec

from manifests import merkle
from manifests.addressing import shard_of
from manifests.check_proof import leaf
from manifests.checksum import sha256_hex, sums_text
from manifests.content import folder_of, record_leaf
from manifests.manifest import SUMS, File
from manifests.mix import MAX_SHARDS
from manifests.mix_account import ACCOUNT, RECIPE, encode
from pipeline.errors import ConfigError
from pipeline.mix.measure import read_rows, read_shard
from pipeline.release import whole_folder, write_bytes
from pipeline.shards import Line, libzstd, write_frames
from pipeline.spill import LineSpill, read_frames

if TYPE_CHECKING:
    from pathlib import Path

    from manifests.manifest import Manifest
    from manifests.mix import Recipe
    from manifests.mix_account import Base, Mix
    from pipeline.mix.plan import Plan
    from pipeline.mix.recipe import Ready

# raw bytes that a shard is expected to hold where nobody says how many there are
_SHARD_BYTES: Final = 128 << 20
_MOST_BYTES: Final = 1 << 30  # as a shard is sorted in memory
_HEX: Final = 64
_WHOLE: Final = Fraction(1)
_FOLDER: Final = ".spill"


def write_mix(plan: Plan, ready: Ready, out: Path) -> Path:
    """Write the mix as a new folder under `out`; returns it. Its name says mix and release.

    Raises:
        ConfigError: it is there already, holds nothing, or its shards would be too large.
        IntegrityError: the release is damaged.
    """
    mix = plan.mix
    target = check_target(out, ready.recipe, mix.release, plan.picker.fraction)
    if not mix.mixed.documents:
        raise ConfigError(
            "mix: it would hold no document: raise the epochs, the size or --fraction"
        )
    shards = _shard_count(plan, ready.recipe.shards)
    with whole_folder(target) as hidden:
        (hidden / _FOLDER).mkdir()
        _fill(plan, hidden / _FOLDER / "lines", shards)
        files = _write_shards(hidden, shards)
        shutil.rmtree(hidden / _FOLDER)
        _write_lists(hidden, mix, ready, files, shards)
    return target


def check_target(
    out: Path, recipe: Recipe, release: Base | Manifest, fraction: Fraction = _WHOLE
) -> Path:
    """Return the folder that a mix would be; that of a sample says which one.

    Raises:
        ConfigError: it is there already.
    """
    sample = fraction.as_integer_ratio()
    suffix = "" if fraction == _WHOLE else "-sample-{}-of-{}".format(*sample)
    target = out / f"{recipe.name}-{release.name}-{release.version}{suffix}"
    if target.exists():
        raise ConfigError(f"mix: {target}: is there already: give another --out or name")
    return target


def _shard_count(plan: Plan, wanted: int) -> int:
    """Pick a power of two so that shards are of a size to handle, or check the one that is wanted."""
    epochs = {share.name: Fraction(repr(share.epochs)) for share in plan.mix.sources}
    expected = plan.picker.fraction * sum(
        shard.raw_bytes * epochs[shard.source] for shard, _ in plan.shards
    )
    if wanted and expected / wanted > _MOST_BYTES:
        raise ConfigError(
            f"mix: mix.shards: {wanted} shards of {float(expected) / wanted / 2**30:.1f} GiB are too"
            " large: raise it, or leave it out"
        )
    if wanted:
        return wanted
    return min(1 << (ceil(expected / _SHARD_BYTES) - 1).bit_length(), MAX_SHARDS)


def _fill(plan: Plan, path: Path, shards: int) -> None:
    """Put every line into the bucket of its shard, behind its address in hex, once for each pass."""
    spill = LineSpill(path)
    for shard, rows in plan.shards:
        lines = read_shard(plan.release, shard)
        folder = folder_of(shard.path)
        for row, line in zip(read_rows(rows), lines, strict=True):
            if not plan.picker.is_there(row.id):
                continue
            for address in plan.picker.places(shard.source, row.id):
                found = record_leaf(address, line, folder)
                head = f"{address.hex()}{found.hex()}".encode()
                spill.add(shard_of(address, shards), head + line + b"\n")
    spill.close()


def _write_shards(folder: Path, shards: int) -> tuple[File, ...]:
    """Write each shard that has lines, in the order of the addresses."""
    files = []
    for number in range(shards):
        lines = _bucket(folder / _FOLDER / "lines", number)
        if lines:
            name = f"mix-{number:05d}-of-{shards:05d}.jsonl.zst"
            files.append(write_frames(folder / name, lines).listed(name))
    return tuple(files)


def _bucket(path: Path, number: int) -> list[Line]:
    """Read what lies in a bucket, sorted."""
    return sorted(
        Line(
            bytes.fromhex(line[:_HEX].decode()),
            line[2 * _HEX :] + b"\n",
            bytes.fromhex(line[_HEX : 2 * _HEX].decode()),
        )
        for _, lines in read_frames(path, bucket=number)
        for line in lines
    )


def _write_lists(
    folder: Path, mix: Mix, ready: Ready, files: tuple[File, ...], shards: int
) -> None:
    """Write the recipe, mix.json and SHA256SUMS, the last files."""
    recipe = File(path=RECIPE, sha256=ready.sha256, bytes=len(ready.data))
    roots = (leaf(bytes.fromhex(file.merkle_root or "")) for file in files)
    data = encode(
        msgspec.structs.replace(
            mix,
            shards=shards,
            root=merkle.root(roots).hex(),
            libzstd=libzstd(),
            files=(*files, recipe),
        )
    )
    sums = {file.path: file.sha256 for file in (*files, recipe)}
    write_bytes(folder / RECIPE, ready.data)
    write_bytes(folder / ACCOUNT, data)
    write_bytes(folder / SUMS, sums_text({**sums, ACCOUNT: sha256_hex(data)}).encode())
