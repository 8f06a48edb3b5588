"""How every kernel is compiled: once, cached on disk, without the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

Function = TypeVar("Function", bound=Callable[..., object])
Scalar = TypeVar("Scalar", bound=np.generic)

_SHIFT: Final = np.uint64(33)
_FIRST: Final = np.uint64(0xFF51AFD7ED558CCD)
_SECOND: Final = np.uint64(0xC4CEB9FE1A85EC53)


def kernel(function: Function) -> Function:
    """Compile `function` at its first call, or load it from the cache beside its file.

    The cache notices an edit of the kernel's own file only, so a kernel calls no kernel of another
    file but `mix64` below, whose values are fixed for good.
    """
    return cast("Function", numba.njit(cache=True, nogil=True)(function))


@kernel
def mix64(value: Any) -> Any:
    """Finalise one uint64: the 64-bit finaliser of MurmurHash3, a bijection that avalanches."""
    value = (value ^ (value >> _SHIFT)) * _FIRST
    value = (value ^ (value >> _SHIFT)) * _SECOND
    return value ^ (value >> _SHIFT)


def mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return `mix64` of each element, in plain numpy."""
    values = (values ^ (values >> _SHIFT)) * _FIRST
    values = (values ^ (values >> _SHIFT)) * _SECOND
    return values ^ (values >> _SHIFT)


def frozen(array: npt.ArrayLike, dtype: type[Scalar]) -> npt.NDArray[Scalar]:
    """Return a read-only, aligned, C-ordered view of `array` (a copy only where it must be).

    Kernels are compiled per array type, and a mapped file is read-only where a fresh array is not:
    one type for all inputs means one compilation.
    """
    view = np.require(array, dtype, ["C", "A"]).view(np.ndarray)
    view.flags.writeable = False
    return view
