"""Op: all that the engines need to know of an operation on numbers of any kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from fractions import Fraction  # imports decimal

__all__ = (
    "BY_NAME", "OPERATIONS", "TABLE", "Arithmetic", "Domain", "Edge", "Exact", "Ieee", "Op", "Rule", "as_typed",
    "by_numpy_name", "derived", "fraction_of", "literal", "passes", "register",
)  # fmt: skip

Rule = Callable[..., Any] | float
_F = TypeVar("_F", bound=Callable[..., Any])

OPERATIONS: dict[str, Op] = {}  # the table: every operation by its own name, in the order of registration
TABLE = OPERATIONS.values()
BY_NAME: dict[str, dict[int, Op]] = {}  # the operations of each name that a formula may call, by number of arguments


class Arithmetic:
    """A number whose operators are the operations of the table; `__apply_op__` applies an operation to it.

    Where kinds meet, that of the higher `rank` decides: a dual number of formulas is a dual number.
    """

    __slots__ = ()
    rank = 0

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        raise NotImplementedError

    # fmt: off
    def __neg__(self) -> Any: return OPERATIONS["neg"](self)
    def __add__(self, other: Any) -> Any: return OPERATIONS["add"](self, other)
    def __radd__(self, other: Any) -> Any: return OPERATIONS["add"](other, self)
    def __sub__(self, other: Any) -> Any: return OPERATIONS["sub"](self, other)
    def __rsub__(self, other: Any) -> Any: return OPERATIONS["sub"](other, self)
    def __mul__(self, other: Any) -> Any: return OPERATIONS["mul"](self, other)
    def __rmul__(self, other: Any) -> Any: return OPERATIONS["mul"](other, self)
    def __truediv__(self, other: Any) -> Any: return OPERATIONS["div"](self, other)
    def __rtruediv__(self, other: Any) -> Any: return OPERATIONS["div"](other, self)
    def __pow__(self, other: Any) -> Any: return OPERATIONS["pow"](self, other)
    def __rpow__(self, other: Any) -> Any: return OPERATIONS["pow"](other, self)
    def __mod__(self, other: Any) -> Any: return OPERATIONS["mod"](self, other)
    def __rmod__(self, other: Any) -> Any: return OPERATIONS["mod"](other, self)
    def __floordiv__(self, other: Any) -> Any: return OPERATIONS["round"]((self - self % other) / other)
    def __rfloordiv__(self, other: Any) -> Any: return OPERATIONS["round"]((other - other % self) / self)
    def __divmod__(self, other: Any) -> Any: return self // other, self % other
    def __rdivmod__(self, other: Any) -> Any: return other // self, other % self
    def __pos__(self) -> Any: return self
    def __abs__(self) -> Any: return OPERATIONS["abs"](self)
    def __floor__(self) -> Any: return OPERATIONS["floor"](self)
    def __ceil__(self) -> Any: return OPERATIONS["ceil"](self)
    def __trunc__(self) -> Any: return OPERATIONS["trunc"](self)
    # fmt: on


class Exact(float):
    """A float that also says what it is exactly: `of(one)` is the same number of the kind of its argument, 1.

    `text` is how it was typed, where that says more than the float.
    """

    __slots__ = ("of", "text")
    of: Callable[[Any], Any]
    text: str

    def __new__(cls, value: float, of: Callable[[Any], Any], text: str = "") -> Exact:
        self = super().__new__(cls, value)
        self.of, self.text = of, text
        return self

    def __neg__(self) -> Exact:
        return Exact(-float(self), partial(_negative, self.of), f"-{self.text}" if self.text else "")

    def __getnewargs__(self) -> tuple[Any, ...]:
        return float(self), self.of, self.text

    def __repr__(self) -> str:
        return self.text or float.__repr__(self)


def literal(text: str) -> float:
    """Return the float of a numeral without sign or spaces; an Exact one if it has more digits than a float.

    >>> literal("0.1"), literal("0.10000000000000000001") == 0.1
    (0.1, True)
    """
    value = float(text)
    if len(text) <= 15 or not 0 < value < math.inf:
        return value
    from decimal import Decimal

    return value if Decimal(text) == Decimal(repr(value)) else Exact(value, partial(_numeral_of, text), text)


def _numeral_of(text: str, one: Any) -> Any:
    return fraction_of(_fraction(text), one)


@lru_cache(256)
def _fraction(text: str) -> Fraction:
    """Return the number of a numeral, of more than the 4,300 digits too that Python makes an int of."""
    from decimal import Decimal
    from fractions import Fraction

    return Fraction(Decimal(text))


def _negative(of: Callable[[Any], Any], one: Any) -> Any:
    return -of(one)


def as_typed(x: float, one: Any) -> Any:
    """Return the number that a float was typed as, in the kind of `one`: 0.1 is one tenth, pi is pi."""
    if isinstance(x, Exact):
        return x.of(one)
    from fractions import Fraction

    return fraction_of(Fraction(float.__repr__(x)), one)


def fraction_of(factor: Fraction, number: Any) -> Any:
    """Return a number of any kind times a fraction."""
    return factor.numerator * number / factor.denominator


class Ieee(Arithmetic, float):  # type: ignore[misc]  # float's operators are replaced on purpose
    """A float whose operations follow IEEE 754 (1/0 is inf) where Python's raise an exception."""

    __slots__ = ()

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        return Ieee(op.extended(*(float(x) for x in args)))


