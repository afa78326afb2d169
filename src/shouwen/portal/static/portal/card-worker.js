// Keeps the card's form on the telephone, without the list of what was heard: it opens without a network.
const KEPT = "shouwen-card-1";
const shell = () => `${self.registration.scope}?shell=1`;

const keep = async () => {
  const kept = await caches.open(KEPT);
  const page = await fetch(shell(), { cache: "no-store" });
  if (!page.ok) return kept.delete(shell());
  const text = await page.clone().text();
  const files = [...text.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((each) => each[1]);
  await kept.put(shell(), page);
  return kept.addAll(files);
};

self.addEventListener("install", (event) => { self.skipWaiting(); event.waitUntil(keep()); });
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && request.url.split("?")[0] === self.registration.scope) {
    event.respondWith(fetch(request).then((page) => {
      // A card that was stopped leaves nothing on the telephone; else the form kept is the newest.
      event.waitUntil(page.status === 404 ? caches.delete(KEPT) : keep().catch(() => {}));
      return page;
    }).catch(() => caches.match(shell())));
  } else if (new URL(request.url).pathname.startsWith("/static/")) {
    event.respondWith(fetch(request).catch(() => caches.match(request)));
  }
});
