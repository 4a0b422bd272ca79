# Uses OpenStack as a user does, from an image to an object, and looks whether Ceph clones where it is to. On the
# controller, as root:
#
#   python3 openstack-check.py PLAN        PLAN: a JSON file; holds no secret, the administrator's login is on the host
#
# Prints a line `KINDLING-CHECK {"check", "subject", "expected", "actual", "error", "seconds"}` for every step, error null
# where it is as expected, and `KINDLING-CHECK-END` at the end. Everything is made in a project of its own, which is
# removed with all that is in it: at the end, and at the beginning where an earlier check was broken off.
import hashlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time

import boto3
import yaml
from botocore.config import Config

from openstack_dashboard import seen
from openstack_guests import Guests, flavour_gone, guests_gone, networks_gone
from openstack_services import Services
from openstack_user import NAME, SIZE, SLOW, TROUBLE, Wrong, expect, head, login, parent

AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
BACKUP_KNOWN = 180  # seconds
COPY = 900  # seconds until a GiB is in the pool of images
ADMIN_KEYRING = "/etc/ceph/ceph.client.admin.keyring"


class Check:
    def __init__(self, plan, folder):
        self.plan = plan
        self.folder = folder
        self.data = os.urandom(SIZE)
        self.raw = os.path.join(folder, "raw")
        with open(self.raw, "wb") as file:
            file.write(self.data)
        with open("/etc/openstack/clouds.yaml", encoding="utf-8") as file:
            self.auth = yaml.safe_load(file)["clouds"]["kindling"]["auth"]
        self.admin = None
        self.user = None
        self.password = ""
        self.made = {}

    def step(self, subject, expected, error, action):
        begun = time.monotonic()
        try:
            action()
            actual, error = expected, None
        except TROUBLE as trouble:
            actual = " ".join(str(trouble).split())[:300] or type(trouble).__name__
        print("KINDLING-CHECK " + json.dumps({
            "check": "openstack", "subject": subject, "expected": expected, "actual": actual, "error": error,
            "seconds": round(time.monotonic() - begun, 1)}), flush=True)

    def needed(self, name):
        if name not in self.made:
            raise Wrong("not tried, for there is no " + name)
        return self.made[name]

    def run(self):
        self.step("login of a user", "a token", "IDENTITY", self.enter)
        if self.user is None:
            return
        for step in Services(self.plan, self.admin).steps():
            self.step(*step)
        for form in ("raw", "qcow2"):
            self.step("image from " + form, "raw, the same comes back", "IMAGE", lambda form=form: self.upload(form))
        self.step("login to the dashboard", "its images are there", "DASHBOARD", lambda: seen(
            self.plan["dashboard"], self.password, AUTHORITIES, self.needed("image from raw")))
        if "lvm" in self.plan["types"]:
            self.step("volume of type lvm from raw", "a copy that holds the image", "VOLUME", self.copy)
        if "ceph" in self.plan["types"]:
            for form in ("raw", "qcow2"):
                self.step("volume of type ceph from " + form, "a clone that holds the image", "VOLUME",
                          lambda form=form: self.clone(form))
            self.step("snapshot of a volume", "a volume of it is its clone", "VOLUME", self.snapshot)
            self.step("backup of a volume", "the same comes back", "BACKUP", self.backup)
        if self.plan["objects"]:
            self.step("object by Swift", "the same comes back", "OBJECT", self.swift)
            self.step("object by S3", "the same comes back", "OBJECT", self.s3)
        if self.plan["computes"]:
            for step in Guests(self.plan, self.admin, self.user, self.folder).steps():
                self.step(*step)

    def enter(self):
        self.admin = login(self.auth["auth_url"], self.auth["username"], self.auth["password"],
                           self.auth["project_name"], self.plan["region"])
        self.left_over()
        identity = self.admin.identity
        project = identity.post("/v3/projects", json={"project": {"name": NAME, "domain_id": "default"}})
        self.project = project.json()["project"]["id"]
        self.password = secrets.token_hex(24)
        user = identity.post("/v3/users", json={"user": {
            "name": NAME, "domain_id": "default", "password": self.password}}).json()["user"]["id"]
        roles = identity.get("/v3/roles?name=member").json()["roles"]
        identity.put("/v3/projects/%s/users/%s/roles/%s" % (self.project, user, roles[0]["id"]))
        self.user = login(self.auth["auth_url"], NAME, self.password, NAME, self.plan["region"])

    def upload(self, form):
        image = self.user.uploaded(NAME, self.raw, form)
        back = self.user.image.get("/v2/images/%s/file" % image).content
        expect("what comes back", hashlib.sha256(back).hexdigest(), hashlib.sha256(self.data).hexdigest())
        self.made["image from " + form] = image

    def copy(self):
        """What a volume holds that no pool has comes back as an image of it."""
        image = self.needed("image from raw")
        volume = self.user.made("volumes", "volume", size=1, imageRef=image, volume_type="lvm")["id"]
        again = self.user.volume.post("/%s/volumes/%s/action" % (self.user.project, volume), json={
            "os-volume_upload_image": {"image_name": NAME, "disk_format": "raw", "container_format": "bare"}})
        path = "/v2/images/" + again.json()["os-volume_upload_image"]["image_id"]
        at = self.user.image
        self.user.ready(lambda: at.get(path).json(), "active", COPY)
        back = at.get(path + "/file", headers={"Range": "bytes=0-%d" % (SIZE - 1)}).content
        expect("what it holds is the image", back == self.data, True)

    def clone(self, form):
        image = self.needed("image from " + form)
        volume = self.user.made("volumes", "volume", size=1, imageRef=image, volume_type="ceph")["id"]
        expect("parent", parent("volume-" + volume), "images/%s/snap" % image)
        expect("what it holds is the image", head(volume) == self.data, True)
        self.made["volume"] = volume

    def snapshot(self):
        volume = self.needed("volume")
        snapshot = self.user.made("snapshots", "snapshot", volume_id=volume)["id"]
        again = self.user.made("volumes", "volume", size=1, snapshot_id=snapshot)["id"]
        expect("parent", parent("volume-" + again), "volumes/volume-%s/snapshot-%s" % (volume, snapshot))

    def backup(self):
        volume = self.needed("volume")
        backup = self.backed_up(volume)
        at, project = self.user.volume, self.user.project
        restored = at.post("/%s/backups/%s/restore" % (project, backup),
                           json={"restore": {"name": NAME}}).json()["restore"]["volume_id"]
        path = "/%s/volumes/%s" % (project, restored)
        self.user.ready(lambda: at.get(path).json()["volume"], "available")
        expect("what comes back is the volume", head(restored) == self.data, True)

    def backed_up(self, volume):
        """The scheduler knows of cinder-backup by what that tells it, up to two minutes after its start."""
        end = time.monotonic() + BACKUP_KNOWN
        while True:
            try:
                return self.user.made("backups", "backup", volume_id=volume)["id"]
            except Wrong as trouble:
                if "Service not found" not in str(trouble) or time.monotonic() > end:
                    raise
                time.sleep(5)

    def swift(self):
        at = self.user.object
        container = "/%s-swift" % NAME
        at.put(container)
        at.put(container + "/object", data=self.data)
        same = at.get(container + "/object").content == self.data
        at.delete(container + "/object")
        at.delete(container)
        expect("what comes back is the object", same, True)

    def s3(self):
        who = self.user.session.get_user_id()
        key = self.user.identity.post("/v3/users/%s/credentials/OS-EC2" % who,
                                      json={"tenant_id": self.user.project}).json()["credential"]
        # Checksums that the client of today adds are unknown to RADOS Gateway of this version.
        client = boto3.client(
            "s3", endpoint_url=self.plan["objects"], region_name="us-east-1", verify=AUTHORITIES,
            aws_access_key_id=key["access"], aws_secret_access_key=key["secret"],
            config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required",
                          response_checksum_validation="when_required", retries={"max_attempts": 2}))
        bucket = NAME + "-s3"
        client.create_bucket(Bucket=bucket)
        client.put_object(Bucket=bucket, Key="object", Body=self.data)
        same = client.get_object(Bucket=bucket, Key="object")["Body"].read() == self.data
        client.delete_object(Bucket=bucket, Key="object")
        client.delete_bucket(Bucket=bucket)
        expect("what comes back is the object", same, True)

    def left_over(self):
        """Removes everything of that project, and it."""
        identity = self.admin.identity
        for project in identity.get("/v3/projects?name=" + NAME).json()["projects"]:
            self.emptied(project["id"])
            identity.delete("/v3/projects/" + project["id"])
        for user in identity.get("/v3/users?name=" + NAME).json()["users"]:
            identity.delete("/v3/users/" + user["id"])
        if self.plan["computes"]:
            flavour_gone(self.admin)

    def emptied(self, project):
        """As the administrator, who is let into it for that."""
        me = self.admin.session.get_user_id()
        role = self.admin.identity.get("/v3/roles?name=admin").json()["roles"][0]["id"]
        self.admin.identity.put("/v3/projects/%s/users/%s/roles/%s" % (project, me, role))
        inside = login(self.auth["auth_url"], self.auth["username"], self.auth["password"], NAME, self.plan["region"])
        if self.plan["computes"]:
            guests_gone(inside)
            networks_gone(inside)
        if self.plan["objects"]:
            self.objects(inside)
        if self.plan["types"]:
            for kind in ("backups", "volumes", "snapshots", "volumes"):
                self.gone(inside, kind)
            left = [kind for kind in ("backups", "snapshots", "volumes") if inside.volumes(kind)]
            expect("still there", ", ".join(left), "")
        for image in inside.images():
            inside.image.delete("/v2/images/" + image["id"])

    @staticmethod
    def objects(inside):
        for container in inside.object.get("?format=json").json():
            path = "/" + container["name"]
            for item in inside.object.get(path + "?format=json").json():
                inside.object.delete(path + "/" + item["name"])
            inside.object.delete(path)
        if os.path.exists(ADMIN_KEYRING):
            # The gateway's own record of the project.
            subprocess.run(["radosgw-admin", "user", "rm", "--uid=%s$%s" % (inside.project, inside.project)],
                           check=False, capture_output=True, timeout=SLOW)

    @staticmethod
    def gone(inside, kind):
        """Volumes that others hang on go in a later round."""
        end = time.monotonic() + SLOW
        asked = set()
        while True:
            there = inside.volumes(kind)
            for each in there:
                if each["id"] not in asked:
                    answer = inside.volume.delete("/%s/%s/%s" % (inside.project, kind, each["id"]), raise_exc=False)
                    if answer.status_code in (202, 204, 404):
                        asked.add(each["id"])
            if not there or not asked & {each["id"] for each in there}:
                return
            if time.monotonic() > end:
                raise Wrong("%s are still there after %d s" % (kind, SLOW))
            time.sleep(1)

    def clean(self):
        if self.admin is not None:
            self.left_over()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    with tempfile.TemporaryDirectory() as folder:
        check = Check(plan, folder)
        try:
            check.run()
        finally:
            check.step("what it made", "removed", "LEFT_OVER", check.clean)
    print("KINDLING-CHECK-END", flush=True)


main()
