"""What is known of machines that become nodes: their image, launch templates, keys, metadata service."""

from __future__ import annotations

from dataclasses import dataclass

from eks_checks.aws.knowledge import NO, YES, Cause, Truth

AL2, AL2023, BOTTLEROCKET, WINDOWS = "AL2", "AL2023", "BOTTLEROCKET", "WINDOWS"
UBUNTU, CUSTOM = "UBUNTU", "CUSTOM"
"""Image families, named after EKS's AMI types (F4); a custom image is none of which more is known."""
AMAZON_LINUX = "AMAZON_LINUX"
"""Amazon Linux, its version not told."""

ENABLED, DISABLED = "enabled", "disabled"
REQUIRED, OPTIONAL = "required", "optional"


@dataclass(frozen=True)
class Image:
    """Of which families the image may be: exactly one where it is told, none where nothing is.

    ``causes`` are what decides, where it is not told.
    """

    families: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Template:
    """A launch template or configuration that nodes come up by; ``certain`` is false where it may be another.

    ``version`` is the version in words, empty for what has none.
    """

    resource: str
    version: str = ""
    certain: bool = True


@dataclass(frozen=True)
class Setting:
    """One option of the metadata service: the values it may have, sorted; none: it may have any.

    ``resource`` and ``attribute`` are what decides it, ``text`` says how, ``causes`` why it is not exact.
    """

    values: tuple[str, ...]
    resource: str
    attribute: str
    text: str
    causes: tuple[Cause, ...] = ()

    @property
    def exact(self) -> str | None:
        """The value it certainly has, else None."""
        return self.values[0] if len(self.values) == 1 else None

    def may_be(self, value: str) -> bool:
        """Whether it may have this value."""
        return not self.values or value in self.values

    def truth(self, value: str) -> Truth:
        """Whether it has this value."""
        if not self.may_be(value):
            return NO
        return YES if self.exact else Truth(None, self.causes)


@dataclass(frozen=True)
class Metadata:
    """The instance metadata service of nodes that come up in one way (E9, H3).

    ``endpoint`` is enabled or disabled; ``tokens`` are required (version 2 only) or optional; ``hops`` is
    the hop limit of the answer that carries a token.
    """

    endpoint: Setting
    tokens: Setting
    hops: Setting

    @property
    def to_pods(self) -> Truth:
        """Whether pods with an address of their own get the credentials of the node's role.

        Without a token any pod gets them: the limit is one of the token's answer alone. With one, the
        pod's network namespace is a hop more than the node itself.
        """
        unasked = self.tokens.truth(OPTIONAL)
        far = self._far
        if self.endpoint.exact == DISABLED or not (unasked.possibly or far.possibly):
            return NO
        if self.endpoint.exact == ENABLED and (unasked.surely or far.surely):
            return YES
        causes = (*self.endpoint.causes, *unasked.causes, *far.causes)
        return Truth(None, tuple(dict.fromkeys(causes)))

    @property
    def _far(self) -> Truth:
        """Whether a token's answer gets past the node itself."""
        if not self.hops.may_be("1"):
            return YES
        return NO if self.hops.exact else Truth(None, self.hops.causes)

    @property
    def openings(self) -> tuple[Setting, ...]:
        """The settings by which pods surely get the credentials."""
        found = [self.tokens] if self.tokens.exact == OPTIONAL else []
        return (*found, *([self.hops] if self._far.surely else []))


@dataclass(frozen=True)
class KeyPlace:
    """Where an SSH key of nodes is set: an attribute of a resource, or its user data.

    ``name`` is that of the key pair, or of the resource that will have it; empty where it is not told, and
    for keys that user data brings.
    """

    resource: str
    attribute: str
    name: str = ""
    by_user_data: bool = False


@dataclass(frozen=True)
class NodeFacts:
    """What is known of the nodes that one resource makes.

    ``templated``: whether they come up by a launch template or configuration of the user's. ``metadata``:
    one for each way in which they come up, all of which may happen; empty where nodes have no such service
    of their own. ``keys``: where SSH keys are surely set; ``maybe_keys``: what may set one besides.
    """

    image: Image
    templates: tuple[Template, ...]
    templated: Truth
    metadata: tuple[Metadata, ...]
    keys: tuple[KeyPlace, ...] = ()
    maybe_keys: tuple[Cause, ...] = ()

    @property
    def ssh_key(self) -> Truth:
        """Whether any of the nodes carries an SSH key."""
        if self.keys:
            return YES
        return Truth(None, self.maybe_keys) if self.maybe_keys else NO

    @property
    def to_pods(self) -> Truth:
        """Whether pods of any of the nodes get the credentials of the node's role."""
        found = [each.to_pods for each in self.metadata]
        if any(truth.surely for truth in found):
            return YES
        causes = tuple(dict.fromkeys(cause for truth in found for cause in truth.causes))
        return Truth(None, causes) if any(truth.possibly for truth in found) else NO
