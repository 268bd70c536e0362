"""Tests of the package; run by `python3 -m unittest discover -s tests` with vsp installed."""
import gc
import inspect
import math
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import wave

import vsp

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
SUM = """
    .import host.twice(1) -> 1
    .import host.pair(0) -> 2
    .export sum
    .export twice
    .export difference
    .export forever
    .export divide
    .export poke
.func main
    MOVI R0, 42
    SYSCALL 2
    HLT
.end
; 1 + 2 + ... + n
.func sum(1) -> 1
    MOVI R1, 0
next: ADD R1, R1, R0
    ADDI R0, R0, -1
    BNZ R0, next
    MOV R0, R1
    RET
.end
.func twice(1) -> 1
    HCALL host.twice
    RET
.end
.func difference -> 1
    HCALL host.pair
    SUB R0, R0, R1
    RET
.end
.func forever
loop: JMP loop
.end
.func divide(2) -> 1
    DIV R0, R0, R1
    RET
.end
; poke(address, value) stores 64 bits
.func poke(2)
    STORE R1, [R0]
    RET
.end
"""
# Prints the file "in" of the first folder; its exit code is the errno.
READER = """
    .import wasi_snapshot_preview1.path_open(9) -> 1
    .import wasi_snapshot_preview1.fd_read(4) -> 1
    .data
vector: .word buffer - 0x10000, 16
done:   .word 0
file:   .word 0
name:   .ascii "in"
buffer: .space 16
    .code
    MOVI R0, 3
    MOVI R1, 0
    MOVI R2, name - 0x10000
    MOVI R3, 2
    MOVI R4, 0
    MOVI R5, 2      ; the right to read
    MOVI R6, 0
    MOVI R7, 0
    MOVI R8, file - 0x10000
    HCALL wasi_snapshot_preview1.path_open
    BNZ R0, end
    MOVI R5, file
    LD32U R0, [R5]
    MOVI R1, vector - 0x10000
    MOVI R2, 1
    MOVI R3, done - 0x10000
    HCALL wasi_snapshot_preview1.fd_read
    BNZ R0, end
    MOVI R0, buffer
    MOVI R5, done
    LD32U R1, [R5]
    SYSCALL 1
    MOVI R0, 0
end: SYSCALL 0
    HLT
"""
IMPORTS = {"host.twice": lambda x: 2 * x, "host.pair": lambda: (9, 4)}
TIERS = ("interp", "auto")


def instance(**options):
    return vsp.Instance(vsp.assemble(SUM), **{"imports": IMPORTS, **options})


class Modules(unittest.TestCase):
    def test_round_trip(self):
        module = vsp.assemble(SUM)
        again = vsp.load_bytes(module.to_bytes())
        self.assertEqual(again.to_bytes(), vsp.assemble(again.disassemble()).to_bytes())
        self.assertEqual(again.exports["sum"].params, 1)
        self.assertEqual(again.exports["sum"].results, 1)
        self.assertEqual([i.name for i in module.imports], ["host.twice", "host.pair"])
        self.assertEqual([(i.params, i.results) for i in module.imports], [(1, 1), (0, 2)])

    def test_lines(self):
        module = vsp.assemble("\tMOVI R0, 1\n\tHLT\n", name="two.sil")
        self.assertEqual(module.line(0), ("two.sil", 1))
        self.assertIsNone(module.line(10 ** 6))

    def test_errors_of_source_have_places_and_carets(self):
        with self.assertRaises(vsp.AssemblyError) as caught:
            vsp.assemble("\tHLT\n\tFOO R0\n\tBAR\n", name="bad.sil")
        error = caught.exception
        self.assertEqual((error.file, error.line, error.column), ("bad.sil", 2, 2))
        self.assertEqual([d.severity for d in error.diagnostics], ["error", "error"])
        self.assertIn("^~~", str(error))
        self.assertIn("bad.sil:3:", str(error))

    def test_wrong_files(self):
        with self.assertRaises(vsp.Error) as caught:
            vsp.load("no-such-file.sil")
        self.assertEqual(caught.exception.status, "VSP_E_IO")
        for data in (b"", b"VSP", os.urandom(100), vsp.assemble(SUM).to_bytes()[:-1]):
            with self.assertRaises(vsp.Error) as caught:
                vsp.load_bytes(data)
            self.assertEqual(caught.exception.status, "VSP_E_FORMAT")
        with self.assertRaises(vsp.AssemblyError):
            vsp.assemble('.include "/etc/passwd"\n')
        with self.assertRaises(vsp.AssemblyError):
            vsp.assemble('.include "x.inc"\n', includes=False)


