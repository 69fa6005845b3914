"""The language: what is typed is what is understood; printing reads back; size has a limit, depth has none."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import adcli
from adcli.api import Formula
from adcli.errors import AdcliError, FormulaError, LimitError
from adcli.language.nodes import Node, dereference, postorder
from adcli.language.reader import CONSTANTS, MAX_CHARACTERS, parse
from adcli.language.script import Script
from adcli.language.writer import to_text
from tests.reference.formulas import NAMES, Choices, examples, random_formula, same

BYTES = st.binary(min_size=60, max_size=200)


def value(text: str, **at: float) -> float:
    return adcli.formula(text)(at)


def output(script: Script) -> Node:
    (node,) = script.outputs.values()
    return node


# -- print -> parse ---------------------------------------------------------------------------------------------------
@pytest.mark.long
@examples(2000)
@given(BYTES)
def test_printed_formulas_read_back_as_the_same(data: bytes) -> None:
    choices = Choices(data)
    node = random_formula(choices, 1 + choices.below(24))
    text = to_text(node)
    assert same(output(parse(text)), node), text
    assert to_text(output(parse(text))) == text


def random_script(choices: Choices) -> str:
    """Return a script with definitions and functions that use each other."""
    lines: list[str] = []
    known: list[Node] = []  # references to definitions, calls of functions as variables named by their text
    for k in range(1 + choices.below(4)):

        def leaf(c: Choices, among: tuple[Node, ...] = tuple(known)) -> Node:
            return c.one(among) if among else Node(None, (), None, "x")

        if choices.below(2):
            body = random_formula(choices, 1 + choices.below(5), leaf=leaf)
            lines.append(f"d{k} = {to_text(body)}")
            known.append(Node(None, (), None, f"d{k}"))
        else:
            body = random_formula(choices, 1 + choices.below(5), names=(*NAMES, "u", "v"), leaf=leaf)
            lines.append(f"f{k}(u, v) = {to_text(body)}")
            given = ", ".join(to_text(random_formula(choices, choices.below(4), leaf=leaf)) for _ in range(2))
            known.append(Node(None, (), None, f"f{k}({given})"))
    return "\n".join([*lines, to_text(random_formula(choices, 1 + choices.below(8), leaf=leaf))])


@pytest.mark.long
@examples(1000)
@given(st.binary(min_size=150, max_size=400))
def test_printed_scripts_read_back_as_the_same(data: bytes) -> None:
    """Definitions keep their names, functions are written out."""
    text = random_script(Choices(data))
    script = parse(text)
    again = parse(str(Formula(script)))
    assert same(output(again), output(script)), text
    assert same(output(again), output(script), expanded=True), text
    assert again.variables == script.variables or set(again.variables) == set(script.variables)
    for name, node in again.definitions.items():
        assert same(node, script.definitions[name]), name


# -- precedence -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-2^2", -4),
        ("(-2)^2", 4),
        ("2^-1", 0.5),
        ("2^3^2", 512),
        ("2**3**2", 512),
        ("(2^3)^2", 64),
        ("2^-3^2", 2**-9),
        ("-2^-2", -0.25),
        ("--2", 2),
        ("- -2^2", 4),
        ("1 - 2 - 3", -4),
        ("1 - (2 - 3)", 2),
        ("8/4/2", 1),
        ("8/(4/2)", 4),
        ("8/4*2", 4),
        ("2*-3", -6),
        ("6/-3", -2),
        ("2^+3", 8),
        ("+2", 2),
        ("1 - -1", 2),
        ("1--1", 2),
        ("2(1+2)", 6),
        ("(1+2)(3+4)", 21),
        ("2(3)", 6),
        ("2(1+2)^2", 18),
        ("-2(1+2)", -6),
        ("2pi", 6.283185307179586),
        ("2e", 5.43656365691809),
        ("2e1", 20),
        ("2e-1", 0.2),
        ("2E+1", 20),
        ("1.", 1),
        (".5", 0.5),
        ("1.e2", 100),
        ("00012", 12),
        ("6.6e-34", 6.6e-34),
        ("√16", 4),
        ("√(9)+1", 4),
        ("√2²", 2.0000000000000004),
        ("2√9", 6),
        ("3²", 9),
        ("-3²", -9),
        ("2⁻¹", 0.5),
        ("2³²", 2**32),
        ("(1+2)²(2)", 18),
        ("−2 × 3 ÷ 4 · 2", -3),
        ("log(8, 2)", 3),
        ("log(e)", 1),
        ("max(1, 3, 2)", 3),
        ("min(3, 1, 2)", 1),
        ("hypot(2, 3, 6)", 7),
        ("exp(logaddexp(0, 0, ln(2)))", 4),
        ("if 1 < 2 then 3 else 4 + 5", 3),
        ("if 1 > 2 then 3 else 4 + 5", 9),
        ("(if 1 < 2 then 3 else 4) + 5", 8),
        ("3 if 1 < 2 else 4", 3),
        ("where(1 > 2, 3, 4)", 4),
        ("if not 1 > 2 and 2 > 1 then 1 else 0", 1),
        ("if not (1 > 2 and 2 > 1) then 1 else 0", 1),
        ("if 1 > 2 and 1 > 2 or 2 > 1 then 1 else 0", 1),
        ("if 1 > 2 and (1 > 2 or 2 > 1) then 1 else 0", 0),
        ("if 2 > 1 or 2 > 1 and 1 > 2 then 1 else 0", 1),
        ("if 1 + 1 == 2 then 1 else 0", 1),
        ("if 0 < 0.5 < 1 then 1 else 0", 1),
        ("if 0 < 2 < 1 then 1 else 0", 0),
        ("if 3 > 2 >= 2 > 1 then 1 else 0", 1),
        ("if 1 ≤ 1 ≠ 2 then 1 else 0", 1),
        ("if 1 > 2 then 1 else if 2 > 1 then 2 else 3", 2),
        ("1 if 1 > 2 else 2 if 2 > 1 else 3", 2),
        ("a = 3; a^2", 9),
        ("f(u, v) = u - 2*v; f(1, f(2, 3))", 9),
        ("f(u) = u^2\nf(f(3)) # a comment (", 81),
        ("(1 +\n\n2)", 3),
        ("\n\n; 1 + 1 ;\n", 2),
        ("# first\n1 + 1\n# last", 2),
        ("max(1, # one\n 2)", 2),
        ("9^9^9", float("inf")),
    ],
)
def test_value_of_what_is_typed(text: str, expected: float) -> None:
    assert value(text) == expected


@pytest.mark.parametrize("text", ["1/2x", "1/2(x)", "e^2x", "2e-x", "x^2y", "x y", "sin x", "2x y", "1/-2x", "a/b(c)"])
def test_ambiguous_products_are_refused(text: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert caught.value.place
    assert caught.value.hint


@pytest.mark.parametrize(
    ("pasted", "plain"),
    [
        ("−x·y", "-x*y"),
        ("x × y ÷ z", "x * y / z"),
        ("x₁² + x₁₀³", "x1^2 + x10^3"),
        ("√(x)", "sqrt(x)"),
        ("x⁻²", "x^-2"),
        ("x¹⁰", "x^10"),
        ("2\u00a0*\u2009x", "2 * x"),
        ("x ∗ y ∕ z", "x * y / z"),
        ("x ⋅ y ∙ z", "x * y * z"),
        ("µ + 1", "μ + 1"),
        ("np.exp(x) + math.sin(x)", "exp(x) + sin(x)"),
        ("torch.tanh(x)*jnp.log(x)", "tanh(x)*ln(x)"),
        ("scipy.special.expit(x)", "sigmoid(x)"),
        ("np.pi*x", "pi*x"),
        ("numpy.arctan2(y, x)", "atan2(y, x)"),
        ("np.where(x > 1, x, 2)", "if x > 1 then x else 2"),
        ("np.maximum(x, 0)", "max(x, 0)"),
        ("x**2", "x^2"),
        ("if x ≥ 1 then x else 2", "if x >= 1 then x else 2"),
    ],
)
def test_pasted_text_means_the_plain_one(pasted: str, plain: str) -> None:
    a, b = output(parse(pasted)), output(parse(plain))
    assert same(a, b)
    assert (a.start, a.end) == (0, len(pasted))


@pytest.mark.parametrize("word", ["if", "then", "else", "and", "or", "not"])
def test_keywords_are_no_names(word: str) -> None:
    for text in (f"2*{word}", f"{word} = 3; x", f"{word}(x)", f"x + {word}"):
        with pytest.raises(FormulaError):
            parse(text)
    assert parse(f"{word}x + x{word} + {word}_1").variables == (f"{word}x", f"x{word}", f"{word}_1")


def test_variables_stand_in_the_order_they_appear() -> None:
    assert parse("b*a + ln(c)*a + _d").variables == ("b", "a", "c", "_d")
    assert parse("u = z*y; x + u").variables in (("z", "y", "x"), ("x", "z", "y"))
    assert parse("u = z; x").variables == ("x",)  # what the result does not need


def test_a_bound_name_shadows_a_constant_with_a_note() -> None:
    f = adcli.formula("e*x + pi")
    assert f.variables == ("x",)
    found = f.gradient(x=2, e=3)
    assert found.value == 3 * 2 + 3.141592653589793
    assert found.as_dict() == {"e": 2.0, "x": 3.0}
    assert [note.kind for note in found.notes] == ["shadow"]
    assert not f.gradient(x=2).notes


def test_a_definition_shadows_a_constant() -> None:
    assert value("e = 3; e*x", x=2) == 6
    assert value("f(e) = e + 1; f(2)") == 3


@pytest.mark.parametrize("text", ["b = 2*e; e = 3; b", "a = a + 1; a", "f(x) = f(x - 1); f(2)", "y = x; x = 2; y"])
def test_a_name_is_defined_before_it_is_used(text: str) -> None:
    with pytest.raises(FormulaError):
        parse(text)


@pytest.mark.parametrize("name", ["y", "f"])
def test_the_output_has_a_name_of_its_own(name: str) -> None:
    script = parse(f"2*{name} + y")
    assert set(script.outputs).isdisjoint(script.variables)


def test_definitions_that_double_are_cheap() -> None:
    lines = ["a0 = x"] + [f"a{k + 1} = a{k}*a{k} - a{k} + 1" for k in range(300)]
    f = adcli.formula("; ".join([*lines, "a300"]))
    assert f.gradient(x=1.0).as_dict() == {"x": 1.0}
    assert len(str(f)) < 20_000


@pytest.mark.long
@pytest.mark.parametrize(
    "text",
    [
        "; ".join(["f0(x) = x + x", *(f"f{k + 1}(x) = f{k}(x) + f{k}(x)" for k in range(60)), "f60(x)"]),
        "; ".join(["f0(x) = x*x", *(f"f{k + 1}(x) = f{k}(f{k}(x))" for k in range(60)), "f60(x)"]),
        "f(x) = x + x; " + "f(" * 100 + "x" + ")" * 100,
        "f(x) = x + x; a = " + "f(" * 100 + "x" + ")" * 100 + "; a",
    ],
)
def test_functions_that_expand_without_end_are_stopped(text: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(LimitError, match="1,000,000 operations"):
        parse(text)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 700_000  # KiB


# -- places -----------------------------------------------------------------------------------------------------------
def typed_nodes(node: Node) -> Iterator[Node]:
    return (n for n in postorder([node]) if n.start >= 0)


@pytest.mark.long
@examples(500)
@given(BYTES)
def test_every_node_stands_where_it_says(data: bytes) -> None:
    choices = Choices(data)
    text = to_text(random_formula(choices, 1 + choices.below(16)))
    script = parse(text)
    for node in typed_nodes(output(script)):
        part = text[node.start : node.end]
        wrapped = f"if {part} then 1 else 0" if node.op and node.op.condition else part
        again = output(parse(wrapped))
        again = again.args[0] if node.op and node.op.condition else again
        assert same(again, node), (part, text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("x +\t ln( y )*2", "ln( y )"),
        ("α·β² + √(γ)", "√(γ)"),
        ("( x + 1 ) * y", "( x + 1 )"),
        ("# ln(z)\na = ln(x)\na + b", "ln(x)"),
        ("(1 +\n x)*ln( # here\n y)", "ln( # here\n y)"),
        ("np.log(x) + 1", "np.log(x)"),
    ],
)
def test_place_in_what_was_typed(text: str, place: str) -> None:
    script = parse(text)
    spans = {text[n.start : n.end] for n in postorder(script.outputs.values())}
    assert place in spans


@pytest.mark.parametrize("text", ["x + ln(", "2**", "x $ y", "sin(x))", "f(u)=u; f(1,2)", "a = 1; a = 2; a", "1 2"])
def test_errors_point_into_the_text(text: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text)
    place = caught.value.place
    assert place
    assert 0 <= place.start < place.end <= len(text)


def test_constants_and_functions_do_not_collide() -> None:
    from adcli.ops.op import BY_NAME

    assert not set(CONSTANTS) & set(BY_NAME)


def test_nothing_is_kept_between_texts() -> None:
    parse("a = x; f(u) = u; f(a)")
    with pytest.raises(FormulaError):
        parse("f(1)")
    with pytest.raises(FormulaError):
        parse("g(u) = u*")
    assert parse("a + u").variables == ("a", "u")


# -- size -------------------------------------------------------------------------------------------------------------
N = 100_000
SIZES = {
    "parentheses": "(" * N + "x" + ")" * N,
    "minuses": "-" * N + "x",
    "spaced_minuses": "- " * N + "x",
    "sines": "sin(" * N + "x" + ")" * N,
    "sum": "+".join(["x"] * N),
    "powers": "^".join(["x"] * N),
    "conditions": "if x<0 then 1 else " * (N // 10) + "x",
    "not": "if " + "not " * N + "x<1 then 1 else 2",
    "comparisons": "if " + "<".join(["x"] * N) + " then 1 else 2",
    "implicit": "(x)" * N,
    "unclosed": "(" * N,
    "unopened": "x" + ")" * N,
    "too_long": "(" * 10**6 + "x" + ")" * 10**6,
    "long_number": "1" * 10**6 + "x",
    "long_name": "x" * 10**6,
    "blanks": " " * 10**6 + "x",
    "line_breaks": "(" + "\n" * 10**6 + "x)",
    "definitions": "\n".join([*(f"a{k}=x" for k in range(N // 2)), "a7"]),
    "nested_definitions": "\n".join(["a0=x", *(f"a{k + 1}=a{k}*x" for k in range(N // 4)), f"a{N // 4}"]),
    "nested_calls": "f(u)=u+1;" + "f(" * N + "x" + ")" * N,
}
COMMANDS = {
    "grad": ["grad", "-", "--at", "x=0.5"],
    "reverse": ["grad", "-", "--at", "x=0.5", "--mode", "reverse"],
    "eval": ["eval", "-", "--at", "x=0.5"],
    "ast": ["ast", "-"],
    "ast_json": ["ast", "-", "--format", "json"],
    "trace": ["grad", "-", "--at", "x=0.5", "--trace"],
    "trace_csv": ["grad", "-", "--at", "x=0.5", "--trace", "--format", "csv"],
    "latex": ["grad", "-", "--at", "x=0.5", "--format", "latex"],
}
NOT_SLOW = {
    ("parentheses", "grad"), ("minuses", "grad"), ("sines", "grad"), ("sum", "reverse"), ("sines", "ast_json"),
    ("too_long", "grad"), ("minuses", "ast"), ("nested_calls", "grad"), ("unclosed", "eval"), ("sines", "trace"),
}  # fmt: skip


def error_as_json(text: str) -> str:
    return text if text.startswith('{"error": ') else ""


@pytest.mark.parametrize(
    ("size", "command"),
    [
        pytest.param(size, command, marks=pytest.mark.long if (size, command) in NOT_SLOW else pytest.mark.slow)
        for size in SIZES
        for command in COMMANDS
    ],
)
def test_size_gives_an_answer_or_a_plain_limit(size: str, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "adcli", *COMMANDS[command]],
        input=SIZES[size], capture_output=True, text=True, timeout=120, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.returncode in (0, 1, 2), done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 3000
    assert done.returncode == 0 or done.stderr.startswith(("adcli: ", "note: ")), done.stderr[:300]
    assert (done.returncode == 0) == (done.stdout not in ("", error_as_json(done.stdout)))


def test_the_limit_is_named() -> None:
    parse(" " * (MAX_CHARACTERS - 1) + "x")
    with pytest.raises(LimitError, match="1,048,576"):
        parse(" " * MAX_CHARACTERS + "x")
    with pytest.raises(LimitError, match="3 rows; the limit is 2"):
        Formula(parse("sin(cos(exp(x)))"), limit=2).gradient(x=1)


def test_numbers_are_floats_as_soon_as_they_are_read() -> None:
    assert value("9^9^9^9") == float("inf")
    assert value("1" * 300 + "/" + "1" * 300) == 1
    with pytest.raises(AdcliError, match="too large"):
        parse("1" * 400)


def test_calls_are_resolved_to_their_body() -> None:
    script = parse("f(u) = u^2; f(x + 1)")
    assert to_text(dereference(output(script))) == "(x + 1)^2"


def test_a_definition_given_to_a_function_keeps_its_name() -> None:
    f = adcli.formula("a = exp(2*x); f(u) = u; f(a)^2 + f(a)")
    assert str(f) == "a = exp(2*x); a^2 + a"
    assert str(adcli.formula(str(f))) == str(f)
