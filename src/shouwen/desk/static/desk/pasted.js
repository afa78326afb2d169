/* A chat from a residents' group: pasted text is read by the server, who said it is chosen by a person;
   pictures that are pasted or dropped are files of the matter. */
(() => {
  const box = () => document.querySelector("#pasted");
  const form = () => document.querySelector("#intake");

  const open = (on) => {
    box().hidden = !on;
    document.querySelector("[data-pastes]").setAttribute("aria-expanded", String(on));
    if (on) box().querySelector("textarea").focus();
  };
  const set = (name, value) => {
    const field = form().elements[name];
    if (field && value) field.value = value;
  };
  const changed = () => form().dispatchEvent(new Event("change", { bubbles: true }));

  const take = (button) => {
    const words = form().elements.content;
    words.value = button.dataset.words;
    set("name", button.dataset.name);
    set("channel", "chat");
    if (button.dataset.occurred) {
      set("occurred_at", button.dataset.occurred);
      form().elements.occurred_at.closest("details").open = true;
    } else form().elements.occurred_at.value = "";
    document.querySelectorAll("[data-speaker]").forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
    words.dispatchEvent(new Event("input", { bubbles: true }));
    changed();
  };

  const keep = (files) => {
    const field = form().querySelector("[name=files]");
    const all = new DataTransfer();
    [...field.files, ...files].forEach((file) => all.items.add(file));
    field.files = all.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    set("channel", "chat");
    const words = form().elements.content;
    const told = box().querySelector("[data-pasted-files]");
    told.textContent = [...all.files].map((file) => file.name).join(", ") + (words.value.trim() ? "" : ` · ${box().dataset.noWords}`);
    if (!words.value.trim() && !box().querySelector("textarea").value.trim()) words.focus();
    changed();
  };
  // A screenshot has no name of its own.
  const named = (file) => {
    const stamp = new Date().toTimeString().slice(0, 8).replaceAll(":", "");
    const plain = !file.name || /^image\.\w+$/.test(file.name);
    return plain ? new File([file], `chat-${stamp}.${file.type.split("/")[1].replace("jpeg", "jpg")}`, { type: file.type }) : file;
  };
  const pictures = (list) => [...(list || [])].filter((file) => file.type.startsWith("image/")).map(named);

  let asked = 0;
  const read = () => {
    clearTimeout(asked);
    asked = setTimeout(() => htmx.ajax("POST", box().dataset.reads, {
      target: "#pasted-found", swap: "innerHTML",
      values: { pasted: box().querySelector("textarea").value, project: new FormData(form()).get("project") || "" },
    }), 250);
  };

  document.addEventListener("paste", (event) => {
    if (!form()) return;
    const found = pictures(event.clipboardData?.files);
    if (!found.length) return;
    event.preventDefault();
    if (box().hidden) open(true);
    keep(found);
  });
  document.addEventListener("dragover", (event) => {
    if (!box() || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (box().hidden) open(true);
    box().classList.add("over");
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) box()?.classList.remove("over"); });
  document.addEventListener("drop", (event) => {
    if (!box()) return;
    box().classList.remove("over");
    const found = pictures(event.dataTransfer?.files);
    if (!found.length) return;
    event.preventDefault();
    keep(found);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-pastes]")) open(box().hidden);
    const speaker = event.target.closest("[data-speaker]");
    if (speaker) take(speaker);
  });
  document.addEventListener("input", (event) => { if (event.target.id === "pasted-text") read(); });
})();
