"""Notices: sentences that grant or state a licence, in many words and languages.

`find` is the driver; it asks `gate` whether any word of a licence is there, flattens the text (`flat`),
collects mentions (`gnu`, `names` with `table`, `urls`, `texts`, `own`, `foreign`, …), and judges each by
its sentence (`context`, `limits`, `joining`).
"""
