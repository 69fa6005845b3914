"""The same gradient by another program that is installed: SymPy, JAX, PyTorch or CasADi."""

from __future__ import annotations

import operator
from collections.abc import Callable
from importlib import import_module
from typing import Any

from .. import ops
from ..errors import UsageError
from ..ops import Foreign, System
from ..trace import Evaluation, replay

_ARITHMETIC: dict[ops.Op, Callable[..., Any]] = {
    ops.neg: operator.neg, ops.add: operator.add, ops.sub: operator.sub, ops.mul: operator.mul,
    ops.div: operator.truediv, ops.pow_: operator.pow,
}  # fmt: skip


def _functions(module: Any, names: str, **others: str) -> dict[ops.Op, Callable[..., Any]]:
    """Return the functions of a module that have our names, and others that have their own."""
    spelled = {name: name for name in names.split()} | others
    table = {op.name: op for op in ops.TABLE}
    return _ARITHMETIC | {table[ours.rstrip("_")]: getattr(module, theirs) for ours, theirs in spelled.items()}


def _import(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise UsageError(f"{name} is not installed", hint=f"pip install {name}") from None


def _sympy(evaluation: Evaluation, wrt: tuple[str, ...]) -> dict[str, float | None]:
    sympy = _import("sympy")
    functions = _functions(
        sympy,
        "sign floor exp sin cos tan sec csc cot asin acos atan atan2 sinh cosh tanh sech csch coth asinh acosh atanh "
        "erf erfc gamma digamma",
        abs="Abs", min_="Min", max_="Max", ceil="ceiling", ln="log", sqrt="sqrt", cbrt="cbrt", lgamma="loggamma",
        step="Heaviside", polygamma="polygamma",
    )  # fmt: skip
    symbols = {name: sympy.Symbol(name, real=True) for name in evaluation.point}
    at = {symbols[name]: sympy.Float(x, 17) for name, x in evaluation.point.items()}
    result = _run(System("sympy", functions), evaluation, symbols)
    return {name: _as_float(sympy.diff(result, symbols[name]).evalf(17, subs=at)) for name in wrt}


def _jax(evaluation: Evaluation, wrt: tuple[str, ...]) -> dict[str, float | None]:
    jax = _import("jax")
    jax.config.update("jax_enable_x64", True)
    functions = _functions(
        jax.numpy,
        "sign floor ceil trunc exp exp2 expm1 log2 log10 log1p logaddexp sqrt cbrt hypot sin cos tan sinh cosh tanh "
        "copysign fmod degrees radians",
        abs="abs", min_="minimum", max_="maximum", round_="round", mod="mod", ln="log", asin="arcsin", acos="arccos",
        atan="arctan", atan2="arctan2", asinh="arcsinh", acosh="arccosh", atanh="arctanh",
    ) | _functions(jax.nn, "sigmoid softplus relu") | _functions(
        jax.scipy.special, "erf erfc logit xlogy digamma gamma", lgamma="gammaln"
    )  # fmt: skip
    functions[ops.polygamma] = lambda n, x: jax.scipy.special.polygamma(int(n), x)
    names = [*evaluation.point]

    def f(*values: Any) -> Any:
        return _run(System("jax", functions), evaluation, dict(zip(names, values, strict=True)))

    found = jax.grad(f, tuple(range(len(names))))(*evaluation.point.values())
    return {name: float(found[names.index(name)]) for name in wrt}


def _torch(evaluation: Evaluation, wrt: tuple[str, ...]) -> dict[str, float | None]:
    torch = _import("torch")

    def tensor(x: Any) -> Any:
        return x if isinstance(x, torch.Tensor) else torch.tensor(float(x), dtype=torch.float64)

    def on_tensors(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args: function(*map(tensor, args))

    functions = _functions(
        torch,
        "sign floor ceil trunc exp exp2 expm1 log2 log10 log1p logaddexp sqrt hypot sin cos tan asin acos atan atan2 "
        "sinh cosh tanh asinh acosh atanh copysign fmod degrees radians sigmoid logit erf erfc xlogy lgamma digamma "
        "relu",
        abs="abs", min_="minimum", max_="maximum", round_="round", mod="remainder", ln="log", degrees="rad2deg",
        radians="deg2rad",
    )  # fmt: skip
    functions[ops.polygamma] = lambda n, x: torch.polygamma(int(n), x)
    functions[ops.softplus] = torch.nn.functional.softplus
    functions = {op: on_tensors(f) for op, f in functions.items()}
    inputs = {name: tensor(x).requires_grad_() for name, x in evaluation.point.items()}
    result = tensor(_run(System("torch", functions), evaluation, inputs))
    if not result.requires_grad:
        return dict.fromkeys(wrt, 0.0)
    found = torch.autograd.grad(result, [inputs[name] for name in wrt], allow_unused=True)
    return {name: 0.0 if g is None else float(g) for name, g in zip(wrt, found, strict=True)}


def _casadi(evaluation: Evaluation, wrt: tuple[str, ...]) -> dict[str, float | None]:
    casadi = _import("casadi")
    functions = _functions(
        casadi,
        "sign floor ceil exp expm1 log10 log1p sqrt hypot sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh "
        "atanh copysign fmod erf",
        abs="fabs", min_="fmin", max_="fmax", ln="log",
    )  # fmt: skip
    symbols = {name: casadi.SX.sym(name) for name in evaluation.point}
    result = casadi.SX(_run(System("casadi", functions), evaluation, symbols))
    slopes = casadi.Function("f", [*symbols.values()], [casadi.gradient(result, symbols[name]) for name in wrt])
    found = slopes.call([*evaluation.point.values()])
    return {name: float(x) for name, x in zip(wrt, found, strict=True)}


def _run(system: System, evaluation: Evaluation, inputs: dict[str, Any]) -> Any:
    """Return the output as the peer's own number, along the branches that the point takes."""
    values = replay(evaluation, {name: Foreign(system, x) for name, x in inputs.items()})
    result = values[evaluation.trace.outputs[0]]
    return result.value if isinstance(result, Foreign) else result


def _as_float(x: Any) -> float | None:
    """Return a number of SymPy's; None for what is no real number."""
    try:
        return float(x)
    except (TypeError, ValueError):
        return None


PEERS: dict[str, Callable[[Evaluation, tuple[str, ...]], dict[str, float | None]]] = {
    "sympy": _sympy,
    "jax": _jax,
    "torch": _torch,
    "casadi": _casadi,
}


def gradient(peer: str, evaluation: Evaluation, wrt: tuple[str, ...]) -> dict[str, float | None]:
    """Return the partial derivatives by a peer; raises UsageError where it is not installed or lacks an operation."""
    if peer not in PEERS:
        raise UsageError(f"{peer} is not a program that can be asked", hint=f"there are: {', '.join(PEERS)}")
    return PEERS[peer](evaluation, wrt)
