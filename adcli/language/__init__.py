"""Formulas and points as text: read in two syntaxes, written in two."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .latex_reader import parse_latex
    from .nodes import MAX_ROWS, Node, collector_paused, constant, count, postorder, resolve, variable
    from .normalize import LETTER, PASTED
    from .point import Point, bind, from_mapping, names, point_line, read_point, read_ranges
    from .ranges import Range
    from .reader import CONSTANTS, MAX_CHARACTERS, Script, parse
    from .simplify import simplify, simplify_all
    from .sums import REPEATS, Expansion
    from .tree import tree_data, tree_text
    from .writer import (
        GREEK,
        GREEK_LETTERS,
        aligned,
        excerpt,
        latex_leaf,
        latex_name,
        latex_number,
        latex_quantity,
        number_text,
        plain_leaf,
        to_latex,
        to_text,
    )

face(
    __name__,
    {
        "latex_reader": "parse_latex",
        "nodes": "MAX_ROWS Node collector_paused constant count postorder resolve variable",
        "normalize": "LETTER PASTED",
        "point": "Point bind from_mapping names point_line read_point read_ranges",
        "ranges": "Range",
        "reader": "CONSTANTS MAX_CHARACTERS Script parse",
        "simplify": "simplify simplify_all",
        "sums": "Expansion REPEATS",
        "tree": "tree_data tree_text",
        "writer": (
            "GREEK GREEK_LETTERS aligned excerpt latex_leaf latex_name latex_number latex_quantity "
            "number_text plain_leaf to_latex to_text"
        ),
    },
)
