"""The instance metadata service of nodes: what templates, EKS, Karpenter, account and image say (E9, H3).

For each option by itself EC2 takes the word of whoever launches, then the account's, then the image's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from eks_checks.aws.knowledge import Cause
from eks_checks.aws.lower.context import Lowering, left_out
from eks_checks.aws.node_facts import (
    AL2,
    AL2023,
    DISABLED,
    ENABLED,
    OPTIONAL,
    REQUIRED,
    Image,
    Metadata,
    Setting,
)
from eks_checks.kubernetes.manifest import Manifest
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import Known, Value, alternatives, is_null, unknowns

ENDPOINT, TOKENS, HOPS = "http_endpoint", "http_tokens", "http_put_response_hop_limit"
OPTIONS = (ENDPOINT, TOKENS, HOPS)
_BLOCK = "metadata_options"
_ACCOUNT = "aws_ec2_instance_metadata_defaults"
_ANY = {ENDPOINT: (DISABLED, ENABLED), TOKENS: (OPTIONAL, REQUIRED), HOPS: ()}
_WORDS = {ENDPOINT: "the endpoint is", TOKENS: "tokens are", HOPS: "the hop limit is"}


@dataclass(frozen=True)
class Launched:
    """Instances that ``block`` describes: a template, a launch configuration or the instance itself.

    ``template`` has the options that an instance leaves to its launch template.
    """

    run: Lowering
    block: Resource
    image: Image
    template: Block | None = None

    @property
    def metadata(self) -> Metadata:
        """What they come up with."""
        return _metadata(self._setting)

    def _setting(self, option: str) -> Setting:
        for block in (self.block, self.template):
            written = _written(block, option) if block is not None else None
            if written is not None:
                return written
        return _left_to_ec2(self.run, self.block, option, self.image)


def by_eks(run: Lowering, group: Resource, image: Image) -> Metadata:
    """Of a managed group without a launch template: EKS writes one (E9)."""

    def setting(option: str) -> Setting:
        if option == ENDPOINT:
            return Setting((ENABLED,), group.key, "", "EKS's own launch template leaves the endpoint enabled")
        if option == TOKENS:
            return _left_to_ec2(run, group, option, image)
        # NOTE: the guide's page on launch templates says 2 for every group, that on AL2023 says 1 (E9).
        values = ("1", "2") if not image.families or AL2023 in image.families else ("2",)
        text = f"no launch template: EKS's own has the hop limit {' or '.join(values)}"
        why = "EKS's own template decides: 2, but for AL2023 the user guide says 1 as well"
        causes = (Cause(group.key, "launch_template", why),) if len(values) > 1 else ()
        return Setting(values, group.key, "launch_template", text, causes)

    return _metadata(setting)


def of_node_class(manifest: Manifest, *path: str) -> Metadata:
    """Of a node class of Karpenter; ``path`` leads to what holds its options."""
    # NOTE: the default was 2 before v1 (H3).
    hops = "1" if manifest.api_version == "karpenter.k8s.aws/v1" else "2"
    defaults = {ENDPOINT: ENABLED, TOKENS: REQUIRED, HOPS: hops}
    names = {ENDPOINT: "httpEndpoint", TOKENS: "httpTokens", HOPS: "httpPutResponseHopLimit"}

    def setting(option: str) -> Setting:
        steps = (*path, "metadataOptions", names[option])
        value = manifest.at(*steps)
        attribute = ".".join((manifest.attribute, *steps))
        if is_null(value):
            text = f"{_WORDS[option]} {defaults[option]}, Karpenter's default"
            return Setting((defaults[option],), manifest.resource, manifest.attribute, text)
        found = _of_value(value, option, manifest.resource, attribute, names[option])
        return replace(found, attribute=manifest.attribute)

    return _metadata(setting)


def of_auto_mode(resource: str) -> Metadata:
    """Of nodes of Auto Mode: EKS holds it to version 2 and the node itself (H5)."""
    fixed = {ENDPOINT: ENABLED, TOKENS: REQUIRED, HOPS: "1"}

    def setting(option: str) -> Setting:
        return Setting((fixed[option],), resource, "", f"{_WORDS[option]} {fixed[option]} in Auto Mode")

    return _metadata(setting)


def untold(causes: tuple[Cause, ...]) -> Metadata:
    """Where nothing is known of how nodes are launched."""
    why = causes[0]

    def setting(option: str) -> Setting:
        return Setting(_ANY[option], why.resource, why.attribute, why.reason, causes)

    return _metadata(setting)


def either(several: Iterable[Metadata], causes: tuple[Cause, ...]) -> Metadata:
    """What nodes have that come up in exactly one of several ways, and ``causes`` decide in which."""
    found = list(several)

    def united(settings: list[Setting]) -> Setting:
        if len({each.values for each in settings}) == 1:
            return settings[0]
        values = {value for each in settings for value in each.values}
        known = all(each.values for each in settings)
        why = (*causes, *(cause for each in settings for cause in each.causes))
        text = " or ".join(dict.fromkeys(each.text for each in settings))
        first = settings[0]
        return Setting(_sorted(values) if known else (), first.resource, first.attribute, text, why)

    return Metadata(
        united([each.endpoint for each in found]),
        united([each.tokens for each in found]),
        united([each.hops for each in found]),
    )


def _metadata(setting: Callable[[str], Setting]) -> Metadata:
    return Metadata(*(setting(option) for option in OPTIONS))


def _written(block: Block, option: str) -> Setting | None:
    """What an instance or template itself says; None where it leaves that to EC2."""
    options = block.blocks(_BLOCK)
    if options.open is not None and not options.open.computed:
        why = Cause(block.resource.key, _BLOCK, options.open.reason)
        return Setting(_ANY[option], why.resource, _BLOCK, why.reason, (why,))
    for one in options.items:
        value = one.value(option)
        # NOTE: a state shows 0 for a hop limit that was never set.
        if not left_out(value) and not (isinstance(value, Known) and value.value in (0, "0")):
            attribute = f"{_BLOCK}[0].{option}"
            return _of_value(value, option, block.resource.key, attribute, option)
    return None


def _of_value(value: Value, option: str, resource: str, attribute: str, name: str) -> Setting:
    options = alternatives(value)
    known = _sorted(str(one.value) for one in options if isinstance(one, Known) and one.value is not None)
    if len(known) == len(options):
        causes = () if len(known) == 1 else (Cause(resource, attribute, f"one of {' and '.join(known)}"),)
        return Setting(known, resource, attribute, f"{name} is {' or '.join(known)}", causes)
    reason = next((unknown.reason for unknown in unknowns(value)), "known after apply")
    why = Cause(resource, attribute, reason)
    return Setting(_ANY[option], resource, attribute, f"{name} is not known", (why,))


def _left_to_ec2(run: Lowering, holder: Resource, option: str, image: Image) -> Setting:
    """What EC2 takes where nobody who launches says anything."""
    otherwise = _of_image(holder, option, image)
    for account, same in _account_defaults(run, holder):
        value = account.value(option)
        if left_out(value) or (isinstance(value, Known) and str(value.value) in ("-1", "0", "no-preference")):
            continue
        found = _of_value(value, option, account.key, option, f"the account's default {option}")
        if same and found.exact:
            return found
        why = Cause(account.key, option, "may be the default where the nodes are launched")
        values = {*found.values, *otherwise.values} if found.values and otherwise.values else set()
        causes = (*otherwise.causes, *found.causes, why)
        otherwise = replace(otherwise, values=_sorted(values), causes=tuple(dict.fromkeys(causes)))
    return otherwise


def _account_defaults(run: Lowering, holder: Resource) -> Iterator[tuple[Resource, bool]]:
    """The account's defaults, and whether they are surely those of the Region where ``holder`` launches."""
    for account in run.world.resources(_ACCOUNT):
        same = account.input == holder.input and account.provider_key == holder.provider_key != ""
        region = str(account.value("region")) == str(holder.value("region"))
        yield account, same and region and not run.doubts(account)


def _of_image(holder: Resource, option: str, image: Image) -> Setting:
    """What EC2 takes of the image: for AL2023 tokens are required; of others that is not documented."""
    if option == ENDPOINT:
        return Setting((ENABLED,), holder.key, "", "the endpoint is enabled, EC2's default")
    attribute = _BLOCK if holder.type != "aws_eks_node_group" else "launch_template"
    values = _sorted({value for family in image.families for value in _BY_FAMILY[option].get(family, ())})
    told = image.families and all(family in _BY_FAMILY[option] for family in image.families)
    if told and len(values) == 1:
        families = " or ".join(image.families)
        text = f"{option} is not set, and the default of {families} is {values[0]}"
        return Setting(values, holder.key, attribute, text)
    why = Cause(holder.key, attribute, f"{option} is not set: the image's own default holds")
    return Setting(_DEFAULTS[option], holder.key, attribute, why.reason, (why, *image.causes))


_DEFAULTS = {TOKENS: (OPTIONAL, REQUIRED), HOPS: ("1", "2")}
_BY_FAMILY = {TOKENS: {AL2: (OPTIONAL,), AL2023: (REQUIRED,)}, HOPS: {AL2: ("1",)}}


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))
