"""Arrays as they cross the process boundary: raw bytes with a dtype and a shape, never decimal text.

NumPy has no bfloat16, and an environment under test need not have ml_dtypes, so a bfloat16
array is stored as the uint16 array of its bits. Every other dtype is stored as itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

FLOATS = ("float64", "float32", "float16", "bfloat16")


class Array(object):
    """An array of a named dtype. `storage` holds its bits: uint16 for bfloat16, else the dtype itself."""

    __slots__ = ("dtype", "storage")

    def __init__(self, dtype: str, storage: np.ndarray[Any, Any]) -> None:
        self.dtype = dtype
        self.storage = storage

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.storage.shape)

    def __repr__(self) -> str:
        return "Array({}, shape={})".format(self.dtype, self.shape)


def storage_dtype(dtype: str) -> np.dtype[Any]:
    """The NumPy dtype that holds the bits of `dtype` (a name)."""
    return np.dtype("uint16" if dtype == "bfloat16" else dtype)


def of_numpy(array: Any) -> Array:
    """An `Array` of a NumPy array; one of ml_dtypes' bfloat16 is viewed as its bits."""
    array = np.asarray(array)
    name = array.dtype.name
    return Array(name, array.view(np.uint16) if name == "bfloat16" else array)


def to_float32(array: Array) -> np.ndarray[Any, Any]:
    """The exact float32 NumPy array of a bfloat16 `Array`: its bits are the upper half of a float32."""
    bits = np.atleast_1d(array.storage).astype(np.uint32) << np.uint32(16)
    return np.asarray(bits.view(np.float32).reshape(array.shape))


def of_float32(values: Any) -> Array:
    """The bfloat16 `Array` nearest to a float32 NumPy array, ties to even; nan stays nan."""
    values = np.asarray(values, np.float32)
    bits = values.view(np.uint32).astype(np.uint64)
    rounded = ((bits + np.uint64(0x7FFF) + ((bits >> np.uint64(16)) & np.uint64(1))) >> np.uint64(16)).astype(np.uint16)
    return Array("bfloat16", np.where(np.isnan(values), np.uint16(0x7FC0), rounded).astype(np.uint16))
