"""WASI preview 1: what a program gets of the system."""
import os
from typing import IO, Iterable, Mapping, Optional, Sequence, Union

from ._native import c_text, check, exception, ffi, lib, new
from .running import capabilities_mask

_RIGHTS = ("stdio", "args", "clock", "random")


class Wasi:
    """What WASI gives to an instance, which is nothing but what is said here.

    args: its arguments, with the program's own name first. env: its variables.
    folders: folders that it may use with all below them, by the name that it sees: {"/data": "data"};
    read_only: others, in which it may change nothing.
    stdin, stdout, stderr: files with a descriptor, or descriptors; None: the stream does not exist.
    Python's own buffers are passed by: flush them before the program runs.
    capabilities: of "stdio", "args" (env, too), "clock" and "random"; all by default.

    Several instances may be made with one Wasi; each opens its folders anew."""

    def __init__(self, *, args: Sequence[str] = (), env: Optional[Mapping[str, str]] = None,
                 folders: Optional[Mapping[str, Union[str, os.PathLike]]] = None,
                 read_only: Optional[Mapping[str, Union[str, os.PathLike]]] = None,
                 stdin: Union[IO, int, None] = None, stdout: Union[IO, int, None] = None,
                 stderr: Union[IO, int, None] = None, capabilities: Union[str, Iterable[str]] = _RIGHTS):
        wanted = (capabilities,) if isinstance(capabilities, str) else tuple(capabilities)
        for name in wanted:
            if name not in _RIGHTS:
                raise ValueError("'%s' is no capability of WASI; there are %s" % (name, ", ".join(_RIGHTS)))
        both = set(folders or ()) & set(read_only or ())
        if both:
            raise ValueError("'%s' is in folders and in read_only" % both.pop())
        self._streams = (stdin, stdout, stderr)  # which keeps their descriptors open
        self._config, self._kept = new("vsp_wasi_config"), []
        self._config.capabilities = capabilities_mask(wanted)
        self._config.stdio = [_descriptor(stream) for stream in self._streams]
        self._config.arg_count, self._config.args = self._texts(args)
        for name in env or ():
            if not name or "=" in name:
                raise ValueError("%r is no name of a variable" % (name,))
        self._config.env_count, self._config.env = self._texts("%s=%s" % item for item in (env or {}).items())
        granted = [(name, path, 0) for name, path in (folders or {}).items()]
        granted += [(name, path, 1) for name, path in (read_only or {}).items()]
        self._config.preopen_count, self._config.preopens = self._preopens(granted)

    def _texts(self, texts):
        """The count of the texts, and a C array of them."""
        words = [c_text(one) for one in texts]
        array = ffi.new("char *[]", words or 1)
        self._kept += [words, array]
        return len(words), ffi.cast("const char **", array)

    def _preopens(self, granted):
        array = ffi.new("vsp_wasi_preopen[]", len(granted) or 1)
        for entry, (name, path, read_only) in zip(array, granted):
            words = c_text(path), c_text(name)
            self._kept.append(words)
            entry.size, entry.read_only = ffi.sizeof("vsp_wasi_preopen"), read_only
            entry.host, entry.guest = words
        self._kept.append(array)
        return len(granted), array

    def _open(self, instance):
        """Opens the folders and defines the imports; what is returned lives as long as the instance."""
        error = new("vsp_error")
        wasi = lib.vsp_wasi_new(self._config, error)
        if not wasi:
            raise exception(error)
        wasi = ffi.gc(wasi, lib.vsp_wasi_free)
        check(lib.vsp_wasi_define(wasi, instance, error), error)
        return wasi, self


def _descriptor(stream) -> int:
    return -1 if stream is None else stream if isinstance(stream, int) else stream.fileno()
