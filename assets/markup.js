/* One element with its inside as HTML: what no callback can reach (components/markup.py). */
(function () {
  "use strict";
  window.cockpit_components = {
    Markup: function (props) {
      var inside = props.html === null || props.html === undefined ? {} : { dangerouslySetInnerHTML: { __html: props.html } };
      return window.React.createElement(props.tag, Object.assign({}, props.attrs, inside));
    }
  };
})();
