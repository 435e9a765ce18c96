"""Whether an instance has a public IPv4 address of its own: at launch, and once it exists (facts D1-D7)."""

from __future__ import annotations

from eks_checks.aws.knowledge import NO, YES, Cause, Truth
from eks_checks.aws.lower.attachments import ElasticAddresses
from eks_checks.aws.lower.context import Lowering, left_out, text
from eks_checks.aws.lower.templates import subnet_addressing
from eks_checks.aws.vpc import Subnet
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.sameness import Same, same
from eks_checks.terraform.value import Known, is_null, scalar

_FLAG = "associate_public_ip_address"


def own_public(run: Lowering, resource: Resource, subnet: Subnet | None, elastic: ElasticAddresses) -> Truth:
    """Whether an instance on an interface of its own has a public IPv4 besides Elastic IPs (D1, D2)."""
    kept = _kept_public(resource, elastic, (run.identity.key(resource),))
    if kept is not None:
        return kept
    if not left_out(resource.value(_FLAG)):
        return run.truth(resource, _FLAG)
    return subnet_addressing(subnet, "")[0]


def hidden_public(
    run: Lowering,
    instance: Resource,
    interface: Resource,
    subnet: Subnet | None,
    elastic: ElasticAddresses,
) -> Truth:
    """Whether an existing primary interface has a public IPv4: an attribute Terraform does not show (D7).

    A refreshed instance mirrors it (D6); before that only the subnet's flag gives a hint.
    """
    if "create" not in interface.actions:
        kept = _kept_public(instance, elastic, (run.identity.key(instance), run.identity.key(interface)))
        if kept is not None:
            return kept
    flag = subnet_addressing(subnet, "")[0]
    if not flag.possibly:
        return NO
    name = subnet.resource if subnet is not None else ""
    reason = "whether the interface got a public address is not in Terraform"
    why = Cause(name, "map_public_ip_on_launch", reason, "it got one", "it got none")
    return Truth(None, (why, *flag.causes))


def _kept_public(instance: Resource, elastic: ElasticAddresses, keys: tuple[str, ...]) -> Truth | None:
    """Whether an instance that stays keeps a public IPv4 that is no Elastic IP; None for a new one.

    Its launch has settled that, whatever its subnet says by now (D1): stopping and starting it changes
    the address only. What it had is mirrored from before, an Elastic IP included (D6).
    """
    prior = instance.prior
    if "create" in instance.actions or prior is None:
        return None
    flag, flagged = instance.value(_FLAG), prior.value(_FLAG)
    if isinstance(flag, Known) and same(flag, flagged) is Same.NO:
        return Truth(flag.value is True)
    address = text(prior, "public_ip")
    had = scalar(flagged if is_null(prior.value("public_ip")) else prior.value("public_ip"))
    if had and not any(elastic.leaves(key, address) for key in keys):
        return YES
    if had in ("", False) and not text(prior, "instance_state").startswith("stop"):
        return NO
    why = "its Elastic IP goes; whether it has another public address is not in the plan"
    if not had:
        why = "whether it was launched with a public address is not in the inputs"
    return Truth(None, (Cause(instance.key, "public_ip", why, "it has one", "it has none"),))
