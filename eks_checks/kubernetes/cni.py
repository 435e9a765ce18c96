"""What the inputs say of the Amazon VPC CNI: its add-on, its chart, and its DaemonSet's environment (I4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from eks_checks.kubernetes.documents import UnreadableError, documents
from eks_checks.kubernetes.manifest import Contents, Manifest, Release, Unread, at, is_set, items, text
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.sameness import Same, same
from eks_checks.terraform.value import NULL, Known, Mapping, Unknown, Value, choice, is_null, scalar
from eks_checks.terraform.world import World

ADDON = "vpc-cni"
CHART = "aws-vpc-cni"
DAEMON_SET = "aws-node"

CUSTOM_NETWORKING = "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"
LABEL = "ENI_CONFIG_LABEL_DEF"
POD_ENI = "ENABLE_POD_ENI"
SUBNET_DISCOVERY = "ENABLE_SUBNET_DISCOVERY"
DEFAULTS = {
    CUSTOM_NETWORKING: Known("false"),
    LABEL: Known("k8s.amazonaws.com/eniConfig"),
    POD_ENI: Known("false"),
    SUBNET_DISCOVERY: Known("true"),
}
"""What holds where nothing is set, as of version 1.18 (I9)."""
_DISCOVERY_SINCE = (1, 18)
_POLICIES_SINCE = (1, 14)
_VERSION = re.compile(r"v?(\d+)\.(\d+)")
_TRUE = ("1", "t", "true")


@dataclass(frozen=True)
class CniConfiguration:
    """What one resource sets: ``values`` as the chart and the add-on have them, ``env`` among them.

    ``version`` is the CNI's own (major, minor), None where the resource does not tell. ``certain`` is false
    where the resource may not be there.
    """

    resource: str
    values: Value
    version: tuple[int, int] | None = None
    certain: bool = True

    def setting(self, name: str) -> Value:
        """An environment variable as this resource sets it; NULL where it leaves it alone."""
        if name == SUBNET_DISCOVERY and self.version is not None and self.version < _DISCOVERY_SINCE:
            return Known("false")
        return at(self.values, "env", name)


@dataclass(frozen=True)
class EniConfig:
    """One ENIConfig: its name, and the subnet and groups that pods of its nodes get, as Terraform values.

    ``groups`` is NULL where it names none: then the node's own are taken (I3).
    """

    resource: str
    attribute: str
    name: Value
    subnet: Value
    groups: Value
    certain: bool = True


def configurations(world: World, contents: Contents) -> tuple[CniConfiguration, ...]:
    """Every resource that configures the CNI, in no order of precedence."""
    addons = (_addon(r) for r in world.resources("aws_eks_addon") if _is_cni(r))
    charts = (
        CniConfiguration(one.resource, one.values, certain=one.certain)
        for one in contents.releases
        if one.chart == CHART
    )
    return (*addons, *charts, *_environments(world), *_daemon_sets(contents.of("DaemonSet", "apps")))


def unread_addons(world: World) -> Iterator[Unread]:
    """The add-on configurations of the CNI that cannot be read, and add-ons that may be the CNI."""
    for resource in filter(_is_cni, world.resources("aws_eks_addon")):
        found, name = _addon(resource).values, resource.value("addon_name")
        if isinstance(found, Unknown):
            yield Unread(resource.key, "configuration_values", found.reason)
        if isinstance(name, Unknown) and found != Mapping():
            yield Unread(resource.key, "addon_name", name.reason)


def setting(found: Iterable[CniConfiguration], name: str) -> Value:
    """What an environment variable will be: one of several where resources disagree or may not be there."""
    default = DEFAULTS[name]
    chosen: list[Value] = []
    fallback = True
    for one in found:
        value = one.setting(name)
        there = is_set(value)
        if there is False:
            continue
        chosen.append(value)
        if there is None:
            chosen.append(default)
        fallback = fallback and not one.certain
    return choice([*chosen, default] if fallback else chosen)


def flag(value: Value) -> bool | None:
    """Yes, no, or not known, as Go reads the text."""
    found = {_truth(option) for option in (value.options if hasattr(value, "options") else (value,))}
    return found.pop() if len(found) == 1 else None


def enforces_policies(found: Iterable[CniConfiguration]) -> str:
    """The resource that surely switches the CNI's own NetworkPolicy engine on; empty where none does (I8)."""
    told = [one for one in found if is_set(at(one.values, "enableNetworkPolicy")) is not False]
    values = [flag(at(one.values, "enableNetworkPolicy")) if one.certain else None for one in told]
    old = any(one.version is not None and one.version < _POLICIES_SINCE for one in told)
    return told[0].resource if told and not old and all(value is True for value in values) else ""


