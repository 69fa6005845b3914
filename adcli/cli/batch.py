"""adcli batch: derivatives at every row of files."""

from __future__ import annotations

from typing import Any

import click

from ..tables import FORMATS
from . import options as shared

# fmt: off
FILE_FORMATS = click.Choice([*FORMATS])
table_options = shared.together(
    click.option("--from", "from_", type=FILE_FORMATS, help="The format of FILES, if their names do not say it."),
    click.option("--delimiter", metavar="CHARACTER",
                 help="The character between fields. Default: a comma in CSV, a tab in TSV."),
    click.option("--columns", multiple=True, metavar="NAME,...", help="Name the columns of a file without a header."),
    click.option("--map", "map_", multiple=True, metavar="NAME=COLUMN,...",
                 help="The column of a variable. Put quotes around a name with a comma, also in --keep and --columns: "
                      "'x1=\"a, b\"'."),
    click.option("--keep", multiple=True, metavar="NAME,...",
                 help="Copy these columns to the output. The word all means every column."),
    click.option("-f", "--format", "format_", type=FILE_FORMATS,
                 help="The format of the output, if its name does not say it."),
    shared.file_option,
    click.option("--on-error", type=click.Choice(["fail", "skip", "null"]), default="fail", show_default=True,
                 help="At a bad row: stop, leave it out, or write empty cells."),
    click.option("--errors", metavar="FILE", help="List the bad rows in FILE."),
    click.option("--resume", is_flag=True, help="Continue an interrupted run."),
    click.option("--progress", type=click.Choice(["auto", "plain", "none"]), default="auto", show_default=True,
                 help="Show progress: a bar on a terminal (auto), a line every ten seconds (plain), or nothing."),
    click.option("--engine", type=click.Choice(["threads", "dask"]), default="threads", show_default=True,
                 help="Run in threads of this machine, or on a Dask cluster, where each file is one task with its own "
                      "output. All machines need the same adcli and the same folders, with locks."),
    click.option("--scheduler", metavar="ADDRESS",
                 help="The address of a running Dask cluster. Without it, one starts here."),
)
# fmt: on


@click.command("batch", cls=shared.FormulaCommand)
@shared.formula_argument
@click.argument("files", nargs=-1, type=click.Path(allow_dash=True))
@shared.point_option
@shared.wrt_option
@click.option(
    "--what",
    type=click.Choice(["gradient", "value", "jvp", "hessian-diagonal"]),
    default="gradient",
    show_default=True,
    help="Calculate this at each row.",
)
@click.option("--tangent", multiple=True, metavar="NAME=VALUE,...", help="The direction for --what jvp.")
@click.option("--notes", is_flag=True, help="Add a column that names the notes of each row.")
@click.option("--accurate", is_flag=True, help="Calculate sin, cos and log1p to 1 ulp instead of 2.")
@click.option(
    "--reduce", type=click.Choice(["sum", "mean"]), help="Write one row only, the sum or the mean over all rows."
)
@table_options
@click.option("--strict", is_flag=True, help="Exit with status 3 if there is a note.")
@shared.syntax_option
@shared.size_option
def command(**options: Any) -> int:
    """Calculate derivatives at every row of files.

    \b
    adcli batch "ln(x1)+x1*x2-sin(x2)" points.csv -o gradients.parquet
    adcli batch "a*x^2" data/*.csv --at a=2 --map x=length --keep all -o out/
    adcli batch "(y-(a*x+b))^2" points.csv --at a=1,b=0 --wrt a,b --reduce mean
    adcli batch "sin(x)*y" --at x=0:1:1001,y=-1:1:501 -o grid.npy
    adcli batch f.ad data/*.parquet -o out/ --engine dask

    Each variable is a column of its name, or a number in --at. The name of a file says its format: .csv, .tsv, .jsonl,
    .npy, .npz, .parquet or .arrow. Text may be compressed: .gz, .bz2, .xz or .zst. - is standard input. Without FILES
    the rows are the grid of the ranges in --at. With -o FOLDER/ each file has its own output. Exit status 3: there
    were bad rows.
    """
    from ..columns import Plan
    from ..errors import UsageError
    from ..language import read_point
    from ..tables import ReadOptions, RunOptions, inputs
    from .answer import batch_summary, check_used, engine, names, read_formula, renamed, vector
    from .progress import progress

    formula = read_formula(options["formula"], options["syntax"], max_rows=options["max_rows"])
    point = read_point(options["at"], ranges=True)
    check_used(formula, point)
    fixed = point.only(name for name in point.values if name not in point.ranges)
    files = inputs(options["files"])
    if bool(files) == bool(point.ranges):
        what = "rows come from files or from ranges, not from both" if files else "there are no rows"
        raise UsageError(what, hint="name a file after the formula, or ranges such as --at x=0:1:1001")
    if bool(options["tangent"]) != (options["what"] == "jvp"):
        raise UsageError("a tangent goes with --what jvp", hint="write: --what jvp --tangent NAME=VALUE,...")
    if options["formula"] == "-" in files:
        raise UsageError("the formula and the rows cannot both be standard input")
    how = {"what": options["what"], "notes": options["notes"], "accurate": options["accurate"]}
    tangent = vector(options["tangent"], "--tangent")
    plan = Plan(formula, at=fixed, wrt=names(options["wrt"]), tangent=tangent, **how)
    asked = RunOptions(
        files, point.ranges, options["output"] or "", options["format_"] or "",
        ReadOptions(options["from_"] or "", options["delimiter"] or "", names(options["columns"])),
        renamed(options["map_"], "--map"), names(options["keep"]), options["on_error"], options["errors"] or "",
        options["reduce"] or "", options["notes"], options["resume"],
    )  # fmt: skip
    described = {"the formula": str(formula), "--at": fixed.values, "--tangent": tangent, "--wrt": plan.wrt, **how}
    run, unit = engine(options["engine"], options["scheduler"])
    with progress(options["progress"], unit, rows_shown=not options["output"]) as tell:
        done = run(plan, asked, described, tell)
    return batch_summary(done, options["strict"])
