"""Filters a WAV file through a VSP program, and plots the spectra before and after.

    python3 wav_filter.py [IN.wav OUT.wav PLOT.png]

Without files it makes a second of sound, two tones of 440 and 6000 Hz, and keeps the lower one. Needs
numpy; the plot needs matplotlib.
"""
import pathlib
import sys
import wave

import numpy

import vsp

CUTOFF, TAPS = 2000, 101  # Hz; coefficients


def tones(path, rate=16000):
    """Writes a WAV file with two tones."""
    t = numpy.arange(rate) / rate
    sound = 0.4 * numpy.sin(2 * numpy.pi * 440 * t) + 0.4 * numpy.sin(2 * numpy.pi * 6000 * t)
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sound * 32767).astype("<i2").tobytes())


def low_pass(rate):
    """The coefficients of a low-pass filter: a sinc function under a Hamming window."""
    n = numpy.arange(TAPS) - (TAPS - 1) / 2
    h = numpy.sinc(2 * CUTOFF / rate * n) * numpy.hamming(TAPS)
    return h / h.sum()


def filtered(samples, h):
    """samples through the VSP program, which works in its own memory: nothing is copied but the input."""
    module = vsp.load(pathlib.Path(__file__).with_name("fir.sil"))
    count = len(samples) - len(h) + 1
    bytes_needed = 8 * (len(samples) + count + len(h))
    with vsp.Instance(module) as instance:
        instance.call("grow", bytes_needed // 65536 + 1)
        x = 0x10000  # where the memory begins
        y = x + 8 * len(samples)
        coefficients = y + 8 * count
        instance.memory.array("f8", x, len(samples))[:] = samples
        instance.memory.array("f8", coefficients, len(h))[:] = h
        instance.call("fir", x, y, count, coefficients, len(h))
        return instance.memory.array("f8", y, count)


def plot(path, rate, before, after):
    """Writes a picture of both spectra."""
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as pyplot
    figure, axes = pyplot.subplots(figsize=(8, 4), layout="constrained")
    for samples, label in ((before, "before"), (after, "after")):
        spectrum = numpy.abs(numpy.fft.rfft(samples)) / len(samples) * 2
        axes.plot(numpy.fft.rfftfreq(len(samples), 1 / rate), spectrum, label=label)
    axes.set(xlabel="frequency (Hz)", ylabel="amplitude", title="A VSP program as a low-pass filter")
    axes.legend()
    figure.savefig(path)


def main(source="tones.wav", result="filtered.wav", picture="spectrum.png"):
    if len(sys.argv) == 1:
        tones(source)
    with wave.open(source, "rb") as file:
        if file.getsampwidth() != 2 or file.getnchannels() != 1:
            sys.exit("%s: only mono files of 16 bits are read" % source)
        rate = file.getframerate()
        samples = numpy.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32767
    if len(samples) < TAPS:
        sys.exit("%s: the file has fewer than %d samples" % (source, TAPS))
    after = filtered(samples, low_pass(rate))
    with wave.open(result, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((numpy.clip(after, -1, 1) * 32767).astype("<i2").tobytes())
    print("%s: %d samples, loudest %.2f; %s: %d samples, loudest %.2f"
          % (source, len(samples), abs(samples).max(), result, len(after), abs(after).max()))
    try:
        plot(picture, rate, samples, after)
    except ImportError:
        print("no picture: matplotlib is not installed (Debian: python3-matplotlib)")
    else:
        print("%s: the spectra" % picture)


if __name__ == "__main__":
    if len(sys.argv) not in (1, 4):
        sys.exit("usage: wav_filter.py [IN.wav OUT.wav PLOT.png]")
    main(*sys.argv[1:])
