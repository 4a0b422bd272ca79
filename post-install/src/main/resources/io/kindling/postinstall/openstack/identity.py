#!/usr/bin/python3
"""What Keystone is to know: the administrator, the services' users, the catalogue.

  identity WHAT check|apply FILE [USER]

WHAT is `admin`, `accounts`, or `password` of a service's user, which its service is to be told of in the same breath. FILE is JSON: url (Keystone's own address), public (as clients reach it), region, password
(the administrator's), services (name, type, url, user, password). Exit 0 as planned, 1 not. Passwords come by the file
alone. Installed as /usr/local/lib/kindling/identity, run as root on the controller. Identity API v3.
"""
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

PROJECT = "service"
ROLES = ("admin", "service")
INTERFACES = ("public", "internal", "admin")


class Differs(Exception):
    """Something is not as planned, and nothing was to be changed."""


class Keystone:
    def __init__(self, plan, change):
        self.plan = plan
        self.change = change
        self.token = None

    def ask(self, method, path, body=None, ok=()):
        """The answer's headers and JSON; None for a code in ok."""
        request = urllib.request.Request(self.plan["url"] + "/v3" + path, method=method)
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("X-Auth-Token", self.token)
        data = None if body is None else json.dumps(body).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, data, timeout=60) as answer:
                text = answer.read()
                return answer.headers, json.loads(text) if text else {}
        except urllib.error.HTTPError as error:
            if error.code in ok:
                return None
            raise

    def login(self, user, password, project):
        """A token, or None where that user has no such password or no role in that project."""
        domain = {"id": "default"}
        answer = self.ask("POST", "/auth/tokens", {"auth": {
            "identity": {"methods": ["password"], "password": {
                "user": {"name": user, "domain": domain, "password": password}}},
            "scope": {"project": {"name": project, "domain": domain}}}}, ok=(401,))
        return answer and answer[0]["X-Subject-Token"]

    def differs(self, what):
        """Says it; goes on only where it is to be changed."""
        print(what)
        if not self.change:
            raise Differs()

    def all(self, kind, query=""):
        return self.ask("GET", "/" + kind + query)[1][kind]

    def one(self, kind, single, name, fields):
        """The object of that name, made where it is missing."""
        found = [each for each in self.all(kind, "?name=" + name) if each["name"] == name]
        if found:
            return found[0]
        self.differs("no %s %s" % (single, name))
        return self.ask("POST", "/" + kind, {single: dict(fields, name=name)})[1][single]

    def admin(self):
        if self.login("admin", self.plan["password"], "admin"):
            return
        self.differs("the administrator cannot log in")
        environment = dict(
            os.environ,
            OS_BOOTSTRAP_PASSWORD=self.plan["password"],
            OS_BOOTSTRAP_REGION_ID=self.plan["region"],
            OS_BOOTSTRAP_PUBLIC_URL=self.plan["public"],
            OS_BOOTSTRAP_INTERNAL_URL=self.plan["public"],
            OS_BOOTSTRAP_ADMIN_URL=self.plan["public"])
        subprocess.run(["runuser", "-u", "keystone", "--", "keystone-manage", "bootstrap"], env=environment, check=True)

    def administrator(self):
        self.token = self.login("admin", self.plan["password"], "admin")
        if not self.token:
            self.differs("the administrator cannot log in")
            sys.exit(2)

    def accounts(self):
        self.administrator()
        project = self.one("projects", "project", PROJECT, {"domain_id": "default"})
        roles = {role["name"]: role["id"] for role in self.all("roles")}
        for service in self.plan["services"]:
            if service.get("user"):
                self.user(service, project, roles)
            self.catalogue(service)

    def user(self, service, project, roles):
        fields = {"domain_id": "default", "password": service["password"], "default_project_id": project["id"]}
        user = self.one("users", "user", service["user"], fields)
        granted = "/projects/%s/users/%s/roles" % (project["id"], user["id"])
        has = {role["id"] for role in self.ask("GET", granted)[1]["roles"]}
        for name in ROLES:
            if roles[name] not in has:
                self.differs("user %s has no role %s" % (service["user"], name))
                self.ask("PUT", granted + "/" + roles[name])
        if not user["enabled"]:
            self.differs("user %s is disabled" % service["user"])
            self.ask("PATCH", "/users/" + user["id"], {"user": {"enabled": True}})

    def password(self, name):
        service = [each for each in self.plan["services"] if each.get("user") == name][0]
        if self.login(name, service["password"], PROJECT):
            return
        self.differs("user %s has another password" % name)
        self.administrator()
        user = [each for each in self.all("users", "?name=" + name) if each["name"] == name][0]
        self.ask("PATCH", "/users/" + user["id"], {"user": {"password": service["password"]}})

    def catalogue(self, service):
        entry = self.one("services", "service", service["name"], {"type": service["type"]})
        if entry["type"] != service["type"]:
            self.differs("service %s has type %s" % (service["name"], entry["type"]))
            self.ask("PATCH", "/services/" + entry["id"], {"service": {"type": service["type"]}})
        endpoints = self.all("endpoints", "?service_id=" + entry["id"])
        for interface in INTERFACES:
            wanted = {"interface": interface, "url": service["url"], "region_id": self.plan["region"]}
            there = [e for e in endpoints if e["interface"] == interface and e["region_id"] == self.plan["region"]]
            if not there:
                self.differs("no %s endpoint of %s" % (interface, service["name"]))
                self.ask("POST", "/endpoints", {"endpoint": dict(wanted, service_id=entry["id"])})
            elif there[0]["url"] != service["url"]:
                self.differs("%s endpoint of %s is %s" % (interface, service["name"], there[0]["url"]))
                self.ask("PATCH", "/endpoints/" + there[0]["id"], {"endpoint": wanted})


def main(what, verb, file, *user):
    with open(file, encoding="utf-8") as plan:
        keystone = Keystone(json.load(plan), verb == "apply")
    try:
        {"admin": keystone.admin, "accounts": keystone.accounts, "password": keystone.password}[what](*user)
    except Differs:
        sys.exit(1)
    except OSError as error:  # HTTP errors too: what Keystone answered, or that it did not
        print("KINDLING-ERROR OST-002 %s" % error)
        sys.exit(1 if verb == "check" else 2)


if __name__ == "__main__":
    main(*sys.argv[1:])
