"""The statements of policy documents: those of JSON objects, and blocks of the data source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from eks_checks.aws.iam_documents import ALLOW, GAP, Condition, Element, Pattern, Principal, Statement
from eks_checks.aws.knowledge import Cause, Pointer
from eks_checks.aws.lower.context import Lowering, left_out, where
from eks_checks.aws.lower.iam_names import iam_link
from eks_checks.location import SourceSpan
from eks_checks.terraform.resource import Block
from eks_checks.terraform.value import (
    NULL,
    Choice,
    Collection,
    Known,
    Mapping,
    Reference,
    Unknown,
    Value,
    alternatives,
    choice,
    is_null,
    scalar,
)

_ARGUMENTS = ("effect", "actions", "not_actions", "resources", "not_resources")


@dataclass(frozen=True)
class Spot:
    """Where a document is written: resource, attribute, and the place in the sources."""

    resource: str
    attribute: str
    location: SourceSpan | None

    def cause(self, value: Value) -> Cause:
        """Why what stands there is not known."""
        reason = next(iter(doubts_in(value)), "known after apply")
        return Cause(self.resource, self.attribute, reason)


def doubts_in(value: Value) -> Iterator[str]:
    """Why parts of a value are not known: the attributes that will stand there, too."""
    if isinstance(value, Reference):
        yield f"{value} is known after apply"
    elif isinstance(value, Unknown):
        yield value.reason
    elif isinstance(value, Choice):
        yield "is one of several values"
    elif isinstance(value, Collection):
        for item in (*value.items, *value.maybe, *((value.open,) if value.open else ())):
            yield from doubts_in(item)
    elif isinstance(value, Mapping):
        for item in (*(item for _, item in value.entries), *((value.open,) if value.open else ())):
            yield from doubts_in(item)


def statement_of(run: Lowering, item: Mapping, spot: Spot) -> Statement:
    """A statement of a JSON document."""
    negated = _has(item, "NotPrincipal")
    people, more = _principals(run, entry(item, "NotPrincipal" if negated else "Principal"), spot)
    conditions, unsure = _conditions(run, entry(item, "Condition"))
    effect = entry(item, "Effect")
    made = Statement(
        effect=str(scalar(effect) or ""),
        actions=_element(run, item, "Action"),
        resources=_element(run, item, "Resource"),
        principals=people,
        conditions=conditions,
        sid=str(scalar(entry(item, "Sid")) or ""),
        negated_principals=negated,
        open_principals=more,
        open_conditions=unsure,
        resource=spot.resource,
        attribute=spot.attribute,
        location=spot.location,
    )
    unclear = dict.fromkeys(Cause(spot.resource, spot.attribute, reason) for reason in doubts_in(item))
    return replace(made, causes=tuple(unclear) or (() if made.effect else (spot.cause(effect),)))


def statement_of_block(run: Lowering, block: Block) -> Statement:
    """A ``statement`` block of the data source; unset, its effect is ``Allow``."""
    at, attribute = where(block, ())
    spot = Spot(at, attribute, block.location)
    effect = block.value("effect")
    negated = bool(block.blocks("not_principals").items)
    named = block.blocks("not_principals" if negated else "principals")
    conditions = block.blocks("condition")
    made = Statement(
        effect=ALLOW if left_out(effect) else str(scalar(effect) or ""),
        actions=_listed(run, block, "actions", "not_actions"),
        resources=_listed(run, block, "resources", "not_resources"),
        principals=tuple(one for each in named for one in _identified(run, each, spot)),
        conditions=tuple(_condition(run, each) for each in conditions),
        sid=str(scalar(block.value("sid")) or ""),
        negated_principals=negated,
        open_principals=named.open is not None or any(_unlisted(each, "identifiers") for each in named),
        open_conditions=conditions.open is not None,
        resource=at,
        attribute=attribute,
        location=block.location,
    )
    values = [
        block.value(name) for name in ("effect", "actions", "not_actions", "resources", "not_resources")
    ]
    values += [each.value("identifiers") for each in named]
    values += [blocks.open for blocks in (named, conditions) if blocks.open is not None]
    hidden = (value for value in values if not left_out(value))
    reasons = dict.fromkeys(reason for value in hidden for reason in doubts_in(value))
    return replace(made, causes=tuple(Cause(at, attribute, reason) for reason in reasons))


def _unlisted(block: Block, name: str) -> bool:
    listed = block.members(name)
    return listed.open is not None or bool(listed.maybe)


def _listed(run: Lowering, block: Block, name: str, negated: str) -> Element:
    other = not left_out(block.value(negated)) and bool(
        block.members(negated).items or block.is_unknown(negated)
    )
    chosen = negated if other else name
    if left_out(block.value(chosen)):
        return Element()
    return replace(element_of(run, block.members(chosen)), negated=other)


def _given(block: Block, name: str) -> bool:
    """Whether an argument is set: an empty list is not."""
    if left_out(block.value(name)):
        return False
    listed = block.members(name)
    return bool(listed.items or listed.maybe) or listed.open is not None


def _identified(run: Lowering, block: Block, spot: Spot) -> Iterator[Principal]:
    kind = str(scalar(block.value("type")) or "")
    for item in block.members("identifiers").items:
        yield _principal(run, "AWS" if kind == "*" else kind, item, spot)


def _condition(run: Lowering, block: Block) -> Condition:
    values = element_of(run, block.members("values"))
    return Condition(str(scalar(block.value("test")) or ""), _key(run, block.value("variable")), values)


def _key(run: Lowering, value: Value) -> str:
    return pattern_of(run, value).text


def _principals(run: Lowering, value: Value, spot: Spot) -> tuple[tuple[Principal, ...], bool]:
    if is_null(value):
        return (), False
    if value == Known("*"):
        return (Principal("AWS", Pattern("*")),), False
    if not isinstance(value, Mapping):
        return (), True
    found: list[Principal] = []
    open_ = value.open is not None
    for kind, listed in value.entries:
        members = _as_list(listed)
        open_ = open_ or members.open is not None or bool(members.maybe)
        found.extend(_principal(run, kind, item, spot) for item in members.items)
    return tuple(found), open_


def _principal(run: Lowering, kind: str, value: Value, spot: Spot) -> Principal:
    named = Pointer()
    if kind == "AWS" and not (isinstance(value, Known) and "*" in str(value.value)):
        named = iam_link(run, value, "role", spot.resource, spot.attribute)
    return Principal(kind, pattern_of(run, value), named)


def _conditions(run: Lowering, value: Value) -> tuple[tuple[Condition, ...], bool]:
    if is_null(value):
        return (), False
    if not isinstance(value, Mapping):
        return (), True
    found: list[Condition] = []
    open_ = value.open is not None
    for operator, keys in value.entries:
        if not isinstance(keys, Mapping):
            open_ = True
            continue
        open_ = open_ or keys.open is not None
        for key, values in keys.entries:
            found.append(Condition(operator, key, element_of(run, _as_list(values))))
    return tuple(found), open_


def _element(run: Lowering, item: Mapping, name: str) -> Element:
    negated = _has(item, f"Not{name}")
    value = entry(item, f"Not{name}" if negated else name)
    return Element() if is_null(value) else replace(element_of(run, _as_list(value)), negated=negated)


def _as_list(value: Value) -> Collection:
    """One or several, as IAM takes both; an unknown that may be either is open."""
    if isinstance(value, Collection):
        return value
    if isinstance(value, Unknown) and value.says is not None:
        return _as_list(value.says)
    if isinstance(value, Unknown) and not value.parts:
        return Collection(open=value)
    return Collection((value,))


def element_of(run: Lowering, listed: Collection) -> Element:
    """The patterns of a list: what may be one of several is ``maybe``."""
    sure: list[Pattern] = []
    maybe: list[Pattern] = []
    for item in listed.items:
        single = not isinstance(item, Choice)
        (sure if single else maybe).extend(pattern_of(run, option) for option in alternatives(item))
    maybe.extend(pattern_of(run, option) for item in listed.maybe for option in alternatives(item))
    return Element(tuple(sure), tuple(maybe), open=listed.open is not None)


def pattern_of(run: Lowering, value: Value) -> Pattern:
    """A text with gaps where it is not known, and what will stand there."""
    texts: list[str] = []
    names: list[str] = []
    for part in value.parts if isinstance(value, Unknown) and value.parts else (value,):
        if isinstance(part, Known):
            texts.append("" if part.value is None else str(part.value))
            continue
        texts.append(GAP)
        names.append(run.world.written(part) if isinstance(part, Reference) else "")
    return Pattern("".join(texts), tuple(names))


def _has(item: Mapping, name: str) -> bool:
    return any(key.lower() == name.lower() for key, _ in item.entries)


def entry(item: Mapping, name: str) -> Value:
    """What an object has under a name, in letters of either case."""
    found = [value for key, value in item.entries if key.lower() == name.lower()]
    return choice(found) if found else item.open or NULL
