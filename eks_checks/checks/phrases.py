"""Phrases that several checks share: lists, places, ranges, and what an undecided answer depends on."""

from __future__ import annotations

from collections.abc import Iterable

from eks_checks.aws.estate import Estate
from eks_checks.aws.firewall import NetworkAcl, SecurityGroup
from eks_checks.aws.knowledge import Cause, Origin
from eks_checks.findings import Evidence
from eks_checks.reach.answer import UnknownValue

_SHOWN = 4

PERHAPS = "perhaps "
"""What the text of a rule begins with that may not be there, or may belong to another group."""

UNTOLD_SUBNET = "an unknown subnet"

FAMILY_NAMES = {"ipv4": "IPv4", "ipv6": "IPv6"}


def listed(words: Iterable[str], shown: int = _SHOWN) -> str:
    """``a``, ``a and b``, ``a, b and 3 more``: without doubles, in the given order."""
    unique = list(dict.fromkeys(words))
    if len(unique) > shown:
        unique = [*unique[: shown - 1], f"{len(unique) - shown + 1} more"]
    *front, last = unique or [""]
    return f"{', '.join(front)} and {last}" if front else last


def families(names: Iterable[str]) -> str:
    """``IPv4``, ``IPv6``, or ``IPv4 and IPv6``."""
    return listed(FAMILY_NAMES.get(name, name) for name in sorted(set(names)))


def plural(count: int, one: str, many: str) -> str:
    """``one`` for a single thing, else ``many``."""
    return one if count == 1 else many


def capital(text: str) -> str:
    """The text with a capital first letter; addresses that start a sentence stay as they are."""
    return text if "." in text.partition(" ")[0] else text[:1].upper() + text[1:]


def group_name(group: SecurityGroup) -> str:
    """The group as a reader knows it: those that EKS makes have no address of their own."""
    if group.kind == "cluster":
        return f"the cluster security group of {group.resource}"
    if group.kind == "remote_access":
        return f"the remote-access group of {group.resource}"
    return f"the default security group of {group.resource}" if group.kind == "default" else group.resource


def acl_name(estate: Estate, acl: NetworkAcl) -> str:
    """The network ACL as a reader knows it: a default one that nothing manages has no address of its own."""
    unmanaged = acl.default and any(acl.resource == vpc.resource for vpc in estate.vpcs.values())
    return f"the default network ACL of {acl.resource}" if unmanaged else acl.resource


def subnet_name(subnet: str | None) -> str:
    """The subnet's address, or words for one that cannot be told."""
    return subnet or UNTOLD_SUBNET


def decided_by(deciders: Iterable[Cause | UnknownValue]) -> str:
    """``aws_x.this.attribute decides``: the attributes as Terraform writes them, words for none."""
    named = sorted({_attribute(each) for each in deciders})
    verb = plural(len(named), "decides", "decide")
    return f"{listed(named)} {verb}" if named else "a value that is not in the inputs decides"


def open_questions(deciders: Iterable[Cause | UnknownValue]) -> tuple[Evidence, ...]:
    """One piece of evidence for each attribute that decides."""
    made = {
        Evidence(each.resource, f"{each.attribute}: {_reason(each)}", attribute=each.attribute)
        for each in deciders
    }
    return tuple(sorted(made, key=lambda e: (e.resource, e.text)))


def said_by(origin: Origin, effect: str = "", *, certain: bool = True) -> Evidence:
    """The rule, route or entry at ``origin`` as evidence, with what it does, or perhaps does."""
    text = f"{origin.text}: {effect}" if effect else origin.text
    said = text if certain else f"{PERHAPS}{text}"
    return Evidence(origin.resource, said, origin.location, rule=origin.text)


def without_name(text: str, resource: str) -> str:
    """``text`` for a reader who has just read ``resource``: the name is not said again."""
    doubt = PERHAPS if text.startswith(PERHAPS) else ""
    short = text[len(doubt) :].removeprefix(f"security group {resource}: ").removesuffix(f" ({resource})")
    short = short.removeprefix(f"{resource} ").replace(f" of {resource}: ", ": ", 1)
    return doubt + short


def unique(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The same evidence once, in the order of its first appearance."""
    return tuple(dict.fromkeys(evidence))


def verdict_of(verdicts: Iterable[str]) -> str:
    """``fail`` where one fails, else ``possible`` where one is, else ``pass``."""
    seen = set(verdicts)
    return next((word for word in ("fail", "possible") if word in seen), "pass")


def _attribute(decider: Cause | UnknownValue) -> str:
    name = f"{decider.resource}.{decider.attribute}" if decider.attribute else decider.resource
    return name.lstrip(".")


def _reason(decider: Cause | UnknownValue) -> str:
    return decider.reason if isinstance(decider, Cause) else decider.effect
