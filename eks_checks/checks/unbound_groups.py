"""Groups that aws-auth names and no binding of the inputs uses, for EKS503."""

from __future__ import annotations

from dataclasses import dataclass

from eks_checks.aws.access import AuthConfigMap, RoleBinding
from eks_checks.aws.knowledge import Cause
from eks_checks.checks.check import View
from eks_checks.checks.phrases import listed, plural
from eks_checks.findings import Evidence

_BUILT_IN = ("system:", "eks:")
"""What the names of groups start with to which Kubernetes or EKS itself binds roles."""


@dataclass(frozen=True)
class Unbound:
    """Groups without a binding; ``causes`` say what else may bind them (none: nothing does)."""

    message: str
    evidence: tuple[Evidence, ...]
    causes: tuple[Cause, ...] = ()

    @property
    def verdict(self) -> str:
        """``fail`` where it is sure that nothing of the inputs binds them."""
        return "possible" if self.causes else "fail"


def unbound(view: View, map_: AuthConfigMap) -> Unbound | None:
    """The map's groups that no binding uses.

    Where the inputs have no binding at all, roles are bound somewhere else: then nobody can tell.
    """
    access = view.estate.particulars.access
    near = tuple(access.bindings_near(map_.clusters))
    used = {one.name for binding in near for one in binding.subjects if one.kind == "Group"}
    loose: dict[str, str] = {}
    for entry in map_.entries:
        for group in entry.groups.names:
            if entry.certain and group not in used and not group.startswith(_BUILT_IN):
                loose.setdefault(group, entry.attribute)
    if not loose:
        return None
    causes: tuple[Cause, ...] = tuple(cause for binding in near for cause in _open(binding))
    causes = (*causes, *access.hidden)
    if not near:
        reason = "no binding at all is in the inputs, so roles are bound somewhere else"
        causes = tuple(Cause(map_.resource, at, f"{group}: {reason}") for group, at in sorted(loose.items()))
    names = listed(sorted(loose))
    message = (
        f"aws-auth names {plural(len(loose), 'the group', 'the groups')} {names}, to which no binding in the "
        "inputs gives a role: whoever makes bindings decides what that means."
    )
    told = (
        Evidence(map_.resource, f"{at} names the group {group}, which no binding uses", attribute=at)
        for group, at in sorted(loose.items())
    )
    return Unbound(message, tuple(told), causes)


def _open(binding: RoleBinding) -> tuple[Cause, ...]:
    """Why a binding may name other groups than are known of it."""
    unnamed = (cause for one in binding.subjects if not one.name for cause in one.causes)
    return (*binding.hidden, *unnamed)
