"""A computational graph in the DOT language of Graphviz, or as a Mermaid flowchart."""

from __future__ import annotations

import re

from .picture import CUT, INPUT, OUTPUT, ROW, Picture

_DOT = {
    INPUT: 'style="rounded,filled", fillcolor="#e3eefb"',
    ROW: "",
    OUTPUT: 'peripheries=2, style=filled, fillcolor="#e2f3e6"',
    CUT: "style=dashed",
}
_MERMAID = {INPUT: ("(", ")"), ROW: ("[", "]"), OUTPUT: ("[[", "]]"), CUT: ("[", "]")}


def dot(picture: Picture) -> str:
    """Return the graph in the DOT language, left to right: `dot -Tpdf` draws it."""
    lines = [
        "digraph {",
        "  rankdir=LR;",
        '  node [shape=box, fontname="monospace"];',
        '  edge [fontname="monospace"];',
    ]
    lines += [f"  // {line}" for line in "\n".join(picture.lines).splitlines()]
    for k, vertex in enumerate(picture.vertices):
        label = "\\n".join(map(_dot_text, vertex.lines))
        style = f", {_DOT[vertex.kind]}" if _DOT[vertex.kind] else ""
        lines.append(f'  n{k} [label="{label}"{style}];')
    for rank, kind in (("source", INPUT), ("sink", OUTPUT)):
        names = "; ".join(f"n{k}" for k, vertex in enumerate(picture.vertices) if vertex.kind == kind)
        lines += [f"  {{ rank={rank}; {names} }}"] if names else []
    for arrow in picture.arrows:
        label = f' [label="{_dot_text(arrow.label)}"]' if arrow.label else ""
        lines.append(f"  n{arrow.source} -> n{arrow.target}{label};")
    return "\n".join([*lines, "}", ""])


def _dot_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def mermaid(picture: Picture) -> str:
    """Return the graph as a Mermaid flowchart, which GitHub draws in Markdown."""
    lines = ["flowchart LR"]
    lines += ["  %% " + line.replace("{", "(") for line in "\n".join(picture.lines).splitlines()]  # %%{ is a directive
    for k, vertex in enumerate(picture.vertices):
        left, right = _MERMAID[vertex.kind]
        lines.append(f'  n{k}{left}"{"<br>".join(map(_mermaid_text, vertex.lines))}"{right}')
    for arrow in picture.arrows:
        label = f'|"{_mermaid_text(arrow.label)}"|' if arrow.label else ""
        lines.append(f"  n{arrow.source} -->{label} n{arrow.target}")
    return "\n".join([*lines, ""])


def _mermaid_text(text: str) -> str:
    """Return text for Mermaid: a character that has a meaning there, or in HTML, is written by its number."""
    return re.sub(r"""["#&<>;`\\{}\[\]|%*_]""", lambda m: f"#{ord(m[0])};", text)
