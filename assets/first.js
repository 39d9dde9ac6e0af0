/* The first answer holds the page twice: as HTML, to be read while the scripts load, and as the layout that Dash draws
   behind it. Here Dash is started once the page has been painted, is given that layout, and takes over when it has drawn
   the same. Until then links are plain links. */
(function () {
  "use strict";
  var first = document.getElementById("first"), entry = document.getElementById("react-entry-point");
  if (!first || !entry) { return; }
  var real = window.fetch, clicked = -1, started = false;

  function kept(name) {
    var holder = document.getElementById("first-" + name), told = holder && JSON.parse(holder.textContent);
    if (holder) { holder.remove(); }
    if (told && name === "layout") {   // the address as the browser writes it, so that it does not count as a change
      told.props.children[0].props = Object.assign(told.props.children[0].props,
        { pathname: location.pathname, search: location.search, hash: location.hash, href: location.href });
    }
    return told;
  }

  window.fetch = function (url) {
    var name = /_dash-(layout|dependencies)$/.exec(String(url)), told = name && kept(name[1]);
    return told ? Promise.resolve(new Response(JSON.stringify(told), { headers: { "Content-Type": "application/json" } }))
      : real.apply(window, arguments);
  };

  first.addEventListener("click", function (event) {   // a button that needs Dash is pressed again when Dash is there
    var button = event.target.closest("button:not([data-lang])");
    if (event.target.closest("a[href]")) { event.stopPropagation(); }   // cockpit.js would ask Dash
    if (button) { clicked = [].indexOf.call(first.querySelectorAll("button"), button); event.stopPropagation(); }
  });

  function takeOver() {
    var root = document.getElementById("root");
    if (!root || root.querySelector(":scope > .boot") || !root.childElementCount) { return; }
    watch.disconnect();
    var typed = first.querySelector(".search input"), focus = document.activeElement;
    var place = first.contains(focus) ? [].indexOf.call(first.querySelectorAll("a,button,input,summary"), focus) : -1;
    var open = [].map.call(first.querySelectorAll("details[open][data-pick]"), function (one) { return one.dataset.pick; });
    first.remove();
    open.forEach(function (name) { var one = root.querySelector('details[data-pick="' + name + '"]'); if (one) { one.open = true; } });
    if (typed && typed.value) { window.dash_clientside.set_props("search", { value: typed.value }); }
    if (place >= 0) { root.querySelectorAll("a,button,input,summary")[place].focus({ preventScroll: true }); }
    if (clicked >= 0) { setTimeout(function () { root.querySelectorAll("button")[clicked].click(); }, 0); }
  }

  function start() {
    if (started) { return; }
    started = true;
    var scripts = [].slice.call(document.getElementById("first-scripts").content.querySelectorAll("script"));
    var last = scripts.pop(), left = scripts.length;   // the last one, inline, starts Dash when the others are there
    function copy(one) {
      var script = document.createElement("script");
      [].forEach.call(one.attributes, function (mark) { script.setAttribute(mark.name, mark.value); });
      script.textContent = one.textContent;
      script.async = false;
      return script;
    }
    scripts.forEach(function (one) {
      var script = copy(one);
      script.onload = script.onerror = function () { left -= 1; if (!left) { document.body.append(copy(last)); } };
      document.body.append(script);
    });
  }

  var watch = new MutationObserver(takeOver);
  watch.observe(entry, { childList: true, subtree: true });
  requestAnimationFrame(function () { setTimeout(start, 0); });
  setTimeout(start, 300);   // a tab in the background is never painted
})();
