/* What AG Grid calls by name. Cells show text that the server has formatted; they sort and filter by the number itself. */
var dagfuncs = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});

dagfuncs.cockpitShown = function (params) {
  var shown = params.data ? params.data[params.colDef.field + "__shown"] : undefined;
  return shown === undefined ? params.value : shown;
};

dagfuncs.cockpitWay = function (params) {
  return "ag-right-aligned-cell delta " + ((params.data && params.data[params.colDef.field + "__way"]) || "flat");
};

var dagcomponentfuncs = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

dagcomponentfuncs.CockpitLink = function (props) {
  var href = props.data && props.data[props.colDef.field + "__href"];
  if (!href) { return props.value; }
  return React.createElement("a", { href: href, className: "inline", "data-nav": "1" }, props.value);
};