class Calls(unittest.TestCase):
    def test_results(self):
        for tier in TIERS:
            with self.subTest(tier=tier), instance(tier=tier) as i:
                self.assertEqual(i.call("sum", 100), 5050)
                self.assertEqual(i.exports.sum(10), 55)
                self.assertEqual(i.call("twice", -21), -42)
                self.assertEqual(i.call("difference"), 5)
                self.assertIsNone(i.call("poke", 0x10000, 1))
                self.assertIn("sum", dir(i.exports))

    def test_unsigned_arguments_are_wrapped_and_larger_ones_refused(self):
        with instance() as i:
            self.assertEqual(i.call("twice", 2 ** 64 - 1), -2)
            for value in (2 ** 64, -2 ** 63 - 1):
                with self.assertRaises(OverflowError):
                    i.call("sum", value)

    def test_wrong_calls(self):
        with instance() as i:
            for wrong in (lambda: i.call("sum"), lambda: i.call("sum", 1, 2), lambda: i.call("sum", "x")):
                with self.assertRaises(TypeError):
                    wrong()
            with self.assertRaises(vsp.Error):
                i.call("none")
            with self.assertRaises(AttributeError):
                i.exports.none

    def test_run_and_output(self):
        with instance(capabilities="stdio") as i:
            state = i.run()
            self.assertEqual((state.end, state.registers[0]), ("halted", 42))
            self.assertEqual(i.output, b"42")
            i.reset()
            self.assertEqual(i.output, b"")

    def test_steps(self):
        with vsp.Instance(vsp.assemble("\tMOVI R0, 5\n\tADDI R0, R0, 2\n\tHLT\n")) as i:
            seen = []
            while True:
                state = i.step()
                if state is None:
                    break
                seen.append(state.registers[0])
            self.assertEqual(seen[:2], [5, 7])

    def test_options(self):
        module = vsp.assemble(SUM)
        for wrong in ({"tier": "3"}, {"bounds": "none"}, {"capabilities": "disk"}, {"backend": "tpu"}):
            with self.assertRaises(ValueError):
                vsp.Instance(module, **wrong)
        with self.assertRaises(TypeError):
            vsp.Instance(module, colour="blue")
        with self.assertRaises(vsp.Error):
            vsp.Instance(module, imports={"host.none": print})
        with self.assertRaises(vsp.Error) as caught:
            vsp.Instance(module).call("sum", 3)
        self.assertEqual(caught.exception.status, "VSP_E_LINK")

    def test_texts_and_times_that_c_would_cut(self):
        module = vsp.assemble(SUM)
        for wrong in (lambda: vsp.Instance(module, cache="/tmp/x\0y"), lambda: vsp.Instance(module, args=["a\0b"]),
                      lambda: vsp.load("a\0b"), lambda: module.compile("/tmp/x\0.so")):
            with self.assertRaises(ValueError):
                wrong()
        with instance() as i:
            for timeout in (1e300, -1, math.nan):
                with self.assertRaises(ValueError):
                    i.call("sum", 1, timeout=timeout)

    def test_a_closed_instance_refuses(self):
        i = instance()
        i.close()
        i.close()
        for use in (lambda: i.call("sum", 1), i.run, i.reset, lambda: i.memory.read(0x10000, 1), lambda: i.state):
            with self.assertRaises(vsp.Error):
                use()
        i.interrupt()


