// The connection page: only the inputs of the chosen way to log in, and the report of a test below them.
"use strict";
(() => {
  const methods = document.querySelectorAll("input[name=method]");

  function showMethod() {
    const chosen = [...methods].find((method) => method.checked);
    for (const group of document.querySelectorAll("[data-method]")) {
      group.hidden = Boolean(chosen) && group.dataset.method !== chosen.value;
    }
  }

  // A form that is refused (422) comes with its reasons: show them like any other answer.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status !== 422 || event.detail.target.id !== "report") return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });

  for (const method of methods) method.addEventListener("change", showMethod);
  showMethod();
})();
