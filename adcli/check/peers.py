"""The same gradient by another program that is installed: SymPy, JAX, PyTorch or CasADi."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from ..errors import UsageError
from ..ops import Foreign, System
from ..trace import Evaluation, replay


def _import(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise UsageError(f"{name} is not installed", hint=f"pip install {name}") from None


def _sympy(evaluation: Evaluation, wrt: tuple[str, ...]) -> dict[str, float | None]:
    sympy = _import("sympy")
    symbols = {name: sympy.Symbol(name, real=True) for name in evaluation.point}
    at = {symbols[name]: sympy.Float(x, 17) for name, x in evaluation.point.items()}
    result = _run(System("sympy", "sympy", [sympy]), evaluation, symbols)
    return {name: _as_float(sympy.diff(result, symbols[name]).evalf(17, subs=at)) for name in wrt}


def _jax(evaluation: Evaluation, wrt: tuple[str, ...]) -> dict[str, float | None]:
    jax = _import("jax")
    jax.config.update("jax_enable_x64", True)
    own = SimpleNamespace(polygamma=lambda n, x: jax.scipy.special.polygamma(int(n), x))
    system = System("jax", "jax", [own, jax.numpy, jax.nn, jax.scipy.special])
    names = [*evaluation.point]

    def f(*values: Any) -> Any:
        return _run(system, evaluation, dict(zip(names, values, strict=True)))

    found = jax.grad(f, tuple(range(len(names))))(*evaluation.point.values())
    return {name: float(found[names.index(name)]) for name in wrt}


def _torch(evaluation: Evaluation, wrt: tuple[str, ...]) -> dict[str, float | None]:
    torch = _import("torch")

    def tensor(x: Any) -> Any:
        return x if isinstance(x, torch.Tensor) else torch.tensor(float(x), dtype=torch.float64)

    def on_tensors(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args: function(*map(tensor, args))

    own = SimpleNamespace(polygamma=lambda n, x: torch.polygamma(int(n), x), softplus=torch.nn.functional.softplus)
    system = System("torch", "torch", [own, torch], on_tensors)
    inputs = {name: tensor(x).requires_grad_() for name, x in evaluation.point.items()}
    result = tensor(_run(system, evaluation, inputs))
    if not result.requires_grad:
        return dict.fromkeys(wrt, 0.0)
    found = torch.autograd.grad(result, [inputs[name] for name in wrt], allow_unused=True)
    return {name: 0.0 if g is None else float(g) for name, g in zip(wrt, found, strict=True)}


def _casadi(evaluation: Evaluation, wrt: tuple[str, ...]) -> dict[str, float | None]:
    casadi = _import("casadi")
    symbols = {name: casadi.SX.sym(name) for name in evaluation.point}
    result = casadi.SX(_run(System("casadi", "casadi", [casadi]), evaluation, symbols))
    slopes = casadi.Function("f", [*symbols.values()], [casadi.gradient(result, symbols[name]) for name in wrt])
    found = slopes.call([*evaluation.point.values()])
    return {name: float(x) for name, x in zip(wrt, found, strict=True)}


def _run(system: System, evaluation: Evaluation, inputs: dict[str, Any]) -> Any:
    """Return the output as the peer's own number, along the branches that the point takes."""
    values = replay(evaluation, {name: Foreign(system, x) for name, x in inputs.items()})
    result = values[evaluation.trace.outputs[0]]
    return result.value if isinstance(result, Foreign) else result


def _as_float(x: Any) -> float | None:
    """Return a number of SymPy as a float; None if it is not real."""
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


def peer_gradient(peer: str, evaluation: Evaluation, wrt: tuple[str, ...]) -> dict[str, float | None]:
    """Return the partial derivatives by a peer; raises UsageError where it is not installed or lacks an operation."""
    if peer not in PEERS:
        raise UsageError(f"{peer} is not a program that can be asked", hint=f"there are: {', '.join(PEERS)}")
    return PEERS[peer](evaluation, wrt)
