"""A report in its two parts, and the digest by which an account is known again."""

import msgspec
import pytest

from tests.parts import HOST, MARK, VM, observation
from vmuster.model.report import HostReport, digest_of, report_of
from vmuster.model.states import Completeness, PowerReason, PowerState

REPORT = HostReport(
    host=HOST,
    epoch=1,
    sequence=2,
    boot_id="b",
    completeness=Completeness.PARTIAL,
    vms=(observation(),),
    absent=(VM,),
    doubts=("one was not to be read",),
    asked_after=3,
    digest="d",
)


def test_a_report_is_its_stamp_and_its_account() -> None:
    assert report_of(REPORT.stamp, REPORT.account, REPORT.digest) == REPORT


def digest(report: HostReport) -> str:
    return digest_of(msgspec.json.encode(report.account))


@pytest.mark.parametrize(
    "change",
    [
        {"host": "h9"},
        {"epoch": 7},
        {"sequence": 7},
        {"asked_after": 7},
    ],
)
def test_a_stamp_is_no_part_of_the_account(change: dict[str, object]) -> None:
    assert digest(msgspec.structs.replace(REPORT, **change)) == digest(REPORT)
    assert len(digest(REPORT)) == 32


@pytest.mark.parametrize(
    "change",
    [
        {"boot_id": "c"},
        {"completeness": Completeness.COMPLETE},
        {"absent": ()},
        {"doubts": ()},
        {"vms": ()},
        {"vms": (observation(), observation())},
        *(
            {"vms": (observation(**change),)}
            for change in (
                {"name": "renamed"},
                {"power": PowerState.PAUSED},
                {"reason": PowerReason.HAND},
                {"mark": None},
                {"mark": msgspec.structs.replace(MARK, generation="2")},
            )
        ),
    ],
)
def test_every_change_of_an_account_changes_its_digest(change: dict[str, object]) -> None:
    assert digest(msgspec.structs.replace(REPORT, **change)) != digest(REPORT)
