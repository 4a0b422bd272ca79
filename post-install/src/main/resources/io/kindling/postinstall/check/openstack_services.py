# Whether OpenStack's services are up, for openstack-check.py: what the administrator would look at first.
import json
import subprocess

from openstack_user import SLOW, Wrong


class Services:
    def __init__(self, plan, admin):
        self.plan = plan
        self.admin = admin

    def steps(self):
        """(subject, expected, error, action) of each, in their order."""
        steps = [("messages between services", "no partition", "QUEUE", queue)]
        if self.plan["types"]:
            steps.append(("services of Cinder", "up", "SERVICE", self.volume))
        if self.plan["computes"]:
            steps += [("services of Nova", "up", "SERVICE", self.compute),
                      ("agents of Neutron", "up", "SERVICE", self.network),
                      ("computes in Placement", "each with processors and memory", "HYPERVISOR", self.placement)]
        return steps

    def volume(self):
        listed = self.admin.volume.get("/%s/os-services" % self.admin.project).json()["services"]
        up((each["binary"], each["host"], each["state"] == "up") for each in listed)

    def compute(self):
        listed = self.admin.compute.get("/os-services").json()["services"]
        up((each["binary"], each["host"], each["state"] == "up") for each in listed)
        everywhere({each["host"] for each in listed if each["binary"] == "nova-compute"}, self.plan["computes"])

    def network(self):
        listed = self.admin.network.get("/v2.0/agents").json()["agents"]
        up((each["agent_type"], each["host"], each["alive"]) for each in listed)
        everywhere({each["host"] for each in listed}, self.plan["computes"])

    def placement(self):
        at = self.admin.placement
        providers = {each["name"]: each["uuid"] for each in at.get("/resource_providers").json()["resource_providers"]}
        missing = []
        for each in self.admin.compute.get("/os-hypervisors").json()["hypervisors"]:
            name = each["hypervisor_hostname"]
            has = {}
            if name in providers:
                has = at.get("/resource_providers/%s/inventories" % providers[name]).json()["inventories"]
            if not {"VCPU", "MEMORY_MB"} <= set(has):
                missing.append(name)
        if missing:
            raise Wrong("not there: " + ", ".join(sorted(missing)))


def queue():
    said = subprocess.run(["rabbitmqctl", "--quiet", "--formatter", "json", "cluster_status"], check=True,
                          capture_output=True, text=True, timeout=SLOW).stdout
    status = json.loads(said)
    if status["partitions"]:
        raise Wrong("partitions: " + json.dumps(status["partitions"]))
    lost = sorted(set(status["disk_nodes"]) - set(status["running_nodes"]))
    if lost:
        raise Wrong("lost: " + ", ".join(lost))


def up(services):
    """Of (what, host, whether it is up)."""
    down = ["%s on %s" % (what, host) for what, host, is_up in services if not is_up]
    if down:
        raise Wrong("down: " + ", ".join(sorted(down)))


def everywhere(hosts, wanted):
    missing = sorted(set(wanted) - hosts)
    if missing:
        raise Wrong("not known: " + ", ".join(missing))
