"""Find secrets and personal data, and cut them out: rules, the prefilter that runs them, the edits.

`rule` says what a rule is; `tokens/` and the modules named after what they find hold the table;
`rules` puts it together by level; `superset` and `prefilter` run it; `edits` resolves overlaps and
maps offsets; `replace` says what stands in a span's place; `carried` reads what an earlier redaction left;
`redactor` is the one face outward.
"""
