"""aws-auth in each of its spellings, and bindings, as they stand in plans."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eks_checks.kubernetes.access import AuthMap, Binding, Mapped, auth_maps, bindings
from eks_checks.terraform.value import Known, scalar
from tests.aws.plans import OPAQUE, R
from tests.kubernetes.test_reading import read

ROLE, USER = "arn:aws:iam::111122223333:role/admin", "arn:aws:iam::111122223333:user/ann"
ROLES = f"- rolearn: {ROLE}\n  username: admin\n  groups:\n    - system:masters\n"
USERS = json.dumps([{"userarn": USER, "username": "ann", "groups": ["ops", "view"]}])
METADATA = {"name": "aws-auth", "namespace": "kube-system"}
RBAC = "rbac.authorization.k8s.io"
Object = dict[str, Any]


def the_map(*resources: R) -> AuthMap:
    [found] = auth_maps(read(*resources))
    return found


def the_binding(*resources: R) -> Binding:
    [found] = bindings(read(*resources))
    return found


def typed(data: Object | None, type_: str = "kubernetes_config_map", **more: Any) -> R:
    return R(f"{type_}.auth", {"metadata": [METADATA], "data": data}, **more)


def as_object(data: Object, **metadata: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata or METADATA, "data": data}


def plain(entry: Mapped) -> tuple[object, ...]:
    """Kind, principal, user name and groups of an entry of which all is known."""
    assert entry.groups.exact
    groups = [scalar(group) for group in entry.groups.items]
    return entry.kind, scalar(entry.principal), scalar(entry.username), groups


# --- where it may stand ----------------------------------------------------------------------------

DATA = {"mapRoles": ROLES, "mapUsers": USERS}
YAML = f"""apiVersion: v1
kind: ConfigMap
metadata:
  name: aws-auth
  namespace: kube-system
data:
  mapRoles: |
    - rolearn: {ROLE}
      username: admin
      groups: [system:masters]
  mapUsers: '{USERS}'