class Traps(unittest.TestCase):
    def test_kind_place_and_back_trace(self):
        for tier in TIERS:
            with self.subTest(tier=tier), instance(tier=tier) as i:
                with self.assertRaises(vsp.Trap) as caught:
                    i.call("divide", 1, 0)
                trap = caught.exception
                self.assertEqual((trap.kind, trap.function, trap.line), ("DIV_BY_ZERO", "divide", 1 + SUM.split("\n").index("    DIV R0, R0, R1")))
                self.assertEqual(trap.frames[0].function, "divide")

    def test_denied_without_capability(self):
        with instance() as i, self.assertRaises(vsp.Trap) as caught:
            i.run()
        self.assertEqual(caught.exception.kind, "DENIED")

    def test_fuel(self):
        with instance(fuel=1000) as i, self.assertRaises(vsp.Trap) as caught:
            i.call("forever")
        self.assertEqual(caught.exception.kind, "FUEL")

    def test_timeout_and_reset(self):
        for tier in TIERS:
            with self.subTest(tier=tier), instance(tier=tier) as i:
                with self.assertRaises(vsp.Trap) as caught:
                    i.call("forever", timeout=0.05)
                self.assertEqual(caught.exception.kind, "INTERRUPTED")
                i.reset()
                self.assertEqual(i.call("sum", 4, timeout=60), 10)

    def test_interrupt_from_another_thread_while_the_lock_is_released(self):
        with instance() as i:
            counted = []

            def other():
                counted.append(sum(range(1000)))  # runs only if the call released the interpreter's lock
                i.interrupt()
            thread = threading.Timer(0.05, other)
            thread.start()
            with self.assertRaises(vsp.Trap) as caught:
                i.call("forever")
            thread.join()
            self.assertEqual((caught.exception.kind, counted), ("INTERRUPTED", [499500]))

    @unittest.skipIf(os.name == "nt", "POSIX signals")
    def test_ctrl_c_ends_a_program(self):
        script = ("import vsp\ni = vsp.Instance(vsp.assemble('loop: JMP loop'))\nprint('runs', flush=True)\n"
                  "try:\n    i.run()\nexcept KeyboardInterrupt:\n    print('ended')\n")
        child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        self.assertEqual(child.stdout.readline(), "runs\n")
        time.sleep(0.1)
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.communicate(timeout=60)[0], "ended\n")
        self.assertEqual(child.returncode, 0)


class Callbacks(unittest.TestCase):
    def test_exceptions_come_out_as_themselves(self):
        class Special(Exception):
            pass
        special = Special("from Python")

        def fails(x):
            raise special
        for tier in TIERS:
            with self.subTest(tier=tier), instance(tier=tier, imports={**IMPORTS, "host.twice": fails}) as i:
                with self.assertRaises(Special) as caught:
                    i.call("twice", 1)
                self.assertIs(caught.exception, special)
                self.assertEqual(i.call("sum", 3), 6)  # the instance is usable afterwards

    def test_wrong_results_are_type_errors(self):
        for value in (None, (1, 2), "x"):
            with self.subTest(value=value), instance(imports={**IMPORTS, "host.twice": lambda x: value}) as i:
                with self.assertRaises(TypeError):
                    i.call("twice", 1)

    def test_nested_calls(self):
        made = []
        made.append(instance(imports={**IMPORTS, "host.twice": lambda x: made[0].call("sum", x)}))
        self.assertEqual(made[0].call("twice", 10), 55)
        with self.assertRaises(vsp.Error):
            nested = instance(imports={**IMPORTS, "host.twice": lambda x: nested.close()})
            nested.call("twice", 1)

    def test_one_thread_at_a_time(self):
        entered, leave = threading.Event(), threading.Event()

        def waits(x):
            entered.set()
            leave.wait(60)
            return x
        with instance(imports={**IMPORTS, "host.twice": waits}) as i:
            results = []
            thread = threading.Thread(target=lambda: results.append(i.call("twice", 7)))
            thread.start()
            self.assertTrue(entered.wait(60))
            with self.assertRaises(vsp.Error):
                i.call("sum", 1)
            leave.set()
            thread.join()
            self.assertEqual(results, [7])

    def test_many_threads_share_a_module(self):
        module, results = vsp.assemble(SUM), []

        def work(n):
            with vsp.Instance(module, imports=IMPORTS) as i:
                for _ in range(20):
                    results.append(i.call("sum", n) - n * (n + 1) // 2)
        threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, [0] * 160)

    def test_host(self):
        class Mine(vsp.Host):
            def __init__(self):
                self.seen = []

            def print(self, data):
                self.seen.append(data)

            def input(self, port):
                return 200 + port

            def receive(self, channel):
                return bytes(range(16)) if channel == 3 else None

            def output(self, port, value):
                raise ValueError("no output here")
        host = Mine()
        module = vsp.assemble("\tIN R0, 5\n\tSYSCALL 2\n\tHLT\n")
        with vsp.Instance(module, host=host, capabilities="stdio") as i:
            i.run()
        self.assertEqual(b"".join(host.seen), b"205")
        with vsp.Instance(vsp.assemble("\tOUT R0, 1\n\tHLT\n"), host=host, capabilities="stdio") as i:
            with self.assertRaises(ValueError):
                i.run()
        with vsp.Instance(vsp.assemble("\tSENSE R0\n\tHLT\n"), host=host, capabilities="stdio") as i:
            with self.assertRaises(vsp.Trap) as caught:
                i.run()
            self.assertEqual(caught.exception.kind, "UNSUPPORTED")


