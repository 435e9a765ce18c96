"""``format`` and ``formatlist``: Go's verbs as Terraform has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeGuard

from eks_checks.terraform.failure import EvaluationError
from eks_checks.terraform.functions.kinds import ANY, STRING
from eks_checks.terraform.functions.knowledge import (
    CHARACTERS,
    MEMBERS,
    UndeterminedError,
    bounded,
    computed,
    first_doubt,
    is_text,
    never_list,
)
from eks_checks.terraform.functions.native import native
from eks_checks.terraform.functions.signature import Function, partial
from eks_checks.terraform.functions.verbs import verb_of
from eks_checks.terraform.text import text_of
from eks_checks.terraform.value import NULL, Collection, Known, Mapping, Unknown, Value

_VERB = re.compile(
    r"%(?P<flags>[-+ #0]*)(?P<width>\d*)(?:\.(?P<precision>\d*))?(?:\[(?P<index>\d+)\])?(?P<mode>[a-zA-Z%]?)",
    re.ASCII,
)


def formatted(template: str, arguments: Sequence[Value]) -> str:
    """``template`` with its verbs filled in; raises UndeterminedError where one of them is not known."""
    pieces: list[str] = []
    end = size = following = 0
    used = 0
    for verb in _VERB.finditer(template):
        pieces.append(template[end : verb.start()])
        end = verb.end()
        if verb["mode"] == "%":
            pieces.append("%")
            continue
        position = int(verb["index"]) if verb["index"] else following + 1
        if not 1 <= position <= len(arguments):
            raise EvaluationError(f"format() has no argument {position}")
        following = position
        used = max(used, position)
        pieces.append(_filled(verb, arguments[position - 1]))
        size += len(pieces[-1])
        bounded(size, CHARACTERS)
    # Naming arguments by number may leave some out; only the last named one counts.
    if used < len(arguments):
        raise EvaluationError("format() has more arguments than verbs")
    return "".join([*pieces, template[end:]])


def _format(template: Value, *arguments: Value) -> Value:
    if template == NULL:
        raise EvaluationError("the format must not be null")
    pattern = native(template)
    try:
        return _filled_in(pattern, arguments)
    except UndeterminedError as undetermined:
        return replace(computed("format", undetermined.part), parts=_made_of(pattern, arguments))


def _filled_in(pattern: str, arguments: Sequence[Value]) -> Value:
    if pattern in ("%s", "%v") and len(arguments) == 1 and is_text(arguments[0]):
        return arguments[0]
    return Known(formatted(pattern, arguments))


def _made_of(pattern: str, arguments: Sequence[Value]) -> tuple[Value, ...]:
    """What the text is made of, where plain verbs put arguments in as they are; else nothing."""
    pieces: list[Value] = []
    end, following = 0, iter(arguments)
    for verb in _VERB.finditer(pattern):
        pieces.append(Known(pattern[end : verb.start()]))
        end = verb.end()
        argument = Known("%") if verb[0] == "%%" else next(following, NULL)
        # NOTE: %s refuses what is no single value, while %v writes a list as JSON.
        if verb[0] not in ("%%", "%s") or argument == NULL or isinstance(argument, (Collection, Mapping)):
            return ()
        pieces.append(Known(formatted("%s", [argument])) if isinstance(argument, Known) else argument)
    made = text_of((*pieces, Known(pattern[end:])))
    return made.parts if isinstance(made, Unknown) else ()


def _formatlist(template: Value, *arguments: Value) -> Value:
    if template == NULL:
        raise EvaluationError("the format must not be null")
    pattern = native(template)
    lists = [one for one in arguments if _is_list(one)]
    lengths = {len(one.items) for one in lists}
    if len(lengths) > 1:
        raise EvaluationError("the lists of formatlist() must be of one length")
    doubtful = [one for one in arguments if not _is_list(one) and not never_list(one)]
    if doubtful and not lists:
        raise UndeterminedError(doubtful[0])
    # Beside a list, what may be one too has to be as long; row by row it is just not known.
    count = lengths.pop() if lengths else 1
    bounded(count * len(arguments), MEMBERS)
    rows = [[one.items[row] if _is_list(one) else one for one in arguments] for row in range(count)]
    return Collection(tuple(_row(pattern, row) for row in rows))


def _is_list(argument: Value) -> TypeGuard[Collection]:
    """Whether ``argument`` goes through member by member, in an order that is known."""
    if not isinstance(argument, Collection) or not argument.exact:
        return False
    return argument.ordered or all(isinstance(item, Known) for item in argument.items)


def _row(pattern: str, arguments: Sequence[Value]) -> Value:
    try:
        return _filled_in(pattern, arguments)
    except UndeterminedError as undetermined:
        return computed("formatlist", undetermined.part)


def _filled(found: re.Match[str], argument: Value) -> str:
    verb = verb_of(found["mode"], found["flags"], found["width"], found["precision"])
    doubt = first_doubt(argument)
    if doubt is not None:
        raise UndeterminedError(doubt)
    return verb.text(argument)


FUNCTIONS: tuple[Function, ...] = (
    partial("format", [STRING], _format, variadic=ANY, nullable=True),
    partial("formatlist", [STRING], _formatlist, variadic=ANY, nullable=True),
)
