/* Lists: the menu of filters stays open while one chooses, columns are moved in place, rows are picked
   one by one or by range, and one step is taken on all of them in chunks, so that the bar can move. */
(() => {
  const CHUNK = 10;
  const one = (selector) => document.querySelector(selector);
  const picks = () => [...document.querySelectorAll("[data-pick]")];
  const picked = () => picks().filter((each) => each.checked);
  const words = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

  /* What is asked for: the address holds no empty values; the menu and the focus stay where they were. */
  let kept = null;
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get" || !event.detail.elt.closest(".the-list")) return;
    for (const [name, value] of [...event.detail.formData.entries()]) {
      if (value === "") event.detail.formData.delete(name);
    }
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const asking = event.detail.requestConfig?.elt;
    kept = null;
    if (event.detail.target.id !== "page" || !asking?.closest) return;
    if (asking.closest("#filter-menu")) {
      kept = { open: [...document.querySelectorAll("#filter-menu, #filter-menu details[open]")].map((each) => each.id), scrolled: asking.scrollTop };
    } else if (asking.closest(".taken")) kept = { focus: true };
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    offer();
    if (!kept || !one("#page")?.contains(event.target)) return;
    const { open, scrolled, focus } = kept;
    kept = null;
    (open || []).forEach((id) => { const each = document.getElementById(id); if (each) each.open = true; });
    if (open) one("#filter-menu > form").scrollTop = scrolled;
    if (focus && document.activeElement === document.body) (one(".taken .chip") || one("#filter-menu > summary"))?.focus();
  });

  /* Columns */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-columns] .moves button");
    if (!button) return;
    event.preventDefault();
    event.stopPropagation();
    const line = button.closest("li");
    if (button.name === "up") line.previousElementSibling?.before(line); else line.nextElementSibling?.after(line);
    button.focus();
  }, true);

  /* Picking */
  let last = null;
  const changed = () => {
    const chosen = picked();
    const count = one("#bulk-count");
    if (!count) return;
    count.textContent = chosen.length ? words(count.dataset.words, { n: chosen.length }) : "";
    picks().forEach((each) => each.closest("tr").classList.toggle("picked", each.checked));
    const all = one("[data-pick-all]");
    if (all) {
      all.checked = chosen.length > 0 && chosen.length === picks().length;
      all.indeterminate = chosen.length > 0 && !all.checked;
    }
    const form = one("#bulk-slot form[data-bulk]");
    if (form) carry(form, chosen.map((each) => each.value));
    if (chosen.length) htmx.trigger("#bulk", "bulk:changed"); else one("#bulk-steps").replaceChildren();
  };
  const carry = (form, tokens) => {
    form.querySelectorAll("[name=at]").forEach((each) => each.remove());
    tokens.forEach((token) => {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name: "at", value: token });
      form.append(input);
    });
    const count = form.querySelector("[data-words]");
    count.textContent = words(count.dataset.words, { n: tokens.length });
    form.querySelector("[type=submit]").disabled = !tokens.length;
  };
  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-pick]");
    if (box) {
      const all = picks();
      if (event.shiftKey && last && all.includes(last)) {
        const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
        all.slice(from, to + 1).forEach((each) => { each.checked = box.checked; });
      }
      last = box;
    }
    if (event.target.closest("[data-unpick]")) {
      picks().forEach((each) => { each.checked = false; });
      one("#bulk-slot").replaceChildren();
      changed();
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) picks().forEach((each) => { each.checked = event.target.checked; });
    if (event.target.matches("[data-pick], [data-pick-all]")) changed();
  });
  const offer = () => { const all = one("[data-pick-all]"); if (all) all.hidden = false; };
  document.addEventListener("DOMContentLoaded", () => { offer(); if (picked().length) changed(); });

  /* One step for all that are picked */
  const send = async (form, tokens, further) => {
    const body = new FormData(form);
    body.delete("at");
    tokens.forEach((token) => body.append("at", token));
    if (further) body.append("further", "1");
    return fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
  };
  const read = (html) => {
    const box = document.createElement("template");
    box.innerHTML = html;
    return box.content;
  };
  const take = async (form) => {
    const tokens = [...form.querySelectorAll("[name=at]")].map((each) => each.value);
    const progress = form.querySelector("[data-bulk-progress]");
    const [bar, said, button] = [progress.querySelector("progress"), progress.querySelector("[role=status]"), form.querySelector("[type=submit]")];
    const results = form.results ||= [];
    const all = results.length + tokens.length;
    button.disabled = true;
    progress.hidden = false;
    while (tokens.length) {
      bar.max = all;
      bar.value = results.length;
      said.textContent = words(form.dataset.progress, { done: results.length, all });
      const chunk = tokens.slice(0, CHUNK);
      let answer = null;
      try { answer = await send(form, chunk, results.length > 0); } catch { answer = null; }
      if (answer && answer.status === 422) {
        const slot = form.closest(".slot");
        const mended = read(await answer.text());
        slot.replaceChildren(mended);
        htmx.process(slot);
        carry(slot.querySelector("form"), tokens);
        slot.querySelector("[aria-invalid=true], .field-error, .alarm")?.scrollIntoView({ block: "nearest" });
        return;
      }
      if (!answer || answer.status !== 200) {
        carry(form, tokens);
        button.disabled = false;
        said.textContent = words(form.dataset.stopped, { left: tokens.length });
        return;
      }
      results.push(...read(await answer.text()).querySelectorAll(".bulk-results > li"));
      tokens.splice(0, chunk.length);
    }
    show(form, results);
  };
  const show = (form, results) => {
    const told = read(form.querySelector("template").innerHTML);
    const done = results.filter((each) => each.dataset.done === "1").length;
    const title = told.querySelector("[data-words]");
    title.textContent = words(title.dataset.words, { done, all: results.length });
    results.sort((a, b) => a.dataset.done - b.dataset.done);
    told.querySelector("ul").append(...results);
    form.closest(".slot").replaceChildren(told);
    stood = window.deskRows.selected()?.id;
    htmx.ajax("GET", location.pathname + location.search, { target: "#found", select: "#found", swap: "outerHTML" });
  };
  let stood = ""; // the row that was selected before the rows were brought in anew
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "found") return;
    const { rows, selected, select } = window.deskRows;
    if (!selected() && rows().length) select(document.getElementById(stood) || rows()[0]);
    changed();
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("#bulk-slot form[data-bulk]")) return;
    event.preventDefault();
    take(event.target);
  });
})();
