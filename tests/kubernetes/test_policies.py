"""Which policies surely keep every pod from a node's tcp 22 (fact I8). Nodes are 10.0.1.0/24."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eks_checks.kubernetes.manifest import Contents
from eks_checks.kubernetes.policies.egress import SYSTEM_NAMESPACES, pod_egress
from eks_checks.kubernetes.policies.rules import Asked
from eks_checks.sets import AddressSet, TrafficSet
from tests.aws.plans import R
from tests.kubernetes.test_reading import read

NODES = AddressSet.from_cidr("10.0.1.0/24")
SSH = TrafficSet.tcp(22, 22)
SWITCH = "aws_eks_addon.cni"
CALICO = R("helm_release.calico", {"chart": "tigera-operator", "values": [], "namespace": "kube-system"})
CILIUM = R("helm_release.cilium", {"chart": "cilium", "values": [], "namespace": "kube-system"})
Object = dict[str, Any]


def held(
    *resources: R,
    engine: str = SWITCH,
    version: tuple[int, int] | None = (1, 22),
    own: bool | None = True,
    traffic: TrafficSet = SSH,
) -> bool:
    found = read(*resources)
    assert not found.unread
    return bool(told(found, engine, version, own, traffic))


def told(
    found: Contents,
    engine: str = SWITCH,
    version: tuple[int, int] | None = (1, 22),
    own: bool | None = True,
    traffic: TrafficSet = SSH,
) -> tuple[str, ...]:
    return pod_egress(found, engine, version).held(Asked(NODES, traffic, own))


def manifest(api: str, kind: str, name: str, spec: Object, namespace: str = "") -> R:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    body = {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}
    return R(f"kubectl_manifest.{kind}_{name}_{namespace}", {"yaml_body": json.dumps(body)})


def standard(spec: Object, namespace: str, name: str = "p") -> R:
    return manifest("networking.k8s.io/v1", "NetworkPolicy", name, spec, namespace)


def everywhere(spec: Object) -> tuple[R, ...]:
    return tuple(standard(spec, namespace) for namespace in SYSTEM_NAMESPACES)


def closed(*egress: Object) -> Object:
    return {"podSelector": {}, "policyTypes": ["Egress"], "egress": list(egress)}


def block(cidr: str, *but: str) -> Object:
    return {"to": [{"ipBlock": {"cidr": cidr, **({"except": list(but)} if but else {})}}]}


# --- Kubernetes' own -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "stops"),
    [
        (closed(), True),
        (closed(block("0.0.0.0/0", "10.0.0.0/8")), True),
        (closed(block("0.0.0.0/0", "10.0.1.0/25")), False),
        (closed(block("10.0.2.0/24")), True),
        (closed(block("10.0.1.7/32")), False),
        (closed({}), False),
        (closed({"ports": [{"port": 53, "protocol": "UDP"}, {"port": 443}]}), True),
        (closed({"ports": [{"port": 1, "endPort": 65535}]}), False),
        (closed({"ports": [{"port": "ssh"}]}), False),
        (closed({"to": [{"podSelector": {}}, {"namespaceSelector": {}}]}), True),
        (closed({"ports": [{"port": 22, "protocol": "UDP"}]}), True),
        ({"podSelector": {"matchLabels": {"a": "b"}}, "policyTypes": ["Egress"]}, False),
        ({"podSelector": {}, "policyTypes": ["Ingress"]}, False),
        ({"podSelector": {}}, False),
        ({"podSelector": {}, "egress": [block("10.9.0.0/16")]}, True),
    ],
)
def test_of_selected_pods_only_what_is_allowed_gets_out(spec: Object, stops: bool) -> None:
    assert held(*everywhere(spec)) is stops


def test_every_namespace_has_to_be_closed() -> None:
    policies = everywhere(closed())
    assert told(read(*policies)) == tuple(sorted(one.address for one in policies))
    assert not held(*policies[1:])
    more = R("kubernetes_namespace_v1.shop", {"metadata": [{"name": "shop"}]})
    assert not held(*policies, more)
    assert held(*policies, more, standard(closed(), "shop"))
    release = R("helm_release.shop", {"chart": "shop", "values": [], "namespace": "shop"})
    assert not held(*policies, release)


def test_what_is_left_open_is_told_by_namespace() -> None:
    first, second, *_ = policies = everywhere(closed())
    asked = Asked(NODES, SSH, True)
    assert pod_egress(read(*policies), SWITCH, (1, 22)).left_open(asked) == ()
    assert pod_egress(read(first, second), SWITCH, (1, 22)).left_open(asked) == SYSTEM_NAMESPACES[2:]


def test_policies_add_up() -> None:
    opening = standard({"podSelector": {"matchLabels": {"a": "b"}}, "egress": [{}]}, "default", "open")
    assert not held(*everywhere(closed()), opening)


def test_without_an_engine_a_policy_does_nothing() -> None:
    assert not held(*everywhere(closed()), engine="")
    assert held(*everywhere(closed()), CALICO, engine="")


def test_a_policy_that_is_not_known_stops_nothing() -> None:
    body = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "p"}}
    unknown = R("kubernetes_manifest.p", {"manifest": {**body, "spec": {}}}, {"manifest": {"spec": True}})
    assert not held(*everywhere(closed()), unknown)


# --- Calico ----------------------------------------------------------------------------------------


def calico(name: str, order: float | None, *egress: Object, **more: Any) -> R:
    spec = {"types": ["Egress"], "egress": list(egress), **more}
    if order is not None:
        spec["order"] = order
    return manifest("projectcalico.org/v3", "GlobalNetworkPolicy", name, spec)


DENY_SSH = {"action": "Deny", "protocol": "TCP", "destination": {"nets": ["10.0.0.0/16"], "ports": [22]}}
ALLOW_ALL: Object = {"action": "Allow"}


@pytest.mark.parametrize(
    ("policies", "stops"),
    [
        ([calico("a", 10, DENY_SSH, ALLOW_ALL)], True),
        ([calico("a", 10, ALLOW_ALL, DENY_SSH)], False),
        ([calico("a", 10, DENY_SSH), calico("b", 5, ALLOW_ALL)], False),
        ([calico("a", 10, DENY_SSH), calico("b", 20, ALLOW_ALL)], True),
        ([calico("a", 10, DENY_SSH), calico("b", 10, ALLOW_ALL)], False),
        ([calico("a", 10, DENY_SSH), calico("b", None, ALLOW_ALL)], True),
        ([calico("a", 10, DENY_SSH, selector="role == 'web'")], False),
        ([calico("a", 10, DENY_SSH, selector="all()")], True),
        (
            [calico("a", 10, DENY_SSH, namespaceSelector="kubernetes.io/metadata.name != 'kube-system'")],
            False,
        ),
        ([calico("a", 10)], True),
        ([calico("a", 10, {"action": "Allow", "destination": {"notNets": ["10.0.0.0/8"]}})], True),
        ([calico("a", 10, {"action": "Pass"}, DENY_SSH)], False),
        ([calico("a", 10, {**DENY_SSH, "destination": {"selector": "role == 'node'"}}, ALLOW_ALL)], False),
        ([calico("a", 10, {**DENY_SSH, "destination": {"ports": ["20:30"]}}, ALLOW_ALL)], True),
        ([calico("a", 10, {**DENY_SSH, "destination": {"ports": ["ssh"]}}, ALLOW_ALL)], False),
        ([calico("a", 10, {**DENY_SSH, "protocol": "UDP"}, ALLOW_ALL)], False),
        ([calico("a", 10, DENY_SSH, types=["Ingress"])], False),
        ([calico("a", 10, DENY_SSH), calico("b", 1, ALLOW_ALL, tier="platform")], False),
    ],
)
def test_calico_goes_by_order(policies: list[R], stops: bool) -> None:
    assert held(CALICO, *policies, engine="") is stops


def test_calicos_policies_need_calico() -> None:
    assert not held(calico("a", 10, DENY_SSH))


def test_kubernetes_policies_come_at_order_1000_in_calico() -> None:
    opening = standard({"podSelector": {}, "egress": [{}]}, "default")
    assert held(CALICO, calico("a", 999, DENY_SSH), opening, engine="")
    assert not held(CALICO, calico("a", 1001, DENY_SSH), opening, engine="")


# --- Cilium ----------------------------------------------------------------------------------------


def cilium(name: str = "a", **spec: Any) -> R:
    kind = "CiliumClusterwideNetworkPolicy"
    return manifest("cilium.io/v2", kind, name, {"endpointSelector": {}, **spec})


TO_NODES = {"toEntities": ["remote-node", "host"]}
TCP_22 = [{"ports": [{"port": "22", "protocol": "TCP"}]}]


@pytest.mark.parametrize(
    ("policies", "stops"),
    [
        ([cilium(egressDeny=[{**TO_NODES, "toPorts": TCP_22}])], True),
        ([cilium(egressDeny=[TO_NODES]), cilium("b", egress=[{"toEntities": ["all"]}])], True),
        ([cilium(egressDeny=[{"toEntities": ["host"]}])], False),
        ([cilium(egressDeny=[{"toCIDR": ["10.0.0.0/8"]}])], False),
        ([cilium(egressDeny=[{"toPorts": TCP_22}])], True),
        ([cilium(egressDeny=[{**TO_NODES, "toPorts": [{"ports": [{"port": "23"}]}]}])], False),
        ([cilium(egress=[{}])], True),
        ([cilium(egress=[{"toEntities": ["world"]}, {"toEndpoints": [{}]}])], True),
        ([cilium(egress=[{"toEntities": ["cluster"]}])], False),
        ([cilium(egress=[{"toCIDR": ["10.0.1.0/24"]}])], False),
        ([cilium(egress=[{"toCIDRSet": [{"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}]}])], True),
        ([cilium(egress=[{"toPorts": [{"ports": [{"port": "443"}]}]}])], True),
        ([cilium(egress=[{"toPorts": [{"ports": [{"port": "0"}]}]}])], False),
        ([cilium(egress=[{"toFQDNs": [{"matchName": "example.org"}]}])], False),
        ([cilium(egress=[{}], endpointSelector={"matchLabels": {"a": "b"}})], False),
        ([cilium(egress=[{}], enableDefaultDeny={"egress": False})], False),
        ([cilium(egress=[{}]), standard({"podSelector": {}, "egress": [{}]}, "default")], False),
    ],
)
def test_cilium_denies_first_and_adds_up_what_it_allows(policies: list[R], stops: bool) -> None:
    assert held(CILIUM, *policies, engine="") is stops


def test_nodes_of_another_cluster_are_the_world_to_cilium() -> None:
    deny, world = cilium(egressDeny=[TO_NODES]), cilium("b", egress=[{"toEntities": ["world"]}])
    assert not held(CILIUM, deny, engine="", own=False)
    assert not held(CILIUM, deny, engine="", own=None)
    assert not held(CILIUM, world, engine="", own=False)


def test_cilium_may_be_told_not_to_enforce() -> None:
    off = R("helm_release.cilium", {"chart": "cilium", "values": ["policyEnforcementMode: never"]})
    assert not held(off, cilium(egress=[{}]), engine="")


# --- rules for the whole cluster --------------------------------------------------------------------


NODE_RANGE = "10.0.0.0/16"


def tiered(tier: str, priority: int, *egress: Object, subject: Object | None = None) -> R:
    spec = {"tier": tier, "priority": priority, "subject": subject or {"namespaces": {}}, "egress": [*egress]}
    return manifest("networking.k8s.aws/v1alpha1", "ClusterNetworkPolicy", f"{tier}-{priority}", spec)


def rule(action: str, *networks: str, port: int | None = None) -> Object:
    ports = {"ports": [{"portNumber": {"protocol": "TCP", "port": port}}]} if port else {}
    return {"name": "x", "action": action, "to": [{"networks": list(networks)}], **ports}


@pytest.mark.parametrize(
    ("policies", "stops"),
    [
        ([tiered("Admin", 10, rule("Deny", NODE_RANGE, port=22))], True),
        ([tiered("Admin", 10, rule("Deny", NODE_RANGE, port=23))], False),
        (
            [
                tiered("Admin", 10, rule("Deny", NODE_RANGE)),
                tiered("Admin", 1, rule("Accept", "0.0.0.0/0")),
            ],
            False,
        ),
        ([tiered("Baseline", 1, rule("Deny", NODE_RANGE))], True),
        (
            [
                tiered("Baseline", 1, rule("Deny", NODE_RANGE)),
                standard({"podSelector": {}, "egress": [{}]}, "default"),
            ],
            False,
        ),
        (
            [
                tiered("Admin", 1, rule("Deny", NODE_RANGE)),
                standard({"podSelector": {}, "egress": [{}]}, "default"),
            ],
            True,
        ),
        (
            [
                tiered(
                    "Admin",
                    1,
                    rule("Deny", NODE_RANGE),
                    subject={"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": "default"}}},
                )
            ],
            False,
        ),
    ],
)
def test_cluster_policies_stand_around_those_of_namespaces(policies: list[R], stops: bool) -> None:
    assert held(*policies) is stops


def test_an_older_cni_knows_no_cluster_policies() -> None:
    deny = tiered("Admin", 10, rule("Deny", NODE_RANGE))
    assert not held(deny, version=(1, 20))
    assert not held(deny, version=None), "which version it is has to be known"
