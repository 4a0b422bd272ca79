#!/usr/bin/python3
# Asks the cluster one question, in one process and one connection. Installed as
# /usr/local/lib/kindling/ceph-probe; run as root where the admin's keyring is.
# Exit 0: it is so; 1: not so, the last line says what is; 75: the cluster cannot be asked just now.
import json
import os
import sys

import rados

TIMEOUT = 15


def no(text):
    print(text)
    sys.exit(1)


class Cluster:
    def __init__(self):
        self.rados = rados.Rados(
            conffile="/etc/ceph/ceph.conf",
            name="client.admin",
            conf={"client_mount_timeout": str(TIMEOUT), "rados_mon_op_timeout": str(TIMEOUT)},
        )
        self.rados.connect(timeout=TIMEOUT)

    def ask(self, prefix, missing_ok=False, **arguments):
        command = json.dumps({"prefix": prefix, "format": "json", **arguments})
        code, out, err = self.rados.mon_command(command, b"", timeout=TIMEOUT)
        if code == -2 and missing_ok:
            return None
        if code != 0:
            print(f"{prefix}: {err.strip() or code}")
            sys.exit(75)
        return json.loads(out) if out.strip() else {}

    def ask_mgr(self, prefix, **arguments):
        """What a manager answers: its code, the answer, and what it says beside."""
        command = json.dumps({"prefix": prefix, "format": "json", **arguments})
        code, out, err = self.rados.mgr_command(command, b"", timeout=TIMEOUT)
        return code, json.loads(out) if out.strip() else {}, err.strip()


def quorum(cluster, *names):
    """quorum NAME...: all these monitors are in it, and no other is known."""
    status = cluster.ask("quorum_status")
    inside = set(status["quorum_names"])
    known = {mon["name"] for mon in status["monmap"]["mons"]}
    if inside != set(names) or known != set(names):
        out = sorted(set(names) - inside)
        no(f"in quorum: {' '.join(sorted(inside))}; missing: {' '.join(out) or 'none'}; "
           f"known: {' '.join(sorted(known))}")


def mgr(cluster, *names):
    """mgr NAME...: one is active, the others stand by."""
    dump = cluster.ask("mgr dump")
    there = {standby["name"] for standby in dump.get("standbys", [])}
    if not dump.get("available"):
        no(f"no manager is active yet; standing by: {' '.join(sorted(there)) or 'none'}")
    there.add(dump["active_name"])
    missing = sorted(set(names) - there)
    if missing:
        no(f"managers missing: {' '.join(missing)}")


def config(cluster, who, name, value):
    """config WHO NAME VALUE: it stands so in the monitors' configuration database."""
    for entry in cluster.ask("config dump"):
        mask = entry.get("mask") or ""
        section = entry["section"] + ("/" + mask if mask else "")
        if section == who and entry["name"] == name:
            if entry["value"] == value:
                return
            no(f"{name} is {entry['value']}")
    no(f"{name} is not set for {who}")


def known(cluster, entity):
    """known ENTITY: there is such a user."""
    found = cluster.ask("auth get", missing_ok=True, entity=entity)
    if found is None:
        no("unknown")
    return found[0]


def may(cluster, entity, *caps):
    """may ENTITY CAP VALUE...: it has exactly these caps."""
    if known(cluster, entity)["caps"] != dict(zip(caps[::2], caps[1::2])):
        no("other caps than planned")


def keyed(cluster, entity, keyring):
    """keyed ENTITY KEYRING: it has that file's key."""
    key = known(cluster, entity)["key"]
    with open(keyring, encoding="utf-8") as file:
        if key not in file.read():
            no("another key than planned")


def _pool(cluster, name):
    for pool in cluster.ask("osd pool ls", detail="detail"):
        if pool["pool_name"] == name:
            return pool
    no("no such pool")
    return None


def made(cluster, name, application):
    """made POOL APPLICATION: it is there, for that use."""
    if application not in _pool(cluster, name)["application_metadata"]:
        no("no application")


