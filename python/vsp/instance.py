"""Instances: running copies of a module."""
from typing import Callable, Dict, Iterable, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

from ._native import c_text, check, exception, ffi, lib, new, text
from .errors import Error
from .host import Binding, Host
from .module import Module
from .running import Running, capabilities_mask, choice
from .wasi import Wasi

_TIERS = {"auto": "VSP_TIER_AUTO", "interp": "VSP_TIER_INTERP", "baseline": "VSP_TIER_BASELINE", "1": "VSP_TIER_1",
          "2": "VSP_TIER_2"}
_BOUNDS = {"auto": "VSP_CONFIG_BOUNDS_AUTO", "guard": "VSP_CONFIG_BOUNDS_GUARD",
           "explicit": "VSP_CONFIG_BOUNDS_EXPLICIT"}
_BACKENDS = {name: "VSP_BACKEND_" + name.upper() for name in ("auto", "cpu", "gpu", "npu")}
_ENDS = ("none", "returned", "halted", "exited", "trapped")
# Fields of vsp_config that are given as they are.
_PLAIN = ("max_memory", "max_depth", "tier1_threshold", "tier2_threshold", "count", "deterministic", "precise_traps",
          "check_kernels", "sync_compile", "cache_limit", "no_signals", "threads")
_TEXTS = ("cache", "npu")


class State(NamedTuple):
    """The state of the activation that ended a run or step. end: "none", "returned", "halted", "exited"
    or "trapped". Registers are signed, gradients those of GRAD (G); known is False when a trap in compiled code left them unknown."""
    end: str
    exit_code: int
    pc: Optional[int]
    sp: int
    flags: int
    mode: int
    known: bool
    tier: int
    registers: Tuple[int, ...]
    gradients: Tuple[float, ...]


