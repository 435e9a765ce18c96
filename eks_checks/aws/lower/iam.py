"""Roles, users and policies: what each resource makes of them, and what is attached where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from eks_checks.aws.iam import AWS_MANAGED, INLINE, MANAGED, Attached, Iam, Policy, Role, outside
from eks_checks.aws.iam_documents import GAP, unknown_document
from eks_checks.aws.iam_managed import managed_document
from eks_checks.aws.knowledge import Cause, Pointer, absent
from eks_checks.aws.lower.context import Lowering, left_out, text, where
from eks_checks.aws.lower.iam_documents import document_at
from eks_checks.aws.lower.iam_links import cluster_roles, creating_roles, fargate_roles, node_roles
from eks_checks.aws.lower.iam_names import iam_link
from eks_checks.aws.lower.iam_statements import pattern_of
from eks_checks.aws.lower.iam_workloads import workloads
from eks_checks.location import SourceSpan
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Collection, Value, alternatives, scalar

_AWS = re.compile(f"arn:[^:]*:iam::aws:policy/(?:[^/{GAP}]+/)*([^/{GAP}]+)")


def lower_iam(run: Lowering) -> Iam:
    """All that the inputs say of IAM. Nothing is taken note of in coverage: checks name what they miss."""
    policies = {run.identity.key(r): _policy(run, r) for r in run.world.resources("aws_iam_policy")}
    for resource in run.found_data("aws_iam_policy"):
        policies.setdefault(run.identity.key(resource), _policy(run, resource))
    shelf = Shelf(run, policies)
    roles = _carriers(shelf, "role")
    return Iam(
        roles=roles,
        users=_carriers(shelf, "user"),
        policies=dict(sorted(policies.items())),
        cluster_roles=cluster_roles(run),
        node_roles=node_roles(run),
        fargate_roles=fargate_roles(run),
        creating_roles=creating_roles(run),
        workloads=workloads(run, roles),
    )


@dataclass
class Shelf:
    """The policies of the inputs by key, and those that are only named."""

    run: Lowering
    policies: dict[str, Policy]

    def named(
        self, value: Value, at: str, attribute: str
    ) -> Iterator[tuple[Policy, bool, tuple[Cause, ...]]]:
        """(policy, whether certainly that one, why not) for each policy that an ARN may be of."""
        options = alternatives(value)
        for option in options:
            alone = len(options) == 1
            name = _AWS.fullmatch(pattern_of(self.run, option).text)
            if name is not None:
                doubt = Cause(at, attribute, "is one of several")
                yield aws_managed(name[1]), alone, () if alone else (doubt,)
                continue
            found = iam_link(self.run, option, "policy", at, attribute)
            for key in found.keys:
                sure = alone and found.exact is not None
                yield self._by_key(key), sure, () if sure else found.causes
            if found.open:
                why = found.causes or (Cause(at, attribute, "names a policy that cannot be told"),)
                yield Policy("", MANAGED, "", unknown_document(*why)), alone and not found.keys, why

    def _by_key(self, key: str) -> Policy:
        if key in self.policies:
            return self.policies[key]
        name = key.rpartition("/")[2] if key.startswith("arn:") else ""
        return Policy(key, MANAGED, name, unknown_document(absent(key, "policy")))


def aws_managed(name: str) -> Policy:
    """A policy that AWS keeps, by its name."""
    arn = f"arn:aws:iam::aws:policy/{name}"
    return Policy(arn, AWS_MANAGED, name, managed_document(name))


def _policy(run: Lowering, resource: Resource) -> Policy:
    document = document_at(run, resource, "policy")
    return Policy(
        run.identity.key(resource), MANAGED, text(resource, "name"), document, resource.key, resource.location
    )


@dataclass
class _Draft:
    """A role or user while policies are put on it."""

    role: Role
    policies: list[Attached] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)

    def finished(self) -> Role:
        unique: dict[tuple[str, str], Attached] = {}
        for each in self.policies:
            mark = (each.policy.key or each.by, each.policy.name)
            known = unique.get(mark)
            if known is None or each.certain or not known.certain:
                unique[mark] = each
        causes = tuple(dict.fromkeys((*self.role.causes, *self.causes)))
        return replace(
            self.role,
            policies=tuple(unique.values()),
            open=self.role.open or bool(self.causes),
            causes=causes,
        )


def _carriers(shelf: Shelf, kind: str) -> dict[str, Role]:
    """Every role (or user) by key, with what is attached to it."""
    run = shelf.run
    drafts: dict[str, _Draft] = {}
    for resource in run.world.resources(f"aws_iam_{kind}"):
        drafts[run.identity.key(resource)] = _Draft(_role(shelf, resource, kind))
    for resource in run.world.data(f"aws_iam_{kind}"):
        key = run.identity.key(resource)
        if not resource.unread and key not in drafts:
            drafts[key] = _Draft(_looked_up(run, resource, key, kind))
    for resource, draft in list(_own(run, drafts, kind)):
        _own_policies(shelf, resource, draft, kind)
    for attachment in _attachments(shelf, kind):
        _attach(run, drafts, attachment, kind)
    return {key: draft.finished() for key, draft in sorted(drafts.items())}


def _own(run: Lowering, drafts: dict[str, _Draft], kind: str) -> Iterator[tuple[Resource, _Draft]]:
    for resource in run.world.resources(f"aws_iam_{kind}"):
        yield resource, drafts[run.identity.key(resource)]


def _role(shelf: Shelf, resource: Resource, kind: str) -> Role:
    run = shelf.run
    return Role(
        key=run.identity.key(resource),
        resource=resource.key,
        name=text(resource, "name"),
        arn=text(resource, "arn"),
        kind=kind,
        path=text(resource, "path"),
        trust=document_at(run, resource, "assume_role_policy"),
        boundary=_boundary(shelf, resource),
        location=resource.location,
    )


def _looked_up(run: Lowering, resource: Resource, key: str, kind: str) -> Role:
    """One that others manage: its trust is told, its policies are not."""
    bare = outside(key)
    trust = document_at(run, resource, "assume_role_policy")
    name, arn = text(resource, "name") or bare.name, text(resource, "arn") or bare.arn
    return replace(bare, name=name, arn=arn, kind=kind, trust=trust)


def _boundary(shelf: Shelf, resource: Resource) -> Attached | None:
    value = resource.value("permissions_boundary")
    if left_out(value):
        return None
    at, attribute = where(resource, ("permissions_boundary",))
    found = list(shelf.named(value, at, attribute))
    place = resource.located("permissions_boundary")
    if len(found) == 1 and found[0][1]:
        return Attached(found[0][0], at, attribute, location=place)
    why = tuple(dict.fromkeys(cause for _, _, causes in found for cause in causes))
    return Attached(Policy("", MANAGED, "", unknown_document(*why)), at, attribute, False, why, place)


# --- what is attached ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Attachment:
    """Policies that one resource puts on the carrier that ``link`` names."""

    link: Pointer
    made: Attached


def _own_policies(shelf: Shelf, resource: Resource, draft: _Draft, kind: str) -> None:
    """``managed_policy_arns`` and ``inline_policy`` of the role itself."""
    if kind != "role":
        return
    run, gone = shelf.run, _taken_off(shelf, draft.role)
    value = resource.value("managed_policy_arns")
    if not left_out(value):
        echo = resource.is_configured("managed_policy_arns") is False
        for each in _listed(shelf, resource, "managed_policy_arns", draft):
            if not (echo and each.policy.key in gone):
                draft.policies.append(each)
    for block in resource.blocks("inline_policy"):
        name = text(block, "name")
        echo = resource.is_configured("inline_policy") is False
        if not left_out(block.value("policy")) and not (echo and name in gone):
            draft.policies.append(_inline(run, block, draft.role, name))
    rest = resource.blocks("inline_policy").open
    if rest is not None and not rest.computed:
        draft.causes.append(Cause(resource.key, "inline_policy", rest.reason))


def _listed(shelf: Shelf, block: Resource, name: str, draft: _Draft) -> Iterator[Attached]:
    """The policies of a list of ARNs; where there may be others, ``draft`` is left open."""
    at, attribute = where(block, (name,))
    members = block.members(name)
    for item in members.items:
        yield from _each(shelf, item, at, attribute, block.located(name), True)
    for item in members.maybe:
        yield from _each(shelf, item, at, attribute, block.located(name), False)
    if members.open is not None:
        draft.causes.append(Cause(at, attribute, members.open.reason))


def _each(
    shelf: Shelf, value: Value, at: str, attribute: str, place: SourceSpan | None, certain: bool
) -> Iterator[Attached]:
    for policy, sure, why in shelf.named(value, at, attribute):
        doubt = () if certain else (Cause(at, attribute, "may hold fewer than the plan shows"),)
        yield Attached(policy, at, attribute, certain and sure, (*why, *doubt), place)


def _inline(run: Lowering, block: Block, role: Role, name: str) -> Attached:
    at, attribute = where(block, ())
    document = document_at(run, block, "policy")
    policy = Policy(f"{role.key}#{name}", INLINE, name, document, at, block.location)
    return Attached(policy, at, attribute or "policy", location=block.location)


def _taken_off(shelf: Shelf, role: Role) -> set[str]:
    """Keys of managed policies and names of inline ones that this plan takes off: echoes (K14)."""
    gone: set[str] = set()
    for change in shelf.run.world.changes("aws_iam_role_policy_attachment", "aws_iam_role_policy"):
        if change.before is None or "delete" not in change.actions:
            continue
        if scalar(change.before.value("role")) not in (role.name, role.arn, None) or not role.name:
            continue
        name = scalar(change.before.value("name"))
        if isinstance(name, str):
            gone.add(name)
        if change.address.type == "aws_iam_role_policy_attachment":
            value = change.before.value("policy_arn")
            gone.update(policy.key for policy, _, _ in shelf.named(value, change.key, "policy_arn"))
    return gone


def _attachments(shelf: Shelf, kind: str) -> Iterator[_Attachment]:
    run = shelf.run
    for resource in run.world.resources(f"aws_iam_{kind}_policy_attachment"):
        link = _carrier(run, resource, kind, kind)
        yield from _of_arn(shelf, resource, link)
    for resource in run.world.resources(f"aws_iam_{kind}_policy_attachments_exclusive"):
        link = _carrier(run, resource, kind, f"{kind}_name")
        for each in _all_listed(shelf, resource, "policy_arns"):
            yield _Attachment(link, each)
    for resource in run.world.resources("aws_iam_policy_attachment"):
        for link in _carriers_of(run, resource, kind):
            yield from _of_arn(shelf, resource, link)
    named: dict[str, set[str]] = {}
    for resource in run.world.resources(f"aws_iam_{kind}_policy"):
        link = _carrier(run, resource, kind, kind)
        name = text(resource, "name")
        for key in link.keys:
            named.setdefault(key, set()).add(name)
        key = f"{link.exact or ''}#{name}" if name else resource.key
        document = document_at(run, resource, "policy")
        policy = Policy(key, INLINE, name, document, resource.key, resource.location)
        yield _Attachment(link, Attached(policy, resource.key, "policy", location=resource.located("policy")))
    yield from _exclusive_names(run, kind, named)


def _exclusive_names(run: Lowering, kind: str, named: dict[str, set[str]]) -> Iterator[_Attachment]:
    """Inline policies that are listed by name and whose text no resource of the inputs has."""
    for resource in run.world.resources(f"aws_iam_{kind}_policies_exclusive"):
        link = _carrier(run, resource, kind, f"{kind}_name")
        known = {name for key in link.keys for name in named.get(key, ())}
        listed = resource.members("policy_names")
        for name in (scalar(item) for item in (*listed.items, *listed.maybe)):
            if name not in known and (isinstance(name, str) or "" not in known):
                why = Cause(resource.key, "policy_names", f"the text of {name or 'a policy'} is in no input")
                policy = Policy(f"{link.exact or ''}#{name}", INLINE, str(name or ""), unknown_document(why))
                yield _Attachment(link, Attached(policy, resource.key, "policy_names", False, (why,)))


def _of_arn(shelf: Shelf, resource: Resource, link: Pointer) -> Iterator[_Attachment]:
    at, attribute = where(resource, ("policy_arn",))
    place = resource.location
    for each in _each(shelf, resource.value("policy_arn"), at, attribute, place, True):
        yield _Attachment(link, each)


def _all_listed(shelf: Shelf, resource: Resource, name: str) -> Iterator[Attached]:
    draft = _Draft(Role("", ""))
    yield from _listed(shelf, resource, name, draft)
    for cause in draft.causes:
        policy = Policy("", MANAGED, "", unknown_document(cause))
        yield Attached(policy, resource.key, name, False, (cause,), resource.location)


def _carrier(run: Lowering, resource: Resource, kind: str, name: str) -> Pointer:
    return run.perhaps(resource, _link(run, resource.value(name), kind, resource.key, name))


def _link(run: Lowering, value: Value, kind: str, at: str, attribute: str) -> Pointer:
    """The carrier that a value names; without candidates where it may be any."""
    found = iam_link(run, value, kind, at, attribute)
    return Pointer(open=True, causes=found.causes) if found.open else found


def _carriers_of(run: Lowering, resource: Resource, kind: str) -> Iterable[Pointer]:
    name = f"{kind}s"
    if left_out(resource.value(name)):
        return ()
    members: Collection = resource.members(name)
    links = [_link(run, item, kind, resource.key, name) for item in members.items]
    for item in members.maybe:
        links.append(replace(_link(run, item, kind, resource.key, name), open=True))
    if members.open is not None:
        links.append(Pointer(open=True, causes=(Cause(resource.key, name, members.open.reason),)))
    return [run.perhaps(resource, link) for link in links]


def _attach(run: Lowering, drafts: dict[str, _Draft], each: _Attachment, kind: str) -> None:
    link, made = each.link, each.made
    if link.exact is not None:
        if link.exact not in drafts:
            drafts[link.exact] = _Draft(replace(outside(link.exact), kind=kind))
        drafts[link.exact].policies.append(made)
        return
    # NOTE: one that may be on any role may be on each of the inputs'.
    doubtful = replace(made, certain=False, causes=tuple(dict.fromkeys((*made.causes, *link.causes))))
    for key in link.keys if link.keys else sorted(drafts):
        if key not in drafts:
            drafts[key] = _Draft(replace(outside(key), kind=kind))
        drafts[key].policies.append(doubtful)
