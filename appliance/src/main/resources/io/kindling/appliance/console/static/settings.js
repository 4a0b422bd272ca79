// The page Settings: a backup, the cluster as a file, and tokens for machines that have a system.
(function () {
  "use strict";
  var api = window.kindling;

  var form = document.getElementById("file");
  if (form) {
    var text = document.getElementById("yaml");
    var planned = document.getElementById("planned");
    var show = function (lines) {
      planned.hidden = false;
      planned.textContent = lines.map(function (line) { return line.node + ": " + line.outcome + ", " + line.detail; }).join("\n") || "Nothing: no machine has a place in it.";
    };
    document.getElementById("plan").addEventListener("click", function () {
      api.clear();
      api.send("POST", "/api/v1/cluster/plan", null, { "Content-Type": "application/yaml" }, text.value).then(function (result) {
        planned.hidden = !result.ok;
        if (result.ok) {
          show(result.json.nodes);
        } else {
          api.tell("cluster.yaml", result);
        }
      });
    });
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      api.clear();
      // Without a file yet, whoever applies one first wins: an empty state matches nothing else.
      api.send("PUT", "/api/v1/cluster", null, { "Content-Type": "application/yaml", "If-Match": '"' + form.dataset.etag + '"' }, text.value).then(function (result) {
        if (result.ok) {
          form.dataset.etag = result.etag;
          result.text = "applied";
          show(result.json.nodes);
        }
        api.tell("cluster.yaml", result);
      });
    });
  }

  var backup = document.getElementById("backup");
  if (backup) {
    backup.addEventListener("submit", function (event) {
      event.preventDefault();
      api.clear();
      var typed = backup.elements.passphrase;
      if (typed.value !== backup.elements.again.value) {
        api.tell("Backup", { ok: false, text: "The two passphrases differ." });
        return;
      }
      api.load("POST", "/api/v1/backup", { passphrase: typed.value }).then(function (result) {
        if (result.ok) {
          var link = document.createElement("a");
          link.href = URL.createObjectURL(result.file);
          link.download = "kindling-" + new Date().toISOString().slice(0, 19).replace(/:/g, "") + ".backup";
          link.click();
          setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000);
          backup.reset();
        }
        api.tell("Backup", result);
      });
    });
  }

  var renew = document.getElementById("renew");
  if (renew) {
    renew.addEventListener("submit", function (event) {
      event.preventDefault();
      api.clear();
      var chosen = renew.elements.secret.selectedOptions[0];
      api.confirmed("Make this anew?", "Whoever uses the present one by hand is refused after the next deployment:", [chosen.text]).then(function (yes) {
        return yes ? api.send("POST", "/api/v1/openstack/" + chosen.value, {}).then(function (result) {
          result.text = result.ok ? "made anew; deploying puts it into effect" : result.text;
          api.tell(chosen.text, result);
        }) : null;
      });
    });
  }

  var invite = document.getElementById("invite");
  if (invite) {
    invite.addEventListener("click", function () {
      api.clear();
      api.send("POST", "/api/v1/join-tokens", {}).then(function (result) {
        if (!result.ok) {
          api.tell("Token", result);
          return;
        }
        var told = document.getElementById("invited");
        told.hidden = false;
        told.textContent = "# As root on the machine, within " + result.json.validFor + ":\n" + result.json.commands.join("\n");
        told.focus();
      });
    });
  }
})();
