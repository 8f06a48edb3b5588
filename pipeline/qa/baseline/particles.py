"""Korean particles: where the word of an eojeol ends, so that an answer can end before its particle.

A list of common particles and forms of the copula, the longest that fits; no dictionary. Where it cuts
wrongly nothing is lost, for a span may hold both parts.
"""

from __future__ import annotations

from typing import Final

_FIRST: Final = "가"
_LAST: Final = "힣"

_PARTICLES: Final = frozenset(
    """
    은 는 이 가 을 를 의 에 와 과 로 도 만 나 랑 라 란 며 고 인 들 등 께 야 다
    에서 에게 에는 에도 에의 에만 으로 로서 로써 로는 로도 로의 하고 한테 께서 부터 까지 마저 조차 밖에
    보다 처럼 같이 마다 이나 이랑 이라 이란 이며 이고 이자 이다 이었 였다 만이 만을 만은 만의 와는 과는 와의 과의
    들이 들은 들을 들의 들에 들도 라는 라고 라며 라도 인데 이지 였던 였고 였으며 하는 하여 하고 한다 했다 되는 된다
    에서는 에서도 에서의 에게는 에게서 에게도 으로는 으로도 으로의 으로서 으로써 로부터 로서의 로서는 까지의
    까지는 까지도 부터는 부터의 이라는 이라고 이라며 이라도 이었다 이었던 이었고 이지만 이면서 이므로 들에게 들에는
    들이다 들과의 만으로 보다는 보다도 하였다 되었다
    으로부터 로부터의 으로서의 으로써의 이었으며 들로부터 들에게서 에서부터 으로까지
    """.split()  # noqa: SIM905  a list of words reads as one
)
_LONGEST: Final = max(map(len, _PARTICLES))


def is_hangul(char: str) -> bool:
    """Tell whether a character is a syllable of Hangul."""
    return _FIRST <= char <= _LAST


def particle_length(word: str) -> int:
    """Return how many code points at the end of a word are a particle; at least one is none."""
    for length in range(min(_LONGEST, len(word) - 1), 0, -1):
        if word[-length:] in _PARTICLES:
            return length
    return 0


def is_particle(word: str) -> bool:
    """Tell whether a word is a particle, as where it follows a closing quote."""
    return word in _PARTICLES
