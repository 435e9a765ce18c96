"""EKS207: when SSH counts as closed, and what a Session Manager path takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eks_checks.aws.iam import AWS_MANAGED, INLINE, Attached, Iam, Policy, Role
from eks_checks.aws.iam_documents import ALLOW, DENY, Document, Element, Pattern, Statement
from eks_checks.aws.iam_managed import managed_document
from eks_checks.aws.interface import Interface
from eks_checks.aws.knowledge import NO, YES, Cause, KeySet, Pointer, Truth, exactly
from eks_checks.aws.lower.auto_mode import SILENT
from eks_checks.aws.node_facts import AL2023, BOTTLEROCKET, CUSTOM, WINDOWS, Image, NodeFacts
from eks_checks.aws.session_manager import MANAGED_POLICY, sessions_by_role, ships_agent
from eks_checks.aws.vpc import TargetKind
from eks_checks.aws.ways_out import NatGateway
from eks_checks.checks.check import Outcome
from eks_checks.checks.eks207_node_no_session_manager import eks207
from eks_checks.reach.answer import Answer, Verdict
from tests.checks import builders as b

ROLE = "aws_iam_role.node"
NAT = "aws_nat_gateway.x"
TO_NAT = replace(b.route("0.0.0.0/0", TargetKind.NAT_GATEWAY), gateway=Pointer((NAT,)))
ACTIONS = (
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)


def aws(name: str, **changes: object) -> Attached:
    """A policy of AWS's on the role."""
    policy = Policy(f"arn:aws:iam::aws:policy/{name}", AWS_MANAGED, name, managed_document(name))
    return replace(Attached(policy, "aws_iam_role_policy_attachment.x"), **changes)  # type: ignore[arg-type]


def inline(*actions: str, effect: str = ALLOW) -> Attached:
    """A policy of one's own on the role, for every resource."""
    patterns = tuple(map(Pattern, actions))
    statement = Statement(effect, Element(patterns), Element((Pattern("*"),)))
    return Attached(Policy("inline", INLINE, "own", Document((statement,))), "aws_iam_role_policy.x")


def iam(*policies: Attached, roles: KeySet | None = None, **changes: object) -> Iam:
    """IAM with the one role of the node group."""
    role = replace(Role(ROLE, ROLE, "node", policies=policies), **changes)  # type: ignore[arg-type]
    return Iam(roles={ROLE: role}, node_roles={b.NODES: roles or exactly(ROLE)})


CORE = aws(MANAGED_POLICY)
PLAIN = aws("AmazonEKSWorkerNodePolicy")


@pytest.mark.parametrize(
    ("policies", "wanted"),
    [
        ((CORE,), True),
        ((PLAIN,), False),
        ((PLAIN, aws("CloudWatchAgentServerPolicy")), False),
        ((PLAIN, aws("SomethingThatIsNotKnownHere")), None),
        ((aws("AmazonEC2RoleforSSM"),), True),
        ((aws(MANAGED_POLICY, certain=False, causes=(b.WHY,)),), None),
        ((inline(*ACTIONS),), True),
        ((inline("ssm:*", "ssmmessages:*"),), True),
        ((inline("ssm:*"),), False),
        ((inline(*ACTIONS[:-1]),), False),
        ((CORE, inline("ssmmessages:*", effect=DENY)), False),
    ],
)
def test_the_role_must_let_the_agent_do_all_that_sessions_take(
    policies: tuple[Attached, ...], wanted: bool | None
) -> None:
    assert sessions_by_role(iam(*policies), b.NODES).value is wanted


def test_a_role_that_is_not_known_may_and_no_role_does_not() -> None:
    open_ = KeySet(open=True, causes=(b.WHY,))
    assert sessions_by_role(iam(CORE, roles=open_), b.NODES).value is None
    assert sessions_by_role(iam(CORE, roles=KeySet()), b.NODES).value is False


def test_a_boundary_takes_away() -> None:
    assert sessions_by_role(iam(CORE, boundary=inline("s3:*")), b.NODES).value is False


