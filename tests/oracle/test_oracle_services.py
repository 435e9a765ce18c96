"""The oracle against answers known by hand: load balancers, Instance Connect Endpoints, pods."""

from __future__ import annotations

import pytest

from .model_eks import SecurityGroup
from .model_network import Route, Subnet
from .model_services import (
    ConnectEndpoint,
    Listener,
    LoadBalancer,
    PodNetwork,
    PodPolicy,
    PodSubnet,
    Target,
    TargetGroup,
)
from .packets import integer
from .tiny import acl_on, allow, answer, entry, tiny
from .tiny_connected import known

CLIENT, NEAR = "8.8.8.8", "10.0.2.9"
ALL_OUT = entry("out", 900, "allow", "0.0.0.0/0")


def front(kind="network", *, internal=False, preserves=None, port=22, protocol="TCP"):
    """A balancer in the bastion subnet before the node group; nobody admits anything yet."""
    world = tiny(public=False)
    balancer = LoadBalancer("aws_lb.f", "arn:lb", "f", kind, "vpc-1", ["subnet-bastion"], internal)
    if kind == "application":
        protocol = "HTTP"
        world.groups.append(SecurityGroup("custom", "sg-lb", "vpc-1", "aws_security_group.lb"))
        balancer.groups = ["sg-lb"]
    group = TargetGroup(
        "aws_lb_target_group.t", "arn:tg", "t", "vpc-1", protocol, port, "instance", preserves
    )
    group.targets.append(Target("aws_autoscaling_attachment.t", "group", "eks-workers"))
    balancer.listeners.append(Listener("aws_lb_listener.l", "arn:l", protocol, 443, "arn:tg"))
    world.balancers.append(balancer)
    world.target_groups.append(group)
    return world


def through(world, address=CLIENT, **question):
    return answer(world, **question).scope("load_balancer").ask(integer(address))


# --- load balancers ----------------------------------------------------------------------------


def test_a_preserved_client_needs_the_nodes_rule():
    assert through(front()) == "blocked"
    assert through(allow(front(), "ingress", "8.8.8.0/24")) == "reachable"
    assert through(allow(front(), "ingress", "10.0.2.0/24")) == "blocked"


def test_without_preservation_the_node_sees_the_balancer():
    assert through(allow(front(preserves=False), "ingress", "8.8.8.0/24")) == "blocked"
    assert through(allow(front(preserves=False), "ingress", "10.0.2.0/24")) == "reachable"
    assert through(allow(front(preserves=False), "ingress", "10.0.2.0/25")) == "possible"


@pytest.mark.parametrize(
    ("protocol", "target_type", "preserves", "sees_client"),
    [
        ("TCP", "instance", None, True),
        ("TCP", "ip", None, False),
        ("TCP", "ip", True, True),
        ("TLS", "ip", None, False),
        ("UDP", "ip", None, True),
        ("TCP_UDP", "ip", False, True),
    ],
)
def test_preservation_by_default(protocol, target_type, preserves, sees_client):
    world = front(preserves=preserves, protocol=protocol)
    world.target_groups[0].target_type = target_type
    asked = "udp" if protocol == "UDP" else "tcp"
    allow(world, "ingress", "8.8.8.0/24", protocol=asked)
    assert through(world, protocol=asked) == ("reachable" if sees_client else "blocked")


def test_a_node_needs_neither_public_address_nor_route():
    world = allow(front(), "ingress", "0.0.0.0/0")
    for association in world.table_associations:
        if association.subnet_id == "subnet-nodes":
            association.table_id = "rtb-main"
    assert answer(world).ask_internet(integer(CLIENT)) == "blocked"
    assert through(world) == "reachable"


def test_the_balancers_own_subnet_needs_the_route():
    world = allow(front(), "ingress", "0.0.0.0/0")
    world.table_associations = [item for item in world.table_associations if item.subnet_id == "subnet-nodes"]
    assert through(world) == "blocked"


