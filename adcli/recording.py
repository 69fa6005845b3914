"""Python functions as formulas: at each point a run of the function records its graph, by operator overloading."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Collection, Sequence
from functools import cached_property, partial
from numbers import Real
from typing import Any

from .api import Formula
from .derive import DOUBLE, Engine, Model
from .errors import AdcliError, LimitError, Note, PointError, UsageError
from .language import (
    MAX_ROWS,
    Node,
    Point,
    Script,
    constant_node,
    excerpt,
    latex_name,
    number_text,
    operation_counts,
    variable_node,
)
from .ops import Arithmetic, Dual, Op, by_numpy_name

MOST_SHOWN = 30  # operations of a recorded formula that is written out


class Recorded(Arithmetic):
    """A number that records the operations on it; it compares as its value, so that `if` and `while` work.

    `primal` is the value, `node` the graph so far, `owner` the run that it belongs to.
    """

    __slots__ = ("node", "owner", "primal")
    rank = 2

    def __init__(self, primal: float, node: Node, owner: _Run) -> None:
        self.primal, self.node, self.owner = primal, node, owner

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        for x in args:
            if isinstance(x, Recorded) and x.owner is not self.owner:
                raise UsageError(
                    "a number recorded by one function is used in another", hint="nest with adcli.derivative"
                )
        if op.selects is not None:  # the condition is known: define by run
            return args[op.selects(bool(args[0]))]
        if any(getattr(x, "ndim", 0) for x in args):
            return _elementwise(op, args)
        self.owner.count()
        y = op.extended(*(x.primal if isinstance(x, Recorded) else float(x) for x in args))
        return Recorded(
            y, Node(op, tuple(x.node if isinstance(x, Recorded) else constant_node(x) for x in args)), self.owner
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        out = options.pop("out", (None,))[0]
        if method != "__call__" or options or (out is not None and out.dtype != object):
            return NotImplemented
        if any(getattr(x, "ndim", 0) for x in inputs):
            found = _elementwise(ufunc, inputs)
            if out is None:
                return found
            out[...] = found
            return out
        if ufunc.__name__ == "square":
            return self * self
        op = by_numpy_name().get(ufunc.__name__, {}).get(len(inputs))
        if op is None or (op.condition and not op.edges):  # a logical operation decides by the truth of a number
            return NotImplemented
        return op.number(*inputs) if op.condition else op(*inputs)

    def __getattr__(self, name: str) -> Any:
        """Return the method that numpy calls on the elements of an array, such as x.sin() or y.arctan2(x)."""
        known = by_numpy_name().get(name)
        if not known or name.startswith("_"):
            raise AttributeError(name)
        return lambda *others: known[1 + len(others)](self, *others)

    def _compared(self, other: Any, symbol: str) -> float:
        """Return the difference; a comparison of equal numbers is recorded, as it is the boundary of a branch."""
        a, b = self.primal, _primal(other)
        if a == b:
            text = f"the function compares equal numbers: {excerpt(self.node)} {symbol} {number_text(b)}"
            self.owner.ties.setdefault(text)
        return 0.0 if a == b else a - b

    def __repr__(self) -> str:
        return f"Recorded({self.primal!r})"

    def __float__(self) -> float:
        raise UsageError(
            "a recorded number was turned into a plain float, which has no derivative",
            hint="use adcli.math (or numpy) instead of math: adcli.math.sin(x)",
        )

    def __int__(self) -> int:
        raise UsageError(
            "a recorded number was turned into a plain integer, which has no derivative",
            hint="use adcli.math.trunc(x), or floor, ceil, round of adcli.math",
        )

    # fmt: off
    def __lt__(self, other: Any) -> bool: return self._compared(other, "<") < 0
    def __le__(self, other: Any) -> bool: return self._compared(other, "<=") <= 0
    def __gt__(self, other: Any) -> bool: return self._compared(other, ">") > 0
    def __ge__(self, other: Any) -> bool: return self._compared(other, ">=") >= 0
    def __eq__(self, other: object) -> bool: return self._compared(other, "==") == 0
    def __ne__(self, other: object) -> bool: return self._compared(other, "!=") != 0
    def __hash__(self) -> int: return id(self)
    def __bool__(self) -> bool: return self.primal != 0
    # fmt: on


class _Run:
    """A run of a function, the owner of its recorded numbers."""

    def __init__(self, limit: int) -> None:
        self.operations, self.limit = 0, limit
        self.ties: dict[str, None] = {}  # comparisons of equal numbers, in words

    def count(self) -> None:
        """Count an operation; raises LimitError for too many, which ends an endless loop."""
        self.operations += 1
        if self.operations > self.limit:
            raise LimitError(f"the function makes more than {self.limit:,} operations")


def _elementwise(function: Callable[..., Any], args: Sequence[Any]) -> Any:
    """Return a function applied to each element of arrays, as numpy does for objects."""
    import numpy as np

    arrays = [np.empty((), dtype=object) if isinstance(x, Recorded) else np.asarray(x, dtype=object) for x in args]
    for array, x in zip(arrays, args, strict=True):
        if isinstance(x, Recorded):
            array[()] = x
    return np.frompyfunc(function, len(args), 1)(*arrays)


def _primal(x: Any) -> float:
    while isinstance(x, Dual):
        x = x.value
    return x.primal if isinstance(x, Recorded) else float(x)


class RecordedGraph(Model):
    """The formula that a function calculates at one point; it is pickled as both, and recorded again."""

    def __init__(
        self, recording: Recording, at: Point, script: Script, *, share: bool, limit: int, engine: Engine
    ) -> None:
        super().__init__(script, share=share, limit=limit, engine=engine)
        self._recording, self._at = recording, at

    def __reduce__(self) -> Any:
        return _graph_again, (self._recording, self._at)

    @cached_property
    def _is_short(self) -> bool:
        return sum(operation_counts(root)[0] for root in self.script.outputs.values()) <= MOST_SHOWN

    def __str__(self) -> str:
        results = ", ".join(line.partition(" = ")[2] for line in self.lines)
        return f"[{results}]" if self.script.is_vector else results

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The recorded formula; where it is long, a call of the function."""
        return self.script.lines if self._is_short else tuple(f"{y} = {self._recording}" for y in self.outputs)

    @property
    def latex_lines(self) -> Sequence[str]:
        """The same in LaTeX."""
        call = self._recording.latex_call
        return self.script.latex_lines if self._is_short else [f"{latex_name(y)} &= {call}" for y in self.outputs]


