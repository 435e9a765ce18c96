"""Terraform's functions over values that may be partly unknown."""

from __future__ import annotations

from collections.abc import Mapping as NameMapping
from collections.abc import Sequence
from types import MappingProxyType

from eks_checks.terraform.functions import (
    conversions,
    csv_text,
    dates,
    digests,
    encoding,
    files,
    formatting,
    lists,
    maps,
    membership,
    network,
    numbers,
    patterns,
    strings,
    yaml_text,
)
from eks_checks.terraform.functions.calling import apply
from eks_checks.terraform.functions.signature import Files, Function
from eks_checks.terraform.value import Unknown, Value

__all__ = ["FUNCTIONS", "IMPURE", "NOT_EVALUATED", "SPECIAL", "Files", "call"]

_FAMILIES = (
    conversions.FUNCTIONS,
    csv_text.FUNCTIONS,
    dates.FUNCTIONS,
    digests.FUNCTIONS,
    encoding.FUNCTIONS,
    files.FUNCTIONS,
    formatting.FUNCTIONS,
    lists.FUNCTIONS,
    maps.FUNCTIONS,
    membership.FUNCTIONS,
    network.FUNCTIONS,
    numbers.FUNCTIONS,
    patterns.FUNCTIONS,
    strings.FUNCTIONS,
    yaml_text.FUNCTIONS,
)

FUNCTIONS: NameMapping[str, Function] = MappingProxyType(
    {function.name: function for family in _FAMILIES for function in family}
)
"""Every function that ``call`` evaluates, by name."""

IMPURE = frozenset({"bcrypt", "plantimestamp", "timestamp", "uuid"})
"""Functions that return something else at each call."""

NOT_EVALUATED = frozenset({"base64gzip", "rsadecrypt"})
"""Pure functions that we leave out: the bytes of Go's compressor, and private keys."""

SPECIAL = frozenset({"can", "templatefile", "templatestring", "try"})
"""What the evaluator does itself: their arguments are expressions or templates, not values."""

_CORE = "core::"


def call(name: str, arguments: Sequence[Value], files: Files | None = None) -> Value:
    """What Terraform's function ``name`` returns for ``arguments``, as far as that is sure.

    What is known of the result holds whatever the unknown arguments turn out to be, provided that
    Terraform accepts the call then: ``element`` of a list that may be empty may still fail. A
    function that is not evaluated (a provider's, an impure one) gives an Unknown that names it.
    Raises EvaluationError where Terraform refuses the call for certain.
    """
    function = FUNCTIONS.get(name.removeprefix(_CORE))
    if function is None:
        return Unknown(f"function {name} is not evaluated")
    return apply(function, arguments, files)
