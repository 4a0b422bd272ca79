# A guest's life for openstack-check.py: it boots from an image and from a volume, is snapshot, and moves while it runs.
import os
import re
import time

import rbd

from openstack_user import NAME, Wrong, as_cinder, expect, parent, run

IMAGE = "/usr/local/lib/kindling/guest-image"
GUEST = 900  # seconds until an emulated guest has done something
POOL = "vms"
BEAT = re.compile(r"kindling-guest beat (\d+) boot (\S+) wrote ([0-9a-f]{64}) reads ([0-9a-f]{64})")


class Beat:
    """What a guest says every few seconds: of which boot it is, what it wrote, what it reads there now."""

    def __init__(self, found):
        self.number = int(found[0])
        self.boot = found[1]
        self.wrote = found[2]
        self.reads = found[3]


class Guests:
    def __init__(self, plan, admin, user, folder):
        self.plan = plan
        self.admin = admin
        self.user = user
        self.folder = folder
        self.image = None
        self.flavour = None
        self.network = None
        self.guest = None
        self.before = None

    def steps(self):
        """(subject, expected, error, action) of each, in their order."""
        steps = [("image of a guest", "qcow2 that becomes raw", "GUEST", self.prepare),
                 ("guest from an image", "a clone that boots and reads what it wrote", "GUEST", self.from_image),
                 ("snapshot of a guest", "made by Ceph, raw", "GUEST", self.snapshot)]
        if len(self.plan["computes"]) > 1:
            steps.append(("guest moved while it runs", "the same boot reads what it wrote elsewhere", "MOVE", self.move))
        made = {"ceph": "a clone", "lvm": "a copy"}
        for kind in self.plan["types"]:
            steps.append(("guest from a volume of type " + kind, made[kind] + " that boots and reads what it wrote",
                          "GUEST", lambda kind=kind: self.from_volume(kind)))
        return steps

    def prepare(self):
        made = os.path.join(self.folder, "guest.raw")
        run(IMAGE, made)
        image = self.user.uploaded(NAME + "-guest", made, "qcow2")
        self.flavour = self.admin.compute.post("/flavors", json={"flavor": {
            "name": NAME, "ram": 192, "vcpus": 1, "disk": 1}}).json()["flavor"]["id"]
        network = self.user.network.post("/v2.0/networks", json={"network": {"name": NAME}}).json()["network"]["id"]
        self.user.network.post("/v2.0/subnets", json={"subnet": {
            "name": NAME, "network_id": network, "ip_version": 4, "cidr": "192.168.7.0/24"}})
        self.network = network
        self.image = image

    def booted(self, **source):
        """A guest's id, once it runs."""
        if self.image is None:
            raise Wrong("not tried, for there is no image of a guest")
        at = self.user.compute
        guest = at.post("/servers", json={"server": dict(
            source, name=NAME, flavorRef=self.flavour, networks=[{"uuid": self.network}])}).json()["server"]["id"]
        self.user.ready(lambda: at.get("/servers/" + guest).json()["server"], "ACTIVE", GUEST)
        return guest

    def beat(self, guest, behind=0):
        """The next word of it after that one."""
        end = time.monotonic() + GUEST
        while True:
            log = self.user.compute.post("/servers/%s/action" % guest, json={"os-getConsoleOutput": {}}).json()["output"]
            beats = [Beat(found) for found in BEAT.findall(log)]
            if beats and beats[-1].number > behind:
                return beats[-1]
            if time.monotonic() > end:
                last = log.strip().split("\n")[-1][-120:]
                raise Wrong("silent for %d s; its console's last line: %s" % (GUEST, last))
            time.sleep(2)

    def from_image(self):
        guest = self.booted(imageRef=self.image)
        if self.plan["clones"]:
            expect("parent", parent(guest + "_disk", POOL), "images/%s/snap" % self.image)
        beat = self.beat(guest)
        expect("what it reads is what it wrote", beat.reads == beat.wrote, True)
        self.guest = guest
        self.before = beat

    def living(self):
        if self.guest is None:
            raise Wrong("not tried, for there is no guest")
        return self.guest

    def snapshot(self):
        guest = self.living()
        image = self.user.compute.post("/servers/%s/action" % guest, json={
            "createImage": {"name": NAME + "-snapshot"}}).json()["image_id"]
        at = self.user.image
        found = self.user.ready(lambda: at.get("/v2/images/" + image).json(), "active")
        expect("format", found["disk_format"], "raw")
        if self.plan["clones"]:
            with_snapshot(image)

    def move(self):
        guest = self.living()
        at = self.admin.compute
        here = self.host(guest)
        watched = watchers(guest) if self.plan["clones"] else None
        at.post("/servers/%s/action" % guest, json={"os-migrateLive": {"host": None, "block_migration": "auto"}})
        end = time.monotonic() + GUEST
        while True:
            found = at.get("/os-migrations?instance_uuid=" + guest).json()["migrations"]
            status = found[0]["status"] if found else "not begun"
            if status == "completed":
                break
            if status in ("error", "failed", "cancelled") or time.monotonic() > end:
                raise Wrong("the move from %s is %s" % (here, status))
            time.sleep(2)
        self.user.ready(lambda: self.user.compute.get("/servers/" + guest).json()["server"], "ACTIVE")
        beat = self.beat(guest, self.before.number)
        expect("its host is another", self.host(guest) != here, True)
        expect("its boot is the same", beat.boot == self.before.boot, True)
        expect("it reads what it wrote before", beat.reads == self.before.wrote, True)
        if watched is not None:
            now = watchers(guest)
            if len(now) != 1 or now == watched:
                raise Wrong("its disk is open at %s, before at %s" % (sorted(now), sorted(watched)))

    def host(self, guest):
        return self.admin.compute.get("/servers/" + guest).json()["server"]["OS-EXT-SRV-ATTR:host"]

    def from_volume(self, kind):
        guests_gone(self.user)  # their memory may be wanted
        if self.image is None:
            raise Wrong("not tried, for there is no image of a guest")
        volume = self.user.made("volumes", "volume", size=1, imageRef=self.image, volume_type=kind)["id"]
        guest = self.booted(block_device_mapping_v2=[{
            "uuid": volume, "source_type": "volume", "destination_type": "volume", "boot_index": 0}])
        if kind == "ceph":
            expect("parent", parent("volume-" + volume), "images/%s/snap" % self.image)
        beat = self.beat(guest)
        expect("what it reads is what it wrote", beat.reads == beat.wrote, True)


