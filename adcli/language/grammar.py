"""Parsers from the grammar files, by tables computed ahead.

Lark needs about 60 ms to compute the LALR(1) table of the language and 4 ms to load one, so the table is kept
beside the grammar as JSON. It is used only if it was made from the same grammar text by the same Lark; otherwise the
parser is built from the grammar. `python -m adcli.language.grammar` writes the tables anew.
"""

from __future__ import annotations

import json
import os
import zlib
from typing import Any

import lark

OPTIONS: dict[str, Any] = {"parser": "lalr", "lexer": "basic", "maybe_placeholders": False}


def folder() -> str:
    """Return the folder of the grammars: in an installed package, or beside it in a checkout."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    inside = os.path.join(package, "grammars")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), "grammars")


def _read(file: str) -> str:
    with open(os.path.join(folder(), file), encoding="utf-8") as opened:
        return opened.read()


def parser(name: str, transformer: Any, postlex: Any = None) -> lark.Lark:
    """Return the parser of `grammars/<name>.lark` that calls the transformer's methods as it goes.

    `postlex` has a method `process`, which maps the tokens.
    """
    text = _read(f"{name}.lark")
    table = _table(name, text)
    if table is None:
        return lark.Lark(text, transformer=transformer, postlex=postlex, **OPTIONS)
    made = lark.Lark.__new__(lark.Lark)
    made._load(table, transformer=transformer, postlex=postlex)  # what Lark.load does, from JSON instead of a pickle
    return made


def _key(text: str) -> str:
    return f"lark {lark.__version__}, grammar {zlib.crc32(text.encode()):08x}"


def _table(name: str, text: str) -> dict[str, Any] | None:
    try:
        stored = json.loads(_read(f"{name}.json"))
    except (OSError, ValueError):
        return None
    if stored["key"] != _key(text):
        return None
    # JSON has string keys and no tuples; Lark's table has integers and tuples.
    lalr = stored["data"]["parser"]["parser"]
    lalr["tokens"] = {int(k): v for k, v in lalr["tokens"].items()}
    lalr["states"] = {int(k): {int(t): tuple(a) for t, a in v.items()} for k, v in lalr["states"].items()}
    return {"data": stored["data"], "memo": {int(k): v for k, v in stored["memo"].items()}}


def write_tables() -> None:
    """Compute the table of every grammar and write it beside the grammar."""
    from pathlib import Path

    for path in Path(folder()).glob("*.lark"):
        text = path.read_text("utf-8")
        made = lark.Lark(text, **OPTIONS)
        data, memo = made.memo_serialize([lark.lexer.TerminalDef, lark.grammar.Rule])
        table = {"key": _key(text), "data": data, "memo": memo}
        path.with_suffix(".json").write_text(json.dumps(table, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    write_tables()
