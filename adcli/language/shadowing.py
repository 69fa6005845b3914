"""Constants whose names are those of variables: pi, e or tau in a script."""

from __future__ import annotations

from collections.abc import Collection

from .reader import CONSTANTS, parse
from .script import Script


def read_again(script: Script, names: Collection[str]) -> Script:
    """Return the script of the same text in which these names of constants, such as e, are variables."""
    variables = shadowing(script).union(names)
    if script.syntax == "latex":
        from .latex_reader import parse_latex

        return parse_latex(script.text, script.source, variables)
    return parse(script.text or str(script), script.source, variables)


def shadowing(script: Script) -> frozenset[str]:
    """Return the variables of a script that have names of constants."""
    return frozenset(CONSTANTS).intersection((*script.variables, *script.arrays))
