"""Running programs, finding tools, and the few statistics used: medians, half the interquartile
range, geometric means."""
import math
import os
import shutil
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BENCH = os.path.join(ROOT, "bench")
DRIVERS = os.path.join(BENCH, "drivers")


class Failure(Exception):
    """A failure that makes the whole run worthless; the message describes it."""


def command(argv, timeout=600):
    """Standard output of a program that must succeed."""
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                              timeout=timeout)
    except OSError as error:
        raise Failure("%s cannot be started: %s" % (argv[0], error.strerror)) from error
    except subprocess.TimeoutExpired as error:
        raise Failure("%s\ndid not end within %d s" % (" ".join(argv), timeout)) from error
    if done.returncode:
        message = (done.stderr or done.stdout).strip().splitlines()
        raise Failure("%s\nfailed with status %d: %s" % (" ".join(argv), done.returncode, "\n".join(message[:8])))
    return done.stdout


def find(*names):
    """Path of the first program that is installed, or None."""
    return next((path for path in map(shutil.which, names) if path), None)


def write(path, text):
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path


def geomean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else float("nan")


def spread(values):
    """Half the interquartile range; half the range of fewer than four values."""
    if len(values) < 4:
        return (max(values) - min(values)) / 2
    quartiles = statistics.quantiles(values, n=4)
    return (quartiles[2] - quartiles[0]) / 2


class Progress:
    """The current step and the remaining time: a line that is overwritten on a terminal, a line per
    section elsewhere."""

    def __init__(self, section, total):
        self.section, self.total, self.done, self.begin = section, total, 0, time.monotonic()
        self.terminal = sys.stderr.isatty()
        if not self.terminal:
            sys.stderr.write("%s: %d steps\n" % (section, total))

    def step(self, what):
        """Called when a step, named by what, is done."""
        self.done += 1
        if not self.terminal:
            return
        left = (time.monotonic() - self.begin) / self.done * (self.total - self.done)
        sys.stderr.write("\r\033[K%s: %d/%d %s, %d s left" % (self.section, self.done, self.total, what, left))
        if self.done == self.total:
            sys.stderr.write("\r\033[K")
        sys.stderr.flush()