class MemoryViews(unittest.TestCase):
    def test_views_are_the_memory_itself(self):
        with instance() as i:
            view = i.memory[0x10000:0x10010]
            i.call("poke", 0x10008, 0x1122334455667788)
            self.assertEqual(bytes(view[8:16]), bytes.fromhex("8877665544332211"))
            view[0] = 7
            self.assertEqual(i.memory.read(0x10000, 1), b"\7")
            i.memory[0x10000:0x10004] = b"abcd"
            self.assertEqual(bytes(view[:4]), b"abcd")
            with self.assertRaises(ValueError):
                i.memory[0x10000:0x10004] = b"abc"

    def test_nothing_outside_can_be_reached(self):
        with instance() as i:
            end = len(i.memory)
            for start, size in ((0, 8), (0xFFFF, 1), (end, 1), (end - 4, 8), (0x10000, 2 ** 63), (0x10000, -1),
                                (-8, 8), (2 ** 64, 1)):
                with self.subTest(start=start, size=size):
                    with self.assertRaises(IndexError):
                        i.memory.read(start, size)
                    with self.assertRaises(IndexError):
                        i.memory.view(start, size)
            with self.assertRaises(IndexError):
                i.memory.write(end - 2, b"1234")
            for wrong in (5, slice(None, None, 2)):
                with self.assertRaises(TypeError):
                    i.memory[wrong]

    def test_a_view_outlives_its_instance(self):
        i = instance()
        views = [i.memory.view(), i.memory.view(), i.memory[0x10000:0x10008]]
        i.call("poke", 0x10000, 99)
        i.close()
        del i
        gc.collect()
        while views:
            self.assertEqual(views.pop()[0], 99)
            gc.collect()

    def test_a_reset_takes_no_memory_from_views(self):
        grow = "\t.memory 2, 64\n\t.export grow\n.func main\n\tRET\n.end\n.func grow(1) -> 1\n\tMEMGROW R0, R0\n\tRET\n.end\n"
        with vsp.Instance(vsp.assemble(grow)) as i:
            first, size = i.memory[0x10000:0x10008], len(i.memory)
            self.assertEqual(i.call("grow", 4), 2)
            view = i.memory.view()
            with self.assertRaises(vsp.Error):
                i.reset()
            self.assertEqual(view[-1], 0)
            view.release()
            del view
            i.reset()
            self.assertEqual((first[0], len(i.memory)), (0, size))

    def test_memory_that_may_move_has_no_views(self):
        with instance(bounds="explicit") as i:
            with self.assertRaises(vsp.Error):
                i.memory.view()
            i.memory.write(0x10000, b"xyz")
            self.assertEqual(i.memory.read(0x10000, 3), b"xyz")

    def test_numpy(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("numpy is not installed")
        with instance() as i:
            array = i.memory.array("i8", 0x10000, 4)
            array[:] = [1, -2, 3, 4]
            self.assertEqual(i.memory.read(0x10008, 8), (-2).to_bytes(8, "little", signed=True))
            self.assertIsInstance(array, numpy.ndarray)


class WasiPrograms(unittest.TestCase):
    CAT, GRANTS = (TOP / "test" / "wasi" / name for name in ("cat.sil", "grants.sil"))

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.folder = pathlib.Path(self._folder.name)
        self.out = self.folder / "out"

    def printed(self, source, **given):
        """What the program has written to its stdout, and its exit code."""
        with open(self.out, "wb") as out:
            wasi = vsp.Wasi(stdout=out, **given)
            with vsp.Instance(vsp.load(source), wasi=wasi, capabilities="stdio") as i:
                code = i.run().exit_code
                return self.out.read_bytes(), i.output.decode(), code

    def test_input_becomes_output(self):
        (self.folder / "in").write_bytes(b"some input " * 100)
        with open(self.folder / "in", "rb") as given:
            self.assertEqual(self.printed(self.CAT, stdin=given), (b"some input " * 100, "", 0))
        with open(self.folder / "in", "rb") as given:  # by its descriptor
            self.assertEqual(self.printed(self.CAT, stdin=given.fileno())[0], b"some input " * 100)

    def test_nothing_is_there_that_was_not_given(self):
        written, _, code = self.printed(self.CAT)
        self.assertEqual((written, code), (b"", 8))  # BADF
        with vsp.Instance(vsp.load(self.CAT), wasi=vsp.Wasi(stdin=0, capabilities=())) as i:
            self.assertEqual(i.run().exit_code, 76)  # NOTCAPABLE
        with vsp.Instance(vsp.load(self.CAT)) as i, self.assertRaises(vsp.Error) as caught:
            i.run()
        self.assertEqual(caught.exception.status, "VSP_E_LINK")

    def test_arguments_variables_and_folders(self):
        text = self.printed(self.GRANTS, args=["tool", "first"], env={"A": "1", "B": "x=y"}, folders={"/data": self.folder})[1]
        self.assertEqual(text, "2\ntool\0first\0\n2\nA=1\0B=x=y\0\n")
        self.assertEqual(self.printed(self.GRANTS)[1], "0\n\n0\n\n8\n")  # BADF: there is no folder

    def test_files_in_folders(self):
        (self.folder / "in").write_text("in a folder")
        reader = self.folder / "reader.sil"
        reader.write_text(READER)
        for given in (dict(folders={"/data": self.folder}), dict(read_only={"/data": self.folder})):
            self.assertEqual(self.printed(reader, **given)[1:], ("in a folder", 0))
        (self.folder / "in").unlink()
        self.assertEqual(self.printed(reader, folders={"/data": self.folder})[2], 44)  # NOENT

    def test_imports_replace_functions(self):
        asked = []
        imports = {"wasi_snapshot_preview1.fd_read": lambda *args: asked.append(args[0]) or 29}
        with vsp.Instance(vsp.load(self.CAT), wasi=vsp.Wasi(stdin=0), imports=imports) as i:
            self.assertEqual(i.run().exit_code, 29)
        self.assertEqual(asked, [0])

    def test_one_description_serves_many_instances(self):
        wasi, module = vsp.Wasi(args=["tool"]), vsp.load(self.GRANTS)
        outputs = []
        for _ in range(2):
            with vsp.Instance(module, wasi=wasi, capabilities="stdio") as i:
                i.run()
                outputs.append(i.output[:10])
        self.assertEqual(outputs[0], outputs[1])
        del wasi
        gc.collect()

    def test_what_is_wrong_is_refused(self):
        for wrong in (dict(capabilities="gpu"), dict(env={"A=B": "1"}), dict(env={"": "1"}), dict(args=["a\0b"]),
                      dict(folders={"/a": "."}, read_only={"/a": "."})):
            with self.assertRaises(ValueError, msg=str(wrong)):
                vsp.Wasi(**wrong)
        with self.assertRaises(vsp.Error) as caught:
            vsp.Instance(vsp.load(self.CAT), wasi=vsp.Wasi(folders={"/a": self.folder / "missing"}))
        self.assertEqual(caught.exception.status, "VSP_E_IO")
        self.assertIn("missing", str(caught.exception))

    def test_a_program_compiled_ahead_of_time(self):
        library = self.folder / "cat.so"
        try:
            vsp.load(self.CAT).compile(library)
        except vsp.Error as error:
            self.skipTest(error.message)
        (self.folder / "in").write_bytes(b"compiled")
        with open(self.folder / "in", "rb") as given, open(self.out, "wb") as out:
            with vsp.load_program(library).instantiate(wasi=vsp.Wasi(stdin=given, stdout=out)) as i:
                self.assertEqual(i.run(), 0)
        self.assertEqual(self.out.read_bytes(), b"compiled")


class AheadOfTime(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "sum.so")
        try:
            vsp.assemble(SUM).compile(self.path, "-O1")
        except vsp.Error as error:
            if error.status != "VSP_E_UNSUPPORTED":
                raise
            self.skipTest(error.message)

    def tearDown(self):
        self.folder.cleanup()

    def test_the_same_interface(self):
        program = vsp.load_program(self.path)
        self.assertRaises(TypeError, vsp.Instance, program)
        self.assertEqual(program.exports["sum"].params, 1)
        with program.instantiate(imports=IMPORTS) as i:
            self.assertEqual(i.call("sum", 100), 5050)
            self.assertEqual(i.exports.twice(4), 8)
            self.assertEqual(i.call("difference"), 5)
            i.call("poke", 0x10000, 5)
            self.assertEqual(i.memory.view()[0], 5)
            with self.assertRaises(vsp.Trap) as caught:
                i.call("divide", 1, 0)
            self.assertEqual(caught.exception.kind, "DIV_BY_ZERO")
            with self.assertRaises(vsp.Trap) as caught:
                i.call("forever", timeout=0.05)
            self.assertEqual(caught.exception.kind, "INTERRUPTED")
            i.reset()
            self.assertEqual(i.call("sum", 3), 6)
        self.assertRaises(vsp.Error, i.call, "sum", 1)

    def test_exceptions_come_out_as_themselves(self):
        def fails(x):
            raise LookupError("x")
        with vsp.load_program(self.path).instantiate(imports={**IMPORTS, "host.twice": fails}) as i:
            with self.assertRaises(LookupError):
                i.call("twice", 1)

    def test_other_files_are_refused(self):
        wrong = os.path.join(self.folder.name, "wrong.so")
        pathlib.Path(wrong).write_bytes(b"no library")
        for path, why in ((wrong, "is no compiled program"), (wrong + "2", "No such file"), ("/", "directory"),
                          (sys.executable, "is no compiled program"), (self.other_library(), "no vsp_aot_module")):
            with self.assertRaisesRegex(vsp.Error, why) as raised:
                vsp.load_program(path)
            self.assertNotIn("Additionally", str(raised.exception))

    @staticmethod
    def other_library() -> str:
        """Some shared object that is here in any case."""
        with open("/proc/self/maps") as maps:
            return next(line.split()[-1] for line in maps if "libc.so" in line or "libc-" in line)

    def test_wrong_options(self):
        with self.assertRaises(vsp.Error):
            vsp.assemble(SUM).compile(self.path + ".so", "--no-such-option")
        self.assertFalse(os.path.exists(self.path + ".so"))


class Example(unittest.TestCase):
    def test_wav_filter(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("numpy is not installed")
        example = TOP / "python" / "examples" / "wav_filter.py"
        with tempfile.TemporaryDirectory() as folder:
            out = subprocess.run([sys.executable, str(example)], cwd=folder, check=True, capture_output=True, text=True)
            self.assertIn("tones.wav: 16000 samples, loudest 0.80; filtered.wav: 15900 samples, loudest 0.40", out.stdout)
            read = []
            for name in ("tones.wav", "filtered.wav"):
                with wave.open(os.path.join(folder, name), "rb") as file:
                    read.append(numpy.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767)
            try:
                import matplotlib  # noqa: F401
            except ImportError:
                self.assertIn("no picture", out.stdout)
            else:
                self.assertTrue(pathlib.Path(folder, "spectrum.png").read_bytes().startswith(b"\x89PNG"))
            # The same filter by numpy, whose coefficients are written here once more.
            n = numpy.arange(101) - 50
            h = numpy.sinc(2 * 2000 / 16000 * n) * (0.54 + 0.46 * numpy.cos(math.pi * n / 50))
            expected = numpy.convolve(read[0], h / h.sum(), "valid")
            self.assertLess(abs(read[1] - expected).max(), 2 / 32767)


class Documentation(unittest.TestCase):
    def test_every_public_name_is_typed_and_described(self):
        kinds = [getattr(vsp, name) for name in vsp.__all__] + [vsp.host.StreamHost]
        functions = [f for f in kinds if inspect.isfunction(f)]
        for kind in filter(inspect.isclass, kinds):
            self.assertTrue(inspect.getdoc(kind), kind)
            functions += [f for name, f in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")]
        untyped, silent = [], []
        for function in functions:
            signature = inspect.signature(function)
            hints = [p.annotation for p in signature.parameters.values() if p.name != "self"]
            if inspect.Parameter.empty in hints or signature.return_annotation is inspect.Signature.empty:
                untyped.append(function.__qualname__)
            if not function.__doc__:
                silent.append(function.__qualname__)
        self.assertGreater(len(functions), 30)
        self.assertEqual((untyped, silent), ([], []))

    def test_the_example_of_the_readme(self):
        text = (TOP / "python" / "README.md").read_text(encoding="utf-8")
        program, output = text.split("    import vsp\n", 1)[1].split("\nprints\n\n", 1)
        program = "import vsp\n" + "\n".join(line[4:] for line in program.split("\n"))
        wanted = "".join(line[4:] + "\n" for line in output.split("\n\n")[0].split("\n"))
        out = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
        self.assertEqual(out.stdout, wanted)


if __name__ == "__main__":
    unittest.main()
