"""Licences, from words to a decision.

What is written: `syntax`, `repair` with `names` and `families`, `ids` and `facts`, `spdx`.
What is found in one document: `tags`, `notices/`, `texts/`, `metadata/`, `restrictions`, `choice`; `scan` joins it.
What the files around say: `places` (with `place_names`, `parts`, `vendored`), `reuse`, `tree`.
What holds: `merge`, `resolve`, `decisions`; what is allowed: `policies`, `policy`, `attributes`, `compatibility`.
"""
