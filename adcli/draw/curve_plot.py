"""Plots of curves and contours, in the terminal or as a picture."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ..derive import ContourMap, Curve
from . import plot

SIGNS = {"kink": "◆", "jump": "○", "pole": "×", "end": "●", "hole": "○"}
PLAIN = {"kink": "K", "jump": "J", "pole": "X", "end": "E", "hole": "O"}
SHAPES = {"kink": "D", "jump": "o", "pole": "x", "end": "o", "hole": "o"}  # matplotlib's
ARROWS = "→↗↑↖←↙↓↘"
MOST_LABELS = 12  # marks: up to here each has its text in a picture
EVERY = 6  # points of the grid from one arrow to the next


def terminal_lines(found: Curve | ContourMap, width: int = 0, unicode: bool = True) -> list[str]:
    """Return the lines of a plot."""
    return _curve_lines(found, width, unicode) if isinstance(found, Curve) else _contour_lines(found, width, unicode)


def curve_picture(found: Curve | ContourMap, suffix: str) -> bytes:
    """Return the plot as a picture in the format of the suffix, `.svg`, `.png` or `.pdf`."""
    return _curve_picture(found, suffix) if isinstance(found, Curve) else _contour_picture(found, suffix)


def strokes(found: Curve, k: int) -> Iterator[tuple[list[float], list[float]]]:
    """Yield the parts of the k-th derivative's curve inside the plot; none goes over a mark."""
    low, high = found.height
    for piece in found.pieces:
        xs: list[float] = []
        ys: list[float] = []
        points = [(s.x, s.derivatives[k]) for s in piece]
        for (a, p), (b, q) in zip([points[0], *points], points, strict=False):
            if (low <= p <= high) != (low <= q <= high):  # the curve leaves the plot, or comes back
                edge = low if min(p, q) < low else high
                xs.append(a + (b - a) * ((edge - p) / (q - p)))
                ys.append(edge)
            if low <= q <= high:
                xs.append(b)
                ys.append(q)
            elif xs:
                yield xs, ys
                xs, ys = [], []
        if xs:
            yield xs, ys


def _heights(found: Curve) -> list[float]:
    low, high = found.height
    return [low if mark.y is None else min(max(mark.y, low), high) for mark in found.marks]


def _curve_lines(found: Curve, width: int, unicode: bool) -> list[str]:
    pens = ["braille" if unicode else "f", *"123456789abcdeghijklmnopqrstuvwxyz"][: found.order + 1]
    pens += ["+"] * (found.order + 1 - len(pens))
    shown = [name if pen == "braille" else f"{pen} {name}" for name, pen in zip(found.names, pens, strict=True)]
    figure = plot.terminal(", ".join(name if unicode else name.replace("∂", "d") for name in shown), width)
    for k, pen in reversed(list(enumerate(pens))):
        for xs, ys in strokes(found, k):
            signal = figure.signal(xs, ys, marker=pen)
            figure.draw(signal.lines() if len(xs) > 1 else signal)
    for mark, y in zip(found.marks, _heights(found), strict=True):
        figure.draw(figure.signal([mark.x], [y], marker=(SIGNS if unicode else PLAIN)[mark.kind]))
    figure.ruler("x").lim(*found.ends)
    figure.ruler("y").lim(*found.height)
    return plot.lines(figure, unicode)


def _curve_picture(found: Curve, suffix: str) -> bytes:
    figure, axes = plot.figure()
    for k, name in enumerate(found.names):
        for n, (xs, ys) in enumerate(strokes(found, k)):
            axes.plot(xs, ys, color=f"C{k}", label=name if n == 0 else None)
    for mark, y in zip(found.marks, _heights(found), strict=True):
        hollow = {} if mark.kind == "pole" else {"markerfacecolor": "black" if mark.kind == "kink" else "white"}
        axes.plot([mark.x], [y], SHAPES[mark.kind], color="black", clip_on=False, zorder=3, **hollow)
        if len(found.marks) <= MOST_LABELS:
            axes.annotate(
                mark.text, (mark.x, y), (4, 8), textcoords="offset points", rotation=60, fontsize=7, alpha=0.7
            )
    axes.set_xlim(*found.ends)
    axes.set_ylim(*found.height)
    axes.set_xlabel(found.variable, parse_math=False)
    axes.set_title("\n".join(found.source.lines), parse_math=False, fontsize=10)
    axes.grid(alpha=0.3)
    axes.legend()
    return plot.picture(figure, suffix)


