"""Resources that have a Kubernetes object's fields as blocks of their own, put back into Kubernetes' form."""

from __future__ import annotations

from eks_checks.terraform.functions.native import mapping_of
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import NULL, Collection, Known, Value, is_null, scalar

KINDS = {
    "kubernetes_network_policy": ("networking.k8s.io/v1", "NetworkPolicy"),
    "kubernetes_network_policy_v1": ("networking.k8s.io/v1", "NetworkPolicy"),
    "kubernetes_config_map": ("v1", "ConfigMap"),
    "kubernetes_config_map_v1": ("v1", "ConfigMap"),
    "kubernetes_config_map_v1_data": ("v1", "ConfigMap"),
    "kubernetes_ingress": ("extensions/v1beta1", "Ingress"),
    "kubernetes_ingress_v1": ("networking.k8s.io/v1", "Ingress"),
    "kubernetes_service": ("v1", "Service"),
    "kubernetes_service_v1": ("v1", "Service"),
    "kubernetes_cluster_role_binding": ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    "kubernetes_cluster_role_binding_v1": ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    "kubernetes_role_binding": ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    "kubernetes_role_binding_v1": ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    "kubernetes_namespace": ("v1", "Namespace"),
    "kubernetes_namespace_v1": ("v1", "Namespace"),
}
"""Type of resource to (API version, kind)."""

_SINGLE = {
    "pod_selector": "podSelector",
    "namespace_selector": "namespaceSelector",
    "ip_block": "ipBlock",
}
_SEVERAL = {
    "ingress": "ingress",
    "egress": "egress",
    "ports": "ports",
    "from": "from",
    "to": "to",
    "match_expressions": "matchExpressions",
}
_PLAIN = {
    "match_labels": "matchLabels",
    "policy_types": "policyTypes",
    "key": "key",
    "operator": "operator",
    "values": "values",
    "cidr": "cidr",
    "except": "except",
    "port": "port",
    "end_port": "endPort",
    "protocol": "protocol",
    "type": "type",
}
_METADATA = ("name", "namespace", "labels", "annotations")


def body_of(resource: Resource) -> Value:
    """The object that a resource of ``KINDS`` stands for."""
    api_version, kind = KINDS[resource.type]
    entries: dict[str, Value] = {"apiVersion": Known(api_version), "kind": Known(kind)}
    holder = resource.blocks("metadata")
    if holder.items:
        entries["metadata"] = mapping_of(
            {name: holder.items[0].value(name) for name in _METADATA if holder.items[0].has(name)}
        )
    elif holder.open is not None:
        entries["metadata"] = holder.open
    if kind == "ConfigMap":
        entries["data"] = resource.mapping("data")
    if kind in ("NetworkPolicy", "Service"):
        spec = resource.blocks("spec")
        entries["spec"] = _fields(spec.items[0]) if spec.items else spec.open or NULL
    if kind in ("ClusterRoleBinding", "RoleBinding"):
        role, subjects = resource.blocks("role_ref"), resource.blocks("subject")
        entries["roleRef"] = _named(role.items[0]) if role.items else role.open or NULL
        entries["subjects"] = Collection(tuple(map(_named, subjects)), open=subjects.open)
    return mapping_of(entries)


def _named(block: Block) -> Value:
    """A role or a subject, which a binding names by kind and name."""
    return mapping_of({name: block.value(name) for name in ("kind", "name", "namespace")})


def _fields(block: Block) -> Value:
    """One block of a network policy as the object that the provider makes of it."""
    entries: dict[str, Value] = {}
    for name, field in _PLAIN.items():
        value = block.value(name)
        if not is_null(value) and scalar(value) != "":
            entries[field] = value
    for name, field in _SINGLE.items():
        inside = block.blocks(name)
        if inside.items:
            entries[field] = _fields(inside.items[0])
        elif inside.open is not None:
            entries[field] = inside.open
    for name, field in _SEVERAL.items():
        inside = block.blocks(name)
        if inside.items or inside.open is not None:
            found = tuple(_fields(one) for one in inside.items)
            entries[field] = Collection(found, open=inside.open)
    return mapping_of(entries)
