/* The little script the pages need: links without reload, the tick, theme and language, drawer, pictures of charts. */
(function () {
  "use strict";
  var dc = (window.dash_clientside = window.dash_clientside || {});

  function go(href) {
    var before = location.pathname;
    history.pushState({}, "", href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    if (location.pathname !== before) { window.scrollTo(0, 0); }
  }

  function remember(name, value) {
    document.cookie = name + "=" + value + ";path=/;max-age=31536000;samesite=lax";
  }

  function closePicks(except) {
    document.querySelectorAll("details.pick[open]").forEach(function (one) {
      if (one !== except) { one.removeAttribute("open"); }
    });
  }

  function turnTheme() {
    var root = document.documentElement;
    var next = root.dataset.theme === "dark" ? "light" : "dark";
    root.dataset.theme = next;
    root.dataset.mantineColorScheme = next;
    remember("cockpit_theme", next);
    dc.set_props("mantine", { forceColorScheme: next });
    dc.set_props("theme", { data: next });
  }

  function ownRange() {
    var first = document.getElementById("range-first"), last = document.getElementById("range-last");
    if (!first || !last || !first.value || !last.value) { return; }
    var pair = [first.value, last.value].sort();
    var query = new URLSearchParams(location.search);
    query.set("period", pair[0] + ".." + pair[1]);
    go(location.pathname + "?" + query.toString());
  }

  function knownAt() {
    var field = document.getElementById("known-at"), query = new URLSearchParams(location.search);
    if (!field) { return; }
    if (field.value) { query.set("known", field.value); } else { query.delete("known"); }
    go(location.pathname + "?" + query.toString());
  }

  function picture(id) {
    var place = document.getElementById(id), chart = place && place.querySelector(".js-plotly-plot");
    if (!chart || !window.Plotly) { return; }
    var style = getComputedStyle(document.documentElement);
    var layout = Object.assign({}, chart.layout, { paper_bgcolor: style.getPropertyValue("--surface").trim() });
    var heading = place.querySelector("h2");
    var title = heading ? heading.textContent : id;
    layout.title = { text: title + "<br><sub>" + decodeURIComponent(location.search.slice(1)).replace(/&/g, " · ") + "</sub>", x: 0.02 };
    layout.margin = Object.assign({}, layout.margin, { t: 72 });
    window.Plotly.toImage({ data: chart.data, layout: layout }, { format: "png", width: 1280, height: 640, scale: 2 })
      .then(function (url) {
        var link = document.createElement("a");
        link.href = url; link.download = id + ".png"; link.click();
      });
  }

  function narrow(field) {
    var words = field.value.trim().toLowerCase();
    field.closest(".panel").querySelectorAll("[data-find]").forEach(function (one) {
      one.hidden = words !== "" && one.dataset.find.indexOf(words) < 0;
    });
  }

  document.addEventListener("click", function (event) {
    var target = event.target.closest("a[data-nav],button,summary");
    var pick = event.target.closest("details.pick");
    if (!target || target.tagName !== "SUMMARY") {
      if (!(pick && (pick.dataset.keep || !target || target.dataset.range === undefined && target.tagName !== "A"))) { closePicks(null); }
    } else { closePicks(pick); }
    if (!event.target.closest(".search-box")) { dc.set_props && clearSearch(); }
    if (!target) { return; }
    var data = target.dataset;
    if (target.tagName === "A") {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) { return; }
      event.preventDefault();
      document.getElementById("side") && document.getElementById("side").classList.remove("open");
      if (target.closest("#drawer, .mantine-Drawer-root")) { dc.set_props("drawer", { opened: false }); }
      if (target.closest(".search-box")) { clearSearch(); }
      go(target.getAttribute("href"));
    } else if (data.define) { dc.set_props("define", { data: { metric: data.define, at: Date.now() } });
    } else if (data.themeToggle) { turnTheme();
    } else if (data.lang) { remember("cockpit_lang", data.lang); location.reload();
    } else if (data.action) { target.disabled = true; dc.set_props("action", { data: { name: data.action, at: Date.now() } });
    } else if (data.retry) { dc.set_props("retry", { data: { place: data.retry, at: Date.now() } });
    } else if (data.range) { ownRange();
    } else if (data.known) { knownAt();
    } else if (data.png) { picture(data.png);
    } else if (data.menu) { document.getElementById("side").classList.toggle("open"); }
  });

  function clearSearch() {
    var list = document.getElementById("search-results");
    if (list && list.childElementCount) { dc.set_props("search-results", { children: null }); }
  }

  document.addEventListener("dblclick", function (event) {
    var row = event.target.closest("[data-drill]");
    if (row && row.dataset.drill) { event.preventDefault(); go(row.dataset.drill); }
  });

  document.addEventListener("input", function (event) {
    if (event.target.id && event.target.id.indexOf("narrow-") === 0) { narrow(event.target); }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { closePicks(null); clearSearch(); }
    if (event.key === "/" && !/INPUT|TEXTAREA|SELECT/.test(document.activeElement.tagName)) {
      var field = document.getElementById("search");
      if (field) { event.preventDefault(); field.focus(); }
    }
  });

  /* Somebody writes a rule or a note: drawing their block again would take the words from under their hands. */
  function filling() {
    return document.querySelector(".rule-form, .alerts-page details[open] :focus");
  }

  /* The tick: one tiny question; callbacks run only when the data version has moved. */
  var lost = 0, alarms;
  dc.cockpit = Object.assign({}, dc.cockpit, {
    /* What moved asks the page at hand for its blocks: all of them, or those that were not ready. */
    turn: function (_search, _version, _theme, _retry, late, path, drawn) {
      var moved = (dc.callback_context.triggered || []).map(function (one) { return one.prop_id.split(".")[0]; });
      if (!late || !late.page || path !== drawn) { return; }
      var all = moved.some(function (name) { return name !== "late"; });   // a retry too: no answer may overtake a whole one
      if (all || late.blocks.length) {
        setTimeout(function () {
          try { dc.set_props(late.page + "-turn", { data: { blocks: all ? null : late.blocks, at: Date.now() } }); }
          catch (gone) { return; }   // Dash throws for an id that has left: the reader is on another page, which asks for itself
        }, 0);
      }
    },
    tick: function (_n, version) {
      if (document.hidden) { return dc.no_update; }
      return fetch("/api/v1/tick", { credentials: "same-origin", cache: "no-store" }).then(function (answer) {
        if (answer.status === 401 || answer.status === 403) { location.reload(); throw new Error("signed out"); }
        if (!answer.ok) { throw new Error(String(answer.status)); }
        return answer.json();
      }).then(function (told) {
        lost = 0;
        document.documentElement.classList.remove("offline");
        var bell = document.getElementById("alert-count"), count = told.alerts || 0;
        if (bell) { bell.textContent = count ? String(count) : ""; bell.parentElement.classList.toggle("alarmed", count > 0); }
        if (filling()) { return dc.no_update; }
        var moved = alarms !== undefined && told.alerts_revision !== alarms;   // badges follow alarms, not only data
        alarms = told.alerts_revision;
        if (told.version === version && !moved) { return dc.no_update; }
        var sending = window.cockpitUploads || document.querySelector(".data-page");   // a reload would cut uploads off
        if (!sending && (!version && told.version || version && !told.version)) { location.reload(); }
        return told.version;
      }).catch(function () {
        lost += 1;
        if (lost >= 3) { document.documentElement.classList.add("offline"); }
        return dc.no_update;
      });
    }
  });
})();
