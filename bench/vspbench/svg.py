"""The charts, as SVG written by hand: ratios by kernel, warm-up over time, cost against size.
Colours are those of Okabe and Ito, which colour-blind readers tell apart."""
import math
from xml.sax.saxutils import escape

from .engines import TITLES

COLOURS = {"clang": "#000000", "gcc": "#7f7f7f", "interp": "#e69f00", "baseline": "#a65628", "tier1": "#56b4e9", "tier2": "#0072b2", "auto": "#009e73", "warm": "#66c2a5",
           "aot": "#cc79a7", "luajit": "#d55e00", "node": "#b8a800", "lua": "#8c564b",
           "wasm-interp": "#f0c27b", "wasm-tier2": "#7a9cc6", "wasm-aot": "#e3b5d3"}
assert set(COLOURS) == set(TITLES), "each engine has a colour"
CYCLE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
INK, FAINT, GRID = "#222222", "#666666", "#e2e2e2"


class Canvas:
    """Shapes in pixels, in the order they are drawn."""

    def __init__(self, width, height, title, subtitle=""):
        self.size, self.parts = (width, height), []
        self.text(20, 28, title, size=17, weight="bold")
        self.text(20, 48, subtitle, colour=FAINT)

    def text(self, x, y, text, anchor="start", colour=INK, size=12, weight="normal"):
        self.parts.append('<text x="%.1f" y="%.1f" text-anchor="%s" fill="%s" font-size="%d" font-weight="%s">%s</text>'
                          % (x, y, anchor, colour, size, weight, escape(text)))

    def line(self, x1, y1, x2, y2, colour=GRID, width=1.0):
        self.parts.append('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%.1f"/>'
                          % (x1, y1, x2, y2, colour, width))

    def bar(self, x, y, width, height, colour):
        self.parts.append('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>' % (x, y, max(0.0, width), height, colour))

    def dot(self, x, y, colour, hint=""):
        self.parts.append('<circle cx="%.1f" cy="%.1f" r="4.5" fill="%s" fill-opacity="0.85" stroke="white"><title>%s</title></circle>'
                          % (x, y, colour, escape(hint)))

    def path(self, points, colour):
        self.parts.append('<polyline points="%s" fill="none" stroke="%s" stroke-width="2" stroke-linejoin="round"/>'
                          % (" ".join("%.1f,%.1f" % p for p in points), colour))

    def save(self, file):
        head = ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" '
                'font-family="Helvetica, Arial, sans-serif">' % (self.size * 2))
        with open(file, "w", encoding="utf-8") as out:
            out.write("\n".join([head, '<rect width="100%" height="100%" fill="white"/>'] + self.parts + ["</svg>", ""]))


class Axis:
    """A logarithmic scale from values to pixels; its ticks are powers of base."""

    def __init__(self, values, pixels, base=10.0):
        low, high = math.log(min(values), base), math.log(max(values), base)
        self.base, self.pixels = base, pixels
        self.low, self.high = math.floor(low + 1e-9), max(math.ceil(high - 1e-9), math.floor(low) + 1)

    def __call__(self, value):
        part = (math.log(value, self.base) - self.low) / (self.high - self.low)
        return self.pixels[0] + part * (self.pixels[1] - self.pixels[0])

    def ticks(self):
        return [self.base ** e for e in range(self.low, self.high + 1)]


def number(value):
    if value >= 1e6:
        return "%g M" % (value / 1e6)
    return "%s" % format(int(value), ",") if value >= 1000 else "%.3g" % value


def legend(canvas, x, y, entries):
    """A row of (name, colour), from x on."""
    for name, colour in entries:
        canvas.bar(x, y - 9, 10, 10, colour)
        canvas.text(x + 14, y, name)
        x += 30 + 6.6 * len(name)


