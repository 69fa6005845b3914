"""Formula: the Python face of a model, with a method for each result."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, SupportsFloat

from . import result
from .derive import Engine, Gradient, Model
from .errors import UsageError, check_names
from .language import Node, Point, Script, as_names, as_point, collector_paused, parse

if TYPE_CHECKING:
    from pathlib import Path

    from .check import Check, Claims, Comparison, StepSweep
    from .columns import ArrayFunction, Batch, Plan
    from .derive import Cost, Hessian, Jacobian, Partial, Product, Steps, Taylor
    from .result import Document
    from .trace import TraceTable


def _printed(document: Document, form: str) -> str:
    from .show import as_html, as_text

    return as_html(document) if form == "html" else as_text(document)


result.printer = _printed
Number = SupportsFloat | str  # a text is read as in --at
Coordinate = Number | Sequence[Number]  # of a variable or an array
PointLike = Point | Mapping[str, Coordinate] | None
Names = Sequence[str] | None  # also one name
SYNTAXES = ("adcli", "latex")


def formula(text: str, syntax: str = "adcli") -> Formula:
    """Return the Formula of a text; raises FormulaError with the place that cannot be read.

    `syntax` is "adcli", or "latex" for a formula as in a paper.

    >>> formula("ln(x1)+x1*x2-sin(x2)")(x1=2, x2=5)
    11.652071455223084
    """
    return Formula(script(text, syntax=syntax))


def script(text: str, source: str = "", syntax: str = "adcli") -> Script:
    """Return the Script of a text in one of the SYNTAXES; raises FormulaError or UsageError."""
    if syntax == "latex":
        from .language import parse_latex

        return parse_latex(text, source)
    check_names([syntax], SYNTAXES, "a syntax")
    return parse(text, source)


def load(path: str | Path) -> Formula:
    """Return the Formula in a file, read as LaTeX if its name ends in .tex; raises UsageError or FormulaError."""
    return formula(read_text(str(path)), "latex" if str(path).endswith(".tex") else "adcli")


def read_text(path: str) -> str:
    """Return the text of a formula file; raises UsageError if it cannot be read."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            return file.read()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not text in UTF-8") from None


def _from_text(
    text: str, source: str, syntax: str, variables: Collection[str], share: bool, limit: int, engine: Engine
) -> Formula:
    found = Formula(script(text, source, syntax), share=share, limit=limit, engine=engine)
    return found.with_variables(variables)


