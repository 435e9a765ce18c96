"""Default Host Management: the setting by which an account lends instances a role."""

from __future__ import annotations

import pytest

from tests.aws.plans import R, estate

SETTING = "/ssm/managed-instance/default-ec2-instance-management-role"


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        (SETTING, "service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole", None),
        (f"arn:aws:ssm:eu-west-1:123456789012:servicesetting{SETTING}", "management", None),
        (SETTING, "$None", False),
        ("/ssm/parameter-store/high-throughput-enabled", "true", False),
    ],
)
def test_the_account_lends_a_role_where_the_inputs_say_so(name: str, value: str, wanted: bool | None) -> None:
    setting = R("aws_ssm_service_setting.x", {"setting_id": name, "setting_value": value}, {"id": True})
    assert estate(setting).particulars.host_management.value is wanted


def test_it_is_off_by_default() -> None:
    assert estate().particulars.host_management.value is False
