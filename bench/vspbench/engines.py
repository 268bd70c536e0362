"""The engines that run a kernel: for each a command line, whose output has the form of
drivers/native.c, and the reason when an engine is missing here."""
import os
import subprocess

from .base import BENCH, DRIVERS, find

BASE = "clang"
TITLES = {"clang": "clang -O2", "gcc": "gcc -O2", "interp": "VSP interpreter", "baseline": "VSP baseline", "tier1": "VSP tier 1", "tier2": "VSP tier 2",
          "auto": "VSP auto", "warm": "VSP auto, cached", "aot": "VSP AOT", "luajit": "LuaJIT", "node": "V8 (wasm)", "lua": "Lua 5.4", "wasm-interp": "wasm interpreter",
          "wasm-tier2": "wasm tier 2", "wasm-aot": "wasm AOT"}
VSP = ("interp", "baseline", "tier1", "tier2", "auto", "warm", "aot")
C = (BASE, "gcc", "node", "wasm-interp", "wasm-tier2", "wasm-aot")  # that run kernels in C
TIERS = {"interp": "interp", "baseline": "baseline", "tier1": "1", "tier2": "2", "auto": "auto"}


def compiler_reason(build):
    """Why programs cannot be compiled here, or None."""
    done = subprocess.run([build.tool("bench_vsp"), "check"], stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.strip() if done.returncode else None


def tier_engine(build, tier):
    return lambda kernel, n, repeats: [build.tool("bench_vsp"), kernel.file(".sil"), str(n), str(repeats), tier]


def warm_engine(build):
    """Tier auto with a code cache, which the check of the results fills."""
    return lambda kernel, n, repeats: [build.tool("bench_vsp"), kernel.file(".sil"), str(n), str(repeats), "auto", build.path("code-cache")]


def native_engine(build, label, compiler):
    return lambda kernel, n, repeats: [build.native(compiler, label, kernel), str(n), str(repeats)]


def lua_engine(program, suffixes):
    def argv(kernel, n, repeats):
        files = [os.path.join(BENCH, "lua", kernel.name + suffix) for suffix in suffixes]
        return [program, os.path.join(DRIVERS, "lua.lua"), next(f for f in files if os.path.exists(f)), str(n), str(repeats)]
    return argv


def wasm_engine(build, node, compiler):
    return lambda kernel, n, repeats: [node, os.path.join(DRIVERS, "wasm.mjs"), build.wasm(compiler, kernel), str(n), str(repeats)]


def translated_engine(build, compiler, tier):
    """The C kernel by way of WebAssembly."""
    return lambda kernel, n, repeats: [build.tool("bench_vsp"), build.wasm(compiler, kernel, plain=True), str(n), str(repeats), tier]


def translated_aot_engine(build, compiler):
    return lambda kernel, n, repeats: [build.tool("bench_aot"), build.wasm_aot(compiler, kernel), str(n), str(repeats)]


def aot_engine(build):
    return lambda kernel, n, repeats: [build.tool("bench_aot"), build.aot(kernel), str(n), str(repeats)]


def available(build, wanted):
    """(engine -> command line of (kernel, n, repeats), engine -> why it is left out), in the order
    of TITLES."""
    clang, gcc, luajit, lua, node = find("clang-22", "clang"), find("gcc"), find("luajit"), find("lua5.4"), find("node")
    reason = compiler_reason(build) if any(name in VSP or name.startswith("wasm-") for name in wanted) else None
    linker = find("wasm-ld-22", "wasm-ld")
    table = {
        "clang": (clang, "clang is not installed", lambda: native_engine(build, "clang", clang)),
        "gcc": (gcc, "gcc is not installed", lambda: native_engine(build, "gcc", gcc)),
        "interp": (True, "", lambda: tier_engine(build, "interp")),
        "baseline": (True, "", lambda: tier_engine(build, "baseline")),
        "tier1": (not reason, reason, lambda: tier_engine(build, "1")),
        "tier2": (not reason, reason, lambda: tier_engine(build, "2")),
        "auto": (not reason, reason, lambda: tier_engine(build, "auto")),
        "warm": (not reason, reason, lambda: warm_engine(build)),
        "aot": (not reason, reason, lambda: aot_engine(build)),
        "luajit": (luajit, "luajit is not installed", lambda: lua_engine(luajit, (".luajit.lua", ".lua"))),
        "node": (node and clang and linker, "node, clang or wasm-ld is not installed", lambda: wasm_engine(build, node, clang)),
        "wasm-interp": (clang and linker, "clang or wasm-ld is not installed", lambda: translated_engine(build, clang, "interp")),
        "wasm-tier2": (clang and linker and not reason, reason or "clang or wasm-ld is not installed", lambda: translated_engine(build, clang, "2")),
        "wasm-aot": (clang and linker and not reason, reason or "clang or wasm-ld is not installed", lambda: translated_aot_engine(build, clang)),
        "lua": (lua, "lua5.4 is not installed", lambda: lua_engine(lua, (".lua",))),
    }
    found = {name: make() for name, (there, _, make) in table.items() if name in wanted and there}
    missing = {name: why for name, (there, why, _) in table.items() if name in wanted and not there}
    return found, missing
