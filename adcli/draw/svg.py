"""A computational graph as SVG, alone or in a page, light and dark.

Fonts cannot be measured here. A character of a fixed-width font is taken as 0.62 of its size wide; the usual fonts
(DejaVu Sans Mono, Menlo, Consolas, Courier, Liberation Mono) have 0.55 to 0.61.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..errors import shortened, text_width
from .layout import Layout, Rect, Route, Sloping, Space, layout
from .order import Link
from .picture import INPUT, OUTPUT, Picture, Vertex

TEXT, SMALL = 13, 11  # font sizes: of vertices, of labels
ADVANCE = 0.62  # of a character, in font sizes
LINE = 18  # from one line of text to the next
PAD = 10  # inside a box, left and right
MARGIN = 20
LEAST = 420  # width, so that the caption has room
CAPTION = 6  # lines of the caption at most

STYLE = """
text { font: 13px "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace; fill: #1a202c; white-space: pre; }
.page { fill: #ffffff; }
.box { fill: #ffffff; stroke: #4a5568; stroke-width: 1.2; }
.input .box { fill: #e3eefb; stroke: #2b6cb0; }
.output .box { fill: #e2f3e6; stroke: #2f7d4f; stroke-width: 1.6; }
.output .inner { fill: none; stroke: #2f7d4f; stroke-width: 0.8; }
.cut .box { stroke: #a0aec0; stroke-dasharray: 3 3; }
.title { font-weight: bold; }
.derivative { fill: #a8321f; }
.edge { fill: none; stroke: #718096; stroke-width: 1.2; }
.plain { stroke-dasharray: 5 4; }
.head { fill: #718096; stroke: none; }
.label, .legend { font-size: 11px; }
.label { fill: #2d3748; }
.legend { fill: #5a6577; }
"""
DARK = """@media screen and (prefers-color-scheme: dark) {
text { fill: #e8ecf2; }
.page { fill: #14181f; }
.box { fill: #1f2630; stroke: #a0aec0; }
.input .box { fill: #17304d; stroke: #63a4ea; }
.output .box { fill: #17382a; stroke: #68c18a; }
.output .inner { stroke: #68c18a; }
.cut .box { stroke: #5a6577; }
.derivative { fill: #ff9c85; }
.edge { stroke: #9aa7b8; }
.head { fill: #9aa7b8; }
.label { fill: #d3dae4; }
.legend { fill: #a5b0bf; }
}
"""


def width_of(text: str, size: int = TEXT) -> int:
    """Return the width of a line of text in whole pixels, rounded up."""
    return -int(-text_width(text) * size * ADVANCE // 1)


def sloping(links: Sloping) -> int:
    """Return the width of the room after a rank: more where links go far up or down."""
    return 26 + min(90, max((abs(lane - y) for _, y, lane in links), default=0) // 4)


SPACE = Space(port=17, between=18, lane=12, label=14, rise=16, head=12, margin=MARGIN, sloping=sloping)


def arranged(picture: Picture) -> Layout:
    """Return the layout of a picture."""
    sizes = [
        (max(map(width_of, v.lines)) + 2 * PAD + (8 if v.kind == INPUT else 0), LINE * len(v.lines) + 10)
        for v in picture.vertices
    ]
    links = [Link(a.source, a.target, width_of(a.label, SMALL) + 6 if a.label else 0) for a in picture.arrows]
    return layout(sizes, links, picture.ranks, SPACE)


def svg(picture: Picture, dark: bool = True) -> str:
    """Return the picture as an SVG file; raises LimitError if it is too large."""
    placed = arranged(picture.check_size())
    width = max(placed.width, LEAST)
    caption = _caption(picture.lines, width - 2 * MARGIN)
    top = LINE * (len(caption) + 1) + MARGIN // 2
    height = top + placed.height
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' role="img">',
        f"<title>{escape(picture.name)}</title>",
        f"<desc>{escape('; '.join(map(_spoken, picture.vertices)))}</desc>",
        f"<style>{STYLE}{DARK if dark else ''}</style>",
        f'<rect class="page" width="{width}" height="{height}"/>',
    ]
    parts += [_text(MARGIN, MARGIN + LINE * k + 4, line, "") for k, line in enumerate(caption)]
    parts.append(_text(MARGIN, MARGIN + LINE * len(caption) + 4, picture.legend, "legend"))
    parts.append(f'<g transform="translate({(width - placed.width) // 2} {top})">')
    parts += [
        _edge(route, bool(arrow.label) or picture.vertices[arrow.target].kind == OUTPUT)
        for arrow, route in zip(picture.arrows, placed.routes, strict=True)
    ]
    parts += [_vertex(vertex, rect) for vertex, rect in zip(picture.vertices, placed.boxes, strict=True)]
    for arrow, route in zip(picture.arrows, placed.routes, strict=True):
        if arrow.label:
            x, y = route.label.x + route.label.width - 3, route.label.y + 11
            parts.append(_text(x, y, arrow.label, "label", "end"))
    return "\n".join([*parts, "</g>", "</svg>", ""])


def svg_page(picture: Picture) -> str:
    """Return an HTML page with the picture that needs no other file and runs no script."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>{escape(picture.name)}</title>
<style>
body {{ margin: 0; }}
figure {{ margin: 0 auto; width: fit-content; max-width: 100%; overflow-x: auto; }}
svg {{ display: block; }}
@media screen and (prefers-color-scheme: dark) {{ body {{ background: #14181f; }} }}
@media print {{ svg {{ max-width: 100%; height: auto; }} }}
</style>
</head>
<body>
<figure tabindex="0">
{svg(picture)}</figure>
</body>
</html>
"""


def _spoken(vertex: Vertex) -> str:
    return ", ".join([vertex.title + (f" = {vertex.value}" if vertex.value else ""), *vertex.derivatives])


def _caption(lines: Sequence[str], width: int) -> list[str]:
    """Return the lines broken to the width, of very many the middle left out."""
    most = int(width / (TEXT * ADVANCE))
    broken = []
    for line in lines:
        pieces = [""]
        for word in line.split(" "):
            if pieces[-1] and len(pieces[-1]) + 1 + len(word) > most:
                pieces.append("   ")
            pieces[-1] += (" " if pieces[-1] else "") + word
        broken += [shortened(piece, most) for piece in pieces]
    return broken if len(broken) <= CAPTION else [*broken[: CAPTION - 3], "...", *broken[-2:]]


def _text(x: int, y: int, text: str, kind: str, anchor: str = "") -> str:
    attributes = (f' class="{kind}"' if kind else "") + (f' text-anchor="{anchor}"' if anchor else "")
    return f'<text x="{x}" y="{y}"{attributes}>{escape(text)}</text>'


def _edge(route: Route, solid: bool) -> str:
    """Return an arrow, dashed where no derivative goes through."""
    (x, y), (bend, lane), (end, _) = route.start, route.bend, route.end
    middle = f" L{bend} {lane}" if y != lane else ""
    line = f'<path class="edge{"" if solid else " plain"}" d="M{x} {y}{middle} L{end - 6} {lane}"/>'
    return f'{line}<path class="head" d="M{end} {lane} l-8 -4 v8 z"/>'


def _vertex(vertex: Vertex, rect: Rect) -> str:
    """Return a box with its lines of text: round for an input, double for an output."""
    corner = min(rect.height // 2, 16) if vertex.kind == INPUT else 3
    parts = [f'<g class="{vertex.kind}">', _rect("box", rect, corner)]
    if vertex.kind == OUTPUT:
        inner = Rect(rect.x + 3, rect.y + 3, rect.width - 6, rect.height - 6)
        parts.append(_rect("inner", inner, 1))
    first = rect.y + (rect.height - LINE * len(vertex.lines)) // 2 + 13
    kinds = ["title", *(["value"] if vertex.value else []), *["derivative"] * len(vertex.derivatives)]
    for k, (line, kind) in enumerate(zip(vertex.lines, kinds, strict=True)):
        parts.append(_text(rect.x + rect.width // 2, first + LINE * k, line, kind, "middle"))
    return "".join([*parts, "</g>"])


def _rect(kind: str, rect: Rect, corner: int) -> str:
    x, y, width, height = rect
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="{corner}"/>'
