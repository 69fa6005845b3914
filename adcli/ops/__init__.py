"""THE table of operations, and the kinds of number they work on."""

from ..lazy import face
from .op import *
from .table import *

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .dual import Dual, Limit, derivative
    from .germ import MAX_ROOT, Frame, Germ, Irregular, NoGerm, Outside, Unsettled
    from .mpf import Big, context, number
    from .scaled import Wide
    from .series import Series, variable
    from .systems import Foreign, System
    from .twofold import Twofold, two_difference, two_product

face(
    __name__,
    {
        "dual": "Dual Limit derivative",
        "germ": "MAX_ROOT Frame Germ Irregular NoGerm Outside Unsettled",
        "mpf": "Big context number",
        "scaled": "Wide",
        "series": "Series variable",
        "systems": "Foreign System",
        "twofold": "Twofold two_difference two_product",
    },
)
