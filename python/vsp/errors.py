"""Exceptions: what libvsp reports, with its place."""
from typing import NamedTuple, Optional, Sequence, Tuple


class Frame(NamedTuple):
    """One frame of a back trace, innermost first; pc and line are None when they are unknown."""
    function: str
    pc: Optional[int]
    line: Optional[int]


class Diagnostic(NamedTuple):
    """A message about source text, complete as a compiler prints it, with the line and a caret."""
    severity: str  # "error", "warning" or "note"
    text: str


class Error(Exception):
    """A call failed. status is libvsp's name for the kind, such as "VSP_E_FORMAT"; offset is a byte
    offset in a binary file; whatever is unknown is None."""

    def __init__(self, message: str, *, status: str = "VSP_E_ARGUMENT", file: Optional[str] = None,
                 line: Optional[int] = None, column: Optional[int] = None, function: Optional[str] = None,
                 offset: Optional[int] = None):
        super().__init__(message)
        self.message, self.status = message, status
        self.file, self.line, self.column = file, line, column
        self.function, self.offset = function, offset


class AssemblyError(Error):
    """Source text has errors; diagnostics has all messages."""

    def __init__(self, message: str, *, diagnostics: Sequence[Diagnostic] = (), **place):
        super().__init__(message, **place)
        self.diagnostics: Tuple[Diagnostic, ...] = tuple(diagnostics)

    def __str__(self):
        return "\n" + "".join(d.text for d in self.diagnostics) if self.diagnostics else self.message


class Trap(Error):
    """The program trapped. kind is the trap's name, such as "OUT_OF_BOUNDS"; code that of an explicit
    trap; pc the code address, and frames the back trace, innermost first."""

    def __init__(self, message: str, *, kind: str, code: int = 0, pc: Optional[int] = None,
                 frames: Sequence[Frame] = (), **place):
        super().__init__(message, **place)
        self.kind, self.code, self.pc = kind, code, pc
        self.frames: Tuple[Frame, ...] = tuple(frames)
