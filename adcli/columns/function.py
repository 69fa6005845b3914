"""A plan as a function of a numpy array, for scipy.optimize.minimize(f, x0, jac=True)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import UsageError, listed
from .batch import float_array
from .plan import Plan


class ArrayFunction:
    """The value and the gradient of a formula with one output, as a function of an array.

    An x of shape (n,), a point, gives the value and an array of n partial derivatives; one of shape (n, m), m points,
    gives an array of m values and one of shape (n, m). The order of the variables is `inputs`. Raises UsageError for an
    array of another shape, or not of numbers.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan, self.inputs = plan, plan.inputs

    def __call__(self, x: Any) -> tuple[Any, Any]:
        order = "in the order " + listed(self.inputs)
        x = float_array(x, "x is not of numbers", order)
        if x.ndim not in (1, 2) or len(x) != len(self.inputs):
            raise UsageError(f"x has the shape {x.shape}, not ({len(self.inputs)},)", hint=order)
        if x.ndim == 1:
            (value, *partials), _ = self._plan.at_point(dict(zip(self.inputs, x.tolist(), strict=True)))
            return value, np.array(partials)
        values, *partials = self._plan.run(dict(zip(self.inputs, x, strict=True))).values()
        return values, np.array(partials)
