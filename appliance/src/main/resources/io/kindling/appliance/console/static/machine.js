// One machine's page: rescue, wipe, adoption; and how BMCs are reached, of a node or of a label.
(function () {
  "use strict";
  var api = window.kindling;
  var page = document.getElementById("node");

  function path() {
    return "/api/v1/nodes/" + encodeURIComponent(page.dataset.id);
  }

  function ended(result) {
    api.tell(page.dataset.name, result);
    api.changed();
  }

  // Whom the page does not show yet changed the node meanwhile is not overruled.
  function shown() {
    return { "If-Match": '"' + page.querySelector("[data-version]").dataset.version + '"' };
  }

  function on(id, listen) {
    var form = document.getElementById(id);
    if (form) {
      form.addEventListener("submit", function (event) {
        event.preventDefault();
        api.clear();
        listen(form, event.submitter ? event.submitter.value : "");
      });
    }
  }

  if (page) {
    on("rescue", function (form) {
      var keys = form.elements.keys.value.split("\n").map(function (key) { return key.trim(); }).filter(Boolean);
      api.confirmed(
        "Rescue this machine?",
        "Until you end it, its boots over the network end in the bootstrap. Its system does not run there, and what it serves is missed; nothing on its disks is touched:",
        [page.dataset.name]
      ).then(function (yes) {
        return yes ? api.insist("POST", path() + "/rescue", { keys: keys, restart: form.elements.restart.checked, yes: true }, shown()).then(ended) : null;
      });
    });
    on("wipe", function (form) {
      var chosen = Array.from(form.querySelectorAll("[name=disk]:checked"));
      if (chosen.length === 0) {
        api.tell(page.dataset.name, { ok: false, text: "Choose the disks." });
        return;
      }
      api.confirmed(
        "Wipe these disks of " + page.dataset.name + "?",
        "What is on them is lost for good, and with it the system where one of them holds it:",
        chosen.map(function (box) { return box.dataset.lost; })
      ).then(function (yes) {
        var disks = chosen.map(function (box) { return box.value; });
        return yes ? api.insist("POST", path() + "/wipe", { disks: disks, restart: form.elements.restart.checked, yes: true }, shown()).then(ended) : null;
      });
    });
    on("adopt", function (form) {
      var order = {};
      ["key", "address"].forEach(function (name) {
        if (form.elements[name].value.trim()) {
          order[name] = form.elements[name].value.trim() + (name === "key" ? "\n" : "");
        }
      });
      api.send("POST", path() + "/adopt", order).then(function (result) {
        form.elements.key.value = "";
        ended(result);
      });
    });
    page.addEventListener("click", function (event) {
      var button = event.target.closest("[data-end]");
      if (button) {
        api.clear();
        // Whatever else has changed on it, this ends only what the page shows.
        api.send("DELETE", path() + "/" + button.dataset.end, {}).then(ended);
      }
    });
    var boot = document.getElementById("network-boot");
    if (boot) {
      boot.addEventListener("click", function () {
        api.confirmed(
          "Boot it from the network?",
          "It is switched off and on by its BMC, and boots over the network this once. What runs on it stops at once; what was not written to disk is lost:",
          [page.dataset.name]
        ).then(function (yes) {
          api.clear();
          return yes ? api.insist("POST", path() + "/power", { verb: "cycle", boot: "network", yes: true }).then(ended) : null;
        });
      });
    }
  }

  var bmc = document.getElementById("bmc");
  if (bmc) {
    var kind = bmc.elements.kind;
    var fit = function () {
      bmc.querySelectorAll("[data-kind]").forEach(function (field) {
        field.hidden = field.dataset.kind !== kind.value;
      });
    };
    kind.addEventListener("change", fit);
    fit();
    var access = function () {
      var all = {};
      ["kind", "user", "password", "address", "cipher", "privilege", "system", "fingerprint", "ca"].forEach(function (name) {
        var field = bmc.elements[name];
        if (field && field.value && !field.closest("[hidden]")) {
          all[name] = name === "cipher" ? Number(field.value) : field.value;
        }
      });
      return all;
    };
    var told = function (who, kept) {
      api.tell(who, { ok: true, text: kept.kind + ", user " + kept.user + (kept.address ? ", at " + kept.address : "") + ", from " + kept.from });
    };
    on("bmc", function (form, what) {
      var label = form.elements.label;
      if (label && (!label.value || !label.reportValidity())) {
        label.focus();
        return;
      }
      var owner = label ? "/api/v1/labels/" + encodeURIComponent(label.value) : form.dataset.owner;
      var who = label ? "label " + label.value : form.dataset.name;
      var method = what === "unset" ? "DELETE" : what === "show" ? "GET" : "PUT";
      api.send(method, owner + "/power/access", method === "PUT" ? access() : undefined).then(function (result) {
        if (!result.ok || method === "DELETE") {
          result.text = result.ok ? "forgotten" : result.text;
          api.tell(who, result);
          api.changed();
          return null;
        }
        form.elements.password.value = "";
        told(who, result.json);
        api.changed();
        return label ? null : api.send("GET", owner + "/power").then(function (asked) { api.tell(who, asked); });
      });
    });
  }
})();
