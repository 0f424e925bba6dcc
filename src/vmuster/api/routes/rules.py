"""Routes of the rules: the page of each, as in docs/rules.md."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from vmuster.api.inputs.asking import Reference
from vmuster.api.outputs.answers import answer, answer_list
from vmuster.api.outputs.schemas import gives, gives_list
from vmuster.model.errors import NotFound
from vmuster.model.text import safe
from vmuster.reconcile.pages.page import RulePage
from vmuster.reconcile.rules import CATALOGUE

router: Final = APIRouter(prefix="/rules", tags=["rules"])


@router.get("", responses=gives_list(RulePage))
async def list_rules() -> Response:
    """Every rule by which vmuster decides, refuses or waits; families together."""
    return answer_list(list(CATALOGUE.values()))


@router.get("/{ref}", responses=gives(RulePage))
async def show_rule(ref: Reference) -> Response:
    """One rule: when it applies, what follows, why, and what a person can do."""
    page = CATALOGUE.get(ref)
    if page is None:
        raise NotFound(f"there is no rule {safe(ref)}", hint="vmuster rule")
    return answer(page)
