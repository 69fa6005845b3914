"""adcli check: the gradient by independent methods, and the verdict."""

from __future__ import annotations

from typing import Any

from . import options as shared


@shared.formula_command("check")
@shared.wrt_option
def command(wrt: tuple[str, ...], **options: Any) -> int:
    """Check the gradient of FORMULA: independent methods side by side, correct digits, and a verdict.

    \b
    adcli check "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5

    Exit status 1 if the methods disagree by more than rounding and their own errors explain.
    """
    from ..views import check_document
    from .answer import answer, names, request

    asked = request(options)
    return answer(check_document(asked.formula.check(asked.point, wrt=names(wrt))), asked)
