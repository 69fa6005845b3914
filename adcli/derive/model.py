"""Model: a script that can be evaluated, differentiated and swept at points."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from ..edges import value_notes
from ..errors import DomainError, Place, UsageError, among_others, listed
from ..language import MAX_ROWS, Expanded, Node, Point, Script, collector_paused, input_values, latex_aligned
from ..trace import Evaluation, Sweeps, Trace, evaluate
from .gradient import Gradient, Values, gradient

if TYPE_CHECKING:
    from typing import Self

    R = TypeVar("R")


def _derivative(root: Node, name: str) -> Node:
    from .symbolic import differentiate

    return differentiate(root, name)


Node.derivative = staticmethod(_derivative)


class Engine:
    """The engine of double precision; a subclass has other numbers."""

    digits = 0  # correct digits of its results; 0: those of floats

    def evaluate(
        self, trace: Trace, at: Mapping[str, float], place: Callable[[Node], Place | None], *, limit: bool = False
    ) -> Evaluation:
        """Return the evaluation of a trace at a point; arguments and errors are those of trace.evaluate."""
        return evaluate(trace, at, place, limit=limit)

    def refine(self, result: R, evaluation: Evaluation) -> R:
        """Return a result in doubles, made from the evaluation, with the digits of the engine."""
        return result


DOUBLE = Engine()


class Model:
    """A function of named real variables: a script, the traces made from it, and the engine that evaluates them.

    `share` makes equal subexpressions one row of a trace; `limit` is the largest number of rows.
    """

    has_graph = True  # one graph for all points

    def __init__(self, script: Script, *, share: bool = True, limit: int = MAX_ROWS, engine: Engine = DOUBLE) -> None:
        self.script, self.engine = script, engine
        self.variables = (*script.variables, *script.arrays)
        self.outputs = tuple(script.outputs)
        self._share, self._limit = share, limit
        self._traces: dict[object, Trace] = {}
        self._read_again: dict[frozenset[str], Self] = {}  # by the names of constants that are variables

    def __copy__(self) -> Model:
        return self  # it is never changed

    def __deepcopy__(self, memo: object) -> Model:
        return self

    def __repr__(self) -> str:
        return f"<Formula {self}>"

    def __str__(self) -> str:
        return str(self.script)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The formula as it was understood: one line for each definition in use and for each output."""
        return self.script.lines

    @property
    def latex(self) -> str:
        """The formula in LaTeX, as lines of an aligned formula."""
        return latex_aligned(self.latex_lines)

    @property
    def latex_lines(self) -> Sequence[str]:
        """The lines of the formula in LaTeX, `name &= formula`."""
        return self.script.latex_lines

    @property
    def digits(self) -> int:
        """The number of correct digits asked for; 0 in double precision."""
        return self.engine.digits

    def with_variables(self, names: Collection[str]) -> Self:
        """Return the model in which these names are variables, also those of the constants pi, e and tau."""
        found = frozenset([name for name in self.script.constants if name in names])
        if not found:
            return self
        if found not in self._read_again:
            from ..language import read_again

            script = read_again(self.script, found)
            self._read_again[found] = type(self)(script, share=self._share, limit=self._limit, engine=self.engine)
        return self._read_again[found]

    def model_at(self, at: Point, names: Collection[str] = ()) -> Model:
        """Return the model with the graph for a point: this one, unless each point has a graph of its own.

        The names of the point and these `names` are variables in it.
        """
        return self.with_variables({*at.values, *at.sizes, *names}) if self.script.constants else self

    def expanded(self, at: Point) -> Expanded:
        """Return the formula with the sums and indices written out that the point asks for."""
        return self.model_at(at)._expanded(at)

    def trace_at(self, at: Point) -> Trace:
        """Return the evaluation trace with the inputs that the point gives."""
        return self.model_at(at)._trace(at)

    def evaluation(self, at: Point, *, limit: bool = False) -> Evaluation:
        """Return the values of the trace at a point, or limits there; raises PointError or DomainError."""
        return self.model_at(at)._evaluation(at, limit)

    def _expanded(self, at: Point) -> Expanded:
        return self.script.expanded(at.values, at.sizes, self._limit)

    def _trace(self, at: Point) -> Trace:
        integers = tuple((name, at.values.get(name)) for name in sorted(self.script.integers))
        sizes = tuple((name, at.sizes.get(name)) for name in self.script.arrays)
        key = (integers, sizes)
        if key not in self._traces:
            with collector_paused():
                roots, inputs, order = self._expanded(at)
                self._traces[key] = Trace(roots, inputs, share=self._share, limit=self._limit, order=order)
        return self._traces[key]

    def _evaluation(self, at: Point, limit: bool) -> Evaluation:
        trace = self._trace(at)
        values = input_values(at, trace.inputs, self.script)
        try:
            evaluation = self.engine.evaluate(trace, values, self.script.place, limit=limit)
        except DomainError as error:
            if self.digits:  # limits are only taken in double precision
                raise
            raise self._refusal(error, trace, values) from None
        evaluation.notes.extend(self.script.notes)
        if limit:
            from ..edges import fill

            fill(evaluation)
        return evaluation

    def _refusal(self, error: DomainError, trace: Trace, values: Mapping[str, float]) -> DomainError:
        """Return the error with a hint that names the limit, if there is one; it is found when the hint is read."""

        def hint() -> str:
            from ..edges import limit_hint

            return limit_hint(error.hint, evaluate(trace, values, self.script.place, limit=True))

        return DomainError(error.what, error.place, hint)

    def choose(self, names: tuple[str, ...], inputs: tuple[str, ...]) -> tuple[str, ...]:
        """Return the inputs with these names, for an array all its elements; all inputs for no name.

        Raises UsageError for an unknown name.
        """
        chosen: list[str] = []
        for name in names:
            found = [name] if name in inputs else [n for n in inputs if n.startswith(f"{name}[")]
            if not found:
                hint = among_others(name, [*inputs], "its variables are") if inputs else "it has none"
                raise UsageError(f"the formula has no variable {name}", hint=hint)
            chosen += found
        return tuple(dict.fromkeys(chosen)) or inputs

    def check_one_output(self) -> None:
        """Raise UsageError if there are several outputs."""
        if len(self.outputs) > 1:
            outputs = listed(self.outputs)
            raise UsageError(f"the formula has several outputs: {outputs}", hint="use: adcli jacobian, or one output")

    def model_and_evaluation(
        self, at: Point, names: Collection[str] = (), *, limit: bool = False, one_output: bool = False
    ) -> tuple[Model, Evaluation]:
        """Return the model with the graph for a point, and its evaluation there; `names` are variables besides.

        With `one_output` raises UsageError if it has several.
        """
        model = self.model_at(at, names)
        if one_output:
            model.check_one_output()
        return model, model.evaluation(at, limit=limit)

    def values(self, at: Point, *, limit: bool = False) -> tuple[Values, Evaluation]:
        """Return the values of the outputs by name, and the evaluation that gave them."""
        model, evaluation = self.model_and_evaluation(at, limit=limit)
        value = dict(zip(model.outputs, evaluation.results, strict=True))
        result = Values(source=model, at=evaluation.point, value=value, notes=tuple(value_notes(evaluation)))
        return self.engine.refine(result, evaluation), evaluation

    def sweeps(
        self, at: Point, wrt: tuple[str, ...] = (), mode: str = "auto", *, whole: bool = False, limit: bool = False
    ) -> tuple[Gradient, Sweeps]:
        """Return the gradient of the only output, and the sweeps in doubles that gave it.

        `whole` also sweeps the rows that only other variables reach.
        """
        model, evaluation = self.model_and_evaluation(at, wrt, limit=limit, one_output=True)
        done = gradient(evaluation, model.choose(wrt, evaluation.trace.inputs), mode, whole=whole)
        result = Gradient(
            source=model, at=evaluation.point, mode=done.mode, output=model.outputs[0], value=evaluation.result,
            gradient=dict(done.gradient), notes=tuple(done.notes),
        )  # fmt: skip
        return self.engine.refine(result, evaluation), done
