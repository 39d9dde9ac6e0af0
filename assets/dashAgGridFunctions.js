/* What AG Grid calls by name. Cells show text that the server has formatted; they sort and filter by the number itself. */
var dagfuncs = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});

dagfuncs.cockpitShown = function (params) {
  var shown = params.data ? params.data[params.colDef.field + "__shown"] : undefined;
  if (shown === undefined) { shown = params.value; }
  return shown === undefined || shown === null || shown === "" ? "—" : shown;
};

dagfuncs.cockpitWay = function (params) {
  return "ag-right-aligned-cell delta " + ((params.data && params.data[params.colDef.field + "__way"]) || "flat");
};

var dagcomponentfuncs = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

dagcomponentfuncs.CockpitLink = function (props) {
  var href = props.data && props.data[props.colDef.field + "__href"];
  if (!href) { return props.value || "—"; }
  return React.createElement("a", { href: href, className: "inline", "data-nav": "1" }, props.value);
};

/* On a phone a row is an entry of a list: the first cell as its title, under it every other one with its name. */
var PHONE = 767, ENTRY_COLUMNS = 3, ENTRY_LINE = 36, ENTRY_REST = 42;

dagfuncs.cockpitPhone = function () { return window.innerWidth <= PHONE; };

dagfuncs.cockpitEntryHeight = function (params) {
  if (window.innerWidth > PHONE) { return null; }
  var others = params.api.getColumnDefs().length - 1;
  return ENTRY_REST + ENTRY_LINE * Math.ceil(others / ENTRY_COLUMNS);
};

dagcomponentfuncs.CockpitEntry = function (props) {
  var data = props.data || {}, defs = props.api.getColumnDefs();
  function cell(def) {
    var shown = data[def.field + "__shown"], text = shown === undefined ? data[def.field] : shown, href = data[def.field + "__href"];
    if (text === undefined || text === null || text === "") { text = "—"; }
    return href ? React.createElement("a", { href: href, className: "inline", "data-nav": "1" }, text)
      : React.createElement("span", { className: data[def.field + "__way"] ? "delta " + data[def.field + "__way"] : "" }, text);
  }
  var rest = defs.slice(1).map(function (def) {
    return React.createElement("span", { key: def.field, className: "entry-cell" }, React.createElement("small", null, def.headerName), cell(def));
  });
  return React.createElement("div", { className: "grid-entry" }, React.createElement("div", { className: "grid-entry-title" }, cell(defs[0])),
    React.createElement("div", { className: "grid-entry-cells" }, rest));
};

dagfuncs.cockpitGrouped = function (params) {
  var text = params.value === undefined || params.value === null ? "" : String(params.value);
  return /^-?\d+(\.\d+)?$/.test(text) ? text.replace(/^-?\d+/, function (whole) { return whole.replace(/\B(?=(\d{3})+$)/g, ","); }) : text;
};
