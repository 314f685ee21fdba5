"""Where a change of a Python file can tell something: not in annotations, decorators, aliases of types, or the stars of arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

Place = tuple[int, int]
Span = tuple[Place, Place]


def idle_spans(tree: ast.Module) -> Iterator[Span]:
    """Where a change does nothing: annotations, decorators, aliases of types, and switches that only guard against slips."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(returns=returns, decorator_list=decorators, args=args):
                every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
                yield from _spans([returns, *decorators, *(arg.annotation for arg in every if arg)])
            case ast.ClassDef(decorator_list=decorators):
                yield from _spans([*decorators])
            case ast.AnnAssign(annotation=annotation):
                yield from _spans([annotation])
            case ast.keyword(arg="strict" | "frozen" | "slots", value=value):
                yield from _spans([value])
            case ast.If(test=ast.Name(id="TYPE_CHECKING") as test):
                yield from _spans([test])
            case ast.Module(body=body):
                yield from _spans(
                    [each.value for each in body if isinstance(each, ast.Assign) and _union(each.value)]
                )


def operator_spans(tree: ast.Module) -> Iterator[Span]:
    """Where operators of two operands stand, as opposed to the stars of arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp):
            yield _span(node.left)[1], _span(node.right)[0]


def _union(value: ast.expr) -> bool:
    return isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr)


def _spans(nodes: list[ast.expr | None]) -> list[Span]:
    return [_span(node) for node in nodes if node is not None]


def _span(node: ast.expr) -> Span:
    return (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0)


@cache
def _places(source: str) -> tuple[list[Span], list[Span]]:
    tree = ast.parse(source)
    return list(idle_spans(tree)), list(operator_spans(tree))


def tells(start: Place, operator: str, source: str) -> bool:
    """Whether something runs where a mutant of cosmic-ray changes a source text."""
    idle, operators = _places(source)
    if "BinaryOperator" in operator and not any(first <= start < last for first, last in operators):
        return False
    return not any(first <= start < last for first, last in idle)
