// Keeps the page live: the appliance's events ask htmx for fresh fragments, at most one a second;
// every five seconds they are asked for anyway, which also covers a connection that was lost.
(function () {
  "use strict";
  var THROTTLE_MS = 1000;
  var POLL_MS = 5000;
  var lastAsked = 0;
  var timer = null;

  function ask() {
    timer = null;
    lastAsked = Date.now();
    htmx.trigger(document.body, "kindling-changed");
  }

  function changed() {
    if (timer === null && !document.hidden) {
      timer = setTimeout(ask, Math.max(0, lastAsked + THROTTLE_MS - Date.now()));
    }
  }

  // A change by this page proves that it comes from this page.
  document.addEventListener("htmx:configRequest", function (event) {
    var csrf = document.querySelector("meta[name=csrf]");
    if (csrf) {
      event.detail.headers[csrf.dataset.header] = csrf.content;
    }
  });

  function lost(is) {
    document.getElementById("lost").hidden = !is;
  }

  // What the reader has selected or scrolled to stays: a refresh then waits for the next one.
  document.addEventListener("htmx:beforeSwap", function (event) {
    var selection = document.getSelection();
    if (selection && !selection.isCollapsed && event.target.contains(selection.anchorNode)) {
      event.preventDefault();
    }
  });
  var scrolled = null;
  document.addEventListener("htmx:beforeSwap", function (event) {
    var log = event.target.querySelector("pre.log");
    scrolled = log && log.scrollTop + log.clientHeight < log.scrollHeight - 4 ? log.scrollTop : null;
  });
  function showLogEnd() {
    document.querySelectorAll("pre.log").forEach(function (log) {
      log.scrollTop = scrolled === null ? log.scrollHeight : scrolled;
    });
  }
  document.addEventListener("htmx:afterSwap", showLogEnd);
  document.addEventListener("htmx:sendError", function () { lost(true); });
  document.addEventListener("htmx:responseError", function () { lost(true); });
  document.addEventListener("htmx:afterOnLoad", function () { lost(false); });
  document.addEventListener("visibilitychange", changed);

  var source = new EventSource("/api/v1/events");
  source.onmessage = changed;
  source.onopen = changed;
  ["event", "node", "progress"].forEach(function (kind) { source.addEventListener(kind, changed); });

  setInterval(changed, POLL_MS);
  showLogEnd();
})();
