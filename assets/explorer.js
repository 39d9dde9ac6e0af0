/* The link of a saved view, into the clipboard; without one (plain http) it is selected for copying. */
(function () {
  "use strict";
  function done(button) {
    var before = button.textContent;
    button.textContent = "✓ " + before;
    setTimeout(function () { button.textContent = before; }, 1500);
  }

  function byHand(text) {
    var field = document.createElement("textarea");
    field.value = text;
    document.body.appendChild(field);
    field.select();
    var copied = document.execCommand("copy");
    field.remove();
    return copied;
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("button[data-copy]");
    if (!button) { return; }
    var text = location.origin + button.dataset.copy;
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(function () { done(button); }, function () { window.prompt("", text); });
    } else if (byHand(text)) { done(button); } else { window.prompt("", text); }
  });
})();
