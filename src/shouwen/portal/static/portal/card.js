// What is heard without a network stays on the telephone and is sent when there is one: once, by its key.
(() => {
  const form = document.getElementById("record");
  const note = document.getElementById("kept-here");
  if (!form || !window.indexedDB || !window.fetch || !window.FormData) return;

  const ready = new Promise((resolve, reject) => {
    const asked = indexedDB.open("shouwen-card", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("heard", { keyPath: "key" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const store = async (mode, ask) => {
    const database = await ready;
    return new Promise((resolve, reject) => {
      const request = ask(database.transaction("heard", mode).objectStore("heard"));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  };
  const fresh = () => (crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`);
  const say = (text) => { note.textContent = text; note.hidden = !text; };
  const send = async (fields, action) => {
    const body = new FormData();
    fields.forEach(([name, value]) => body.append(name, value));
    return fetch(action, { method: "POST", body, headers: { Accept: "application/json" } });
  };
  const waiting = async () => {
    const kept = await store("readonly", (heard) => heard.getAll());
    const failed = kept.find((each) => each.wrong);
    if (failed) say(note.dataset.refused.replace("{why}", failed.wrong));
    else say(kept.length ? note.dataset.waiting.replace("{n}", kept.length) : "");
    return kept;
  };

  let busy = false;
  const flush = async () => {
    if (busy) return;
    busy = true;
    let sent = 0;
    try {
      for (const each of await waiting()) {
        if (each.wrong) continue;
        const answer = await send(each.fields, each.action);
        if (answer.ok) {
          await store("readwrite", (heard) => heard.delete(each.key));
          sent += 1;
        } else if (answer.status < 500 && answer.status !== 429) {
          const told = await answer.json().catch(() => ({}));
          await store("readwrite", (heard) => heard.put({ ...each, wrong: told.wrong || String(answer.status) }));
        } else break;
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // no network yet: another time
    } finally {
      busy = false;
    }
    await waiting();
    if (sent && !form.elements.content.value) location.assign(form.action);
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    say(note.dataset.sending);
    const fields = [...new FormData(form)].filter(([, value]) => !(value instanceof File) || value.size);
    try {
      const answer = await send(fields, form.action);
      const told = await answer.json().catch(() => ({}));
      if (answer.ok) {
        localStorage.removeItem("shouwen-card");
        location.assign(told.next);
        return;
      }
      say(told.wrong || String(answer.status));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      const key = form.elements.key.value;
      await store("readwrite", (heard) => heard.put({ key, fields, action: form.action }));
      localStorage.removeItem("shouwen-card");
      form.reset();
      form.elements.key.value = fresh();
      await waiting();
    }
    button.disabled = false;
  });

  // A draft of the words: a call comes in between, the page is put away, nothing is lost.
  const words = form.elements.content;
  if (!words.value) words.value = localStorage.getItem("shouwen-card") || "";
  words.addEventListener("input", () => localStorage.setItem("shouwen-card", words.value));

  // A page restored by the browser, or kept on the telephone, must not repeat an earlier one's key.
  if (form.hasAttribute("data-bare")) form.elements.key.value = fresh();
  window.addEventListener("pageshow", (event) => { if (event.persisted) form.elements.key.value = fresh(); });
  window.addEventListener("online", flush);
  setInterval(flush, 30000);
  flush();
  if ("serviceWorker" in navigator && window.isSecureContext) navigator.serviceWorker.register(form.dataset.worker, { scope: form.getAttribute("action") });
})();