@pytest.mark.parametrize(
    ("families", "wanted"),
    [
        ((AL2023,), True),
        ((BOTTLEROCKET, WINDOWS), True),
        ((CUSTOM,), None),
        ((), None),
        ((AL2023, CUSTOM), None),
    ],
)
def test_eks_images_ship_the_agent(families: tuple[str, ...], wanted: bool | None) -> None:
    assert ships_agent(b.NODES, Image(families)).value is wanted


def judged(
    *answers: Answer,
    of: Iam | None = None,
    image: Image | None = None,
    nodes: tuple[Interface, ...] = (),
    host: Truth = NO,
    uncertain: tuple[Cause, ...] = (),
) -> dict[str, Outcome]:
    """What is said of nodes behind NAT, with this role and these ways to tcp 22."""
    world = b.World(
        interfaces=nodes or (b.node(b.shape()), b.stranger()),
        table=b.table(TO_NAT),
        clusters=(b.cluster(),),
        node_groups=(b.node_group(),),
        answers=answers or (b.answer(),),
    )
    view = world.view()
    made = of or iam(CORE)
    facts = NodeFacts(image or Image((AL2023,)), (), NO, ())
    estate = replace(
        view.estate,
        particulars=b.Told(
            nat_gateways={NAT: NatGateway(NAT, NAT, Pointer(), YES, regional=True)},
            iam=made,
            node_facts={b.NODES: facts},
            host_management=host,
        ),
        uncertain={b.NODES: uncertain} if uncertain else {},
    )
    return {outcome.resource: outcome for outcome in eks207.run(replace(view, estate=estate))}


def verdict(*answers: Answer, **more: object) -> str:
    """The verdict on the node group."""
    return judged(*answers, **more)[b.NODES].verdict  # type: ignore[arg-type]


def test_role_agent_and_way_out_make_a_path() -> None:
    assert verdict() == "pass"
    outcome = judged(of=iam(PLAIN))[b.NODES]
    assert outcome.verdict == "fail"
    assert ROLE in outcome.message
    assert outcome.evidence[0].resource == ROLE
    assert verdict(image=Image((CUSTOM,))) == "possible"
    assert verdict(of=iam(PLAIN), image=Image((CUSTOM,))) == "fail"


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (b.answer(b.FROM_BASTION), "pass"),
        (b.answer(b.FROM_VPC), "pass"),
        (b.answer(b.source("instance_connect_endpoint", "aws_ec2_instance_connect_endpoint.x")), "pass"),
        (b.answer(b.PODS, b.CONTROL_PLANE), "fail"),
        (b.answer(b.source("vpc", b.VPC, Verdict.POSSIBLE)), "possible"),
        (b.answer(b.FROM_VPC, listener="no"), "fail"),
    ],
)
def test_ssh_is_closed_where_nobody_outside_the_cluster_logs_in(answer: Answer, wanted: str) -> None:
    assert verdict(answer, of=iam(PLAIN)) == wanted


def test_nodes_in_a_subnet_that_is_not_known_have_the_same_role() -> None:
    lost = b.node(b.shape(), at=None, certain=False, causes=(b.WHY,))
    assert verdict(of=iam(PLAIN), nodes=(lost,)) == "fail"
    assert verdict(of=iam(CORE), nodes=(lost,)) == "possible"


def test_what_may_be_no_node_or_may_not_be_there_is_possible() -> None:
    perhaps = b.node(b.shape(), node=Truth(None, (b.WHY,)))
    assert verdict(of=iam(PLAIN), nodes=(perhaps,)) == "possible"
    assert verdict(of=iam(PLAIN), uncertain=(b.WHY,)) == "possible"


def test_an_accounts_own_role_for_instances_is_possible() -> None:
    assert verdict(of=iam(PLAIN), host=b.MAYBE) == "possible"


def test_auto_mode_is_not_judged() -> None:
    auto = b.node(b.shape(), listener_ssh=NO, listener_note=SILENT)
    assert judged(of=iam(PLAIN), nodes=(auto,)) == {}
