// Small comforts. Every page works without this file; nothing here decides anything.
"use strict";

// What is folded out over the page.
const MENUS = "details:is(.drop, .more-filters)[open]";

// A form marked data-once cannot be sent twice by a double click.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !("once" in form.dataset)) return;
  if (form.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  form.setAttribute("aria-busy", "true");
});
// Coming back with the browser's "back" button shows a form that can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
});

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;

  const close = target.closest("[data-dismiss]");
  if (close) close.closest(".toast")?.remove();

  const opener = target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog instanceof HTMLDialogElement) {
    event.preventDefault();
    dialog.showModal();
  }
  const around = target.closest("[data-close-dialog]")?.closest("dialog");
  if (around) {
    event.preventDefault();
    around.close();
  }

  const copier = target.closest("[data-copy]");
  if (copier && navigator.clipboard) {
    navigator.clipboard.writeText(copier.dataset.copy).then(() => {
      copier.setAttribute("data-copied", "");
      const words = copier.querySelector("span");
      if (words && copier.dataset.copiedWords) words.textContent = copier.dataset.copiedWords;
    });
  }

  if (target.matches("[data-select]")) target.select();

  // An open menu closes when the click is elsewhere.
  for (const menu of document.querySelectorAll(MENUS)) {
    if (!menu.contains(target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll(MENUS)) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (!(field instanceof Element)) return;
  if (field.closest("[data-send-on-change]")) field.form?.requestSubmit();
  if (field.dataset.checkAll) {
    for (const box of document.getElementsByName(field.dataset.checkAll)) box.checked = field.checked;
  }
  const zone = field.closest(".dropzone");
  if (zone && field.type === "file") {
    const names = Array.from(field.files, (file) => file.name);
    const more = names.length > 5 ? ` + ${names.length - 5}` : "";
    zone.querySelector("output").textContent = names.slice(0, 5).join(", ") + more;
  }
});

// The whole zone is its file field: dropping is the browser's own work; only the colour is ours.
for (const [name, over] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
  document.addEventListener(name, (event) => {
    const zone = event.target instanceof Element && event.target.closest(".dropzone");
    if (zone) zone.toggleAttribute("data-over", over);
  });
}

// Buttons that only this file makes work are hidden until it runs.
const reveal = (root) => {
  for (const button of root.querySelectorAll("[data-dismiss][hidden], [data-copy][hidden], [data-dialog][hidden], [data-reveal][hidden]")) button.hidden = false;
};
document.addEventListener("DOMContentLoaded", () => {
  reveal(document);
  // On a phone the tabs slide: the one that is open comes into sight.
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
});
document.addEventListener("htmx:load", (event) => reveal(event.target));

// A line, or a payment to split, is answered whole. What was typed in it while the answer travelled is put
// back, and sent in its turn: when the field is left, if one is still in it.
const state = (field) => (field.type === "checkbox" ? field.checked : field.value);
const fields = (line) =>
  line.matches("tbody[id^=row-], #split") ? [...line.querySelectorAll(":is(input, select, textarea)[id]")] : [];
const sent = new Map();
const typed = new Map();
document.addEventListener("htmx:beforeRequest", ({ detail: { target } }) => {
  if (!sent.has(target)) sent.set(target, new Map(fields(target).map((field) => [field.id, state(field)])));
});
document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  const before = sent.get(target);
  const changed = fields(target).filter(({ id }) => before?.has(id)).filter((field) => state(field) !== before.get(field.id));
  if (changed.length) typed.set(target.id, changed.map((field) => [field.id, state(field)]));
});
document.addEventListener("htmx:afterRequest", ({ detail: { target } }) => sent.delete(target));
document.addEventListener("htmx:afterSettle", ({ target }) => {
  for (const [id, value] of typed.get(target.id) ?? []) {
    const field = document.getElementById(id);
    if (!field || state(field) === value) continue;
    field[field.type === "checkbox" ? "checked" : "value"] = value;
    const send = () => field.dispatchEvent(new Event("change", { bubbles: true }));
    if (field === document.activeElement) field.addEventListener("blur", send, { once: true });
    else send();
  }
  typed.delete(target.id);
});

// A small form of a line goes away with its answer: the keyboard goes on from what
// is wrong in it, else from the arrow that opened the line.
let left = null;
document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  const line = document.activeElement?.closest("tbody[id^=row-]");
  left = line && line === target ? line.id : null;
});
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (!left || target.id !== left || document.activeElement !== document.body) return;
  left = null;
  (target.querySelector("[aria-invalid=true]") ?? target.querySelector("[aria-expanded]"))?.focus();
});
