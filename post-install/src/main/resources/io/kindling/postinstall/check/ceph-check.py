# Compares a running cluster with what it is to be, and uses it as its services do. On a monitor host, as root:
#
#   python3 ceph-check.py PLAN        PLAN: a JSON file; holds no secret, the users' keyrings are on the host
#
# Prints a line `KINDLING-CHECK {"check", "subject", "expected", "actual", "error"}` for everything it looked at, error
# null where it is as expected, and `KINDLING-CHECK-END` at the end. What it writes has fixed names and is removed again.
import ipaddress
import json
import os
import re
import sys

import rados
import rbd

TIMEOUT = "15"
OBJECT = "kindling-check"
IMAGE = "kindling-check"
MIB = 1 << 20


def row(check, subject, expected, actual, error=None):
    print("KINDLING-CHECK " + json.dumps(
        {"check": check, "subject": subject, "expected": expected, "actual": actual, "error": error}), flush=True)


def compare(check, subject, expected, actual, error):
    row(check, subject, expected, actual, None if expected == actual else error)


def connect(entity, keyring=None):
    conf = {"client_mount_timeout": TIMEOUT, "rados_mon_op_timeout": TIMEOUT, "rados_osd_op_timeout": TIMEOUT}
    if keyring:
        conf["keyring"] = keyring
    cluster = rados.Rados(conffile="/etc/ceph/ceph.conf", name=entity, conf=conf)
    cluster.connect(timeout=int(TIMEOUT))
    return cluster


def ask(cluster, prefix, **arguments):
    code, out, err = cluster.mon_command(json.dumps({"prefix": prefix, "format": "json", **arguments}), b"",
                                         timeout=int(TIMEOUT))
    if code != 0:
        raise OSError(-code, f"{prefix}: {err.strip()}")
    return json.loads(out) if out.strip() else {}


def health(cluster, plan):
    state = ask(cluster, "health", detail="detail")
    found = False
    for code, check in sorted(state["checks"].items()):
        if code not in plan["allowed"]:
            found = True
            row("health", code, "none", check["summary"]["message"], "HEALTH")
    for mute in state.get("mutes", []):
        found = True
        row("health", mute["code"], "not muted", "muted", "HEALTH")
    if not found:
        row("health", "cluster", "HEALTH_OK", "HEALTH_OK")
    states = {s["state_name"]: s["count"] for s in ask(cluster, "status")["pgmap"].get("pgs_by_state", [])}
    busy = {s: n for s, n in states.items() if not s.startswith("active+clean")}
    compare("health", "placement groups", "active+clean",
            ", ".join(f"{n} {s}" for s, n in sorted(busy.items())) or "active+clean", "HEALTH")


def daemons(cluster, plan):
    status = ask(cluster, "quorum_status")
    for name in plan["mons"]:
        compare("quorum", name, "in quorum", "in quorum" if name in status["quorum_names"] else "not in quorum", "QUORUM")
    for mon in status["monmap"]["mons"]:
        if mon["name"] not in plan["mons"]:
            row("quorum", mon["name"], "unknown", "in the monitors' map", "QUORUM")
    dump = ask(cluster, "mgr dump")
    there = {standby["name"]: "standing by" for standby in dump.get("standbys", [])}
    if dump.get("available"):
        there[dump["active_name"]] = "active"
    for name in plan["mgrs"]:
        actual = there.get(name, "missing")
        row("managers", name, "active or standing by", actual, "MANAGER" if actual == "missing" else None)
    if not dump.get("available"):
        row("managers", "cluster", "one is active", "none is", "MANAGER")


def osds(cluster, plan):
    dump = {osd["osd"]: osd for osd in ask(cluster, "osd dump")["osds"]}
    facts = {osd["id"]: osd for osd in ask(cluster, "osd metadata")}
    tree = ask(cluster, "osd tree")["nodes"]
    hosts = {child: node["name"] for node in tree if node["type"] == "host" for child in node.get("children", [])}
    planned = set()
    for osd in plan["osds"]:
        number = osd["id"]
        planned.add(number)
        expected = f"up, in, on {osd['host']}, db {'on its own' if osd['db'] else 'inside'}"
        if number not in dump:
            row("osds", f"osd.{number}", expected, "unknown to the cluster", "OSD")
            continue
        is_ = dump[number]
        own = facts.get(number, {}).get("bluefs_dedicated_db") == "1"
        actual = "{}, {}, on {}, db {}".format(
            "up" if is_["up"] else "down", "in" if is_["in"] else "out", hosts.get(number, "no host"),
            "on its own" if own else "inside")
        compare("osds", f"osd.{number}", expected, actual, "OSD")
    for number in sorted(set(dump) - planned) if plan["whole"] else []:
        row("osds", f"osd.{number}", "in the plan", "no planned partition holds it", "OSD_UNPLANNED")


def inside(text, network):
    found = re.findall(r"v[12]:([0-9.]+):", text or "")
    return bool(found) and all(ipaddress.ip_address(a) in ipaddress.ip_network(network) for a in found)


def networks(cluster, plan):
    for mon in ask(cluster, "quorum_status")["monmap"]["mons"]:
        text = ", ".join(sorted({a["addr"] for a in mon["public_addrs"]["addrvec"]}))
        good = all(ipaddress.ip_address(a["addr"].rsplit(":", 1)[0]) in ipaddress.ip_network(plan["public"])
                   for a in mon["public_addrs"]["addrvec"])
        row("networks", "mon." + mon["name"], "in " + plan["public"], text, None if good else "NETWORK")
    up = {osd["osd"] for osd in ask(cluster, "osd dump")["osds"] if osd["up"]}
    for osd in ask(cluster, "osd metadata"):
        if osd["id"] not in up:
            continue  # its addresses are of the past
        for side, network in (("front", plan["public"]), ("back", plan["cluster"])):
            text = osd.get(side + "_addr", "")
            row("networks", f"osd.{osd['id']} {side}", "in " + network, text,
                None if inside(text, network) else "NETWORK")


