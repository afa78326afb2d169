/* Time left, ticking. The same words as `desk/words.py` (time_left), by the server's clock: a desk
   computer whose own clock is wrong must not show a wrong limit. */
(() => {
  const words = JSON.parse(document.documentElement.dataset.timeWords);
  let ahead = 0; // how far the server's clock is ahead of this computer's, in milliseconds
  const listen = (iso) => { if (iso) ahead = Date.parse(iso) - Date.now(); };

  window.deskNow = () => Date.now() + ahead;

  const fill = (pattern, ...values) => values.reduce((text, value) => text.replace("{}", value), pattern);

  const span = (seconds) => {
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
    if (minutes < 1) return words.moment;
    if (minutes < 60) return fill(words.minutes, minutes);
    if (hours < 48) return minutes % 60 ? fill(words.hours, hours, minutes % 60) : fill(words.whole_hours, hours);
    const days = Math.floor(hours / 24);
    return hours % 24 ? fill(words.days, days, hours % 24) : fill(words.whole_days, days);
  };

  const left = (seconds) => {
    if (seconds < -59) return fill(words.late, span(-seconds));
    if (seconds < 0) return words.just;
    if (seconds > 600) return span(seconds);
    const two = (value) => String(value).padStart(2, "0");
    return two(Math.floor(seconds / 60)) + ":" + two(seconds % 60);
  };

  const tick = () => {
    const now = window.deskNow();
    document.querySelectorAll("[data-due]").forEach((element) => {
      const due = Date.parse(element.dataset.due);
      if (element.tagName === "PROGRESS") {
        const start = Date.parse(element.dataset.start);
        element.value = Math.min(1, Math.max(0, (now - start) / Math.max(1, due - start)));
        return;
      }
      const seconds = Math.floor((due - now) / 1000);
      const text = (seconds >= 0 ? element.dataset.prefix || "" : "") + left(seconds);
      if (element.textContent !== text) element.textContent = text;
      element.classList.toggle("late", seconds < 0 || element.dataset.grave !== undefined && seconds <= 600);
    });
  };

  listen(document.documentElement.dataset.now);
  document.addEventListener("htmx:afterRequest", (event) => {
    const at = event.detail.xhr && event.detail.xhr.getResponseHeader("X-Server-Time");
    listen(at);
  });
  document.addEventListener("htmx:afterSwap", tick);
  document.addEventListener("DOMContentLoaded", tick);
  setInterval(tick, 1000);
})();
