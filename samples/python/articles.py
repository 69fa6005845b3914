"""The programs that adcli's founding articles describe, for `adcli grad samples/python/articles.py:NAME --at ...`."""

import adcli
from adcli import math as m


def forward_mode(x1, x2):
    """A: f = ln(x1) + x1*x2 - sin(x2) at (2, 5): 11.6521, gradient (5.5, 1.7163)."""
    return m.log(x1) + x1 * x2 - m.sin(x2)


def closures(x, y):
    """B: sin(x)*cos(y) at (0.5, 1.2) and (2, 3)."""
    return m.sin(x) * m.cos(y)


def shared(x, y):
    """B: sin(x*y) + cos(x*y), x*y computed once, at (2, 3): 0.681."""
    t = x * y
    return m.sin(t) + m.cos(t)


def vertices(x1, x2):
    """C: exp(2*x1) + x1*x2^2 + cos(x2) at (1, 2): gradient (2e^2 + 4, 4 - sin 2)."""
    return m.exp(2 * x1) + x1 * x2**2 + m.cos(x2)


def branch(x):
    """D2: control flow, which a formula of one piece cannot have."""
    if x > 2:
        return 2 * x + 5
    return x / 2 + 5


def overload(a, b, c):
    """D7: a*b + c*a at (25, 4, -5): -25, gradient (-1, 25, 25)."""
    return a * b + c * a


def quotient(a, b, c):
    """D7: a/b - c at (25, 4, -5): 11.25, gradient (0.25, -1.5625, -1)."""
    return a / b - c


def elementwise(a, b, c):
    """D8: a*b + c of vectors; by b the Jacobian is diag(a)."""
    return [x * y + c for x, y in zip(a, b, strict=True)]


def fraction(x, y):
    """E: (12 - x*exp(y))/(45 + x*y*exp(-x)) at (3, 5): gradient (-3.34729777301069, -9.70176956641438)."""
    return (12 - x * m.exp(y)) / (45 + x * y * m.exp(-x))


def nested(x):
    """d/dx of x * d/dy (x + y): the inner derivative is 1, whatever x carries along."""
    return x * adcli.derivative(lambda y: x + y, 1.0)


def newton(a):
    """The square root of a by Newton's method: a loop that ends when it has converged; d/da = 1/(2*sqrt(a))."""
    x = a
    while abs(x * x - a) > 1e-14 * a:
        x = (x + a / x) / 2
    return x
