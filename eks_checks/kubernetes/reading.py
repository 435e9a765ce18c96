"""Every Kubernetes object that the resources of a world bring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from eks_checks.kubernetes import typed
from eks_checks.kubernetes.documents import UnreadableError, documents
from eks_checks.kubernetes.helm import RAW_CHARTS, extra_objects, release_of
from eks_checks.kubernetes.manifest import Contents, Manifest, Release, Unread, at, text
from eks_checks.location import SourceSpan
from eks_checks.terraform.resource import Resource
from eks_checks.terraform.value import (
    Collection,
    Known,
    Mapping,
    Reference,
    Unknown,
    Value,
    alternatives,
    is_null,
)
from eks_checks.terraform.world import World

OBJECTS = {"kubernetes_manifest": "manifest", "kubernetes_manifest_v1": "manifest"}
"""Type of resource to the attribute that is the object."""
TEXTS = {"kubectl_manifest": "yaml_body", "kustomization_resource": "manifest", "k8s_manifest": "content"}
"""Type of resource to the attribute that is a text of objects."""
TYPES = (*OBJECTS, *TEXTS, *typed.KINDS, "helm_release")


def contents(world: World) -> Contents:
    """What the managed resources of ``world`` bring; a text that cannot be read is noted, never an error."""
    reading = _Reading()
    for resource in world.resources(*TYPES):
        reading.take(resource)
    unread = {(note.resource, note.attribute): note for note in reversed(reading.unread)}
    return Contents(tuple(reading.manifests), tuple(reading.releases), tuple(sorted(unread.values())))


@dataclass
class _Reading:
    """What was found so far."""

    manifests: list[Manifest] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    def take(self, resource: Resource) -> None:
        """Add what one resource brings."""
        there = resource.uncertain is None
        if resource.type in OBJECTS:
            name = OBJECTS[resource.type]
            self._objects(resource, name, resource.value(name), there)
        elif resource.type in TEXTS:
            name = TEXTS[resource.type]
            self._texts(resource, name, resource.value(name), there)
        elif resource.type == "helm_release":
            self._release(resource)
        else:
            self._object(resource, "", typed.body_of(resource), there)

    def _release(self, resource: Resource) -> None:
        release = release_of(resource, self.unread)
        self.releases.append(release)
        raw = release.chart in RAW_CHARTS and release.certain
        for where, found in extra_objects(release):
            if isinstance(found, Mapping):
                self._objects(resource, f"values.{where}", found, raw)
            elif isinstance(found, Known) and "{{" in str(found.value):
                self._note(resource, f"values.{where}", "a template of Helm is not evaluated")
            else:
                self._texts(resource, f"values.{where}", found, raw)

    def _texts(self, resource: Resource, attribute: str, value: Value, certain: bool) -> None:
        options = alternatives(value)
        for option in options:
            if is_null(option):
                continue
            if isinstance(option, (Reference, Collection, Mapping)):
                self._note(resource, attribute, "known after apply")
                continue
            try:
                found = documents(option)
            except UnreadableError as error:
                self._note(resource, attribute, str(error))
                continue
            for document in found:
                self._objects(resource, attribute, document, certain and len(options) == 1)

    def _objects(self, resource: Resource, attribute: str, value: Value, certain: bool) -> None:
        """An object, one of several, or a list of them."""
        options = alternatives(value)
        for option in options:
            if is_null(option):
                continue
            sure = certain and len(options) == 1
            if isinstance(option, Mapping):
                for body in _unlisted(option):
                    self._object(resource, attribute, body, sure)
            elif isinstance(option, Unknown):
                self._note(resource, attribute, option.reason)
            else:
                self._note(resource, attribute, "it is no object")

    def _object(self, resource: Resource, attribute: str, body: Value, certain: bool) -> None:
        metadata = at(body, "metadata")
        namespace = text(resource.value("override_namespace")) or text(at(metadata, "namespace"))
        self.manifests.append(
            Manifest(
                resource=resource.key,
                attribute=attribute,
                api_version=text(at(body, "apiVersion")),
                kind=text(at(body, "kind")),
                name=text(at(metadata, "name")),
                namespace=namespace,
                body=body,
                certain=certain,
                location=_place(resource, attribute),
            )
        )

    def _note(self, resource: Resource, attribute: str, reason: str) -> None:
        self.unread.append(Unread(resource.key, attribute, reason))


def _unlisted(body: Mapping) -> Iterator[Value]:
    members = at(body, "items")
    if text(at(body, "kind")).endswith("List") and isinstance(members, Collection):
        yield from members.items
    else:
        yield body


def _place(resource: Resource, attribute: str) -> SourceSpan | None:
    name = attribute.partition(".")[0].partition("[")[0]
    return resource.located(name) if name else resource.location
