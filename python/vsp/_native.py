"""libvsp through cffi: finds the library, and reads what its calls report."""
import ctypes.util
import os
import pathlib

import cffi

from .errors import AssemblyError, Error, Frame, Trap

HERE = pathlib.Path(__file__).resolve().parent

ffi = cffi.FFI()
ffi.cdef((HERE / "_declarations.h").read_text(encoding="utf-8"))


def _candidates():
    """Where libvsp may be: the environment's choice alone, or in this package, in the project's
    build, or installed."""
    named = os.environ.get("VSP_LIBRARY")
    if named:
        return [named]
    build = HERE.parent.parent / "build" / "release" / "lib"
    found = [str(file) for folder in (HERE / "lib", build) for file in sorted(folder.glob("libvsp.so.*.*.*"))]
    return found + [name for name in [ctypes.util.find_library("vsp")] if name]


def _open():
    tried = []
    for name in _candidates():
        try:
            return ffi.dlopen(name)
        except OSError as error:
            tried.append(str(error))
    raise ImportError("libvsp cannot be opened: %s. Build the project (./setup), or name the library in the "
                      "environment variable VSP_LIBRARY." % ("; ".join(tried) or "it was not found"))


lib = _open()


def version() -> str:
    """The version of libvsp, such as "2.0.0"."""
    return text(lib.vsp_version())


def text(pointer):
    """The text at a char pointer or in a char array; "" for null."""
    return ffi.string(pointer).decode("utf-8", "replace") if pointer else ""


def c_text(value):
    """A C string of str, bytes or a path. One with a zero in it would be cut there."""
    data = os.fsencode(value)
    if b"\0" in data:
        raise ValueError("%r contains a character of number 0" % (value,))
    return ffi.new("char[]", data)


def new(kind):
    """A struct of the interface, zeroed, that says its size."""
    struct = ffi.new(kind + " *")
    struct.size = ffi.sizeof(kind)
    return struct


def exception(error, status=None):
    """The exception that a filled vsp_error stands for."""
    code = int(error.code) or int(status or 0)
    frames = [Frame(text(f.function), f.pc if f.pc != 0xFFFFFFFF else None, f.line or None)
              for f in error.trace[0:min(error.frames, len(error.trace))]]
    common = dict(status=text(lib.vsp_status_name(code)), file=text(error.file) or None, line=error.line or None,
                  column=error.column or None, function=text(error.function) or None)
    message = text(error.message) or common["status"]
    if code == lib.VSP_TRAPPED:
        return Trap(message, kind=text(lib.vsp_trap_name(error.trap)), code=error.trap_code,
                    pc=error.pc if error.pc != 0xFFFFFFFF else None, frames=frames, **common)
    if code == lib.VSP_E_SYNTAX:
        return AssemblyError(message, diagnostics=(), **common)
    if code == lib.VSP_E_FORMAT:
        return Error(message, offset=error.offset, **common)
    return Error(message, **common)


def check(status, error):
    """Raises what went wrong; VSP_OK and VSP_HALTED are returned."""
    if status not in (lib.VSP_OK, lib.VSP_HALTED):
        raise exception(error, status)
    return status


def take_bytes(pointer, size):
    """Copies bytes that libvsp allocated, and frees them."""
    data = bytes(ffi.buffer(pointer, size))
    lib.vsp_bytes_free(pointer)
    return data
