"""Formula: what the library hands out, a thin face over parsing, traces and derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import derivatives, point
from .derivatives import Gradient, Sweeps
from .errors import Note, UsageError
from .graph import MAX_ROWS, Node, postorder
from .parse import Script, parse
from .printing import latex_name, to_latex, to_text
from .trace import Evaluation, Trace

if TYPE_CHECKING:
    from .tracetable import TraceTable


def formula(text: str) -> Formula:
    """Return the Formula that the text says; raises FormulaError with a caret where it cannot be read.

    >>> formula("ln(x1)+x1*x2-sin(x2)")(x1=2, x2=5)
    11.652071455223084
    """
    return Formula(parse(text))


def load(path: str | Path) -> Formula:
    """Return the Formula in a file."""
    return formula(read_text(str(path)))


def read_text(path: str) -> str:
    """Return the text of a formula file, or raise UsageError."""
    try:
        return Path(path).read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not text in UTF-8") from None


class Formula:
    """A function of named real variables that can be evaluated and differentiated exactly.

    Points are keyword arguments or one mapping: f(x1=2, x2=5), f({"x1": 2, "x2": 5}).
    """

    def __init__(self, script: Script, *, share: bool = True, limit: int = MAX_ROWS) -> None:
        self.script, self._share, self._limit = script, share, limit
        self.variables = script.variables
        self.outputs = tuple(script.outputs)
        self._traces: dict[tuple[str, ...], Trace] = {}

    def __repr__(self) -> str:
        return f"<Formula {self}>"

    def __str__(self) -> str:
        *definitions, output = self.lines
        return "; ".join([*definitions, output.partition(" = ")[2]])

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The formula as it was understood, a line for each definition that it uses and for each output."""
        return tuple(f"{name} = {to_text(node)}" for name, node in self._named.items())

    @property
    def latex(self) -> str:
        """The same in LaTeX, as lines of an aligned formula."""
        lines = [rf"{latex_name(name)} &= {to_latex(node)}" for name, node in self._named.items()]
        return "\n".join([r"\begin{aligned}", " \\\\\n".join(lines), r"\end{aligned}"])

    @property
    def _named(self) -> dict[str, Node]:
        used = {n.name for n in postorder(self.script.outputs.values()) if n.op is None and n.args}
        return {**{k: v for k, v in self.script.definitions.items() if k in used}, **self.script.outputs}

    def inputs(self, names: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the variables in order, and the constants (pi, e, tau) that these names shadow."""
        shadowed = self.script.constants & names.keys()
        if not shadowed:
            return self.variables
        leaves = [n.name for n in postorder(self.script.outputs.values()) if n.op is None and not n.args]
        return tuple(dict.fromkeys(name for name in leaves if name in self.variables or name in shadowed))

    def trace_for(self, inputs: tuple[str, ...]) -> Trace:
        """Return the evaluation trace with these names as inputs."""
        if inputs not in self._traces:
            roots = list(self.script.outputs.values())
            self._traces[inputs] = Trace(roots, inputs, share=self._share, limit=self._limit)
        return self._traces[inputs]

    def evaluation(self, at: point.Point) -> Evaluation:
        """Return the values of the trace at a point; raises PointError or DomainError."""
        inputs = self.inputs(at.values)
        evaluation = self.trace_for(inputs).evaluate(point.bind(at, inputs, self.script), self.script.place)
        for name in inputs:
            if name in self.script.constants:
                evaluation.notes.append(Note("shadow", f"{name} is the variable given, not the constant"))
        return evaluation

    def sweeps(
        self, at: point.Point, wrt: tuple[str, ...] = (), mode: str = "auto", *, whole: bool = False
    ) -> tuple[Gradient, Sweeps]:
        """Return the gradient, and the sweeps that gave it."""
        evaluation = self.evaluation(at)
        inputs = evaluation.trace.inputs
        for name in wrt:
            if name not in inputs:
                raise UsageError(f"the formula has no variable {name}", hint=f"its variables are: {', '.join(inputs)}")
        done = derivatives.gradient(evaluation, wrt or inputs, mode, whole=whole)
        partials = {name: done.gradient[name] for name in wrt or inputs}
        notes = tuple(done.notes)
        return Gradient(self, evaluation.point, done.mode, self.outputs[0], evaluation.result, partials, notes), done

    def __call__(self, at: Mapping[str, float] | None = None, /, **values: float) -> float:
        """Return the value at a point; raises DomainError where there is none."""
        return self.evaluation(point.from_mapping({**(at or {}), **values})).result

    def gradient(
        self,
        at: Mapping[str, float] | None = None,
        /,
        *,
        mode: str = "auto",
        wrt: tuple[str, ...] = (),
        **values: float,
    ) -> Gradient:
        """Return the value and partial derivatives at a point, by forward or reverse mode.

        A variable named `mode` or `wrt` is given in the mapping: f.gradient({"mode": 1.0}).
        """
        return self.sweeps(point.from_mapping({**(at or {}), **values}), tuple(wrt), mode)[0]

    def trace(
        self,
        at: Mapping[str, float] | None = None,
        /,
        *,
        mode: str = "auto",
        wrt: tuple[str, ...] = (),
        order: str = "level",
        **values: float,
    ) -> TraceTable:
        """Return the evaluation trace at a point, with tangents (forward), adjoints (reverse) or both."""
        from .tracetable import trace_table

        _, done = self.sweeps(point.from_mapping({**(at or {}), **values}), tuple(wrt), mode, whole=True)
        return trace_table(done, self.outputs[0], order)