def ratio_chart(file, table, titles, what):
    """Above, the geometric means as bars, which are the key to the colours; below, each kernel's
    ratios as dots, on one scale."""
    means = sorted(table["geometric_means"].items(), key=lambda item: item[1])
    kernels = list(next(iter(table["ratios"].values())))
    rows_top = 84 + 26 * len(means)
    bottom, left, right = rows_top + 34 + 22 * len(kernels), 150, 820
    canvas = Canvas(right + 50, bottom + 40, "Time relative to clang -O2 (less is better)", what)
    every = [r for row in table["ratios"].values() for r, _ in row.values()] + [m for _, m in means] + [1.0]
    x = Axis(every, (left, right), base=2.0)
    for tick in x.ticks():
        canvas.line(x(tick), 78, x(tick), bottom, INK if tick == 1 else GRID)
        canvas.text(x(tick), bottom + 18, "%g" % tick, "middle", FAINT)
    for i, (engine, mean) in enumerate(means):
        y = 80 + 26 * i
        canvas.text(left - 10, y + 14, titles[engine], "end", weight="bold")
        start, end = sorted((x(1.0), x(mean)))
        canvas.bar(start, y, end - start, 19, COLOURS[engine])
        canvas.dot(x(mean), y + 9.5, COLOURS[engine])
        canvas.text(end + 10, y + 14, "%.2f" % mean, weight="bold")
    canvas.text(x(1.0), 74, "clang -O2", "middle", FAINT, 11)
    canvas.text(left - 10, 74, "geometric mean", "end", FAINT, 11)
    for i, kernel in enumerate(kernels):
        y = rows_top + 28 + 22 * i
        canvas.line(left, y, right, y)
        canvas.text(left - 10, y + 4, kernel, "end")
        for engine, _ in reversed(means):
            ratio = table["ratios"][engine][kernel][0]
            canvas.dot(x(ratio), y, COLOURS[engine], "%s, %s: %.2f" % (kernel, titles[engine], ratio))
    canvas.save(file)


def slope_guide(canvas, x, y):
    """A thin line of cost in proportion to size, up to the upper right corner."""
    top = y.base ** y.high
    low = max(x.base ** x.low, x.base ** x.high * y.base ** y.low / top)
    begin, end = (low, top * low / x.base ** x.high), (x.base ** x.high, top)
    canvas.line(x(begin[0]), y(begin[1]), x(end[0]), y(end[1]), "#bbbbbb")


def axes(canvas, x, y, x_title, y_title, marks):
    """A grid with a number at each tick, the names of the axes, and horizontal lines at marks of
    (y, text)."""
    (left, right), (bottom, top) = x.pixels, y.pixels
    for tick in x.ticks():
        canvas.line(x(tick), top, x(tick), bottom)
        canvas.text(x(tick), bottom + 18, number(tick), "middle", FAINT)
    for tick in y.ticks():
        canvas.line(left, y(tick), right, y(tick))
        canvas.text(left - 8, y(tick) + 4, number(tick), "end", FAINT)
    for mark, text in marks:
        canvas.line(left, y(mark), right, y(mark), INK)
        canvas.text(right, y(mark) - 5, text, "end", FAINT, 11)
    canvas.text((left + right) / 2, bottom + 42, x_title, "middle")
    canvas.text(left - 60, top - 10, y_title, "start", FAINT, 11)


def length_chart(file, series, titles):
    """Lines of engine -> [(milliseconds that C takes, ratio)]."""
    horizontal, vertical = (80, 700), (440, 112)
    canvas = Canvas(740, 500, "First call in a fresh process by the length of the call", "loading and compiling included; geometric means over kernels")
    points = [p for line in series.values() for p in line]
    x = Axis([p[0] for p in points], horizontal, base=2.0)
    y = Axis([p[1] for p in points] + [1.0], vertical, base=2.0)
    axes(canvas, x, y, "milliseconds that C takes", "time relative to clang -O2 (less is better)", [(1.0, "")])
    legend(canvas, horizontal[0], 76, [(titles[engine], COLOURS[engine]) for engine in series])
    for engine, line in series.items():
        canvas.path([(x(a), y(b)) for a, b in line], COLOURS[engine])
        for a, b in line:
            canvas.dot(x(a), y(b), COLOURS[engine], "%s, %.1f ms: %.2f" % (titles[engine], a, b))
    canvas.save(file)


def line_chart(file, series, title, subtitle, x_title, y_title, marks=(), linear=False):
    """Lines of name -> [(x, y)], both axes logarithmic; marks are (y, text) for horizontal lines.
    linear: with a dot at each point and a line of cost in proportion."""
    left, right, top, bottom = 80, 700, 112, 440
    canvas = Canvas(right + 40, bottom + 60, title, subtitle + ("; the thin line is cost in proportion" if linear else ""))
    points = [p for line in series.values() for p in line]
    x = Axis([p[0] for p in points], (left, right))
    y = Axis([p[1] for p in points] + [mark for mark, _ in marks], (bottom, top))
    axes(canvas, x, y, x_title, y_title, marks)
    legend(canvas, left, 76, list(zip(series, CYCLE)))
    if linear:
        slope_guide(canvas, x, y)
    for line, colour in zip(series.values(), CYCLE):
        canvas.path([(x(a), y(b)) for a, b in line], colour)
        for a, b in line if linear else ():
            canvas.dot(x(a), y(b), colour, "%s: %s" % (number(a), number(b)))
    canvas.save(file)
