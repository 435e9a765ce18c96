"""User data in its forms: which cluster its instance joins, and what it says of SSH (F2, F3, I10)."""

from __future__ import annotations

import base64
import gzip
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from eks_checks import analysis
from eks_checks.aws.lower.context import Lowering
from eks_checks.aws.lower.user_data import UserData, read_user_data
from eks_checks.terraform.address import ResourceAddress
from eks_checks.terraform.text import text_of
from eks_checks.terraform.value import NULL, Known, Reference, Unknown, Value, choice
from tests.aws.plans import CLUSTER, R, plan

CLUSTER_KEY = "aws_eks_cluster.this"
ENDPOINT = Reference(ResourceAddress.parse(CLUSTER_KEY), ("endpoint",))
NAME = Reference(ResourceAddress.parse(CLUSTER_KEY), ("name",))

NODE_CONFIG = """apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  kubelet:
    config:
      name: not-the-cluster
  cluster:
    apiServerEndpoint: https://example.com
    name: prod
    cidr: 10.100.0.0/16
"""
BOTTLEROCKET = '[settings.kubernetes]\ncluster-name = "prod"\napi-server = "https://example.com"\n'
ADMIN = BOTTLEROCKET + "[settings.host-containers.admin]\nenabled = true\n"
NO_ADMIN = BOTTLEROCKET + "[settings.host-containers.admin]\nenabled = false\n"


def told(value: Value, *resources: R) -> UserData:
    documents = (analysis.plan.document(plan(CLUSTER, *resources), "-"),)
    run = Lowering(analysis.Inputs(documents).world)
    return read_user_data(run, value, "aws_launch_template.x", "user_data")


def mime(*parts: str, encoded: bool = False) -> str:
    message = MIMEMultipart(boundary="==part==")
    for part in parts:
        message.attach(MIMEText(part, "x-shellscript", "utf-8" if encoded else "us-ascii"))
    return message.as_string()


def packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def zipped(text: str) -> str:
    return base64.b64encode(gzip.compress(text.encode())).decode()


@pytest.mark.parametrize(
    "script",
    [
        "#!/bin/bash\n/etc/eks/bootstrap.sh prod\n",
        "#!/bin/bash\n/etc/eks/bootstrap.sh 'prod' --kubelet-extra-args '--x'\n",
        "#!/bin/bash\n/etc/eks/bootstrap.sh --apiserver-endpoint https://x --b64-cluster-ca abc prod\n",
        "#!/bin/bash\n/etc/eks/bootstrap.sh \\\n  --kubelet-extra-args '--max-pods=9' \\\n  prod\n",
        "#!/bin/bash\nCLUSTER=prod\n/etc/eks/bootstrap.sh $CLUSTER\n",
        "#!/bin/bash\nexport CLUSTER='prod'\n/etc/eks/bootstrap.sh ${CLUSTER} && echo done\n",
        NODE_CONFIG,
        "---\n" + NODE_CONFIG,
        BOTTLEROCKET,
        '"settings.kubernetes.cluster-name" = "prod"\n',
        '<powershell>\n& $EKSBootstrapScriptFile -EKSClusterName "prod"\n</powershell>',
        mime("#!/bin/bash\nyum update\n", NODE_CONFIG),
        mime("#!/bin/bash\n/etc/eks/bootstrap.sh prod\n", encoded=True),
    ],
)
@pytest.mark.parametrize("form", [str, packed, zipped])
def test_user_data_that_joins_a_cluster(script: str, form: type[str]) -> None:
    found = told(Known(form(script)))
    assert (found.cluster.exact, found.joins.value) == (CLUSTER_KEY, True)


@pytest.mark.parametrize(
    "script",
    [
        "",
        "#!/bin/bash\nyum install -y httpd\n",
        "#!/bin/bash\n./bootstrap.sh shop\n",
        "<powershell>\nInstall-WindowsFeature Web-Server\n</powershell>",
        '[settings.ecs]\ncluster = "prod"\n',
        mime("#!/bin/bash\nyum update\n"),
        "bm90IGdvb2Q",
    ],
)
def test_user_data_that_joins_none(script: str) -> None:
    found = told(Known(script))
    assert found.cluster.unset
    assert found.joins.value is False


