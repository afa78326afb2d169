/* What is being filled in survives a crash of the browser: kept on this computer for a day, for this
   person only, and forgotten when it was sent or the person signs out. Of a confidential source nothing
   personal is kept. What is cleared can be brought back while the form is open. */
(() => {
  const DAY = 24 * 3600 * 1000;
  const PREFIX = "draft:";
  const PERSONAL = ["name", "telephone", "home_text", "customer", "relation", "reach_when"];
  // A form that is opened anew has its own; what was signed once is not signed again for another.
  const NOT_KEPT = ["csrfmiddlewaretoken", "version", "signature"];
  const FORMS = "form[data-draft]";
  const name = (form) => `${PREFIX}${document.body.dataset.person}:${form.dataset.draft}`;
  const notice = (form) => form.querySelector("[data-draft-notice]") || document.querySelector("#page > [data-draft-notice]");

  const fields = (form) => [...form.elements].filter((element) => element.name
    && !["file", "password", "submit", "button"].includes(element.type) && !NOT_KEPT.includes(element.name));
  const values = (form) => {
    const secret = form.elements.confidential?.checked;
    return fields(form)
      .filter((element) => !(secret && PERSONAL.includes(element.name)))
      .filter((element) => !["radio", "checkbox"].includes(element.type) || element.checked)
      .map((element) => [element.name, element.value]);
  };
  const said = (form) => JSON.stringify(values(form).filter(([field]) => field !== "key"));

  const read = (key) => {
    const draft = JSON.parse(localStorage.getItem(key) || "null");
    return draft && Date.now() - draft.at < DAY ? draft : null;
  };
  const forget = (test) => Object.keys(localStorage)
    .filter((key) => key.startsWith(PREFIX) && test(key)).forEach((key) => localStorage.removeItem(key));
  const save = (form) => {
    clearTimeout(form.saving);
    if (!form.isConnected || form.sent || form.filling) return;
    if (said(form) === form.atFirst) { forget((key) => key === name(form)); return; }
    localStorage.setItem(name(form), JSON.stringify({ at: Date.now(), values: values(form) }));
    const sign = form.querySelector("[data-draft-saved]");
    if (sign) sign.hidden = false;
  };

  // The fields of further matters come from the server, one after the other.
  const until = async (test) => {
    for (let turn = 0; turn < 100 && !test(); turn += 1) await new Promise((done) => { setTimeout(done, 50); });
    return test();
  };
  const further = async (form, kept) => {
    const wanted = kept.filter(([field]) => field === "matter").map(([, value]) => value);
    const present = () => [...form.querySelectorAll("[name=matter]")].map((each) => each.value);
    const add = form.querySelector("[data-add-matter]");
    while (add && present().length < wanted.length) {
      const before = present().length;
      add.click();
      if (!await until(() => present().length > before)) break;
    }
    const now = present();
    const renamed = new Map(wanted.map((prefix, place) => [prefix, now[place] || prefix]));
    return kept.map(([field, value]) => {
      const prefix = field.split("-", 1)[0];
      if (field === "matter") return [field, renamed.get(value)];
      return [renamed.has(prefix) ? renamed.get(prefix) + field.slice(prefix.length) : field, value];
    });
  };
  const fill = async (form, draft) => {
    form.filling = true;
    const given = new Map();
    (await further(form, draft.values)).forEach(([field, value]) => given.set(field, [...(given.get(field) || []), value]));
    fields(form).forEach((element) => {
      const mine = given.get(element.name);
      if (["radio", "checkbox"].includes(element.type)) element.checked = Boolean(mine && mine.includes(element.value));
      else if (mine) element.value = mine.shift() ?? element.value;
    });
    form.dispatchEvent(new Event("draft:restored", { bubbles: true }));
    form.dispatchEvent(new Event("change", { bubbles: true }));
    form.filling = false;
    (form.querySelector("[autofocus]") || form.querySelector("textarea"))?.focus();
    // Writing goes on behind what came back.
    form.querySelectorAll("textarea").forEach((area) => area.setSelectionRange(area.value.length, area.value.length));
  };
  const tell = (form, draft, cleared) => {
    const box = notice(form);
    if (!box) return;
    box.querySelector("time").textContent = new Date(draft.at).toTimeString().slice(0, 5);
    box.querySelector("[data-draft-drop]").hidden = cleared;
    box.querySelector("[data-draft-back]").hidden = !cleared;
    box.querySelector("[data-draft-cleared]").hidden = !cleared;
    box.querySelector("[data-draft-restored]").hidden = cleared;
    box.hidden = false;
  };

  const begin = (form) => {
    if (form.atFirst !== undefined) return;
    form.atFirst = form.hasAttribute("data-answered") ? "" : said(form); // what came back unsent is a draft
    const draft = read(name(form));
    if (draft && !form.hasAttribute("data-answered") && !form.querySelector("[aria-invalid=true], [role=alert]")) {
      fill(form, draft);
      tell(form, draft, false);
    }
    form.addEventListener("input", () => { clearTimeout(form.saving); form.saving = setTimeout(() => save(form), 300); });
    form.addEventListener("change", () => save(form));
  };
  // The buttons of steps that have a draft say so.
  const mark = () => document.querySelectorAll("[data-draft-of]").forEach((button) =>
    button.classList.toggle("has-draft", Boolean(read(`${PREFIX}${document.body.dataset.person}:${button.dataset.draftOf}`))));

  document.addEventListener("DOMContentLoaded", () => {
    forget((key) => !read(key));
    const done = document.querySelector("[data-draft-done]");
    if (done) forget((key) => key.startsWith(`${PREFIX}${document.body.dataset.person}:${done.dataset.draftDone}`));
    document.querySelectorAll(FORMS).forEach(begin);
    mark();
  });
  document.addEventListener("htmx:afterSettle", () => { document.querySelectorAll(FORMS).forEach(begin); mark(); });
  document.addEventListener("desk:done", (event) => {
    const form = event.target.closest?.(FORMS);
    if (!form) return;
    form.sent = true;
    forget((key) => key === name(form));
    mark();
  }, true);

  document.addEventListener("click", async (event) => {
    const form = event.target.closest(FORMS) || document.querySelector(FORMS);
    if (!form) return;
    if (event.target.closest("[data-draft-drop]")) {
      form.cleared = { at: Date.now(), values: values(form) };
      forget((key) => key === name(form));
      form.querySelector("#more-matters")?.replaceChildren();
      form.reset();
      form.dispatchEvent(new Event("draft:restored", { bubbles: true }));
      tell(form, form.cleared, true);
      const sign = form.querySelector("[data-draft-saved]");
      if (sign) sign.hidden = true;
      form.querySelector("textarea, input:not([type=hidden])")?.focus();
    } else if (event.target.closest("[data-draft-back]") && form.cleared) {
      await fill(form, form.cleared);
      save(form);
      tell(form, form.cleared, false);
    }
  });
  // Before the slot is emptied: closing a form with words in it keeps them, and says so.
  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-close]")?.closest(FORMS);
    if (!form) return;
    save(form);
    const kept = form.dataset.draftKept;
    if (kept && read(name(form))) document.dispatchEvent(new CustomEvent("draft:kept", { detail: { message: kept } }));
    setTimeout(mark);
  }, true);
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign-out]")) forget(() => true);
  });
})();
