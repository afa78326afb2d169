/* The signature pad: finger, pen or mouse draw on a canvas whose size in the file never changes, so
   that turning the tablet loses no stroke. What the customer reads above it follows what is typed. */
(() => {
  const begin = (box) => {
    const form = box.closest("form");
    const pad = box.querySelector("canvas");
    const ink = pad.getContext("2d");
    const field = box.querySelector("[name=signature]");
    const clear = box.querySelector("[data-clear-signature]");
    const state = box.querySelector("[data-signed-state]");
    let last = null, drawn = false;

    const wipe = () => {
      ink.fillStyle = "#fff";
      ink.fillRect(0, 0, pad.width, pad.height);
      drawn = false;
      show();
    };
    const show = () => {
      field.value = drawn ? pad.toDataURL("image/png") : "";
      clear.disabled = !drawn;
      state.textContent = drawn ? state.dataset.signed : state.dataset.empty;
    };
    const at = (event) => {
      const place = pad.getBoundingClientRect();
      return [(event.clientX - place.left) * pad.width / place.width, (event.clientY - place.top) * pad.height / place.height];
    };
    const stroke = (event) => {
      const [x, y] = at(event);
      const press = event.pointerType === "pen" && event.pressure ? 3 + 6 * event.pressure : 6;
      ink.lineWidth = press * pad.width / 1200;
      ink.lineCap = "round";
      ink.lineJoin = "round";
      ink.strokeStyle = "#111";
      ink.beginPath();
      ink.moveTo(...last);
      ink.lineTo(x, y);
      ink.stroke();
      last = [x, y];
      drawn = true;
    };
    pad.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary || event.button > 0) return;
      event.preventDefault();
      pad.setPointerCapture(event.pointerId);
      last = at(event);
      stroke(event);
    });
    pad.addEventListener("pointermove", (event) => {
      if (!last || !event.isPrimary) return;
      const all = event.getCoalescedEvents?.() || [];
      (all.length ? all : [event]).forEach(stroke);
    });
    const lift = () => { if (last) { last = null; show(); } };
    pad.addEventListener("pointerup", lift);
    pad.addEventListener("pointercancel", lift);
    clear.addEventListener("click", wipe);
    form.addEventListener("reset", wipe);
    wipe();

    const read = () => box.querySelectorAll("[data-reads]").forEach((each) => {
      each.textContent = form.elements[each.dataset.reads]?.value || "";
    });
    ["input", "change", "draft:restored"].forEach((kind) => form.addEventListener(kind, read));
    document.addEventListener("htmx:afterSettle", read);
    read();
  };
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-signing]").forEach(begin));
})();
