/* AG Grid is a quarter of the first page's bytes and stands on few pages: its library is fetched when the first grid is drawn.
   `components/shell.py` keeps the library's script out of the page and names its address in data-grid. */
(function () {
  "use strict";
  var address = document.documentElement.dataset.grid, real = null, coming = null;

  function fetchLibrary() {
    coming = coming || new Promise(function (done, failed) {
      var script = document.createElement("script");
      script.src = address;
      script.onload = function () {
        real = window.dash_ag_grid.AgGrid;
        window.dash_ag_grid = Object.assign({}, window.dash_ag_grid, { AgGrid: Grid });   // one type for React, before and after
        done();
      };
      script.onerror = function () { coming = null; script.remove(); failed(new Error("grid library")); };
      document.head.append(script);
    });
    return coming;
  }

  function Grid(props) {
    var ready = window.React.useState(real !== null), tries = window.React.useState(0);
    window.React.useEffect(function () {
      var alive = true, again;
      if (!ready[0]) {
        fetchLibrary().then(function () { if (alive) { ready[1](true); } }, function () {
          again = setTimeout(function () { if (alive) { tries[1](tries[0] + 1); } }, 2000);
        });
      }
      return function () { alive = false; clearTimeout(again); };
    }, [tries[0]]);
    return ready[0] && real ? window.React.createElement(real, props)
      : window.React.createElement("div", { id: props.id, style: props.style, className: "skeleton", "aria-busy": "true" });
  }

  window.dash_ag_grid = { AgGrid: Grid };
})();
