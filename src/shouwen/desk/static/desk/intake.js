/* Intake: the caller's card fills the form, a top category shows what is below it, and the subject
   that the system would draft from the words is shown before it is sent. */
(() => {
  const form = () => document.querySelector("#intake");

  const below = () => document.querySelectorAll("[data-categories]").forEach((set) => {
    const chosen = set.querySelector("input:checked");
    // Nothing chosen yet: the row of what is suggested shows where it would lie.
    const open = (chosen || document.getElementById(set.querySelector("label.suggested")?.htmlFor))?.dataset.top;
    set.querySelectorAll("[data-below]").forEach((row) => { row.hidden = row.dataset.below !== open; });
    // The top category of a chosen one below it is marked as the way there.
    set.querySelectorAll(".chips:first-of-type label").forEach((label) => {
      const top = document.getElementById(label.htmlFor);
      label.classList.toggle("path", Boolean(chosen) && chosen !== top && chosen.dataset.top === top.value);
    });
  });

  // As `subject_of` in complaints/steps/intake.py: the first sentence, at most 40 characters.
  const drafted = (words) => {
    const first = words.trim().split("\n", 1)[0].split(/[。！？!?；;]/, 1)[0];
    return first.length <= 40 ? first : first.slice(0, 39) + "…";
  };
  const subjects = () => document.querySelectorAll("[data-matter]").forEach((matter) => {
    matter.querySelector("[data-subject]").placeholder = drafted(matter.querySelector("[data-words]").value);
  });

  const set = (name, value) => {
    const field = form().elements[name];
    if (!field || !value) return;
    if (field instanceof RadioNodeList) field.value = value; else field.value = value;
  };
  const fill = (button) => {
    set("customer", button.dataset.fillCustomer);
    set("name", button.dataset.name);
    set("home_text", button.dataset.home);
    set("relation", button.dataset.relation);
    set("reach_when", button.dataset.reach);
    document.querySelectorAll("[data-fill-customer]").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
    form().dispatchEvent(new Event("change", { bubbles: true }));
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill-customer]");
    if (button) fill(button);
    const drop = event.target.closest("[data-drop-matter]");
    if (drop) {
      drop.closest("[data-matter]").remove();
      form().dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-words]")) subjects();
    // Another name or home than the card's: no longer that customer.
    if (event.target.name === "name" || event.target.name === "telephone") form().elements.customer.value = "";
  });
  document.addEventListener("change", (event) => { if (event.target.closest("[data-categories]")) below(); });
  document.addEventListener("suggestion:shown", below);
  document.addEventListener("draft:restored", () => { below(); subjects(); });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "caller") {
      const only = event.target.querySelector("[data-only]");
      if (only && form().elements.customer.value !== only.dataset.fillCustomer) fill(only);
    }
    if (event.target.closest("[data-matter], #more-matters")) {
      const all = document.querySelectorAll("#more-matters [data-words]");
      if (all.length) all[all.length - 1].focus();
    }
  });
  document.addEventListener("DOMContentLoaded", () => { below(); subjects(); document.querySelector("[data-words]")?.focus(); });
})();
