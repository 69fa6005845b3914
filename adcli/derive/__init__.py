"""Results: value, gradient, Jacobian, products, Hessian, Taylor, symbolic; in doubles or in N digits."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .contour_map import ContourMap, contour_map
    from .cost import Cost, cost
    from .curve import Curve, curve
    from .derivative import derivative_at
    from .gradient import Gradient, Values, gradient
    from .hessian import Hessian, hessian, hvp
    from .jacobian import Jacobian, Product, jacobian, jvp, vjp
    from .lower import Lowering
    from .model import DOUBLE, Engine, Model
    from .points import tabulate
    from .precise import precise_gradient
    from .precise_engine import PreciseEngine
    from .program import Program, Register
    from .steps import Steps, derivation_steps
    from .symbolic import derivative_script, differentiate
    from .taylor import Partial, Taylor, partial, taylor

face(
    __name__,
    {
        "contour_map": "ContourMap contour_map",
        "cost": "Cost cost",
        "curve": "Curve curve",
        "derivative": "derivative_at",
        "gradient": "Gradient Values gradient",
        "hessian": "Hessian hessian hvp",
        "jacobian": "Jacobian Product jacobian jvp vjp",
        "lower": "Lowering",
        "model": "DOUBLE Engine Model",
        "points": "tabulate",
        "precise": "precise_gradient",
        "precise_engine": "PreciseEngine",
        "program": "Program Register",
        "steps": "Steps derivation_steps",
        "symbolic": "derivative_script differentiate",
        "taylor": "Partial Taylor partial taylor",
    },
)
