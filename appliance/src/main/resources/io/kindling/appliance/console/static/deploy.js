// The pages Deploy, Health and Networks: orders, and a node's log as it is written.
(function () {
  "use strict";
  var api = window.kindling;
  var MOST_LINES = 2000;

  function key() {
    var random = new Uint32Array(4);
    crypto.getRandomValues(random);
    return Array.from(random).join("-");
  }

  function order(body, path) {
    api.clear();
    return api.send("POST", path || "/api/v1/deploy", body, { "Idempotency-Key": key() }).then(function (result) {
      if (!result.ok) {
        api.tell("Deploy", result);
      }
      var lines = result.ok && result.json.nodes || [];
      lines.forEach(function (line) {
        api.tell(line.node, { ok: line.outcome !== "refused", text: line.outcome + ": " + line.detail });
      });
      api.changed();
      // A protected node, or a disk known by its place alone, waits for a second word.
      var unsure = lines.filter(function (line) { return line.outcome === "refused" && /^APP-(068|513) /.test(line.detail); });
      return unsure.length && !body.confirm ? sure(body, unsure) : null;
    });
  }

  function sure(body, lines) {
    return api.confirmed("All the same?", "Their disks are wiped all the same, where you are sure:", lines.map(function (line) { return line.node + ": " + line.detail; })).then(function (yes) {
      return yes ? order(Object.assign({ confirm: lines.map(function (line) { return line.node; }) }, body)) : null;
    });
  }

  // Nodes that are worked on.
  function installing() {
    return Array.from(document.querySelectorAll("#deployment .s-provisioning, #deployment .s-deploying")).map(function (state) {
      return state.closest("tr").querySelector("b").textContent;
    });
  }

  var page = document.getElementById("deployment");
  if (page) {
    page.addEventListener("click", function (event) {
      var button = event.target.closest("[data-deploy]");
      if (!button) {
        return;
      }
      var node = button.dataset.node;
      switch (button.dataset.deploy) {
        case "start":
          order({});
          break;
        case "resume":
          order({ resume: true });
          break;
        case "pause":
          api.confirmed("Stop here?", "What runs is broken off and goes on where it stopped when you say so. Nothing that is done is lost. A machine in the midst of its installation does not start its own system until then:", installing())
            .then(function (yes) { if (yes) { order({}, "/api/v1/deploy/pause"); } });
          break;
        case "skip":
          api.confirmed("Go on without it?", "The phases are then done for the other nodes. Its services and drives are not part of the cluster until you take it in again:", [node])
            .then(function (yes) { if (yes) { order({ skip: [node] }); } });
          break;
        case "take":
          order({ resume: true, nodes: [node] }).then(function () { return order({}); });
          break;
        case "retry":
          // A phase is the whole cluster's: it goes on for all.
          order("phase" in button.dataset ? { resume: true } : { resume: true, nodes: [node] });
          break;
        default:
          api.confirmed("Install anew?", "All that is on the planned disks of this machine is lost, but what its rules keep:", [node])
            .then(function (yes) { if (yes) { order({ reinstall: [node], nodes: [node] }); } });
      }
    });
  }

  var anew = document.getElementById("reinstall");
  if (anew) {
    var name = document.getElementById("node").dataset.name;
    anew.addEventListener("click", function () {
      api.confirmed("Install anew?", "All that is on the planned disks of this machine is lost, but what its rules keep:", [name])
        .then(function (yes) { if (yes) { order({ reinstall: [name], nodes: [name] }); } });
    });
  }

  var choice = document.getElementById("log-node");
  if (choice) {
    var shown = document.getElementById("log-lines");
    var search = document.getElementById("log-search");
    var count = document.getElementById("log-count");
    var lines = [];
    var source = null;
    var drawn = null;
    var draw = function () {
      drawn = null;
      var wanted = search.value.toLowerCase();
      var found = lines.filter(function (line) { return line.toLowerCase().indexOf(wanted) >= 0; });
      var atEnd = shown.scrollTop + shown.clientHeight >= shown.scrollHeight - 4;
      shown.textContent = found.length ? found.join("\n") : lines.length ? "No line has that." : "Nothing was logged yet.";
      count.textContent = wanted ? found.length + " of " + lines.length + " lines" : lines.length + (lines.length === 1 ? " line" : " lines");
      if (atEnd) {
        shown.scrollTop = shown.scrollHeight;
      }
    };
    var later = function () { drawn = drawn || setTimeout(draw, 200); };
    var follow = function () {
      if (source) {
        source.close();
      }
      lines = [];
      draw();
      source = new EventSource("/api/v1/logs/" + encodeURIComponent(choice.value) + "?lines=500&follow=yes");
      source.onopen = function () { lines = []; };
      source.onmessage = function (message) {
        lines.push(api.local(message.data));
        if (lines.length > MOST_LINES) {
          lines.shift();
        }
        later();
      };
    };
    var address = function () {
      var asked = new URLSearchParams();
      asked.set("log", choice.selectedOptions[0].dataset.name);
      if (search.value) {
        asked.set("q", search.value);
      }
      history.replaceState(null, "", "/deploy?" + asked);
    };
    var told = new URLSearchParams(location.search);
    Array.from(choice.options).forEach(function (option) { option.selected = option.selected || option.dataset.name === told.get("log"); });
    search.value = told.get("q") || "";
    choice.addEventListener("change", function () { address(); follow(); });
    search.addEventListener("input", function () { address(); draw(); });
    search.form.addEventListener("submit", function (event) { event.preventDefault(); });
    follow();
  }

  // What takes its time: the button says so meanwhile.
  function long(id, path, what, done) {
    var button = document.getElementById(id);
    if (!button) {
      return;
    }
    var label = button.textContent;
    button.addEventListener("click", function () {
      api.clear();
      button.disabled = true;
      button.textContent = label + " …";
      api.send("POST", path, {}).then(function (result) {
        button.disabled = false;
        button.textContent = label;
        if (result.ok) {
          result.text = result.json.good ? "everything is as it should be" : "see the findings";
        }
        api.tell(what, result);
        if (result.ok) {
          done();
        }
      });
    });
  }
  long("check", "/api/v1/check", "Check", function () { location.reload(); });
  long("verify", "/api/v1/cluster/networks", "Networks", function () { location.reload(); });
})();
