"""The configuration file: what it may say, and the one line that says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_checks import settings_file
from eks_checks.errors import ConfigError
from eks_checks.settings import CheckSetting, RequiredTag, Settings, parse

IDS: dict[str, tuple[str, ...]] = {
    "EKS201": (),
    "EKS205": ("ports",),
    "EKS701": ("required_tags",),
}


def read(text: str | bytes) -> Settings:
    return parse(text, file="c.yaml", checks=lambda: IDS)


def wrong(text: str | bytes) -> str:
    with pytest.raises(ConfigError) as caught:
        read(text)
    message = str(caught.value)
    assert "\n" not in message
    return message


WHOLE = """\
bastions:
  - aws_instance.bastion
  - "module.ops[*].aws_instance.*"
  - 10.0.8.0/24
  - 2001:db8::/64
required_tags:
  - Owner
  - key: CostCenter
    pattern: "[0-9]{4}"
    types: [aws_eks_cluster, aws_eks_node_*]
checks:
  EKS701: {severity: High}
  EKS205: off
  EKS201: on
strict: yes
"""


def test_a_whole_file() -> None:
    assert read(WHOLE) == Settings(
        bastions=("aws_instance.bastion", "module.ops[*].aws_instance.*", "10.0.8.0/24", "2001:db8::/64"),
        required_tags=(
            RequiredTag("Owner"),
            RequiredTag("CostCenter", "[0-9]{4}", ("aws_eks_cluster", "aws_eks_node_*")),
        ),
        checks=(
            ("EKS201", CheckSetting()),
            ("EKS205", CheckSetting(enabled=False)),
            ("EKS701", CheckSetting(severity="high")),
        ),
        strict=True,
        origin="c.yaml",
    )


def test_every_value_knows_its_origin() -> None:
    assert list(read(WHOLE).entries()) == [
        ("profile", "guide", "default"),
        ("bastions[0]", "aws_instance.bastion", "c.yaml:2"),
        ("bastions[1]", "module.ops[*].aws_instance.*", "c.yaml:3"),
        ("bastions[2]", "10.0.8.0/24", "c.yaml:4"),
        ("bastions[3]", "2001:db8::/64", "c.yaml:5"),
        ("allowed_cidrs", "none", "default"),
        ("admin_principals", "none", "default"),
        ("required_tags[0]", "Owner", "c.yaml:7"),
        (
            "required_tags[1]",
            "CostCenter, value matches [0-9]{4}, on aws_eks_cluster, aws_eks_node_*",
            "c.yaml:8",
        ),
        ("login_ports[0]", "22", "default"),
        ("login_ports[1]", "3389", "default"),
        ("checks.EKS201", "on", "c.yaml:14"),
        ("checks.EKS205", "off", "c.yaml:13"),
        ("checks.EKS701", "severity high", "c.yaml:12"),
        ("strict", "true", "c.yaml:15"),
    ]


def test_defaults_and_options_are_origins_too() -> None:
    assert list(Settings().entries()) == [
        ("profile", "guide", "default"),
        ("bastions", "none", "default"),
        ("allowed_cidrs", "none", "default"),
        ("admin_principals", "none", "default"),
        ("required_tags", "none", "default"),
        ("login_ports[0]", "22", "default"),
        ("login_ports[1]", "3389", "default"),
        ("checks", "all on, at their own severity", "default"),
        ("strict", "false", "default"),
    ]
    assert ("strict", "true", "--strict") in read("strict: off").made_strict("--strict").entries()


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# nothing\n", "---\n", "null", "bastions:\nchecks: ~\n", b"\xef\xbb\xbf"]
)
def test_an_empty_file_is_all_defaults(text: str | bytes) -> None:
    assert read(text) == Settings(origin="c.yaml")


def test_ports_to_log_in_over() -> None:
    assert read("login_ports: [2222, 22, 2222]").login_ports == (2222, 22)
    assert read("login_ports: []").login_ports == ()
    assert read("strict: no").login_ports == (22, 3389)
    assert list(read("login_ports:\n- 2222").entries())[5] == ("login_ports[0]", "2222", "c.yaml:2")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "0x16", "022", "ssh", "22.0", "'22'", "[22]"])
def test_what_is_no_port(port: str) -> None:
    said = wrong(f"login_ports:\n- {port}")
    assert said.startswith("c.yaml:2: login_ports[0]: must be a port from 1 to 65535, not ")


def test_a_check_may_have_parameters_of_its_own() -> None:
    found = read(
        "login_ports: [23]\n"
        "checks: {EKS205: {ports: [22, 10250], severity: high}, EKS701: {required_tags: [Owner]}}"
    )
    assert found.for_check("EKS205").ports == (22, 10250)
    assert found.check("EKS205").severity == "high"
    assert found.for_check("EKS201").ports == (22,)
    assert found.for_check("EKS701").required_tags == (RequiredTag("Owner"),)
    assert found.required_tags == ()
    assert ("checks.EKS205", "severity high; ports 22, 10250", "c.yaml:2") in found.entries()


def test_who_is_meant_to_administer_and_to_come_in() -> None:
    found = read(
        "admin_principals: ['arn:aws:iam::*:role/admin*', aws_iam_role.ops]\nallowed_cidrs: [11.0.0.0/24]"
    )
    assert found.is_admin_principal("arn:aws:iam::123456789012:role/admins")
    assert found.is_admin_principal("arn:aws:iam::1:user/x", "aws_iam_role.ops")
    assert not found.is_admin_principal("arn:aws:iam::1:user/admin", "")
    assert found.allowed_addresses.size() == 256
    assert wrong("admin_principals: [admin]").startswith("c.yaml:1: admin_principals[0]: 'admin' is neither")
    assert wrong("allowed_cidrs: [11.0.0.1]").endswith("write 11.0.0.1/32")


def test_the_profile() -> None:
    assert read("profile: Hardened").profile == "hardened"
    assert read("strict: true").profile == "guide"
    assert wrong("profile: hardend").endswith("did you mean 'hardened'?")
    assert ("profile", "minimal", "--profile") in Settings().in_profile("minimal", "--profile").entries()


@pytest.mark.parametrize("word", ["off", "false", "no", "False", "OFF"])
def test_all_of_yamls_words_turn_a_check_off(word: str) -> None:
    assert not read(f"checks: {{EKS205: {word}}}").check("EKS205").enabled


@pytest.mark.parametrize("word", ["on", "true", "yes", "{}"])
def test_all_of_yamls_words_turn_a_check_on(word: str) -> None:
    assert read(f"checks: {{EKS205: {word}}}").check("EKS205") == CheckSetting()


def test_utf_16_is_read() -> None:
    assert read("strict: true".encode("utf-16")).strict


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "strict: true\nbastion: []",
            "c.yaml:2: unknown key 'bastion'; allowed are profile, bastions, allowed_cidrs, admin_principals,"
            " required_tags, checks, strict, login_ports; did you mean 'bastions'?",
        ),
        (
            "zzz: 1",
            "c.yaml:1: unknown key 'zzz'; allowed are profile, bastions, allowed_cidrs, admin_principals,"
            " required_tags, checks, strict, login_ports",
        ),
        ("- a", "c.yaml:1: must be a mapping of key: value, not a list"),
        ("strict", "c.yaml:1: must be a mapping of key: value, not 'strict'"),
        ("strict: maybe", "c.yaml:1: strict: must be true or false, not 'maybe'"),
        ("strict: 1", "c.yaml:1: strict: must be true or false, not '1'"),
        ("strict: true\nstrict: false", "c.yaml:2: key 'strict' is set twice; keep one of them"),
        (
            "bastions: aws_instance.b",
            "c.yaml:1: bastions: must be a list, not 'aws_instance.b'; write it as [a, b]",
        ),
        ("bastions: [{a: b}]", "c.yaml:1: bastions[0]: must be text, not a mapping"),
        ("bastions:\n- 22", "c.yaml:2: bastions[0]: must be text, not '22'; write it in quotes: \"22\""),
        ("bastions: ['']", "c.yaml:1: bastions[0]: must be text, not ''"),
        ("bastions: [~]", "c.yaml:1: bastions[0]: must be text, not nothing"),
        (
            "bastions: [10.0.0.1/24]",
            "c.yaml:1: bastions[0]: '10.0.0.1/24' has host bits set: did you mean 10.0.0.0/24?",
        ),
        (
            "bastions: [10.0.0.1]",
            "c.yaml:1: bastions[0]: '10.0.0.1' is an address, not a CIDR; write 10.0.0.1/32",
        ),
        (
            "bastions: ['fe80::1']",
            "c.yaml:1: bastions[0]: 'fe80::1' is an address, not a CIDR; write fe80::1/128",
        ),
        (
            "bastions: [bastion]",
            "c.yaml:1: bastions[0]: 'bastion' is neither a CIDR nor a resource address pattern;"
            " write 10.0.0.0/24, aws_instance.bastion or *bastion*",
        ),
        (
            "required_tags: [yes]",
            "c.yaml:1: required_tags[0]: must be a tag key, or a mapping with key,"
            " pattern,"
            " types, not 'yes'; write it in quotes: \"yes\"",
        ),
        (
            "required_tags: [{pattern: a}]",
            "c.yaml:1: required_tags[0]: a required tag needs its key; write {key: Owner, pattern: ...}",
        ),
        (
            "required_tags:\n- key: A\n  value: b",
            "c.yaml:3: required_tags[0]: unknown key 'value'; allowed are key, pattern, types",
        ),
        (
            "required_tags: [{key: A, types: aws_vpc}]",
            "c.yaml:1: required_tags[0].types: must be a list, not 'aws_vpc'; write it as [a, b]",
        ),
        (
            "checks: {EKS250: off}",
            "c.yaml:1: checks: unknown key 'EKS250'; allowed are EKS201, EKS205, EKS701;"
            " did you mean 'EKS205'?",
        ),
        (
            "checks: {EKS205: low}",
            "c.yaml:1: checks.EKS205: must be on, off or {severity: ..., ports: ...}, not 'low'",
        ),
        (
            "checks: {EKS205: }",
            "c.yaml:1: checks.EKS205: must be on, off or {severity: ..., ports: ...}, not nothing",
        ),
        (
            "checks: {EKS205: {severity: hihg}}",
            "c.yaml:1: checks.EKS205.severity: 'hihg' is no severity; allowed are critical, high, medium,"
            " low,"
            " info; did you mean 'high'?",
        ),
        ("checks: [EKS205]", "c.yaml:1: checks: must be a mapping of key: value, not a list"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text: str, line: str) -> None:
    assert wrong(text) == line


def test_a_bad_expression_names_key_and_reason() -> None:
    message = wrong("required_tags:\n- key: A\n  pattern: '['")
    assert message.startswith("c.yaml:3: required_tags[0].pattern: '[' is not a regular expression: ")


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "bastions:\n  - *bastion*\n",
        "{" * 30,
        "\t- a",
        "a: 1\n---\nb: 2",
        b"\xff\xff\xff",
        b"\x00\x01",
        "!!x",
    ],
)
def test_what_is_not_yaml_is_an_error_of_one_line(text: str | bytes) -> None:
    assert wrong(text).startswith("c.yaml")


def test_deep_nesting_is_no_crash() -> None:
    assert wrong("[" * 20000).startswith("c.yaml")


@pytest.mark.parametrize(
    ("pattern", "address", "expected"),
    [
        ("aws_instance.bastion", "aws_instance.bastion", True),
        ("aws_instance.bastion", "aws_instance.bastion[0]", True),
        ("aws_instance.bastion", 'aws_instance.bastion["a.b[c]"]', True),
        ("aws_instance.bastion[0]", "aws_instance.bastion[0]", True),
        ("aws_instance.bastion[0]", "aws_instance.bastion[1]", False),
        ("aws_instance.bastion[0]", "aws_instance.bastion0", False),
        ("module.ops.aws_instance.b", 'module.ops["x"].aws_instance.b[0]', True),
        ('module.ops["x"].aws_instance.b', 'module.ops["x"].aws_instance.b[0]', True),
        ('module.ops["y"].aws_instance.b', 'module.ops["x"].aws_instance.b[0]', False),
        ("*bastion*", "module.net.aws_instance.my_bastion_2", True),
        ("aws_instance.bastion", "aws_instance.bastion2", False),
        ("aws_instance.?", "aws_instance.a", True),
        ('aws_instance.b["10.0.0.0/8"]', 'aws_instance.b["10.0.0.0/8"]', True),
    ],
)
def test_bastions_by_address(pattern: str, address: str, expected: bool) -> None:
    settings = read(f"bastions: ['{pattern}']")
    assert settings.is_bastion(address) is expected


def test_bastions_by_range() -> None:
    settings = read("bastions: [10.0.0.0/25, 10.0.0.128/25, aws_instance.b]")
    assert settings.bastion_cidrs == ("10.0.0.0/25", "10.0.0.128/25")
    assert settings.is_bastion("aws_vpc.this", ("10.0.0.0/24",))
    assert settings.is_bastion("", ("10.0.0.64/26", "10.0.0.192/26"))
    assert not settings.is_bastion("aws_vpc.this", ("10.0.0.0/23",))
    assert not settings.is_bastion("aws_vpc.this", ())
    assert not Settings().is_bastion("aws_vpc.this", ("10.0.0.0/24",))


def test_required_tags_match_whole_values_and_types() -> None:
    tag = RequiredTag("CostCenter", "[0-9]{4}", ("aws_eks_*", "aws_vpc"))
    assert tag.accepts("1234")
    assert not tag.accepts("12345")
    assert tag.applies_to("aws_eks_cluster")
    assert not tag.applies_to("aws_subnet")
    assert RequiredTag("A").accepts("")
    assert RequiredTag("A").applies_to("aws_subnet")


def test_the_file_is_found_upwards_as_far_as_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".eks-checks.yaml").write_text("strict: true\n")
    repository = tmp_path / "repository"
    root = repository / "envs" / "prod"
    root.mkdir(parents=True)
    assert settings_file.load(None, [root], lambda: IDS).strict
    (repository / ".git").mkdir()
    assert not settings_file.load(None, [root], lambda: IDS).strict
    (repository / ".eks-checks.yaml").write_text("bastions: [10.0.0.0/8]\n")
    found = settings_file.load(None, [root], lambda: IDS)
    assert found.bastions == ("10.0.0.0/8",)
    assert found.origin == str((repository / ".eks-checks.yaml").resolve())


def test_the_second_folder_is_asked_where_the_first_has_none(tmp_path: Path) -> None:
    for name in ("plans", "here"):
        (tmp_path / name / ".git").mkdir(parents=True)
    (tmp_path / "here" / ".eks-checks.yaml").write_text("strict: true\n")
    assert settings_file.load(None, [tmp_path / "plans", tmp_path / "here"], lambda: IDS).strict


def test_a_file_below_the_current_folder_is_named_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".eks-checks.yaml").write_text("")
    monkeypatch.chdir(tmp_path)
    assert settings_file.load(None, [Path()], lambda: IDS).origin == ".eks-checks.yaml"


@pytest.mark.parametrize("make", ["missing", "folder", "large"])
def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, make: str) -> None:
    path = tmp_path / "c.yaml"
    if make == "folder":
        path.mkdir()
    if make == "large":
        path.write_text("#" * (1 << 20) + "#")
    with pytest.raises(ConfigError, match=r"c\.yaml: "):
        settings_file.load(path, [], lambda: IDS)


def test_policies_that_are_meant_are_a_parameter_of_one_check() -> None:
    text = "checks: {EKS602: {allowed_policies: [AmazonS3*, aws_iam_policy.mine]}}"
    settings = parse(text, file="c.yaml", checks=lambda: {"EKS602": ("allowed_policies",)})
    own = settings.for_check("EKS602")
    assert own.is_allowed_policy("AmazonS3FullAccess")
    assert own.is_allowed_policy("", "arn:aws:iam::1:policy/x", "aws_iam_policy.mine")
    assert not own.is_allowed_policy("AdministratorAccess", "")
    assert not settings.is_allowed_policy("AmazonS3FullAccess")


def test_the_key_that_tells_clusters_apart_is_one_text() -> None:
    def told(value: str) -> Settings:
        text = f"checks: {{EKS702: {{cluster_tag: {value}}}}}"
        return parse(text, file="c.yaml", checks=lambda: {"EKS702": ("cluster_tag",)})

    settings = told("Cluster")
    assert (settings.cluster_tag, settings.for_check("EKS702").cluster_tag) == ("", "Cluster")
    assert ("checks.EKS702", "cluster_tag Cluster", "c.yaml:1") in settings.entries()
    for value in ("[Cluster]", "7", "''", "{key: Cluster}"):
        with pytest.raises(ConfigError, match=r"checks\.EKS702\.cluster_tag: must be the key of a tag"):
            told(value)
