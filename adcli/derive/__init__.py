"""Results: value, gradient, Jacobian, products, Hessian, Taylor, symbolic; in doubles or in N digits."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .curve import Curve, curve
    from .field import Field, field
    from .gradient import Gradient, Values, gradient
    from .hessian import Hessian, hessian, hvp
    from .jacobian import Jacobian, Product, jacobian, jvp, vjp
    from .lower import Lowering
    from .model import DOUBLE, Engine, Model
    from .points import tabulate
    from .precise import evaluate
    from .precise_engine import PreciseEngine
    from .program import Program, Register
    from .steps import Steps, derive
    from .symbolic import Cost, cost, derivative, differentiate
    from .taylor import Partial, Taylor, partial, taylor
    from .written import Derivative, written

face(
    __name__,
    {
        "curve": "Curve curve",
        "field": "Field field",
        "gradient": "Gradient Values gradient",
        "hessian": "Hessian hessian hvp",
        "jacobian": "Jacobian Product jacobian jvp vjp",
        "lower": "Lowering",
        "model": "DOUBLE Engine Model",
        "points": "tabulate",
        "precise": "evaluate",
        "precise_engine": "PreciseEngine",
        "program": "Program Register",
        "steps": "Steps derive",
        "symbolic": "Cost cost derivative differentiate",
        "taylor": "Partial Taylor partial taylor",
        "written": "Derivative written",
    },
)
