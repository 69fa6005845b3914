"""Peers that are installed give the same derivatives for the whole table, and say what they lack."""

from __future__ import annotations

import pytest

import adcli
from adcli import ops
from adcli.check import peers
from adcli.errors import UsageError
from adcli.language.nodes import Node, variable_node
from adcli.language.point import as_point
from adcli.language.writer import to_text
from adcli.ops.op import Op

OPERATIONS = [op for op in ops.TABLE if not op.condition and op is not ops.where]
NO_NUMBER = {"sympy": {"floor", "ceil", "trunc", "fmod", "mod"}}  # a Derivative that it leaves as it is
LACKING = {
    "sympy": {"round", "remainder"}, "jax": set[str](), "torch": set[str](),
    "casadi": {"round", "remainder", "gamma", "lgamma", "digamma", "polygamma"},
}  # fmt: skip
# SymPy is among what the tests need; the others are large.
EACH = [pytest.param(peer, marks=[] if peer == "sympy" else pytest.mark.slow) for peer in peers.PEERS]
LOOSE = {("torch", "digamma"): 1e-9}  # PyTorch's polygamma has no more digits


@pytest.mark.parametrize("op", OPERATIONS, ids=lambda op: op.name)
@pytest.mark.parametrize("peer", EACH)
def test_a_peer_agrees_with_the_table(peer: str, op: Op) -> None:
    pytest.importorskip(peer)
    names = tuple(f"a{k}" for k in range(op.arity))
    f = adcli.formula(to_text(Node(op, tuple(map(variable_node, names)))))
    at = dict(zip(names, op.sample, strict=True))
    evaluation = f.evaluation(as_point(at))
    if op.name in LACKING[peer]:
        with pytest.raises(UsageError, match=f"{op.name} is not available with {peer}"):
            peers.peer_gradient(peer, evaluation, names)
        return
    found, own = peers.peer_gradient(peer, evaluation, names), f.gradient(at)
    for name in names:
        if (g := own[name]) is not None:
            if op.name in NO_NUMBER.get(peer, ()):
                assert found[name] is None
            else:
                assert found[name] == pytest.approx(g, rel=LOOSE.get((peer, op.name), 1e-12), abs=1e-15), name


@pytest.mark.parametrize("peer", EACH)
def test_a_peer_takes_the_branch_of_the_point(peer: str) -> None:
    pytest.importorskip(peer)
    f = adcli.formula("a = if x > y then x^2*y else y^3; a + 0*z")
    found = f.check({"x": 3, "y": 2, "z": 1}, against=(peer,))
    assert found.agrees
    assert [c.findings[-1].value for c in found.components] == [12, 9, 0]


def test_what_is_not_there_is_told_kindly(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(peers, "import_module", missing)
    for peer in peers.PEERS:
        with pytest.raises(UsageError, match=f"{peer} is not installed") as caught:
            adcli.formula("x").check(x=1, against=(peer,))
        assert caught.value.hint == f"pip install {peer}"
    with pytest.raises(UsageError, match="excel is not a program"):
        adcli.formula("x").check(x=1, against=("excel",))
