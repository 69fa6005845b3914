"""The convention table against every route to a derivative: the table's numbers are not adcli's, see limits.py."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

import adcli
from adcli import ops
from adcli.errors import DomainError
from adcli.ops.dual import Dual
from adcli.ops.op import Op
from adcli.show.reference import argument_names
from tests.reference import conventions
from tests.reference.conventions import INF, PAGE, Line, call, points, read
from tests.reference.limits import edge

NAMED = {op.name: op for op in ops.TABLE}
LINES: dict[str, list[Line]] = {}
for one in read():
    LINES.setdefault(one.name, []).append(one)
every_op = pytest.mark.parametrize("op", ops.TABLE, ids=lambda op: op.name)
SMOOTH = [op for op in ops.TABLE if not op.condition and op is not ops.where]
every_function = pytest.mark.parametrize("op", SMOOTH, ids=lambda op: op.name)

# What adcli says instead, and why: a convention of its own, or what is still to be done.
OTHER_VALUES = {
    "sqrt(-0)": 0.0,  # IEEE 754 has -0; the slope, 1/(2*sqrt(x)), is then inf on both zeros
    "min(0, -0)": 0.0,  # the first one of equal numbers, of zeros too
    "max(-0, 0)": -0.0,
}
TIES = [("clamp", (x, x, x)) for x in (-1.0, 0.0, 1.0, 2.0)]
Slopes = Mapping[tuple[str, tuple[float, ...]], tuple[float | None, ...]]
# clamp where both limits meet: one half for a limit, not the slope from the side where there is a domain
OTHER_SLOPES: Slopes = dict.fromkeys(TIES, (0.0, 0.5, 0.5))
ZEROS = [(a, b) for a in (-0.0, 0.0) for b in (-0.0, 0.0)]
# x*ln(y) along y = 0 has a value at x = 0 only: the slope ln(y) is that of no line of points
OTHER_GRADIENTS = {("xlogy", at): (None, 0.0) for at in ZEROS}
OTHER_KINDS = {("xlogy", at): {"undefined", "end"} for at in ZEROS}
OTHER_KINDS |= {("pow", at): {"jump"} for at in ZEROS}  # 0^y is 1 at y = 0 and 0 beside it
# By C, an infinite power is even, and (-inf)^0.5 is inf; adcli's slope is that of an odd one, or 0.
ODD = {("pow", (a, b)) for a in (-INF, -2.0, -1.0, -0.0) for b in (-INF, INF)}
ODD |= {("pow", (-INF, b)) for b in (5e-324, 0.5)}


def same(a: float | None, b: float | None, tolerance: float = 1e-14) -> bool:
    if a is None or b is None or a != a or b != b:
        return a is b or (a is not None and b is not None and a != a and b != b)
    return a == b or (math.isfinite(a - b) and abs(a - b) <= tolerance * abs(b) + 1e-323)


def agrees(line: Line, k: int, got: float | None, tolerance: float = 1e-14, other: Slopes = OTHER_SLOPES) -> bool:
    """Tell whether a partial derivative is that of the line.

    Where an argument is infinite or NaN, `undefined` and NaN are one, NaN is always allowed, and what goes with a value
    of NaN is not looked at.
    """
    assert line.partials is not None
    right = other.get((line.name, line.args), line.partials)[k]
    if all(map(math.isfinite, line.args)):
        return same(got, right, tolerance)
    if line.value != line.value or got is None or got != got or (line.name, line.args) in ODD:
        return True
    return right is not None and same(got, right, tolerance)


def shown(line: Line, *more: Any) -> str:
    return f"{call(line)} {line[2:]}: {more}"


@cache
def formula(op: Op) -> adcli.Formula:
    """Return the operation on its variables."""
    return adcli.formula(op.infix[0].join(argument_names(op)) if op.infix and op.arity == 2 else
                         f"{op.infix[0] if op.infix else op.name}({', '.join(argument_names(op))})")  # fmt: skip


# -- the data ---------------------------------------------------------------------------------------------------------
@every_op
def test_every_operation_is_in_the_table(op: Op) -> None:
    assert repr([line.args for line in LINES[op.name]]) == repr(list(points(op.name, op.arity)))


def test_the_table_is_what_mpmath_says() -> None:
    """Some lines; all of them take minutes, see the slow test below."""
    quick = [line for op in SMOOTH for line in LINES[op.name] if all(map(math.isfinite, line.args))]
    for line in quick[:: len(quick) // 90]:
        assert repr(edge(line.name, line.args)) == repr(conventions.rest(line)), shown(line)


@pytest.mark.slow
@every_op
def test_every_line_is_what_mpmath_says(op: Op) -> None:
    for line in LINES[op.name]:
        assert repr(edge(line.name, line.args)) == repr(conventions.rest(line)), shown(line)


def test_the_page_is_what_the_data_print() -> None:
    assert conventions.PAGE.read_text("utf-8") == conventions.page()


def test_the_manual_shows_lines_of_the_page() -> None:
    manual, lines = (
        (PAGE.parent.parent / name).read_text("utf-8").splitlines() for name in ("adcli/guide/edges.md", PAGE)
    )
    for told in conventions.TOLD:
        (line,) = [line for line in lines if line.startswith(f"| `{told}`")]
        assert line in manual


# -- the routes -------------------------------------------------------------------------------------------------------
@every_op
def test_operations(op: Op) -> None:
    """`Op.extended` and `Op.slope`, which every route reads; zeros have their signs."""
    for line in LINES[op.name]:
        right = OTHER_VALUES.get(call(line), line.value)
        y = op.extended(*line.args)
        assert same(y, right), shown(line, y)
        assert y or math.copysign(1, y) == math.copysign(1, right), shown(line, y)
        for k, partial in enumerate(line.partials or ()):
            if partial is not None:  # no slope says that it does not exist; a note does
                assert agrees(line, k, slope := op.slope(k, y, *line.args)), shown(line, k, slope)


@pytest.mark.long
@every_function
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_formulas(op: Op, mode: str) -> None:
    """Values, partial derivatives and the kinds of notes; an infinite slope may be noted as a pole or an overflow."""
    f = formula(op)
    for line in LINES[op.name]:
        at = dict(zip(argument_names(op), line.args, strict=True))
        if line.partials is None:
            with pytest.raises(DomainError):
                f.gradient(at, mode=mode)
            continue
        got = f.gradient(at, mode=mode)
        assert same(got.value, line.value), shown(line, got.value)
        for k, name in enumerate(argument_names(op)):
            assert agrees(line, k, got[name], other=OTHER_GRADIENTS), shown(line, name, got[name])
        kinds = {note.kind for note in got.notes}
        if all(map(math.isfinite, line.args)):
            right = OTHER_KINDS.get((line.name, line.args), set(line.kinds))
            assert kinds == right, shown(line, kinds)
        elif line.value != line.value and not any(x != x for x in line.args):
            assert "nan" in kinds, shown(line, kinds)


@every_function
def test_numbers_in_python(op: Op) -> None:
    """adcli.math on floats and on Duals; as Python's math does, it raises where there is no value or an overflow."""
    for line in LINES[op.name]:
        for k in range(op.arity):
            duals = [Dual(x, 1.0) if j == k else x for j, x in enumerate(line.args)]
            try:
                y = op(*duals)
                assert same(op(*line.args), y.value), shown(line, y)
            except (ValueError, ZeroDivisionError, OverflowError):
                assert not math.isfinite(line.value), shown(line)
                with pytest.raises((ValueError, ZeroDivisionError, OverflowError)):
                    op(*line.args)
                continue
            assert same(y.value, line.value), shown(line, y)
            assert line.partials is not None, shown(line, y)
            assert line.partials[k] is None or agrees(line, k, y.tangent), shown(line, k, y)


@every_function
def test_derivatives_as_formulas(op: Op) -> None:
    """f.derivative at the point: the number, or an error where the note is; 1/x does not know that it came from ln."""
    for k, name in enumerate(argument_names(op)):
        derivative = formula(op).derivative(name)
        for line in LINES[op.name]:
            extreme = any(x and not 1e-100 < abs(x) < 1e100 for x in line.args)
            if line.partials is None or line.partials[k] is None or not all(map(math.isfinite, line.args)):
                continue
            try:
                at = dict(zip(argument_names(op), line.args, strict=True))
                got = derivative({name: x for name, x in at.items() if name in derivative.variables})
            except DomainError:
                limit = 0 in line.args and op in (ops.pow_, ops.sinc)  # 0^y*ln(0), (cos(x) - sinc(x))/x
                assert line.kinds or limit, shown(line, name)
                continue
            # one rule for all numbers may lose what the accurate one keeps: x^2 + y^2 overflows
            loses = op.slopes is not op.rules and (extreme or "overflow" in line.kinds)
            assert agrees(line, k, got, 1e-13) or loses, shown(line, name, got)
