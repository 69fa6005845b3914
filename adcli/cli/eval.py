"""adcli eval: the value at a point."""

from __future__ import annotations

from typing import Any

from . import options as shared


@shared.formula_command("eval")
@shared.trace_options
@shared.limit_option
@shared.precise_option
def command(limit: bool, **options: Any) -> int:
    """Calculate the value of FORMULA.

    \b
    adcli eval "2x^2 + pi" --at x=3
    adcli eval "(1+2)/7" --digits 17
    adcli eval "sum(i=1..n, x[i]^2)" --at "n=3,x=[1,2,3]" --trace
    adcli eval "sin(x)/y" --at x=0:pi:5,y=2

    A range in --at, first:last:points, gives a table with one row a point. Several ranges give every combination.
    """
    from ..trace import unswept
    from .arguments import read_arguments
    from .traces import answer_point, answer_points

    given = read_arguments(options, ranges=True)
    if given.point.ranges:
        return answer_points(lambda at: given.formula.values(at, limit=limit)[0], given, options)
    result, evaluation = given.formula.values(given.point, limit=limit)
    return answer_point(result, unswept(evaluation), given, options)
