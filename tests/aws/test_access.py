"""Whom entries, policy associations, aws-auth and bindings let into which cluster (G4-G8)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eks_checks.aws.access import Access, PolicyAssociation, Principal
from tests.aws.plans import CLUSTER, OPAQUE, Object, R, estate, ref, together, word

ROLE = "arn:aws:iam::111122223333:role/admin"
USER = "arn:aws:iam::111122223333:user/ann"
POLICY = "arn:aws:eks::aws:cluster-access-policy/"
CLUSTER_KEY = "aws_eks_cluster.this"
OTHER = R("aws_eks_cluster.other", {"name": "test", "vpc_config": [{}]}, {"id": True})


def access(*resources: R) -> Access:
    return estate(CLUSTER, *resources).particulars.access


def entry(values: Object | None = None, **more: Any) -> R:
    return R(
        "aws_eks_access_entry.e", {"cluster_name": "prod", "principal_arn": ROLE, **(values or {})}, **more
    )


def association(policy: str = "AmazonEKSClusterAdminPolicy", scope: Object | None = None, **more: Any) -> R:
    values = {
        "cluster_name": "prod",
        "principal_arn": ROLE,
        "policy_arn": POLICY + policy,
        "access_scope": [scope or {"type": "cluster"}],
    }
    return R("aws_eks_access_policy_association.a", values, **more)


def only(*resources: R) -> PolicyAssociation:
    [found] = access(*resources).associations
    return found


def auth(*roles: Object, address: str = "kubernetes_config_map_v1_data.auth", **parts: Any) -> R:
    data = {"mapRoles": json.dumps(roles), **{key: json.dumps(value) for key, value in parts.items()}}
    return R(address, {"metadata": [{"name": "aws-auth", "namespace": "kube-system"}], "data": data})


def binding(role: str | None = "cluster-admin", *subjects: Object, **more: Any) -> R:
    values = {"role_ref": [{"kind": "ClusterRole", "name": role}], "subject": list(subjects)}
    return R("kubernetes_cluster_role_binding_v1.b", values, **more)


# --- principals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        (ROLE, "role"),
        ("arn:aws-cn:iam::111122223333:role/path/admin", "role"),
        (USER, "user"),
        ("arn:aws:iam::111122223333:root", "root"),
        ("arn:aws:iam::111122223333:group/ops", ""),
    ],
)
def test_an_arn_tells_the_kind_of_a_principal(arn: str, kind: str) -> None:
    [found] = access(entry({"principal_arn": arn})).entries
    assert (found.principal.kind, found.principal.arn) == (kind, arn)
    assert bool(found.principal.causes) is (not kind)


@pytest.mark.parametrize(("type_", "kind"), [("aws_iam_role", "role"), ("aws_iam_user", "user")])
def test_a_principal_of_the_inputs_goes_by_its_address(type_: str, kind: str) -> None:
    made = R(f"{type_}.admin", {"name": "admin"}, {"arn": True})
    linked = R(
        "aws_eks_access_entry.e",
        {"cluster_name": "prod"},
        {"principal_arn": True},
        {"principal_arn": ref(f"{type_}.admin.arn")},
    )
    [found] = access(made, linked).entries
    assert found.principal == Principal(kind, f"{type_}.admin", (f"{type_}.admin",), "", "admin")
    arn = f"arn:aws:iam::111122223333:{kind}/admin"
    [found] = access(
        R(f"{type_}.admin", {"name": "admin", "arn": arn}), entry({"principal_arn": arn})
    ).entries
    assert (found.principal.name, found.principal.arn) == (f"{type_}.admin", arn)


def test_a_principal_that_is_not_known_is_named_as_the_cause() -> None:
    hidden = R(
        "aws_eks_access_entry.e",
        {"cluster_name": "prod"},
        {"principal_arn": True},
        {"principal_arn": OPAQUE},
    )
    [found] = access(hidden).entries
    assert (found.principal.kind, found.principal.name, found.principal.arn) == ("", "", "")
    assert [cause.attribute for cause in found.principal.causes] == ["principal_arn"]


# --- entries ---------------------------------------------------------------------------------------


def test_an_entry_has_a_cluster_groups_and_a_user_name() -> None:
    [found] = access(entry({"kubernetes_groups": ["ops", "view"], "user_name": "ann"})).entries
    assert found.cluster.exact == CLUSTER_KEY
    assert (found.groups.names, found.groups.open, found.username) == (("ops", "view"), (), "ann")


def test_groups_that_are_left_out_are_none_and_groups_not_known_may_be_any() -> None:
    computed = entry(unknown={"kubernetes_groups": True, "user_name": True})
    [found] = access(computed).entries
    assert (found.groups.names, found.groups.open) == ((), ())
    hidden = entry(unknown={"kubernetes_groups": True}, expressions={"kubernetes_groups": OPAQUE})
    [found] = access(hidden).entries
    assert [cause.attribute for cause in found.groups.open] == ["kubernetes_groups"]
    some = entry({"kubernetes_groups": ["ops", None]}, unknown={"kubernetes_groups": [False, True]})
    [found] = access(some).entries
    assert found.groups.names == ("ops",)
    assert found.groups.open


# --- policies --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "scope", "admin", "wide"),
    [
        ("AmazonEKSClusterAdminPolicy", {"type": "cluster"}, "yes", "yes"),
        ("AmazonEKSAdminPolicy", {"type": "cluster"}, "yes", "yes"),
        ("AmazonEKSEditPolicy", {"type": "cluster"}, "no", "yes"),
        ("AmazonEKSAdminViewPolicy", {"type": "cluster"}, "no", "yes"),
        ("AmazonEKSClusterAdminPolicy", {"type": "namespace", "namespaces": ["dev"]}, "yes", "no"),
        ("AmazonEKSClusterAdminPolicy", {"type": "namespace", "namespaces": ["dev-*"]}, "yes", "no"),
        ("AmazonEKSClusterAdminPolicy", {"type": "namespace", "namespaces": ["dev", "*"]}, "yes", "yes"),
    ],
)
def test_a_policy_and_its_scope(policy: str, scope: Object, admin: str, wide: str) -> None:
    found = only(association(policy, scope))
    assert (found.policy, word(found.admin), word(found.wide)) == (policy, admin, wide)
    assert (found.cluster.exact, found.principal.arn) == (CLUSTER_KEY, ROLE)


def test_a_policy_or_scope_that_is_not_known_names_the_attribute() -> None:
    policy = only(
        R(
            "aws_eks_access_policy_association.a",
            {"cluster_name": "prod", "principal_arn": ROLE, "access_scope": [{"type": "cluster"}]},
            {"policy_arn": True},
            {"policy_arn": OPAQUE},
        )
    )
    assert (policy.policy, word(policy.admin)) == ("", "unknown")
    assert [cause.attribute for cause in policy.admin.causes] == ["policy_arn"]
    type_ = only(association(scope={"namespaces": ["dev"]}, unknown={"access_scope": [{"type": True}]}))
    assert word(type_.wide) == "unknown"
    assert [cause.attribute for cause in type_.wide.causes] == ["access_scope[0].type"]
    spaces = only(
        association(scope={"type": "namespace"}, unknown={"access_scope": [{"namespaces": [True]}]})
    )
    assert word(spaces.wide) == "unknown"
    assert [cause.attribute for cause in spaces.wide.causes] == ["access_scope[0].namespaces"]


# --- aws-auth and bindings -------------------------------------------------------------------------


def test_aws_auth_maps_roles_users_and_accounts() -> None:
    role = {"rolearn": ROLE, "username": "admin", "groups": ["ops"]}
    made = auth(role, mapUsers=[{"userarn": USER, "groups": ["view"]}], mapAccounts=["000022223333"])
    [found] = access(made).maps
    assert found.clusters == (CLUSTER_KEY,)
    assert [
        (each.principal.kind, each.principal.name, each.groups.names, each.username) for each in found.entries
    ] == [
        ("role", ROLE, ("ops",), "admin"),
        ("user", USER, ("view",), ""),
        ("account", "account 000022223333", (), ""),
    ]


def test_the_role_of_the_inputs_is_meant_by_its_arn_without_the_path() -> None:
    arn = "arn:aws:iam::111122223333:role/teams/admin"
    made = R("aws_iam_role.admin", {"name": "admin", "path": "/teams/", "arn": arn})
    [found] = access(made, auth({"rolearn": ROLE, "groups": ["ops"]})).maps
    assert found.entries[0].principal.name == "aws_iam_role.admin"


def test_what_aws_auth_hides_is_told() -> None:
    hidden = R(
        "kubernetes_config_map.auth",
        {"metadata": [{"name": "aws-auth", "namespace": "kube-system"}]},
        {"data": True},
        {"data": OPAQUE},
    )
    [found] = access(hidden).maps
    assert found.entries == ()
    assert "data.mapRoles" in {cause.attribute for cause in found.hidden}


@pytest.mark.parametrize(("role", "admin"), [("cluster-admin", "yes"), ("view", "no"), (None, "unknown")])
def test_whether_a_binding_makes_administrators(role: str | None, admin: str) -> None:
    unknown: Object = {} if role else {"role_ref": [{"name": True}]}
    made = binding(role, {"kind": "Group", "name": "ops"}, unknown=unknown)
    [found] = access(made).bindings
    assert (word(found.admin), found.clusters) == (admin, (CLUSTER_KEY,))
    assert found.names("Group", "ops")
    assert not found.names("User", "ops")
    assert bool(found.admin.causes) is (admin == "unknown")


def test_those_who_have_a_group_or_user_name() -> None:
    made = access(
        entry({"kubernetes_groups": ["ops"], "user_name": "ops", "principal_arn": USER}),
        auth({"rolearn": ROLE, "username": "admin", "groups": ["ops"]}),
    )
    groups = list(made.holders("Group", "ops", [CLUSTER_KEY]))
    assert [(resource, principal.arn) for resource, _, principal in groups] == [
        ("kubernetes_config_map_v1_data.auth", ROLE),
        ("aws_eks_access_entry.e", USER),
    ]
    users = list(made.holders("User", "ops", [CLUSTER_KEY]))
    assert [principal.arn for _, _, principal in users] == [USER]
    assert not list(made.holders("ServiceAccount", "ops", [CLUSTER_KEY]))


# --- which cluster ---------------------------------------------------------------------------------


def test_of_two_clusters_an_entry_is_in_its_own_and_objects_may_be_in_either() -> None:
    made = access(OTHER, entry(), auth(), binding())
    assert made.entries[0].cluster.exact == CLUSTER_KEY
    assert set(made.maps[0].clusters) == {CLUSTER_KEY, "aws_eks_cluster.other"}
    assert set(made.bindings[0].clusters) == {CLUSTER_KEY, "aws_eks_cluster.other"}
    assert list(made.bindings_near(["aws_eks_cluster.other"])) == list(made.bindings)


def test_objects_are_in_the_cluster_of_their_own_input() -> None:
    made = together(**{"a.json": (CLUSTER, auth()), "b.json": (OTHER, binding())}).particulars.access
    [mapped], [bound] = made.maps, made.bindings
    assert len(mapped.clusters) == len(bound.clusters) == 1
    assert mapped.clusters != bound.clusters
    assert list(made.bindings_near(mapped.clusters)) == []


def test_a_cluster_outside_the_inputs_is_known_by_its_name() -> None:
    made = estate(entry({"cluster_name": "elsewhere"}), auth(), binding()).particulars.access
    assert made.entries[0].cluster.exact != CLUSTER_KEY
    assert made.creators == {}
