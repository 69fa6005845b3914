"""Formula: what the library hands out, a thin face over parsing, traces and derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from . import result
from .derive import Gradient, Values, gradient
from .edges import value_notes
from .errors import DomainError, Note, UsageError, among_others, check_names, listed
from .language import (
    CONSTANTS,
    MAX_ROWS,
    Expanded,
    Node,
    Script,
    collector_paused,
    latex_aligned,
    parse,
    point,
)
from .trace import Evaluation, Sweeps, Trace

if TYPE_CHECKING:
    from pathlib import Path

    from .check import Check, Claims, Comparison, StepSweep
    from .columns import Batch
    from .derive import Cost, Hessian, Jacobian, Partial, Precise, Product, Steps, Taylor
    from .result import Document
    from .trace import TraceTable


def _printed(document: Document, form: str) -> str:
    from .show import as_html, as_text

    return as_html(document) if form == "html" else as_text(document)


result.printer = _printed
Number = float | Sequence[float]
At = point.Point | Mapping[str, Number] | None
Names = Sequence[str] | None  # also one name
SYNTAXES = ("adcli", "latex")


def formula(text: str, syntax: str = "adcli") -> Formula:
    """Return the Formula that the text says; raises FormulaError with a caret where it cannot be read.

    `syntax` is "adcli", or "latex" for a formula as it stands in a paper.

    >>> formula("ln(x1)+x1*x2-sin(x2)")(x1=2, x2=5)
    11.652071455223084
    """
    return Formula(script(text, syntax=syntax))


def script(text: str, source: str = "", syntax: str = "adcli") -> Script:
    """Return what a text in one of the SYNTAXES says."""
    if syntax == "latex":
        from .language import parse_latex

        return parse_latex(text, source)
    check_names([syntax], SYNTAXES, "a syntax")
    return parse(text, source)


def load(path: str | Path) -> Formula:
    """Return the Formula in a file, in LaTeX if its name ends in .tex."""
    return formula(read_text(str(path)), "latex" if str(path).endswith(".tex") else "adcli")


def read_text(path: str) -> str:
    """Return the text of a formula file, or raise UsageError."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            return file.read()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not text in UTF-8") from None


def _again(text: str, source: str, syntax: str, **options: Any) -> Formula:
    return Formula(script(text, source, syntax), **options)


