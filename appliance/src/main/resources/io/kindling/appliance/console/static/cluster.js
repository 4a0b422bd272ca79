// The steps to a cluster: each change goes to the cluster file through the API and says on which
// state of it the reader's eye was, so that two operators never undo each other's work.
(function () {
  "use strict";
  var api = window.kindling;
  var CLUSTER = "/api/v1/cluster";
  var NAMED = 8;
  var busy = false; // while something is dragged or edited, no refresh takes it away

  function etag() {
    var state = document.getElementById("state") || document.getElementById("storage");
    return state ? state.dataset.etag : "";
  }

  function change(what, body) {
    api.clear();
    return api.send("PATCH", CLUSTER, body, { "If-Match": '"' + etag() + '"' }).then(function (result) {
      if (result.ok) {
        result.text = "saved";
      }
      api.tell(what, result);
      if (result.ok || result.status === 412) {
        busy = false;
        document.activeElement.blur();
        api.changed();
      }
      return result;
    });
  }

  document.addEventListener("htmx:beforeSwap", function (event) {
    var at = document.activeElement;
    if (event.target.id === "design" && (busy || at && at.closest(".drive"))) {
      event.preventDefault();
    }
  });

  // --- Storage settings.
  var storage = document.getElementById("storage");
  if (storage) {
    storage.addEventListener("submit", function (event) {
      event.preventDefault();
      var fields = storage.elements;
      var volumes = Array.from(storage.querySelectorAll("[name=volumes]:checked")).map(function (box) { return box.value; });
      change("Storage settings", {
        storage: {
          images: fields.images.value,
          volumes: volumes,
          ephemeral: fields.ephemeral.value,
          objects: fields.objects.value,
          replicas: Number(fields.replicas.value)
        }
      }).then(function (result) {
        if (result.ok) {
          storage.dataset.etag = result.etag;
        }
      });
    });
  }

  // --- Roles.
  var bar = document.getElementById("rolebar");
  if (bar) {
    var design = document.getElementById("design");
    // What is selected outlives each refresh, filter and page.
    var selected = new Map();
    var rows = function () { return Array.from(design.querySelectorAll("tr[data-editable]")); };
    var told = function (row) {
      var roles = row.dataset.roles.trim();
      return { id: row.dataset.node, name: row.dataset.name, roles: roles ? roles.split(" ") : [] };
    };
    var pick = function (row, on) {
      if (on) {
        selected.set(row.dataset.node, told(row));
      } else {
        selected.delete(row.dataset.node);
      }
    };
    var show = function () {
      var on = 0;
      rows().forEach(function (row) {
        var is = selected.has(row.dataset.node);
        on += is ? 1 : 0;
        pick(row, is); // with the roles that it has now
        row.querySelector("input.pick").checked = is;
        row.classList.toggle("picked", is);
      });
      document.getElementById("roles-count").textContent =
        selected.size === 0 ? "No node is selected" : selected.size === 1 ? "1 node selected" : selected.size + " nodes selected";
      var all = document.getElementById("pick-nodes");
      if (all) {
        all.checked = on > 0 && on === rows().length;
        all.indeterminate = on > 0 && !all.checked;
      }
    };
    // A row stands for all that are selected, where it is one of them.
    var meant = function (row) {
      return row && !selected.has(row.dataset.node) ? [told(row)] : Array.from(selected.values());
    };
    var give = function (some, verb, role) {
      if (some.length === 0) {
        api.clear();
        api.tell("Roles", { ok: false, text: "select nodes first" });
        return;
      }
      var wishes = some.map(function (node) {
        var roles = node.roles.filter(function (r) { return r !== role; });
        return { node: node.id, roles: verb === "none" ? [] : verb === "add" ? roles.concat([role]) : roles };
      });
      var names = some.slice(0, NAMED).map(function (node) { return node.name; }).join(", ") + (some.length > NAMED ? " and " + (some.length - NAMED) + " more" : "");
      change((verb === "add" ? "+ " + role : verb === "remove" ? "− " + role : "no roles") + " · " + names, { nodes: wishes }).then(function (result) {
        if (result.ok) { // those of other pages have them too
          wishes.forEach(function (wish) { if (selected.has(wish.node)) { selected.get(wish.node).roles = wish.roles; } });
        }
      });
    };
    design.addEventListener("change", function (event) {
      if (event.target.id === "pick-nodes") {
        rows().forEach(function (row) { pick(row, event.target.checked); });
      } else if (event.target.matches("input.pick")) {
        pick(event.target.closest("tr"), event.target.checked);
      }
      show();
    });
    design.addEventListener("click", function (event) {
      var role = event.target.dataset.remove;
      if (role) {
        give([told(event.target.closest("tr"))], "remove", role);
      }
    });
    bar.addEventListener("submit", function (event) { event.preventDefault(); });
    bar.addEventListener("click", function (event) {
      var verb = event.target.dataset.roles;
      if (verb === "none") {
        var some = meant(null);
        api.confirmed("Remove all roles?", "These are then not part of the cluster:", some.map(function (node) { return node.name; }))
          .then(function (yes) { if (yes) { give(some, "none", ""); } });
      } else if (verb) {
        give(meant(null), verb, bar.elements.role.value);
      }
    });
    var dragged = null;
    design.addEventListener("dragstart", function (event) {
      dragged = event.target.closest(".rolecard, tr[data-editable]");
      if (dragged) {
        busy = true;
        event.dataTransfer.effectAllowed = "copy";
        event.dataTransfer.setData("text/plain", dragged.dataset.role || dragged.dataset.name);
      }
    });
    var target = function (event) {
      var over = dragged && event.target.closest(dragged.dataset.role ? "tr[data-editable]" : ".rolecard");
      return over && over !== dragged ? over : null;
    };
    design.addEventListener("dragover", function (event) {
      var over = target(event);
      design.querySelectorAll(".over").forEach(function (e) { e.classList.remove("over"); });
      if (over) {
        event.preventDefault();
        over.classList.add("over");
      }
    });
    design.addEventListener("drop", function (event) {
      var over = target(event);
      if (over) {
        event.preventDefault();
        give(meant(dragged.dataset.role ? over : dragged), "add", dragged.dataset.role || over.dataset.role);
      }
    });
    design.addEventListener("dragend", function () {
      dragged = null;
      busy = false;
      design.querySelectorAll(".over").forEach(function (e) { e.classList.remove("over"); });
    });
    document.addEventListener("htmx:afterSwap", show);
    show();
  }

  // --- The disks of one node.
  var GIB = 1024;
  function human(mib) {
    return mib >= 1024 * GIB ? (mib / 1024 / GIB).toFixed(1) + " TiB" : mib >= GIB ? (mib / GIB).toFixed(1) + " GiB" : mib + " MiB";
  }

  // A drive as edited: which volumes in which order, each with a size or the rest.
  function drive(box) {
    var uses = Array.from(box.querySelectorAll(".use")).filter(function (use) { return use.querySelector(".used").checked; });
    var room = Number(box.dataset.size) - Number(box.dataset.service);
    var fixed = 0;
    var open = 0;
    uses.forEach(function (use) {
      var value = use.querySelector(".mib").value;
      if (value) { fixed += Number(value); } else { open += 1; }
    });
    var share = open ? Math.max(0, Math.floor((room - fixed) / open)) : 0;
    return uses.map(function (use) {
      var field = use.querySelector(".mib");
      return { use: use, field: field, volume: use.dataset.volume, kind: use.dataset.kind, mirror: "mirror" in use.dataset, mib: field.value ? Number(field.value) : share };
    });
  }

  function draw(box) {
    var keep = box.querySelector(".keep").checked;
    box.querySelectorAll(".use").forEach(function (use) {
      var on = use.querySelector(".used").checked && !keep;
      use.querySelector(".used").disabled = keep;
      use.querySelector(".mib").hidden = !on || "mirror" in use.dataset;
      use.querySelector(".unit").hidden = use.querySelector(".mib").hidden || !use.querySelector(".mib").value;
      use.querySelector(".told").textContent = "";
    });
    var parts = keep ? [] : drive(box);
    var size = Number(box.dataset.size);
    var svg = box.querySelector("svg");
    svg.querySelectorAll("[data-part]").forEach(function (rect) { rect.remove(); });
    box.querySelectorAll(".handle").forEach(function (handle) { handle.dataset.stale = "yes"; });
    var at = Number(box.dataset.service);
    parts.forEach(function (part, i) {
      var rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      rect.setAttribute("class", "k-" + part.kind);
      rect.dataset.part = part.volume;
      rect.setAttribute("x", Math.round(at * 1000 / size));
      rect.setAttribute("y", 0);
      rect.setAttribute("width", Math.max(4, Math.round(part.mib * 1000 / size)));
      rect.setAttribute("height", 10);
      svg.append(rect);
      at += part.mib;
      part.use.querySelector(".told").textContent = (part.field.value ? "= " : "") + human(part.mib);
      if (box.closest("[data-editable]") && i + 1 < parts.length && !part.mirror && !parts[i + 1].mirror) {
        handle(box, part, parts[i + 1], at / size);
      }
    });
    box.querySelectorAll(".handle[data-stale]").forEach(function (handle) { handle.remove(); });
    svg.setAttribute("aria-label", keep ? "never touched" : parts.map(function (p) { return p.volume + " " + human(p.mib); }).join(", ") || "not used");
  }

  // Between two volumes: moved by pointer and by arrow keys.
  function handle(box, left, right, share) {
    var key = left.volume + "-" + right.volume;
    var strip = box.querySelector(".strip");
    var knob = strip.querySelector('[data-between="' + key + '"]');
    if (!knob) {
      knob = document.createElement("button");
      knob.type = "button";
      knob.className = "handle";
      knob.dataset.between = key;
      knob.setAttribute("role", "slider");
      knob.setAttribute("aria-label", "Boundary between " + left.volume + " and " + right.volume);
      knob.setAttribute("aria-valuemin", "1");
      strip.append(knob);
      knob.addEventListener("keydown", function (event) {
        var step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10 }[event.key];
        if (step) {
          event.preventDefault();
          move(box, key, step * GIB);
        }
      });
      knob.addEventListener("pointerdown", function (event) {
        event.preventDefault();
        knob.focus(); // while it has the focus, no refresh comes
        knob.setPointerCapture(event.pointerId);
        var x = event.clientX;
        var width = strip.getBoundingClientRect().width;
        var moved = function (e) {
          var mib = Math.round((e.clientX - x) / width * Number(box.dataset.size));
          if (mib && move(box, key, mib)) {
            x = e.clientX;
          }
        };
        knob.addEventListener("pointermove", moved);
        knob.addEventListener("pointerup", function () { knob.removeEventListener("pointermove", moved); }, { once: true });
      });
    }
    delete knob.dataset.stale;
    knob.style.left = (share * 100) + "%";
    knob.setAttribute("aria-valuenow", String(left.mib));
    knob.setAttribute("aria-valuemax", String(left.mib + right.mib));
    knob.setAttribute("aria-valuetext", left.volume + " " + human(left.mib) + ", " + right.volume + " " + human(right.mib));
  }

  // What takes the rest stays the rest; the other one's size changes.
  function move(box, key, mib) {
    var parts = drive(box);
    var i = parts.findIndex(function (p, n) { return parts[n + 1] && p.volume + "-" + parts[n + 1].volume === key; });
    var left = parts[i];
    var right = parts[i + 1];
    var by = Math.max(1 - left.mib, Math.min(right.mib - 1, mib));
    if (!by) {
      return false;
    }
    if (left.field.value || !right.field.value) {
      left.field.value = left.mib + by;
    }
    if (right.field.value) {
      right.field.value = right.mib - by;
    }
    edited(box);
    return true;
  }

  function edited(box) {
    busy = true;
    document.getElementById("save").disabled = false;
    document.getElementById("undo").disabled = false;
    draw(box);
  }

  function rules(form) {
    return Array.from(form.querySelectorAll(".drive")).map(function (box) {
      if (box.querySelector(".keep").checked) {
        return { id: box.dataset.disk, keep: true };
      }
      var rule = { id: box.dataset.disk, use: {} };
      var parts = drive(box);
      parts.forEach(function (part) {
        if (!part.mirror) {
          rule.use[part.volume] = part.field.value ? Number(part.field.value) : "all";
        } else if (part.volume === "os") {
          rule.use.os = "mirror"; // the other mirrored ones follow
        }
      });
      var keep = box.dataset.keep.trim();
      if (keep) {
        rule.keep = keep.split(" ");
      }
      if (Number(box.dataset.spare) && rule.use.cephjournal) {
        rule.spare = Number(box.dataset.spare);
      }
      return rule;
    });
  }

  function me() {
    return document.getElementById("state").dataset;
  }

  function refresh() {
    busy = false;
    document.activeElement.blur();
    api.clear();
    htmx.trigger(document.body, "kindling-changed");
  }

  function prepare() {
    document.querySelectorAll("#disks .drive").forEach(draw);
    document.querySelectorAll("#disks:not([data-editable]) input").forEach(function (input) { input.disabled = true; });
  }

  var page = document.getElementById("design");
  if (page && document.getElementById("disks")) {
    document.addEventListener("htmx:afterSwap", prepare);
    prepare();
    page.addEventListener("input", function (event) {
      var box = event.target.closest(".drive");
      if (box) {
        edited(box);
      }
    });
    page.addEventListener("submit", function (event) {
      event.preventDefault();
      if (event.target.id === "disks") {
        change(me().name, { nodes: [{ node: me().node, disks: rules(event.target) }] });
      } else if (event.target.id === "copy") {
        var names = Array.from(event.target.querySelectorAll(":checked")).map(function (box) { return box.value; });
        change(names.join(", "), { nodes: names.map(function (name) { return { node: name, like: me().node }; }) });
      }
    });
    page.addEventListener("click", function (event) {
      if (event.target.id === "undo") {
        refresh();
      } else if (event.target.id === "standard") {
        change(me().name, { nodes: [{ node: me().node, disks: [] }] });
      }
    });
    // A volume is dragged from drive to drive.
    var held = null;
    page.addEventListener("dragstart", function (event) {
      held = event.target.closest(".use");
      if (held) {
        busy = true;
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", held.dataset.volume);
      }
    });
    page.addEventListener("dragover", function (event) {
      var over = held && event.target.closest(".drive");
      if (over && over !== held.closest(".drive")) {
        event.preventDefault();
      }
    });
    page.addEventListener("drop", function (event) {
      var to = held && event.target.closest(".drive");
      var from = held && held.closest(".drive");
      if (!to || to === from) {
        return;
      }
      event.preventDefault();
      var place = to.querySelector('.use[data-volume="' + held.dataset.volume + '"]');
      place.querySelector(".used").checked = true;
      place.querySelector(".mib").value = "";
      held.querySelector(".used").checked = false;
      held.querySelector(".mib").value = "";
      edited(from);
      edited(to);
      held = null;
    });
  }

  // --- Review.
  var look = document.getElementById("look");
  if (look) {
    look.addEventListener("submit", function (event) {
      event.preventDefault();
      api.clear();
      var button = look.querySelector("button");
      button.disabled = true;
      api.load("GET", "/api/v1/cluster/plan/phases").then(function (result) {
        return result.ok ? result.file.text().then(function (text) { result.plan = text; return result; }) : result;
      }).then(function (result) {
        button.disabled = false;
        var looked = document.getElementById("looked");
        looked.hidden = !result.ok;
        if (result.ok) {
          looked.textContent = result.plan;
          looked.focus();
        } else {
          api.tell("The phases", result);
        }
      });
    });
  }

  var deploy = document.getElementById("deploy");
  if (deploy) {
    deploy.addEventListener("submit", function (event) {
      event.preventDefault();
      api.clear();
      var lost = Array.from(document.querySelectorAll("#lost-count, .lostlist li")).map(function (line) { return line.textContent.trim(); });
      api.confirmed("Deploy?", lost.length ? "What is on these disks is lost:" : "Nothing is lost: the disks that are used are blank.", lost)
        .then(function (yes) {
          return yes ? api.send("POST", "/api/v1/deploy", {}, { "Idempotency-Key": String(Date.now()) + "-" + Math.random() }) : null;
        })
        .then(function (result) {
          if (!result) {
            return;
          }
          if (!result.ok) {
            api.tell("Deploy", result);
            return;
          }
          var lines = result.json.nodes || [];
          lines.forEach(function (line) {
            api.tell(line.node, { ok: line.outcome !== "refused", text: line.outcome + ": " + line.detail });
          });
          if (lines.some(function (line) { return line.outcome === "started" || line.outcome === "running"; })) {
            location.assign("/deploy");
          }
        });
    });
  }
})();
