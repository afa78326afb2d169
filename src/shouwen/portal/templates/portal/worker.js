{% load static %}/* The portal without a connection: its pages from the last visit, and what waits to be sent. */
importScripts("{% static 'portal/outbox.js' %}");
var KEPT = "shouwen-portal-1";
self.addEventListener("install", function () { self.skipWaiting(); });
self.addEventListener("activate", function (event) { event.waitUntil(self.clients.claim()); });
self.addEventListener("fetch", function (event) {
  var request = event.request, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) { return; }
  var form = /^\/p\/[a-z0-9]+\/$/.test(url.pathname) && request.mode === "navigate";
  var part = url.pathname.indexOf("/portal/") > 0 && /\.(css|js|svg|png)$/.test(url.pathname);
  if (form) {
    event.respondWith(fetch(request).then(function (response) {
      if (response.ok) {
        var copy = response.clone();
        event.waitUntil(caches.open(KEPT).then(function (cache) { return cache.put(url.pathname, copy); }));
      } else if (response.status === 404) {
        event.waitUntil(caches.open(KEPT).then(function (cache) { return cache.delete(url.pathname); }));
      }
      return response;
    }, function (lost) {
      return caches.match(url.pathname).then(function (kept) { if (kept) { return kept; } throw lost; });
    }));
  } else if (part) {
    event.respondWith(caches.match(request).then(function (kept) {
      return kept || fetch(request);
    }));
  }
});
self.addEventListener("sync", function (event) {
  if (event.tag !== "outbox") { return; }
  event.waitUntil(self.outbox.send().then(function (answer) {
    if (!answer) { return null; }
    return self.outbox.keepReceipt(answer.url).then(function () { return self.clients.matchAll(); }).then(function (pages) {
      pages.forEach(function (page) { page.postMessage("sent"); });
    });
  }));
});
