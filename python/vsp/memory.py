"""Linear memory of instances, as views without copies and as copies."""
from typing import TYPE_CHECKING, Optional, Tuple, Union

from ._native import ffi
from .errors import Error

if TYPE_CHECKING:  # numpy need not be there
    import numpy

FIRST = 0x10000  # addresses below do not exist


class Memory:
    """An instance's linear memory. Indices are the program's addresses: memory[a:b] is a view of the
    bytes from a to b, and memory[a:b] = data stores there. A view keeps the memory alive."""

    def __init__(self, owner, locate, fixed):
        self._owner, self._locate, self._fixed = owner, locate, fixed
        self._initial = len(self)
        self._ends = {}  # of the live views, by a number of each
        self._made = 0

    def __len__(self) -> int:
        """The size in bytes, with the 64 KiB at the start that do not exist."""
        return self._locate()[1]

    def _range(self, start: int, size: int):
        base, end = self._locate()
        if not base:
            raise Error("the instance is closed")
        if size < 0 or start < FIRST or start > end or size > end - start:
            raise IndexError("the bytes %#x to %#x are not all in the memory, which is %#x to %#x"
                             % (start, start + size, FIRST, end))
        return base + start

    def read(self, start: int, size: int) -> bytes:
        """A copy of size bytes at address start."""
        return bytes(ffi.buffer(self._range(start, size), size))

    def write(self, start: int, data: Union[bytes, bytearray, memoryview, "numpy.ndarray"]) -> None:
        """Stores the bytes of data, which may be any buffer, at address start."""
        with memoryview(data) as view, view.cast("B") as octets:
            ffi.memmove(self._range(start, octets.nbytes), octets, octets.nbytes)

    def view(self, start: int = FIRST, size: Optional[int] = None) -> memoryview:
        """The bytes themselves, not copied; up to the end when size is None. Only for memory with guard
        pages, which never moves; others have read and write."""
        if not self._fixed():
            raise Error("memory with explicit bounds may move, so there are no views of it; use read and write")
        pointer = self._range(start, max(len(self) - start, 0) if size is None else size)
        count = len(self) - start if size is None else size
        self._made += 1
        self._ends[self._made] = start + count

        # The pointer's destructor holds the instance, so its memory lives until the last view is
        # gone.
        def gone(_, owner=self._owner(), ends=self._ends, number=self._made):
            ends.pop(number, None)
        octets = ffi.gc(ffi.cast("uint8_t *", pointer), gone)
        return memoryview(ffi.buffer(octets, count))

    def array(self, dtype: "Union[str, type, numpy.dtype]", start: int, count: int) -> "numpy.ndarray":
        """A numpy array over count items at address start, not copied. Needs numpy."""
        import numpy
        kind = numpy.dtype(dtype)
        return numpy.frombuffer(self.view(start, kind.itemsize * count), dtype=kind, count=count)

    def _before_reset(self):
        """A reset takes away what the program has grown, which no view may show then."""
        if any(end > self._initial for end in list(self._ends.values())):
            raise Error("views of memory that the program has grown are in use, and a reset takes it away; "
                        "release them first")

    def _bounds(self, key: slice) -> Tuple[int, int]:
        if not isinstance(key, slice) or key.step not in (None, 1):
            raise TypeError("memory takes slices of addresses without steps, such as memory[0x10000:0x10010]")
        start = FIRST if key.start is None else key.start
        return start, (len(self) if key.stop is None else key.stop) - start

    def __getitem__(self, key: slice) -> memoryview:
        return self.view(*self._bounds(key))

    def __setitem__(self, key: slice, data: Union[bytes, bytearray, memoryview, "numpy.ndarray"]) -> None:
        start, size = self._bounds(key)
        if memoryview(data).nbytes != size:
            raise ValueError("%d bytes do not fit a slice of %d" % (memoryview(data).nbytes, size))
        self.write(start, data)
