#!/usr/bin/python3
"""guests VERB HOST…: who runs on a compute, and how they leave it. Installed as /usr/local/lib/kindling/guests, run as
root on the controller.

may_move HOST               there is another compute for those that run
closed|close HOST           no new guest comes to it
moved|move HOST             no guest runs on it; what is shut off may stay
may_evacuate HOST ADDRESS   it is dead
evacuated|evacuate HOST     no guest belongs to it
opened|open HOST            guests may come again, where this program had closed it
up HOST                     Nova hears from it, and puts guests there unless an operator has said otherwise
may_leave HOST              there is another compute for all that it has
cleared HOST                it has cleared away what it had of guests that are elsewhere now
forgotten|forget HOST       Nova, Placement and Neutron do not know it

Exit 0 yes or done, 1 no, 75 cannot tell just now, 2 with a line `KINDLING-ERROR ID TEXT` never.
"""
import subprocess
import sys
import time

import openstack
from keystoneauth1.exceptions import ClientException, ConnectFailure, HttpError, RetriableConnectionFailure

OURS = "Kindling: maintenance"  # an operator's own reason stays
MICROVERSION = "2.53"  # services have an id, and are changed at one address
EVERY = 3  # seconds
LIMIT = 6000  # seconds
RUNNING = (1, 3)  # Nova's power states: running, paused
PENDING = ("accepted", "pre-migrating", "done")  # evacuations that the compute they left knows nothing of
SHUT = "COMPUTE_STATUS_DISABLED"  # Placement's trait of a provider that is offered to no guest
NOWHERE, STAYS, ALIVE = "DAY-017", "DAY-018", "DAY-019"


class Never(Exception):
    def __init__(self, error, text):
        super().__init__("KINDLING-ERROR %s %s" % (error, text))


class Nova:
    def __init__(self, host):
        self.cloud = openstack.connect(cloud="kindling")
        self.at = self.cloud.compute
        self.host = host

    def ask(self, path):
        answer = self.at.get(path, microversion=MICROVERSION)
        openstack.exceptions.raise_from_response(answer)
        return answer.json()

    def tell(self, method, path, body):
        answer = self.at.request(path, method, json=body, microversion=MICROVERSION)
        openstack.exceptions.raise_from_response(answer)

    def services(self):
        return self.ask("/os-services?binary=nova-compute")["services"]

    def known(self):
        return next((each for each in self.services() if each["host"] == self.host), None)

    def service(self):
        found = self.known()
        if not found:
            raise Never(NOWHERE, "Nova does not know a compute " + self.host)
        return found

    def others(self):
        """Computes that take guests."""
        return [each for each in self.services()
                if each["host"] != self.host and each["state"] == "up" and each["status"] == "enabled"]

    def change(self, **fields):
        self.tell("PUT", "/os-services/" + self.service()["id"], fields)

    def agents(self):
        return list(self.cloud.network.agents(host=self.host))

    def placed(self, path):
        answer = self.cloud.placement.get("/resource_providers" + path, microversion="1.6")
        openstack.exceptions.raise_from_response(answer)
        return answer.json()

    def providers(self):
        return self.placed("?name=" + self.host)["resource_providers"]

    def traits(self, provider):
        return self.placed("/%s/traits" % provider["uuid"])["traits"]

    def guests(self):
        return self.ask("/servers/detail?all_tenants=1&host=" + self.host)["servers"]

    def awake(self):
        return [each for each in self.guests()
                if each["OS-EXT-STS:power_state"] in RUNNING or each["OS-EXT-STS:task_state"]]

    def guest(self, guest):
        return self.ask("/servers/" + guest["id"])["server"]

    def act(self, guest, **action):
        try:
            self.tell("POST", "/servers/%s/action" % guest["id"], action)
        except openstack.exceptions.HttpException as refused:
            raise Never(STAYS, "%s: %s" % (called(guest), refused.message)) from None

    def why(self, guest):
        """The last word of what was done to it."""
        actions = self.ask("/servers/%s/os-instance-actions" % guest["id"])["instanceActions"]
        if not actions:
            return ""
        one = self.ask("/servers/%s/os-instance-actions/%s" % (guest["id"], actions[0]["request_id"]))
        details = [each.get("details") or each["result"] for each in one["instanceAction"]["events"] if each["result"]]
        return "; ".join(str(each) for each in details[:3])


def called(guest):
    return "guest %s (%s)" % (guest["name"], guest["id"])


def may_move(nova):
    awake = nova.awake()
    if awake and not nova.others():
        raise Never(NOWHERE, "%s has %d of them, and no other compute is up and enabled" % (nova.host, len(awake)))
    return True


def closed(nova):
    service = nova.known()
    return not service or service["status"] == "disabled"


def close(nova):
    nova.change(status="disabled", disabled_reason=OURS)


