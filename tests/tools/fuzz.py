"""A coverage-guided search (atheris) for a text or a point that gives anything but an answer or an AdcliError.

    pip install atheris
    python -m tests.tools.fuzz -max_total_time=3600 [FOLDER that keeps what it found]

An input is 16 bytes, from which the point and what to ask are drawn, and a text. Other options are libFuzzer's.
"""

from __future__ import annotations

import random
import struct
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["adcli"]):
    import adcli
    from adcli.api import Formula
    from adcli.errors import AdcliError
    from adcli.language.reader import parse

from tests.reference.formulas import Choices
from tests.test_fuzz import VALID, VALUES, check_message, mutated

HEAD = 16
ROWS = 20_000
SAMPLES = Path(__file__).parents[2] / "samples"
DEFAULTS = ["-timeout=60", "-max_len=2000", "-rss_limit_mb=4000"]


def number(choices: Choices) -> float:
    """Return a number of the point: a delicate one, a small whole one, or any finite one."""
    kind = choices.below(4)
    if kind == 0:
        return float(choices.below(7) - 1)
    if kind == 1:
        (value,) = struct.unpack("d", bytes(choices.below(256) for _ in range(8)))
        return value if abs(value) < float("inf") else 0.5
    return adcli.formula(choices.one(VALUES))()


def ask(f: Formula, choices: Choices) -> None:
    """Ask for a value, gradients in both modes, and one of the rest."""
    at = {name: number(choices) for name in f.script.variables}
    at |= {name: [number(choices) for _ in range(1 + choices.below(4))] for name in f.script.arrays}
    f(at)
    if len(f.outputs) > 1:
        f.jacobian(at, mode=choices.one(("forward", "reverse")))
        return
    one, other = (f.gradient(at, mode=mode) for mode in ("forward", "reverse"))
    assert repr(one.value) == repr(other.value)
    str(one.notes), str(other.notes)
    name, kind = next(iter(one.gradient), ""), choices.below(5)
    if kind == 0 and len(str(f)) < 300:
        str(f.trace(at, mode="both"))
    elif kind == 1:
        f.hessian(at)
    elif kind == 2 and name:
        f.taylor(at, {name: 1.0}, 3)
    elif kind == 3 and name:
        str(f.derivative(name))
    else:
        assert f.latex


def try_one(data: bytes) -> None:
    """Read a text, print it and read it again, and differentiate; AdcliError may stop it anywhere."""
    choices, text = Choices(data[:HEAD].ljust(HEAD, b"\0")), data[HEAD:].decode("utf-8", "replace")
    try:
        f = Formula(parse(text), limit=ROWS)
    except AdcliError as error:
        check_message(error, len(text))
        return
    printed = str(f)
    assert str(adcli.formula(printed)) == printed
    with suppress(AdcliError):
        ask(f, choices)


def mutate(data: bytes, size: int, seed: int) -> bytes:
    """Change bytes, as libFuzzer does, or pieces of the text."""
    rng = random.Random(seed)
    if rng.random() < 0.5:
        return bytes(atheris.Mutate(data, size))
    text = mutated(data[HEAD:].decode("utf-8", "replace"), Choices(rng.randbytes(40)))
    return (data[:HEAD].ljust(HEAD, b"\0") + text.encode("utf-8", "replace"))[:size]


def main() -> None:
    """Search, starting from the samples."""
    with tempfile.TemporaryDirectory() as folder:
        for k, text in enumerate((*VALID, *(path.read_text("utf-8") for path in sorted(SAMPLES.glob("*.ad"))))):
            Path(folder, str(k)).write_bytes(bytes(range(k, k + HEAD)) + text.encode())
        folders = [x for x in sys.argv[1:] if not x.startswith("-")] or [folder + "-found"]
        Path(folders[0]).mkdir(exist_ok=True)
        options = [x for x in sys.argv[1:] if x.startswith("-")]
        atheris.Setup([sys.argv[0], *DEFAULTS, *options, *folders, folder], try_one, custom_mutator=mutate)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
