"""What the API is asked about VMs, and what is asked for about them."""

from vmuster.client.asking import Answer, Asking, part, said


class Vms(Asking):
    """Questions and requests about VMs, and what is asked for about them."""

    def vms(
        self,
        *,
        host: str = "",
        cluster: str = "",
        standing: str = "",
        power: str = "",
        desired: str = "",
        phase: str = "",
        name: str = "",
        limit: int = 0,
    ) -> list[Answer]:
        """VMs, ours or not, by name: all of them, or those that fit what is said. `limit`, here and
        for other lists: no more than so many; 0: all."""
        return self._list(
            "vms",
            host=host,
            cluster=cluster,
            standing=standing,
            power=power,
            desired=desired,
            phase=phase,
            name=name,
            limit=limit,
        )

    def vm(self, vm: str, *, host: str = "") -> Answer:
        """One VM, and under `elsewhere` the same uuid on other hosts. `host`, here as below: where
        it is, if several hosts have a VM of this name."""
        return self._line.ask("GET", f"vms/{part(vm)}", params=said(host=host))

    def explanation(self, vm: str, *, host: str = "", limit: int = 200) -> Answer:
        """Why a VM is as it is, or is no more."""
        params = said(host=host, limit=limit)
        return self._line.ask("GET", f"vms/{part(vm)}/explanation", params=params)

    def adopt(self, vm: str, *, host: str = "", name: str = "", key: str = "") -> Answer:
        """Ask for a VM to be taken into the records and marked."""
        body = {"host": host, "name": name}
        return self._line.ask("POST", f"vms/{part(vm)}/adopt", json=body, key=key)

    def release(self, vm: str, *, host: str = "", key: str = "") -> Answer:
        """Ask for a VM to be let go, unharmed."""
        return self._request(vm, "release", host, key)

    def forget(self, vm: str, *, host: str = "", on: str = "", key: str = "") -> Answer:
        """Ask for the record of a VM to be dropped that is not there with our mark. `on`: only say
        that no copy of it is left on this host."""
        return self._request(vm, "forget", host, key, on=on)

    def start(self, vm: str, *, host: str = "", key: str = "") -> Answer:
        """Ask for a VM to be started."""
        return self._request(vm, "start", host, key)

    def stop(self, vm: str, *, force: bool = False, host: str = "", key: str = "") -> Answer:
        """Ask for a VM to be stopped; `force`: without asking its guest."""
        return self._request(vm, "stop", host, key, {"force": force})

    def _request(
        self, vm: str, act: str, host: str, key: str, body: Answer | None = None, *, on: str = ""
    ) -> Answer:
        path, params = f"vms/{part(vm)}/{act}", said(host=host, on=on)
        return self._line.ask("POST", path, params=params, json=body, key=key)