class Recording(Formula):
    """A Formula whose graph is recorded from a Python function, anew at each point (define by run).

    A recording is never changed, so that several threads may evaluate it. Its text is a call of the function; the text
    of a result is the formula recorded for it. It is pickled as its function, which must have a name in a module.
    """

    has_graph = False

    def __init__(
        self, function: Callable[..., Any], *, share: bool = True, limit: int = MAX_ROWS, engine: Engine = DOUBLE
    ) -> None:
        try:
            parameters = inspect.signature(function).parameters.values()
        except (TypeError, ValueError):
            name = getattr(function, "__name__", repr(function))
            raise UsageError(f"{name} does not tell its parameters", hint="wrap it: lambda x: f(x)") from None
        names = tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))
        self.function, self.defaults = function, {p.name: p.default for p in parameters if p.default is not p.empty}
        script = Script("", {"y": constant_node(0.0)}, {}, names, frozenset())  # replaced at each point
        super().__init__(script, share=share, limit=limit, engine=engine)

    def __reduce__(self) -> Any:
        if "<" in getattr(self.function, "__qualname__", "<"):  # a lambda, a function in a function
            hint = "define it by its name in a module, or write it as a formula"
            raise UsageError("a Python function cannot be sent to another process", hint=hint)
        make = partial(Recording, share=self._share, limit=self._limit, engine=self.engine)
        return make, (self.function,)

    def _with_engine(self, engine: Engine) -> Recording:
        return Recording(self.function, share=self._share, limit=self._limit, engine=engine)

    def __str__(self) -> str:
        return f"{self._name}({', '.join(self.variables)})"

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """A call of the function; which outputs it has is only known at a point."""
        return (f"y = {self}",)

    @property
    def latex_lines(self) -> Sequence[str]:
        """The same in LaTeX."""
        return [f"y &= {self.latex_call}"]

    @property
    def latex_call(self) -> str:
        """A call of the function in LaTeX."""
        name, variables = self._name.replace("_", r"\_"), ", ".join(map(latex_name, self.variables))
        return rf"\operatorname{{{name}}}\left({variables}\right)"

    @property
    def _name(self) -> str:
        return getattr(self.function, "__name__", "f")

    def model_at(self, at: Point, _names: Collection[str] = ()) -> RecordedGraph:
        """Run the function at the point; return the formula that it calculates there.

        Raises PointError for a missing value, UsageError for an error in the function and for a result that is no
        number.
        """
        owner = _Run(self._limit)
        arguments: list[Any] = []
        inputs: list[str] = []
        missing = [n for n in self.variables if n not in at.values and n not in at.sizes and n not in self.defaults]
        if missing:
            line = ",".join(f"{name}=..." for name in missing)
            raise PointError(f"no value for {', '.join(missing)}", hint=f"add: --at {line}")
        for name in self.variables:
            if name in at.sizes:
                elements = [f"{name}[{k}]" for k in range(1, at.sizes[name] + 1)]
                arguments.append([Recorded(at.values[n], variable_node(n), owner) for n in elements])
                inputs += elements
            elif name in at.values:
                arguments.append(Recorded(at.values[name], variable_node(name), owner))
                inputs.append(name)
            else:
                arguments.append(self.defaults[name])
        try:
            result = self.function(*arguments)
        except AdcliError:
            raise
        except (Exception, SystemExit) as error:  # an error in the user's program, with its line
            raise UsageError(f"{_where(error)} raised {type(error).__name__}: {error}") from error
        outputs, is_vector = _outputs(result)
        notes = tuple(Note("branch", f"{text}; the derivative is that of the branch taken") for text in owner.ties)
        script = Script("", outputs, {}, tuple(inputs), frozenset(), is_vector=is_vector, notes=notes)
        return RecordedGraph(self, at, script, share=self._share, limit=self._limit, engine=self.engine)


