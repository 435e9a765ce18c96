"""Which groups pods share with their nodes (I1, I3, I5)."""

from __future__ import annotations

import pytest

from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import NO, YES, KeySet, Pointer, exactly
from eks_checks.aws.pod_groups import PodGroups, Sharing
from tests.checks import builders as b

POD_SG = "aws_security_group.pods"
NODE = b.node(b.shape(b.NODE_SG))


def pods(*groups: str, keys: KeySet | None = None, **changes: object) -> Interface:
    shape = b.shape(*groups, keys=keys)
    return b.node(shape, kind="pods", node=NO, **changes)


def sharing(*interfaces: Interface, node: Interface = NODE) -> Sharing | None:
    estate = b.World(interfaces=(node,), pods=interfaces, clusters=(b.cluster(),)).view().estate
    found = list(PodGroups(estate).of(b.cluster()))
    assert len(found) <= 1
    return found[0] if found else None


def value(*interfaces: Interface, node: Interface = NODE) -> bool | None:
    one = sharing(*interfaces, node=node)
    assert one is not None
    if one.shared.value is None:
        assert one.shared.causes, "what decides must be named"
    return one.shared.value


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ((b.NODE_SG,), True),
        ((b.NODE_SG, b.CLUSTER_SG), True),  # the cluster group is nobody's own
        ((POD_SG,), False),
        ((POD_SG, b.NODE_SG), False),
        ((b.CLUSTER_SG,), False),
    ],
)
def test_pods_share_what_their_nodes_carry_and_have_nothing_of_their_own(
    groups: tuple[str, ...], expected: bool
) -> None:
    assert value(pods(*groups)) is expected


def test_a_policy_in_force_for_some_pods_is_enough() -> None:
    assert value(pods(b.NODE_SG), pods(POD_SG)) is False
    assert value(pods(b.NODE_SG), pods(POD_SG, certain=False, causes=(b.WHY,))) is None


def test_one_of_several_networks_that_all_share() -> None:
    maybe = pods(b.NODE_SG, certain=False, causes=(b.WHY,))
    assert value(maybe, pods(b.NODE_SG, at=b.OTHER_SUBNET, certain=False, causes=(b.WHY,))) is True


def test_custom_networking_that_may_be_off() -> None:
    both = (pods(b.NODE_SG, certain=False, causes=(b.WHY,)), pods(POD_SG, certain=False, causes=(b.WHY,)))
    assert value(*both) is None


def test_groups_that_cannot_be_told() -> None:
    open_ = KeySet(open=True, causes=(b.WHY,))
    assert value(pods(keys=open_)) is None
    unknown = b.node(b.shape(keys=open_))
    assert value(pods(keys=open_), node=unknown) is True, "the same list, whatever it is"
    assert value(pods(POD_SG), node=unknown) is None


def test_the_nodes_of_one_template_are_enough() -> None:
    two = b.node(b.shape(b.NODE_SG), b.shape("aws_security_group.gpu"))
    assert value(pods(b.NODE_SG), pods("aws_security_group.gpu"), node=two) is True


def test_a_second_interface_of_a_node_lends_pods_nothing() -> None:
    two = b.node(b.shape(b.NODE_SG), b.shape(POD_SG, primary=False))
    assert value(pods(POD_SG), node=two) is False


def test_what_may_be_no_node_or_another_clusters_is_not_sure() -> None:
    assert value(pods(b.NODE_SG), node=b.node(b.shape(b.NODE_SG), node=b.MAYBE)) is None
    either = b.node(
        b.shape(b.NODE_SG), cluster=Pointer((b.CLUSTER, "aws_eks_cluster.other"), causes=(b.WHY,))
    )
    assert value(pods(b.NODE_SG), node=either) is None
    other = b.node(b.shape(b.NODE_SG), cluster=Pointer(("aws_eks_cluster.other",)))
    assert sharing(pods(b.NODE_SG), node=other) is None


def test_fargate_pods_have_no_node_to_share_with() -> None:
    fargate = Interface(
        "aws_eks_fargate_profile.app",
        "fargate",
        b.SUBNET,
        (b.shape(keys=exactly(b.CLUSTER_SG)),),
        Pointer((b.CLUSTER,)),
        NO,
    )
    assert sharing(fargate, node=b.node(b.shape(b.CLUSTER_SG), node=YES)) is None
