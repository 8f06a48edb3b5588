"""The licence of each document of one input: detected, resolved against its repository, and judged."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec

from filters.licenses.decisions import Decision, Decisions
from filters.licenses.policy import LicenseFilter
from filters.licenses.resolve import Resolution, resolve
from filters.licenses.spdx import classify
from filters.redact.redactor import Redactor
from pipeline.detector import detect
from pipeline.stages.survey import repository_key
from pipeline.stages.trees import Trees

if TYPE_CHECKING:
    from filters.document import Document, Verdict
    from filters.redact.edits import Redaction

_SHOWN: Final = 8  # findings that the ledger holds of one document
_SILENT: Final = frozenset({"unknown", "unstated"})
RECORDING: Final = LicenseFilter()  # without a policy licences are recorded and filter nothing


def digest_of_redacted(redactor: Redactor, text: str) -> str:
    """Return the hex SHA-256 of a text after redaction: a digest of the text before is in no release."""
    return hashlib.sha256(redactor.redact(text).text.encode()).hexdigest()


class Licensing(msgspec.Struct, frozen=True, kw_only=True):
    """What decides on licences in one input.

    `repository` is the key of the one repository that all records are of (an installed
    distribution), `""` where each names its own; `home` is that of records which name none.
    """

    filter: LicenseFilter = RECORDING
    decisions: Decisions = Decisions()
    trees: Trees = Trees({})
    repository: str = ""
    home: str = ""
    redactor: Redactor = Redactor("off")

    def resolve(self, document: Document) -> Resolution:
        """Find the licence from the document itself, the files around it, what it claims and what people decided."""
        # a package without a repository is known by its page
        place = document.repo or (document.url if self.repository else "")
        decision = self._of_redacted(document) or self.decisions.find(
            document.sha256, place, document.path
        )
        tree = self.trees.of(self.repository or repository_key(document.repo) or self.home)
        own = detect(document.text, document.path, document.sha256)
        return resolve(tree, document.path, own, document.license, decision)

    def _of_redacted(self, document: Document) -> Decision | None:
        """Look for what was decided of the text as the review list names it: by the digest of it redacted."""
        if not self.decisions.of_contents:
            return None
        return self.decisions.of_content(digest_of_redacted(self.redactor, document.text))

    def judge(self, found: Resolution) -> Verdict:
        """Keep or drop, by the policy; the detail holds the evidence."""
        verdict = self.filter.verdict(found.expression, found.outcome)
        if verdict.keep:
            return verdict
        return msgspec.structs.replace(verdict, detail={**verdict.detail, **self.account(found)})

    def changed(self, found: Resolution, document: Document, redaction: Redaction) -> str:
        """Say in which way a work that may be passed on only as it is would not be, `""` for none."""
        if not (redaction.edits or document.normalised) or not self.is_unmodified(found):
            return ""
        return f"no-derivatives:{'redacted' if redaction.edits else 'normalised'}"

    def is_unmodified(self, found: Resolution) -> bool:
        """Tell a work that may be passed on only as it is."""
        return self.filter.decide(found.expression, found.outcome).unmodified

    def account(self, found: Resolution) -> dict[str, Any]:
        """Say what decided, for the ledger: which kind of evidence, and the findings, the deciding ones first."""
        said: dict[str, Any] = {"decided_by": found.rule}
        elected = self.filter.decide(found.expression, found.outcome).elected
        if elected:
            said["elected"] = elected
        if found.evidence:
            said["evidence"] = [self._spelt(each) for each in found.shown()[:_SHOWN]]
        if found.outcome != "found":
            said["outcome"] = found.outcome
        if found.conflict:
            said["conflict"] = True
        if found.boundary:
            said["boundary"] = clean_place(self.redactor, found.boundary)
        return said

    def _spelt(self, shown: dict[str, Any]) -> dict[str, Any]:
        """Redact the path of a finding: the ledger holds no personal data."""
        path = shown.get("path")
        return shown if path is None else {**shown, "path": clean_place(self.redactor, path)}


def clean_place(redactor: Redactor, text: str, scope: str = "") -> str:
    """Redact a URL, repository or path where it may hold an address or a credential."""
    return redactor.redact(text, scope).text if "@" in text or "?" in text else text


def is_credible(found: Resolution) -> bool:
    """Tell a refusal that reaches copies: a licence that is known, rather than none or one in doubt."""
    return found.outcome == "found" and classify(found.expression) not in _SILENT
