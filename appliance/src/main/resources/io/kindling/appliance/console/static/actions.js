// What the pages can change, all through the API; what would lose something asks first.
(function () {
  "use strict";
  var AT_ONCE = 4;

  // The one place where a change leaves the page.
  function headers() {
    var all = { "Content-Type": "application/json", "Accept": "application/json" };
    var csrf = document.querySelector("meta[name=csrf]");
    if (csrf) {
      all[csrf.dataset.header] = csrf.content;
    }
    return all;
  }

  function ask(method, path, body, more) {
    return fetch(path, { method: method, headers: Object.assign(headers(), more || {}), body: method === "GET" ? undefined : body });
  }

  function read(answer) {
    return answer.text().then(function (text) {
      var json = null;
      try { json = text ? JSON.parse(text) : {}; } catch (e) { json = {}; }
      var told = [json.id, json.title, json.detail, json.cure].filter(Boolean).join(" · ");
      return { ok: answer.ok, status: answer.status, etag: (answer.headers.get("ETag") || "").replace(/"/g, ""), json: json, text: answer.ok ? (json.text || "done") : (told || "refused: " + answer.status) };
    });
  }

  function silent() {
    return { ok: false, json: {}, text: "The appliance does not answer." };
  }

  function send(method, path, body, more, text) {
    return ask(method, path, text === undefined ? JSON.stringify(body) : text, more).then(read, silent);
  }

  // What is answered with a file.
  function load(method, path, body) {
    return ask(method, path, JSON.stringify(body), { "Accept": "*/*" }).then(function (answer) {
      return answer.ok ? answer.blob().then(function (file) { return { ok: true, file: file, text: "done" }; }) : read(answer);
    }).catch(silent);
  }

  var outcome = document.getElementById("outcome");
  function tell(who, result) {
    var line = document.createElement("p");
    line.className = result.ok ? "good" : "bad";
    line.textContent = who + ": " + result.text;
    outcome.append(line);
  }

  function changed() {
    htmx.trigger(document.body, "kindling-changed");
  }

  // Resolves to true where the reader wants it.
  function confirmed(title, text, names) {
    var dialog = document.getElementById("confirm");
    dialog.querySelector("h2").textContent = title;
    document.getElementById("confirm-text").textContent = text;
    document.getElementById("confirm-list").replaceChildren.apply(
      document.getElementById("confirm-list"),
      names.map(function (name) {
        var item = document.createElement("li");
        item.textContent = name;
        return item;
      }));
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise(function (resolve) {
      dialog.addEventListener("close", function () { resolve(dialog.returnValue === "yes"); }, { once: true });
    });
  }
  document.querySelectorAll("#confirm button").forEach(function (button) {
    button.addEventListener("click", function () { document.getElementById("confirm").close(button.value); });
  });

  // What is refused until it is confirmed (a protected node, a disk known by its place alone) is asked once more.
  function insist(method, path, body, more) {
    return send(method, path, body, more).then(function (result) {
      if (result.ok || ["APP-068", "APP-513"].indexOf(result.json.id) < 0 || body.confirm) {
        return result;
      }
      return confirmed("All the same?", result.json.title + ". Where you are sure, it is done all the same:", [result.json.detail]).then(function (yes) {
        return yes ? send(method, path, Object.assign({ confirm: true }, body), more) : result;
      });
    });
  }

  function path(id) {
    return "/api/v1/nodes/" + encodeURIComponent(id);
  }

  // A few at a time: fifty BMCs at once are nobody's friend.
  function forEach(nodes, change) {
    outcome.replaceChildren();
    var waiting = nodes.slice();
    function next() {
      var node = waiting.shift();
      return node ? change(node).then(function (result) { tell(node.name, result); return next(); }) : null;
    }
    return Promise.all(Array.from({ length: AT_ONCE }, next)).then(changed);
  }

  function power(nodes, verb) {
    var order = function (node) {
      return send("POST", path(node.id) + "/power", { verb: verb, yes: verb !== "on" });
    };
    if (verb === "on") {
      return forEach(nodes, order);
    }
    return confirmed(
      verb === "off" ? "Power off?" : "Power cycle?",
      "What runs on these machines stops at once; what was not written to disk is lost:",
      nodes.map(function (node) { return node.name; })
    ).then(function (yes) { return yes ? forEach(nodes, order) : null; });
  }

  // Log lines begin with their time in UTC: shown by the reader's clock and zone.
  function local(text) {
    return text.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/gm, function (utc) {
      return new Date(utc).toLocaleString("sv-SE");
    });
  }
  function localLogs() {
    document.querySelectorAll("pre.log").forEach(function (log) {
      var shown = local(log.textContent);
      if (shown !== log.textContent) {
        log.textContent = shown;
      }
    });
  }
  document.addEventListener("DOMContentLoaded", localLogs);
  document.addEventListener("htmx:afterSwap", localLogs);

  window.kindling = { local: local, send: send, insist: insist, load: load, tell: tell, changed: changed, confirmed: confirmed, clear: function () { outcome.replaceChildren(); } };

  // --- The list: what is selected outlives each refresh.
  var bulk = document.getElementById("bulk");
  var list = document.getElementById("nodes");
  var selected = new Map();

  function picks() {
    return Array.from(list.querySelectorAll("td input.pick"));
  }

  function show() {
    var boxes = picks();
    boxes.forEach(function (box) { box.checked = selected.has(box.value); });
    var all = document.getElementById("pick-all");
    if (all) {
      var on = boxes.filter(function (box) { return box.checked; }).length;
      all.checked = on > 0 && on === boxes.length;
      all.indeterminate = on > 0 && on < boxes.length;
    }
    bulk.hidden = selected.size === 0;
    document.getElementById("bulk-count").textContent =
      selected.size === 1 ? "1 node selected" : selected.size + " nodes selected";
  }

  function pick(box) {
    if (box.checked) {
      selected.set(box.value, { id: box.value, name: box.dataset.name });
    } else {
      selected.delete(box.value);
    }
  }

  if (bulk && list) {
    list.addEventListener("change", function (event) {
      if (event.target.id === "pick-all") {
        picks().forEach(function (box) { box.checked = event.target.checked; pick(box); });
      } else if (event.target.matches("input.pick")) {
        pick(event.target);
      }
      show();
    });
    document.addEventListener("htmx:afterSwap", show);
    bulk.addEventListener("submit", function (event) { event.preventDefault(); });
    bulk.addEventListener("click", function (event) {
      var what = event.target.dataset.bulk;
      var nodes = Array.from(selected.values());
      var label = bulk.elements.label;
      if (what === "none") {
        selected.clear();
        show();
      } else if (what === "label" || what === "unlabel") {
        if (!label.value || !label.reportValidity()) {
          label.focus();
          return;
        }
        var change = what === "label" ? { addLabels: [label.value] } : { removeLabels: [label.value] };
        forEach(nodes, function (node) { return send("PATCH", path(node.id), change); });
      } else if (what === "adopt") {
        forEach(nodes, function (node) { return send("POST", path(node.id) + "/adopt", {}); });
      } else if (what) {
        power(nodes, what);
      }
    });
    show();
  }

  // --- One node.
  var page = document.getElementById("node");
  if (page && document.getElementById("label")) { // a viewer's page has no actions
    var node = { id: page.dataset.id, name: page.dataset.name };
    document.getElementById("label").addEventListener("submit", function (event) {
      event.preventDefault();
      var label = event.target.elements.label;
      var remove = event.submitter && event.submitter.value === "remove";
      forEach([node], function () {
        return send("PATCH", path(node.id), remove ? { removeLabels: [label.value] } : { addLabels: [label.value] });
      });
    });
    document.getElementById("rename").addEventListener("submit", function (event) {
      event.preventDefault();
      outcome.replaceChildren();
      // Whom the page does not show yet renamed it meanwhile is not overruled.
      var shown = { "If-Match": '"' + document.querySelector("#node [data-version]").dataset.version + '"' };
      send("PATCH", path(node.id), { name: event.target.elements.name.value }, shown).then(function (result) {
        if (result.ok) {
          location.assign("/nodes/" + encodeURIComponent(result.json.name));
        } else {
          tell(node.name, result);
        }
      });
    });
    document.getElementById("remove").addEventListener("click", function () {
      confirmed(
        "Forget this node?",
        "Its name, labels, addresses and host key are forgotten, and what it reported. Its system and its data stay on its disks. If it reports again it is a new node:",
        [node.name]
      ).then(function (yes) {
        if (!yes) {
          return null;
        }
        outcome.replaceChildren();
        return send("DELETE", path(node.id), { yes: true }).then(function (result) {
          if (result.ok) {
            location.assign("/");
          } else {
            tell(node.name, result);
          }
        });
      });
    });
    document.querySelectorAll("[data-power]").forEach(function (button) {
      button.addEventListener("click", function () { power([node], button.dataset.power); });
    });
    document.querySelectorAll("[data-locate]").forEach(function (button) {
      button.addEventListener("click", function () {
        forEach([node], function () {
          return send("POST", path(node.id) + "/locate", { on: button.dataset.locate === "true" });
        });
      });
    });
  }
})();
