"""Log-log plots of a step sweep, in the terminal or as a picture."""

from __future__ import annotations

import math

from ..check import ErrorCurve, StepSweep
from . import plot

MARKERS = {"forward": "f", "central": "c", "complex": "i"}
FLOOR = {"double": 2.0**-54, "single": 2.0**-25}  # an error of 0 is drawn here: at half a rounding


def _points(sweep: StepSweep, curve: ErrorCurve) -> tuple[list[float], list[float]]:
    known = [
        (h, max(e, FLOOR[curve.precision])) for h, e in zip(sweep.steps, curve.errors, strict=True) if e is not None
    ]
    return [h for h, _ in known], [e for _, e in known]


def terminal_lines(sweep: StepSweep, width: int = 0) -> list[str]:
    """Return the lines of a plot for each precision, errors over steps, both logarithmic."""
    lines: list[str] = []
    markers = ", ".join(f"{m} {name}" for name, m in MARKERS.items())
    for precision in dict.fromkeys(c.precision for c in sweep.curves):
        figure = plot.terminal(f"error over h, {precision} precision: {markers}", width)
        lowest = 0.0
        for curve in sweep.curves:
            steps, errors = _points(sweep, curve)
            if curve.precision == precision and steps:
                xs, ys = [math.log10(h) for h in steps], [math.log10(e) for e in errors]
                figure.draw(figure.signal(xs, ys, marker=MARKERS[curve.method]))
                lowest = min(lowest, *ys)
        for axis, low in (("x", math.log10(sweep.steps[-1])), ("y", lowest)):
            ticks = range(0, math.floor(low) - 1, -4)
            figure.ruler(axis).ticks([float(k) for k in ticks], [f"1e{k}" for k in ticks])
        lines += ["", *plot.lines(figure)]
    return lines[1:]


def picture(sweep: StepSweep, suffix: str) -> bytes:
    """Return the curves as a picture in the format of the suffix, `.svg`, `.png` or `.pdf`."""
    figure, axes = plot.figure()
    for curve in sweep.curves:
        colour = f"C{list(MARKERS).index(curve.method)}"
        style = "-" if curve.precision == "double" else "--"
        axes.loglog(*_points(sweep, curve), style, color=colour, label=f"{curve.method}, {curve.precision}")
        if curve.theory is not None and curve.method != "complex":
            axes.axvline(curve.theory, linestyle=":", linewidth=0.8, color=colour)
    axes.set_xlabel("step h (dotted: best in theory)")
    axes.set_ylabel("relative error" if sweep.derivative else "error")
    axes.set_title(f"d{sweep.output}/d{sweep.variable} = {sweep.derivative:.6g}", parse_math=False)
    axes.legend()
    return plot.picture(figure, suffix)
