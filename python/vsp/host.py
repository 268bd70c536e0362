"""The host's side of a program: printing and reading, ports, sensors and channels as Python methods."""
import sys
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from ._native import c_text, ffi, lib, new


class Host:
    """What a program reaches by its instructions. Derive a class and override what it may use; a
    method that raises NotImplementedError, as those here do, makes its instruction trap UNSUPPORTED.

    Only with the matching capability does a program reach these methods (Instance, capabilities)."""

    def print(self, data: bytes) -> None:
        """Printing SYSCALLs."""
        raise NotImplementedError

    def read_line(self) -> Optional[bytes]:
        """Reading SYSCALLs: a line without its newline, or None at the end of the input."""
        raise NotImplementedError

    def input(self, port: int) -> Optional[int]:
        """IN: a byte, or None at the end."""
        raise NotImplementedError

    def output(self, port: int, value: int) -> None:
        """OUT."""
        raise NotImplementedError

    def sense(self, sensor: int) -> Optional[int]:
        """SENSE: a byte, or None."""
        raise NotImplementedError

    def act(self, actuator: int, value: int) -> None:
        """ACT."""
        raise NotImplementedError

    def sync(self, id: int) -> None:
        """SYNC."""
        raise NotImplementedError

    def broadcast(self, channel: int, state: bytes) -> None:
        """BROADCAST: a state of 16 bytes."""
        raise NotImplementedError

    def receive(self, channel: int) -> Optional[bytes]:
        """RECEIVE: a state of 16 bytes, or None when the channel is empty."""
        raise NotImplementedError

    def entangle(self, register_a: int, register_b: int, value_a: int, value_b: int) -> None:
        """ENTANGLE."""
        raise NotImplementedError

    def clock_ns(self) -> int:
        """A monotonic clock in nanoseconds."""
        raise NotImplementedError

    def random(self) -> int:
        """64 random bits."""
        raise NotImplementedError

    def flush(self) -> None:
        """SYSCALL flush."""


class StreamHost(Host):
    """Printing and reading, and port 0, by Python's standard streams."""

    def print(self, data: bytes) -> None:
        """To the standard output, as UTF-8."""
        sys.stdout.write(data.decode("utf-8", "replace"))

    def read_line(self) -> Optional[bytes]:
        """From the standard input, without the newline; None at its end."""
        line = sys.stdin.readline()
        return line.rstrip("\n").encode() if line else None

    def output(self, port: int, value: int) -> None:
        """Port 0 is a character to the standard output; there are no others."""
        if port:
            raise NotImplementedError
        sys.stdout.write(chr(value))

    def flush(self) -> None:
        """Of the standard output."""
        sys.stdout.flush()


def _byte(value):
    return -1 if value is None else value & 0xFF


class Binding:
    """A Host as libvsp sees it: a vsp_host whose callbacks call its methods. raised gets the first
    exception of a method; the callback then makes the program trap."""

    def __init__(self, host: Optional[Host], args: Sequence[str], raised: Callable[[BaseException], None]):
        self._raised = raised
        self.struct = new("vsp_host")
        self._kept: List[object] = [c_text(argument) for argument in args]
        pointers = ffi.new("char *[]", self._kept)
        self._kept.append(pointers)
        self.struct.arg_count = len(args)
        self.struct.args = ffi.cast("const char *const *", pointers)
        if host is not None:
            self._bind(host)

    def _bind(self, host):
        for field, (method, arguments) in _CALLBACKS.items():
            # A method that the class did not override is a null callback, as in C: the clock, the
            # generator and flush are then the runtime's own.
            if getattr(type(host), method) is getattr(Host, method):
                continue
            kind = ffi.typeof("vsp_host").fields
            signature = dict(kind)[field].type
            callback = ffi.callback(signature, self._call(getattr(host, method), arguments), error=-lib.VSP_TRAP_HOST)
            self._kept.append(callback)
            setattr(self.struct, field, callback)

    def _call(self, method, convert):
        def called(user, *values):
            try:
                convert(method, *values)
            except NotImplementedError:
                return -lib.VSP_TRAP_UNSUPPORTED
            except BaseException as error:  # every kind must leave through the trap, KeyboardInterrupt too
                self._raised(error)
                return -lib.VSP_TRAP_HOST
            return 0
        return called


def _store(pointer, value):
    pointer[0] = value


def _read_line(method, buffer, size, length):
    line = method()
    if line is None:
        length[0] = -1
        return
    line = bytes(line)[:size]
    ffi.memmove(buffer, line, len(line))
    length[0] = len(line)


def _receive(method, channel, state, received):
    got = method(channel)
    received[0] = got is not None
    if got is not None:
        if len(got) != 16:
            raise ValueError("a state has 16 bytes, and Host.receive gave %d" % len(got))
        ffi.memmove(state, bytes(got), 16)


# The fields of vsp_host: the method of Host, and how C's arguments become the method's.
_CALLBACKS: Dict[str, Tuple[str, Callable]] = {
    "in": ("input", lambda method, port, value: _store(value, _byte(method(port)))),
    "out": ("output", lambda method, port, value: method(port, value)),
    "sense": ("sense", lambda method, sensor, value: _store(value, _byte(method(sensor)))),
    "act": ("act", lambda method, actuator, value: method(actuator, value)),
    "sync": ("sync", lambda method, id: method(id)),
    "broadcast": ("broadcast", lambda method, channel, state: method(channel, bytes(ffi.buffer(state, 16)))),
    "receive": ("receive", _receive),
    "entangle": ("entangle", lambda method, *values: method(*values)),
    "print": ("print", lambda method, data, length: method(bytes(ffi.buffer(data, length)))),
    "read_line": ("read_line", _read_line),
    "clock_ns": ("clock_ns", lambda method, ns: _store(ns, method())),
    "random_u64": ("random", lambda method, value: _store(value, method() & 0xFFFFFFFFFFFFFFFF)),
    "flush": ("flush", lambda method: method()),
}
