"""Results as text; the only room that knows Rich."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .display import MACHINE, Display, human, spell, text_width
    from .document import Document, Table, json_number
    from .documents import points_document
    from .formulaviews import comparison_document, cost_document, derivative_document, steps_document
    from .manual import TOPICS, on_terminal, topic_sentences, topic_text, topics_about
    from .pointviews import (
        MODES,
        gradient_document,
        hessian_document,
        jacobian_document,
        partial_document,
        product_document,
        taylor_document,
        value_document,
    )
    from .reference import entry, lookup
    from .render import as_html, as_text, progress_bar, render, spelling
    from .worksheet import worksheet

face(
    __name__,
    {
        "display": "Display MACHINE human spell text_width",
        "document": "Document Table json_number",
        "documents": "points_document",
        "formulaviews": "comparison_document cost_document derivative_document steps_document",
        "manual": "TOPICS on_terminal topic_sentences topic_text topics_about",
        "pointviews": (
            "MODES gradient_document hessian_document jacobian_document partial_document product_document "
            "taylor_document value_document"
        ),
        "reference": "entry lookup",
        "render": "as_html as_text progress_bar render spelling",
        "worksheet": "worksheet",
    },
)