def pool(cluster, name, pg_num, size, min_size, rule):
    """pool NAME PGS SIZE MIN_SIZE RULE: PGS at least, the rest exactly."""
    is_ = _pool(cluster, name)
    wrong = []
    # While a pool grows, pg_num follows pg_num_target step by step.
    pgs = max(is_["pg_num"], is_.get("pg_num_target", 0))
    if pgs < int(pg_num):
        wrong.append(f"pg_num {pgs}")
    if is_["size"] != int(size):
        wrong.append(f"size {is_['size']}")
    if is_["min_size"] != int(min_size):
        wrong.append(f"min_size {is_['min_size']}")
    if is_["pg_autoscale_mode"] != "off":
        wrong.append(f"autoscale {is_['pg_autoscale_mode']}")
    rules = {r["rule_id"]: r["rule_name"] for r in cluster.ask("osd crush rule dump")}
    if rules.get(is_["crush_rule"]) != rule:
        wrong.append(f"rule {rules.get(is_['crush_rule'])}")
    if wrong:
        no(", ".join(wrong))


def osds(cluster, least):
    """osds N: at least N OSDs; each that ever ran is up and in."""
    dump = cluster.ask("osd dump")["osds"]
    ran = [osd for osd in dump if "new" not in osd["state"]]
    down = [str(osd["osd"]) for osd in ran if not osd["up"] or not osd["in"]]
    if down:
        no(f"down or out: {' '.join(down)}")
    if len(ran) < int(least):
        no(f"{len(ran)} of {least} are up")


def _orphans(cluster, planned):
    # While a planned OSD does not run, an id that never ran may be its own.
    dump = cluster.ask("osd dump")["osds"]
    new = [str(osd["osd"]) for osd in dump if "new" in osd["state"]]
    return new if len(dump) - len(new) >= int(planned) else []


def no_orphans(cluster, planned):
    """no_orphans N: N OSDs ran and no id is left that a broken-off preparation took."""
    found = _orphans(cluster, planned)
    if found:
        no("never ran: " + " ".join(found))


def purge_orphans(cluster, planned):
    """purge_orphans N: gives such ids back; Ceph refuses it for an OSD that ever ran."""
    for osd in _orphans(cluster, planned):
        print("purging osd." + osd)
        cluster.ask("osd purge-new", id=int(osd), yes_i_really_mean_it=True)


def rack(cluster, host, name):
    """rack HOST RACK: the host's bucket stands in that rack; a host without OSDs has none."""
    tree = cluster.ask("osd tree")["nodes"]
    children = {c: node["name"] for node in tree for c in node.get("children", [])}
    for node in tree:
        if node["type"] == "host" and node["name"] == host:
            if children.get(node["id"]) != name:
                no(f"stands in {children.get(node['id'])}")
            return
    no("has no OSD in the map yet")


def s3_user(cluster, uid):
    """s3_user UID: RADOS Gateway knows that user."""
    with cluster.rados.open_ioctx("default.rgw.meta") as pool:
        pool.set_namespace("users.uid")
        try:
            pool.stat(uid)
        except rados.ObjectNotFound:
            no("unknown")


def compat(cluster, release):
    """compat RELEASE: clients older than that are refused."""
    now = cluster.ask("osd dump")["require_min_compat_client"]
    if now != release:
        no(f"is {now}")


def _unsettled(cluster, calm):
    """Placement groups that are not clean, by state; scrubbing does not make one less clean."""
    pgs = cluster.ask("status")["pgmap"]
    states = {s["state_name"]: s["count"] for s in pgs.get("pgs_by_state", [])}
    return {s: n for s, n in states.items() if not set(s.split("+")) <= calm}


CLEAN = {"active", "clean", "scrubbing", "deep", "snaptrim", "snaptrim_wait"}
# Every copy is there, some of them not yet where they are to be.
MOVING = CLEAN | {"remapped", "backfilling", "backfill_wait"}


def health(cluster, *allowed):
    """health CODE...: nothing is wrong but, at most, these codes; nothing may be muted."""
    state = cluster.ask("health", detail="detail")
    if state.get("mutes"):
        no("muted: " + " ".join(m["code"] for m in state["mutes"]))
    bad = {c: v for c, v in state["checks"].items() if c not in allowed}
    if bad:
        no("; ".join(f"{c}: {v['summary']['message']}" for c, v in sorted(bad.items())))
    busy = _unsettled(cluster, MOVING)
    if busy:
        no("placement groups: " + ", ".join(f"{n} {s}" for s, n in sorted(busy.items())))


def refuse(error, text):
    print(f"KINDLING-ERROR {error} {text}")
    sys.exit(2)


