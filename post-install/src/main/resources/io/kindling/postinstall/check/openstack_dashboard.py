# Whether a user gets into the dashboard and finds there what is theirs, for openstack-check.py.
import re

import requests

from openstack_user import NAME, SLOW, Wrong, expect

TOKEN = re.compile(r"name=[\"']csrfmiddlewaretoken[\"'] value=[\"']([^\"']+)[\"']")


def logged_in(url, password, authorities):
    """A browser that is logged in, as far as one without script can be."""
    browser = requests.Session()
    browser.trust_env = False
    browser.verify = authorities
    page = browser.get(url + "/auth/login/", timeout=SLOW)
    found = TOKEN.search(page.text)
    if page.status_code != 200 or not found:
        raise Wrong("no form to log in: status %d" % page.status_code)
    page = browser.post(url + "/auth/login/", timeout=SLOW, headers={"Referer": url + "/auth/login/"}, data={
        "csrfmiddlewaretoken": found.group(1), "username": NAME, "password": password, "region": "default"})
    if page.status_code != 200 or "/auth/login" in page.url:
        raise Wrong("no login: status %d at %s" % (page.status_code, page.url))
    if NAME not in page.text or "/auth/logout" not in page.text:
        raise Wrong("another page after the login: " + page.url)
    return browser


def seen(url, password, authorities, image):
    browser = logged_in(url, password, authorities)
    answer = browser.get(url + "/api/glance/images/", timeout=SLOW, headers={"X-Requested-With": "XMLHttpRequest"})
    expect("status of its images", answer.status_code, 200)
    expect("its image is among them", image in [each["id"] for each in answer.json()["items"]], True)
    browser.get(url + "/auth/logout/", timeout=SLOW)
    again = browser.get(url + "/api/glance/images/", timeout=SLOW, headers={"X-Requested-With": "XMLHttpRequest"})
    expect("status after the logout", again.status_code, 401)
