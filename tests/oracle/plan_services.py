"""Load balancers, Instance Connect Endpoints and the VPC CNI's settings, as a plan document writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml

from .model import World
from .model_services import ConnectEndpoint, LoadBalancer, PodNetwork, TargetGroup
from .plan_network import ACCOUNT, REGION, arn, common


def service_resources(world: World, blank: Any) -> Iterator[tuple[str, dict]]:
    for balancer in world.balancers:
        yield balancer.address, _balancer(balancer, blank)
        yield from _listeners(balancer, blank)
    for group in world.target_groups:
        yield group.address, _target_group(group, blank)
        yield from _targets(group, blank)
    for endpoint in world.endpoints:
        yield endpoint.address, _endpoint(world, endpoint, blank)
    for cni in world.pod_networks:
        yield cni.address, _add_on(cni, blank)
        yield from _manifests(cni, blank)


# --- load balancers --------------------------------------------------------------------------------------


def _balancer(balancer: LoadBalancer, blank: Any) -> dict:
    return common(
        blank,
        id=balancer.arn,
        arn=balancer.arn,
        arn_suffix=balancer.arn.split("loadbalancer/")[1],
        name=balancer.name,
        name_prefix="",
        load_balancer_type=balancer.kind,
        internal=balancer.internal,
        ip_address_type="ipv4",
        subnets=balancer.subnet_ids,
        subnet_mapping=[],
        security_groups=blank.items(balancer.groups),
        enable_cross_zone_load_balancing=True,
        enable_deletion_protection=False,
        dns_name=f"{balancer.name}.elb.{REGION}.amazonaws.com",
        vpc_id=balancer.vpc_id,
        zone_id="Z32O12XQLNTSW2",
        access_logs=[],
        connection_logs=[],
        timeouts=None,
    )


def _listeners(balancer: LoadBalancer, blank: Any) -> Iterator[tuple[str, dict]]:
    for listener in balancer.listeners:
        action = {
            "type": "forward",
            "order": 1,
            "target_group_arn": listener.target_group_arn,
            "forward": [],
            "authenticate_cognito": [],
            "authenticate_oidc": [],
            "fixed_response": [],
            "redirect": [],
        }
        if blank.rng.random() < 0.3:
            groups = [{"arn": listener.target_group_arn, "weight": 1}]
            action["forward"] = [{"target_group": groups, "stickiness": []}]
            action["target_group_arn"] = blank.text(None)
        yield (
            listener.address,
            common(
                blank,
                id=listener.arn,
                arn=listener.arn,
                load_balancer_arn=balancer.arn,
                port=listener.port,
                protocol=listener.protocol,
                certificate_arn=None,
                ssl_policy="",
                alpn_policy=None,
                default_action=[action],
                mutual_authentication=[],
                timeouts=None,
            ),
        )


def _target_group(group: TargetGroup, blank: Any) -> dict:
    preserved = {None: None, True: "true", False: "false"}[group.preserves_client]
    return common(
        blank,
        id=group.arn,
        arn=group.arn,
        arn_suffix=group.arn.split(":")[-1],
        name=group.name,
        name_prefix="",
        vpc_id=group.vpc_id,
        port=group.port,
        protocol=group.protocol,
        protocol_version="HTTP1" if group.protocol == "HTTP" else "",
        target_type=group.target_type,
        ip_address_type="ipv4",
        preserve_client_ip=preserved,
        proxy_protocol_v2=False,
        slow_start=0,
        deregistration_delay="300",
        connection_termination=None,
        load_balancing_cross_zone_enabled="use_load_balancer_configuration",
        health_check=[],
        stickiness=[],
        target_failover=[],
        target_group_health=[],
        target_health_state=[],
    )


def _targets(group: TargetGroup, blank: Any) -> Iterator[tuple[str, dict]]:
    for target in group.targets:
        if target.kind == "group":
            yield (
                target.address,
                {
                    "id": f"{target.name}-{group.name}",
                    "region": REGION,
                    "autoscaling_group_name": target.name,
                    "lb_target_group_arn": group.arn,
                    "elb": None,
                },
            )
            continue
        yield (
            target.address,
            {
                "id": f"{group.arn}-{target.name}",
                "region": REGION,
                "target_group_arn": group.arn,
                "target_id": target.name,
                "port": target.port,
                "availability_zone": None,
            },
        )


# --- Instance Connect ------------------------------------------------------------------------------------


def _endpoint(world: World, endpoint: ConnectEndpoint, blank: Any) -> dict:
    return common(
        blank,
        id=endpoint.id,
        arn=arn("ec2", "instance-connect-endpoint", endpoint.id),
        availability_zone=world.subnet(endpoint.subnet_id).zone,
        dns_name=f"{endpoint.id}.ec2-instance-connect-endpoint.{REGION}.amazonaws.com",
        fips_dns_name="",
        ip_address_type="ipv4",
        network_interface_ids=[endpoint.id.replace("eice-", "eni-")],
        owner_id=ACCOUNT,
        preserve_client_ip=endpoint.preserves_client,
        security_group_ids=endpoint.groups,
        subnet_id=endpoint.subnet_id,
        vpc_id=endpoint.vpc_id,
        timeouts=None,
    )


# --- pods ------------------------------------------------------------------------------------------------


def _add_on(cni: PodNetwork, blank: Any) -> dict:
    configuration: dict[str, Any] = {}
    environment = {"WARM_ENI_TARGET": "1"}
    if cni.custom_networking:
        environment["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"] = "true"
        environment["ENI_CONFIG_LABEL_DEF"] = "topology.kubernetes.io/zone"
    if cni.pod_interfaces:
        environment["ENABLE_POD_ENI"] = "true"
    if cni.custom_networking or cni.pod_interfaces or blank.rng.random() < 0.5:
        configuration["env"] = environment
    made_by_add_on = [item for item in cni.subnets if item.address is None]
    if made_by_add_on:
        configuration["eniConfig"] = {
            "create": True,
            "region": REGION,
            "subnets": {
                item.zone: {"id": item.subnet_id, **({"securityGroups": item.groups} if item.groups else {})}
                for item in made_by_add_on
            },
        }
    return common(
        blank,
        id=f"{cni.cluster}:vpc-cni",
        arn=arn("eks", "addon", f"{cni.cluster}/vpc-cni"),
        cluster_name=cni.cluster,
        addon_name="vpc-cni",
        addon_version="v1.20.0-eksbuild.1",
        configuration_values=json.dumps(configuration) if configuration else "",
        preserve=None,
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update=None,
        service_account_role_arn=None,
        pod_identity_association=[],
        timeouts=None,
    )


def _manifests(cni: PodNetwork, blank: Any) -> Iterator[tuple[str, dict]]:
    for item in cni.subnets:
        if item.address:
            spec: dict[str, Any] = {"subnet": item.subnet_id}
            if item.groups:
                spec["securityGroups"] = list(item.groups)
            manifest = {
                "apiVersion": "crd.k8s.amazonaws.com/v1alpha1",
                "kind": "ENIConfig",
                "metadata": {"name": item.zone},
                "spec": spec,
            }
            yield item.address, _kubectl(manifest, blank)
    for policy in cni.policies:
        manifest = {
            "apiVersion": "vpcresources.k8s.aws/v1beta1",
            "kind": "SecurityGroupPolicy",
            "metadata": {"name": "pods", "namespace": "default"},
            "spec": {
                "podSelector": {"matchLabels": {"app": "web"}},
                "securityGroups": {"groupIds": list(policy.groups)},
            },
        }
        if policy.form == "kubectl_manifest":
            yield policy.address, _kubectl(manifest, blank)
        else:
            yield (
                policy.address,
                {
                    "manifest": manifest,
                    "object": manifest,
                    "computed_fields": None,
                    "field_manager": [],
                    "timeouts": [],
                    "wait": [],
                    "wait_for": None,
                },
            )


def _kubectl(manifest: dict, blank: Any) -> dict:
    text = json.dumps(manifest) if blank.rng.random() < 0.3 else yaml.safe_dump(manifest)
    namespace = manifest["metadata"].get("namespace")
    return {
        "id": f"/apis/{manifest['apiVersion']}/{manifest['kind']}/{manifest['metadata']['name']}",
        "yaml_body": text,
        "yaml_body_parsed": text,
        "api_version": manifest["apiVersion"],
        "kind": manifest["kind"],
        "name": manifest["metadata"]["name"],
        "namespace": namespace,
        "apply_only": False,
        "force_new": False,
        "server_side_apply": False,
        "validate_schema": True,
        "wait": None,
        "wait_for": [],
        "timeouts": None,
    }
