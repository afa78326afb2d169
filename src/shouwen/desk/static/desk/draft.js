/* A form being filled in survives a crash of the browser: kept on this computer for a day, for this
   person only, and forgotten when the form was sent or the person signs out. */
(() => {
  const DAY = 24 * 3600 * 1000;
  const prefix = "draft:";
  const name = (form) => `${prefix}${document.body.dataset.person}:${form.dataset.draft}`;
  const kept = (form) => [...form.elements].filter((element) =>
    element.name && !["file", "password", "submit", "button"].includes(element.type) && element.name !== "csrfmiddlewaretoken");

  const save = (form) => {
    const values = kept(form)
      .filter((element) => !["radio", "checkbox"].includes(element.type) || element.checked)
      .map((element) => [element.name, element.value]);
    localStorage.setItem(name(form), JSON.stringify({ at: Date.now(), values }));
    const sign = document.querySelector("[data-draft-saved]");
    if (sign) sign.hidden = false;
  };

  const restore = (form) => {
    const draft = JSON.parse(localStorage.getItem(name(form)) || "null");
    if (!draft || Date.now() - draft.at > DAY) return;
    const said = new Map();
    draft.values.forEach(([field, value]) => said.set(field, [...(said.get(field) || []), value]));
    kept(form).forEach((element) => {
      const values = said.get(element.name);
      if (["radio", "checkbox"].includes(element.type)) element.checked = Boolean(values && values.includes(element.value));
      else if (values) element.value = values.shift() ?? element.value;
    });
    form.dispatchEvent(new Event("draft:restored", { bubbles: true }));
    const notice = document.querySelector("#draft-restored");
    if (notice) {
      notice.querySelector("time").textContent = new Date(draft.at).toTimeString().slice(0, 5);
      notice.hidden = false;
    }
  };

  const forget = (test) => Object.keys(localStorage)
    .filter((key) => key.startsWith(prefix) && test(key)).forEach((key) => localStorage.removeItem(key));

  document.addEventListener("DOMContentLoaded", () => {
    const done = document.querySelector("[data-draft-done]");
    if (done) forget((key) => key === `${prefix}${document.body.dataset.person}:${done.dataset.draftDone}`);
    document.querySelectorAll("form[data-draft]").forEach((form) => {
      if (!form.hasAttribute("data-answered")) restore(form);
      let timer = null;
      form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => save(form), 300); });
      form.addEventListener("change", () => save(form));
    });
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-draft-drop]")) return;
    document.querySelectorAll("form[data-draft]").forEach((form) => forget((key) => key === name(form)));
    location.assign(location.pathname);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign-out]")) forget(() => true);
  });
})();
