"""The Virtual SIL Processor: load, run, compile and embed SIL programs.

    import vsp

    module = vsp.assemble('''
        .export twice
    .func twice(1) -> 1
        ADD R0, R0, R0
        RET
    .end
    ''')
    with vsp.Instance(module) as instance:
        print(instance.call("twice", 21))
"""
from ._native import version
from .aot import Program, ProgramInstance, load_program
from .errors import AssemblyError, Diagnostic, Error, Frame, Trap
from .host import Host
from .instance import Instance, State
from .memory import Memory
from .module import Function, Import, Module, assemble, load, load_bytes
from .wasi import Wasi

__version__ = version()
__all__ = [
    "AssemblyError", "Diagnostic", "Error", "Frame", "Function", "Host", "Import", "Instance", "Memory", "Module",
    "Program", "ProgramInstance", "State", "Trap", "Wasi", "assemble", "load", "load_bytes", "load_program", "version",
]
