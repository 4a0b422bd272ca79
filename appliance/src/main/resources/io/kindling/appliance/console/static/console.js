// Keeps the page live: the appliance's events ask htmx for fresh fragments, at most one a second;
// every five seconds they are asked for anyway, which also covers a connection that was lost.
(function () {
  "use strict";
  var THROTTLE_MS = 1000;
  var POLL_MS = 5000;
  var TYPING_MS = 30;
  var NEWS_SHOWN = 4;
  var lastAsked = 0;
  var timer = null;

  function ask() {
    timer = null;
    htmx.trigger(document.body, "kindling-changed");
  }
  document.body.addEventListener("kindling-changed", function () { lastAsked = Date.now(); });

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

  // By the reader's own clock and zone: where how long ago stands in the page, when it is pointed at.
  var zoned = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
  function clock(time) {
    var at = new Date(time.dateTime);
    return isNaN(at) ? time.textContent : zoned.format(at);
  }
  function showTimes() {
    document.querySelectorAll("time[datetime]").forEach(function (time) {
      if (time.textContent === time.getAttribute("datetime")) {
        time.textContent = clock(time);
      }
    });
  }
  document.addEventListener("pointerover", function (event) {
    if (event.target.tagName === "TIME" && event.target.dateTime) {
      event.target.title = clock(event.target);
    }
  });
  document.addEventListener("htmx:afterSwap", showTimes);
  document.addEventListener("htmx:sendError", function () { lost(true); });
  document.addEventListener("htmx:responseError", function () { lost(true); });
  document.addEventListener("htmx:afterOnLoad", function () { lost(false); });
  document.addEventListener("visibilitychange", changed);

  document.querySelectorAll("nav a").forEach(function (link) {
    var own = link.pathname === "/" ? "/nodes" : link.pathname;
    var first = link.pathname === "/cluster" && link.closest(".steps"); // a step, no folder of steps
    if (link.pathname === location.pathname || !first && location.pathname.indexOf(own + "/") === 0) {
      link.setAttribute("aria-current", "page");
    }
  });

  // The list is what its form asks for, and so is the URL.
  var filter = document.getElementById("filter");
  function query() {
    var asked = new URLSearchParams();
    new FormData(filter).forEach(function (value, key) { if (value) { asked.append(key, value); } });
    return filter.getAttribute("action") + (asked.toString() ? "?" + asked : "");
  }
  if (filter) {
    var typing = null;
    filter.addEventListener("input", function () {
      clearTimeout(typing);
      typing = setTimeout(function () {
        filter.querySelectorAll("[name=after], [name=page]").forEach(function (field) { field.remove(); });
        history.replaceState(null, "", query());
        htmx.trigger(document.body, "kindling-filter");
      }, TYPING_MS);
    });
    filter.addEventListener("submit", function (event) { event.preventDefault(); });
    document.addEventListener("keydown", function (event) {
      if (event.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) {
        event.preventDefault();
        filter.elements.q.focus();
      }
    });
  }

  // New machines announce themselves.
  var news = document.getElementById("news");
  function announce(event) {
    if (["node-discovered", "node-adoptable", "node-joined"].indexOf(event.kind) < 0) {
      return;
    }
    var line = document.createElement("p");
    var link = document.createElement("a");
    link.href = "/nodes/" + encodeURIComponent(event.node);
    link.textContent = "New: " + event.text;
    line.append(link);
    news.append(line);
    while (news.children.length > NEWS_SHOWN) {
      news.firstChild.remove();
    }
    setTimeout(function () { line.remove(); }, 60000);
  }

  var from = document.querySelector("[data-newest]");
  if (from) {
    var source = new EventSource("/api/v1/events?after=" + from.dataset.newest);
    source.onmessage = function (message) {
      announce(JSON.parse(message.data));
      changed();
    };
    var opened = false;
    source.onopen = function () {
      if (opened) { // again: what was missed meanwhile may be more than events
        changed();
      }
      opened = true;
    };
    setInterval(changed, POLL_MS);
  }
  showLogEnd();
  showTimes();
})();
