"""Script: a formula as it was read, with its definitions, outputs and variables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from ..errors import Note, Place
from .expansion import Expansion
from .nodes import Node, postorder
from .sums import split_index
from .writer import Places, to_text


class Expanded(NamedTuple):
    """A formula of plain variables: its outputs, its variables in order, all its nodes in evaluation order."""

    roots: list[Node]
    inputs: tuple[str, ...]
    order: list[Node]


class Script(NamedTuple):
    """Outputs and definitions by name, as graphs of Nodes; variables and arrays in the order of their first use.

    `text` is the text that was read, empty for a derived formula. `str()` gives the formula on one line; it reads back
    as the same graph.
    """

    text: str
    outputs: dict[str, Node]
    definitions: dict[str, Node]
    variables: tuple[str, ...]
    constants: frozenset[str]  # of pi, e, tau: those that the text uses as constants
    source: str = ""  # the name of the text in errors, empty for the formula
    arrays: tuple[str, ...] = ()  # names with an index
    integers: frozenset[str] = frozenset()  # names in bounds and indices
    has_repeats: bool = False  # has sums, products or indices
    is_vector: bool = False  # has its results in brackets
    notes: tuple[Note, ...] = ()  # on text that could be read otherwise
    syntax: str = "adcli"

    def place(self, node: Node) -> Place | None:
        """Return the place of the node in the text; None for a derived node."""
        return Place(self.text, node.start, node.end, self.source) if node.start >= 0 else None

    def __str__(self) -> str:
        results = ", ".join(map(to_text, self.outputs.values()))
        steps = [f"{name} = {to_text(node)}" for name, node in self.used_definitions.items()]
        return "; ".join([*steps, f"[{results}]" if self.is_vector else results])

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines `name = formula` of the definitions that the outputs use, and of the outputs."""
        return tuple(f"{name} = {to_text(node)}" for name, node in self._named.items())

    @property
    def latex_lines(self) -> tuple[str, ...]:
        r"""The same in LaTeX: `name &= formula`, for an `aligned` environment."""
        from .latex_writer import latex_name, to_latex

        return tuple(rf"{latex_name(name)} &= {to_latex(node)}" for name, node in self._named.items())

    @property
    def used_definitions(self) -> dict[str, Node]:
        """The definitions that the outputs use."""
        used = {n.name for n in postorder(self.outputs.values()) if n.op is None and n.args}
        return {name: node for name, node in self.definitions.items() if name in used}

    @property
    def _named(self) -> dict[str, Node]:
        """The definitions that the outputs use, and the outputs that are not just one of them."""
        steps = self.used_definitions
        return steps | {name: node for name, node in self.outputs.items() if name not in steps}

    def expanded(self, values: Mapping[str, float], sizes: Mapping[str, int], limit: int) -> Expanded:
        """Return the formula with sums and indices written out, for a point's values and sizes of arrays.

        Raises LimitError for more than `limit` operations, FormulaError or PointError for a bound or an index that is
        not a whole number in range.
        """
        roots = list(self.outputs.values())
        if not (self.arrays or self.has_repeats):
            return Expanded(roots, self.variables, postorder(roots))
        integers = {name: values[name] for name in self.integers & values.keys()}
        expansion = Expansion(integers, sizes, self.place, limit)
        roots = expansion.expand(roots)
        order = expansion.order or postorder(roots)
        names = dict.fromkeys(n.name for n in order if n.op is None and not n.args and n.value is None)
        parts = {name: split_index(name) for name in names}
        first = {array: k for k, array in enumerate(dict.fromkeys(array for array, _ in parts.values()))}
        inputs = sorted(names, key=lambda name: (first[parts[name][0]], parts[name][1]))
        return Expanded(roots, tuple(inputs), order)


def output_name(taken: Collection[str]) -> str:
    """Return the name of an only output, beside the names that are taken."""
    return next((name for name in ("y", "f", "g", "h", "output") if name not in taken), "y_")


def script_of(root: Node, definitions: Mapping[str, Node]) -> Script:
    """Return the script of a derived formula and its definitions, each before its uses; elements of arrays are x[3].

    The nodes get their places in its text, so that errors show where they are.
    """
    lines: list[str] = []
    offset = 0
    leaves: dict[str, Node] = {}
    for name, node in [*definitions.items(), ("", root)]:
        places: Places = {}
        head = f"{name} = " if name else ""
        lines.append(head + to_text(node, places=places))
        for part, (start, end) in places.items():
            part.start, part.end = offset + len(head) + start, offset + len(head) + end
            if not (part.op or part.args):
                leaves.setdefault(part.name, part)
        offset += len(lines[-1]) + 1
    variables = [split_index(name) for name, leaf in leaves.items() if leaf.value is None]
    single = tuple(name for name, index in variables if not index)
    arrays = tuple(dict.fromkeys(name for name, index in variables if index))
    constants = frozenset(name for name, leaf in leaves.items() if name and leaf.value is not None)
    name = output_name({*single, *arrays, *definitions, *constants})
    return Script(
        "\n".join(lines), {name: root}, dict(definitions), single, constants, arrays=arrays, has_repeats=bool(arrays)
    )
