"""Programs compiled ahead of time (vspc --aot, Module.compile) as shared objects."""
import os
from typing import Any, Callable, Dict, Iterable, Mapping, Optional, Sequence, Union

from ._native import check, exception, ffi, new, text
from .errors import Error
from .host import Binding, Host
from .module import _KINDS, Function, Import
from .running import Running, capabilities_mask
from .wasi import Wasi


def _why_not(path: str, error: Exception) -> str:
    """cffi's own words tell more of its search for a file than of the file."""
    if not isinstance(error, OSError):
        return "'%s' is a library, but no compiled program: it has no vsp_aot_module" % path
    try:
        open(path, "rb").close()
    except OSError as reason:
        return "cannot read '%s': %s" % (path, reason.strerror)
    return "'%s' is no compiled program: %s" % (path, str(error).split(".  Additionally")[0])


class Program:
    """A shared object that is a compiled program."""

    def __init__(self, path: Union[str, os.PathLike]):
        self.path = os.path.abspath(os.fsdecode(path))
        try:
            self._lib = ffi.dlopen(self.path)
            descriptor = self._lib.vsp_aot_module
        except (OSError, AttributeError, KeyError) as error:
            raise Error(_why_not(self.path, error), status="VSP_E_FORMAT") from None
        self.functions = tuple(
            Function(text(f.name), f.params, f.results, _KINDS[f.kind], bool(f.exported), 0, 0)
            for f in descriptor.functions[0:descriptor.function_count])
        self.imports = tuple(Import(text(f.name), f.params, f.results)
                             for f in descriptor.imports[0:descriptor.import_count])
        self.target = text(descriptor.target)

    @property
    def exports(self) -> Dict[str, Function]:
        """The exported functions by their names."""
        return {f.name: f for f in self.functions if f.exported}

    def instantiate(self, **options: Any) -> "ProgramInstance":
        """A new instance; options are ProgramInstance's."""
        return ProgramInstance(self, **options)


def load_program(path: Union[str, os.PathLike]) -> Program:
    """Opens a program that was compiled to a shared object. Its code is executed: open only what you
    trust."""
    return Program(path)


class ProgramInstance(Running):
    """A running copy of a compiled program; used as Instance is. fuel counts only in programs that were
    compiled with it."""

    def __init__(self, program: Program, *, imports: Optional[Mapping[str, Callable]] = None,
                 host: Optional[Host] = None, args: Sequence[str] = (),
                 wasi: Optional[Wasi] = None, capabilities: Union[str, Iterable[str]] = (), max_memory: int = 0,
                 fuel: int = 0):
        super().__init__()
        self.program, self._lib = program, program._lib
        config, error = new("vsp_aot_config"), new("vsp_error")
        config.abi_version = 1
        config.max_memory, config.fuel = max_memory, fuel
        config.capabilities = capabilities_mask(capabilities)
        if host is not None or args:
            self._binding = Binding(host, args, self._note)
            config.host = self._binding.struct
        pointer = self._lib.vsp_aot_instantiate(config, error)
        if not pointer:
            raise exception(error)
        self._opened(pointer, self._lib.vsp_aot_free, program.exports)
        if wasi is not None:
            self._wasi = wasi
            self._check(self._lib.vsp_aot_wasi_define(self._c, wasi._config))
        for wanted in program.imports:
            function = (imports or {}).get(wanted.name)
            if function is not None:
                callback = self._import_callback(wanted.name, wanted.params, wanted.results, function)
                self._check(self._lib.vsp_aot_define_import(self._c, wanted.name.encode(), wanted.params,
                                                            wanted.results, callback, ffi.NULL))

    def _check(self, status):
        return check(status, self._lib.vsp_aot_last_error(self._pointer()))

    def _locate(self):
        size = ffi.new("uint64_t *")
        return self._lib.vsp_aot_memory(self._pointer(), size), size[0]

    def _guarded(self) -> bool:
        return not self._lib.vsp_aot_module.flags & self._lib.VSP_AOT_EXPLICIT_BOUNDS

    def run(self, timeout: Optional[float] = None) -> Optional[int]:
        """Runs from the entry to the end; the code of SYSCALL exit, or None."""
        with self._run(timeout):
            self._check(self._lib.vsp_aot_run(self._pointer()))
            code = self._lib.vsp_aot_exit_code(self._c)
            return None if code < 0 else code

    def _call(self, name, given, results):
        return self._check(self._lib.vsp_aot_call(self._pointer(), name, given, results)) != self._lib.VSP_HALTED

    def reset(self) -> None:
        """Back to the state after loading."""
        with self._exclusive():
            self.memory._before_reset()
            self._check(self._lib.vsp_aot_reset(self._pointer()))

    def interrupt(self) -> None:
        """Makes the current run, or else the next one, trap INTERRUPTED soon, from any thread."""
        pointer = self._c
        if pointer is not None:
            self._lib.vsp_aot_interrupt(pointer)
