"""The faults of a random schedule: how often each comes, and when it is mended."""

from typing import Final

from vmuster.sim.seeds.casting import Chancy

_LINES: Final = (
    Chancy(form="{host} is cut off", heal="{host} is reached again", weight=5),
    Chancy(form="{host} is cut off", heal="{host} is reached again", weight=2, least=60, most=240),
    Chancy(form="{host} is heard no more", heal="{host} is reached again", weight=3, far=True),
    Chancy(form="{host} hears nothing", heal="{host} is reached again", weight=3, far=True),
    Chancy(
        form="the line to {host} flaps every {seconds}s",
        heal="{host} is reached again",
        weight=3,
        least=20,
        most=120,
        words={"seconds": ("2", "5", "15", "40")},
    ),
    Chancy(
        form="the line to {host} is {number} times slower",
        heal="the line to {host} is quiet again",
        weight=3,
        far=True,
        words={"number": ("20", "200", "1000", "3000")},
    ),
    Chancy(
        form="the line to {host} loses {share}%",
        heal="the line to {host} is quiet again",
        weight=4,
        most=200,
        far=True,
        words={"share": ("5", "20", "50")},
    ),
    Chancy(
        form="the line to {host} repeats {share}%",
        heal="the line to {host} is quiet again",
        weight=4,
        most=200,
        far=True,
        words={"share": ("10", "50", "100")},
    ),
    Chancy(
        form="the line to {host} mixes up {share}%",
        heal="the line to {host} is quiet again",
        weight=4,
        most=200,
        far=True,
        words={"share": ("10", "50")},
    ),
)
_DAEMONS: Final = (
    Chancy(form="the daemon on {host} dies", heal="the daemon on {host} is started", weight=4),
    Chancy(form="the daemon on {host} is restarted", weight=3),
    Chancy(form="the daemon on {host} hangs", heal="the daemon on {host} answers again", weight=4),
    Chancy(
        form="the daemon on {host} does and does not answer",
        heal="the daemon on {host} answers again",
        weight=4,
    ),
    Chancy(form="{host} answers slowly", heal="{host} answers fast again", weight=5, most=200),
    Chancy(form="lists on {host} fail", heal="lists on {host} succeed again", weight=3),
    Chancy(form="lists on {host} are empty", heal="lists on {host} are whole again", weight=5),
    Chancy(form="{vm} can't be read on {host}", heal="{vm} is shown on {host} again", weight=4),
    Chancy(
        form="{vm} is left out of lists on {host}", heal="{vm} is shown on {host} again", weight=4
    ),
    Chancy(form="{vm} hangs on {host}", heal="{vm} goes on on {host}", weight=3),
    Chancy(
        form="the daemon on {host} forgets its VMs",
        heal="the daemon on {host} remembers its VMs",
        weight=3,
        least=20,
        most=150,
    ),
    Chancy(
        form="the daemon on {host} takes its VMs for stopped",
        heal="the daemon on {host} remembers its VMs",
        weight=3,
        least=20,
        most=150,
    ),
    Chancy(
        form="events on {host} are lost",
        heal="events on {host} are heard again",
        weight=4,
        most=200,
    ),
    Chancy(form="saving fails on {host}", heal="saving works on {host} again", weight=1, most=200),
    Chancy(form="{host} loses power", heal="{host} is powered on", weight=2),
    Chancy(form="{host} reboots", weight=2),
    Chancy(form="{host} stands still", heal="{host} goes on", weight=3, least=30, most=120),
)
_DISKS: Final = (
    Chancy(form="the agent of {host} is killed", weight=5, far=True),
    Chancy(
        form="the agent of {host} dies after {number} steps",
        weight=6,
        far=True,
        words={"number": tuple(str(number) for number in range(1, 60))},
    ),
    Chancy(
        form="the agent of {host} is frozen",
        heal="the agent of {host} is thawed",
        weight=3,
        far=True,
    ),
    Chancy(form="the disk of {host} is full", heal="the disk of {host} has room again", weight=3),
    Chancy(form="the journal of {host} is lost", weight=1),
    Chancy(form="the journal of {host} is torn", weight=2),
    Chancy(form="the journal of {host} is damaged", weight=2),
    Chancy(
        form="a copy of the journal of {host} is kept",
        heal="an older journal of {host} is back",
        weight=1,
        least=30,
        most=300,
    ),
)
_SERVERS: Final = (
    Chancy(form="the server is killed", weight=3),
    Chancy(form="the server is restarted", weight=2),
    Chancy(form="the server is ended", weight=2),
    Chancy(form="the server is killed before its next commit", weight=4),
    Chancy(form="the server is killed after its next commit", weight=4),
    Chancy(
        form="the server dies after {number} steps",
        weight=6,
        words={"number": tuple(str(number) for number in range(1, 200))},
    ),
    Chancy(form="the server is frozen", heal="the server is thawed", weight=3),
)
_DATABASES: Final = (
    Chancy(form="the database is away", heal="the database is back", weight=3, most=60),
    Chancy(
        form="the database is {number} times slower",
        heal="the database is fast again",
        weight=3,
        words={"number": ("10", "100", "600")},
    ),
    Chancy(form="the answer to the next commit is lost", weight=4),
)
_CLOCKS: Final = (
    Chancy(
        form="the clock of {host} jumps by {number}s",
        heal="the clock of {host} is right again",
        weight=2,
        far=True,
        words={"number": ("-86400", "-300", "-20", "20", "300", "86400")},
    ),
    Chancy(
        form="the clock of the server jumps by {number}s",
        heal="the clock of the server is right again",
        weight=1,
        words={"number": ("-3600", "-30", "30", "3600")},
    ),
)

TROUBLES: Final = (*_LINES, *_DAEMONS, *_DISKS, *_SERVERS, *_DATABASES, *_CLOCKS)
