"""OpenStack Nova's own power-state sync, made to run when asked: one line in, one line out.

Runs in Nova's environment (`bench/nova.py` makes it) and names nothing of ours. What is timed is
the unmodified `ComputeManager._sync_power_states` of one compute host: instances listed, the driver
asked for each, records refreshed and saved. The shape is the most favourable one to Nova: a
conductor in the same process (no RPC), a SQLite file, a driver that answers from a dict.

    nova_sync.py seed DATABASE COUNT      makes the database, in Nova's own schema
    nova_sync.py serve DATABASE           then for each line `FRACTION`: that share of the instances
                                          is seen paused, which Nova records and does no more about;
                                          answers {"instances", "changed", "cpu", "wall"}, seconds
"""

import json
import os
import random
import sys
import time
import uuid
from pathlib import Path

os.environ["OS_NOVA_DISABLE_EVENTLET_PATCHING"] = "0"
from nova import monkey_patch

monkey_patch.patch("eventlet")

import nova.conf  # noqa: E402
import nova.db.api.api as api_db  # noqa: E402
import nova.db.main.api as db  # noqa: E402
from nova import config, context, objects, rpc  # noqa: E402
from nova.compute import manager, power_state, vm_states  # noqa: E402
from nova.db import migration  # noqa: E402
from nova.network import model as network_model  # noqa: E402
from nova.scheduler.client import report  # noqa: E402
from nova.virt import fake  # noqa: E402
from oslo_log import log as logging  # noqa: E402
from oslo_utils import timeutils  # noqa: E402
from sqlalchemy import text  # noqa: E402

HOST = "bench-host"
CONF = nova.conf.CONF
_RECORDED = text("SELECT count(*) FROM instances WHERE power_state = :state")
_RESET = text("UPDATE instances SET power_state = :state")


def configure(database: Path, *, seeding: bool) -> None:
    """Nova's settings: its log to a file, its database here, nothing on the network."""
    folder = database.parent
    settings = folder / "nova.conf"
    settings.write_text(
        "[DEFAULT]\ntransport_url = fake://\ncompute_driver = fake.FakeDriver\n"
        f"host = {HOST}\nuse_stderr = false\nstate_path = {folder}\n",
        encoding="utf-8",
    )
    log = str(folder / "nova.log")
    arguments = ["nova-compute", "--config-file", str(settings), "--log-file", log]
    config.parse_args(arguments, configure_db=False, init_rpc=False)
    CONF.set_override("connection", f"sqlite:///{database}", "database")
    CONF.set_override("connection", f"sqlite:///{folder / 'api.sqlite'}", "api_database")
    CONF.set_override("lock_path", str(folder), "oslo_concurrency")
    if seeding:
        CONF.set_override("sqlite_synchronous", False, "database")
    logging.setup(CONF, "nova")
    objects.register_all()
    db.configure(CONF)
    api_db.configure(CONF)
    rpc.init(CONF)


def seed(count: int) -> None:
    """Instances with what a real one has: a flavor, metadata of its image, a network."""
    migration.db_sync(database="main")
    admin = context.get_admin_context()
    flavor = objects.Flavor(
        admin,
        id=1,
        name="m1.small",
        memory_mb=2048,
        vcpus=1,
        root_gb=20,
        ephemeral_gb=0,
        flavorid="2",
        swap=0,
        rxtx_factor=1.0,
        vcpu_weight=0,
        disabled=False,
        is_public=True,
        extra_specs={},
        description=None,
    )
    for number in range(count):
        _instance(admin, flavor, number).create()