class Instance(Running):
    """A running copy of a module, with memory of its own. One thread at a time may use it; calls
    release the interpreter's lock, so that other threads run meanwhile.

    imports: Python functions for the module's imports, by name ("host.log"). They take and return
    integers; an exception ends the run, and comes out of run or call as itself.
    host: what printing, ports and sensors reach; without one printed text is kept for output.
    args: the program's arguments, for the capability "args".
    wasi: what the program gets from WASI preview 1, for modules that import it.
    capabilities: what the program may use: "stdio", "args", "clock", "random", "models", "gpu", "npu";
    or "all". None by default.
    config: fuel (instructions), tier ("auto", "interp", "baseline", 1, 2), bounds ("auto", "guard",
    "explicit"), backend ("auto", "cpu", "gpu", "npu"), spectre ("off", "mask"), max_memory (bytes),
    max_depth, tier1_threshold, tier2_threshold, count, deterministic, precise_traps, check_kernels,
    sync_compile, cache (folder), cache_limit (bytes), no_signals, threads, npu, as vsp_config has
    them (docs/embedding.md)."""

    def __init__(self, module: Module, *, imports: Optional[Mapping[str, Callable]] = None,
                 host: Optional[Host] = None, args: Sequence[str] = (), wasi: Optional[Wasi] = None,
                 capabilities: Union[str, Iterable[str]] = (), **config):
        super().__init__()
        if not isinstance(module, Module):
            raise TypeError("an Instance is of a Module; a Program has its own, by instantiate()")
        self.module = module
        error = new("vsp_error")
        pointer = lib.vsp_instantiate(module._c, self._config(capabilities, config), error)
        if not pointer:
            raise exception(error)
        self._opened(pointer, lib.vsp_free, module.exports)
        if host is not None or args:
            self._binding = Binding(host, args, self._note)
            check(lib.vsp_set_host(self._c, self._binding.struct), error)
        if wasi is not None:
            self._wasi = wasi._open(self._c)
        self._define(imports or {})  # after WASI's, of which some may be replaced

    def _config(self, capabilities, config):
        c, self._texts = new("vsp_config"), []
        c.capabilities = capabilities_mask(capabilities)
        c.tier = choice(_TIERS, config.pop("tier", "auto"), "tier")
        c.bounds = choice(_BOUNDS, config.pop("bounds", "auto"), "kind of bounds")
        c.backend = choice(_BACKENDS, config.pop("backend", "auto"), "kind of back end")
        c.spectre = choice({"off": "VSP_SPECTRE_OFF", "mask": "VSP_SPECTRE_MASK"}, config.pop("spectre", "off"),
                            "mode for spectre")
        fuel = config.pop("fuel", None)
        if fuel is not None:
            c.fuel, c.limit_fuel = fuel, 1
        for name in _TEXTS:
            if config.get(name) is not None:
                self._texts.append(c_text(config[name]))
                setattr(c, name, self._texts[-1])
            config.pop(name, None)
        for name, value in config.items():
            if name not in _PLAIN:
                raise TypeError("Instance has no option '%s'" % name)
            setattr(c, name, int(value))
        return c

    def _define(self, imports: Mapping[str, Callable]):
        error, missing = new("vsp_error"), dict(imports)
        for wanted in self.module.imports:
            function = missing.pop(wanted.name, None)
            if function is None:
                continue  # the first run says so, unless C code defines it
            callback = self._import_callback(wanted.name, wanted.params, wanted.results, function)
            check(lib.vsp_define_import(self._c, wanted.name.encode(), wanted.params, wanted.results, callback,
                                        ffi.NULL, error), error)
        if missing:
            raise Error("the module does not import '%s'" % next(iter(missing)))

    def _locate(self):
        size = ffi.new("uint64_t *")
        base = lib.vsp_memory(self._pointer(), size)
        return base, size[0]

    def _guarded(self) -> bool:
        return bool(self.stats["guarded"])

    def run(self, timeout: Optional[float] = None) -> State:
        """Runs from the entry to the end; after timeout seconds it traps INTERRUPTED. Raises Trap."""
        with self._run(timeout):
            error = new("vsp_error")
            check(lib.vsp_run(self._pointer(), error), error)
            return self.state

    def _call(self, name, given, results):
        error = new("vsp_error")
        return check(lib.vsp_call(self._pointer(), name, given, results, error), error) != lib.VSP_HALTED

    def step(self) -> Optional[State]:
        """Executes one instruction; None when the program has ended."""
        with self._run(None):
            error = new("vsp_error")
            ended = check(lib.vsp_step(self._pointer(), error), error)
            return None if ended == lib.VSP_HALTED else self.state

    def reset(self) -> None:
        """Back to the state after loading."""
        with self._exclusive():
            self.memory._before_reset()
            error = new("vsp_error")
            check(lib.vsp_reset(self._pointer(), error), error)

    def interrupt(self) -> None:
        """Makes the current run, or else the next one, trap INTERRUPTED soon, from any thread."""
        pointer = self._c
        if pointer is not None:
            lib.vsp_interrupt(pointer)

    @property
    def state(self) -> State:
        """The state shown: of the activation that ended the last run or step."""
        view = new("vsp_state_view")
        check(lib.vsp_state(self._pointer(), view), new("vsp_error"))
        return State(_ENDS[view.end], view.exit_code, view.pc if view.pc != 0xFFFFFFFF else None, view.sp, view.sr,
                     view.mode, bool(view.known), view.tier, tuple(view.r), tuple(view.g))

    @property
    def output(self) -> bytes:
        """What the program has printed, without a host."""
        size = ffi.new("size_t *")
        data = lib.vsp_output(self._pointer(), size)
        return bytes(ffi.buffer(data, size[0]))

    @property
    def stats(self) -> Dict[str, object]:
        """Statistics since the last reset, by the names of vsp_stats_view."""
        view = new("vsp_stats_view")
        check(lib.vsp_stats(self._pointer(), view), new("vsp_error"))
        names = [name for name, _ in ffi.typeof("vsp_stats_view").fields if name != "size"]
        return {name: text(value) if isinstance(value, ffi.CData) else value
                for name, value in ((name, getattr(view, name)) for name in names)}
