"""The options of adcli batch."""

from __future__ import annotations

import click

from ..tables import FORMATS
from .options import file_option, together, wrt_option

# fmt: off
FILE_FORMATS = click.Choice([*FORMATS])
batch_options = together(
    wrt_option,
    click.option("--what", type=click.Choice(["gradient", "value", "jvp", "hessian-diagonal"]), default="gradient",
                 show_default=True, help="Calculate this at each row."),
    click.option("--tangent", multiple=True, metavar="NAME=VALUE,...", help="The direction for --what jvp."),
    click.option("--notes", is_flag=True, help="Add a column that names the notes of each row."),
    click.option("--accurate", is_flag=True, help="Calculate sin, cos and log1p to 1 ulp instead of 2."),
    click.option("--reduce", type=click.Choice(["sum", "mean"]),
                 help="Write one row only, the sum or the mean over all rows."),
    click.option("--from", "from_", type=FILE_FORMATS, help="The format of FILES, if their names do not say it."),
    click.option("--delimiter", metavar="CHARACTER",
                 help="The character between fields, in FILES and in the output. By default one of , ; | or a tab is "
                      "found in CSV, and the output has commas; TSV has tabs."),
    click.option("--decimal", metavar="CHARACTER", help="The decimal mark of the numbers in FILES: . or a comma."),
    click.option("--thousands", metavar="CHARACTER",
                 help="The character between thousands in FILES: one of . , ' _ or a space."),
    click.option("--comment", metavar="CHARACTER", help="Pass over the lines of FILES that begin so, such as #."),
    click.option("--columns", multiple=True, metavar="NAME,...", help="Name the columns of a file without a header."),
    click.option("--map", "map_", multiple=True, metavar="NAME=COLUMN,...",
                 help="The column of a variable; e= keeps the constant. Put quotes around a name with a comma, also in "
                      "--keep and --columns: 'x1=\"a, b\"'."),
    click.option("--keep", multiple=True, metavar="NAME,...",
                 help="Copy these columns to the output. The word all means every column."),
    click.option("-f", "--format", "format_", type=FILE_FORMATS,
                 help="The format of the output, if its name does not say it."),
    file_option,
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
    click.option("--strict", is_flag=True, help="Exit with status 3 if there is a note."),
)
# fmt: on