class Formula:
    """A function of named real variables that can be evaluated and differentiated exactly.

    Points are keyword arguments or one mapping: f(x1=2, x2=5), f({"x1": 2, "x2": 5}).
    """

    digits = 0  # those of its results; 0 for the usual ones of floats
    has_graph = True  # the same one at every point

    def __init__(self, script: Script, *, share: bool = True, limit: int = MAX_ROWS) -> None:
        self.script, self._share, self._limit = script, share, limit
        self.variables = (*script.variables, *script.arrays)
        self.outputs = tuple(script.outputs)
        self._traces: dict[object, Trace] = {}
        self._evaluate = Trace.evaluate

    def __repr__(self) -> str:
        return f"<Formula {self}>"

    def again(self) -> Callable[[], Formula]:
        """Return what makes the formula from its text, and can be pickled; raises UsageError if it is from no text."""
        made = self.script
        if not made.text:
            raise UsageError("a Python function cannot be sent to another process", hint="write it as a formula")
        return partial(_again, made.text, made.source, made.syntax, share=self._share, limit=self._limit)

    def __str__(self) -> str:
        return str(self.script)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The formula as it was understood, a line for each definition that it uses and for each output."""
        return self.script.lines

    @property
    def latex(self) -> str:
        """The same in LaTeX, as lines of an aligned formula."""
        return latex_aligned(self.latex_lines)

    @property
    def latex_lines(self) -> Sequence[str]:
        """The lines of that, `name &= formula`."""
        return self.script.latex_lines

    def expanded(self, at: point.Point) -> Expanded:
        """Return the formula with the sums and indices written out that the point asks for."""
        return self.script.expanded(at.values, at.sizes, self._limit)

    def _new_trace(self, at: point.Point) -> Trace:
        roots, inputs, order = self.expanded(at)
        return Trace(roots, inputs, share=self._share, limit=self._limit, order=order)

    def trace_at(self, at: point.Point) -> Trace:
        """Return the evaluation trace with the inputs that the point gives."""
        integers = tuple((name, at.values.get(name)) for name in sorted(self.script.integers))
        sizes = tuple((name, at.sizes.get(name)) for name in self.script.arrays)
        key = (integers, sizes, frozenset(self.script.constants & at.values.keys()))
        if key not in self._traces:
            with collector_paused():
                self._traces[key] = self._new_trace(at)
        return self._traces[key]

    def evaluation(self, at: point.Point, *, limit: bool = False) -> Evaluation:
        """Return the values of the trace at a point, or limits there; raises PointError or DomainError."""
        trace = self.trace_at(at)
        values = point.bind(at, trace.inputs, self.script)
        try:
            evaluation = self._evaluate(trace, values, self.script.place, limit=limit)
        except DomainError as error:
            from .edges import limit_hint

            raise limit_hint(error, trace.evaluate(values, self.script.place, limit=True)) from None
        evaluation.notes.extend(self.script.notes)
        for name in self.script.constants.intersection(trace.inputs):
            evaluation.notes.append(Note("shadow", f"{name} is the variable given, not the constant"))
        for name in CONSTANTS.keys() & self.script.definitions.keys():
            place = self.script.place(self.script.definitions[name])
            evaluation.notes.append(Note("shadow", f"{name} is what is defined here, not the constant", place))
        if limit:
            from .edges import fill

            fill(evaluation)
        return evaluation

    def has_value(self, at: point.Point) -> bool:
        """Tell whether the formula is defined at a point; quicker than an error that also looks for a limit."""
        trace = self.trace_at(at)
        try:
            self._evaluate(trace, point.bind(at, trace.inputs, self.script), self.script.place)
        except DomainError:
            return False
        return True

    def choose(self, names: tuple[str, ...], inputs: tuple[str, ...]) -> tuple[str, ...]:
        """Return the inputs that the names mean, an array's name all its elements; all inputs for no name."""
        chosen: list[str] = []
        for name in names:
            found = [name] if name in inputs else [n for n in inputs if n.startswith(f"{name}[")]
            if not found:
                hint = among_others(name, [*inputs], "its variables are") if inputs else "it has none"
                raise UsageError(f"the formula has no variable {name}", hint=hint)
            chosen += found
        return tuple(dict.fromkeys(chosen)) or inputs

    def precise(self, digits: int) -> Precise:
        """Return the formula with results of so many correct digits, by mpmath: f.precise(30).gradient(x=0.1)."""
        from .derive import Precise

        if digits < 1:
            raise UsageError(f"{digits} correct digits make no sense", hint="ask for 1 or more")
        return Precise(self, digits)

    def values(self, at: point.Point, *, limit: bool = False) -> tuple[Values, Evaluation]:
        """Return the values of the outputs by name, and the evaluation that gave them."""
        evaluation = self.evaluation(at, limit=limit)
        value = dict(zip(self.outputs, evaluation.results, strict=True))
        notes = tuple(value_notes(evaluation))
        return Values(source=self, at=evaluation.point, value=value, notes=notes), evaluation

    def sweeps(
        self,
        at: point.Point,
        wrt: tuple[str, ...] = (),
        mode: str = "auto",
        *,
        whole: bool = False,
        limit: bool = False,
    ) -> tuple[Gradient, Sweeps]:
        """Return the gradient, and the sweeps that gave it."""
        evaluation, wrt = self._scalar(at, wrt, limit=limit)
        done = gradient(evaluation, wrt, mode, whole=whole)
        partials = {name: done.gradient[name] for name in wrt}
        found = Gradient(
            source=self, at=evaluation.point, mode=done.mode, output=self.outputs[0], value=evaluation.result,
            gradient=partials, notes=tuple(done.notes),
        )  # fmt: skip
        return found, done

    def _scalar(
        self, at: point.Point, wrt: tuple[str, ...] = (), *, limit: bool = False
    ) -> tuple[Evaluation, tuple[str, ...]]:
        """Evaluate a formula with one output; return the variables asked for as well."""
        self._check_single()
        evaluation = self.evaluation(at, limit=limit)
        self._check_single()  # of a Python function only now known
        return evaluation, self.choose(wrt, evaluation.trace.inputs)

    def _check_single(self) -> None:
        if len(self.outputs) > 1:
            outputs = listed(self.outputs)
            raise UsageError(f"the formula has several outputs: {outputs}", hint="use: adcli jacobian, or one output")

    def __call__(self, at: At = None, /, **values: Number) -> Any:
        """Return the value at a point, or a tuple for several outputs; raises DomainError where there is none."""
        results = self.evaluation(point.from_mapping(at, values)).results
        return tuple(results) if self.script.is_vector else results[0]

    def gradient(
        self, at: At = None, /, *, mode: str = "auto", wrt: Names = (), limit: bool = False, **values: Number
    ) -> Gradient:
        """Return the value and partial derivatives at a point, by forward or reverse mode.

        `limit` goes to the limit at 0/0, 0*inf and inf - inf. A variable named `mode`, `wrt` or `limit` is given in the
        mapping: f.gradient({"mode": 1.0}).
        """
        return self.sweeps(point.from_mapping(at, values), point.names(wrt), mode, limit=limit)[0]

    def jacobian(
        self, at: At = None, /, *, mode: str = "auto", wrt: Names = (), limit: bool = False, **values: Number
    ) -> Jacobian:
        """Return the partial derivatives of every output: m outputs by n variables; limits as there."""
        from .derive import jacobian

        evaluation = self.evaluation(point.from_mapping(at, values), limit=limit)
        return jacobian(self, evaluation, self.outputs, self.choose(point.names(wrt), evaluation.trace.inputs), mode)

    def jvp(self, at: At, tangent: Mapping[str, Number]) -> Product:
        """Return the Jacobian times a tangent by variable: one forward sweep."""
        from .derive import jvp

        return jvp(self, self.evaluation(point.from_mapping(at)), self.outputs, point.from_mapping(tangent).values)

    def vjp(self, at: At, cotangent: Mapping[str, float]) -> Product:
        """Return a cotangent by output times the Jacobian: one reverse sweep."""
        from .derive import vjp

        return vjp(self, self.evaluation(point.from_mapping(at)), self.outputs, cotangent)

    @collector_paused()
    def hessian(self, at: At = None, /, *, wrt: Names = (), **values: Number) -> Hessian:
        """Return the second derivatives, sparse and exactly symmetric."""
        from .derive import hessian

        return hessian(self, *self._scalar(point.from_mapping(at, values), point.names(wrt)))

    def hvp(self, at: At, vector: Mapping[str, Number]) -> Product:
        """Return the Hessian times a vector by variable, without the Hessian."""
        from .derive import hvp

        evaluation, _ = self._scalar(point.from_mapping(at))
        return hvp(self, evaluation, self.outputs[0], point.from_mapping(vector).values)

    def taylor(
        self, at: At, direction: Mapping[str, Number] | None = None, order: int = 5, *, limit: bool = False
    ) -> Taylor:
        """Return the Taylor coefficients along a direction; without one, of the only variable; limits as there."""
        from .derive import taylor

        evaluation, names = self._scalar(point.from_mapping(at), limit=limit)
        if direction is None and len(names) != 1:
            raise UsageError(
                "a direction is needed", hint="add: --direction " + ",".join(f"{name}=1" for name in names[:8])
            )
        along = {names[0]: 1.0} if direction is None else point.from_mapping(direction).values
        return taylor(self, evaluation, along, order)

    def partial(self, at: At, wrt: Names) -> Partial:
        """Return one partial derivative of any order, by the variables of `wrt` in turn."""
        from .derive import partial

        return partial(self, self._scalar(point.from_mapping(at))[0], point.names(wrt))

    def check(self, at: At = None, /, *, wrt: Names = (), against: Names = (), **values: Number) -> Check:
        """Return the gradient by independent methods, how many of its digits are correct, and whether all agree.

        `against` names installed peers to ask too: sympy, jax, torch, casadi.
        """
        from .check import check

        where = point.from_mapping(at, values)
        return check(self, where, self._scalar(where, point.names(wrt))[1], point.names(against))

    def step_sweep(self, at: At, wrt: str | None = None) -> StepSweep:
        """Return the errors of forward, central and complex steps of many sizes, in double and in single precision."""
        from .check import step_sweep

        where = point.from_mapping(at)
        chosen = self._scalar(where, (wrt,) if wrt else ())[1]
        if len(chosen) != 1:
            raise UsageError("a step is along one variable", hint=f"add: --wrt {next(iter(chosen), 'x')}")
        return step_sweep(self, where, chosen[0])

    def grade(self, at: At, claims: Mapping[str, str | float], *, points: int = 20, seed: int = 0) -> Claims:
        """Return whether claimed derivatives, formulas or numbers by variable, are right at the point and at others.

        >>> formula("x^3").grade({"x": 2}, {"x": "3x"})["x"].verdict
        'wrong at 19 of 21 points'
        """
        from .check import grade

        where = point.from_mapping(at)
        inputs = self._scalar(where)[1]
        read = {}
        for name, text in claims.items():
            (single,) = self.choose((name,), inputs)
            read[single] = own = Formula(parse(text if isinstance(text, str) else repr(text), "the claim"))
            check_names((*own.variables, *own.script.integers), self.variables, "a variable of the formula")
        return grade(self, where, read, points, seed)

    def same_as(
        self,
        other: Formula | str,
        at: At = None,
        *,
        ranges: Mapping[str, tuple[float, float]] | None = None,
        points: int = 100,
        seed: int = 0,
    ) -> Comparison:
        """Return whether another formula is the same function: value and gradient at random points.

        `at` holds numbers that stay fixed, and arrays that tell their size; `ranges` where variables are to be.

        >>> formula("ln(x^2)").same_as("2ln(x)").complete
        True
        """
        from .check import compare

        second = formula(other) if isinstance(other, str) else other
        self._check_single()
        second._check_single()
        return compare(self, second, point.from_mapping(at), ranges, points, seed)

    def batch(
        self,
        columns: Any = None,
        /,
        *,
        at: At = None,
        wrt: Names = (),
        what: str = "gradient",
        tangent: Mapping[str, float] | None = None,
        notes: bool = False,
        accurate: bool = False,
        threads: int | None = None,
        **arrays: Any,
    ) -> Batch:
        """Return the value and the partial derivatives for columns of points: numpy arrays, or a table by name.

        `at` are numbers for all rows; `what` is "gradient", "value", "hessian-diagonal", or "jvp" along `tangent`,
        numbers by variable. With `notes` there is a column of the kinds of note of each row; `accurate` takes sines,
        cosines and log1p within 1 ulp instead of 2.

        >>> formula("x^2*y").batch(x=[1.0, 3.0], at={"y": 2})["df/dx"]
        array([ 4., 12.])
        """
        from .columns import Plan

        plan = Plan(self, at=at, wrt=wrt, what=what, tangent=tangent, notes=notes, accurate=accurate)
        if columns is not None and arrays:
            hint = "put it into the table, or a number for all rows into at"
            raise UsageError(f"{next(iter(arrays))} is given beside a table of columns", hint=hint)
        check_names(arrays, plan.inputs, "a column that the formula takes")
        return plan.run(arrays if columns is None else columns, threads=threads)

    def compile(self, at: At = None, *, accurate: bool = False) -> Callable[[Any], tuple[Any, Any]]:
        """Return a function of a numpy array that gives the value and the gradient, as SciPy's `jac=True` wants it.

        The array has the variables in the order of `variables`, which is also the function's `inputs`.

        >>> formula("x^2*y").compile()([3.0, 2.0])
        (18.0, array([12.,  9.]))
        """
        from .columns import value_and_gradient

        return value_and_gradient(self, at, accurate=accurate)

    def derivative(self, *wrt: str, integers: At = None) -> Formula:
        """Return the derivative of the only output by the variables in turn, a Formula again.

        `integers` are values for names in bounds and indices, and arrays, where the formula has sums.
        """
        from .derive import derivative

        node, chosen = self._symbolic(point.from_mapping(integers), wrt)
        return Formula(derivative(node, chosen))

    def steps(self, *wrt: str, integers: At = None, latex: bool = False) -> Steps:
        """Return how that is derived, rule by rule, as text or in LaTeX."""
        from .derive import derive

        node, chosen = self._symbolic(point.from_mapping(integers), wrt)
        return derive(self, node, chosen, latex=latex)

    def _symbolic(self, at: point.Point, wrt: Sequence[str]) -> tuple[Node, list[str]]:
        """Return the only output as a graph, and single variables to differentiate by."""
        self._check_single()
        (node, *_), inputs, _ = self.expanded(at)
        self._check_single()
        chosen = [one for name in wrt for one in self.choose((name,), inputs)]
        if len(chosen) != len(wrt):
            raise UsageError("a derivative is by single variables", hint=f"name elements, such as {chosen[0]}")
        return node, chosen

    def cost(self, wrt: str, order: int = 1, integers: At = None) -> Cost:
        """Return how large derivatives of each order are as formulas, and what the sweeps cost; `integers` as there."""
        from .derive import cost

        node, (name,) = self._symbolic(point.from_mapping(integers), (wrt,))
        return cost(self, node, name, order)

    def trace(
        self, at: At = None, /, *, mode: str = "auto", wrt: Names = (), order: str = "level", **values: Number
    ) -> TraceTable:
        """Return the evaluation trace at a point, with tangents (forward), adjoints (reverse) or both."""
        from .trace import trace_table

        _, done = self.sweeps(point.from_mapping(at, values), point.names(wrt), mode, whole=True)
        return trace_table(done, self.outputs, order)
