"""THE table of operations, and the kinds of number they work on."""

from ..lazy import face
from .op import *
from .table import *

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .digits import Digits
    from .dual import Dual, Limit, derivative
    from .germ import MAX_ROOT, Frame, Germ, Irregular, NoGerm, Outside, Unsettled
    from .mpf import Big, mp_context, to_big
    from .rounded import LOST, Rounded, few_digits, lost
    from .scaled import Scaled
    from .series import Series, series_variable
    from .systems import Foreign, System
    from .twofold import ROUNDOFF, Twofold, two_product

face(
    __name__,
    {
        "digits": "Digits",
        "dual": "Dual Limit derivative",
        "germ": "MAX_ROOT Frame Germ Irregular NoGerm Outside Unsettled",
        "mpf": "Big mp_context to_big",
        "rounded": "LOST Rounded few_digits lost",
        "scaled": "Scaled",
        "series": "Series series_variable",
        "systems": "Foreign System",
        "twofold": "ROUNDOFF Twofold two_product",
    },
)
