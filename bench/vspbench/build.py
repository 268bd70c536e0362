"""The programs under test, made in one build folder: the project with its drivers by CMake, the C
kernels by each C compiler, as WebAssembly and ahead of time when asked for."""
import math
import os
import re

from .base import BENCH, DRIVERS, ROOT, Failure, command, find, write

NATIVE_FLAGS = ["-std=gnu11", "-O2", "-march=native", "-ffp-contract=off"]
# All that V8 has on by default and the compiler may use, so that WebAssembly is shown at its best.
WASM_FLAGS = ["--target=wasm32", "-std=gnu11", "-O2", "-ffp-contract=off", "-msimd128", "-mbulk-memory", "-mnontrapping-fptoint",
              "-nostdlib", "-Wl,--no-entry", "-Wl,--export=kernel"]


class Kernel:
    """A line of expected.txt: kernel(argument) == result, and for quick runs kernel(small) ==
    small_result."""

    def __init__(self, folder, name, fields):
        argument, result, small, small_result, growth, largest = fields
        self.folder, self.name = folder, name
        self.full, self.quick = (int(argument), int(result)), (int(small), int(small_result))
        self.growth, self.largest = growth, int(largest) or math.inf

    def scaled(self, n, factor):
        """The argument that makes factor times the work of n, as near as there is one that the
        kernel has room for."""
        base, _, power = self.growth.partition("^")
        exact = n + math.log(factor, float(base)) if power == "n" else n * factor ** (1 / float(power or 1))
        return max(1, min(round(exact), self.largest))

    def check_arguments(self):
        """The program run by itself takes the full argument, the kernel has room for it, and
        scaling begins and grows there."""
        argument = self.full[0]
        with open(self.file(".sil"), encoding="utf-8") as source:
            own = re.search(r"^\.func main\(\) -> 0\n\tMOVI R0, (\d+)$", source.read(), re.MULTILINE)
        if own and int(own.group(1)) != argument:
            raise Failure("%s: main calls kernel(%s), expected.txt has %d" % (self.file(".sil"), own.group(1), argument))
        if not self.quick[0] <= argument <= self.largest:
            raise Failure("%s in expected.txt: %d is below the small argument or above the largest" % (self.name, argument))
        if not self.scaled(argument, 0.01) < self.scaled(argument, 1) == argument or self.scaled(argument, 1e30) < argument:
            raise Failure("%s in expected.txt: the argument does not grow with the work as '%s'" % (self.name, self.growth))

    def file(self, suffix):
        return os.path.join(BENCH, self.folder, self.name + suffix)


