/* The form with JavaScript: a draft, photographs to see, what the words look like, and sending that
   survives a lost connection. Without it, or on an old browser, the form sends itself. */
(function () {
  "use strict";
  var form = document.querySelector("[data-report]"), kiosk = document.body.getAttribute("data-kiosk");
  var each = function (list, act) { Array.prototype.forEach.call(list, act); };
  var box = function () {
    try { return window.localStorage; } catch (closed) { return null; }
  }();

  // -- a kiosk begins anew
  if (kiosk) {
    var idle = document.querySelector("[data-idle]"), quiet = 0;
    var heard = function () { quiet = 0; if (idle) { idle.hidden = true; } };
    ["pointerdown", "touchstart", "mousedown", "keydown", "input", "scroll"].forEach(function (name) {
      document.addEventListener(name, heard, true);
    });
    var most = form ? 90 : 60;
    window.setInterval(function () {
      quiet += 1;
      if (quiet >= most) { window.location.replace(kiosk); }
      else if (idle && form && quiet === most - 20 && written()) { idle.hidden = false; }
    }, 1000);
    each(document.querySelectorAll("[data-reset]"), function (link) {
      link.addEventListener("click", function (event) { event.preventDefault(); window.location.replace(kiosk); });
    });
  }
  function written() { return form && form.elements.content.value; }

  var modern = window.fetch && window.Promise && window.indexedDB && window.FormData && self.outbox && self.outbox.put;
  if (!form) {
    // On a receipt: what waited from before goes too.
    if (modern && !kiosk) { self.outbox.send()["catch"](function () {}); }
    return;
  }
  document.documentElement.className += " scripted";
  var fields = ["content", "place", "name", "telephone"], NAME = "shouwen draft " + window.location.pathname;
  var photos = [], sending = false;

  // -- the key: this writing's own, and the same until it was sent
  function fresh() {
    var bytes = new Uint8Array(16);
    (window.crypto || window.msCrypto).getRandomValues(bytes);
    return Array.prototype.map.call(bytes, function (byte) { return ("0" + byte.toString(16)).slice(-2); }).join("");
  }
  if (window.crypto && window.Uint8Array && !form.hasAttribute("data-fresh")) { form.elements.key.value = fresh(); }

  // -- the draft
  function remember() {
    if (!box || kiosk) { return; }
    var kept = { key: form.elements.key.value };
    fields.forEach(function (name) { kept[name] = form.elements[name].value; });
    try { box.setItem(NAME, JSON.stringify(kept)); } catch (full) { return; }
  }
  function forget() { if (box) { try { box.removeItem(NAME); } catch (closed) { return; } } }
  if (box && !kiosk && !form.hasAttribute("data-fresh")) {
    try {
      var before = JSON.parse(box.getItem(NAME) || "null");
      if (before && before.content) {
        fields.forEach(function (name) { if (before[name]) { form.elements[name].value = before[name]; } });
        form.elements.key.value = before.key;
      }
    } catch (unreadable) { forget(); }
  }

  // -- what the words look like
  var looked = document.querySelector("[data-looked]"), waiting = 0, last = "";
  function look() {
    var words = form.elements.content.value, asked = words + "\n" + form.elements.place.value;
    if (words.length < 4 || asked === last || !window.fetch || !window.FormData) { return; }
    last = asked;
    var said = new FormData();
    said.append("content", words);
    said.append("place", form.elements.place.value);
    fetch(form.getAttribute("data-look"), { method: "POST", body: said, credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : ""; })
      .then(function (html) {
        if (asked !== last) { return; }
        var chosen = form.querySelector("[name=joins]:checked"), value = chosen ? chosen.value : "";
        looked.innerHTML = html;
        var same = value && looked.querySelector("[name=joins][value='" + value + "']");
        if (same) { same.checked = true; }
      }, function () { last = ""; });
  }
  form.addEventListener("input", function () {
    remember();
    window.clearTimeout(waiting);
    waiting = window.setTimeout(look, 700);
  });
  if (form.elements.content.value) { look(); }

  // -- photographs
  var list = document.querySelector("[data-previews]");
  function show() {
    list.innerHTML = "";
    photos.forEach(function (photo, place) {
      var item = document.createElement("li"), image = document.createElement("img"), off = document.createElement("button");
      image.src = photo.seen;
      image.alt = photo.file.name || "";
      off.type = "button";
      off.textContent = "×";
      off.setAttribute("aria-label", form.getAttribute("data-remove"));
      off.addEventListener("click", function () { URL.revokeObjectURL(photo.seen); photos.splice(place, 1); show(); });
      item.appendChild(image);
      item.appendChild(off);
      list.appendChild(item);
    });
  }
  var upright = window.CSS && CSS.supports && CSS.supports("image-orientation", "from-image");
  /* Large photographs are made smaller, where the browser turns them upright by itself. */
  function smaller(file, done) {
    if (!upright || file.size < 600000 || !HTMLCanvasElement.prototype.toBlob) { done(file); return; }
    var image = new Image(), from = URL.createObjectURL(file);
    image.onload = function () {
      var by = Math.min(1, 1920 / Math.max(image.naturalWidth, image.naturalHeight));
      var canvas = document.createElement("canvas");
      canvas.width = Math.round(image.naturalWidth * by);
      canvas.height = Math.round(image.naturalHeight * by);
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      URL.revokeObjectURL(from);
      canvas.toBlob(function (made) { done(made && made.size < file.size ? made : file); }, "image/jpeg", 0.85);
    };
    image.onerror = function () { URL.revokeObjectURL(from); done(file); };
    image.src = from;
  }
  if (modern && window.URL) {
    each(form.querySelectorAll("[type=file]"), function (input) {
      input.addEventListener("change", function () {
        each(input.files, function (file) {
          smaller(file, function (made) {
            photos.push({ file: made, seen: URL.createObjectURL(made) });
            show();
          });
        });
        input.value = "";
      });
    });
  }

  // -- sending
  var kept = document.querySelector("[data-kept]"), button = form.querySelector("[type=submit]"), says = button.textContent;
  function told(busy) { sending = busy; button.textContent = busy ? form.getAttribute("data-sending") : says; }
  function leave(answer) { forget(); window.location.replace(answer.url); }
  /* The server says what is missing: said at its field, and nothing written or taken is lost. */
  function refused(record, answer) {
    if (!photos.length) {
      record.photos.forEach(function (file) { photos.push({ file: file, seen: URL.createObjectURL(file) }); });
      show();
    }
    told(false);
    kept.hidden = true;
    form.hidden = false;
    return self.outbox.remove(record.key).then(function () { return answer.text(); }).then(function (html) {
      var page = new DOMParser().parseFromString(html, "text/html"), first = null;
      ["content", "telephone"].forEach(function (name) {
        var said = page.getElementById(name + "-wrong"), here = document.getElementById(name + "-wrong");
        here.textContent = said ? said.textContent : "";
        here.hidden = !here.textContent;
        if (here.textContent) {
          first = first || form.elements[name];
          form.elements[name].setAttribute("aria-invalid", "true");
        } else { form.elements[name].removeAttribute("aria-invalid"); }
      });
      if (first) { first.focus(); }
    });
  }
  function keep() {
    told(false);
    kept.hidden = false;
    // A kiosk keeps nothing: what was written stays in the form until it is sent.
    form.hidden = !kiosk;
    kept.scrollIntoView && kept.scrollIntoView();
    if (!kiosk && navigator.serviceWorker && navigator.serviceWorker.ready) {
      navigator.serviceWorker.ready.then(function (worker) { return worker.sync && worker.sync.register("outbox"); })["catch"](function () {});
    }
  }
  function retry() {
    if (sending) { return; }
    sending = true;
    self.outbox.send().then(function (answer) {
      sending = false;
      if (answer) { leave(answer); return null; }
      return self.outbox.all().then(function (still) {
        // Nothing waits: the service worker was quicker; or the server wants something mended.
        if (still.length) {
          return self.outbox.one(still[0]).then(function (again) {
            return again.status === 422 ? refused(still[0], again) : null;
          });
        }
        forget();
        window.location.reload();
        return null;
      });
    }, function () { sending = false; });
  }
  if (modern) {
    form.addEventListener("submit", function (event) {
      if (sending) { event.preventDefault(); return; }
      event.preventDefault();
      var record = { key: form.elements.key.value, url: window.location.pathname, fields: [], photos: photos.map(function (photo) { return photo.file; }) };
      each(form.elements, function (field) {
        if (!field.name || field.type === "file" || field.type === "submit") { return; }
        if ((field.type === "checkbox" || field.type === "radio") && !field.checked) { return; }
        record.fields.push([field.name, field.value]);
      });
      told(true);
      var sent = function () {
        return self.outbox.one(record).then(function (answer) {
          if (answer.ok) { leave(answer); return null; }
          if (answer.status === 422) { return refused(record, answer); }
          keep();
          return null;
        }, keep);
      };
      // A browser that keeps nothing (private window) still sends.
      (kiosk ? Promise.resolve() : self.outbox.put(record)).then(sent, function () {
        return fetch ? sent() : form.submit();
      });
    });
    each(document.querySelectorAll("[data-again]"), function (again) { again.addEventListener("click", retry); });
    window.addEventListener("online", function () { if (!kept.hidden && !kiosk) { retry(); } });
    window.setInterval(function () { if (!kept.hidden && !kiosk && navigator.onLine !== false) { retry(); } }, 20000);
    if (!kiosk) {
      if (navigator.serviceWorker) {
        navigator.serviceWorker.addEventListener("message", function (event) {
          if (event.data === "sent" && !kept.hidden) { forget(); window.location.reload(); }
        });
      }
      self.outbox.receipts().then(function (found) {
        if (found.length) { forget(); window.location.replace(found[found.length - 1].key); return null; }
        return self.outbox.all().then(function (still) { if (still.length) { keep(); retry(); } });
      })["catch"](function () {});
    }
  }

  // -- without a connection next time
  if (!kiosk && navigator.serviceWorker && window.caches) {
    window.addEventListener("load", function () {
      navigator.serviceWorker.register(form.getAttribute("data-worker"), { scope: "/p/" }).then(function () {
        return caches.open("shouwen-portal-1");
      }).then(function (cache) {
        var parts = [window.location.pathname];
        each(document.querySelectorAll("link[rel=stylesheet], script[src]"), function (part) { parts.push(part.href || part.src); });
        return cache.addAll(parts);
      })["catch"](function () {});
    });
  }
})();
