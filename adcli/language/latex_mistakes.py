"""Mistakes in a LaTeX formula that cannot be read: what, where, what to try."""

from __future__ import annotations

from .mistakes import MISSING, empty, ends_too_early, explain_by, wrong_character, wrong_kind

DERIVATIVE = "adcli finds derivatives itself: give it the function, as in: adcli grad '...' --syntax latex --at ..."
_DEGREES = r"angles are in radians: for 30 degrees, write \frac{30 \pi}{180}"
_LIST = r"write all terms, or a sum: \sum_{i=1}^{n} x_i"
COMMANDS = {  # that are known, but mean nothing that adcli can calculate
    **dict.fromkeys(("partial", "nabla"), DERIVATIVE),
    **dict.fromkeys(("int", "iint", "oint"), "there are no integrals in adcli: give the antiderivative"),
    **dict.fromkeys(("circ", "degree"), _DEGREES),
    **dict.fromkeys(("ldots", "cdots", "dots", "vdots"), _LIST),
    **dict.fromkeys(("pm", "mp"), "give the two formulas one after the other, with + and with -"),
    **dict.fromkeys(("over", "atop"), r"a quotient is \frac{a}{b}"),
    **dict.fromkeys(("|", "Vert", "lVert", "rVert", "norm"), r"the length of a vector is \sqrt{x_1^2 + x_2^2}"),
    **dict.fromkeys(("dot", "ddot"), r"name it, as in \mathrm{x\_dot}"),
    "choose": r"write \binom{n}{k}",
    "mapsto": "give only what stands on the right of the arrow",
    "lim": "adcli eval '...' --limit goes to the limit at 0/0",
    "infty": "infinity is not a number that a formula can hold",
    "mid": r"the absolute value is |x| or \lvert x \rvert",
}
_CHARACTERS = {
    "!": "one ! is the factorial; x!! is not in adcli, and not equal is \\ne",
    "°": _DEGREES,
    "$": "dollar signs stand at the beginning and at the end",
    "&": r"lines are divided by \\",
    ";": r"lines are divided by \\",
}
_KINDS = {  # by the kind of the token that cannot stand here: what to say, what to try
    "NUMBER": ("a number cannot stand here",
               r"write \cdot {0} to multiply, ^{{{0}}} for a power, _{{{0}}} for an index"),
    "COMMA": ("a comma stands only between the arguments of a function",
              r"as in \max(a, b), or of one defined before: f(u, v) = u v \\"),
    "COMPARE": ("{} cannot stand here", r"lines are: formula, or name = formula; comparisons stand in \begin{{cases}}"),
    "UNDER": ("this has no subscript", "names have one, before a power: x_{{12}}^2"),
    "POWER": ("{} cannot stand here", "a power of a power has braces: (x^{{2}})^{{3}}"),
    "OTHERWISE": ("{} cannot stand here", r"it is the last of the cases: \\ b & \text{{otherwise}}"),
    "MINUS": ("{} cannot stand here", r"put it in parentheses: \sin(-x), x^{{-1}}"),
    "FACTORIAL": ("{} cannot stand here", "put its number in parentheses: (n + 1)!"),
    "PERCENT": ("{} cannot stand here", r"a number or a name stands before: 5\%"),
    **dict.fromkeys(("TIMES", "OVER", "MOD", "PLUS", "AND", "OR"), MISSING),
    **dict.fromkeys(("RPAR", "RSQB", "RBRACE", "RBAR", "RFLOOR", "RCEIL", "ENDCASES", "ROW"),
                    ("something is missing before {}", "a number or a name is expected here")),
}  # fmt: skip
explain = explain_by(
    (
        empty("give one, such as 'x^2 + 1'"),
        ends_too_early("a number or a name is missing after this"),
        wrong_kind(_KINDS, lambda r: r.text[r.start : r.stop]),  # as typed: words stand for commands
        wrong_character(_CHARACTERS),
    ),
    r"(?<!\\)%[^\n]*",
)