def test_an_internal_one_serves_the_vpc_only():
    world = allow(front(internal=True), "ingress", "0.0.0.0/0")
    assert through(world) == "blocked"
    assert through(world, NEAR) == "reachable"


def test_an_application_balancer_hides_the_client_and_has_groups():
    world = allow(front("application"), "ingress", groups=["sg-lb"])
    assert through(world) == "blocked"
    allow(world, "ingress", "8.0.0.0/8", group="sg-lb", ports=(443, 443))
    assert through(world) == "blocked"  # its own egress
    allow(world, "egress", groups=["sg-node"], group="sg-lb")
    assert through(world) == "reachable"
    assert through(world, "9.9.9.9") == "blocked"


def test_a_rule_naming_the_balancers_group_admits_preserved_clients():
    world = front()
    world.groups.append(SecurityGroup("custom", "sg-lb", "vpc-1", "aws_security_group.lb"))
    world.balancers[0].groups = ["sg-lb"]
    allow(world, "ingress", groups=["sg-lb"])
    allow(world, "ingress", "0.0.0.0/0", group="sg-lb", ports=(443, 443))
    allow(world, "egress", "0.0.0.0/0", group="sg-lb")
    assert through(world) == "reachable"


def test_only_the_port_the_group_sends_to():
    assert through(allow(front(port=30080), "ingress", "0.0.0.0/0", ports=(0, 65535))) == "blocked"
    world = allow(front(port=30080), "ingress", "0.0.0.0/0", ports=(0, 65535))
    assert through(world, port=30080) == "reachable"
    world.target_groups[0].targets[0].port = 22
    assert through(world) == "reachable"


def test_only_what_is_registered_and_listened_for():
    world = allow(front(), "ingress", "0.0.0.0/0")
    assert through(world, protocol="udp") == "blocked"
    world.target_groups[0].targets[0].name = "eks-others"
    assert through(world) == "blocked"


def test_acls_on_both_legs():
    world = acl_on(allow(front(), "ingress", "0.0.0.0/0"), "subnet-bastion", ALL_OUT)
    assert through(world) == "blocked"
    world.acls[-1].entries.append(entry("in", 10, "allow", "0.0.0.0/0", "tcp", (443, 443)))
    # The node's reply does not come back in, if that list is read when the client's address is kept.
    assert through(world) == "blocked or possible or reachable"
    world.target_groups[0].preserves_client = False
    assert through(allow(world, "ingress", "0.0.0.0/0")) == "blocked"
    world.target_groups[0].preserves_client = None
    world.acls[-1].entries.append(entry("in", 20, "allow", "10.0.1.0/24"))
    assert through(world) == "reachable"
    acl_on(world, "subnet-nodes", ALL_OUT, entry("in", 10, "allow", "10.0.0.0/8"))
    assert through(world) == "blocked"  # the client's own address enters the node's subnet
    world.target_groups[0].preserves_client = False
    assert through(world) == "reachable"


# --- Instance Connect Endpoint -------------------------------------------------------------------


def door(preserves=False):
    world = tiny()
    world.groups.append(SecurityGroup("custom", "sg-door", "vpc-1", "aws_security_group.door"))
    world.endpoints.append(
        ConnectEndpoint(
            "aws_ec2_instance_connect_endpoint.d", "eice-1", "vpc-1", "subnet-bastion", ["sg-door"], preserves
        )
    )
    return world


def via_door(world, **question):
    expected = answer(world, **question)
    return known(expected, "aws_ec2_instance_connect_endpoint.d", "instance_connect_endpoint")


def test_an_endpoint_needs_its_egress_and_the_nodes_ingress():
    world = allow(door(), "ingress", groups=["sg-door"])
    assert via_door(world) == "blocked"
    allow(world, "egress", "10.0.1.0/24", group="sg-door", ports=(0, 65535))
    assert via_door(world) == "reachable"
    assert via_door(world, protocol="udp") == via_door(world, port=443) == "blocked"


