#!/usr/bin/python3
"""guests VERB HOST…: who runs on a compute, and how they leave it. Installed as /usr/local/lib/kindling/guests, run as
root on the controller.

may_move HOST               there is another compute for those that run
closed|close HOST           no new guest comes to it
moved|move HOST             no guest runs on it; what is shut off may stay
may_evacuate HOST ADDRESS   it is dead
evacuated|evacuate HOST     no guest belongs to it
opened|open HOST            guests may come again, where this program had closed it
up HOST                     Nova hears from it

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
NOWHERE, STAYS, ALIVE = "DAY-017", "DAY-018", "DAY-019"


class Never(Exception):
    def __init__(self, error, text):
        super().__init__("KINDLING-ERROR %s %s" % (error, text))


class Nova:
    def __init__(self, host):
        self.at = openstack.connect(cloud="kindling").compute
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

    def service(self):
        found = [each for each in self.services() if each["host"] == self.host]
        if not found:
            raise Never(NOWHERE, "Nova does not know a compute " + self.host)
        return found[0]

    def change(self, **fields):
        self.tell("PUT", "/os-services/" + self.service()["id"], fields)

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
    others = [each for each in nova.services()
              if each["host"] != nova.host and each["state"] == "up" and each["status"] == "enabled"]
    if awake and not others:
        raise Never(NOWHERE, "%s has %d of them, and no other compute is up and enabled" % (nova.host, len(awake)))
    return True


def closed(nova):
    return nova.service()["status"] == "disabled"


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
    others = [each for each in nova.services() if each["state"] == "up" and each["status"] == "enabled"]
    if not others:
        raise Never(NOWHERE, "no compute is up and enabled")
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
    return nova.service()["state"] == "up"


VERBS = {"may_move": may_move, "closed": closed, "close": close, "moved": moved, "move": move,
         "may_evacuate": may_evacuate, "evacuated": evacuated, "evacuate": evacuate, "opened": opened, "open": open_,
         "up": up}


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
        print(wrong)
        return 75


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
