"""EKS502, EKS503, EKS506 and EKS604 on small plans: what fails, passes, and is possible only."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eks_checks.findings import Severity
from tests.aws.plans import CLUSTER, OPAQUE, Object, R, ref
from tests.aws.test_access import POLICY, ROLE, USER, association, auth, binding, entry
from tests.checks.test_roles import statuses, told

AUTH = "kubernetes_config_map_v1_data.auth"
BINDING = "kubernetes_cluster_role_binding_v1.b"
ENTRY, ASSOCIATION = "aws_eks_access_entry.e", "aws_eks_access_policy_association.a"
ROOT = "arn:aws:iam::111122223333:root"
OPS = {"kind": "Group", "name": "ops"}
BOTH = "API_AND_CONFIG_MAP"
MODE_UNKNOWN = R(
    CLUSTER.address,
    {"name": "prod", "vpc_config": [{}], "access_config": [{}]},
    {"access_config": [{"authentication_mode": True}]},
    {"access_config": [{"authentication_mode": {"references": ["var.mode"]}}]},
)


def cluster(
    mode: str | None = BOTH, name: str = "this", unknown: Object | None = None, **values: object
) -> R:
    config = [{"authentication_mode": mode}] if mode else []
    hidden = {"id": True, **(unknown or {})}
    own = {"name": "prod" if name == "this" else name, "vpc_config": [{}], "access_config": config, **values}
    return R(f"aws_eks_cluster.{name}", own, hidden)


def mapped(*groups: str, arn: str = ROLE) -> Object:
    return {"rolearn": arn, "username": "someone", "groups": list(groups)}


def user(*groups: str) -> Object:
    return {"userarn": USER, "username": "ann", "groups": list(groups)}


def declared(*principals: str) -> str:
    return json.dumps({"admin_principals": list(principals)})


def unknown_principal(expression: Object, *, type_: str = "association") -> R:
    made = association() if type_ == "association" else entry()
    values = {key: value for key, value in made.values.items() if key != "principal_arn"}
    return R(made.address, values, {"principal_arn": True}, {"principal_arn": expression})


# --- EKS502: access by aws-auth alone --------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "found"),
    [("CONFIG_MAP", "fail"), (None, "fail"), (BOTH, None), ("API", None)],
)
def test_access_by_the_config_map_alone(mode: str | None, found: str | None) -> None:
    # Where no mode is set, AWS takes CONFIG_MAP (G4).
    assert statuses("EKS502", cluster(mode)) == ({"aws_eks_cluster.this": found} if found else {})


def test_a_mode_that_is_not_known_is_possible_and_named() -> None:
    [finding] = told("EKS502", MODE_UNKNOWN).values()
    assert finding.status.value == "possible"
    assert "authentication_mode" in finding.message


# --- EKS503: access policies -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "scope", "found"),
    [
        ("AmazonEKSClusterAdminPolicy", {"type": "cluster"}, "fail"),
        ("AmazonEKSClusterAdminPolicy", {"type": "namespace", "namespaces": ["dev"]}, None),
        ("AmazonEKSClusterAdminPolicy", {"type": "namespace", "namespaces": ["*"]}, "fail"),
        ("AmazonEKSViewPolicy", {"type": "cluster"}, None),
    ],
)
def test_an_administrators_policy_with_the_cluster_as_its_scope(
    policy: str, scope: Object, found: str | None
) -> None:
    expected = {ASSOCIATION: found} if found else {}
    assert statuses("EKS503", cluster(), association(policy, scope)) == expected


def test_a_scope_that_is_not_known_is_possible_for_administrators_only() -> None:
    unknown = {"access_scope": [{"type": True}]}
    found = told("EKS503", cluster(), association(scope={}, unknown=unknown))
    assert found[ASSOCIATION].status.value == "possible"
    assert "access_scope[0].type" in found[ASSOCIATION].message
    assert statuses("EKS503", cluster(), association("AmazonEKSViewPolicy", {}, unknown=unknown)) == {}


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (ROLE, None),
        ("arn:aws:iam::*:role/adm*", None),
        (ASSOCIATION, None),
        ("arn:aws:iam::111122223333:role/other", "fail"),
        ("aws_iam_role.admin", "fail"),
    ],
)
def test_whom_the_configuration_declares_is_meant(pattern: str, found: str | None) -> None:
    expected = {ASSOCIATION: found} if found else {}
    assert statuses("EKS503", cluster(), association(), config=declared(pattern)) == expected


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("aws_iam_role.admin", None),
        ("arn:aws:iam::111122223333:role/admin", "possible"),
        ("arn:aws:iam::111122223333:role/other", "fail"),
        ("aws_iam_role.other", "fail"),
    ],
)
def test_a_role_that_is_made_first_has_a_name_but_no_arn_yet(pattern: str, found: str | None) -> None:
    made = R("aws_iam_role.admin", {"name": "admin"}, {"arn": True})
    link = unknown_principal(ref("aws_iam_role.admin.arn"))
    expected = {ASSOCIATION: found} if found else {}
    assert statuses("EKS503", cluster(), made, link, config=declared(pattern)) == expected


@pytest.mark.parametrize(
    ("patterns", "found"), [((), "fail"), ((ROLE,), "possible"), (("aws_iam_role.admin",), "possible")]
)
def test_a_principal_not_known_at_all_may_be_any_that_is_declared(
    patterns: tuple[str, ...], found: str
) -> None:
    made = (cluster(), unknown_principal(OPAQUE))
    assert statuses("EKS503", *made, config=declared(*patterns)) == {ASSOCIATION: found}


# --- EKS503: aws-auth ------------------------------------------------------------------------------


def test_system_masters_in_aws_auth() -> None:
    masters = auth(mapped("system:masters"), mapped("system:nodes", arn=ROLE + "-node"))
    [finding] = told("EKS503", cluster(), masters).values()
    assert (finding.resource, finding.status.value, finding.severity) == (AUTH, "fail", Severity.HIGH)
    assert ROLE in finding.message
    assert statuses("EKS503", cluster(), masters, config=declared(ROLE)) == {}
    assert statuses("EKS503", cluster(), auth(mapUsers=[user("system:masters")])) == {AUTH: "fail"}


@pytest.mark.parametrize(("mode", "found"), [("API", None), ("CONFIG_MAP", "fail"), (None, "fail")])
def test_a_cluster_in_mode_api_reads_no_aws_auth(mode: str | None, found: str | None) -> None:
    made = statuses("EKS503", cluster(mode), auth(mapped("system:masters")))
    assert made == ({AUTH: found} if found else {})


def test_aws_auth_counts_only_perhaps_where_the_mode_or_the_cluster_is_not_known() -> None:
    masters = auth(mapped("system:masters"))
    assert statuses("EKS503", MODE_UNKNOWN, masters) == {AUTH: "possible"}
    # Of two clusters, one of which reads no map, it may be either's.
    two = (cluster("API"), cluster("CONFIG_MAP", "other"))
    assert statuses("EKS503", *two, masters) == {AUTH: "possible"}


@pytest.mark.parametrize(
    ("unknown", "data"),
    [({"data": True}, None), ({"data": {"mapUsers": True}}, {"mapRoles": "[]"})],
)
def test_an_aws_auth_that_is_not_known_is_possible(unknown: Object, data: Object | None) -> None:
    values = {"metadata": [{"name": "aws-auth", "namespace": "kube-system"}], "data": data}
    hidden = R(AUTH, values, unknown, {"data": OPAQUE})
    for check in ("EKS503", "EKS506"):
        assert statuses(check, cluster(), hidden) == {AUTH: "possible"}


def test_groups_that_no_binding_uses_are_low() -> None:
    view = {"kind": "Group", "name": "viewers"}
    [finding] = told("EKS503", cluster(), auth(mapped("ops")), binding("view", view)).values()
    assert (finding.resource, finding.status.value, finding.severity) == (AUTH, "fail", Severity.LOW)
    assert "ops" in finding.message
    assert statuses("EKS503", cluster(), auth(mapped("viewers")), binding("view", view)) == {}
    assert statuses("EKS503", cluster(), auth(mapped("system:nodes")), binding("view", view)) == {}


def test_groups_are_possible_where_bindings_may_be_elsewhere() -> None:
    assert statuses("EKS503", cluster(), auth(mapped("ops"))) == {AUTH: "possible"}
    unnamed = binding("view", {"kind": "Group"}, unknown={"subject": [{"name": True}]})
    assert statuses("EKS503", cluster(), auth(mapped("ops")), unnamed) == {AUTH: "possible"}
    text = R("kubectl_manifest.rbac", {}, {"yaml_body": True}, {"yaml_body": OPAQUE})
    some = binding("view", {"kind": "Group", "name": "viewers"})
    assert statuses("EKS503", cluster(), auth(mapped("ops")), some, text)[AUTH] == "possible"


def test_system_masters_in_an_entry_is_what_eks_refuses() -> None:
    [finding] = told("EKS503", cluster(), entry({"kubernetes_groups": ["system:masters"]})).values()
    assert (finding.resource, finding.status.value) == (ENTRY, "fail")
    assert "EKS refuses" in finding.message
    hidden = entry(unknown={"kubernetes_groups": True}, expressions={"kubernetes_groups": OPAQUE})
    assert statuses("EKS503", cluster(), hidden) == {}


# --- EKS503: bindings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "subject", "found"),
    [
        ("cluster-admin", OPS, "fail"),
        ("cluster-admin", {"kind": "User", "name": "ann"}, "fail"),
        ("cluster-admin", {"kind": "Group", "name": "system:masters"}, "fail"),
        ("cluster-admin", {"kind": "ServiceAccount", "name": "argo", "namespace": "argo"}, None),
        ("edit", OPS, None),
    ],
)
def test_a_binding_of_cluster_admin(role: str, subject: Object, found: str | None) -> None:
    assert statuses("EKS503", cluster(), binding(role, subject)) == ({BINDING: found} if found else {})


def test_a_binding_of_a_role_not_known_is_possible_and_one_in_a_namespace_is_none() -> None:
    unclear = binding(None, OPS, unknown={"role_ref": [{"name": True}]})
    assert statuses("EKS503", cluster(), unclear) == {BINDING: "possible"}
    narrow = R("kubernetes_role_binding_v1.b", binding("cluster-admin", OPS).values)
    assert statuses("EKS503", cluster(), narrow) == {}


def test_a_binding_to_a_group_of_declared_principals_is_meant() -> None:
    ours = entry({"kubernetes_groups": ["ops"]})
    made = (cluster(), binding("cluster-admin", OPS))
    assert statuses("EKS503", *made, ours, config=declared(ROLE)) == {}
    assert statuses("EKS503", *made, ours) == {BINDING: "fail"}
    theirs = R("aws_eks_access_entry.f", {**ours.values, "principal_arn": ROLE + "-b"})
    assert statuses("EKS503", *made, ours, theirs, config=declared(ROLE)) == {BINDING: "fail"}


def test_others_who_may_be_in_the_group_leave_the_binding_possible() -> None:
    made = (cluster(), binding("cluster-admin", OPS), entry({"kubernetes_groups": ["ops"]}))
    other = R(
        "aws_eks_access_entry.f",
        {"cluster_name": "prod", "principal_arn": ROLE + "-b"},
        {"kubernetes_groups": True},
        {"kubernetes_groups": OPAQUE},
    )
    assert statuses("EKS503", *made, other, config=declared(ROLE)) == {BINDING: "possible"}
    assert statuses("EKS503", *made, other, config=declared(ROLE, ROLE + "-b")) == {}
    values = {"metadata": [{"name": "aws-auth", "namespace": "kube-system"}]}
    hidden = R(AUTH, values, {"data": True}, {"data": OPAQUE})
    assert statuses("EKS503", *made, hidden, config=declared(ROLE))[BINDING] == "possible"


# --- EKS506: users and root ------------------------------------------------------------------------


@pytest.mark.parametrize(("arn", "found"), [(USER, "fail"), (ROOT, "fail"), (ROLE, None)])
def test_a_user_or_root_with_an_administrators_policy(arn: str, found: str | None) -> None:
    admin = association()
    held = R(ASSOCIATION, {**admin.values, "principal_arn": arn})
    # That it is declared does not make a role of it.
    for config in ("", declared(arn)):
        assert statuses("EKS506", cluster(), held, config=config) == ({ASSOCIATION: found} if found else {})
    viewer = R(ASSOCIATION, {**held.values, "policy_arn": POLICY + "AmazonEKSViewPolicy"})
    assert statuses("EKS506", cluster(), viewer) == {}


def test_a_principal_that_is_not_known_may_be_a_user() -> None:
    assert statuses("EKS506", cluster(), unknown_principal(OPAQUE)) == {ASSOCIATION: "possible"}
    made = R("aws_iam_user.ann", {"name": "ann"}, {"arn": True})
    found = told("EKS506", cluster(), made, unknown_principal(ref("aws_iam_user.ann.arn")))
    assert found[ASSOCIATION].status.value == "fail"
    assert "aws_iam_user.ann" in found[ASSOCIATION].message


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"mapUsers": [user("system:masters")]}, "fail"),
        ({"mapUsers": [user("ops")]}, "fail"),
        ({"mapUsers": [user("viewers")]}, None),
        ({"mapUsers": []}, None),
    ],
)
def test_users_in_aws_auth_that_become_administrators(parts: Any, found: str | None) -> None:
    made = (cluster(), auth(mapped("system:masters", "ops"), **parts), binding("cluster-admin", OPS))
    assert statuses("EKS506", *made) == ({AUTH: found} if found else {})


def test_a_user_in_a_group_that_may_be_bound_to_cluster_admin_is_possible() -> None:
    ann = auth(mapUsers=[user("ops")])
    unclear = binding(None, OPS, unknown={"role_ref": [{"name": True}]})
    assert statuses("EKS506", cluster(), ann, unclear) == {AUTH: "possible"}
    unnamed = binding("cluster-admin", {"kind": "Group"}, unknown={"subject": [{"name": True}]})
    assert statuses("EKS506", cluster(), ann, unnamed) == {AUTH: "possible"}


@pytest.mark.parametrize(("arn", "found"), [(USER, "fail"), (ROLE, None)])
def test_an_entry_whose_group_is_bound_to_cluster_admin(arn: str, found: str | None) -> None:
    held = entry({"principal_arn": arn, "kubernetes_groups": ["ops"]})
    made = statuses("EKS506", cluster(), held, binding("cluster-admin", OPS))
    assert made == ({ENTRY: found} if found else {})


def test_an_entry_of_a_user_in_groups_not_known_is_possible() -> None:
    values = {"cluster_name": "prod", "principal_arn": USER}
    hidden = R(ENTRY, values, {"kubernetes_groups": True}, {"kubernetes_groups": OPAQUE})
    assert statuses("EKS506", cluster(), hidden, binding("cluster-admin", OPS)) == {ENTRY: "possible"}
    assert statuses("EKS506", cluster(), hidden, binding("view", OPS)) == {}
    ann = entry({"principal_arn": USER, "kubernetes_groups": ["ops"]})
    unclear = binding(None, OPS, unknown={"role_ref": [{"name": True}]})
    assert statuses("EKS506", cluster(), ann, unclear) == {ENTRY: "possible"}


def test_a_binding_to_a_user_by_arn() -> None:
    for arn, found in ((USER, {BINDING: "fail"}), (ROLE, {})):
        assert statuses("EKS506", cluster(), binding("cluster-admin", {"kind": "User", "name": arn})) == found


# --- EKS604: logs of the control plane -------------------------------------------------------------


@pytest.mark.parametrize(
    ("types", "lacks"),
    [
        (None, "audit and authenticator"),
        ([], "audit and authenticator"),
        (["audit"], "authenticator"),
        (["api", "authenticator"], "audit"),
        (["audit", "authenticator"], ""),
    ],
)
def test_logs_of_the_control_plane(types: list[str] | None, lacks: str) -> None:
    found = told("EKS604", cluster(enabled_cluster_log_types=types))
    assert [each.status.value for each in found.values()] == ["fail"] * bool(lacks)
    for finding in found.values():
        assert f"keeps no {lacks} log" in finding.message


def test_log_types_that_are_not_known_are_possible_and_named() -> None:
    hidden = R(
        CLUSTER.address,
        {"name": "prod", "vpc_config": [{}]},
        {"enabled_cluster_log_types": True},
        {"enabled_cluster_log_types": {"references": ["var.logs"]}},
    )
    [finding] = told("EKS604", hidden).values()
    assert finding.status.value == "possible"
    assert "enabled_cluster_log_types" in finding.message
