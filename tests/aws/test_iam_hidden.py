"""Hiding a part of a policy document never turns an answer into its opposite: it may only become unknown."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from eks_checks.aws.iam import Attached, Policy, Role
from eks_checks.aws.iam_documents import (
    ALLOW,
    DENY,
    GAP,
    Condition,
    Document,
    Element,
    Pattern,
    Principal,
    Statement,
)
from eks_checks.aws.iam_powers import powers_beyond, wide_powers
from eks_checks.aws.iam_tags import untagged
from eks_checks.aws.iam_trust import admissions
from eks_checks.aws.knowledge import Cause, Truth

WHY = Cause("aws_iam_policy.p", "policy", "known after apply")
ACTIONS = (
    "*",
    "ec2:*",
    "ec2:StopInstances",
    "iam:PassRole",
    "iam:*",
    "s3:GetObject",
    "sts:AssumeRole",
    "ec2:D*",
)
RESOURCES = ("*", "arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:*:*:instance/i-1", "arn:aws:iam::*:role/*")
KEYS = ("aws:ResourceTag/x", "aws:RequestedRegion", "aws:PrincipalArn")
OPERATORS = ("StringEquals", "StringEqualsIfExists", "StringNotEquals")
PEOPLE = ("*", "arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:role/x")
ASKED = ("ec2:StopInstances", "iam:PassRole", "s3:GetObject")

patterns = {
    "actions": st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2),
    "resources": st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2),
}


def element(texts: list[str], *, negated: bool = False) -> Element:
    return Element(tuple(map(Pattern, texts)), negated=negated)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    conditions = draw(st.lists(st.tuples(st.sampled_from(OPERATORS), st.sampled_from(KEYS)), max_size=1))
    return Statement(
        draw(st.sampled_from((ALLOW, ALLOW, DENY))),
        element(draw(patterns["actions"]), negated=draw(st.sampled_from((False, False, False, True)))),
        element(draw(patterns["resources"])),
        tuple(
            Principal("AWS", Pattern(text)) for text in draw(st.lists(st.sampled_from(PEOPLE), max_size=1))
        ),
        tuple(Condition(operator, key, element(["y"])) for operator, key in conditions),
        resource="aws_iam_policy.p",
        attribute="policy",
    )


def hidden(statement: Statement, part: str) -> Statement:
    """The statement with one of its parts not known."""
    made = replace(statement, causes=(WHY,))
    if part == "effect":
        return replace(made, effect="")
    if part == "there":
        return replace(made, certain=False)
    if part in ("actions", "resources"):
        known = getattr(made, part)
        return replace(made, **{part: replace(known, patterns=known.patterns[1:], open=True)})
    if part == "end of an action":
        first, *rest = made.actions.patterns
        cut = Pattern(first.text[: len(first.text) // 2] + GAP, ("",))
        return replace(made, actions=replace(made.actions, patterns=(cut, *rest)))
    if part == "conditions":
        return replace(made, conditions=(), open_conditions=True)
    return replace(made, principals=(), open_principals=True)


PARTS = ("effect", "there", "actions", "resources", "end of an action", "conditions", "principals")


def role(listed: tuple[Statement, ...]) -> Role:
    policy = Policy("aws_iam_policy.p", "managed", "p", Document(listed), "aws_iam_policy.p")
    attached = Attached(policy, "aws_iam_role_policy_attachment.p")
    return Role("aws_iam_role.r", "aws_iam_role.r", "r", trust=Document(listed), policies=(attached,))


def strongest(truths: list[Truth]) -> bool | None:
    values = [truth.value for truth in truths]
    return True if True in values else None if values else False


def answers(one: Role) -> dict[str, bool | None]:
    """Every question that checks ask, with its answer."""
    found = {f"grants {action}": one.grants(action).value for action in ASKED}
    found["wide"] = strongest([power.truth for power in wide_powers(one)])
    beyond = powers_beyond(one, element(["s3:GetObject"]))
    found["beyond"] = strongest([power.truth for power in beyond])
    found["untagged"] = strongest([each.truth for each in untagged(one, one.policies[0])])
    found["many"] = strongest([each.truth for each in admissions(one)])
    return found


@settings(max_examples=100, deadline=None)
@given(st.lists(statements(), min_size=1, max_size=3), st.data())
def test_what_is_hidden_makes_no_answer_its_opposite(listed: list[Statement], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(listed) - 1))
    part = data.draw(st.sampled_from(PARTS))
    known = answers(role(tuple(listed)))
    dimmed = [*listed]
    dimmed[place] = hidden(listed[place], part)
    unclear = answers(role(tuple(dimmed)))
    for question, answer in unclear.items():
        assert answer in (None, known[question]), (question, part)
