# What an OpenStack user reaches, and what Ceph says of what was made; for openstack-check.py and what it imports.
import subprocess
import time

import rados
import rbd
import requests
from botocore.exceptions import BotoCoreError, ClientError
from keystoneauth1 import adapter, session
from keystoneauth1.exceptions import ClientException
from keystoneauth1.identity import v3

NAME = "kindling-check"
MIB = 1 << 20
SIZE = 8 * MIB
SLOW = 300  # seconds that a step may take
COMPUTE_VERSION = "2.45"  # Nova's microversion: the answer to a snapshot names its image
CINDER_KEYRING = "/etc/ceph/ceph.client.cinder.keyring"
TROUBLE = (ClientException, BotoCoreError, ClientError, rados.Error, rbd.Error, OSError, subprocess.SubprocessError,
           requests.RequestException, LookupError)


class Wrong(LookupError):
    """What came is not what was to come."""


def run(*command):
    """A program of this host; what it complains of is the trouble."""
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=SLOW)
    except subprocess.CalledProcessError as failed:
        said = (failed.stderr or failed.stdout).split("\n")
        raise Wrong("%s: %s" % (command[0], [line for line in said if line][-1:])) from None


def login(auth, user, password, project, region):
    who = v3.Password(auth_url=auth, username=user, password=password, project_name=project,
                      user_domain_name="Default", project_domain_name="Default")
    return Cloud(session.Session(auth=who, timeout=SLOW), region)


class Cloud:
    """What one user reaches."""

    def __init__(self, at, region):
        self.session = at
        self.project = at.get_project_id()

        def service(kind, version=None):
            return adapter.Adapter(at, service_type=kind, interface="public", region_name=region,
                                   default_microversion=version)
        self.identity = service("identity")
        self.image = service("image")
        self.volume = service("block-storage")
        self.object = service("object-store")
        self.compute = service("compute", COMPUTE_VERSION)
        self.network = service("network")
        self.placement = service("placement")

    def ready(self, read, good, limit=SLOW):
        """Waits until that has the status."""
        end = time.monotonic() + limit
        while True:
            found = read()
            status = found["status"]
            if status == good:
                return found
            if "error" in status.lower() or status in ("killed", "deleted", "deactivated"):
                why = found.get("fail_reason") or found.get("fault", {}).get("message") or ""
                raise Wrong("status %s %s" % (status, why))
            if time.monotonic() > end:
                raise Wrong("still %s after %d s" % (status, limit))
            time.sleep(1)

    def uploaded(self, name, raw, form):
        """An image of that file's content; what is not raw is imported, which makes it so."""
        at = self.image
        image = at.post("/v2/images", json={
            "name": name, "disk_format": form, "container_format": "bare"}).json()["id"]
        path = "/v2/images/" + image
        binary = {"Content-Type": "application/octet-stream"}
        if form == "raw":
            with open(raw, "rb") as file:
                at.put(path + "/file", data=file, headers=binary)
        else:
            converted = raw + "." + form
            run("qemu-img", "convert", "-f", "raw", "-O", form, raw, converted)
            with open(converted, "rb") as file:
                at.put(path + "/stage", data=file, headers=binary)
            at.post(path + "/import", json={"method": {"name": "glance-direct"}})
        found = self.ready(lambda: at.get(path).json(), "active")
        expect("format", found["disk_format"], "raw")
        return image

    def images(self):
        return self.image.get("/v2/images?owner=" + self.project).json()["images"]

    def volumes(self, kind, detail=""):
        return self.volume.get("/%s/%s%s" % (self.project, kind, detail)).json()[kind]

    def made(self, kind, single, **fields):
        """A volume, snapshot or backup once it can be used."""
        answer = self.volume.post("/%s/%s" % (self.project, kind), json={single: dict(fields, name=NAME)})
        path = "/%s/%s/%s" % (self.project, kind, answer.json()[single]["id"])
        return self.ready(lambda: self.volume.get(path).json()[single], "available")


def as_cinder(action, pool="volumes"):
    cluster = rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.cinder", conf={"keyring": CINDER_KEYRING})
    cluster.connect(timeout=15)
    try:
        with cluster.open_ioctx(pool) as opened:
            return action(opened)
    finally:
        cluster.shutdown()


def parent(name, pool="volumes"):
    """Of which image or volume it is a clone."""
    def look(opened):
        with rbd.Image(opened, name, read_only=True) as image:
            try:
                return "/".join(image.parent_info())
            except rbd.ImageNotFound:
                raise Wrong("it is a copy, not a clone") from None
    return as_cinder(look, pool)


def head(volume):
    """The first bytes of it."""
    def look(pool):
        with rbd.Image(pool, "volume-" + volume, read_only=True) as image:
            return image.read(0, SIZE)
    return as_cinder(look)


def expect(what, actual, expected):
    if actual != expected:
        raise Wrong("%s: %s" % (what, actual))
