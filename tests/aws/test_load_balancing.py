"""Load balancers as the inputs tell them: what is unknown stays open, and what is not read is said."""

from __future__ import annotations

from eks_checks.aws.estate import Estate
from tests.aws.plans import R, estate, nodes, ref
from tests.reach.balanced import NETWORK, balancer, listener, target_group

GROUP_NAME = "aws_eks_node_group.workers.resources[0].autoscaling_groups[0].name"


def unmodelled(found: Estate) -> dict[str, tuple[str, ...]]:
    """Type to resources."""
    return {entry.type: entry.resources for entry in found.coverage.unmodelled}


def test_a_node_group_is_registered_by_the_auto_scaling_group_that_eks_makes() -> None:
    attached = R(
        "aws_autoscaling_attachment.this",
        {"lb_target_group_arn": "arn:tg"},
        {"autoscaling_group_name": True},
        {"autoscaling_group_name": ref(GROUP_NAME)},
    )
    found = estate(target_group(), attached, nodes(unknown={"resources": True}))
    [one] = found.balancing.groups["aws_lb_target_group.this"].registrations
    assert one.creators.sure == {"aws_eks_node_group.workers"}
    assert (one.port, one.causes) == (30080, ())


def test_after_apply_it_is_known_by_that_groups_name() -> None:
    attached = R(
        "aws_autoscaling_attachment.this",
        {"lb_target_group_arn": "arn:tg", "autoscaling_group_name": "eks-workers-1"},
    )
    made = nodes({"resources": [{"autoscaling_groups": [{"name": "eks-workers-1"}]}]})
    [one] = estate(target_group(), attached, made).balancing.groups["aws_lb_target_group.this"].registrations
    assert one.creators.sure == {"aws_eks_node_group.workers"}


def test_an_application_balancer_without_groups_has_the_default_one_and_a_network_one_none() -> None:
    kinds = {"application": {"aws_vpc.this#default_security_group"}, "network": None}
    for kind, expected in kinds.items():
        bare = balancer(kind, security_groups=None)
        groups = estate(*NETWORK, bare).balancing.balancers["aws_lb.this"].groups
        assert (None if groups is None else set(groups.sure)) == expected


def test_a_list_of_groups_that_may_turn_out_empty_filters_nothing_for_sure() -> None:
    values = {k: v for k, v in balancer("network").values.items() if k != "security_groups"}
    open_ = R("aws_lb.this", values, {"security_groups": True}, {"security_groups": ref("local.groups")})
    groups = estate(*NETWORK, open_).balancing.balancers["aws_lb.this"].groups
    assert groups is not None
    assert (groups.sure, groups.open) == (frozenset(), True)


def test_a_target_group_with_which_nothing_is_registered_is_an_assumption() -> None:
    found = estate(*NETWORK, balancer(), listener(), target_group())
    assert ("aws_lb_target_group.this", "M8") in {(a.subject, a.fact) for a in found.coverage.assumptions}


def test_what_makes_balancers_outside_the_inputs_is_said() -> None:
    service = R("kubernetes_service_v1.web", {"spec": [{"type": "LoadBalancer"}]})
    inner = R("kubernetes_service_v1.inner", {"spec": [{"type": "ClusterIP"}]})
    ingress = R("kubernetes_ingress_v1.web", {})
    gateway = balancer("gateway", security_groups=[])
    found = unmodelled(estate(*NETWORK, service, inner, ingress, gateway))
    assert found["kubernetes_service_v1"] == ("kubernetes_service_v1.web",)
    assert found["kubernetes_ingress_v1"] == ("kubernetes_ingress_v1.web",)
    assert found["aws_lb (gateway)"] == ("aws_lb.this",)


def test_services_in_manifests_are_said_too() -> None:
    manifest = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}
    made = R("kubernetes_manifest.web", {"manifest": {**manifest, "spec": {"type": "LoadBalancer"}}})
    quiet = R("kubernetes_manifest.quiet", {"manifest": {**manifest, "spec": {"type": "NodePort"}}})
    assert unmodelled(estate(*NETWORK, made, quiet))["kubernetes_manifest"] == ("kubernetes_manifest.web",)


def test_modelled_balancers_are_no_longer_listed() -> None:
    assert not {t for t in unmodelled(estate(*NETWORK, balancer(), listener(), target_group())) if "lb" in t}
