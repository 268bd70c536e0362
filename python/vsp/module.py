"""Modules: verified programs, which never change and can be shared by threads and instances."""
import os
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

from ._native import c_text, check, exception, ffi, lib, new, take_bytes, text
from .errors import AssemblyError, Diagnostic

_KINDS = ("function", "transform", "kernel")
_SEVERITIES = {0: "error", 1: "warning", 2: "note"}


class Function(NamedTuple):
    """A function of a module; name is "" when it has none. kind: "function", "transform" or "kernel"."""
    name: str
    params: int
    results: int
    kind: str
    exported: bool
    code_start: int
    code_size: int


class Import(NamedTuple):
    """A function that the host defines: "module.name", and how many values it takes and returns."""
    name: str
    params: int
    results: int


class Module:
    """A verified program. Made by assemble, load and load_bytes."""

    def __init__(self, pointer):
        self._c = ffi.gc(pointer, lib.vsp_module_free)

    @property
    def functions(self) -> Tuple[Function, ...]:
        """All functions, in the order of their numbers."""
        info, found = new("vsp_function_info"), []
        for index in range(lib.vsp_module_function_count(self._c)):
            check(lib.vsp_module_function(self._c, index, info), new("vsp_error"))
            found.append(Function(text(info.name), info.params, info.results, _KINDS[info.kind], bool(info.exported),
                                  info.code_start, info.code_size))
        return tuple(found)

    @property
    def exports(self) -> Dict[str, Function]:
        """The exported functions by their names."""
        return {f.name: f for f in self.functions if f.exported}

    @property
    def imports(self) -> Tuple[Import, ...]:
        """What the host must define."""
        name, params, results = ffi.new("char **"), ffi.new("uint32_t *"), ffi.new("uint32_t *")
        found = []
        for index in range(lib.vsp_module_import_count(self._c)):
            lib.vsp_module_import(self._c, index, ffi.cast("const char **", name), params, results)
            found.append(Import(text(name[0]), params[0], results[0]))
        return tuple(found)

    def line(self, pc: int) -> Optional[Tuple[str, int]]:
        """Source file and line of a code address, or None."""
        file, line = ffi.new("char **"), ffi.new("uint32_t *")
        if lib.vsp_module_line(self._c, pc, ffi.cast("const char **", file), line) != lib.VSP_OK:
            return None
        return text(file[0]), line[0]

    def to_bytes(self) -> bytes:
        """The module as a .silc file."""
        size, error = ffi.new("size_t *"), new("vsp_error")
        data = lib.vsp_module_write(self._c, size, error)
        if not data:
            raise exception(error)
        return take_bytes(data, size[0])

    def disassemble(self) -> str:
        """The module as .sil source, which assembles to the same module."""
        size, error = ffi.new("size_t *"), new("vsp_error")
        data = lib.vsp_module_disassemble(self._c, size, error)
        if not data:
            raise exception(error)
        return take_bytes(data, size[0]).decode("utf-8")

    def compile(self, path: Union[str, os.PathLike], *options: str) -> None:
        """Compiles ahead of time into path, whose suffix says the kind: .so, .o, .a, .wasm, .h, .ll, .s
        or none for an executable. options are those of `vspc --aot`, such as "-O3"."""
        texts = [c_text(option) for option in options]
        error = new("vsp_error")
        check(lib.vsp_aot_compile(self._c, c_text(path), ffi.new("char *[]", texts), len(texts), error), error)


class _Source:
    """How source text is read: C's options with what they point at, and the messages that come."""

    def __init__(self, name: Optional[str], include_dirs: Sequence[Union[str, os.PathLike]], includes: bool):
        self.diagnostics: List[Diagnostic] = []
        self._report = ffi.callback("void(void *, int, const char *)", self._told)
        self._name = c_text(name) if name is not None else ffi.NULL
        self._texts = [c_text(folder) for folder in include_dirs]
        self._dirs = ffi.new("char *[]", self._texts)
        self.options = new("vsp_source_options")
        self.options.name = self._name
        self.options.report = self._report
        self.options.no_includes = not includes
        self.options.include_dirs = ffi.cast("const char *const *", self._dirs)
        self.options.include_dir_count = len(self._texts)

    def _told(self, user, severity, message):
        self.diagnostics.append(Diagnostic(_SEVERITIES.get(severity, "note"), text(message)))

    def module(self, pointer, error) -> Module:
        """The module at pointer, or the exception."""
        if pointer:
            return Module(pointer)
        failure = exception(error)
        if isinstance(failure, AssemblyError):
            failure.diagnostics = tuple(self.diagnostics)
        raise failure


def assemble(source: str, name: Optional[str] = None, *, include_dirs: Sequence[Union[str, os.PathLike]] = (),
             includes: bool = True) -> Module:
    """Assembles .sil source. name is for messages, and its folder is where included files may be;
    includes=False refuses .include and .model. Raises AssemblyError with all diagnostics."""
    data, error, how = source.encode("utf-8"), new("vsp_error"), _Source(name, include_dirs, includes)
    return how.module(lib.vsp_assemble(ffi.from_buffer("char[]", data) if data else ffi.new("char[1]"), len(data),
                                       how.options, error), error)


def load(path: Union[str, os.PathLike], *, include_dirs: Sequence[Union[str, os.PathLike]] = (),
         includes: bool = True) -> Module:
    """Reads a .sil, .silc or WebAssembly file."""
    error, how = new("vsp_error"), _Source(None, include_dirs, includes)
    return how.module(lib.vsp_module_load_file(c_text(path), how.options, error), error)


def load_bytes(data: bytes) -> Module:
    """Reads the bytes of a .silc file or of a WebAssembly module."""
    error = new("vsp_error")
    pointer = lib.vsp_module_load(ffi.from_buffer("char[]", data) if len(data) else ffi.new("char[1]"), len(data), error)
    if not pointer:
        raise exception(error)
    return Module(pointer)
