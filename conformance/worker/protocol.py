"""Messages between host and worker: one frame is a JSON head and the raw bytes of its arrays.

    frame  = length of head (8 bytes, little endian) | length of body (8 bytes) | head | body
    head   = {..., "arrays": [{"dtype", "shape", "at" | "file"}]}

Small arrays lie in the body; one of at least `SHARED_FROM` bytes travels as a file that both sides map (in /dev/shm
where there is one with room for it: containers have little), so that it is written once and never copied through the
pipe.
JSON never carries a number that is judged: those are arrays.
"""

from __future__ import annotations

import json
import os
import struct
import tempfile
from typing import Any

import numpy as np

from conformance.worker.arrays import Array, storage_dtype

SHARED_FROM = 1 << 20
LENGTHS = struct.Struct("<QQ")
SHARED_FOLDER = "/dev/shm" if os.path.isdir("/dev/shm") else None


class Closed(Exception):
    """The other side closed the pipe."""


def write_frame(stream: Any, head: dict[str, Any], arrays: Any = ()) -> None:
    """Writes one frame and flushes. `arrays` is a sequence of `Array`; `head` must not hold 'arrays'."""
    described: list[dict[str, Any]] = []
    parts: list[bytes] = []
    at = 0
    for array in arrays:
        storage = np.ascontiguousarray(array.storage)
        entry: dict[str, Any] = {"dtype": array.dtype, "shape": list(array.storage.shape)}
        if storage.nbytes >= SHARED_FROM:
            entry["file"] = _share(storage)
        else:
            raw = storage.tobytes()
            entry["at"] = at
            at += len(raw)
            parts.append(raw)
        described.append(entry)
    head = dict(head, arrays=described)
    encoded = json.dumps(head).encode("utf-8")
    stream.write(b"".join([LENGTHS.pack(len(encoded), at), encoded] + parts))
    stream.flush()


def read_frame(stream: Any) -> tuple[dict[str, Any], list[Array]]:
    """Reads one frame: (head, [Array]). Raises `Closed` at the end of the stream."""
    lengths = _read(stream, LENGTHS.size)
    head_length, body_length = LENGTHS.unpack(lengths)
    head = json.loads(_read(stream, head_length).decode("utf-8"))
    body = _read(stream, body_length) if body_length else b""
    return head, [_array(entry, body) for entry in head.pop("arrays")]


def _array(entry: dict[str, Any], body: bytes) -> Array:
    dtype, shape = storage_dtype(entry["dtype"]), tuple(entry["shape"])
    count = int(np.prod(shape, dtype=np.int64))
    if "file" in entry:
        storage = np.fromfile(entry["file"], dtype, count)
        os.unlink(entry["file"])
    else:
        storage = np.frombuffer(body, dtype, count, entry["at"])
    return Array(entry["dtype"], storage.reshape(shape))


def _share(storage: np.ndarray[Any, Any]) -> str:
    handle, path = tempfile.mkstemp(prefix="conformance-", dir=_folder_for(storage.nbytes))
    with os.fdopen(handle, "wb") as file:
        storage.tofile(file)
    return path


def _folder_for(size: int) -> str | None:
    """Memory's own folder, or that of temporary files (None) where it has no room."""
    if SHARED_FOLDER is None:
        return None
    free = os.statvfs(SHARED_FOLDER)
    return SHARED_FOLDER if free.f_bavail * free.f_frsize > 2 * size else None


def _read(stream: Any, count: int) -> bytes:
    parts: list[bytes] = []
    while count:
        part = stream.read(count)
        if not part:
            raise Closed()
        parts.append(part)
        count -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
