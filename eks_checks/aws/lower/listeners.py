"""Listeners of load balancers: where each sends whose requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from eks_checks.aws.knowledge import Cause, Origin, Pointer
from eks_checks.aws.load_balancing import ANYBODY, NONE, Forward, Listener
from eks_checks.aws.lower.context import Lowering, cause, left_out, members, number, text
from eks_checks.aws.lower.target_groups import TRANSPORTS
from eks_checks.sets import AddressSet, Bounds, union_of
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Value, scalar

BALANCERS = ("aws_lb", "aws_alb")
LISTENERS = ("aws_lb_listener", "aws_alb_listener")
RULES = ("aws_lb_listener_rule", "aws_alb_listener_rule")
_Placed: TypeAlias = "tuple[Resource, tuple[Cause, ...]]"
"""A listener rule, and why it is not sure that it is this listener's."""
_EVERYBODY = AddressSet.everything()
_SELECTS = ("host_header", "path_pattern", "http_header", "http_request_method", "query_string")
_ANY = ("*", "/*", "**", "?*")


def listeners(run: Lowering) -> dict[str, list[Listener]]:
    """Estate key of a load balancer to its listeners; of one that may be another's, to each (not certain)."""
    rules = _Rules(run)
    balancers = tuple(run.identity.key(one) for one in run.world.resources(*BALANCERS))
    found: dict[str, list[Listener]] = {}
    for resource in run.world.resources(*LISTENERS):
        where = run.link(resource, "load_balancer", "load_balancer_arn")
        made = _listener(run, resource, rules.of(run.identity.key(resource)), where)
        anywhere = (resource.key, *balancers) if where.open else ()
        for key in dict.fromkeys((*where.keys, *anywhere)):
            found.setdefault(key, []).append(made)
    for key, made in rules.elsewhere():
        found.setdefault(key, []).append(made)
    return found


class _Rules:
    """Which rules each listener has: also of a listener that the inputs only know by its ARN."""

    def __init__(self, run: Lowering) -> None:
        self._run = run
        self._of: dict[str, list[_Placed]] = {}
        self._anywhere: list[_Placed] = []
        self._known = {run.identity.key(one) for one in run.world.resources(*LISTENERS)}
        for rule in run.world.resources(*RULES):
            where = run.link(rule, "listener", "listener_arn")
            placed = (rule, () if where.exact else where.causes)
            for key in where.keys:
                self._of.setdefault(key, []).append(placed)
            if where.open:
                self._anywhere.append(placed)

    def of(self, listener: str) -> list[_Placed]:
        """The rules that it has or may have."""
        own = self._of.get(listener, [])
        return [*own, *(placed for placed in self._anywhere if placed not in own)]

    def elsewhere(self) -> Iterator[tuple[str, Listener]]:
        """(key of the balancer, its listener) for the rules of listeners that no input manages."""
        for key in sorted(set(self._of) - self._known):
            rules = self._of[key]
            yield from _read(self._run, key, rules) or [(key, _outside(self._run, key, rules))]
        for placed in self._anywhere:
            yield placed[0].key, _outside(self._run, placed[0].key, [placed])


def _outside(run: Lowering, key: str, rules: list[_Placed]) -> Listener:
    """A listener of which only rules are known: which balancer has it, and on which port, is not."""
    causes = tuple(dict.fromkeys(why for _, unsure in rules for why in unsure)) or (run.absent(key, "port"),)
    return Listener(key, None, None, tuple(_by_rules(run, rules)[0]), causes)


def _read(run: Lowering, key: str, rules: list[_Placed]) -> list[tuple[str, Listener]]:
    """The listener as a data source tells it; empty where none does."""
    for data in run.found_data(*LISTENERS):
        where = run.link(data, "load_balancer", "load_balancer_arn")
        if run.identity.key(data) == key and where.keys:
            made = replace(_listener(run, data, [], where), forwards=tuple(_by_rules(run, rules)[0]))
            return [(name, made) for name in where.keys]
    return []


def _listener(run: Lowering, resource: Resource, rules: list[_Placed], where: Pointer) -> Listener:
    port = number(scalar(resource.value("port")))
    causes = [*run.doubts(resource), *(() if where.exact else where.causes)]
    if port is None:
        causes.append(cause(resource, ("port",), resource.value("port")))
    protocol = text(resource, "protocol").upper()
    # NOTE: what is left out is the provider's to fill in, and then the balancer is an application one: tcp.
    transports = TRANSPORTS.get(protocol or "HTTP") if _told(resource, "protocol") else None
    for block in resource.blocks("mutual_authentication").items:
        if text(block, "mode") not in ("", "off", "passthrough"):
            causes.append(
                Cause(resource.key, "mutual_authentication", "only clients with a certificate get on")
            )
    return Listener(
        resource=resource.key,
        port=port,
        transports=transports,
        forwards=tuple(_by_priority(run, resource, rules)),
        causes=tuple(dict.fromkeys(causes)),
        location=resource.location,
    )


def _told(block: Block, name: str) -> bool:
    value = block.value(name)
    return left_out(value) or scalar(value) is not None


def _by_priority(run: Lowering, listener: Resource, rules: list[_Placed]) -> Iterator[Forward]:
    """Every forward of the listener: a rule may take all requests of some clients from others."""
    forwards, taken = _by_rules(run, rules)
    yield from forwards
    yield from _actions(run, listener, "default_action", _left(ANYBODY, taken), ())


