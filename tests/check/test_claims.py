"""Claims are graded right or wrong, with the point, and luck at one point does not help."""

from __future__ import annotations

import pytest

from adcli import AdcliError, formula
from tests.cli.test_cli import adcli as run

F = formula("ln(x1)+x1*x2-sin(x2)")
AT = {"x1": 2, "x2": 5}


@pytest.mark.parametrize("claim", ["1/x1+x2", "x2 + x1^-1", "(1 + x1*x2)/x1", "5.5", "5.500", 5.5])
def test_a_right_claim_is_right(claim: str | float) -> None:
    graded = F.grade(AT, {"x1": claim})
    assert graded.complete
    assert graded["x1"].verdict.startswith("right")


@pytest.mark.parametrize(
    ("claim", "says"),
    [
        ("1/x1-x2", "wrong at 21 of 21 points"),
        ("-1/x1-x2", "it has the opposite sign"),
        ("2/x1+2*x2", "it is 2 times the derivative"),
        ("1/x1+x2+3", "it is the derivative + 3"),
        ("x2+0.5", "wrong at"),  # right at the point, by luck
        ("5.4", "wrong"),
        ("5", "wrong"),
        ("ln(-x1)", "it has no value there"),
    ],
)
def test_a_wrong_claim_is_wrong(claim: str, says: str) -> None:
    graded = F.grade(AT, {"x1": claim})
    assert not graded.complete
    assert says in graded["x1"].verdict


def test_the_first_wrong_point_is_told() -> None:
    graded = F.grade(AT, {"x1": "x2+0.5"})["x1"]
    assert graded.at != AT
    assert graded.claimed == pytest.approx(graded.at["x2"] + 0.5)
    assert graded.derivative == pytest.approx(1 / graded.at["x1"] + graded.at["x2"])
    assert graded.points >= 1


def test_a_number_is_right_to_the_decimals_it_was_typed_with() -> None:
    assert F.grade(AT, {"x2": "1.7163"}).complete
    assert not F.grade(AT, {"x2": "1.7164"}).complete
    assert not F.grade(AT, {"x2": "2"}).complete


def test_points_outside_the_domain_are_skipped_and_counted() -> None:
    graded = F.grade(AT, {"x1": "1/x1+x2"}, points=50)["x1"]
    assert graded.points == 51
    assert graded.skipped > 0


def test_a_claim_that_loses_digits_is_not_blamed() -> None:
    assert formula("exp(x)").grade({"x": 1}, {"x": "(exp(x) + 1e5) - 1e5"}).complete


def test_a_seed_gives_the_same_points() -> None:
    one, two, other = (F.grade(AT, {"x1": "x2+0.5"}, seed=seed)["x1"] for seed in (1, 1, 2))
    assert one == two
    assert one.verdict != other.verdict or one.at != other.at or one.skipped != other.skipped


@pytest.mark.parametrize("claims", [{"z": "1"}, {"x1": "z"}, {"x1": "2*+"}])
def test_what_cannot_be_understood_is_told(claims: dict[str, str]) -> None:
    with pytest.raises(AdcliError):
        F.grade(AT, claims)


def test_a_claim_is_about_one_element_of_an_array() -> None:
    f = formula("x[1]*x[2]")
    with pytest.raises(AdcliError, match="single variable") as caught:
        f.grade({"x": [3, 2]}, {"x": "2"})
    assert caught.value.hint == "name an element, such as x[1]"
    assert f.grade({"x": [3, 2]}, {"x[1]": "2"}).complete


@pytest.mark.parametrize("claim", ["x 1", ": 1", "x:"])
def test_a_claim_has_a_name_and_a_derivative(claim: str) -> None:
    done = run("check", "x^2", "--at", "x=1", "--claim", claim)
    assert done.returncode == 2
    assert 'write: --claim "x: 2*x"' in done.stderr


def test_a_claim_at_the_terminal() -> None:
    done = run("check", "x^2", "--at", "x=1", "--claim", "x: 2x", "--claim", "x: 2x")
    assert "given twice" in done.stderr
    done = run("check", "x^3", "--at", "x=2", "--claim", "x: 6x", "--points", "5")
    assert done.returncode == 1
    assert "of 6 points\n" in done.stdout
    assert "verdict: x: wrong at" in done.stdout
    assert run("check", "x^3", "--at", "x=2", "--claim", "x: 3x^2").returncode == 0