def moved(nova):
    awake = nova.awake()
    for guest in awake[:3]:
        print("still there: " + called(guest))
    return not awake


def move(nova):
    """One after another, as Nova does by default."""
    asked = set()
    end = time.monotonic() + LIMIT
    while True:
        awake = nova.awake()
        if not awake:
            return
        guest = awake[0]
        idle = guest["status"] in ("ACTIVE", "PAUSED") and not guest["OS-EXT-STS:task_state"]
        if idle and guest["id"] in asked:
            raise Never(STAYS, "%s: %s" % (called(guest), nova.why(guest)))
        if idle:
            asked.add(guest["id"])
            nova.act(guest, **{"os-migrateLive": {"host": None, "block_migration": "auto"}})
        if time.monotonic() > end:
            raise Never(STAYS, "%s is %s after %d s" % (called(guest), guest["status"], LIMIT))
        time.sleep(EVERY)


def may_evacuate(nova, address):
    service = nova.service()
    if service["state"] == "up" and not service["forced_down"]:
        raise Never(ALIVE, "Nova heard from %s at %s" % (nova.host, service["updated_at"]))
    if subprocess.run(["ping", "-c", "2", "-W", "2", address], stdout=subprocess.DEVNULL).returncode == 0:
        raise Never(ALIVE, "%s answers at %s" % (nova.host, address))
    if not nova.others():
        raise Never(NOWHERE, "no other compute is up and enabled")
    return True


def evacuated(nova):
    guests = nova.guests()
    for guest in guests[:3]:
        print("still there: " + called(guest))
    return not guests


def evacuate(nova):
    nova.change(forced_down=True, status="disabled", disabled_reason=OURS)
    waited = nova.guests()
    for guest in waited:
        if guest["status"] != "REBUILD" and not guest["OS-EXT-STS:task_state"]:
            nova.act(guest, evacuate={})
    end = time.monotonic() + LIMIT
    while waited:
        time.sleep(EVERY)
        guest = nova.guest(waited[0])
        busy = guest["OS-EXT-STS:task_state"] or guest["status"] == "REBUILD"
        if not busy and guest["OS-EXT-SRV-ATTR:host"] != nova.host:
            waited.pop(0)
        elif not busy or time.monotonic() > end:
            raise Never(STAYS, "%s is %s: %s" % (called(guest), guest["status"], nova.why(guest)))


def opened(nova):
    service = nova.service()
    ours = service["status"] == "disabled" and service["disabled_reason"] == OURS
    return not ours and not service["forced_down"]


def open_(nova):
    service = nova.service()
    if service["forced_down"]:
        nova.change(forced_down=False)
    if service["status"] == "disabled" and service["disabled_reason"] == OURS:
        nova.change(status="enabled")


def up(nova):
    """Placement learns a moment later than Nova that a compute is enabled."""
    service = nova.service()
    if service["state"] != "up":
        return False
    shut = service["status"] == "enabled" and [each for each in nova.providers() if SHUT in nova.traits(each)]
    if shut:
        print("Placement does not offer it yet")
    return not shut


def may_leave(nova):
    guests = nova.guests()
    if guests and not nova.others():
        raise Never(NOWHERE, "%s has %d of them, and no other compute is up and enabled" % (nova.host, len(guests)))
    return True


def cleared(nova):
    moves = nova.ask("/os-migrations?migration_type=evacuation&source_compute=" + nova.host)["migrations"]
    left = [each for each in moves if each["status"] in PENDING]
    for each in left[:3]:
        print("not cleared away: guest " + each["instance_uuid"])
    return not left


def forgotten(nova):
    service = nova.known()
    known = ["Nova's service"] if service else []
    known += ["provider " + each["uuid"] for each in nova.providers()]
    known += ["agent " + each.agent_type for each in nova.agents()]
    for each in known:
        print("still known: " + each)
    return not known


def forget(nova):
    """Nova takes the provider away with the service."""
    service = nova.known()
    if service:
        nova.tell("DELETE", "/os-services/" + service["id"], None)
    for agent in nova.agents():
        nova.cloud.network.delete_agent(agent)


VERBS = {"may_move": may_move, "closed": closed, "close": close, "moved": moved, "move": move,
         "may_evacuate": may_evacuate, "evacuated": evacuated, "evacuate": evacuate, "opened": opened, "open": open_,
         "up": up, "may_leave": may_leave, "cleared": cleared, "forgotten": forgotten, "forget": forget}


def main(verb, host, *more):
    try:
        answer = VERBS[verb](Nova(host), *more)
        return 0 if answer is None or answer else 1
    except Never as never:
        print(never)
        return 2
    except (ConnectFailure, RetriableConnectionFailure) as gone:
        print(gone)
        return 75
    except (ClientException, HttpError, openstack.exceptions.SDKException) as wrong:
        print(wrong, getattr(wrong, "details", None) or "")
        return 75


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
