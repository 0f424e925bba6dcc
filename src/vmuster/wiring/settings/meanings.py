"""What the fields of a table mean: the docstrings below them, as they stand in the source."""

import ast
import inspect
from itertools import pairwise


def meanings(kind: type) -> dict[str, str]:
    """For each field of a class the text below it, on one line; none where no source is at hand."""
    try:
        source = ast.parse(inspect.getsource(kind))
    except OSError:
        return {}
    body = [line for part in source.body if isinstance(part, ast.ClassDef) for line in part.body]
    return {
        field.target.id: " ".join(said.value.value.split())
        for field, said in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(said, ast.Expr)
        and isinstance(said.value, ast.Constant)
        and isinstance(said.value.value, str)
    }
