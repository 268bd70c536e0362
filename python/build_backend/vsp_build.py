"""The build backend of the package (PEP 517 and 660), which needs nothing but Python.

A wheel has the modules of vsp/, the declarations of the C headers as cffi reads them, and libvsp with
its compiler, from the build folder that the environment variable VSP_BUILD names, or else from
build/release beside this folder. Where neither is there, the package uses an installed libvsp.
"""
import base64
import ctypes.util
import hashlib
import os
import pathlib
import re
import stat
import sysconfig
import zipfile

from vsp_headers import declarations

PYTHON = pathlib.Path(__file__).resolve().parent.parent
TOP = PYTHON.parent
LIBRARIES = ("libvsp.so.*.*.*", "libvsp-*.so")
HEADERS = ("vsp_aot.h", "vsp.h")


def version():
    """The project's version, which stands in its CMakeLists.txt."""
    text = (TOP / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"^project\(vsp VERSION ([0-9.]+)", text, re.MULTILINE).group(1)


def libraries():
    """The library files to put into the wheel; none where an installed libvsp is to be used."""
    named = os.environ.get("VSP_BUILD")
    folder = pathlib.Path(named).resolve() / "lib" if named else TOP / "build" / "release" / "lib"
    files = [file for pattern in LIBRARIES for file in sorted(folder.glob(pattern)) if not file.is_symlink()]
    if files:
        return files
    if named:
        raise SystemExit("vsp: there is no libvsp in %s, which VSP_BUILD names; build it first: ./setup" % folder)
    if not ctypes.util.find_library("vsp"):
        raise SystemExit("vsp: there is no libvsp in %s, and none is installed; build it first: ./setup" % folder)
    return []


def metadata():
    """The text of METADATA."""
    return "\n".join([
        "Metadata-Version: 2.1", "Name: vsp", "Version: " + version(),
        "Summary: The Virtual SIL Processor: run, compile and embed SIL programs", "License: Apache-2.0",
        "Requires-Python: >=3.9", "Requires-Dist: cffi>=1.15", "Description-Content-Type: text/markdown", "",
        (PYTHON / "README.md").read_text(encoding="utf-8")])


class Wheel:
    """A wheel that is being written: its files, and what RECORD says of them."""

    def __init__(self, path, tag):
        self.info = "vsp-%s.dist-info/" % version()
        self.record = []
        self.tag = tag
        self.zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)

    def add(self, name, data, executable=False):
        entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        entry.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        self.zip.writestr(entry, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self.record.append("%s,sha256=%s,%d" % (name, digest, len(data)))

    def close(self):
        self.add(self.info + "METADATA", metadata().encode())
        self.add(self.info + "WHEEL", ("Wheel-Version: 1.0\nGenerator: vsp_build\nRoot-Is-Purelib: false\nTag: %s\n"
                                       % self.tag).encode())
        self.record.append(self.info + "RECORD,,\n")
        self.zip.writestr(self.info + "RECORD", "\n".join(self.record))
        self.zip.close()


def headers_text():
    """The declarations for cffi, of both headers."""
    return "".join(declarations((TOP / "include" / "vsp" / name).read_text(encoding="utf-8")) for name in HEADERS)


def make(folder, fill):
    """Writes a wheel into folder under another name, then renames it; returns its name."""
    tag = "py3-none-" + re.sub(r"[-.]", "_", sysconfig.get_platform())
    name = "vsp-%s-%s.whl" % (version(), tag)
    part = os.path.join(folder, name + ".part")
    try:
        wheel = Wheel(part, tag)
        fill(wheel)
        wheel.close()
    except BaseException:
        os.unlink(part)
        raise
    os.replace(part, os.path.join(folder, name))
    return name


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    folder = "vsp-%s.dist-info" % version()
    os.mkdir(os.path.join(metadata_directory, folder))
    with open(os.path.join(metadata_directory, folder, "METADATA"), "w", encoding="utf-8") as file:
        file.write(metadata())
    return folder


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    def fill(wheel):
        for file in sorted((PYTHON / "vsp").glob("*")):
            if file.suffix in (".py", ".pyi", ".typed"):
                wheel.add("vsp/" + file.name, file.read_bytes())
        wheel.add("vsp/_declarations.h", headers_text().encode())
        for file in libraries():
            wheel.add("vsp/lib/" + file.name, file.read_bytes(), executable=True)
    return make(wheel_directory, fill)


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """A wheel that only names this folder. The declarations are written into it, and the library is
    that of the build, which the module finds beside the project."""
    (PYTHON / "vsp" / "_declarations.h").write_text(headers_text(), encoding="utf-8")
    return make(wheel_directory, lambda wheel: wheel.add("__vsp_editable__.pth", (str(PYTHON) + "\n").encode()))


def build_sdist(sdist_directory, config_settings=None):
    raise SystemExit("vsp: the package is built from the project's folder: pip install ./python")
