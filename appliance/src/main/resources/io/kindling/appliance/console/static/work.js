// Work on a cluster that serves: maintenance, drives. What would be done is shown before it is.
(function () {
  "use strict";
  var api = window.kindling;

  // Decides, shows the steps, and begins where the reader wants it.
  function order(who, path, body) {
    api.clear();
    return api.send("POST", path, Object.assign({ dryRun: true }, body)).then(function (planned) {
      if (!planned.ok || planned.json.refused) {
        api.tell(who, { ok: false, text: planned.ok ? planned.json.text : planned.text });
        return null;
      }
      var lines = planned.json.text.split("\n").filter(function (line) { return line.trim(); });
      return api.confirmed(planned.json.title + "?", "One after another, each waits for the cluster before the next:", lines.slice(1)).then(function (yes) {
        return yes ? api.insist("POST", path, body).then(function (begun) {
          api.tell(who, begun.ok ? { ok: true, text: "begun; the page Health tells how it stands" } : begun);
          api.changed();
        }) : null;
      });
    });
  }

  var page = document.getElementById("node");
  if (page) {
    var node = "/api/v1/nodes/" + encodeURIComponent(page.dataset.id);
    document.querySelectorAll("[data-maintain]").forEach(function (button) {
      button.addEventListener("click", function () {
        order(page.dataset.name, node + "/maintenance", { step: button.dataset.maintain });
      });
    });
    var evacuate = document.getElementById("evacuate");
    if (evacuate) {
      evacuate.addEventListener("submit", function (event) {
        event.preventDefault();
        order(page.dataset.name, node + "/evacuate", { off: evacuate.elements.off.checked });
      });
    }
    var retire = document.getElementById("retire");
    if (retire) {
      retire.addEventListener("click", function () {
        order(page.dataset.name, node + "/retire", {});
      });
    }
    var add = document.getElementById("add-osd");
    if (add) {
      add.addEventListener("submit", function (event) {
        event.preventDefault();
        var disk = add.elements.disk.value.trim();
        order(page.dataset.name, node + "/osds", { disks: disk ? [disk] : [] });
      });
    }
  }

  var replace = document.getElementById("replace-osd");
  if (replace) {
    replace.addEventListener("submit", function (event) {
      event.preventDefault();
      var body = { how: replace.elements.how.value };
      if (replace.elements.disk.value.trim()) {
        body.disk = replace.elements.disk.value.trim();
      }
      order("osd." + replace.elements.osd.value, "/api/v1/osds/" + replace.elements.osd.value + "/replace", body);
    });
  }

  var operation = document.getElementById("operation");
  if (operation) {
    operation.addEventListener("click", function (event) {
      if (event.target.id === "resume-operation") {
        api.clear();
        api.send("POST", "/api/v1/operation/resume", {}).then(function (result) {
          result.text = result.ok ? "goes on" : result.text;
          api.tell("The operation", result);
          api.changed();
        });
      }
    });
  }
})();
