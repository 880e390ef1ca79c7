// The field sync page: filter without asking the server, count what is changed, and post only that.
"use strict";
(() => {
  const form = document.getElementById("field-form");
  const filter = document.querySelector("[data-filter-form][data-complete]");
  const lines = [...document.querySelectorAll("[data-line]")];
  if (!form) return;

  // --- Filter -------------------------------------------------------------------------------------
  const named = (line) => [...line.cells].slice(0, 3).map((cell) => cell.textContent).join(" ").toLowerCase();
  const searched = new Map(lines.map((line) => [line, named(line)]));

  function showMatching() {
    const text = filter.elements.q.value.trim().toLowerCase();
    const show = filter.elements.show.value;
    let found = 0;
    for (const line of lines) {
      const matches = searched.get(line).includes(text) && (!show || line.dataset.shows.split(" ").includes(show));
      line.hidden = !matches;
      found += matches;
    }
    for (const card of document.querySelectorAll("[data-field-card]")) {
      card.hidden = !card.querySelector("[data-line]:not([hidden])");
    }
    document.querySelector("[data-nothing-found]").hidden = found > 0;
  }

  if (filter) {
    filter.addEventListener("input", showMatching);
    filter.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      showMatching();
    });
    filter.querySelector("[data-filter-button]").hidden = true;
    showMatching();
  }

  // --- What is changed ------------------------------------------------------------------------------
  const inputs = (line) => [...line.querySelectorAll("select, input")];
  const value = (input) => (input.type === "checkbox" ? input.checked : input.value);
  const stored = new Map(lines.map((line) => [line, inputs(line).map(initial)]));

  function initial(input) {
    if (input.type === "checkbox") return input.defaultChecked;
    if (!input.options) return input.value;
    return ([...input.options].find((option) => option.defaultSelected) ?? input.options[0]).value;
  }

  const isChanged = (line) => inputs(line).some((input, index) => value(input) !== stored.get(line)[index]);

  function tellChanges() {
    const changed = lines.filter(isChanged).length;
    const text = form.querySelector("[data-changed-text]");
    if (!text || "dirty" in form.dataset && form.dataset.dirty === "posted") return;
    text.textContent = changed === 1 ? text.dataset.one : changed ? text.dataset.many.replace("#", changed) : text.dataset.none;
  }

  function tellWinner(line) {
    const direction = line.querySelector("[name^=direction-]");
    const winner = line.querySelector("[name^=winner-]");
    if (winner) winner.disabled = direction.value !== "both";
  }

  form.addEventListener("change", (event) => {
    const line = event.target.closest("[data-line]");
    if (!line) return;
    tellWinner(line);
    tellChanges();
  });
  form.addEventListener("submit", () => {
    if (form.dataset.dirty === "posted") return;
    for (const line of lines) {
      if (!isChanged(line)) for (const input of inputs(line)) input.disabled = true;
    }
  });
  window.addEventListener("pageshow", () => {
    for (const line of lines) {
      for (const input of inputs(line)) input.disabled = false;
      tellWinner(line);
    }
    tellChanges();
  });
})();
