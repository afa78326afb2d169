/* The keyboard: J K move, Enter opens, a step's letter acts, G and a letter goes to a page, / searches,
   C records, ? shows the keys of this page. Single letters are dead in fields and while a word is being
   composed; with Alt they work there too. Focus is where the hands are, also after a part of the page
   was brought in anew. */
(() => {
  const FIELD = "input:not([type=hidden]):not([type=radio]):not([type=checkbox]):not([type=file]), textarea, select";
  const PATIENCE = 1500; // between G and the letter of a page, in milliseconds
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const selected = () => document.querySelector("[data-row].selected");
  const main = (row) => row && (row.querySelector("[data-opens]") || row.querySelector("a, button"));

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
    if (!all.length) return;
    select(all[Math.min(all.length - 1, Math.max(0, at + by))]);
    main(selected())?.focus({ preventScroll: true });
  };
  const visible = (element) => element.offsetParent !== null || element.getClientRects().length > 0;
  const usable = (each) => visible(each) && !each.disabled;
  // The nearest of a key: in the matter or form where the hands are, in the card of a call, in the
  // selected row, on the page.
  const keyed = (key, near) => {
    const all = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].filter(usable);
    const scopes = [near && near.closest && near.closest("[data-matter], form[data-keys]"), document.querySelector(".call-card"), selected()].filter(Boolean);
    for (const scope of scopes) {
      const inside = all.find((each) => scope.contains(each));
      if (inside) return inside;
    }
    return all.find((each) => !each.closest("[data-row]"));
  };

  const act = (element) => {
    if (element.matches(FIELD)) { element.focus(); if (element.select) element.select(); return; }
    if (element.type === "radio" || element.type === "checkbox") { element.click(); return; }
    element.focus();
    element.click();
  };
  const letter = (key, near) => {
    const target = keyed(key, near);
    if (target) act(target);
    return Boolean(target);
  };

  /* G, then the letter of a page: the letters stand at the links as long as one is waited for. */
  let going = 0;
  const waits = (on) => {
    clearTimeout(going);
    going = on ? setTimeout(() => waits(false), PATIENCE) : 0;
    document.documentElement.classList.toggle("going", on);
  };
  const pages = () => [...document.querySelectorAll("[data-go]")].filter(visible);

  /* What ? shows is read off the page as it stands. */
  const spoken = (element) => {
    const label = element.labels && element.labels[0];
    const copy = (label || element).cloneNode(true);
    copy.querySelectorAll("kbd, [hidden]").forEach((each) => each.remove());
    return copy.textContent.trim() || element.getAttribute("aria-label") || "";
  };
  const line = (keys, words) => {
    const [term, meaning] = [document.createElement("dt"), document.createElement("dd")];
    keys.forEach((key) => { const kbd = document.createElement("kbd"); kbd.textContent = key; term.append(kbd, " "); });
    meaning.textContent = words;
    return [term, meaning];
  };
  const listKeys = (dialog) => {
    const seen = new Set();
    const known = [...document.querySelectorAll("[data-key]")].filter((each) =>
      each.dataset.key && usable(each) && (!each.closest("[data-row]") || each.closest("[data-row]") === selected()));
    const fill = (name, lines) => {
      const part = dialog.querySelector(`[data-keys-part="${name}"]`);
      part.querySelectorAll("[data-read]").forEach((each) => each.remove());
      lines.flat().forEach((each) => { each.dataset.read = ""; part.querySelector("dl").append(each); });
      part.hidden = !part.querySelector("dt:not([hidden])");
    };
    const here = known.filter((each) => !seen.has(each.dataset.key) && seen.add(each.dataset.key)).map((each) =>
      line([...(each.closest("form[data-keys]") ? ["Alt"] : []), each.dataset.key.toUpperCase()], spoken(each)));
    fill("page", here);
    fill("pages", pages().map((each) => line(["G", each.dataset.go.toUpperCase()], spoken(each))));
    const any = { rows: rows().length, form: document.querySelector("form[data-keys]") };
    dialog.querySelectorAll("[data-only]").forEach((each) => { each.hidden = !any[each.dataset.only]; });
    dialog.querySelectorAll("[data-keys-part]").forEach((part) => { part.hidden = !part.querySelector("dt:not([hidden])"); });
  };
  const shows = (dialog) => {
    if (!dialog || dialog.open) return;
    if (dialog.id === "keys") listKeys(dialog);
    dialog.showModal();
  };

  // With Alt the typed character differs by keyboard and system: ask for the key itself.
  const physical = (event) => event.code.replace(/^(Key|Digit|Numpad)/, "").toLowerCase();

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    const field = event.target.closest && event.target.closest(FIELD);
    const form = event.target.closest && event.target.closest("form");

    if (document.querySelector("dialog[open]")) return; // it has its own Escape, and keeps the focus inside
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
      const menu = document.querySelector("details.menu[open]");
      const mine = form && form.matches("[data-keys]") ? form : null;
      const close = mine?.querySelector("[data-close]") || (!field && document.querySelector("[data-close]"));
      if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
      else if (close) { event.preventDefault(); close.click(); }
      else if (field) field.blur();
      waits(false);
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !field) {
      const undo = [...document.querySelectorAll("[data-undo]")].find(usable);
      if (undo) { event.preventDefault(); undo.click(); }
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    if (event.altKey) {
      if (letter(physical(event), event.target)) event.preventDefault();
      return;
    }
    if (field) return;

    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (going) {
      const page = pages().find((each) => each.dataset.go === key);
      waits(false);
      if (page) { event.preventDefault(); page.click(); }
      return;
    }
    const choosing = event.target.closest && event.target.closest("input, [role=radiogroup]");
    const plain = {
      j: () => move(1), k: () => move(-1), g: () => waits(pages().length > 0),
      "/": () => document.querySelector("#search")?.focus(),
      "?": () => shows(document.querySelector("#keys")),
    };
    if (key === "ArrowDown" || key === "ArrowUp") {
      if (choosing || !selected()) return; // arrows choose among radio buttons, or scroll
      event.preventDefault();
      move(key === "ArrowDown" ? 1 : -1);
    } else if (key === "Enter") {
      const row = selected();
      if (row && !event.target.closest("a, button, summary, label, input")) {
        event.preventDefault();
        main(row)?.click();
      }
    } else if (plain[key]) {
      event.preventDefault();
      plain[key]();
    } else if (key.length === 1 && letter(key, event.target)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) select(row);
    const opener = event.target.closest("[data-shows]");
    if (opener) shows(document.querySelector(opener.dataset.shows));
    if (event.target.closest("[data-print]")) print();
    const close = event.target.closest("[data-close]");
    if (close) {
      const slot = close.closest(".slot");
      if (slot) {
        slot.replaceChildren();
        document.dispatchEvent(new Event("slot:closed"));
        (slot.opener?.isConnected ? slot.opener : main(selected()))?.focus({ preventScroll: true });
      }
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

  /* Where the focus was before a part of the page is brought in anew; it goes back there, else to the row. */
  let held = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const slot = event.detail.target?.closest?.(".slot");
    if (slot && !slot.contains(event.detail.elt)) slot.opener = event.detail.elt;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const now = document.activeElement;
    if (!now || now === document.body || !event.detail.target.contains(now)) return;
    held = { id: now.id, key: now.dataset.key, row: now.closest("[data-row]")?.id, href: now.getAttribute("href") };
  });
  const again = () => {
    const was = held;
    held = null;
    const row = was.row && document.getElementById(was.row);
    if (was.row && !row) return main(selected()) || document.querySelector("#page"); // done with: on to the next
    const scope = row || document.querySelector("#page") || document;
    return (was.id && document.getElementById(was.id))
      || (was.key && [...scope.querySelectorAll(`[data-key="${CSS.escape(was.key)}"]`)].find(usable))
      || (was.href && [...scope.querySelectorAll("a")].find((each) => each.getAttribute("href") === was.href))
      || main(row || selected()) || document.querySelector("#page");
  };
  document.addEventListener("htmx:afterSettle", (event) => {
    const slot = event.target.closest && event.target.closest(".slot");
    const first = slot && slot.querySelector("[aria-invalid=true], " + FIELD + ", [type=radio], [type=submit]");
    if (first) {
      held = null;
      if (!slot.contains(document.activeElement)) first.focus(); // the hands may be there already
      return;
    }
    // After the other listeners: they choose the row.
    if (held) setTimeout(() => { if (held && document.activeElement === document.body) again()?.focus({ preventScroll: true }); held = null; });
  });

  // A page may have stood open for hours before it is printed.
  window.addEventListener("beforeprint", () => {
    const two = (value) => String(value).padStart(2, "0");
    const now = new Date();
    document.querySelectorAll("[data-print-time]").forEach((each) => {
      each.textContent = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())} ${two(now.getHours())}:${two(now.getMinutes())}`;
    });
  });

  const begin = () => { if (!selected() && rows().length) select(rows()[0]); };
  document.addEventListener("DOMContentLoaded", begin);
  window.deskRows = { rows, selected, select, main };
})();