"""


@pytest.mark.parametrize(
    ("resource", "attribute"),
    [
        (typed(DATA), "data.mapRoles"),
        (typed(DATA, "kubernetes_config_map_v1"), "data.mapRoles"),
        (typed(DATA, "kubernetes_config_map_v1_data"), "data.mapRoles"),
        (R("kubernetes_manifest.auth", {"manifest": as_object(DATA)}), "manifest.data.mapRoles"),
        (R("kubectl_manifest.auth", {"yaml_body": YAML}), "yaml_body"),
    ],
    ids=lambda value: value.address if isinstance(value, R) else "",
)
def test_each_spelling_says_the_same(resource: R, attribute: str) -> None:
    found = the_map(resource)
    assert [plain(entry) for entry in found.entries] == [
        ("role", ROLE, "admin", ["system:masters"]),
        ("user", USER, "ann", ["ops", "view"]),
    ]
    assert (found.resource, found.entries[0].attribute) == (resource.address, attribute)
    assert found.certain
    assert not found.unread
    assert all(entry.certain for entry in found.entries)


@pytest.mark.parametrize(
    "metadata",
    [
        {"name": "aws-auth", "namespace": "default"},
        {"name": "aws-auth"},
        {"name": "other", "namespace": "kube-system"},
    ],
)
def test_another_name_or_namespace_is_another_map(metadata: dict[str, str]) -> None:
    other = R("kubernetes_manifest.auth", {"manifest": as_object(DATA, **metadata)})
    assert auth_maps(read(other)) == ()


@pytest.mark.parametrize("hidden", ["name", "namespace"])
def test_a_name_that_is_not_known_may_be_that_of_aws_auth(hidden: str) -> None:
    metadata = {key: value for key, value in METADATA.items() if key != hidden}
    values = {"metadata": [metadata], "data": {"mapRoles": ROLES}}
    unclear = R("kubernetes_config_map.auth", values, {"metadata": [{hidden: True}]})
    assert not the_map(unclear).certain
    unlike = R(
        "kubernetes_config_map.auth", {**values, "data": {"script": "x"}}, {"metadata": [{hidden: True}]}
    )
    assert auth_maps(read(unlike)) == ()


# --- what it says ----------------------------------------------------------------------------------


def test_accounts_get_in_without_groups() -> None:
    found = the_map(typed({"mapAccounts": '- "111122223333"\n- 444455556666\n'}))
    assert [(entry.kind, scalar(entry.principal)) for entry in found.entries] == [
        ("account", "111122223333"),
        ("account", 444455556666),
    ]
    assert all(not entry.groups.items and entry.groups.exact for entry in found.entries)


def test_fields_are_read_in_letters_of_either_case() -> None:
    found = the_map(typed({"mapRoles": json.dumps([{"roleARN": ROLE, "Groups": ["system:masters"]}])}))
    assert plain(found.entries[0]) == ("role", ROLE, None, ["system:masters"])


@pytest.mark.parametrize("data", [None, {}, {"mapRoles": ""}, {"mapRoles": "[]\n", "mapUsers": "null"}])
def test_a_map_that_says_nothing_is_wholly_read(data: Object | None) -> None:
    found = the_map(typed(data))
    assert (found.entries, found.unread, found.certain) == ((), (), True)


def test_entries_without_groups_have_none() -> None:
    [entry] = the_map(typed({"mapRoles": json.dumps([{"rolearn": ROLE}, "no entry"])})).entries
    assert plain(entry) == ("role", ROLE, None, [])


# --- what is not known -----------------------------------------------------------------------------


@pytest.mark.parametrize("unknown", [{"data": True}, {"data": {"mapRoles": True}}])
def test_what_is_not_known_may_hold_more(unknown: Object) -> None:
    data = None if unknown["data"] is True else {"mapUsers": USERS}
    found = the_map(typed(data, unknown=unknown, expressions={"data": OPAQUE}))
    assert "data.mapRoles" in {note.attribute for note in found.unread}
    assert [entry.kind for entry in found.entries] == ["user"] * (data is not None)


@pytest.mark.parametrize("text", ["- rolearn: [", "just words", "rolearn: x"])
def test_a_text_that_is_no_list_is_noted(text: str) -> None:
    found = the_map(typed({"mapRoles": text, "mapUsers": USERS}))
    assert [note.attribute for note in found.unread] == ["data.mapRoles"]
    assert [entry.kind for entry in found.entries] == ["user"]


def test_entries_of_an_object_may_be_known_in_part() -> None:
    held = R("kubernetes_manifest.auth", {"manifest": as_object({})}, {"manifest": {"data": True}})
    found = the_map(held)
    assert {note.attribute for note in found.unread} == {
        "manifest.data.mapRoles",
        "manifest.data.mapUsers",
        "manifest.data.mapAccounts",
    }


# --- bindings --------------------------------------------------------------------------------------


def binding(type_: str, subjects: list[Object], role: str = "cluster-admin", **more: Any) -> R:
    reference = {"api_group": RBAC, "kind": "ClusterRole", "name": role}
    values = {"metadata": [{"name": "b"}], "role_ref": [reference], "subject": subjects}
    return R(f"{type_}.b", values, **more)


OPS = {"kind": "Group", "name": "ops", "api_group": RBAC}


@pytest.mark.parametrize(
    ("type_", "wide"),
    [
        ("kubernetes_cluster_role_binding", True),
        ("kubernetes_cluster_role_binding_v1", True),
        ("kubernetes_role_binding", False),
        ("kubernetes_role_binding_v1", False),
    ],
)
def test_bindings_with_blocks(type_: str, wide: bool) -> None:
    found = the_binding(binding(type_, [OPS, {"kind": "User", "name": "ann"}]))
    assert (found.wide, found.role_kind, found.role) == (wide, "ClusterRole", Known("cluster-admin"))
    assert [(one.kind, one.name) for one in found.subjects] == [
        ("Group", Known("ops")),
        ("User", Known("ann")),
    ]
    assert (found.open, found.certain, found.attribute) == (None, True, "")


def test_a_binding_as_an_object() -> None:
    body = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "b"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"},
        "subjects": [OPS],
    }
    found = the_binding(R("kubectl_manifest.b", {"yaml_body": json.dumps(body)}))
    assert (found.attribute, found.wide, found.role) == ("yaml_body", True, Known("view"))
    assert [one.name for one in found.subjects] == [Known("ops")]
    del body["subjects"]
    nobody = the_binding(R("kubectl_manifest.b", {"yaml_body": json.dumps(body)}))
    assert (nobody.subjects, nobody.open) == ((), None)
    # The same kind of another API group is another thing.
    other = {**body, "apiVersion": "example.org/v1"}
    assert bindings(read(R("kubectl_manifest.b", {"yaml_body": json.dumps(other)}))) == ()


def test_subjects_that_are_not_known_leave_a_binding_open() -> None:
    body = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRoleBinding", "roleRef": {"name": "cluster-admin"}}
    unclear = R("kubernetes_manifest.b", {"manifest": body}, {"manifest": {"subjects": True}})
    assert the_binding(unclear).open is not None
    unnamed = binding(
        "kubernetes_cluster_role_binding", [{"kind": "Group"}], unknown={"subject": [{"name": True}]}
    )
    [subject] = the_binding(unnamed).subjects
    assert (subject.kind, scalar(subject.name)) == ("Group", None)
