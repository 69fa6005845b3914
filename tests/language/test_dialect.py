"""Delimiters, decimal marks, thousands and comments: what is found, what is told, and no number that may be another."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

from adcli.errors import AdcliError, UsageError
from adcli.language import Dialect, NotANumber, check_marks, find_dialect, read_point
from adcli.tables import streams, text_columns

PLAIN, COMMA, GERMAN = Dialect(",", "."), Dialect(";", ","), Dialect(";", ",", ".")
ENGLISH, SWISS, FRENCH = Dialect(",", ".", ","), Dialect(",", ".", "'"), Dialect(";", ",", " ")
GUESSED = Dialect(";", ",", guessed=True)

NUMBERS = [
    (PLAIN, "1.5D0", 1.5), (PLAIN, "1.538D-06", 1.538e-06), (PLAIN, " -2d+3 ", -2000), (PLAIN, "NaN", math.nan),
    (PLAIN, "-inf", -math.inf), (COMMA, "1,5", 1.5), (COMMA, ",5", 0.5), (COMMA, "1,", 1), (COMMA, "1,234", 1.234),
    (COMMA, "-1,5E-3", -0.0015), (COMMA, "7", 7), (GERMAN, "1.234.567,89", 1234567.89), (GERMAN, "1234,5", 1234.5),
    (ENGLISH, "1,234", 1234), (ENGLISH, "12,345.5", 12345.5), (ENGLISH, "+999", 999), (ENGLISH, "1,234e2", 123400),
    (SWISS, "1'234.5", 1234.5), (SWISS, "1\u2019234", 1234), (FRENCH, "1 234,5", 1234.5),
    (FRENCH, "1\u202f234\u202f567", 1234567), (FRENCH, "1\xa0234", 1234),
    (GUESSED, "10,20", 10.2), (GUESSED, "0,123", 0.123),
    (GUESSED, "1234,567", 1234.567), (Dialect(",", ".", "_"), "1_000", 1000),
]  # fmt: skip
NO_NUMBERS = [
    (PLAIN, "1,5", "this has a decimal comma", "--decimal ,"),
    (PLAIN, "1,234", "this may be 1234 or 1.234", "--thousands , or --decimal ,"),
    (PLAIN, "1,234,567", "this may be 1234567", "--thousands ,"),
    (PLAIN, "1,234.5", "not a number", "--decimal . --thousands ,"),
    (PLAIN, "1.234,5", "not a number", "--decimal , --thousands ."),
    (PLAIN, "1.5D", "not a number", ""),
    (PLAIN, "D0", "not a number", ""),
    (PLAIN, "NA", "a number is missing", ""),
    (PLAIN, "#N/A", "a number is missing", ""),
    (PLAIN, "-", "a number is missing", ""),
    (PLAIN, "1e999", "beyond 1.8e308", ""),
    (COMMA, "1.5", "this has a decimal point, others a comma", "--decimal"),
    (COMMA, "1.234", "this may be 1234", "--thousands ."),
    (COMMA, "1,2,3", "not a number", ""),
    (GERMAN, "1.23,5", "not in groups of three", ""),
    (GERMAN, "1.5", "not in groups of three", ""),
    (ENGLISH, "3,50", "not in groups of three", ""),
    (ENGLISH, "1,2345", "not in groups of three", ""),
    (ENGLISH, "0,123", "not in groups of three", ""),
    (ENGLISH, "1,23,456", "not in groups of three", ""),
    (ENGLISH, "1,", "not in groups of three", ""),
    (GUESSED, "1,234", "this may be 1234 or 1.234", "--thousands , or --decimal ,"),
    (GUESSED, "1.234", "this may be 1234", "--thousands ."),
]


@pytest.mark.parametrize(("dialect", "text", "number"), NUMBERS)
def test_numbers(dialect: Dialect, text: str, number: float) -> None:
    assert repr(dialect.number(text)) == repr(float(number))


@pytest.mark.parametrize(("dialect", "text", "what", "hint"), NO_NUMBERS)
def test_what_may_be_another_number_is_none(dialect: Dialect, text: str, what: str, hint: str) -> None:
    found = dialect.number(text)
    assert isinstance(found, NotANumber)
    assert what in found.what
    assert hint in found.hint


@pytest.mark.skipif(streams.arrow() is None, reason="pyarrow is not installed")
@pytest.mark.parametrize("dialect", [PLAIN, COMMA, GERMAN, ENGLISH, SWISS, FRENCH, GUESSED])
def test_pyarrow_reads_the_same_numbers(dialect: Dialect) -> None:
    pa = streams.arrow()
    texts = {text for _, text, *_ in (*NUMBERS, *NO_NUMBERS)} | {"1", "", " 1", "1\n", "ınf", "0x1", "１"}
    for text in sorted(texts):
        found = dialect.number(text)
        try:
            (number,) = text_columns.parse_numbers(pa.array([text]), dialect).tolist()
        except pa.ArrowInvalid:
            continue  # it is read exactly then
        assert repr(number) == repr(found) or math.isinf(number)


@pytest.mark.parametrize(
    ("text", "delimiter", "decimal", "skipped"),
    [
        ("a,b\n1,2\n", ",", ".", 0),
        ("a;b\n1;2\n", ";", ".", 0),
        ("a\tb\n1\t2\n", "\t", ".", 0),
        ("a|b\r\n1|2\r\n", "|", ".", 0),
        ('"X;1";"X,2"\n1;2\n', ";", ".", 0),
        ("a;b\n10,20;4,5\n", ";", ",", 0),
        ("a;b\n1,234;2\n", ";", ".", 0),  # ambiguous: refused where it is read
        ("a;b\n1,5;2.5\n", ";", ".", 0),  # both: the comma is refused
        ("a;b\n1.234;10,20\n", ";", ",", 0),  # 1.234 are thousands
        ("a;b\n1.234.567;2\n", ";", ",", 0),
        ("a;b,c\n1;2,3\n", ",", ".", 0),
        ("a;b\n1\n", ",", ".", 0),
        ("x\n1\n", ",", ".", 0),
        ("a;b\n", ";", ".", 0),
        ("sep=;\na;b\n1;2\n", ";", ".", 6),
        ('"sep=|"\r\na|b\r\n1|2\r\n', "|", ".", 9),
        ("# made by hand\n\na;b\n1;2\n", ";", ".", 16),
        ("#,x\n1,2\n", ",", ".", 0),  # a column #
        ("# by hand\n#,x\n1,2\n", ",", ".", 10),
        ("# a, b\nx,y\n1,2\n", ",", ".", 7),
        ("#\n", ",", ".", 0),
        ("", ",", ".", 0),
        ('"a;b', ",", ".", 0),
    ],
)
def test_a_dialect_is_found(text: str, delimiter: str, decimal: str, skipped: int) -> None:
    found = find_dialect(text.encode(), Dialect())
    assert (found.dialect.delimiter, found.dialect.decimal, found.skipped) == (delimiter, decimal, skipped)
    assert bool(found.notes) == (delimiter != "," or skipped > 0)
    assert found.dialect.guessed == (decimal == ",")


def test_what_is_given_is_not_sought() -> None:
    given = Dialect(",", ".", "", "%")
    assert find_dialect(b"% note\na;b\n1,5;2,5\n", given) == (given, 7, ())
    with pytest.raises(UsageError, match=r"between fields may be , or ;"):
        find_dialect(b"1,2;3\n4,5;6\n", Dialect(), 2)
    assert find_dialect(b"1,5;3\n4;6\n", Dialect(), 2).dialect == GUESSED
    assert find_dialect(b"1,2\n3,4\n", Dialect(), 2).dialect.delimiter == ","


@pytest.mark.parametrize(
    "given",
    [
        Dialect(decimal=";"), Dialect(decimal="1"), Dialect(thousands="."), Dialect(thousands="x"),
        Dialect(decimal=",", thousands=","), Dialect(comment="1"), Dialect(comment="-"), Dialect(comment='"'),
    ],
)  # fmt: skip
def test_marks_that_cannot_be(given: Dialect) -> None:
    with pytest.raises(UsageError):
        check_marks(given)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x,y,place\n1.5D0,2,Oslo\n", {"x": 1.5, "y": 2}),
        ("x;y\n1,5;2\n3;4\n", {"x[1]": 1.5, "x[2]": 3, "y[1]": 2, "y[2]": 4}),
        ("# by hand\nx\ty\npi/3\t1/4\n", {"y": 0.25}),
    ],
)
def test_a_table_is_a_point(text: str, values: dict[str, float], tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(text, "utf-8")
    assert read_point([f"@{tmp_path}/p.csv"]).values == values


@pytest.mark.parametrize(
    ("text", "values"),
    [("1;2,5\n3;4,5\n", [1, 2.5, 3, 4.5]), ("1,2\n\n3\n", [1, 2, 3]), ("1\t2\n", [1, 2]), ('pi-pi,"1D1"\n', [0, 10])],
)
def test_a_table_is_an_array(text: str, values: list[float], tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(text, "utf-8")
    assert [*read_point([f"x=@{tmp_path}/p.csv"]).values.values()] == values


@pytest.mark.parametrize(
    "text", ["x\n1,234\n", "x;y\n1,234;5\n", "x,y\n1\n", "x,x\n1,2\n", "x\n", "", 'x\n"1\n', "x\n1\n2a\n"]
)
def test_a_table_that_is_no_point(text: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(text, "utf-8")
    with pytest.raises(AdcliError):
        read_point([f"@{tmp_path}/p.csv"])


@pytest.mark.parametrize("text", ["1,,2\n", "1,\n", "1;1,234\n", "1;2,5\n3.5;1\n"])
def test_a_table_that_is_no_array(text: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(text, "utf-8")
    with pytest.raises(AdcliError):
        read_point([f"x=@{tmp_path}/p.csv"])


def test_a_point_that_may_separate_thousands_is_told() -> None:
    """Fractions of three digits in a table without commas: they are read as they stand, and not in silence."""
    told = "1.234 is read with a decimal point; if it is 1234: --decimal , --thousands ."
    assert find_dialect(b"a;b\n1.234;5\n", Dialect()).notes == ("the delimiter is ;", told)
    for text in (b"a;b\n1.234;5.5\n", b"a;b\n1.234;0.125\n"):
        assert find_dialect(text, Dialect()).notes == ("the delimiter is ;",)
    assert find_dialect(b"a;b\n1.234;5\n", Dialect(";", ".")).notes == ()
    assert find_dialect(b"a,b\n1.234,5\n", Dialect()).notes == ()


LOCALES = {"en": ",.,", "uk": ";.,", "de": ";,.", "fr": "\t, ", "ch": "|.'"}  # delimiter, decimal mark, thousands


def test_no_number_of_any_country_is_wrong_in_silence() -> None:
    """Numbers of all sizes as programs of five countries write them: each is right, refused, or told about."""
    choose = random.Random(0)
    right = 0
    for _ in range(2000):
        name = choose.choice([*LOCALES])
        delimiter, point, between = LOCALES[name]
        digits, grouped = choose.choice([0, 1, 2, 3, 4]), choose.random() < 0.4
        truth, lines = [], [f"x{delimiter}y"]
        for _ in range(choose.randint(1, 5)):
            x = f"{choose.choice([-1, 1]) * 10 ** choose.uniform(-3, 7):{',' * grouped}.{choose.randint(0, digits)}f}"
            truth.append(float(x.replace(",", "")))
            text = x.translate(str.maketrans({",": between, ".": point}))
            lines.append((f'"{text}"' if delimiter in text else text) + f"{delimiter}1")
        found = find_dialect("\n".join([*lines, ""]).encode(), Dialect())
        if found.dialect.delimiter != delimiter:
            continue
        for x, line in zip(truth, lines[1:], strict=True):
            number = found.dialect.number(line.removesuffix(f"{delimiter}1").strip('"'))
            told = any("is read with a decimal point" in note for note in found.notes)
            assert isinstance(number, NotANumber) or number == x or told, (name, lines)
            right += number == x
    assert right > 3500