def replaces_cni(release: Release) -> bool:
    """Whether a release may give pods another network than the VPC CNI: Cilium or Calico, not beside it."""
    if release.chart == "cilium":
        return text(at(release.values, "cni", "chainingMode")) != "aws-cni"
    if release.chart == "tigera-operator":
        kind = at(release.values, "installation", "cni", "type")
        return not is_null(kind) and text(kind) != "AmazonVPC"
    return False


def eni_configs(found: Iterable[CniConfiguration], contents: Contents) -> Iterator[EniConfig]:
    """Every ENIConfig: those of manifests, and those that the add-on or the chart makes."""
    for one in contents.of("ENIConfig", "crd.k8s.amazonaws.com"):
        yield _manifest(one)
    for configuration in found:
        yield from _made(configuration)


def _manifest(one: Manifest) -> EniConfig:
    spec = one.at("spec")
    groups = at(spec, "securityGroups")
    return EniConfig(
        one.resource,
        f"{one.attribute}.spec",
        one.at("metadata", "name"),
        at(spec, "subnet"),
        NULL if is_null(groups) else groups,
        one.certain,
    )


def _made(configuration: CniConfiguration) -> Iterator[EniConfig]:
    create = at(configuration.values, "eniConfig", "create")
    made = flag(create)
    if made is False or (made is None and is_set(create) is False):
        return
    subnets = at(configuration.values, "eniConfig", "subnets")
    region = text(at(configuration.values, "eniConfig", "region"))
    sure = configuration.certain and made is True
    attribute = "configuration_values"
    if not isinstance(subnets, Mapping) or subnets.open is not None:
        why = subnets.open if isinstance(subnets, Mapping) else Unknown("the subnets are known after apply")
        unknown = why or Unknown("known after apply")
        yield EniConfig(configuration.resource, attribute, unknown, unknown, unknown, certain=False)
    for key, entry in subnets.entries if isinstance(subnets, Mapping) else ():
        # NOTE: older charts put the Region before the key, then the zone's letter alone.
        name = f"{region}{key}" if len(key) == 1 and region else key
        groups = at(entry, "securityGroups")
        carried = NULL if is_null(groups) else groups
        yield EniConfig(configuration.resource, attribute, Known(name), at(entry, "id"), carried, sure)


def _is_cni(addon: Resource) -> bool:
    """Whether the add-on is the CNI, or may be: its name may hang on what the inputs leave open."""
    return _named(addon) is not Same.NO


def _named(addon: Resource) -> Same:
    return same(addon.value("addon_name"), Known(ADDON))


def _addon(resource: Resource) -> CniConfiguration:
    version = _VERSION.match(text(resource.value("addon_version")))
    known = (int(version[1]), int(version[2])) if version else None
    certain = resource.uncertain is None and _named(resource) is Same.YES
    return CniConfiguration(resource.key, _addon_values(resource), known, certain)


def _addon_values(resource: Resource) -> Value:
    value = resource.value("configuration_values")
    if is_null(value) or scalar(value) == "" or (isinstance(value, Unknown) and value.computed):
        return Mapping()
    options = value.options if hasattr(value, "options") else (value,)
    return choice(_read(option) for option in options)


def _read(value: Value) -> Value:
    if is_null(value) or scalar(value) == "":
        return Mapping()
    try:
        found = documents(value)
    except UnreadableError as error:
        return Unknown(str(error), value.at if isinstance(value, Unknown) else None)
    return found[0] if found and not is_null(found[0]) else Mapping()


def _environments(world: World) -> Iterator[CniConfiguration]:
    for resource in world.resources("kubernetes_env"):
        if text(resource.value("kind")) != "DaemonSet":
            continue
        if text(resource.value("metadata", 0, "name")) != DAEMON_SET:
            continue
        variables = {text(one.value("name")): one.value("value") for one in resource.blocks("env")}
        yield CniConfiguration(resource.key, _with_env(variables), certain=resource.uncertain is None)


def _daemon_sets(found: Iterable[Manifest]) -> Iterator[CniConfiguration]:
    for one in found:
        if one.name != DAEMON_SET:
            continue
        containers = items(one.at("spec", "template", "spec", "containers"))
        variables = {
            text(at(entry, "name")): at(entry, "value")
            for container in containers
            for entry in items(at(container, "env"))
        }
        yield CniConfiguration(one.resource, _with_env(variables), certain=one.certain)


def _with_env(variables: dict[str, Value]) -> Mapping:
    named = Mapping(tuple(sorted((name, value) for name, value in variables.items() if name)))
    return Mapping((("env", named),))


def _truth(value: Value) -> bool | None:
    return text(value).lower() in _TRUE if isinstance(value, Known) and value.value is not None else None
