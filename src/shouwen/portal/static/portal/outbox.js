/* What was written and has not been sent: kept in IndexedDB, sent when there is a connection. Sent
   twice it counts once: each has a key by which the server knows it. Also runs in the service worker. */
(function (self) {
  "use strict";
  var STORE = "outbox", RECEIPTS = "receipts";
  function open() {
    return new Promise(function (done, failed) {
      var asked = self.indexedDB.open("shouwen-portal", 1);
      asked.onupgradeneeded = function () { 
        [STORE, RECEIPTS].forEach(function (name) { asked.result.createObjectStore(name, { keyPath: "key" }); });
      };
      asked.onsuccess = function () { done(asked.result); };
      asked.onerror = function () { failed(asked.error); };
    });
  }
  function within(name, mode, act) {
    return open().then(function (db) {
      return new Promise(function (done, failed) {
        var transaction = db.transaction(name, mode);
        var asked = act(transaction.objectStore(name));
        transaction.oncomplete = function () { db.close(); done(asked.result); };
        transaction.onerror = transaction.onabort = function () { db.close(); failed(transaction.error); };
      });
    });
  }
  function body(kept) {
    var form = new FormData();
    kept.fields.forEach(function (field) { form.append(field[0], field[1]); });
    kept.photos.forEach(function (photo, place) { form.append("photos", photo, (photo.name || place + 1 + ".jpg")); });
    return form;
  }
  function put(kept) { return within(STORE, "readwrite", function (store) { return store.put(kept); }); }
  function remove(key) { return within(STORE, "readwrite", function (store) { return store["delete"](key); }); }
  function all() { return within(STORE, "readonly", function (store) { return store.getAll(); }); }
  /* Resolves to the answer; what the server took in, or will never take, is kept no longer. */
  function one(kept) {
    return fetch(kept.url, { method: "POST", body: body(kept), credentials: "same-origin" }).then(function (answer) {
      var over = answer.ok || answer.status === 404;
      return (over ? remove(kept.key) : Promise.resolve()).then(function () { return answer; });
    });
  }
  /* Sends all that waits; resolves to the last answer that is a receipt, or null. */
  function send() {
    return all().then(function (waiting) {
      var last = null, lost = null;
      return waiting.reduce(function (before, kept) {
        return before.then(function () {
          return one(kept).then(function (answer) { if (answer.ok) { last = answer; } }, function (error) { lost = error; });
        });
      }, Promise.resolve()).then(function () { if (lost && !last) { throw lost; } return last; });
    });
  }
  /* A receipt that came while no page was there to show it. */
  function keepReceipt(url) {
    return within(RECEIPTS, "readwrite", function (store) { return store.put({ key: url, at: Date.now() }); });
  }
  /* The receipts that nobody has seen; they are asked for once. */
  function receipts() {
    return within(RECEIPTS, "readonly", function (store) { return store.getAll(); }).then(function (found) {
      return within(RECEIPTS, "readwrite", function (store) { return store.clear(); }).then(function () {
        return found.filter(function (one) { return Date.now() - one.at < 86400000; });
      });
    });
  }
  self.outbox = { keepReceipt: keepReceipt, receipts: receipts, put: put, remove: remove, all: all, one: one, send: send };
})(self);
