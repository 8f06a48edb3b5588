"""How every kernel is compiled: once, cached on disk, without the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

Function = TypeVar("Function", bound=Callable[..., object])
Scalar = TypeVar("Scalar", bound=np.generic)


def kernel(function: Function) -> Function:
    """Compile `function` at its first call, or load it from the cache beside its file.

    The cache notices an edit of the kernel's own file only, so a kernel calls no kernel of another
    file whose values could change.
    """
    return cast("Function", numba.njit(cache=True, nogil=True)(function))


def frozen(array: npt.ArrayLike, dtype: type[Scalar]) -> npt.NDArray[Scalar]:
    """Return a read-only, aligned, C-ordered view of `array` (a copy only where it must be).

    Kernels are compiled per array type, and a mapped file is read-only where a fresh array is not:
    one type for all inputs means one compilation.
    """
    view = np.require(array, dtype, ["C", "A"]).view(np.ndarray)
    view.flags.writeable = False
    return view