def test_a_script_that_is_known_but_for_the_name_of_a_cluster() -> None:
    script = text_of(
        [Known("#!/bin/bash\n/etc/eks/bootstrap.sh "), NAME, Known(" --x "), ENDPOINT, Known("\n")]
    )
    found = told(script)
    assert (found.cluster.exact, found.joins.value) == (CLUSTER_KEY, True)


def test_a_script_in_base_64_that_is_known_in_part() -> None:
    script = text_of(
        [
            Known("kind: NodeConfig\nspec:\n  cluster:\n    apiServerEndpoint: "),
            ENDPOINT,
            Known("\n    name: prod\n"),
        ]
    )
    found = told(Unknown("of the endpoint", encodes=script))
    assert (found.cluster.exact, found.joins.value) == (CLUSTER_KEY, True)


def test_an_unknown_piece_inside_a_line_joins_nothing() -> None:
    found = told(text_of([Known("#!/bin/bash\ncurl https://"), ENDPOINT, Known("/ping\n")]))
    assert found.joins.value is False


def test_an_unknown_line_may_join() -> None:
    found = told(text_of([Known("#!/bin/bash\n"), Unknown("a variable"), Known("\n")]))
    assert found.joins.value is None
    assert found.joins.causes


def test_user_data_of_which_nothing_is_known_may_join() -> None:
    found = told(Unknown("known after apply"))
    assert found.joins.value is None


def test_a_plan_that_keeps_only_the_symbols_hints_at_the_cluster() -> None:
    found = told(choice([ENDPOINT, Unknown("may be computed"), NULL]))
    assert found.joins.value is None
    assert found.hints == {CLUSTER_KEY}


def test_one_of_two_scripts_is_not_sure() -> None:
    found = told(choice([Known("#!/bin/bash\n/etc/eks/bootstrap.sh prod\n"), Known("#!/bin/bash\ntrue\n")]))
    assert found.joins.value is None
    assert found.cluster.keys == (CLUSTER_KEY,)


def test_parts_that_a_data_source_will_render() -> None:
    config = R(
        "data.cloudinit_config.this",
        {"part": [{"content": "#!/bin/bash\ntrue\n"}, {"content": NODE_CONFIG}]},
        {"rendered": True},
    )
    rendered = Reference(ResourceAddress.parse("data.cloudinit_config.this"), ("rendered",))
    found = told(rendered, config)
    assert (found.cluster.exact, found.joins.value) == (CLUSTER_KEY, True)


def test_an_old_template_with_variables() -> None:
    script = "#!/bin/bash\n/etc/eks/bootstrap.sh ${name} --b64-cluster-ca ${ca}\n"
    template = R("data.template_file.this", {"template": script, "vars": {"name": "prod", "ca": "x"}})
    rendered = Reference(ResourceAddress.parse("data.template_file.this"), ("rendered",))
    found = told(rendered, template)
    assert (found.cluster.exact, found.joins.value) == (CLUSTER_KEY, True)


@pytest.mark.parametrize(
    ("script", "family", "admin"),
    [
        (NODE_CONFIG, "AL2023", False),
        (BOTTLEROCKET, "BOTTLEROCKET", False),
        (NO_ADMIN, "BOTTLEROCKET", False),
        (ADMIN, "BOTTLEROCKET", True),
        ("<powershell>\nx -EKSClusterName prod\n</powershell>", "WINDOWS", False),
        ("#!/bin/bash\ntrue\n", "", False),
    ],
)
def test_the_image_family_and_the_admin_container(script: str, family: str, admin: bool) -> None:
    found = told(Known(script))
    assert (found.family, found.admin.value) == (family, admin)