def _whole(cluster, calm):
    """Why the data are not whole; nothing where they are."""
    if cluster.ask("health")["status"] == "HEALTH_ERR":
        return "the cluster is in HEALTH_ERR"
    down = [str(o["osd"]) for o in cluster.ask("osd dump")["osds"]
            if o["in"] and not o["up"] and not {"destroyed", "new"} & set(o["state"])]
    if down:
        return "OSDs down: " + " ".join(down)
    busy = _unsettled(cluster, calm)
    return ", ".join(f"{n} placement groups {s}" for s, n in sorted(busy.items()))


def whole(cluster):
    """whole: every placement group is clean, every OSD that is in is up."""
    why = _whole(cluster, CLEAN)
    if why:
        no(why)


def settling(cluster):
    """settling: as whole, but data may still be on their way to where they are to be."""
    why = _whole(cluster, MOVING)
    if why:
        no(why)


def may_add(cluster):
    """may_add: refused while copies are missing."""
    why = _whole(cluster, MOVING)
    if why:
        refuse("DAY-001", why)


def _host_osds(cluster, host):
    tree = cluster.ask("osd tree")["nodes"]
    children = {n["name"]: n.get("children", []) for n in tree if n["type"] == "host"}
    return [n for n in tree if n["type"] == "osd" and n["id"] in children.get(host, [])]


def _not_yet(said):
    print(said)
    sys.exit(75)  # a manager that has just begun lacks statistics


def _unheard(cluster):
    """OSDs that are down while the manager still counts them: its statistics come some seconds later."""
    down = {o["osd"] for o in cluster.ask("osd dump")["osds"] if not o["up"]}
    if not down:
        return set()
    code, answer, said = cluster.ask_mgr("pg dump", dumpcontents=["pgs_brief"])
    if code:
        _not_yet(said)
    stats = answer["pg_stats"] if isinstance(answer, dict) else answer
    return down & {osd for pg in stats for osd in pg["acting"]}


def _unstoppable(cluster, osds):
    """Why these OSDs may not stop; nothing where they may."""
    unheard = _unheard(cluster)
    if unheard:
        _not_yet("the manager's statistics still count OSDs that are down: "
                 + " ".join(str(o) for o in sorted(unheard)))
    code, _, said = cluster.ask_mgr("osd ok-to-stop", ids=[str(osd) for osd in osds])
    if code == -11:
        _not_yet(said)
    return None if code == 0 else said or f"ok-to-stop: {code}"


def _unsafe(cluster, number):
    """Why that OSD may not be destroyed; nothing where it may. Asked for JSON the answer is a success
    whatever it says: only the list of those that are safe counts."""
    code, answer, said = cluster.ask_mgr("osd safe-to-destroy", ids=[str(number)])
    if code == -11 or int(number) in answer.get("missing_stats", []):
        # A dead drive's OSD has none until its data are elsewhere.
        return said or f"osd.{number} has no statistics: nobody knows what it alone holds"
    if code == 0 and int(number) in answer.get("safe_to_destroy", []):
        return None
    return said or f"osd.{number} has placement groups"


def may_stop(cluster, host):
    """may_stop HOST: every placement group stays active and the monitors keep their quorum without it."""
    flags = cluster.ask("osd dump").get("crush_node_flags", {})
    others = sorted(h for h, f in flags.items() if "noout" in f and h != host)
    if others:
        refuse("DAY-003", "noout is set on " + " ".join(others))
    osds = [osd["id"] for osd in _host_osds(cluster, host)]
    why = _unstoppable(cluster, osds) if osds else None
    if why:
        refuse("DAY-002", why)
    status = cluster.ask("quorum_status")
    if host in status["quorum_names"]:
        mons = len(status["monmap"]["mons"])
        if (len(status["quorum_names"]) - 1) * 2 <= mons:
            refuse("DAY-002", f"{len(status['quorum_names'])} of {mons} monitors are in quorum, {host} is one of them")


def noout(cluster, host, wanted):
    """noout HOST set|unset: that host's OSDs are not marked out when they are down."""
    flags = cluster.ask("osd dump").get("crush_node_flags", {})
    is_ = "set" if "noout" in flags.get(host, []) else "unset"
    if is_ != wanted:
        no("noout is " + is_)


