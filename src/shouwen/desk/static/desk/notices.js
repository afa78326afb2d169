/* What comes up by itself goes away by itself, but for a call that waits for an answer. */
(() => {
  const LASTS = 9000;
  const gone = (note) => note?.remove();
  document.addEventListener("htmx:afterSettle", () => {
    document.querySelectorAll("[data-toast]:not([data-timed])").forEach((note) => {
      note.dataset.timed = "";
      if (note.dataset.stays === undefined) setTimeout(() => gone(note), LASTS);
    });
  });
  document.addEventListener("click", (event) => {
    const close = event.target.closest("[data-toast-close]");
    if (close) gone(close.closest("[data-toast]"));
  });
})();