def _instance(
    admin: context.RequestContext, flavor: "objects.Flavor", number: int
) -> "objects.Instance":
    network = network_model.NetworkInfo.hydrate([_port()])
    return objects.Instance(
        admin,
        uuid=str(uuid.uuid4()),
        project_id="p",
        user_id="u",
        host=HOST,
        node=HOST,
        compute_id=1,
        display_name=f"vm-{number}",
        hostname=f"vm-{number}",
        vm_state=vm_states.ACTIVE,
        task_state=None,
        power_state=power_state.RUNNING,
        memory_mb=2048,
        vcpus=1,
        root_gb=20,
        ephemeral_gb=0,
        instance_type_id=1,
        image_ref=str(uuid.uuid4()),
        launch_index=0,
        launched_at=timeutils.utcnow(),
        shutdown_terminate=False,
        flavor=flavor,
        old_flavor=None,
        new_flavor=None,
        system_metadata={f"image_k{key}": "v" * 12 for key in range(10)},
        metadata={"role": "web"},
        security_groups=objects.SecurityGroupList(objects=[]),
        info_cache=objects.InstanceInfoCache(admin, network_info=network),
        reservation_id="r-1",
        availability_zone="nova",
    )


def _port() -> dict:
    address = {"address": "10.0.0.7", "type": "fixed", "version": 4, "meta": {}, "floating_ips": []}
    gateway = {"address": "10.0.0.1", "type": "gateway", "version": 4, "meta": {}}
    subnet = {
        "cidr": "10.0.0.0/24",
        "dns": [],
        "gateway": gateway,
        "ips": [address],
        "routes": [],
        "version": 4,
        "meta": {},
    }
    network = {
        "id": str(uuid.uuid4()),
        "bridge": "br-int",
        "label": "private",
        "subnets": [subnet],
        "meta": {},
    }
    return {
        "id": str(uuid.uuid4()),
        "address": "fa:16:3e:00:00:01",
        "network": network,
        "meta": {},
        "type": "ovs",
        "details": {},
        "devname": "tap0",
        "ovs_interfaceid": None,
        "qbh_params": None,
        "qbg_params": None,
        "active": True,
        "vnic_type": "normal",
        "profile": {},
        "preserve_on_delete": False,
    }


class Compute:
    """One compute host: its manager, and the driver's word about each instance."""

    def __init__(self) -> None:
        # Placement is not asked on this path: its HTTP client is not even made.
        report.SchedulerReportClient._create_client = lambda _self: None  # noqa: SLF001
        self.manager = manager.ComputeManager()
        self.manager.driver.init_host(HOST)
        self.seen = self.manager.driver.instances
        self.chance = random.Random(1)
        with db.get_engine().connect() as connection:
            found = connection.execute(text("SELECT uuid, display_name FROM instances"))
            for each, name in found:
                self.seen[each] = fake.FakeInstance(name, power_state.RUNNING, each)

    def sync(self, fraction: float) -> dict:
        """One sync, in which this share of the instances is seen paused."""
        count = round(len(self.seen) * fraction)
        self._reset(self.chance.sample(sorted(self.seen), count))
        cpu, wall = time.process_time(), time.perf_counter()
        self.manager._sync_power_states(context.get_admin_context())  # noqa: SLF001
        while self._under_way():
            time.sleep(0.02)
        cost = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
        with db.get_engine().connect() as connection:
            recorded = connection.execute(_RECORDED, {"state": power_state.PAUSED}).scalar()
        if recorded != count:
            raise AssertionError(f"{recorded} were recorded, not {count}")
        return {"instances": len(self.seen), "changed": count, **cost}

    def _reset(self, paused: list) -> None:
        for each in self.seen.values():
            each.state = power_state.RUNNING
        for each in paused:
            self.seen[each].state = power_state.PAUSED
        with db.get_engine().begin() as connection:
            connection.execute(_RESET, {"state": power_state.RUNNING})

    def _under_way(self) -> int:
        with self.manager.syncs_in_progress() as syncs:
            return len(syncs)


def main(what: str, database: str, *more: str) -> None:
    """As the docstring of this file says."""
    configure(Path(database), seeding=what == "seed")
    if what == "seed":
        seed(int(more[0]))
        return
    compute = Compute()
    for line in sys.stdin:
        print(json.dumps(compute.sync(float(line))), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(0)
