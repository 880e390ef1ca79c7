// What pages do beyond HTML: small, without libraries, and nothing a page can't do without.
"use strict";
(() => {
  const all = (selector, root = document) => root.querySelectorAll(selector);

  // --- The reader's time zone, for the dates the server writes --------------------------------------
  function tellTimeZone() {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!zone) return;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `timezone=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  }

  // --- Times that go on: <time data-countdown>, <time data-ago> ---------------------------------------
  function clock(seconds) {
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    const rest = two(Math.floor(seconds % 60));
    return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
  }

  function countDown() {
    for (const element of all("[data-countdown]")) {
      const left = (new Date(element.dataset.countdown) - Date.now()) / 1000;
      if (left > 0) {
        element.textContent = clock(left);
      } else if (!element.dataset.countdownOver) {
        element.dataset.countdownOver = "yes";
        element.textContent = element.dataset.countdownDone || clock(0);
        element.dispatchEvent(new CustomEvent("countdown-over", { bubbles: true }));
      }
    }
  }

  const units = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];

  function tellAges() {
    const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
    for (const element of all("time[data-ago]")) {
      const seconds = (new Date(element.dateTime) - Date.now()) / 1000;
      const unit = units.find(([, size]) => Math.abs(seconds) >= size);
      if (unit) element.textContent = words.format(Math.trunc(seconds / unit[1]), unit[0]);
    }
  }

  // --- Rows that are ticked: [data-selection] around, [data-select-all] above, [data-select] per row ---
  function tellSelection(area) {
    const rows = [...all("[data-select]", area)];
    const ticked = rows.filter((row) => row.checked).length;
    for (const head of all("[data-select-all]", area)) {
      head.checked = ticked > 0 && ticked === rows.length;
      head.indeterminate = ticked > 0 && ticked < rows.length;
    }
    for (const count of all("[data-selected-count]", area)) count.textContent = ticked;
    for (const button of all("[data-needs-selection]", area)) button.disabled = ticked === 0;
    for (const bar of all("[data-selection-bar]", area)) bar.hidden = ticked === 0;
  }

  document.addEventListener("change", (event) => {
    const box = event.target;
    const area = box.closest("[data-selection]");
    if (area && box.matches("[data-select-all]")) {
      for (const row of all("[data-select]", area)) row.checked = box.checked;
    }
    if (area && box.matches("[data-select-all], [data-select]")) tellSelection(area);
    if (box.matches("[data-autosubmit]")) box.form.requestSubmit();
  });

  // --- Questions before what can't be undone: data-confirm on a button, a link or a form --------------
  const confirmed = new WeakSet();

  function ask(element, go) {
    const dialog = document.getElementById("confirm");
    if (!dialog) {
      if (window.confirm(element.dataset.confirm)) go();
      return;
    }
    const yes = dialog.querySelector("[value=yes]");
    dialog.querySelector("[data-confirm-text]").textContent = element.dataset.confirm;
    yes.textContent = element.dataset.confirmLabel || yes.dataset.label;
    yes.classList.toggle("btn-danger", "confirmDanger" in element.dataset);
    yes.classList.toggle("btn-primary", !("confirmDanger" in element.dataset));
    dialog.returnValue = "";
    dialog.addEventListener("close", () => dialog.returnValue === "yes" && go(), { once: true });
    dialog.showModal();
  }

  function guard(event, element, go) {
    if (!element || confirmed.delete(element)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(element, () => {
      confirmed.add(element);
      go(element);
    });
  }

  document.addEventListener("click", (event) => {
    guard(event, event.target.closest(":is(a, button)[data-confirm]"), (element) => element.click());
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-confirm]");
    guard(event, form, () => form.requestSubmit(event.submitter));
  }, true);

  // --- Forms that say what isn't saved yet: form[data-dirty] with a .save-bar -------------------------
  let unsaved = false;
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-dirty]");
    if (!form) return;
    unsaved = true;
    for (const text of all("[data-dirty-text]", form)) text.hidden = false;
  });
  document.addEventListener("submit", () => (unsaved = false));
  window.addEventListener("beforeunload", (event) => unsaved && event.preventDefault());

  // --- Requests of htmx that come to nothing: a session that is over, a server that isn't there ----------
  function isLogin(request) {
    return new URL(request.responseURL || location.href).pathname === document.body.dataset.loginUrl;
  }

  document.addEventListener("htmx:beforeSwap", (event) => {
    // An answer whose place was exchanged meanwhile: swapped in, it would take preserved inputs off the page.
    if (!event.detail.target.isConnected) event.detail.shouldSwap = false;
    if (!isLogin(event.detail.xhr)) return;
    event.preventDefault();
    location.reload();
  });

  function tellFailure(event) {
    if (event.target.closest("[hx-trigger*=every]")) return; // what polls will ask again by itself
    const messages = document.getElementById("messages");
    const template = document.getElementById("request-failed");
    if (messages && template) messages.replaceChildren(template.content.cloneNode(true));
    messages?.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("htmx:responseError", tellFailure);
  document.addEventListener("htmx:sendError", tellFailure);

  // --- Text to the clipboard: data-copy="text" -----------------------------------------------------------
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button || !navigator.clipboard) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  });

  // --- A link that leads to a field puts the cursor there ------------------------------------------------
  function goToField() {
    const field = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (field && field.matches("input, select, textarea")) field.focus();
  }

  window.addEventListener("hashchange", goToField);

  function refresh() {
    countDown();
    tellAges();
    all("[data-selection]").forEach(tellSelection);
  }

  tellTimeZone();
  refresh();
  goToField();
  setInterval(countDown, 1000);
  setInterval(tellAges, 15000);
  document.addEventListener("htmx:afterSettle", refresh);
})();
