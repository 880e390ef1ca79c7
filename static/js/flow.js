// Flow steps: a form that was sent is not sent again by a second click.
"use strict";
(() => {
  const root = document.documentElement;
  if (root.dataset.flow) return; // a part of the page was fetched again, with this script in it
  root.dataset.flow = "yes";

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-once]");
    if (!form || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    // After the browser has collected what it sends, the button that was clicked included.
    setTimeout(() => form.querySelectorAll("[type=submit]").forEach((button) => (button.disabled = true)));
  });

  // The page may come back from the browser's memory with its forms as they were left.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-once]")) {
      delete form.dataset.sent;
      form.querySelectorAll("[type=submit]").forEach((button) => (button.disabled = false));
    }
  });
})();
