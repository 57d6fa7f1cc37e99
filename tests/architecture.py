"""What the house refuses, read from source: each function returns the breaches.

Writes: only services write. In fronts and jobs a call is a write when its name
says so and its receiver can hold rows. ``save``, ``create``, ``delete``… are refused
on anything but the few names of ALLOWED (a session is not a table); ``update``,
``add`` and ``set`` are also words of dicts, sets and caches, so they are refused only
behind a manager: ``objects``, ``…_set``, a queryset method, or another attribute
(``invoice.lines.add``). A dict that must be merged is written ``a | b``.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from typing import TypeGuard

WRITES = {
    "save", "create", "delete", "bulk_create", "bulk_update", "get_or_create",
    "update_or_create", "acreate", "asave", "adelete", "aupdate", "raw", "create_user",
}  # fmt: skip
SHARED_WORDS = {"update", "add", "set", "remove", "clear"}
# Attributes on which those words mean something else.
ALLOWED = {"session", "headers", "cache", "messages", "COOKIES", "patterns"}

CLOCKS = {
    ("datetime", "now"), ("datetime", "today"), ("datetime", "utcnow"),
    ("date", "today"), ("timezone", "now"), ("timezone", "localdate"),
    ("timezone", "localtime"), ("time", "time"),
}  # fmt: skip
CLOCK_NAMES = {"localdate", "localtime"}


def calls(source: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield node


def writes(source: str) -> list[str]:
    """Return every write to the database, as ``line: code``."""
    return [_shown(call) for call in calls(source) if _is_write(call)]


def _is_write(call: ast.Call) -> bool:
    function = call.func
    if not isinstance(function, ast.Attribute):
        return False
    receiver = function.value
    names = {
        node.attr for node in ast.walk(receiver) if isinstance(node, ast.Attribute)
    }
    if names & ALLOWED or (isinstance(receiver, ast.Name) and receiver.id in ALLOWED):
        return False
    if function.attr in WRITES:
        return True
    # An event's set() takes nothing; a related manager's always does.
    if function.attr not in SHARED_WORDS or (function.attr == "set" and not call.args):
        return False
    return bool(names) or any(
        isinstance(node, ast.Name) and node.id in {"objects", "queryset"}
        for node in ast.walk(receiver)
    )


def clock_reads(source: str) -> list[str]:
    """Return every reading of the clock: time is an argument."""
    return [_shown(call) for call in calls(source) if _reads_clock(call)]


def _reads_clock(call: ast.Call) -> bool:
    function = call.func
    # localtime(now) only moves an instant to the company's zone.
    if _name(function) in CLOCK_NAMES and call.args:
        return False
    if isinstance(function, ast.Name):
        return function.id in CLOCK_NAMES
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value
    name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
    return (name, function.attr) in CLOCKS


def bare_arithmetic(source: str) -> list[str]:
    """Return SQL sums made by hand: cents and ``Decimal`` would meet, 100 × apart."""
    nodes = ast.walk(ast.parse(source))
    return [_shown(node) for node in nodes if _is_hand_made(node)]


def _is_hand_made(node: ast.AST) -> TypeGuard[ast.expr]:
    if isinstance(node, ast.BinOp):
        return _is_f(node.left) or _is_f(node.right)
    return isinstance(node, ast.Call) and _name(node.func) == "Avg"


def foreign_imports(source: str, *, package: str) -> list[str]:
    """Return what is imported from neither the standard library nor the package."""
    allowed = sys.stdlib_module_names
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""] if not node.level else ["."]
        else:
            continue
        for name in names:
            own = name == package or name.startswith(f"{package}.")
            if not own and name.split(".")[0] not in allowed:
                found.append(f"{node.lineno}: {name}")
    return found


def _is_f(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _name(node.func) == "F"


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _shown(node: ast.expr) -> str:
    return f"{node.lineno}: {ast.unparse(node)}"
