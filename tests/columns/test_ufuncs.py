"""Each operation of the table on columns against mpmath: values and partial derivatives, in ulp."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice, product

import numpy as np
import pytest
from mpmath import mp, mpf

import adcli
from adcli import ops
from adcli.columns import kernels
from adcli.language.nodes import Node, variable_node
from adcli.language.writer import to_text
from adcli.ops.op import Op
from tests.ops.test_table import DIGITS, REFERENCE, condition, exact, inner, off
from tests.test_accuracy import TINY

BOUND, BOUND_OF_SLOPES = 3.0, 8.0  # ulp, or these times the condition number
LARGER = {"lbeta": 4.0, "besselj": 20.0, "bessely": 100.0}  # forward recurrence, near zeros
NUMBERS = [op for op in ops.TABLE if not op.condition and op is not ops.where]


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    with mp.workdps(DIGITS):
        yield


@pytest.mark.long
@pytest.mark.parametrize("op", NUMBERS, ids=lambda op: op.name)
def test_columns_are_accurate(op: Op) -> None:
    names = [f"x{k}" for k in range(op.arity)]
    f = adcli.formula(to_text(Node(op, tuple(map(variable_node, names)))))
    rows = list(islice(inner(op, 400, seed=3), 400))
    made = f.plan().run({name: np.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)})
    for what, (reference, bound) in enumerate(
        zip((REFERENCE[op.name][0], *REFERENCE[op.name][1]), [BOUND] + [BOUND_OF_SLOPES] * op.arity, strict=True)
    ):
        for row, got in zip(rows, made[list(made)[what]].tolist(), strict=True):
            if (
                reference is None
                or any(0 < abs(x) < TINY for x in row)
                or (what and any(edge.when(*row) for edge in op.edges))
            ):
                continue
            arguments = exact(row)
            true = reference(*arguments)
            error = off(got, true)
            if error > bound:
                error /= condition(reference, arguments)
            assert error <= max(bound, LARGER.get(op.name, 0.0)), (
                f"{op.name}{row}, {'value' if what == 0 else what}: {got}, exactly {mp.nstr(true, 20)}"
            )


LOGS = np.concatenate([
    10.0 ** np.random.default_rng(0).uniform(-20, 300, 3000), np.random.default_rng(1).uniform(-1, 2, 3000),
    -(10.0 ** np.random.default_rng(2).uniform(-20, -1e-9, 3000)), 2.0 ** np.arange(-50, 60) - 1,
])  # fmt: skip


@pytest.mark.parametrize("accurate", [False, True])
def test_log1p_is_accurate_everywhere(accurate: bool) -> None:
    """The logarithm's own error depends on the processor; it counts twice where the sum has half the size."""
    u = 1 + LOGS
    own = max(off(got, mp.log(mpf(x))) for x, got in zip(u.tolist(), np.log(u).tolist(), strict=True) if x != 1)
    bound = 1.2 if accurate else 0.51 + 2 * own
    made = adcli.formula("log1p(x)").plan(accurate=accurate).run({"x": LOGS})["y"].tolist()
    assert max(off(got, mp.log1p(mpf(x))) for x, got in zip(LOGS.tolist(), made, strict=True)) <= bound


@pytest.mark.parametrize("text", ["1/3", "-0.1", "0.1", "4/3", "2.5"])
def test_the_slope_of_a_power_keeps_its_digits(text: str) -> None:
    x = np.array([1e-300, 1e-20, 0.3, 1e8, 1e130, 1e300])
    made = adcli.formula(f"x^({text})").batch(x=x)["dy/dx"].tolist()
    exponent = mpf(eval(text))
    for at, got in zip(x.tolist(), made, strict=True):
        assert off(got, exponent * mpf(at) ** (exponent - 1)) <= 4


def test_log1p_of_zeros_keeps_their_sign() -> None:
    made = adcli.formula("copysign(1, log1p(x))").batch(x=[-0.0, 0.0], what="value")
    assert made["y"].tolist() == [-1.0, 1.0]


def test_where_takes_any_numbers_bit_by_bit() -> None:
    numbers = [0.0, -0.0, 1.5, math.inf, math.nan, 5e-324]
    condition, a, b = (np.array(x) for x in zip(*product([True, False], numbers, numbers), strict=True))
    out, mask = np.empty((2, len(a)))
    for given in ((a, b), (a, -0.0), (1.0, b)):
        kernels.choose(condition, *given, out, mask)
        np.testing.assert_array_equal(out.view(np.int64), np.where(condition, *given).view(np.int64))