def pools(cluster, plan):
    there = {pool["pool_name"]: pool for pool in ask(cluster, "osd pool ls", detail="detail")}
    for pool in plan["pools"]:
        expected = f"{pool['application']}, size {plan['size']}, min_size {plan['min_size']}"
        is_ = there.get(pool["name"])
        if is_ is None:
            row("pools", pool["name"], expected, "missing", "POOL")
            continue
        actual = "{}, size {}, min_size {}".format(
            " ".join(sorted(is_["application_metadata"])) or "no application", is_["size"], is_["min_size"])
        compare("pools", pool["name"], expected, actual, "POOL")
        pgs = max(is_["pg_num"], is_.get("pg_num_target", 0))
        row("pools", pool["name"] + " placement groups", f"at least {pool['pgs']}", str(pgs),
            None if pgs >= pool["pgs"] else "POOL")


def caps(cluster, plan):
    for user in plan["users"]:
        try:
            found = ask(cluster, "auth get", entity=user["entity"])[0]["caps"]
        except FileNotFoundError:
            found = None
        compare("caps", user["entity"], text_of(user["caps"]), "unknown user" if found is None else text_of(found), "CAPS")


def text_of(capabilities):
    return ", ".join(f"{kind} '{what}'" for kind, what in sorted(capabilities.items()))


def tried(action):
    """What came of an operation: True, False where it is not allowed, else the error's text."""
    try:
        action()
        return True
    except (rados.PermissionError, rados.PermissionDeniedError):
        return False
    except rados.Error as error:
        return str(error)


WORDS = {(True, True): "read and write", (True, False): "read", (False, True): "write", (False, False): "nothing"}


def access(cluster, plan):
    """Every service's key on every pool there is, planned or not."""
    names = [pool["poolname"] for pool in ask(cluster, "osd lspools")]
    ready = []
    for name in names:
        with cluster.open_ioctx(name) as pool:
            done = tried(lambda pool=pool: pool.write_full(OBJECT, b"kindling"))
        if done is True:
            ready.append(name)
        else:
            row("access", f"client.admin on {name}", "read and write", str(done), "DATA")
    try:
        for user in plan["users"]:
            try:
                client = connect(user["entity"], user["keyring"])
            except (rados.Error, OSError) as error:
                row("access", user["entity"], "connects", str(error), "ACCESS_MISSING")
                continue
            for name in ready:
                with client.open_ioctx(name) as pool:
                    reads = tried(lambda pool=pool: pool.read(OBJECT))
                    writes = tried(lambda pool=pool: pool.write_full(OBJECT, b"kindling"))
                expected = user["pools"].get(name, "nothing")
                actual = WORDS.get((reads, writes), f"read: {reads}, write: {writes}")
                more = (reads is True and expected == "nothing") or (writes is True and expected != "read and write")
                compare("access", f"{user['entity']} on {name}", expected, actual,
                        "ACCESS_TOO_MUCH" if more else "ACCESS_MISSING")
            client.shutdown()
    finally:
        for name in ready:
            with cluster.open_ioctx(name) as pool:
                tried(lambda pool=pool: pool.remove_object(OBJECT))


def data(cluster, plan):
    """As each service: an image is made, written at its beginning and end, read by another connection, removed."""
    block = {pool["name"] for pool in plan["pools"] if pool["application"] == "rbd"}
    for user in plan["users"]:
        for name in sorted(p for p, may in user["pools"].items() if may == "read and write" and p in block):
            subject = f"{user['entity']} on {name}"
            try:
                remove(cluster, name)
                said = image(user, name)
            except (rados.Error, rbd.Error, OSError) as error:
                said = str(error)
            finally:
                remove(cluster, name)
            compare("data", subject, "the same comes back", said, "DATA")


def image(user, name):
    first, last = os.urandom(4 * MIB), os.urandom(MIB)
    size = 16 * MIB
    writer = connect(user["entity"], user["keyring"])
    with writer.open_ioctx(name) as pool:
        rbd.RBD().create(pool, IMAGE, size)
        with rbd.Image(pool, IMAGE) as disk:
            disk.write(first, 0)
            disk.write(last, size - len(last))
            disk.flush()
    writer.shutdown()
    reader = connect(user["entity"], user["keyring"])
    with reader.open_ioctx(name) as pool:
        with rbd.Image(pool, IMAGE) as disk:
            same = disk.read(0, len(first)) == first and disk.read(size - len(last), len(last)) == last
        rbd.RBD().remove(pool, IMAGE)
    reader.shutdown()
    return "the same comes back" if same else "something else comes back"


def remove(cluster, name):
    with cluster.open_ioctx(name) as pool:
        try:
            rbd.RBD().remove(pool, IMAGE)
        except rbd.ImageNotFound:
            pass  # as it should be


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    code = 0
    try:
        cluster = connect("client.admin")
        for check in (health, daemons, osds, networks, pools, caps, access, data):
            try:
                check(cluster, plan)
            except (rados.Error, rbd.Error, OSError) as error:
                row(check.__name__, "cluster", "can be looked at", str(error), "NO_ANSWER")
        print("KINDLING-CHECK-END", flush=True)
    except (rados.Error, OSError) as error:
        print(f"the cluster does not answer: {error}", flush=True)
        code = 75
    os._exit(code)  # librados may abort while the interpreter takes itself down


main()
