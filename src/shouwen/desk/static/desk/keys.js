/* The keyboard: J K move, Enter opens, a step's letter acts, / searches, C records, ? shows the keys.
   Single letters are dead in fields and while a word is being composed; with Alt they work there too. */
(() => {
  const FIELD = "input:not([type=hidden]):not([type=radio]):not([type=checkbox]):not([type=file]), textarea, select";
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const selected = () => document.querySelector("[data-row].selected");

  const select = (row) => {
    rows().forEach((other) => {
      other.classList.toggle("selected", other === row);
      if (other === row) other.setAttribute("aria-current", "true"); else other.removeAttribute("aria-current");
    });
    if (row) row.scrollIntoView({ block: "nearest" });
  };
  const move = (by) => {
    const all = rows();
    const at = all.indexOf(selected());
    if (all.length) select(all[Math.min(all.length - 1, Math.max(0, at + by))]);
  };
  const visible = (element) => element.offsetParent !== null || element.getClientRects().length > 0;
  const keyed = (key, scope) =>
    [...scope.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((each) => visible(each) && !each.disabled);

  const act = (element) => {
    if (element.matches(FIELD)) { element.focus(); if (element.select) element.select(); return; }
    if (element.type === "radio" || element.type === "checkbox") { element.click(); return; }
    element.focus();
    element.click();
  };
  const letter = (key) => {
    const row = selected();
    const target = (row && keyed(key, row)) || [...document.querySelectorAll("[data-key]")].find(
      (each) => each.dataset.key === key && !each.closest("[data-row]") && visible(each) && !each.disabled);
    if (target) act(target);
    return Boolean(target);
  };
  // With Alt the typed character differs by keyboard and system: ask for the key itself.
  const physical = (event) => event.code.replace(/^(Key|Digit|Numpad)/, "").toLowerCase();

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    const field = event.target.closest && event.target.closest(FIELD);
    const form = event.target.closest && event.target.closest("form");

    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const send = form && form.matches("[data-keys]") ? form : document.querySelector("form[data-keys]");
      if (send) { event.preventDefault(); send.requestSubmit(); }
      return;
    }
    if (event.key === "Enter" && field && field.tagName === "INPUT" && form && form.matches("[data-keys]")) {
      event.preventDefault(); // a half-filled form must not go off by an Enter meant for the input method
      return;
    }
    if (event.key === "Escape") {
      const close = (form || document).querySelector("[data-close]") || document.querySelector("[data-close]");
      if (close) { event.preventDefault(); close.click(); } else if (field) field.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    if (event.altKey) {
      if (letter(physical(event))) event.preventDefault();
      return;
    }
    if (field || document.querySelector("dialog[open]")) return;

    const plain = {
      j: () => move(1), k: () => move(-1), ArrowDown: () => selected() && move(1), ArrowUp: () => selected() && move(-1),
      "/": () => document.querySelector("#search")?.focus(),
      "?": () => document.querySelector("#keys")?.showModal(),
    };
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.key === "Enter") {
      const row = selected();
      if (row && !event.target.closest("a, button, summary, label, input")) {
        event.preventDefault();
        (row.querySelector("[data-opens]") || row.querySelector("a"))?.click();
      }
    } else if (plain[key]) {
      event.preventDefault();
      plain[key]();
    } else if (key.length === 1 && letter(key)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) select(row);
    const opener = event.target.closest("[data-shows]");
    if (opener) document.querySelector(opener.dataset.shows)?.showModal();
    if (event.target.closest("[data-print]")) print();
    const close = event.target.closest("[data-close]");
    if (close) {
      const slot = close.closest(".slot");
      if (slot) { slot.replaceChildren(); document.dispatchEvent(new Event("slot:closed")); }
    }
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("change", (event) => {
    const files = event.target.closest("[data-files]");
    if (!files) return;
    files.querySelector(".file-list").textContent = [...event.target.files].map((file) => file.name).join("、");
    const send = files.closest("form").querySelector("[data-files-send]");
    if (send) send.hidden = !event.target.files.length;
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const slot = event.target.closest && event.target.closest(".slot");
    const first = slot && slot.querySelector("[aria-invalid=true], " + FIELD + ", [type=radio], [type=submit]");
    if (first) first.focus();
  });

  const begin = () => { if (!selected() && rows().length) select(rows()[0]); };
  document.addEventListener("DOMContentLoaded", begin);
  window.deskRows = { rows, selected, select };
})();
