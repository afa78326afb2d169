// Buttons that copy a field: there only where the browser lets a page write to the clipboard.
(() => {
  const offer = (root) => root.querySelectorAll("[data-copy-of]").forEach((button) => {
    button.hidden = !navigator.clipboard;
  });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy-of]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copyOf);
    field.select();
    await navigator.clipboard.writeText(field.value);
    button.classList.add("kept");
  });
  document.addEventListener("htmx:load", (event) => offer(event.target));
  offer(document);
})();
