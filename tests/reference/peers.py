"""JAX and PyTorch at the edges of numbers: `python -m tests.reference.peers` asks them and writes peers.csv.

It needs both (`pip install jax torch`); the tests do not. Both run on the processor, in double precision.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from typing import Any

from tests.reference.conventions import HUGE, INF, NAN, PEERS, points, text

NAMES = ("jax", "torch")
PAIRS = (-INF, -2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0, HUGE, INF, NAN)
# How each says an operation; `-` where it has none. x is the first argument, y the second, z the third.
SPELLINGS = """
    neg        -x                          -x
    add        x+y                         x+y
    sub        x-y                         x-y
    mul        x*y                         x*y
    div        x/y                         x/y
    pow        np.power(x,y)               np.pow(x,y)
    abs        np.abs(x)                   np.abs(x)
    sign       np.sign(x)                  np.sign(x)
    step       np.heaviside(x,0.5)         -
    floor      np.floor(x)                 np.floor(x)
    ceil       np.ceil(x)                  np.ceil(x)
    trunc      np.trunc(x)                 np.trunc(x)
    round      np.round(x)                 np.round(x)
    min        np.minimum(x,y)             np.minimum(x,y)
    max        np.maximum(x,y)             np.maximum(x,y)
    relu       nn.relu(x)                  nn.relu(x)
    clamp      np.clip(x,y,z)              np.clamp(x,y,z)
    copysign   np.copysign(x,y)            np.copysign(x,y)
    fmod       np.fmod(x,y)                np.fmod(x,y)
    mod        np.mod(x,y)                 np.remainder(x,y)
    sqrt       np.sqrt(x)                  np.sqrt(x)
    cbrt       np.cbrt(x)                  -
    hypot      np.hypot(x,y)               np.hypot(x,y)
    exp        np.exp(x)                   np.exp(x)
    exp2       np.exp2(x)                  np.exp2(x)
    expm1      np.expm1(x)                 np.expm1(x)
    ln         np.log(x)                   np.log(x)
    log2       np.log2(x)                  np.log2(x)
    log10      np.log10(x)                 np.log10(x)
    log1p      np.log1p(x)                 np.log1p(x)
    log        np.log(x)/np.log(y)         np.log(x)/np.log(y)
    logaddexp  np.logaddexp(x,y)           np.logaddexp(x,y)
    xlogy      special.xlogy(x,y)          special.xlogy(x,y)
    sin        np.sin(x)                   np.sin(x)
    cos        np.cos(x)                   np.cos(x)
    tan        np.tan(x)                   np.tan(x)
    sec        1/np.cos(x)                 1/np.cos(x)
    csc        1/np.sin(x)                 1/np.sin(x)
    cot        1/np.tan(x)                 1/np.tan(x)
    asin       np.arcsin(x)                np.arcsin(x)
    acos       np.arccos(x)                np.arccos(x)
    atan       np.arctan(x)                np.arctan(x)
    atan2      np.arctan2(x,y)             np.arctan2(x,y)
    degrees    np.degrees(x)               np.rad2deg(x)
    radians    np.radians(x)               np.deg2rad(x)
    sinh       np.sinh(x)                  np.sinh(x)
    cosh       np.cosh(x)                  np.cosh(x)
    tanh       np.tanh(x)                  np.tanh(x)
    sech       1/np.cosh(x)                1/np.cosh(x)
    csch       1/np.sinh(x)                1/np.sinh(x)
    coth       1/np.tanh(x)                1/np.tanh(x)
    asinh      np.arcsinh(x)               np.arcsinh(x)
    acosh      np.arccosh(x)               np.arccosh(x)
    atanh      np.arctanh(x)               np.arctanh(x)
    erf        special.erf(x)              special.erf(x)
    erfc       special.erfc(x)             special.erfc(x)
    sigmoid    nn.sigmoid(x)               np.sigmoid(x)
    softplus   nn.softplus(x)              nn.softplus(x)
    logit      special.logit(x)            special.logit(x)
    gamma      special.gamma(x)            -
    lgamma     special.gammaln(x)          special.gammaln(x)
    digamma    special.digamma(x)          special.digamma(x)
    fma        x*y+z                       x*y+z
"""
Answer = tuple[list[float], list[list[float]]]


def ask_jax(spelling: str, columns: Sequence[Sequence[float]]) -> Answer:
    """Return the values, and the partial derivatives by each argument."""
    import jax

    jax.config.update("jax_enable_x64", True)
    f = compiled(spelling, np=jax.numpy, nn=jax.nn, special=jax.scipy.special, arity=len(columns))
    arrays = [jax.numpy.asarray(c) for c in columns]
    values, slopes = jax.vmap(jax.value_and_grad(f, argnums=tuple(range(len(columns)))))(*arrays)
    return values.tolist(), [s.tolist() for s in slopes]


def ask_torch(spelling: str, columns: Sequence[Sequence[float]]) -> Answer:
    """Return the values, and the partial derivatives by each argument."""
    import torch

    f = compiled(spelling, np=torch, nn=torch.nn.functional, special=torch.special, arity=len(columns))
    tensors = [torch.tensor(c, dtype=torch.float64, requires_grad=True) for c in columns]
    values = f(*tensors)
    slopes = torch.autograd.grad(values.sum(), tensors, materialize_grads=True)
    return values.tolist(), [s.tolist() for s in slopes]


def compiled(spelling: str, *, arity: int, **names: Any) -> Callable[..., Any]:
    """Return a line of the table above as a function."""
    return eval(f"lambda {', '.join('xyz'[:arity])}: {spelling}", names)  # type: ignore[no-any-return]


def record() -> None:
    """Ask both at the points of the convention table of one argument, and at fewer of those of two and three."""
    import jax
    import torch

    versions = f"{jax.__version__} {torch.__version__}".split()
    with open(PEERS, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        heads = [f"{name} {version}" for name, version in zip(NAMES, versions, strict=True)]
        header = [f"{head} {what}" for head in heads for what in ("value", "partials")]
        out.writerow(("operation", "arguments", *header))
        for line in SPELLINGS.strip().splitlines():
            name, *spellings = line.split()
            arity = 3 if ",z" in line or "+z" in line else 2 if re.search(r"\by\b", line) else 1
            at = [args for args in points(name, arity) if arity == 1 or all(x in PAIRS or x != x for x in args)]
            columns = list(zip(*at, strict=True))
            answers = [
                ask(spelling, columns) if spelling != "-" else None
                for ask, spelling in zip((ask_jax, ask_torch), spellings, strict=True)
            ]
            for k, args in enumerate(at):
                cells: list[str] = []
                for answer in answers:
                    values, slopes = answer or ([], [])
                    cells += [text(values[k]), " ".join(text(s[k]) for s in slopes)] if answer else ["", ""]
                out.writerow((name, " ".join(map(text, args)), *cells))


if __name__ == "__main__":
    record()
