"""Formulas and points as text: read in two syntaxes, written in two."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .csv_rows import HUGE, CsvRow, csv_rows, cut_rows, quotes_are_regular, without_comments
    from .dialect import AMBIGUOUS, DELIMITERS, Dialect, NotANumber, check_marks, find_dialect
    from .latex_reader import parse_latex
    from .latex_writer import (
        GREEK_COMMANDS,
        GREEK_LETTERS,
        latex_aligned,
        latex_leaf,
        latex_name,
        latex_number,
        latex_quantity,
        to_latex,
    )
    from .mistakes import FOREIGN
    from .nodes import (
        MAX_ROWS,
        Node,
        collector_paused,
        constant_node,
        dereference,
        operation_counts,
        postorder,
        variable_node,
    )
    from .normalize import NAME_PATTERN, PASTED_CHARACTERS
    from .npy_header import npy_header
    from .point import Point, as_names, as_point, input_values, point_line
    from .point_reader import read_point, read_ranges
    from .ranges import Range
    from .reader import CONSTANTS, MAX_CHARACTERS, parse
    from .script import Expanded, Script, script_of
    from .shadowing import read_again, shadowing
    from .simplify import simplify, simplify_all
    from .sums import REPEATS
    from .tree import tree_data, tree_text
    from .undefined import undefined
    from .writer import equation, excerpt, number_text, plain_leaf, to_text

face(
    __name__,
    {
        "csv_rows": "HUGE CsvRow csv_rows cut_rows quotes_are_regular without_comments",
        "dialect": "AMBIGUOUS DELIMITERS Dialect NotANumber check_marks find_dialect",
        "latex_reader": "parse_latex",
        "latex_writer": (
            "GREEK_COMMANDS GREEK_LETTERS latex_aligned latex_leaf latex_name latex_number latex_quantity to_latex"
        ),
        "nodes": "MAX_ROWS Node collector_paused constant_node operation_counts postorder dereference variable_node",
        "mistakes": "FOREIGN",
        "normalize": "NAME_PATTERN PASTED_CHARACTERS",
        "npy_header": "npy_header",
        "point": "Point input_values as_point as_names point_line",
        "point_reader": "read_point read_ranges",
        "ranges": "Range",
        "reader": "CONSTANTS MAX_CHARACTERS parse",
        "script": "Expanded Script script_of",
        "shadowing": "read_again shadowing",
        "simplify": "simplify simplify_all",
        "sums": "REPEATS",
        "tree": "tree_data tree_text",
        "undefined": "undefined",
        "writer": "equation excerpt number_text plain_leaf to_text",
    },
)
