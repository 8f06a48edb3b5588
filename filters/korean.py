"""Korean words: eojeol end in particles (josa) and forms of the copula, by closed lists and no dictionary.

Two questions are asked. What is the word without its particle, which must be sure (`without_particle`
follows the sound before it)? And where might a word end, which must miss none (`particle_length` takes
the longest that fits)?
"""

from __future__ import annotations

from typing import Final

_SYLLABLES: Final = range(0xAC00, 0xD7A4)
_FINALS: Final = 28  # of a syllable's code, what is left by this is the consonant that it ends in
_RIEUL: Final = 8

# By what they follow, the longest first
_AFTER_ANY: Final = """
에서부터 으로부터 에서는 에게서 에서의 에서도 로부터 까지의 까지는 부터는 으로는 이라는 에서 에게 에는 에도 에의 께서
까지 부터 보다 처럼 만큼 마다 조차 마저 밖에 한테 하고 같이 의 에 도 만 께
"""
_AFTER_CONSONANT: Final = """
이라고 으로서 으로써 이라도 이었던 이었다 으로 이나 이며 이란 과의 과는 이고 은 이 을 과
"""
_AFTER_VOWEL: Final = """
라고 로서 로써 라도 라는 였던 였다 로는 로의 와의 와는 는 가 를 와 로 나 란 며
"""

# What may stand behind a noun: particles, plurals, forms of to be, to do and to become
_MORE: Final = """
은 는 이 가 을 를 의 에 와 과 로 도 만 나 랑 라 란 며 고 인 들 등 께 야 다
에서 에게 에는 에도 에의 에만 으로 로서 로써 로는 로도 로의 하고 한테 께서 부터 까지 마저 조차 밖에
보다 처럼 같이 마다 이나 이랑 이라 이란 이며 이고 이자 이다 이었 였다 만이 만을 만은 만의 와는 과는 와의 과의
들이 들은 들을 들의 들에 들도 라는 라고 라며 라도 인데 이지 였던 였고 였으며 하는 하여 하고 한다 했다 되는 된다
에서는 에서도 에서의 에게는 에게서 에게도 으로는 으로도 으로의 으로서 으로써 로부터 로서의 로서는 까지의
까지는 까지도 부터는 부터의 이라는 이라고 이라며 이라도 이었다 이었던 이었고 이지만 이면서 이므로 들에게 들에는
들이다 들과의 만으로 보다는 보다도 하였다 되었다
으로부터 로부터의 으로서의 으로써의 이었으며 들로부터 들에게서 에서부터 으로까지
"""


def is_hangul(sign: str) -> bool:
    """Tell whether a character is a Hangul syllable."""
    return ord(sign) in _SYLLABLES


def final_consonant(sign: str) -> int:
    """Return the number of the consonant that a syllable ends in (Unicode 3.12), 0 for none, -1 for other signs."""
    return (ord(sign) - _SYLLABLES.start) % _FINALS if is_hangul(sign) else -1


def without_particle(word: str) -> str:
    """Take one particle from the end of a Korean word; at least one sign, and two syllables of Hangul, stay."""
    for ending in _BY_LENGTH:
        left = word.removesuffix(ending)
        if left != word and _stands(left) and _fits(left, ending):
            return left
    return word


def particle_length(word: str) -> int:
    """Return how many code points at the end of a word may be a particle; at least one is none."""
    for length in range(min(_LONGEST, len(word) - 1), 0, -1):
        if word[-length:] in _LOOSE:
            return length
    return 0


def is_particle(word: str) -> bool:
    """Tell whether a word may be a particle, as where it follows a closing quote."""
    return word in _LOOSE


def _stands(left: str) -> bool:
    """Tell whether what is left may be a word of its own: one syllable alone mostly is not."""
    return len(left) > int(left != "" and is_hangul(left[-1]))


def _fits(left: str, ending: str) -> bool:
    """Tell whether a particle may follow, by the sound; how digits and foreign letters end is not known."""
    final = final_consonant(left[-1])
    if final < 0 or ending in _ALWAYS:
        return True
    if ending.startswith("로") and final == _RIEUL:
        return True
    return (final == 0) == (ending in _VOWEL)


_ALWAYS: Final = frozenset(_AFTER_ANY.split())
_VOWEL: Final = frozenset(_AFTER_VOWEL.split())
_BY_LENGTH: Final = tuple(
    sorted(
        {*_ALWAYS, *_VOWEL, *_AFTER_CONSONANT.split()}, key=lambda ending: (-len(ending), ending)
    )
)
_LOOSE: Final = frozenset(_MORE.split())
_LONGEST: Final = max(map(len, _LOOSE))
