"""The glue: what a competent user writes in sixty lines with four well-known packages."""

import hashlib
import io
import re
import sys
import tempfile
from pathlib import Path

import datasketch
import orjson
import zstandard
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings

ALLOWED = {"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Unlicense", "Zlib"}
ALLOWED |= {"PSF-2.0", "LicenseRef-public-domain"}
EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\b")
IPV4 = re.compile(r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b")


def read(path):
    with path.open("rb") as raw:
        frames = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
        yield from map(orjson.loads, io.BufferedReader(frames, 1 << 20))


def without_secrets(text, suffix):
    with tempfile.NamedTemporaryFile("w", suffix=suffix, encoding="utf-8") as file:
        file.write(text)
        file.flush()
        values = {secret.secret_value or "" for secret in scan_file(file.name)} - {""}
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, "<SECRET>")
    return text


def signature(text):
    words = re.findall(r"\w+", text.lower())
    minhash = datasketch.MinHash(num_perm=128)
    minhash.update_batch(
        {" ".join(words[i : i + 5]).encode() for i in range(max(1, len(words) - 4))}
    )
    return minhash


def curate(docs, seen, lsh, secrets):
    for doc in docs:
        if not ALLOWED.issuperset(re.split(r" (?:AND|OR) ", doc["license"])):
            continue
        text = without_secrets(doc["text"], Path(doc["path"]).suffix) if secrets else doc["text"]
        doc["text"] = text = IPV4.sub("<IP>", EMAIL.sub("<EMAIL>", text))
        digest = hashlib.sha256(text.encode()).digest()
        if digest in seen:
            continue
        seen.add(digest)
        minhash = signature(text)
        if not lsh.query(minhash):
            lsh.insert(doc["id"], minhash)
            yield orjson.dumps(doc, option=orjson.OPT_APPEND_NEWLINE)


def main():
    inputs, output, *flags = sys.argv[1:]
    Path(output).mkdir(parents=True)
    seen, lsh = set(), datasketch.MinHashLSH(threshold=0.8, num_perm=128)
    with default_settings():
        for path in sorted(Path(inputs).glob("*.jsonl.zst")):
            with zstandard.open(Path(output, path.name), "wb") as out:
                for line in curate(read(path), seen, lsh, "--secrets" in flags):
                    out.write(line)


if __name__ == "__main__":
    main()
