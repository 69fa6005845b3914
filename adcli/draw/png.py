"""An SVG file as PNG, by whichever program for that is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from contextlib import suppress

from ..errors import UsageError

# Each reads SVG on standard input and writes PNG to standard output.
PROGRAMS = (
    ("rsvg-convert", "--zoom={zoom}", "--format=png"),
    ("inkscape", "--pipe", "--export-type=png", "--export-dpi={dpi}", "--export-filename=-"),
    ("magick", "-density", "{dpi}", "svg:-", "png:-"),
)
ZOOM = 2.0
LARGEST = 16_000  # pixels, wide or high: what these programs can hold
HINT = "install one (pip install cairosvg, or apt install librsvg2-bin), or write -o FILE.svg"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
TIME = 120  # seconds that a program may take


def png(svg: str) -> bytes:
    """Return the picture of an SVG file, at twice its size; raises UsageError if nothing installed can make it."""
    size = [int(n) for n in re.findall(r'(?:width|height)="(\d+)"', svg)[:2]]
    zoom = min(ZOOM, LARGEST / max(size))
    found = []
    with suppress(ImportError, OSError):  # OSError: it is there, but the library cairo is not
        import cairosvg  # type: ignore[import-untyped, import-not-found, unused-ignore]

        found.append("cairosvg")
        with suppress(Exception):  # whatever it cannot do, another may
            return bytes(cairosvg.svg2png(bytestring=svg.encode(), scale=zoom))
    for program, *options in PROGRAMS:
        if path := shutil.which(program):
            found.append(program)
            command = [path, *(option.format(zoom=zoom, dpi=round(96 * zoom)) for option in options)]
            with suppress(OSError, subprocess.TimeoutExpired):
                done = subprocess.run(command, input=svg.encode(), capture_output=True, timeout=TIME)
                if done.returncode == 0 and done.stdout.startswith(SIGNATURE):
                    return done.stdout
    what = f"{', '.join(found)} could not draw the picture" if found else "nothing is installed that makes PNG of SVG"
    raise UsageError(what, hint=HINT)
