/* A call comes up at once: a cheap question every second, for whom calls can come up at all, as long as
   the page is looked at. Asked beside htmx, so that what a page says of its own steps stays. */
(() => {
  const EVERY = 1000;
  const box = () => document.querySelector("#calls");
  if (!box()) return;
  let asking = false;

  const show = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("#calls");
    if (!fresh) return;
    const known = new Set([...box().querySelectorAll("[data-call]")].map((each) => each.dataset.call));
    // The call that is being written down here needs no card.
    const here = document.querySelector("#intake [name=call]")?.value;
    fresh.querySelectorAll("[data-call]").forEach((each) => { if (each.dataset.call === here) each.remove(); });
    const focused = document.activeElement?.closest?.("[data-call]")?.dataset.call;
    box().replaceWith(fresh);
    htmx.process(fresh);
    tick();
    // Told once by a reader of the screen, and found again where the hands were.
    fresh.querySelectorAll("[data-call]").forEach((each) => { if (!known.has(each.dataset.call)) each.setAttribute("role", "alert"); });
    if (focused) fresh.querySelector(`[data-call="${CSS.escape(focused)}"] a.main`)?.focus({ preventScroll: true });
  };
  const ask = async () => {
    if (asking || document.hidden) return;
    asking = true;
    try {
      const address = `${where}?shown=${encodeURIComponent(box().dataset.token)}`;
      const answer = await fetch(address, { headers: { "HX-Request": "true" }, cache: "no-store" });
      if (answer.status === 200) show(await answer.text());
      else if (answer.headers.get("HX-Refresh")) { delete box().dataset.goesOn; } // signed out elsewhere
    } catch { /* the network is away: asked again in a second */ } finally { asking = false; }
  };
  const where = box().dataset.address;

  const two = (value) => String(value).padStart(2, "0");
  const tick = () => document.querySelectorAll("[data-elapsed]").forEach((each) => {
    const seconds = Math.max(0, Math.floor((window.deskNow() - Date.parse(each.dataset.elapsed)) / 1000));
    const text = (seconds >= 3600 ? Math.floor(seconds / 3600) + ":" : "") + two(Math.floor(seconds / 60) % 60) + ":" + two(seconds % 60);
    if (each.textContent !== text) each.textContent = text;
  });

  document.addEventListener("submit", async (event) => {
    const away = event.target.closest("[data-call-away]");
    if (!away) return;
    event.preventDefault();
    away.closest("[data-call]").remove();
    try {
      await fetch(away.action, { method: "POST", body: new FormData(away), redirect: "manual" });
    } catch { /* it comes up again, and can be put away then */ }
  });
  document.addEventListener("visibilitychange", () => { if (box().dataset.goesOn !== undefined) ask(); });
  setInterval(() => { tick(); if (box().dataset.goesOn !== undefined) ask(); }, EVERY);
  ask();
})();
