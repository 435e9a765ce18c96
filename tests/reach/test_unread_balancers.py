"""Load balancers, listeners and rules that the inputs tell in part: nobody who may get in is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.aws.plans import OPAQUE, R
from tests.reach.balanced import (
    EVERYWHERE,
    REGISTERED,
    balancer,
    lets,
    listener,
    target_group,
    through,
    workers,
)

OPEN = (lets("lb", (443, 443), EVERYWHERE), lets("node", (30080, 30080), "lb"))
NODES = (*workers(), REGISTERED, target_group(), *OPEN)
FORWARD = {"type": "forward", "target_group_arn": "arn:tg"}
PATH = [{"path_pattern": [{"values": ["/shop/*"]}]}]
FAR = {
    "id": "arn:far",
    "arn": "arn:far",
    "load_balancer_arn": "arn:shared",
    "port": 443,
    "protocol": "HTTPS",
    "default_action": [{"type": "fixed-response"}],
}


def unread(resource: R, name: str, **values: Any) -> R:
    """The resource with an argument by an expression that nobody can read."""
    kept = {key: value for key, value in {**resource.values, **values}.items() if key != name}
    return replace(resource, values=kept, unknown={name: True}, expressions={name: OPAQUE})


def rule(**values: Any) -> R:
    return R("aws_lb_listener_rule.shop", {"action": [FORWARD], "condition": PATH, "priority": 10, **values})


def told(*resources: R) -> dict[str, str]:
    """Resource of each load balancer source to its verdict."""
    return {source.resource: source.verdict.value for source in through(*resources)}


def test_a_rule_on_a_listener_read_as_data_forwards_for_its_balancer() -> None:
    data = R("data.aws_lb_listener.shared", FAR)
    assert told(*NODES, data, rule(listener_arn="arn:far")) == {"arn:shared": "possible"}
    quiet = rule(listener_arn="arn:far", action=[{"type": "fixed-response"}])
    assert told(*NODES, data, quiet) == {}


def test_a_rule_on_a_listener_known_by_its_arn_alone() -> None:
    assert told(*NODES, rule(listener_arn="arn:far")) == {"arn:far": "possible"}


def test_a_rule_whose_listener_cannot_be_told_may_be_any_listeners() -> None:
    nowhere = unread(rule(), "listener_arn")
    own = listener(default_action=[{"type": "fixed-response"}])
    found = told(*NODES, balancer(), own, nowhere)
    assert found == {"aws_lb.this": "possible", "aws_lb_listener_rule.shop": "possible"}


def test_a_rule_of_one_of_two_listeners_is_surely_of_neither() -> None:
    first = listener(default_action=[{"type": "fixed-response"}], port=443)
    second = replace(first, address="aws_lb_listener.other", values={**first.values, "id": "arn:other"})
    second = replace(second, values={**second.values, "arn": "arn:other"})
    either = unread(rule(), "listener_arn")
    assert told(*NODES, balancer(), first, second, either)["aws_lb.this"] == "possible"
    assert told(*NODES, balancer(), first, rule(listener_arn="arn:listener")) == {"aws_lb.this": "reachable"}


def test_a_listener_of_an_unknown_balancer_may_be_that_of_the_inputs() -> None:
    found = told(*NODES, balancer(), unread(listener(), "load_balancer_arn"))
    assert found == {"aws_lb.this": "possible", "aws_lb_listener.this": "possible"}


def test_nodes_registered_with_an_unknown_target_group_may_be_in_that_of_the_inputs() -> None:
    registered = unread(REGISTERED, "lb_target_group_arn")
    found = told(*workers(), registered, target_group(), *OPEN, balancer(), listener())
    assert found == {"aws_lb.this": "possible", "aws_autoscaling_attachment.this": "possible"}


def test_a_classic_balancer_whose_listeners_are_not_known() -> None:
    values = {"id": "web", "name": "web", "internal": False, "security_groups": ["sg-lb"]}
    classic = R("aws_elb.web", {**values, "subnets": ["subnet-edge_a"]}, {"listener": True})
    registered = R("aws_autoscaling_attachment.this", {"autoscaling_group_name": "workers", "elb": "web"})
    assert told(*workers(), *OPEN, classic, registered) == {"aws_elb.web": "possible"}
    assert told(*workers(), *OPEN, classic) == {}


def test_an_accelerator_whose_endpoints_are_not_known() -> None:
    shown = R("aws_globalaccelerator_endpoint_group.this", {}, {"endpoint_configuration": True})
    assert told(*NODES, balancer(), listener(), shown) == {
        "aws_lb.this": "reachable",
        "aws_globalaccelerator_endpoint_group.this": "possible",
    }
