"""The bandwidth of a CUDA device's memory: bandwidth.py prints GB/s of the first device, which its driver
tells as clock and width of the bus, or nothing where there is none."""
import ctypes
import sys

CLOCK_KHZ, BUS_BITS = 36, 37  # CUdevice_attribute
TRANSFERS = 2  # in each clock


def attribute(driver, what):
    value = ctypes.c_int(0)
    return value.value if driver.cuDeviceGetAttribute(ctypes.byref(value), what, 0) == 0 else 0


try:
    cuda = ctypes.CDLL("libcuda.so.1")
    rate = attribute(cuda, CLOCK_KHZ) * 1e3 * TRANSFERS * attribute(cuda, BUS_BITS) / 8 / 1e9 if cuda.cuInit(0) == 0 else 0
except (OSError, AttributeError):
    sys.exit(0)
if rate:
    print("%.0f" % rate)
