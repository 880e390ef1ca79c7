// The list of people: "select all that match", and filters that leave no blanks in the address.
"use strict";
(() => {
  const each = (selector, root, act) => root.querySelectorAll(selector).forEach(act);
  let ticking = false;

  function showScripted() {
    each("[data-with-script]", document, (element) => (element.hidden = false));
  }

  document.addEventListener("change", (event) => {
    const area = event.target.closest("[data-selection]");
    const matching = area?.querySelector("[data-select-matching]");
    if (!matching || ticking) return;
    if (event.target === matching) {
      const head = area.querySelector("[data-select-all]");
      ticking = true;
      head.checked = matching.checked;
      head.dispatchEvent(new Event("change", { bubbles: true }));
      ticking = false;
      if (matching.checked) {
        each("[data-selected-count]", area, (element) => (element.textContent = area.dataset.total));
      }
    } else if (event.target.matches("[data-select], [data-select-all]")) {
      matching.checked = false;
    }
  });

  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.target.closest("[data-drop-blanks]")) return;
    for (const [name, value] of Object.entries(event.detail.parameters)) {
      if (value === "") delete event.detail.parameters[name];
    }
  });

  document.addEventListener("htmx:afterSettle", showScripted);
  showScripted();
})();
