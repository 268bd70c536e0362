"""What instances of both kinds share: one thread at a time, exceptions of callbacks, interrupts."""
import contextlib
import os
import signal
import threading
import weakref
from typing import Callable, Dict, Iterable, List, Optional, Set, Tuple, Union

from ._native import ffi, lib
from .errors import Error, Trap
from .memory import Memory

_CAPABILITIES = {name: "VSP_CAP_" + name.upper()
                 for name in ("stdio", "args", "clock", "random", "models", "gpu", "npu")}


def choice(table: Dict[str, str], name, what: str) -> int:
    """The value of the constant that a name stands for."""
    if str(name) not in table:
        raise ValueError("'%s' is no %s; there are %s" % (name, what, ", ".join(table)))
    return getattr(lib, table[str(name)])


def capabilities_mask(wanted: Union[str, Iterable[str]]) -> int:
    """The mask of capabilities: of one name, of several, or of "all"."""
    names = _CAPABILITIES if wanted == "all" else [wanted] if isinstance(wanted, str) else wanted
    mask = 0
    for name in names:
        mask |= choice(_CAPABILITIES, name, "capability")
    return mask

_I64 = 1 << 63


def to_i64(value: int) -> int:
    """An integer of 64 bits, signed or not, as C's int64_t."""
    if not -_I64 <= value < 2 * _I64:
        raise OverflowError("%d does not fit in 64 bits" % value)
    return value - 2 * _I64 if value >= _I64 else value


class _Watch:
    """Makes Ctrl-C end compiled code: Python handles a signal only when a call returns, so a thread
    that is told of signals at once (signal.set_wakeup_fd) interrupts what the main thread runs."""

    def __init__(self):
        self.running: Set["Running"] = set()
        self._lock = threading.Lock()
        self._process = None

    def _start(self):
        """Begins to be told, unless something else, such as asyncio, is."""
        self._process = os.getpid()
        read, write = os.pipe()
        os.set_blocking(write, False)
        previous = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        if previous != -1:
            signal.set_wakeup_fd(previous)
            os.close(read)
            os.close(write)
            return
        threading.Thread(target=self._wait, args=(read,), daemon=True, name="vsp signals").start()

    def _wait(self, read):
        while True:
            for number in os.read(read, 64):
                # A handler of the program's own, which may want to go on, is not one to stop for.
                if number == signal.SIGINT and signal.getsignal(number) is signal.default_int_handler:
                    with self._lock:
                        for instance in self.running:
                            instance.interrupt()

    @contextlib.contextmanager
    def over(self, instance: "Running"):
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        if self._process != os.getpid():  # threads do not survive a fork
            self._start()
        outermost = instance not in self.running
        with self._lock:
            self.running.add(instance)
        try:
            yield
        finally:
            if outermost:
                with self._lock:
                    self.running.discard(instance)


_watch = _Watch()


class _Timeout:
    """Interrupts an instance some seconds after it was entered, unless it was left before."""

    def __init__(self, instance: "Running", seconds: Optional[float]):
        self._instance, self._lock, self._fired, self._left = instance, threading.Lock(), False, False
        if seconds is not None and not 0 <= seconds <= threading.TIMEOUT_MAX:
            raise ValueError("%r is no time-out; it takes seconds from 0 to %d" % (seconds, threading.TIMEOUT_MAX))
        self._timer = threading.Timer(seconds, self._fire) if seconds is not None else None

    def _fire(self):
        with self._lock:
            if not self._left:
                self._fired = True
                self._instance.interrupt()

    def __enter__(self):
        if self._timer:
            self._timer.daemon = True
            self._timer.start()

    def __exit__(self, kind, value, trace):
        if not self._timer:
            return
        self._timer.cancel()
        with self._lock:
            self._left = True
        # The time was over just when the run ended: the instance is interrupted all the same.
        if self._fired and kind is None:
            raise Trap("the program was interrupted", kind="INTERRUPTED", status="VSP_TRAPPED")


