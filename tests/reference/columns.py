"""What others do with a formula over columns: values and gradients by Numba, JAX, NumExpr and plain array sweeps.

Each maker returns a function from input columns to the value and the partial derivatives, as its users would write it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np

from adcli.columns import kernels, sincos, ufuncs

THREADS = 2
Run = Callable[[Sequence[Any]], Any]


def expressions(text: str, names: Sequence[str]) -> list[Any]:
    """Return the formula and its derivatives by SymPy."""
    import sympy

    known: dict[str, Any] = {name: sympy.Symbol(name, real=True) for name in names}
    known |= {
        "ln": sympy.log,
        "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
        "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    }
    f = eval(text.replace("^", "**"), {"__builtins__": {}}, {**vars(sympy), **known})
    return [f, *(sympy.diff(f, known[name]) for name in names)]


def numba(text: str, names: Sequence[str]) -> Run:
    """One compiled loop over the rows on all threads, common subexpressions found by SymPy."""
    import numba
    import sympy

    shared, results = sympy.cse(expressions(text, names))
    outs = [f"r{k}" for k in range(len(results))]
    lines = [f"def run({', '.join([*('_' + n for n in names), *outs])}):", "  for i in prange(len(r0)):"]
    lines += [f"    {n} = _{n}[i]" for n in names]
    lines += [f"    {symbol} = {sympy.pycode(e, fully_qualified_modules=False)}" for symbol, e in shared]
    lines += [
        f"    {out}[i] = {sympy.pycode(e, fully_qualified_modules=False)}" for out, e in zip(outs, results, strict=True)
    ]
    space = {**vars(math), "prange": numba.prange}
    exec("\n".join(lines), space)
    numba.set_num_threads(THREADS)
    compiled = numba.njit(space["run"], parallel=True, error_model="numpy")

    def run(columns: Sequence[Any]) -> Any:
        made = [np.empty(len(columns[0])) for _ in outs]
        compiled(*columns, *made)
        return made

    return run


def jax(text: str, names: Sequence[str]) -> Run:
    """jit of vmap of value_and_grad, in double precision."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    known = {
        "ln": jnp.log, "exp": jnp.exp, "sin": jnp.sin, "cos": jnp.cos, "tanh": jnp.tanh, "sqrt": jnp.sqrt,
        "atan": jnp.arctan, "sigmoid": jax.nn.sigmoid, "softplus": jax.nn.softplus,
    }  # fmt: skip
    space: dict[str, Any] = {}
    exec(f"def f({', '.join(names)}): return {text.replace('^', '**')}", known, space)
    both = jax.jit(jax.vmap(jax.value_and_grad(space["f"], argnums=tuple(range(len(names))))))
    return lambda columns: jax.block_until_ready(both(*columns))


def numexpr(text: str, names: Sequence[str]) -> Run:
    """One evaluation for the value and for each derivative by SymPy."""
    import numexpr

    numexpr.set_num_threads(THREADS)
    texts = [str(e).replace("atan(", "arctan(") for e in expressions(text, names)]
    return lambda columns: [numexpr.evaluate(t, dict(zip(names, columns, strict=True))) for t in texts]


def plain(text: str, names: Sequence[str]) -> Run:
    """A reverse sweep in which every number is a whole column of numpy's, on one thread."""
    import adcli
    from adcli.language.point import Point
    from adcli.ops.op import Arithmetic
    from adcli.trace.sweep import adjoints

    class Column(Arithmetic):
        def __init__(self, x: Any) -> None:
            self.x = x

        def __apply_op__(self, op: Any, args: tuple[Any, ...]) -> Any:
            if (simpler := ufuncs.rewrite(op, *args)) is not None:
                return simpler
            given = [x.x if isinstance(x, Column) else x for x in args]
            kernel = ufuncs.kernel_of(op)
            out, *work = np.empty((1 + kernels.WORK.get(kernel, 0), *np.broadcast_shapes(*map(np.shape, given))))
            kernel(*given, out, *work)
            return Column(out)

    trace = adcli.formula(text).trace_at(Point())

    def run(columns: Sequence[Any]) -> Any:
        values: list[Any] = [Column(x) for x in columns] + trace.initial[len(names) :]
        partials = []
        for row in trace.rows:
            op, args = trace.ops[row], [values[arg] for arg in trace.args[row]]
            values[row] = Column(None).__apply_op__(op, tuple(args))
            for k, arg in enumerate(trace.args[row]):
                if isinstance(values[arg], Column):
                    rule = op.rules[k]
                    partials.append((row, arg, rule(values[row], *args) if callable(rule) else rule))
        found = adjoints(len(values), partials, {trace.outputs[0]: 1.0})
        return [values[trace.outputs[0]].x, *(found[k].x for k in range(len(names)))]

    return run


def functions_alone(plan: Any, columns: Sequence[Any]) -> float:
    """Return the seconds that exp, ln, sine and their like take for a row of a plan on one thread, and nothing else."""
    functions = (np.exp, np.log, np.tanh, np.arctan, np.sqrt, sincos.sin_cos, sincos.sin_only, sincos.cos_only)
    rows, program = 32_768, plan._program
    scratch = [array for kind in program.scratch(rows) for array in kind]
    operands = [*(x[:rows] for x in columns), *np.empty((program.outputs, rows)), *scratch, *program.constants]
    took = [math.inf] * len(program.calls)
    for _ in range(20):
        for k, (function, operands_of) in enumerate(program.calls):
            start = perf_counter()
            function(*operands_of(operands))
            took[k] = min(took[k], perf_counter() - start) if function in functions else 0.0
    return sum(took) / rows


def flat(made: Any) -> list[Any]:
    """Return the value and the partial derivatives of any of these in one list."""
    return [made[0], *made[1]] if isinstance(made, tuple) else list(made)


PEERS = {"numba": numba, "jax": jax, "numexpr": numexpr, "arrays": plain}