def _by_rules(run: Lowering, rules: list[_Placed]) -> tuple[list[Forward], Bounds[AddressSet]]:
    """(where the rules send requests, the clients whose every request they take)."""
    taken = Bounds.exact(NONE)
    found: list[Forward] = []
    for rule, unsure in sorted(rules, key=_priority):
        clients, takes, why = _conditions(run, rule)
        doubts = (*run.doubts(rule), *unsure)
        found.extend(_actions(run, rule, "action", _left(clients, taken), (*doubts, *why)))
        surely = takes.lower if number(scalar(rule.value("priority"))) is not None and not doubts else NONE
        taken = Bounds(taken.lower | surely, taken.upper | takes.upper)
    return found, taken


def _priority(placed: _Placed) -> tuple[int, str]:
    """Rules whose place is not known come first: they may take what any other would."""
    rule = placed[0]
    known = number(scalar(rule.value("priority")))
    return (-1 if known is None else known, rule.key)


def _left(clients: Bounds[AddressSet], taken: Bounds[AddressSet]) -> Bounds[AddressSet]:
    return Bounds(clients.lower - taken.upper, clients.upper - taken.lower)


def _conditions(
    run: Lowering, rule: Resource
) -> tuple[Bounds[AddressSet], Bounds[AddressSet], tuple[Cause, ...]]:
    """(whose requests the rule is for, of whom it takes every request, what is not known of that)."""
    blocks = rule.blocks("condition")
    if blocks.open is not None:
        nobody_surely = Bounds(NONE, _EVERYBODY)
        return nobody_surely, nobody_surely, (Cause(rule.key, "condition", blocks.open.reason),)
    clients, selects = ANYBODY, False
    causes: list[Cause] = []
    for condition in blocks.items:
        for block in condition.blocks("source_ip").items:
            allowed, why = _sources(run, block)
            clients = clients & allowed
            causes.extend(why)
        selects = selects or any(_chosen(b) for name in _SELECTS for b in condition.blocks(name).items)
    return clients, (Bounds.exact(NONE) if selects else clients), tuple(causes)


def _sources(run: Lowering, block: Block) -> tuple[Bounds[AddressSet], tuple[Cause, ...]]:
    values, rest = members(block, "values")
    read = [_range(run, value) for value in values]
    lower = union_of((one.lower for one in read), NONE)
    upper = _EVERYBODY if rest is not None else union_of((one.upper for one in read), NONE)
    unclear = rest is not None or lower != upper
    causes = (cause(block, ("values",), block.value("values")),) if unclear else ()
    return Bounds(lower, upper | lower), causes


def _range(run: Lowering, value: Value) -> Bounds[AddressSet]:
    v4, v6 = (run.addresses.read(value, family).bounds for family in ("ipv4", "ipv6"))
    return Bounds(v4.lower & v6.lower, v4.upper | v6.upper)


def _chosen(block: Block) -> bool:
    """Whether the client can choose not to fit the condition: it names something, and not just anything."""
    listed = block.members("values").items if block.has("values") else ()
    known = {scalar(value) for value in listed}
    return not known & set(_ANY)


def _actions(
    run: Lowering, holder: Resource, name: str, clients: Bounds[AddressSet], doubts: tuple[Cause, ...]
) -> Iterator[Forward]:
    """The target groups that the action blocks of a rule or listener forward to."""
    blocks = holder.blocks(name)
    origin = Origin(holder.key, "forwards", holder.location)
    if blocks.open is not None:
        unread = (Cause(holder.key, name, blocks.open.reason),)
        yield Forward(Pointer(open=True, causes=unread), origin, clients, (*doubts, *unread))
    gate = next((b for b in blocks.items if text(b, "type").startswith(("authenticate", "jwt"))), None)
    if gate is not None:
        doubts = (*doubts, Cause(holder.key, name, "only clients that log in get on"))
    for block in blocks.items:
        kind = text(block, "type")
        if kind == "forward" or not _told(block, "type"):
            unsure = () if kind else (cause(block, ("type",), block.value("type")),)
            found = dict.fromkeys(_groups(run, block))
            for group, why in found:
                yield Forward(group, origin, clients, (*doubts, *unsure, *why))


def _groups(run: Lowering, action: Block) -> Iterator[tuple[Pointer, tuple[Cause, ...]]]:
    named = set()
    if not left_out(action.value("target_group_arn")):
        found = run.link(action, "target_group", "target_group_arn")
        named.add(found.keys)
        yield found, ()
    forwards = action.blocks("forward")
    if forwards.open is not None and not forwards.open.computed:
        why = (Cause(action.resource.key, "forward", forwards.open.reason),)
        yield Pointer(open=True, causes=why), why
    for forward in forwards.items:
        weighted = forward.blocks("target_group")
        if weighted.open is not None:
            why = (Cause(action.resource.key, "forward", weighted.open.reason),)
            yield Pointer(open=True, causes=why), why
        for block in weighted.items:
            found = run.link(block, "target_group", "arn")
            if found.keys not in named or found.open:
                yield from _weighted(block, found)


def _weighted(block: Block, found: Pointer) -> Iterator[tuple[Pointer, tuple[Cause, ...]]]:
    """A target group of weight 0 gets nothing, unless it is the only one."""
    value = block.value("weight")
    weight = number(scalar(value))
    if weight == 0:
        yield found, (Cause(*_at(block, "weight"), "its weight is 0 at present"),)
    elif left_out(value) or weight is not None:
        yield found, ()
    else:
        yield found, (cause(block, ("weight",), value),)


def _at(block: Block, name: str) -> tuple[str, str]:
    found = cause(block, (name,), block.value(name))
    return found.resource, found.attribute
