// Keeps the page in step with the appliance: events arrive as server-sent events and make htmx fetch the fragments anew.
(function () {
  "use strict";
  var live = document.getElementById("live");
  var waiting = null;

  function show(state, text) {
    live.className = "live " + state;
    live.textContent = text;
  }

  function changed() {
    if (waiting === null) {
      waiting = setTimeout(function () {
        waiting = null;
        htmx.trigger(document.body, "kindling-change");
      }, 250);
    }
  }

  var events = new EventSource("/api/v1/events?after=" + encodeURIComponent(document.body.dataset.after));
  events.onopen = function () { show("on", "live"); };
  events.onerror = function () { show("off", "not connected"); };
  events.onmessage = changed;

  var log = document.getElementById("log");
  if (log !== null) {
    var source = new EventSource(log.dataset.log);
    source.onopen = function () { log.textContent = ""; };
    source.onmessage = function (message) {
      var line = JSON.parse(message.data);
      var atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
      log.append(line.at.substring(11, 19) + " " + line.task + "  " + line.text + "\n");
      while (log.childNodes.length > 2000) { log.firstChild.remove(); }
      if (atEnd) { log.scrollTop = log.scrollHeight; }
    };
  }
})();
