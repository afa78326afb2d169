/* Live without reload: a cheap question every few seconds; what changed is brought in, but never
   under the hands of somebody who is filling in a form. Also: what was done, and what failed. */
(() => {
  const page = () => document.querySelector("#page");
  const notice = (id) => document.querySelector(id);
  let gone = 0; // when the word of what was done goes away again
  let place = null; // where the selection stood when a step was taken

  let coming = 0; // forms asked for and not here yet
  const asked = (event) => event.detail.requestConfig.verb === "get" && event.detail.target?.closest?.(".slot");
  document.addEventListener("htmx:beforeRequest", (event) => { if (asked(event)) coming += 1; });
  document.addEventListener("htmx:afterRequest", (event) => { if (asked(event)) coming = Math.max(0, coming - 1); });

  const busy = () => coming > 0 || Boolean(page()?.querySelector(".slot form, form[data-draft]"));

  let fetching = false, again = false;
  const refresh = () => {
    notice("#changed").hidden = true;
    waiting = false;
    const row = window.deskRows.selected();
    const all = window.deskRows.rows();
    if (place === null && row) place = { id: row.id, at: all.indexOf(row) };
    if (fetching) { again = true; return; } // what is on its way may be older than what was done since
    fetching = true;
    const over = () => {
      fetching = false;
      if (again) refresh();
    };
    again = false;
    htmx.ajax("GET", location.pathname + location.search, { target: "#page", select: "#page", swap: "outerHTML" })
      .catch(() => {}).then(() => setTimeout(over));
  };

  const tell = (message, back, refused) => {
    const done = notice("#done");
    const [said, undo] = [done.querySelector("span"), done.querySelector("[data-undo]")];
    said.textContent = message;
    said.className = refused ? "late" : "kept";
    undo.hidden = !back;
    undo.dataset.undo = back ? JSON.stringify(back) : "";
    done.hidden = false;
    clearTimeout(gone);
    gone = setTimeout(() => { done.hidden = true; }, back || refused ? 20000 : 6000);
  };
  document.addEventListener("draft:kept", (event) => tell(event.detail.message));
  document.addEventListener("desk:refused", (event) => tell(event.detail.message, null, true));

  // A form was opened while the page was on its way: what is new waits until the form is closed.
  let waiting = false;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "page" || event.detail.requestConfig.elt !== document.body) return;
    waiting = busy();
    if (waiting) event.detail.shouldSwap = false;
  });
  document.addEventListener("slot:closed", () => { if (waiting) refresh(); });

  document.addEventListener("desk:changed", () => {
    if (busy()) notice("#changed").hidden = false; else refresh();
  });

  document.addEventListener("desk:done", (event) => {
    const row = window.deskRows.selected();
    place = row ? { id: "", at: window.deskRows.rows().indexOf(row) } : null;
    tell(event.detail.message, event.detail.undo);
    const slot = event.target.closest?.(".slot");
    if (slot) {
      slot.replaceChildren();
      (slot.opener?.isConnected ? slot.opener : window.deskRows.main(row))?.focus({ preventScroll: true });
    }
    if (busy()) notice("#changed").hidden = false; else refresh();
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "page" && !event.target.querySelector?.("#page")) return;
    const all = window.deskRows.rows();
    if (!all.length) return;
    const same = place && place.id && document.getElementById(place.id);
    const next = same || all[Math.min(all.length - 1, place ? Math.max(0, place.at) : 0)];
    if (!window.deskRows.selected()) window.deskRows.select(next);
    place = null;
  });

  document.addEventListener("click", (event) => {
    const undo = event.target.closest("[data-undo]");
    if (undo) {
      const { address, entry } = JSON.parse(undo.dataset.undo);
      htmx.ajax("POST", address, { source: undo, swap: "none", values: { entry } });
    }
    if (event.target.closest("[data-refresh]")) {
      page()?.querySelectorAll(".slot").forEach((slot) => slot.replaceChildren());
      refresh();
    }
  });

  const offline = (text) => {
    const box = notice("#offline");
    box.querySelector("span").textContent = text;
    box.hidden = false;
  };
  const sentence = (name) => notice("#offline").dataset[name];
  document.addEventListener("htmx:sendError", () => offline(sentence("lost")));
  document.addEventListener("htmx:timeout", () => offline(sentence("lost")));
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    offline(sentence(status === 403 ? "refused" : status === 404 ? "gone" : status < 500 ? "wrong" : "failed"));
  });
  document.addEventListener("htmx:afterOnLoad", () => { notice("#offline").hidden = true; });
})();