def test_an_endpoint_by_address():
    world = allow(door(), "egress", "10.0.0.0/16", group="sg-door")
    assert via_door(allow(world, "ingress", "10.0.2.0/25")) == "possible"
    assert via_door(allow(world, "ingress", "10.0.2.128/25")) == "reachable"


def test_a_preserving_endpoint_shows_its_client():
    world = allow(door(True), "egress", "10.0.0.0/16", group="sg-door")
    assert via_door(world) == "blocked"
    assert via_door(allow(world, "ingress", "8.8.8.0/24")) == "blocked or possible or reachable"
    assert via_door(allow(world, "ingress", groups=["sg-door"])) == "possible or reachable"


# --- pods ----------------------------------------------------------------------------------------


def pods_world(**settings):
    """Nodes admit each other (self); a subnet for pods in the same zone."""
    world = allow(allow(tiny(), "ingress", own_members=True), "egress", own_members=True)
    world.tables[1].routes.clear()
    world.subnets.append(Subnet("aws_subnet.pods", "subnet-pods", "vpc-1", "10.0.9.0/26"))
    world.groups.append(SecurityGroup("custom", "sg-pods", "vpc-1", "aws_security_group.pods"))
    world.pod_networks.append(PodNetwork("aws_eks_addon.cni", "prod", **settings))
    return world


def pod_sources(world):
    return {key[2]: verdict for key, verdict in answer(world).known.items() if key[0] == "pods"}


def custom(groups):
    return {"custom_networking": True, "subnets": [PodSubnet("eu-west-1a", "subnet-pods", groups)]}


def test_pods_share_the_nodes_subnet_and_groups_by_default():
    assert pod_sources(pods_world()) == {"aws_subnet.nodes": "reachable"}


def test_custom_networking_moves_pods_and_their_groups():
    assert pod_sources(pods_world(**custom([]))) == {"aws_subnet.pods": "reachable"}
    world = pods_world(**custom(["sg-pods"]))
    assert pod_sources(world) == {"aws_subnet.pods": "blocked"}
    allow(world, "egress", "0.0.0.0/0", group="sg-pods")
    assert pod_sources(allow(world, "ingress", groups=["sg-pods"])) == {"aws_subnet.pods": "reachable"}


def test_custom_networking_meets_the_acl_between_the_subnets():
    world = acl_on(pods_world(**custom([])), "subnet-nodes", ALL_OUT)
    assert pod_sources(world) == {"aws_subnet.pods": "blocked"}


def test_no_eniconfig_for_the_zone_no_pods_and_none_in_ipv6_clusters():
    world = pods_world(**custom([]))
    world.pod_networks[0].subnets[0].zone = "eu-west-1c"
    assert pod_sources(world) == {None: "blocked or possible"}


def test_security_groups_for_pods_need_the_setting():
    world = pods_world(
        pod_interfaces=True, policies=[PodPolicy("kubectl_manifest.p", "kubectl_manifest", ["sg-pods"])]
    )
    world.group("sg-node").rules.clear()
    allow(world, "ingress", groups=["sg-pods"])
    allow(world, "egress", "0.0.0.0/0", group="sg-pods")
    assert pod_sources(world) == {"aws_subnet.nodes": "reachable"}  # the pods that the policy selects
    world.pod_networks[0].pod_interfaces = False
    assert pod_sources(world) == {"aws_subnet.nodes": "blocked"}


def test_security_groups_for_pods_in_a_public_subnet_leave_room():
    world = pods_world(
        pod_interfaces=True, policies=[PodPolicy("kubectl_manifest.p", "kubectl_manifest", ["sg-pods"])]
    )
    world.tables[1].routes.append(Route("igw-1", cidr="0.0.0.0/0"))
    world.group("sg-node").rules.clear()
    allow(world, "ingress", groups=["sg-pods"])
    allow(world, "egress", "0.0.0.0/0", group="sg-pods")
    assert pod_sources(world) == {"aws_subnet.nodes": "blocked or possible or reachable"}
