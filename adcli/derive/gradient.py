"""The gradient of one output, by forward or reverse sweeps."""

from __future__ import annotations

from ..edges import decide, with_hints
from ..errors import UsageError
from ..result import Document, Result, partial_name
from ..trace import Evaluation, Sweeps, adjoints, linearize, tangents

MODES = ("auto", "forward", "reverse", "both")
FEW_INPUTS = 3  # up to this number of inputs `auto` is forward mode, which has a sweep for each


class Values(Result):
    """The values of the outputs at a point, by name."""

    numbers = ("value",)
    value: dict[str, float]

    def document(self) -> Document:
        """Return the values to print, by output."""
        values = list(self.value.values())
        return self._document({"value": values[0] if len(values) == 1 else values}, quantities=self.value)


class Gradient(Result):
    """A value and its partial derivatives by variable, None for one that does not exist: found["x1"].

    A kink, the end of a domain or an overflow is in `notes`.
    """

    numbers = ("value", "gradient")
    mode: str
    output: str
    value: float
    gradient: dict[str, float | None]

    def __getitem__(self, variable: str) -> float | None:
        return self.gradient[variable]

    def as_dict(self) -> dict[str, float | None]:
        """Return the partial derivatives by variable."""
        return dict(self.gradient)

    def document(self) -> Document:
        """Return the value and the partial derivatives to print."""
        data = {"mode": self.mode, "value": self.value, "gradient": self.gradient}
        partials = {partial_name(self.output, (name,)): d for name, d in self.gradient.items()}
        method = "forward and reverse mode" if self.mode == "both" else f"{self.mode} mode"
        return self._document(data, quantities={self.output: self.value, **partials}, method=method)


def choose_mode(mode: str, inputs: int) -> str:
    """Return the mode; for `auto`, reverse if there are more than FEW_INPUTS inputs. Raises UsageError."""
    if mode not in MODES:
        raise UsageError(f"{mode} is not a mode", hint=f"choose one of: {', '.join(MODES)}")
    return mode if mode != "auto" else "reverse" if inputs > FEW_INPUTS else "forward"


def gradient(evaluation: Evaluation, wrt: tuple[str, ...], mode: str = "auto", *, whole: bool = False) -> Sweeps:
    """Return the sweeps that give the derivatives of the only output by the variables `wrt`.

    A derivative where the sweep is not to be trusted comes from edges. With `whole`, rows that only other variables
    reach are swept too, for a table of all rows. Raises UsageError for an unknown mode.
    """
    trace = evaluation.trace
    mode = choose_mode(mode, len(wrt))
    linear = linearize(evaluation, None if whole else frozenset(wrt))
    result = Sweeps(linear, notes=[], mode=mode)
    size, slots, output = len(trace.nodes), {name: trace.slot[name] for name in wrt}, trace.outputs[0]
    if mode != "reverse":
        for name, slot in slots.items():
            result.tangents[name] = tangents(size, linear.partials, {slot: 1.0})
            result.gradient[name] = result.tangents[name][output]
    if mode != "forward":
        result.adjoints = adjoints(size, linear.partials, {output: 1.0})
        result.gradient = {name: result.adjoints[slot] for name, slot in slots.items()}
    decided = decide(linear, {output: 1.0}, result.gradient)
    result.gradient, result.beside = decided.derivatives, decided.beside
    result.notes = with_hints(evaluation, [*evaluation.notes, *decided.notes])
    return result