def load_kernels(folder, names=()):
    """Kernels of bench/FOLDER/expected.txt by name, all or those named."""
    kernels = {}
    with open(os.path.join(BENCH, folder, "expected.txt"), encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                name, *fields = line.split()
                kernels[name] = Kernel(folder, name, fields)
    for name in names:
        if name not in kernels:
            raise Failure("no such kernel: %s (there are %s)" % (name, ", ".join(kernels)))
    return {k: kernels[k] for k in names} if names else kernels


class Build:
    """Everything is built once and kept; CMake decides which parts of the project are stale, the
    date of the sources decides for the rest."""

    def __init__(self, folder):
        self.folder = folder
        self.kernels = os.path.join(folder, "bench", "programs")
        self.checked = set()

    def project(self, configure=True):
        """libvsp, vspc and the drivers. An existing build folder keeps its settings."""
        if not os.path.exists(os.path.join(self.folder, "CMakeCache.txt")):
            if not configure:
                raise Failure("%s is no build folder" % self.folder)
            command(["cmake", "-G", "Ninja", "-S", ROOT, "-B", self.folder, "-DCMAKE_BUILD_TYPE=Release", "-DVSP_LLVM_BOLT=AUTO",
                     "-DVSP_TESTS=OFF"])
        if configure:
            command(["cmake", "--build", self.folder, "--target", "bench_drivers"], timeout=3600)
        os.makedirs(self.kernels, exist_ok=True)

    def tool(self, name):
        """vspc or a driver."""
        return os.path.join(self.folder, "bin", name)

    def path(self, name):
        return os.path.join(self.kernels, name)

    def is_optimised(self):
        with open(os.path.join(self.folder, "CMakeCache.txt"), encoding="utf-8") as cache:
            settings = cache.read()
        return "CMAKE_BUILD_TYPE:STRING=Release" in settings and "VSP_SANITIZE:STRING=\n" in settings

    def make(self, out, sources, argv):
        """Runs argv unless its output is there and newer than the sources."""
        if out not in self.checked:
            stale = not os.path.exists(out) or os.path.getmtime(out) < max(os.path.getmtime(s) for s in sources)
            if stale:
                command(argv)
            self.checked.add(out)
        return out

    # The project's own ByteSil functions need their tables.
    TABLES = {"bytesilconv": "bytesil_sums.c", "convolution": "bytesil_sums.c", "grad": "bytesil_tables.c"}

    def c_sources(self, kernel, suffix=".c"):
        sources = [kernel.file(suffix)]
        if kernel.name in self.TABLES:
            sources.append(os.path.join(self.folder, "runtime", self.TABLES[kernel.name]))
        return sources

    @staticmethod
    def includes():
        return [flag for folder in (DRIVERS, ROOT, os.path.join(ROOT, "include")) for flag in ("-I", folder)]

    def native(self, compiler, label, kernel):
        """A program of the C kernel; the label "portable" is for machines (and tools) without this
        one's extensions, "loop" for loops that are to become vectors, or are vectors."""
        flags = [f for f in NATIVE_FLAGS if label != "portable" or f != "-march=native"]
        if label == "loop":
            flags += ["-O3", "-fno-math-errno"]
        out = self.path("%s.%s" % (kernel.name, label))
        sources = self.c_sources(kernel) + [os.path.join(DRIVERS, "native.c")]
        return self.make(out, sources, [compiler] + flags + self.includes() + sources + ["-lm", "-o", out])

    def opencl(self, compiler, kernel):
        """A host of the kernel in OpenCL C; its device compiles that."""
        out = self.path(kernel.name + ".opencl")
        sources = self.c_sources(kernel, "_opencl.c") + [os.path.join(DRIVERS, f) for f in ("native.c", "opencl.c")]
        return self.make(out, sources, [compiler, "-std=gnu11", "-O2"] + self.includes() + sources + ["-ldl", "-o", out])

    def wasm(self, compiler, kernel, plain=False):
        """A module of the C kernel; plain: without vectors, for VSP."""
        section = os.path.basename(kernel.folder)
        out = self.path("%s_%s.plain.wasm" % (section, kernel.name) if plain else kernel.name + ".wasm")
        flags = [flag for flag in WASM_FLAGS if not (plain and flag == "-msimd128")]
        sources = self.c_sources(kernel)
        headers = ["-I", os.path.join(DRIVERS, "wasm")] + self.includes()
        return self.make(out, sources, [compiler] + flags + headers + sources + ["-o", out])

    def silc(self, source, out):
        return self.make(out, [source, self.tool("vspc")], [self.tool("vspc"), "--asm", source, "-o", out])

    def aot(self, kernel):
        source = kernel.file(".sil")
        section = os.path.basename(os.path.dirname(source))  # two sections have a mandelbrot
        return self.compile_ahead(source, self.path("%s_%s.so" % (section, kernel.name)))

    def wasm_aot(self, compiler, kernel):
        module = self.wasm(compiler, kernel, plain=True)
        return self.compile_ahead(module, module.replace(".plain.wasm", ".wasm.so"))

    def compile_ahead(self, source, out):
        """The compiler is in a shared object of its own, which may be newer than vspc."""
        vspc, compiler = self.tool("vspc"), os.path.join(self.folder, "lib", "libvsp-aot.so")
        return self.make(out, [source, vspc, compiler], [vspc, "--aot", source, "-o", out, "--mcpu=native"])

    def empty(self):
        """A C program that does nothing: the minimum cost of a process."""
        source = write(self.path("empty.c"), "int main(void) { return 0; }\n")
        out = self.path("empty")
        return self.make(out, [source], [find("clang-22", "clang", "cc"), "-O2", source, "-o", out])
