"""Default Host Management: a role of the account's for instances whose own lets no session be opened."""

from __future__ import annotations

from eks_checks.aws.knowledge import NO, Cause, Truth
from eks_checks.aws.lower.context import Lowering
from eks_checks.terraform.value import Known, scalar

_SETTING = "/ssm/managed-instance/default-ec2-instance-management-role"
_OFF = "$None"


def host_management(run: Lowering) -> Truth:
    """Whether the account has one; off unless the inputs turn it on. It also takes a recent agent."""
    causes = []
    for resource in run.world.resources("aws_ssm_service_setting"):
        name, value = resource.value("setting_id"), scalar(resource.value("setting_value"))
        other = isinstance(name, Known) and not str(name.value).endswith(_SETTING)
        if not other and value != _OFF:
            why = "gives instances a role for Session Manager, where their agent is recent enough"
            causes.append(Cause(resource.key, "setting_value", why))
    return Truth(None, tuple(causes)) if causes else NO
