"""Natural languages: floors on published sets, scripts, and the second opinion."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from py3langid import langid

from filters._scripts import NAMES, count_scripts
from filters._second_opinion import second_opinion
from filters.prose import language_code, natural_language, supported_languages

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("GRISTMILL_SHARED_DATA", ROOT.parent / "shared" / "data"))
# Set: least share right and largest wrong, in per cent. Questions and short pieces below twenty
# letters are `und` on purpose.
FLOORS = {
    "korquad contexts": (100, 0),
    "korquad questions": (100, 0),
    "xquad contexts": (99.8, 0.1),
    "xquad questions": (97.5, 0.5),
    "udhr whole": (95, 2),
    "udhr articles, odd": (92, 4.5),
    "udhr 100 letters": (94, 4.5),
    "udhr 40 letters": (87, 6.5),
    "udhr 20 letters": (8, 0.6),
}
KOREAN_AND_LATIN = (
    "Quod erat demonstrandum in molendino, quod aqua movet. 물레방아는 물의 힘으로 돌아간다."
)
# First sentences of our own, or a few words, in scripts that tell the language.
WRITTEN = {
    "ka": "ეს არის მოკლე ტექსტი წისქვილის შესახებ",
    "xmf": "ათე ტექსტი მარგალურო რე ჭარილი დო თინა ვარე ქართული ჸუდე",
    "he": "זה טקסט קצר על טחנה ועל מים",
    "yi": "דאָס איז אַ קורצער טעקסט װעגן אַ מיל און װאַסער",
    "am": "ይህ ስለ ወፍጮ የተጻፈ አጭር ጽሑፍ ነው",
    "ti": "እዚ ብዛዕባ መጥሓን ዝተጻሕፈ ሓጺር ጽሑፍ እዩ",
    "my": "ဤသည်မှာ ရေစက်အကြောင်း စာတိုတစ်ပုဒ်ဖြစ်သည်",
    "km": "នេះជាអត្ថបទខ្លីអំពីម៉ាស៊ីនកិនស្រូវ",
    "bo": "འདི་ནི་རང་འཐག་གི་སྐོར་གྱི་ཡི་གེ་ཐུང་ངུ་ཞིག་ཡིན།",
    "dz": "འདི་འབད་རུང་ང་བཅས་ཀྱིས་ལཱ་འབད་དགོཔ་འདུག་ དེ་ལས་འབྲིཝ་ད་ལྷབཝ་དང་འོངཝ་ཨིན།",
    "mn": "ᠬᠦᠮᠦᠨ ᠪᠦᠷ ᠲᠥᠷᠥᠵᠦ ᠮᠡᠨᠳᠡᠯᠡᠬᠦ ᠡᠷᠬᠡ",
    "iu": "ᐃᓄᖕᓄᑦ ᐅᖃᐅᓯᖅ ᑎᑎᖅᑲᖅᓯᒪᔪᖅ ᐱᓕᕆᖃᑎᒌᖕᓂᖅ",
    "as": "এইটো এটা চুটি পাঠ য'ত ৰং আৰু পানীৰ কথা আছে",
    "ko": "방앗간의 물레방아는 물의 힘으로 돌아간다",
    "lo": "ນີ້ແມ່ນຂໍ້ຄວາມສັ້ນກ່ຽວກັບໂຮງສີ",
    "syr": "ܗܢܐ ܟܬܒܐ ܙܥܘܪܐ ܥܠ ܪܚܝܐ",
}
MIXED = {
    # terms of another language in the running text
    "TensorFlow와 PyTorch는 모두 GPU를 지원하지만 CUDA 버전에 따라 다르게 동작한다": "ko",
    "README: 이 프로젝트는 Apache License 2.0 으로 배포됩니다. See CONTRIBUTING.md for details.": "ko",
    "この関数は HTTP リクエストを送信し、JSON レスポンスを返します。timeout は秒単位です。": "ja",
    "该函数发送 HTTP 请求并返回 JSON 响应, timeout 的单位为秒, 默认值为 30 秒。": "zh",
    "Функция отправляет HTTP request и возвращает JSON response в виде словаря.": "ru",
    # code between the lines
    "Die Mühle mahlt das Korn, und zwar so: `grind(corn, stones=2)`\n```\nfor x in y:\n  the_mill(x)\n```\n"
    "Danach wird das Mehl gesiebt und in Säcke gefüllt.": "de",
}


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        import natural_languages
    finally:
        sys.path.pop(0)
    module: ModuleType = natural_languages
    return module


@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "text").is_dir(), reason=f"no published texts under {SHARED}")
def test_floors_on_published_texts(benchmark: ModuleType) -> None:
    rows = benchmark.judge([*benchmark.questions(SHARED), *benchmark.declarations(SHARED)])
    for part, (right, wrong) in FLOORS.items():
        assert rows[part]["right"] >= right, (part, rows[part])
        assert rows[part]["wrong"] <= wrong, (part, rows[part])
    assert rows["udhr whole"]["languages"] >= 130
    assert rows["udhr articles, odd"]["named"] < 45  # languages that no model knows


@pytest.mark.parametrize(("code", "text"), WRITTEN.items())
def test_letters_tell_the_language(code: str, text: str) -> None:
    assert natural_language(text) == code


@pytest.mark.parametrize(("text", "code"), MIXED.items())
def test_terms_and_code_do_not_change_the_language(text: str, code: str) -> None:
    assert natural_language(text) == code


def test_no_language_is_said_of_a_script_that_it_is_not_written_in() -> None:
    # Cree and Ojibwe syllabics, Tifinagh: no model knows them, and both would guess.
    for text in ("ᓀᐦᐃᔭᐍᐏᐣ ᒥᓯᓇᐦᐃᑲᐣ ᐁᑿ ᐯᔭᐠ", "ⵉⵎⴷⴰⵏⴻⵏ ⴰⴽⴽⴻⵏ ⵎⴰ ⵍⵍⴰⵏ ⵜⵜⵍⴰⵍⴻⵏ"):
        assert natural_language(text * 3) == "und"


def test_members_of_one_language_are_called_by_its_name_when_in_doubt() -> None:
    told = {
        natural_language("Svako ima pravo na slobodu mišljenja i izražavanja; to pravo uključuje."),
        natural_language("Mlin melje žito kad ima dovoljno vode u potoku i kad vjetar ne puše."),
    }
    assert told <= {"hbs", "hr", "bs", "sr"}


def test_every_answer_is_a_code_that_can_be_asked_for() -> None:
    assert len(supported_languages()) > 200
    assert {code for code in supported_languages() if language_code(code) != code} == set()


def test_the_second_model_answers_as_its_package_does() -> None:
    theirs = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    for text in (*MIXED, *WRITTEN.values()):
        label, share = theirs.classify(text)
        found = second_opinion(text)
        assert (found.label, found.share) == (label, pytest.approx(share, abs=0.02))


def test_it_answers_alike_in_another_process_and_loads_no_second_model_for_plain_text() -> None:
    program = (
        "import sys; from filters.prose import natural_language as f\n"
        "print(f('The mill grinds the corn when the river is high enough.'), 'py3langid' in sys.modules)\n"
        "print(f('La muelo muelas grenon kaj la akvo'), f('ꯃꯅꯤꯄꯨꯔꯤ ꯂꯣꯟ ꯑꯁꯤ'))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            check=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
    assert runs.pop().startswith("en False\n")


def test_letters_are_counted_by_script() -> None:
    found = count_scripts("aß1 Жж ก็ 日本 ひ 한")
    assert (found.of("Latin"), found.of("Cyrillic"), found.of("Han")) == (
        2,
        2,
        4,
    )  # signs count twice
    assert (found.of("Kana"), found.of("Hangul"), found.of("Thai")) == (2, 2, 2)
    assert found.letters == 14
    assert count_scripts("").letters == 0
    assert count_scripts("\ud800\U0010ffff").letters == 0
    assert len(NAMES) == len(set(NAMES))