def _arrows(found: ContourMap) -> Iterator[tuple[float, float, float, float]]:
    """Yield (x, y, right, up): a place, and the direction of the gradient there as the plot is stretched."""
    across, up = (axis[-1] - axis[0] for axis in (found.xs, found.ys))
    for j in range(EVERY // 2, len(found.ys), EVERY):
        for i in range(EVERY // 2, len(found.xs), EVERY):
            if arrow := found.arrow(i, j):
                yield found.xs[i], found.ys[j], arrow[0] / across, arrow[1] / up


def _contour_lines(found: ContourMap, width: int, unicode: bool) -> list[str]:
    x, y = found.variables
    title = f"{found.output} over {x} (across) and {y} (up): digits on contour lines"
    figure = plot.terminal(title + (", arrows along the gradient" if unicode else ""), width)
    for digit, level in enumerate(found.levels, 1):
        crossings = list(_crossings(found, level))
        if crossings:
            figure.draw(figure.signal([a for a, _ in crossings], [b for _, b in crossings], marker=str(digit)))
    for a, b, right, up in _arrows(found) if unicode else ():
        turn = math.atan2(up, right) / (math.pi / 4)
        figure.draw(figure.signal([a], [b], marker=ARROWS[round(turn) % 8]))
    figure.ruler("x").lim(found.xs[0], found.xs[-1])
    figure.ruler("y").lim(found.ys[0], found.ys[-1])
    levels = ", ".join(f"{digit} is {level:.4g}" for digit, level in enumerate(found.levels, 1))
    return [*plot.lines(figure, unicode), *([f"lines: {levels}"] if levels else [])]


def _crossings(found: ContourMap, level: float) -> Iterator[tuple[float, float]]:
    """Yield the points where a level is crossed between neighbours, by linear interpolation."""
    columns, rows = len(found.xs), len(found.ys)
    for j in range(rows):
        for i in range(columns):
            here = found.value(i, j)
            for p, q in ((i + 1, j), (i, j + 1)):
                if (
                    p < columns
                    and q < rows
                    and (here - level) * ((there := found.value(p, q)) - level) <= 0 != here - there
                ):
                    t = (level - here) / (there - here)
                    yield found.xs[i] + t * (found.xs[p] - found.xs[i]), found.ys[j] + t * (found.ys[q] - found.ys[j])


def _contour_picture(found: ContourMap, suffix: str) -> bytes:
    figure, axes = plot.figure()
    if found.levels:
        values = [[found.value(i, j) for i in range(len(found.xs))] for j in range(len(found.ys))]
        axes.clabel(axes.contour(found.xs, found.ys, values, levels=found.levels), fontsize=7)
    arrows = [(x, y, a / math.hypot(a, b), b / math.hypot(a, b)) for x, y, a, b in _arrows(found)]
    if arrows:
        axes.quiver(*zip(*arrows, strict=True), alpha=0.6, pivot="mid", scale=30, width=0.003)
    axes.set_xlim(found.xs[0], found.xs[-1])
    axes.set_ylim(found.ys[0], found.ys[-1])
    axes.set_xlabel(found.variables[0], parse_math=False)
    axes.set_ylabel(found.variables[1], parse_math=False)
    axes.set_title("\n".join(found.source.lines), parse_math=False, fontsize=10)
    return plot.picture(figure, suffix)
