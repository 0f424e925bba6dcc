"""A look is held against what a witness sees beside the hypervisor."""

import threading
from uuid import UUID

import pytest

from tests.parts import HOST, VM
from tests.posts import SECOND, THIRD, Post
from vmuster.agent.observer import Observer
from vmuster.model.ids import VmUuid
from vmuster.model.states import Completeness

pytestmark = pytest.mark.anyio


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_vm_that_the_list_lacks_and_a_process_holds_is_told_apart(post: Post) -> None:
    observer = await post.open()
    await observer.observe()
    del post.hypervisor.domains[VM]  # the daemon forgot it; it runs on
    for _ in range(2):
        report = await observer.observe()
        assert (report.completeness, report.held) == (Completeness.COMPLETE, (VM,))
        assert ([vm.uuid for vm in report.vms], report.absent) == ([SECOND], ())
        assert report.doubts == ("1 VMs are not in the list, and processes hold them",)
    some = await observer.observe_some([VM])
    assert (some.absent, some.held) == ((), (VM,))
    post.hypervisor.processes.discard(VM)
    report = await observer.observe()
    assert (report.held, report.absent, report.doubts) == ((), (VM,), ())


async def test_what_a_process_holds_is_no_reason_to_doubt_that_another_vm_is_gone(
    post: Post,
) -> None:
    observer = await post.open()
    await observer.observe()
    del post.hypervisor.domains[VM]  # the daemon forgot it; it runs on
    post.hypervisor.undefine(SECOND)
    post.hypervisor.define(VmUuid(UUID(int=3)), "three")
    report = await observer.observe()
    assert (report.held, report.absent) == ((VM,), (SECOND,))


async def test_without_a_witness_nothing_is_absent(post: Post) -> None:
    observer = await post.open()
    await observer.observe()
    post.witness.blind = True
    post.hypervisor.undefine(SECOND)
    report = await observer.observe()
    assert (report.completeness, report.absent) == (Completeness.COMPLETE, ())
    assert (await observer.observe_some([SECOND])).absent == ()


async def test_the_witness_is_asked_once_a_look_and_only_where_something_is_gone(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def held() -> frozenset[VmUuid]:
        asked.append(True)
        return frozenset()

    monkeypatch.setattr(post.witness, "held", held)
    post.observer = Observer(post.driver, post.witness, HOST)
    observer = await post.open()
    await observer.observe()
    assert asked == []
    gone = [VmUuid(UUID(int=number)) for number in range(100, 400)]
    assert (await observer.observe_some(gone)).absent == tuple(gone)
    assert asked == [True]


async def test_a_witness_is_waited_for_as_long_as_it_says(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()

    def held() -> frozenset[VmUuid]:
        answers.wait(1.0)
        return frozenset()

    monkeypatch.setattr(post.witness, "held", held)
    gone = VmUuid(UUID(int=100))
    for seconds, absent in ((30.0, (gone,)), (0.01, ())):
        post.witness.answer_seconds = seconds
        post.observer = Observer(post.driver, post.witness, HOST)
        observer = await post.open()
        assert (await observer.observe_some([gone])).absent == absent
    answers.set()


async def test_what_is_gone_and_no_witness_can_tell_of_is_not_asked_for_without_end(
    post: Post,
) -> None:
    observer = await post.open()
    await observer.observe()
    post.witness.blind = True
    post.hypervisor.undefine(SECOND)
    for _ in range(3):
        assert (await observer.observe()).absent == ()
    assert observer._known.keys() == {VM}  # pyright: ignore[reportPrivateUsage]
    post.witness.blind = False
    assert (await observer.observe()).absent == (), "it is not asked for any more"
    assert (await observer.observe_some([SECOND])).absent == (SECOND,), "but by name it is"


async def test_a_process_of_another_hypervisor_is_neither_absent_nor_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    post = Post()
    asked = 0

    def strange() -> frozenset[VmUuid]:
        nonlocal asked
        asked += 1
        return frozenset({VM})

    monkeypatch.setattr(post.witness, "strange", strange)
    post.observer = Observer(post.driver, post.witness, HOST)
    observer = await post.open()
    await observer.observe()
    assert asked == 0, "nothing was denied"
    post.hypervisor.define(THIRD, "three", running=True)
    await observer.observe()
    for vm in (VM, THIRD):
        del post.hypervisor.domains[vm]
    report = await observer.observe()
    assert (report.completeness, report.absent, report.held) == (
        Completeness.COMPLETE,
        (),
        (THIRD,),
    )
    assert asked == 1
