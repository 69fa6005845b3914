"""Results as text; the only room that knows Rich."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .cells import cell_text, heading, json_data, to_charset
    from .html import as_html
    from .manual import TOPICS, on_terminal, topic_sentences, topic_text, topics_about
    from .reference import find_ops, listed_document, reference_document
    from .render import as_text, notation_for, render
    from .style import MACHINE, Style
    from .worksheet import worksheet

face(
    __name__,
    {
        "cells": "cell_text heading json_data to_charset",
        "manual": "TOPICS on_terminal topic_sentences topic_text topics_about",
        "reference": "find_ops listed_document reference_document",
        "html": "as_html",
        "render": "as_text notation_for render",
        "style": "MACHINE Style",
        "worksheet": "worksheet",
    },
)
