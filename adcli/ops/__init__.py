"""THE table of operations, and the kinds of number they work on."""

from ..lazy import face
from .table import *

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .dual import Dual, Limit, derivative
    from .floats import two_difference, two_product
    from .germ import Germ, NoGerm, Outside, approach
    from .mpf import Big, context, number
    from .scaled import Wide
    from .series import Series, variable
    from .systems import Foreign, System, replay

face(
    __name__,
    {
        "dual": "Dual Limit derivative",
        "floats": "two_difference two_product",
        "germ": "Germ NoGerm Outside approach",
        "mpf": "Big context number",
        "scaled": "Wide",
        "series": "Series variable",
        "systems": "Foreign System replay",
    },
)