def with_snapshot(image):
    """Glance keeps one of each image, which clones are made of."""
    def look(pool):
        with rbd.Image(pool, image, "snap", read_only=True):
            pass
    as_cinder(look, "images")


def watchers(guest):
    """Addresses of who has a guest's disk open."""
    def look(pool):
        with rbd.Image(pool, guest + "_disk", read_only=True) as disk:
            return {each["addr"].split(":")[0] for each in disk.watchers_list()}
    return as_cinder(look, POOL)


def guests_gone(inside):
    """Removes the project's guests."""
    end = time.monotonic() + GUEST
    at = inside.compute
    asked = set()
    while True:
        there = at.get("/servers").json()["servers"]
        for each in there:
            if each["id"] not in asked:
                at.delete("/servers/" + each["id"], raise_exc=False)
                asked.add(each["id"])
        if not there:
            return
        if time.monotonic() > end:
            raise Wrong("guests are still there after %d s" % GUEST)
        time.sleep(2)


def networks_gone(inside):
    for network in inside.network.get("/v2.0/networks?project_id=" + inside.project).json()["networks"]:
        inside.network.delete("/v2.0/networks/" + network["id"])


def flavour_gone(admin):
    for flavour in admin.compute.get("/flavors").json()["flavors"]:
        if flavour["name"] == NAME:
            admin.compute.delete("/flavors/" + flavour["id"])
