"""adcli batch: derivatives at every row of files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from . import options as shared
from .batch_options import batch_options

if TYPE_CHECKING:
    from ..errors import Note
    from ..language import Range
    from ..tables import RunOptions, Tally


@shared.formula_command("batch", batch_options)
@click.argument("files", nargs=-1, type=click.Path(allow_dash=True))
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
    from ..language import read_point
    from ..tables import column_names
    from .arguments import check_used, names, numbers_by_name, read_formula
    from .output import write_notes
    from .progress import progress

    formula = read_formula(options["formula"], options["syntax"], max_rows=options["max_rows"])
    point = read_point(options["at"], ranges=True)
    check_used(formula, point)
    fixed = point.only(name for name in point.values if name not in point.ranges)
    run_options, constants = _run_options(options, point.ranges)
    tangent = numbers_by_name(options["tangent"], "--tangent")
    given = {*point.values, *point.sizes, *run_options.mapping, *names(options["wrt"]), *tangent}
    formula = formula.with_variables(given)
    if formula.script.constants - constants:
        formula = formula.with_variables(column_names(run_options) - constants)
    how = {"what": options["what"], "notes": options["notes"], "accurate": options["accurate"]}
    plan = formula.plan(at=fixed, wrt=names(options["wrt"]), tangent=tangent, **how)
    described = {"the formula": str(formula), "--at": fixed.values, "--tangent": tangent, "--wrt": plan.quantity.wrt,
                 "the variables": plan.inputs}  # fmt: skip
    run, unit = _engine(options["engine"], options["scheduler"])
    try:
        with progress(options["progress"], unit, rows_shown=not options["output"]) as tell:
            done = run(plan, run_options, described | how, tell)
    finally:
        remarks = _remarks(run_options)
        write_notes(remarks)
    write_notes(formula.script.notes)
    return _summary(done, options["strict"]) or 3 * bool(options["strict"] and (remarks or formula.script.notes))


def _run_options(options: dict[str, Any], grid: Mapping[str, Range]) -> tuple[RunOptions, set[str]]:
    """Return the options of the run over files, and the constants that `--map e=` keeps.

    Raises UsageError for options that contradict each other.
    """
    from ..errors import UsageError
    from ..tables import ReadOptions, RunOptions, inputs
    from .arguments import columns_by_variable, files_read, names

    files = inputs(options["files"])
    if bool(files) == bool(grid):
        what = "rows come from files or from ranges, not from both" if files else "there are no rows"
        raise UsageError(what, hint="name a file after the formula, or ranges such as --at x=0:1:1001")
    if bool(options["tangent"]) != (options["what"] == "jvp"):
        raise UsageError("a tangent goes with --what jvp", hint="write: --what jvp --tangent NAME=VALUE,...")
    if options["formula"] == "-" in files:
        raise UsageError("the formula and the rows cannot both be standard input")
    mapping = columns_by_variable(options["map_"], "--map")
    reading = ReadOptions(
        options["from_"] or "", options["delimiter"] or "", names(options["columns"]), options["decimal"] or "",
        options["thousands"] or "", options["comment"] or "",
    )  # fmt: skip
    run_options = RunOptions(
        files=files,
        grid=grid,
        output=options["output"] or "",
        format=options["format_"] or "",
        reading=reading,
        mapping={name: column for name, column in mapping.items() if column},
        keep=names(options["keep"]),
        on_error=options["on_error"],
        errors=options["errors"] or "",
        reduce=options["reduce"] or "",
        notes=options["notes"],
        resume=options["resume"],
        other_files=files_read(options),
    )
    return run_options, {name for name, column in mapping.items() if not column}


def _engine(name: str, scheduler: str | None) -> tuple[Callable[..., Tally], str]:
    """Return the function that runs a plan over files, and the unit of its progress ("": the share of the input)."""
    from ..errors import UsageError

    if name == "dask":
        from ..tables import cluster

        return partial(cluster.run, scheduler=scheduler or ""), "files"
    if scheduler:
        raise UsageError("a scheduler is a Dask cluster's", hint="add: --engine dask")
    from ..tables import run

    return run.run, ""


def _remarks(options: RunOptions) -> list[Note]:
    """Return what was found out about files: each once, with the file or the number of files."""
    files: dict[str, list[str]] = {}
    for file, remarks in options.remarks.items():
        for remark in remarks:
            files.setdefault(remark, []).append(file)
    from ..errors import Note

    names = {remark: found[0] if len(found) == 1 else f"{len(found):,} files" for remark, found in files.items()}
    return [Note("table", f"{name}: {remark}") for remark, name in names.items()]


def _summary(done: Tally, strict: bool) -> int:
    """Write to stderr how many rows have notes; return the exit status."""
    from ..errors import Note
    from .output import write_notes

    rows = f"{done.rows:,} row{'s' * (done.rows != 1)}"
    write_notes([Note(kind, f"{count:,} of {rows}: {kind}") for kind, count in done.notes.items()])
    if done.bad:
        write_notes([Note("bad", f"{done.bad:,} bad row{'s' * (done.bad != 1)} passed over")])
    return 3 if done.bad or (strict and done.notes) else 0