class Running:
    """Runs and calls of one instance. The classes derived say how C does them."""

    def __init__(self):
        self._lock = threading.RLock()
        self._depth = 0
        self._raised: Optional[BaseException] = None
        self._kept: Dict[str, object] = {}  # callbacks of imports, by name
        self._c = None

    def _opened(self, pointer, free, functions):
        """Takes C's instance, which free ends, and its exported functions."""
        self._c = ffi.gc(pointer, free)
        self._functions = functions
        self.memory = Memory(self._pointer, self._locate, self._guarded)
        self.exports = Exports(self, functions)

    def _pointer(self):
        if self._c is None:
            raise Error("the instance is closed")
        return self._c

    def _locate(self) -> Tuple[object, int]:
        """Where linear address 0 is, and the size of the memory."""
        raise NotImplementedError

    def _guarded(self) -> bool:
        """Has the memory guard pages? Then it never moves."""
        raise NotImplementedError

    def _call(self, name: bytes, given, results) -> bool:
        """Calls an exported function; did it return?"""
        raise NotImplementedError

    def interrupt(self) -> None:
        """Makes the current run, or else the next one, trap INTERRUPTED soon; reset comes before
        further runs. From any thread."""
        raise NotImplementedError

    def call(self, name: str, *args: int, timeout: Optional[float] = None) -> Union[None, int, Tuple[int, ...]]:
        """Calls an exported function with integers: returns None, an integer or a tuple of them. None
        too when the program ended by HLT or exit. After timeout seconds it traps INTERRUPTED."""
        function = self._functions.get(name)
        if function is None:
            raise Error("the program exports no function '%s'" % name)
        wanted, count = _SIGNATURES.get(function.kind, (function.params, function.results))
        given, results = _arguments(name, wanted, args), ffi.new("int64_t[]", max(count, 1))
        with self._run(timeout):
            return _unpack(results, count) if self._call(name.encode(), given, results) else None

    def close(self) -> None:
        """Ends the instance. Its memory lives until the last view of it is gone."""
        with self._exclusive():
            if self._depth > 1:
                raise Error("the instance is running; it cannot be closed by its own callback")
            self._c = None

    def __enter__(self):
        return self

    def __exit__(self, *unused) -> None:
        self.close()

    def _note(self, error: BaseException) -> None:
        """A callback raised: the first exception is what comes out."""
        if self._raised is None:
            self._raised = error

    @contextlib.contextmanager
    def _exclusive(self):
        if not self._lock.acquire(blocking=False):
            raise Error("the instance is in use by another thread; an instance is for one thread at a time")
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            self._lock.release()

    @contextlib.contextmanager
    def _run(self, timeout: Optional[float]):
        """Around a run: ends it after timeout seconds, and lets exceptions of callbacks through."""
        with self._exclusive(), _watch.over(self), _Timeout(self, timeout):
            if self._depth == 1:
                self._raised = None
            try:
                yield
            except Trap as trap:
                raised, self._raised = self._raised, None
                if raised is None:
                    raise
                if hasattr(raised, "add_note"):
                    raised.add_note("The program trapped: %s" % trap)
                raise raised from raised.__cause__

    def _import_callback(self, name: str, params: int, results: int, function: Callable):
        """A C callback for an import, which returns nothing, an integer, or a sequence of integers."""
        def called(user, caller, args, out):
            try:
                values = _results(function(*(args[i] for i in range(params))), name, results)
                for i, value in enumerate(values):
                    out[i] = to_i64(value)
            except BaseException as error:  # every kind must leave through the trap, KeyboardInterrupt too
                self._note(error)
                return lib.VSP_E_HOST
            return lib.VSP_OK
        callback = ffi.callback("vsp_import_fn", called, error=lib.VSP_E_HOST)
        self._kept[name] = callback
        return callback


def _results(value, name: str, count: int) -> Iterable[int]:
    values = () if value is None else value if isinstance(value, (tuple, list)) else (value,)
    if len(values) != count:
        raise TypeError("the import '%s' returns %d values, and its function gave %d" % (name, count, len(values)))
    return values


# Parameters and results of kinds of functions that have no signature of their own.
_SIGNATURES = {"transform": (16, 16), "kernel": (2, 0)}


def _arguments(name: str, wanted: int, given: Tuple[int, ...]):
    """An array of arguments for a function of so many parameters."""
    if len(given) != wanted:
        raise TypeError("'%s' takes %d arguments, and got %d" % (name, wanted, len(given)))
    return ffi.new("int64_t[]", [to_i64(value) for value in given] or 1)


def _unpack(results, count: int):
    """None, an integer, or a tuple of them."""
    return None if count == 0 else results[0] if count == 1 else tuple(results[i] for i in range(count))


class Exports:
    """The exported functions as attributes: instance.exports.fib(30)."""

    def __init__(self, owner: "Running", names: Iterable[str]):
        self._owner, self._names = weakref.ref(owner), frozenset(names)

    def __getattr__(self, name: str) -> Callable:
        if name not in self._names:
            raise AttributeError("the module exports no function '%s'" % name)

        def call(*args: int, timeout: Optional[float] = None):
            owner = self._owner()
            if owner is None:
                raise Error("the instance does not exist any more")
            return owner.call(name, *args, timeout=timeout)
        call.__name__ = name
        return call

    def __dir__(self) -> List[str]:
        return sorted(self._names)