class Domain(NamedTuple):
    """Where an operation has a value: in words, with {0}, {1} for its arguments, and as a test of numbers or arrays."""

    text: str
    contains: Callable[..., bool]


class Edge(NamedTuple):
    """Where an operation is not smooth, as a test of its arguments: numbers or arrays.

    A kind is a "kink", a "jump", the "end" of its domain, a "branch" boundary, or "undefined" for a partial derivative
    that does not exist there.
    """

    kind: str
    when: Callable[..., bool]
    argument: int | None = None  # the one partial concerned; None: every one


def passes(test: Callable[..., bool], args: Iterable[Any]) -> bool:
    """Tell whether numbers of any kind pass a test of a Domain or an Edge; those it cannot calculate with do not."""
    try:
        return bool(test(*args))
    except (ValueError, ZeroDivisionError, OverflowError):  # an overflow before it: no number to be at an edge with
        return False


class Op:
    """One operation: its names, its partial derivatives, where they hold, what it is in other programs.

    Calling it applies it to numbers of any kind: floats give a float, formulas a formula. An entry of the table is
    `Op(name, doc, *rules, field=...)`; it raises TypeError for a field that does not exist, and where there is neither
    `number` nor `by`.
    """

    name: str
    doc: str
    # One partial derivative for each argument: of the result and the arguments, numbers of any kind; or a constant. At
    # a kink it gives the mean of the slopes.
    rules: tuple[Rule, ...]
    # The value on floats, or `by`; raises ValueError, ZeroDivisionError or OverflowError where there is none.
    number: Callable[..., float]

    # -- names and spelling --
    aliases: tuple[str, ...] = ()
    # The sign and its precedence.
    infix: tuple[str, int] | None = None
    # A command, or a pattern with %s for each argument.
    latex: str = ""
    # Arguments inside the domain, for examples and tests.
    sample: tuple[float, ...] = ()
    # f(a, b, c) is f(f(a, b), c).
    variadic: bool = False

    # -- where it holds --
    domain: Domain | None = None
    edges: tuple[Edge, ...] = ()
    # The value by IEEE 754 where `number` raises.
    limit: Callable[..., float] | None = None

    # -- derivatives --
    # Rules on floats alone, which keep every digit where the smooth ones lose some.
    accurate: tuple[Rule, ...] = ()
    # Rules for numbers that are differentiated again: they keep their digits to every order where `rules`, which
    # people read, lose some. None for one of `rules`.
    again: tuple[Rule | None, ...] = ()
    # The derivative as textbooks write it, of the arguments and then their derivatives.
    taught: Callable[..., Any] | None = None

    # -- conditions --
    # The result is true or false.
    condition: bool = False
    # The name of the comparison that holds where this one does not.
    opposite: str = ""
    # Which argument is the result, by the first, a condition; the others are not evaluated.
    selects: Callable[[bool], int] | None = None

    # -- for the engines --
    # Its names in other programs: "numpy:absolute sympy:Abs jax", where jax has the same name as we. The programs are
    # mpmath, cmath, numpy, Math (JavaScript), sympy, jax, torch, casadi; `operator` stands for each one that has
    # Python's operators. An engine may have a better function of its own by that name.
    names: str = ""
    # The value by simpler operations (choices by `where`), for engines that have no function for it.
    by: Callable[..., Any] | None = None
    # The value by simpler operations just beside an edge or a pole, where rules do not hold; else `by`.
    beside: Callable[..., Any] | None = None
    # An expression in JavaScript, with {0} for the first argument.
    js: str = ""

    # -- what it does to signs and digits --
    # Its graph is of straight pieces: it rounds nothing, and where a partial is 0 and no edge is met it is constant.
    pieces: bool = False
    # The rounding error of the result: of the result and the arguments, floats or columns.
    lost: Callable[..., Any] | None = None
    # Whole numbers give a whole number without rounding.
    whole: bool = False
    # The result is not negative: "always"; where no argument is ("kept"); also where the second is even ("even").
    nonnegative: str = ""
    # The result is 0 only of a 0, or by underflow.
    zero_of_zero: bool = False
    # It has a period: of a large argument few digits are left.
    periodic: bool = False
    # f(a, b) is f(b, a).
    commutative: bool = False

    # -- on columns --
    # By operations that numpy computes sooner; None where it does not.
    columns: Callable[..., Any] | None = None
    # The same within 1.5 ulp, where numpy's own function is within 1.
    fast: Callable[..., Any] | None = None
    # Rules that share more with the value or keep more digits; None for one of `rules`.
    column_rules: tuple[Rule | None, ...] = ()
    # `by` loses digits: `number` is called for each number.
    one_by_one: bool = False

    def __init__(self, name: str, doc: str, *rules: Rule, **fields: Any) -> None:
        unknown = [field for field in fields if field not in Op.__annotations__]
        if unknown:
            raise TypeError(f"an operation has no field {', '.join(unknown)}")
        self.name, self.doc, self.rules = name, doc, rules
        self.__dict__.update(_DEFAULTS | fields)  # defaults too: the sweeps read them twice as fast as from the class
        number = fields.get("number") or self.by
        if number is None:
            raise TypeError(f"{name} has neither number nor by")
        self.number = number
        self.arity = len(rules)
        self.slopes = self.accurate or rules  # on floats
        again = self.again or (None,) * self.arity
        self.smooth = tuple(rule if other is None else other for rule, other in zip(rules, again, strict=True))
        self.sample = self.sample or (0.5, 0.75, 0.25)[: self.arity]
        self.linear = not any(map(callable, rules))  # every partial derivative is a constant
        self.pieces = self.pieces or not any(rules)

    def __repr__(self) -> str:
        return f"<Op {self.name}>"

    @property
    def sum(self) -> bool:
        """Tell whether it is a sum or a difference."""
        return self.arity == 2 and self.linear and all(self.rules)

    @property
    def symbol(self) -> str:
        """The sign, `if` for a choice, or else the name."""
        return self.infix[0] if self.infix else "if" if self.selects else self.name

    def names_in(self, program: str) -> list[str]:
        """Return the names that the operation has in another program."""
        words = [word.partition(":") for word in self.names.split()]
        return [name or self.name for where, _, name in words if where == program]

    def __call__(self, *args: Any) -> Any:
        chosen, rank = None, -1
        for x in args:
            if type(x) is not float and (of_x := getattr(x, "rank", rank)) > rank:
                chosen, rank = x, of_x
        return self.number(*args) if chosen is None else chosen.__apply_op__(self, args)

    def extended(self, *args: float) -> float:
        """Return the value on floats by IEEE 754: inf where it overflows or has a pole, NaN where it has no value."""
        try:
            return self.number(*args)
        except OverflowError:
            return self.limit(*args) if self.limit else math.inf
        except (ValueError, ZeroDivisionError):
            return self.limit(*args) if self.limit else math.nan

    def partial(self, k: int, y: Any, *args: Any) -> Any:
        """Return the partial derivative by argument k, from the result and the arguments, of any kind.

        It may be differentiated again. As people read it, it is `rules[k]`.
        """
        rule = self.smooth[k]
        return rule(y, *args) if callable(rule) else rule

    def slope(self, k: int, y: float, *args: float) -> float:
        """Return `partial` on floats with every digit; inf or NaN where there is no finite number."""
        rule = self.slopes[k]
        if not callable(rule):
            return rule
        try:
            return float(rule(y, *args))
        except (ValueError, ZeroDivisionError, OverflowError):
            pass
        return float(self.partial(k, Ieee(y), *map(Ieee, args)))


_DEFAULTS = {field: vars(Op)[field] for field in Op.__annotations__ if field in vars(Op)}


_derived: list[Any] = []


def derived(function: _F) -> _F:
    """Cache the result of a function that reads the table, until an operation is added."""
    _derived.append(cache(function))
    return _derived[-1]  # type: ignore[no-any-return]


def register(op: Op) -> Op:
    """Add an operation to the table, under its name and its aliases; return it.

    Whatever depends on the table asks `OPERATIONS`, `TABLE` or `BY_NAME` when it is used, or is `derived`.
    """
    OPERATIONS[op.name] = op
    if op.infix is None or op.name == "pow":  # the other signs have no name in a formula
        for name in (op.name, *op.aliases):
            BY_NAME.setdefault(name, {})[op.arity] = op
    for function in _derived:
        function.cache_clear()
    return op


@derived
def by_numpy_name() -> dict[str, dict[int, Op]]:
    """Map numpy's names of the operations, and ours, to operations by number of arguments."""
    names = {name: dict(ops) for name, ops in BY_NAME.items()}
    for op in TABLE:
        for name in op.names_in("numpy") if op.selects is None else ():
            names.setdefault(name, {})[op.arity] = op
    return names
