"""An SVG file as PNG, by cairosvg."""

from __future__ import annotations

import re

from ..errors import UsageError

ZOOM = 2.0
LARGEST = 16_000  # pixels, wide or high: more than this cairo cannot hold
HINT = "pip install 'adcli[plot]', or write -o FILE.svg"


def png(svg: str) -> bytes:
    """Return the picture of an SVG file at twice its size; raises UsageError without cairosvg."""
    try:
        import cairosvg  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError:
        raise UsageError("a PNG picture needs cairosvg", hint=HINT) from None
    except OSError:
        raise UsageError("a PNG picture needs the library cairo, which cairosvg does not find", hint=HINT) from None
    width, height = (int(n) for n in re.findall(r'(?:width|height)="(\d+)"', svg)[:2])
    scale = min(ZOOM, LARGEST / max(width, height))
    return bytes(cairosvg.svg2png(bytestring=svg.encode(), scale=scale))
