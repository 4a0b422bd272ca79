// A refresh changes in the page only what it brings new, so that a list of a hundred machines costs
// the browser what the one that changed costs. `hx-swap="live"` asks for it, where the fragment has
// no forms of its own. Rows and lines keep their identity by `data-key`.
(function () {
  "use strict";
  var ROWS = /<(tr|li) [^>]*?data-key="([^"]+)"[^>]*>[^]*?<\/\1>/g;
  var shown = new WeakMap(); // target → key → the row's text as it came last
  var coming = new WeakMap(); // the same of the answer that is about to be shown

  function key(node) {
    return node.nodeType === Node.ELEMENT_NODE ? node.dataset.key || node.id : "";
  }

  function attributes(was, is) {
    Array.from(was.attributes).forEach(function (old) {
      // What the reader has opened or points at stays so.
      var read = old.name === "open" && was.tagName === "DETAILS" || old.name === "title" && was.tagName === "TIME";
      if (!is.hasAttribute(old.name) && !read) {
        was.removeAttribute(old.name);
      }
    });
    Array.from(is.attributes).forEach(function (fresh) {
      if (was.getAttribute(fresh.name) !== fresh.value) {
        was.setAttribute(fresh.name, fresh.value);
      }
    });
  }

  // A row that came as it stands in the page is not even parsed.
  document.addEventListener("htmx:beforeSwap", function (event) {
    var target = event.detail.target;
    if (target.getAttribute("hx-swap") !== "live") {
      return;
    }
    var before = shown.get(target) || new Map();
    var rows = new Map();
    event.detail.serverResponse = event.detail.serverResponse.replace(ROWS, function (row, tag, name) {
      rows.set(name, row);
      return before.get(name) === row ? "<" + tag + ' data-key="' + name + '" data-same></' + tag + ">" : row;
    });
    coming.set(target, rows);
  });

  function become(was, is) {
    if (is.nodeType === Node.ELEMENT_NODE && "same" in is.dataset || was.isEqualNode(is)) {
      return;
    }
    if (was.nodeType !== Node.ELEMENT_NODE) {
      was.nodeValue = is.nodeValue;
      return;
    }
    attributes(was, is);
    children(was, is);
  }

  function children(was, is) {
    var fresh = Array.from(is.childNodes);
    var wanted = new Set(fresh.map(key).filter(Boolean));
    var kept = new Map();
    Array.from(was.childNodes).forEach(function (old) {
      var name = key(old);
      if (name && wanted.has(name)) {
        kept.set(name, old);
      } else if (name) {
        old.remove();
      }
    });
    var next = was.firstChild;
    // What stands before it and has no key is not in the new page.
    function upTo(old) {
      while (next !== old) {
        var passed = next;
        next = next.nextSibling;
        passed.remove();
      }
    }
    // Without a key it is the next one of its kind.
    function alike(node) {
      var old = next;
      while (old && !key(old) && old.nodeName !== node.nodeName) {
        old = node.nodeType === Node.ELEMENT_NODE ? old.nextSibling : null;
      }
      return old && !key(old) ? old : null;
    }
    // Where the next ones without a key end at this one.
    function follows(old) {
      var at = next;
      while (at && at !== old && !key(at)) {
        at = at.nextSibling;
      }
      return at === old;
    }
    fresh.forEach(function (node) {
      var name = key(node);
      var old = name ? kept.get(name) : alike(node);
      kept.delete(name);
      if (!old || old.nodeName !== node.nodeName) {
        was.insertBefore(node, next);
        return;
      }
      if (follows(old)) {
        upTo(old);
        next = next.nextSibling;
      } else {
        was.insertBefore(old, next);
      }
      become(old, node);
    });
    while (next) {
      var after = next.nextSibling;
      next.remove();
      next = after;
    }
  }

  htmx.defineExtension("live", {
    isInlineSwap: function (style) { return style === "live"; },
    handleSwap: function (style, target, fragment) {
      if (style !== "live") {
        return false;
      }
      children(target, fragment);
      shown.set(target, coming.get(target));
      return [];
    }
  });
})();