def host_up(cluster, host):
    """host_up HOST: each of its OSDs that is in is up."""
    down = [str(o["id"]) for o in _host_osds(cluster, host)
            if o["status"] == "down" and o.get("reweight", 1) > 0]
    if down:
        no("OSDs down: " + " ".join(down))


NOREBALANCE = "kindling/norebalance"


def calm(cluster):
    """calm: no placement group moves for new OSDs yet."""
    if "norebalance" not in cluster.ask("osd dump")["flags_set"]:
        no("norebalance is unset")


def grows_calmly(cluster, planned):
    """grows_calmly N: as calm, but only where OSDs are to come to a cluster that has some."""
    there = len(cluster.ask("osd dump")["osds"])
    if 0 < there < int(planned):
        calm(cluster)


def released(cluster):
    """released: what calm needed is undone; an operator's own flag stays."""
    if cluster.ask("config-key exists", missing_ok=True, key=NOREBALANCE) is not None:
        no("norebalance is set")


def _osd(cluster, number):
    for osd in cluster.ask("osd dump")["osds"]:
        if osd["osd"] == int(number):
            return osd
    return None


def tell_osd(cluster, number):
    """tell_osd N: KINDLING-OSD UUID HOST UP IN."""
    osd = _osd(cluster, number)
    if osd is None:
        refuse("DAY-006", "osd." + number)
    tree = cluster.ask("osd tree")["nodes"]
    host = [n["name"] for n in tree if n["type"] == "host" and int(number) in n.get("children", [])]
    print("KINDLING-OSD", osd["uuid"], (host or ["-"])[0], osd["up"], osd["in"])


def may_replace(cluster, number, uuid, how):
    """may_replace N UUID safe|drain|degraded: nothing is lost with it."""
    osd = _osd(cluster, number)
    if osd is None or osd["uuid"] != uuid:
        refuse("DAY-006", f"osd.{number} with uuid {uuid}")
    if "destroyed" in osd["state"]:
        return
    if how == "degraded" and osd["up"]:
        refuse("DAY-005", f"osd.{number} is up")
    why = _unstoppable(cluster, [number]) if how == "degraded" else _unsafe(cluster, number)
    if why and how != "drain":
        refuse("DAY-004", why)


def safe(cluster, number, uuid):
    """safe N UUID: no data is lost with it; or it is another OSD by now."""
    osd = _osd(cluster, number)
    if osd is not None and osd["uuid"] == uuid and "destroyed" not in osd["state"]:
        why = _unsafe(cluster, number)
        if why:
            no(why)


def out(cluster, number, uuid):
    """out N UUID: it is marked out; or it is another OSD by now."""
    osd = _osd(cluster, number)
    if osd is not None and osd["uuid"] == uuid and osd["in"]:
        no("is in")


def destroyed(cluster, number, uuid):
    """destroyed N UUID: it is; or it is another OSD by now."""
    osd = _osd(cluster, number)
    if osd is not None and osd["uuid"] == uuid and "destroyed" not in osd["state"]:
        no("is not")


def in_(cluster, number):
    """in N: it is marked in."""
    osd = _osd(cluster, number)
    if osd is None or not osd["in"]:
        no("is out")


def serves(cluster, number, host):
    """serves N HOST: it is up, on that host."""
    osd = _osd(cluster, number)
    if osd is None or not osd["up"]:
        no("is down")
    if int(number) not in [o["id"] for o in _host_osds(cluster, host)]:
        no("is not of " + host)


QUESTIONS = {
    f.__name__.rstrip("_"): f
    for f in (
        quorum, mgr, config, known, may, keyed, made, pool, osds, no_orphans, purge_orphans, rack, s3_user, compat, health,
        whole, settling, may_add, may_stop, noout, host_up, calm, grows_calmly, released,
        tell_osd, may_replace, safe, out, destroyed, in_, serves,
    )
}


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in QUESTIONS:
        print("usage: ceph-probe " + "|".join(QUESTIONS), file=sys.stderr)
        sys.exit(64)
    cluster = None
    code = 0
    try:
        cluster = Cluster()
        QUESTIONS[sys.argv[1]](cluster, *sys.argv[2:])
    except (rados.Error, OSError) as error:
        print(f"the cluster does not answer: {error}")
        code = 75
    except SystemExit as end:
        code = end.code
    if cluster is not None:
        cluster.rados.shutdown()
    sys.stdout.flush()
    os._exit(code)  # librados may abort while the interpreter takes itself down


main()
