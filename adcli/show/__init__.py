"""Results as text; the only room that knows Rich."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .display import MACHINE, Display, human, json_number, spell, text_width
    from .manual import TOPICS, on_terminal, topic_sentences, topic_text, topics_about
    from .reference import entry, lookup
    from .render import as_html, as_text, progress_bar, render, spelling
    from .worksheet import worksheet

face(
    __name__,
    {
        "display": "Display MACHINE human json_number spell text_width",
        "manual": "TOPICS on_terminal topic_sentences topic_text topics_about",
        "reference": "entry lookup",
        "render": "as_html as_text progress_bar render spelling",
        "worksheet": "worksheet",
    },
)