def _graph_again(recording: Recording, at: Point) -> RecordedGraph:
    return recording.model_at(at)


def _outputs(result: Any) -> tuple[dict[str, Node], bool]:
    """Return the results of a function by name, and whether they are a list; raises UsageError for no numbers."""
    if getattr(result, "shape", None) == ():  # a number of numpy's
        result = result.item()
    is_vector = (isinstance(result, Sequence) and not isinstance(result, str)) or bool(getattr(result, "ndim", 0))
    results = list(result) if is_vector else [result]
    for x in results:
        if not isinstance(x, Recorded | Real):
            raise UsageError(f"the function returns {type(x).__name__}, not a number or a list of numbers")
    if not results:
        raise UsageError("the function returns an empty list, not a number or a list of numbers")
    roots = [x.node if isinstance(x, Recorded) else constant_node(float(x)) for x in results]
    names = [f"y{k}" for k in range(1, len(roots) + 1)] if is_vector else ["y"]
    return dict(zip(names, roots, strict=True)), is_vector


def _where(error: BaseException, path: str = "") -> str:
    """Return the file and the line of the user's program that raised an error; `path` is the file being imported."""
    trail = error.__traceback__
    while path and trail is not None and trail.tb_frame.f_code.co_filename != path:  # in the import system
        trail = trail.tb_next
    while (
        trail is not None
        and trail.tb_next is not None
        and not trail.tb_next.tb_frame.f_code.co_filename.endswith(("adcli/ops/op.py", "adcli/recording.py"))
    ):
        trail = trail.tb_next
    code = trail.tb_frame.f_code if trail else None
    return f"{code.co_filename}, line {trail.tb_lineno}," if code and trail else "the function"


def record(function: Callable[..., Any], **options: Any) -> Recording:
    """Return a Formula for a Python function of real numbers.

    The function may use arithmetic, comparisons, `if`, `while`, adcli.math and numpy's functions. It runs once at each
    point. A parameter given as a list of numbers is a list in the function. `limit` is the largest number of operations
    in a run. Raises UsageError for a function without a signature.

    >>> record(lambda x, y: x * y + y).gradient(x=3, y=5).as_dict()
    {'x': 5.0, 'y': 4.0}
    """
    return Recording(function, **options)


def load_function(path: str, name: str, **options: Any) -> Recording:
    """Return the recording of a function in a Python file; raises UsageError if it cannot be read or has none."""
    import sys
    from importlib.util import module_from_spec, spec_from_file_location

    try:
        open(path, "rb").close()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    spec = spec_from_file_location("adcli_model", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["adcli_model"] = module_from_spec(spec)  # where dataclasses look for it
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))  # as python does for a program
    try:
        spec.loader.exec_module(module)
    except AdcliError:
        raise
    except (Exception, SystemExit) as error:
        where = "" if isinstance(error, SyntaxError) else _where(error, path)
        raise UsageError(f"{where or path + ','} raised {type(error).__name__}: {error}") from error
    finally:
        sys.path.pop(0)
    function = getattr(module, name, None)
    if not callable(function):
        found = [n for n, f in vars(module).items() if inspect.isfunction(f)]
        raise UsageError(f"{path} has no function {name}", hint=f"it has: {', '.join(found)}" if found else "")
    return Recording(function, **options)
