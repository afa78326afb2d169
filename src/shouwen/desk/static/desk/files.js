/* Files out and in: the menu of exports closes once one was asked for. */
(() => {
  document.addEventListener("htmx:afterRequest", (event) => {
    const menu = event.detail.elt.closest?.("#export-menu");
    if (menu && event.detail.successful) menu.open = false;
  });
})();
