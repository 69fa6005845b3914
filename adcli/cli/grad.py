"""adcli grad: the value and the partial derivatives at a point."""

from __future__ import annotations

from typing import Any

from . import options as shared


@shared.formula_command("grad")
@shared.wrt_option
@shared.mode_option
@shared.trace_options
@shared.worksheet_options
@shared.limit_option
@shared.precise_option
def command(wrt: tuple[str, ...], mode: str, limit: bool, **options: Any) -> int:
    """Calculate the value and the gradient of FORMULA.

    \b
    adcli grad "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5
    adcli grad "x1*x2+x2-ln(x1)" --at x1=3,x2=-4 --wrt x2 --mode both --trace
    adcli grad samples/griewank.ad --at x1=1.5,x2=0.5 --format json
    adcli grad "x1*x2+x2" --at x1=3,x2=-4 --trace --worksheet -f latex
    adcli grad "x1*x2+x2" --at x1=3,x2=-4 --trace --worksheet --answers
    adcli grad "x^2*y" --at x=0:1:11,y=2 --format csv

    A range in --at, first:last:points, gives a table with one row a point. Several ranges give every combination.
    """
    from .arguments import names, read_arguments
    from .traces import answer_point, answer_points

    given = read_arguments(options, ranges=True)
    if given.point.ranges:
        return answer_points(lambda at: given.formula.sweeps(at, names(wrt), mode, limit=limit)[0], given, options)
    result, sweeps = given.formula.sweeps(given.point, names(wrt), mode, whole=options["trace"], limit=limit)
    return answer_point(result, sweeps, given, options)
