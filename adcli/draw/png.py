"""An SVG file as PNG, by whichever program for that is installed."""

from __future__ import annotations

import shutil
import subprocess

from ..errors import UsageError

# Each reads SVG on standard input and writes PNG to standard output, at twice the size.
PROGRAMS = (
    ("rsvg-convert", "--zoom=2", "--format=png"),
    ("inkscape", "--pipe", "--export-type=png", "--export-dpi=192", "--export-filename=-"),
    ("magick", "-density", "192", "svg:-", "png:-"),
)
HINT = "install one (pip install cairosvg, or apt install librsvg2-bin), or write -o FILE.svg"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
TIME = 120  # seconds that a program may take


def png(svg: str) -> bytes:
    """Return the picture of an SVG file; raises UsageError if nothing that is installed can make it."""
    found = []
    try:
        import cairosvg  # type: ignore[import-untyped, import-not-found, unused-ignore]

        return bytes(cairosvg.svg2png(bytestring=svg.encode(), scale=2))
    except (ImportError, OSError):  # OSError: it is there, but the library cairo is not
        pass
    for program, *options in PROGRAMS:
        if path := shutil.which(program):
            found.append(program)
            try:
                done = subprocess.run([path, *options], input=svg.encode(), capture_output=True, timeout=TIME)
            except (OSError, subprocess.TimeoutExpired):
                continue
            if done.returncode == 0 and done.stdout.startswith(SIGNATURE):
                return done.stdout
    what = f"{', '.join(found)} could not draw the picture" if found else "nothing is installed that makes PNG of SVG"
    raise UsageError(what, hint=HINT)
