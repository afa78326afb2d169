/* A suggestion is taken by one key or click, and taken back by the same; nothing is chosen by itself.
   What was chosen before is remembered where the form is, as long as the page lives. */
(() => {
  const scopeOf = (element) => element.closest("[data-matter], form");
  const fields = (scope, name) => [...scope.querySelectorAll(`[name="${name}"], [name$="-${name}"]`)];

  const read = (scope, name) => {
    const [first] = fields(scope, name);
    if (!first) return "";
    if (first.type === "radio") return fields(scope, name).find((each) => each.checked)?.value || "";
    return first.type === "checkbox" ? String(first.checked) : first.value;
  };
  const write = (scope, name, value) => fields(scope, name).forEach((each) => {
    if (each.type === "radio") each.checked = each.value === value;
    else if (each.type === "checkbox") each.checked = value === "true";
    else each.value = value;
  });
  const NAMES = ["category", "severity", "needs_developer"];
  const chosen = (scope) => Object.fromEntries(NAMES.map((name) => [name, read(scope, name)]));

  // What a suggestion says nothing about stays as it is.
  const wanted = (scope, line) => {
    const said = { category: line.dataset.category };
    if (line.dataset.severity) said.severity = line.dataset.severity;
    if (line.dataset.developer !== undefined && fields(scope, "needs_developer").length) said.needs_developer = "true";
    return said;
  };
  const holds = (scope, said) => Object.entries(said).every(([name, value]) => read(scope, name) === value);
  const choose = (scope, said) => {
    Object.entries(said).forEach(([name, value]) => write(scope, name, value));
    (scope.querySelector("[name$=category]") || scope).dispatchEvent(new Event("change", { bubbles: true }));
  };

  const dress = (scope) => {
    const line = scope.querySelector("[data-suggestion]");
    scope.querySelectorAll("label.suggested").forEach((label) => label.classList.remove("suggested"));
    if (!line) return;
    const said = wanted(scope, line);
    const taken = holds(scope, said);
    const state = !taken ? "offered" : scope.dataset.before ? "accepted" : "same";
    line.querySelectorAll("[data-when]").forEach((each) => { each.hidden = each.dataset.when !== state; });
    const button = line.querySelector("[data-accept]");
    button.hidden = state === "same";
    button.setAttribute("aria-pressed", String(state === "accepted"));
    Object.entries(said).forEach(([name, value]) => fields(scope, name).forEach((each) => {
      if (each.value === value && each.id) scope.querySelector(`label[for="${CSS.escape(each.id)}"]`)?.classList.add("suggested");
    }));
  };

  document.addEventListener("click", (event) => {
    const accept = event.target.closest("[data-accept]");
    const other = event.target.closest("[data-choose]");
    if (!accept && !other) return;
    const scope = scopeOf(accept || other);
    if (other) {
      choose(scope, { category: other.dataset.choose });
    } else if (scope.dataset.before && accept.getAttribute("aria-pressed") === "true") {
      const before = JSON.parse(scope.dataset.before);
      delete scope.dataset.before;
      choose(scope, before);
    } else {
      const before = JSON.stringify(chosen(scope));
      choose(scope, wanted(scope, accept.closest("[data-suggestion]")));
      scope.dataset.before = before;
    }
    dress(scope);
  });
  // A matter joins one incident at most; ticked again, none.
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-join]")) return;
    scopeOf(event.target).querySelectorAll("[data-join]").forEach((each) => { if (each !== event.target) each.checked = false; });
  });
  document.addEventListener("change", (event) => {
    const scope = event.target.closest && scopeOf(event.target);
    if (scope && scope.querySelector("[data-suggestion]")) dress(scope);
  });
  const arrived = (event) => {
    const lines = event.target.querySelectorAll?.("[data-suggestion]") || [];
    lines.forEach((line) => dress(scopeOf(line)));
    const empty = !lines.length && event.target.matches?.("[data-suggests]") && scopeOf(event.target);
    if (empty) dress(empty);
  };
  document.addEventListener("htmx:afterSettle", (event) => {
    arrived(event);
    document.dispatchEvent(new Event("suggestion:shown"));
  });
})();