class Formula(Model):
    """A function of named real variables that can be evaluated and differentiated exactly.

    A point is keyword arguments or one mapping: f(x1=2, x2=5), f({"x1": 2, "x2": 5}); an array is a list of numbers.
    Each method that takes a point raises PointError for a missing or an unknown variable and DomainError where the
    formula has no value. Those for one output raise UsageError if there are several. A formula is pickled as its text.
    """

    def __reduce__(self) -> Any:
        from .language import shadowing

        made, how = self.script, (self._share, self._limit, self.engine)
        return _from_text, (made.text or str(self), made.source, made.syntax, shadowing(made), *how)

    def precise(self, digits: int) -> Formula:
        """Return the formula with results of so many correct digits, by mpmath: f.precise(30).gradient(x=0.1).

        A float of a point means its shortest decimal text: 0.1 is one tenth. Numbers of other types, and texts such as
        "pi/3", are taken exactly. The results are floats that print with that many digits. N digits are for values and
        derivatives at a point; other methods raise UsageError.
        """
        from .derive import PreciseEngine

        if digits < 1:
            raise UsageError(f"{digits} correct digits make no sense", hint="ask for 1 or more")
        return self._with_engine(PreciseEngine(digits))

    def _with_engine(self, engine: Engine) -> Formula:
        return Formula(self.script, share=self._share, limit=self._limit, engine=engine)

    def _refuse_digits(self, what: str) -> None:
        """Raise UsageError in N digits, for what is only calculated in double precision."""
        if self.digits:
            hint = "N digits have values, gradient, jacobian, jvp, vjp, hessian, hvp, taylor and partial"
            raise UsageError(f"{what} is calculated in double precision, not in {self.digits} digits", hint=hint)

    def __call__(self, at: PointLike = None, /, **values: Coordinate) -> Any:
        """Return the value at a point, or a tuple of values for several outputs."""
        where = as_point(at, values)
        model = self.model_at(where)
        results = model.values(where)[0].value.values() if self.digits else model.evaluation(where).results
        return tuple(results) if model.script.is_vector else next(iter(results))

    def gradient(
        self, at: PointLike = None, /, *, mode: str = "auto", wrt: Names = (), limit: bool = False, **values: Coordinate
    ) -> Gradient:
        """Return the value and the partial derivatives of the only output, by forward or reverse mode.

        `mode` is "forward", "reverse", "both" or "auto"; `wrt` chooses variables. With `limit`, 0/0, 0*inf and
        inf - inf are the limit there. A variable named like an option is given in the mapping: f.gradient({"mode": 1}).
        """
        return self.sweeps(as_point(at, values), as_names(wrt), mode, limit=limit)[0]

    def jacobian(
        self, at: PointLike = None, /, *, mode: str = "auto", wrt: Names = (), limit: bool = False, **values: Coordinate
    ) -> Jacobian:
        """Return the partial derivatives of m outputs by n variables, an m by n matrix; options as in gradient.

        Columns, or rows, that share nothing are swept together (Curtis, Powell & Reid 1974).
        """
        from .derive import jacobian

        names = as_names(wrt)
        model, evaluation = self.model_and_evaluation(as_point(at, values), names, limit=limit)
        chosen = model.choose(names, evaluation.trace.inputs)
        return self.engine.refine(jacobian(model, evaluation, chosen, mode), evaluation)

    def jvp(self, at: PointLike, tangent: Mapping[str, Coordinate], *, limit: bool = False) -> Product:
        """Return the Jacobian times a tangent, a number for each output: one forward sweep.

        The tangent holds numbers by variable; 0 for one left out. `limit` as in gradient.
        """
        from .derive import jvp

        vector = as_point(tangent).values
        model, evaluation = self.model_and_evaluation(as_point(at), vector, limit=limit)
        found = jvp(model, evaluation, vector)
        return self.engine.refine(found, evaluation)

    def vjp(self, at: PointLike, cotangent: Mapping[str, Number], *, limit: bool = False) -> Product:
        """Return a cotangent times the Jacobian, a number for each variable: one reverse sweep.

        The cotangent holds numbers by output; 0 for one left out. `limit` as in gradient.
        """
        from .derive import vjp

        model, evaluation = self.model_and_evaluation(as_point(at), limit=limit)
        return self.engine.refine(vjp(model, evaluation, as_point(cotangent).values), evaluation)

    @collector_paused()
    def hessian(
        self, at: PointLike = None, /, *, wrt: Names = (), limit: bool = False, **values: Coordinate
    ) -> Hessian:
        """Return the second derivatives of the only output, n by n, sparse and exactly symmetric.

        One reverse sweep pushes edges (Gower & Mello 2012, Algorithm 4.1). `limit` as in gradient.
        """
        from .derive import hessian

        names = as_names(wrt)
        model, evaluation = self.model_and_evaluation(as_point(at, values), names, limit=limit, one_output=True)
        found = hessian(model, evaluation, model.choose(names, evaluation.trace.inputs))
        return self.engine.refine(found, evaluation)

    def hvp(self, at: PointLike, vector: Mapping[str, Coordinate], *, limit: bool = False) -> Product:
        """Return the Hessian times a vector, a number for each variable, without forming the Hessian.

        The vector holds numbers by variable; 0 for one left out. `limit` as in gradient.
        """
        from .derive import hvp

        along = as_point(vector).values
        model, evaluation = self.model_and_evaluation(as_point(at), along, limit=limit, one_output=True)
        found = hvp(model, evaluation, along)
        return self.engine.refine(found, evaluation)

    def taylor(
        self, at: PointLike, direction: Mapping[str, Coordinate] | None = None, order: int = 5, *, limit: bool = False
    ) -> Taylor:
        """Return the Taylor coefficients c_0 ... c_order of f(at + t*direction); `limit` as in gradient.

        A formula of one variable needs no direction. The cost is quadratic in the order.
        """
        from .derive import taylor

        given = None if direction is None else as_point(direction).values
        model, evaluation = self.model_and_evaluation(as_point(at), given or (), limit=limit, one_output=True)
        inputs = evaluation.trace.inputs
        if given is None and len(inputs) != 1:
            hint = "add: --direction " + ",".join(f"{name}=1" for name in inputs[:8])
            raise UsageError("a direction is needed", hint=hint)
        along = {inputs[0]: 1.0} if given is None else given
        return self.engine.refine(taylor(model, evaluation, along, order), evaluation)

    def partial(self, at: PointLike, wrt: Names, *, limit: bool = False) -> Partial:
        """Return one partial derivative of any order, by the variables of `wrt` in turn: ("x", "x", "y").

        `limit` as in gradient.
        """
        from .derive import partial

        names = as_names(wrt)
        model, evaluation = self.model_and_evaluation(as_point(at), names, limit=limit, one_output=True)
        return self.engine.refine(partial(model, evaluation, names), evaluation)

    def check(self, at: PointLike = None, /, *, wrt: Names = (), against: Names = (), **values: Coordinate) -> Check:
        """Return the gradient by independent methods, its number of correct digits, and a verdict.

        `against` also compares with these programs, where they are installed: sympy, jax, torch, casadi.
        """
        from .check import check

        self._refuse_digits("a check")
        where = as_point(at, values)
        return check(self, where, self._chosen(where, as_names(wrt)), as_names(against))

    def step_sweep(self, at: PointLike, wrt: str | None = None) -> StepSweep:
        """Return the errors of forward, central and complex steps from 1 to 1e-16, in double and single precision.

        `wrt` is needed for a formula of several variables.
        """
        from .check import step_sweep

        self._refuse_digits("a step sweep")
        where = as_point(at)
        chosen = self._chosen(where, (wrt,) if wrt else ())
        if len(chosen) != 1:
            raise UsageError("a step is along one variable", hint=f"add: --wrt {next(iter(chosen), 'x')}")
        return step_sweep(self, where, chosen[0])

    def _chosen(self, at: Point, wrt: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the inputs with these names, or all, of a formula with one output that has a value at the point."""
        model, evaluation = self.model_and_evaluation(at, wrt, one_output=True)
        return model.choose(wrt, evaluation.trace.inputs)

    def grade(self, at: PointLike, claims: Mapping[str, Number], *, points: int = 20, seed: int = 0) -> Claims:
        """Return whether claimed derivatives are right, at the point and at random points.

        `claims` are formulas or numbers by variable; a number is only compared at the point.

        >>> formula("x^3").grade({"x": 2}, {"x": "3x"})["x"].verdict
        'wrong at 19 of 21 points'
        """
        from .check import grade

        self._refuse_digits("a grade")
        where = as_point(at)
        here = self.with_variables({*where.values, *where.sizes})
        inputs = here._chosen(where)
        read = {}
        for name, text in claims.items():
            single, *others = here.choose((name,), inputs)
            if others:
                raise UsageError("a claim is about a single variable", hint=f"name an element, such as {single}")
            if not isinstance(text, str):
                given = as_point({single: text}).values
                check_names(given, [single], "a number or a formula")
                text = repr(float(given[single]))
            own = Formula(parse(text, "the claim"))
            read[single] = own = own.with_variables({*where.values, *where.sizes})
            check_names((*own.variables, *own.script.integers), here.variables, "a variable of the formula")
        return grade(here, where, read, points, seed)

    def same_as(
        self,
        other: Formula | str,
        at: PointLike = None,
        *,
        ranges: Mapping[str, tuple[float, float]] | None = None,
        points: int = 100,
        seed: int = 0,
    ) -> Comparison:
        """Return whether another formula is the same function, by values and gradients at random points.

        `at` holds variables that stay fixed, and arrays with their number of elements; `ranges` holds the intervals of
        variables.

        >>> formula("ln(x^2)").same_as("2ln(x)").complete
        True
        """
        from .check import compare

        second = formula(other) if isinstance(other, str) else other
        for compared in (self, second):
            compared._refuse_digits("a comparison")
            compared.check_one_output()
        where = as_point(at)
        first, second = (one.with_variables({*where.values, *where.sizes, *(ranges or ())}) for one in (self, second))
        return compare(first, second, where, ranges, points, seed)

    def plan(
        self,
        *,
        at: PointLike = None,
        wrt: Names = (),
        what: str = "gradient",
        tangent: Mapping[str, Number] | None = None,
        notes: bool = False,
        accurate: bool = False,
    ) -> Plan:
        """Return the formula made ready for columns, to be run many times; the options are those of batch.

        Raises UsageError for options that contradict each other.

        >>> plan = formula("x^2*y").plan(at={"y": 2})
        >>> plan.run({"x": [1.0, 3.0]})["df/dx"]
        array([ 4., 12.])
        """
        from .columns import QUANTITIES, Plan, Quantity

        self._refuse_digits("a batch")
        check_names([what], QUANTITIES, "what a batch calculates")
        if not self.has_graph:
            text = "a recorded Python function may run differently at each point, so not in columns"
            raise UsageError(text, hint="take gradient row by row, or write it as a formula")
        if what == "jvp" and not tangent:
            raise UsageError("a jvp needs a tangent", hint="give numbers by variable, such as tangent={'x': 1}")
        if tangent and what != "jvp":
            raise UsageError("a tangent goes with what='jvp'")
        where, vector, chosen = as_point(at), as_point(tangent).values, as_names(wrt)
        if chosen and what in ("value", "jvp"):
            raise UsageError(f"a {what} has no use for wrt", hint="wrt goes with a gradient or a hessian-diagonal")
        model = self.with_variables({*where.values, *where.sizes, *vector, *chosen})
        inputs = model.trace_at(where).inputs
        check_names(vector, inputs)
        by = model.choose(chosen, inputs) if chosen else tuple(name for name in inputs if name not in where.values)
        if by and what == "hessian-diagonal" and len(self.outputs) > 1:
            raise UsageError("the formula has several outputs", hint="second derivatives are of one")
        if notes and "notes" in self.outputs:
            raise UsageError("a result is called notes, as the column of notes", hint="give it another name")
        along = vector or by
        quantity = QUANTITIES[what](along) if along and what != "value" else Quantity()
        return Plan(model, quantity, where, notes, accurate)

    def batch(
        self,
        columns: Any = None,
        /,
        *,
        at: PointLike = None,
        wrt: Names = (),
        what: str = "gradient",
        tangent: Mapping[str, Number] | None = None,
        notes: bool = False,
        accurate: bool = False,
        threads: int | None = None,
        **arrays: Any,
    ) -> Batch:
        """Return columns of values and partial derivatives for columns of points: numpy arrays, or a table by name.

        `at` are numbers for all rows; `what` is "gradient", "value", "hessian-diagonal", or "jvp" along `tangent`,
        numbers by variable. With `notes` there is a column of the kinds of note of each row; `accurate` takes sines,
        cosines and log1p within 1 ulp instead of 2.

        >>> formula("x^2*y").batch(x=[1.0, 3.0], at={"y": 2})["df/dx"]
        array([ 4., 12.])
        """
        from numbers import Integral

        if columns is not None and arrays:
            hint = "put it into the table, or a number for all rows into at"
            raise UsageError(f"{next(iter(arrays))} is given beside a table of columns", hint=hint)
        if not (threads is None or (isinstance(threads, Integral) and threads >= 0)):
            raise UsageError(f"there cannot be {threads!r} threads", hint="None is as many as the machine has")
        from .columns import has_column

        table = arrays if columns is None else columns
        model = self.with_variables([name for name in self.script.constants if has_column(table, name)])
        plan = model.plan(at=at, wrt=wrt, what=what, tangent=tangent, notes=notes, accurate=accurate)
        check_names(arrays, plan.inputs, "a column that the formula takes")
        return plan.run(table, threads=threads)

    def compile(self, at: PointLike = None, *, accurate: bool = False) -> ArrayFunction:
        """Return a function of a numpy array, for SciPy's `jac=True`: n variables to the value and n derivatives.

        The order of the variables is that of `variables`, and of the function's `inputs`.

        >>> formula("x^2*y").compile()([3.0, 2.0])
        (18.0, array([12.,  9.]))
        """
        from .columns import ArrayFunction

        self._refuse_digits("a compiled function")
        plan = self.plan(at=at, accurate=accurate)
        if len(self.outputs) > 1:
            raise UsageError("the formula has several outputs", hint="compile one of them")
        return ArrayFunction(plan)

    def derivative(self, *wrt: str, integers: PointLike = None) -> Formula:
        """Return the derivative of the only output by the variables in turn, as a Formula.

        `integers` holds the names in bounds and indices, and the arrays, of a formula with sums. Raises LimitError for
        a derivative too large.
        """
        from .derive import derivative_script

        _, node, chosen = self._graph(as_point(integers), wrt)
        return Formula(derivative_script(node, chosen))

    def steps(self, *wrt: str, integers: PointLike = None, latex: bool = False) -> Steps:
        """Return the derivation of the derivative, rule by rule, as text or in LaTeX; `integers` as in derivative."""
        from .derive import derivation_steps

        model, node, chosen = self._graph(as_point(integers), wrt)
        return derivation_steps(model, node, chosen, latex=latex)

    def _graph(self, at: Point, wrt: Sequence[str]) -> tuple[Model, Node, list[str]]:
        """Return the model with the graph for a point, its only output, and single variables to differentiate by."""
        self._refuse_digits("a derivative as a formula")
        model = self.model_at(at, wrt)
        model.check_one_output()
        (node, *_), inputs, _ = model.expanded(at)
        chosen = [one for name in wrt for one in model.choose((name,), inputs)]
        if len(chosen) != len(wrt):
            raise UsageError("a derivative is by single variables", hint=f"name elements, such as {chosen[0]}")
        return model, node, chosen

    def cost(self, wrt: str, order: int = 1, integers: PointLike = None) -> Cost:
        """Return the sizes of the derivatives of each order as formulas, and the operations of the sweeps.

        `integers` as in derivative.
        """
        from .derive import cost

        model, node, (name,) = self._graph(as_point(integers), (wrt,))
        return cost(model, node, name, order)

    def trace(
        self,
        at: PointLike = None,
        /,
        *,
        mode: str = "auto",
        wrt: Names = (),
        order: str = "level",
        **values: Coordinate,
    ) -> TraceTable:
        """Return the evaluation trace at a point, with tangents (forward), adjoints (reverse) or both.

        `order` is "level" (by depth, then left to right) or "evaluation".
        """
        from .trace import trace_table

        self._refuse_digits("a trace")
        found, done = self.sweeps(as_point(at, values), as_names(wrt), mode, whole=True)
        return trace_table(done, (found.output,), order)
