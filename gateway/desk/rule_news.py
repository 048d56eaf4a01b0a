"""What the operator is told about the rules by mail: once that they were refused, once that they are right again."""

from collections.abc import Sequence
from pathlib import PurePath

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk import letters
from gateway.desk.post import Office
from gateway.rules.problems import Problem
from gateway.store.rule_tables import RuleUse
from gateway.texts import Texts

SHOWN = 20  # problems
KIND = "operator_rules"


async def tell_refused(session: AsyncSession, office: Office, use: RuleUse, problems: Sequence[Problem]) -> None:
    """`use` is the record of it."""
    texts, place = Texts("ja"), f"{PurePath(problems[0].file).name}:{problems[0].line}"
    more = texts("operator.rules_more", count=len(problems) - SHOWN) if len(problems) > SHOWN else ""
    told = "\n".join(
        [*(f"{problem.head}\n    {problem.source.strip()}".rstrip() for problem in problems[:SHOWN]), more]
    )
    text = texts("operator.rules_refused", node=use.node, version=use.version, problems=told.rstrip())
    await _post(session, office, use, texts("operator.rules_refused_subject", place=place), text)


async def tell_right(session: AsyncSession, office: Office, use: RuleUse) -> None:
    """What was refused before is in force now, or was taken back."""
    texts = Texts("ja")
    text = texts("operator.rules_right", node=use.node, version=use.version)
    await _post(session, office, use, texts("operator.rules_right_subject"), text)


async def _post(session: AsyncSession, office: Office, use: RuleUse, subject: str, text: str) -> None:
    letter = letters.plain(subject, text, "ja")
    await office.to_operator(session, use.at, letter, kind=KIND, cause=f"rules:{use.id}")
