// Comforts of the editor of texts. Without this file one types the same by hand.
"use strict";

const form = document.getElementById("text-form");
const body = document.getElementById("body");
const subject = document.getElementById("subject");
let written = body;
for (const field of [subject, body]) field.addEventListener("focus", () => { written = field; });

// Typed in as by hand, so that the browser's "undo" takes it back.
const type = (field, text, from, to) => {
  field.focus();
  field.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
};
const chosen = (field) => [field.selectionStart, field.selectionEnd];

const wrap = (field, before, after) => {
  const [from, to] = chosen(field);
  type(field, before + field.value.slice(from, to) + after, from, to);
  field.setSelectionRange(from + before.length, to + before.length);
};

// A block stands alone, an empty line before and behind it.
const block = (text) => {
  const [from, to] = chosen(body);
  const before = body.value.slice(0, from);
  const after = body.value.slice(to);
  const above = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const below = !after || after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
  type(body, above + text + below, from, to);
};

const lines = (mark) => {
  const [from, to] = chosen(body);
  const start = body.value.lastIndexOf("\n", from - 1) + 1;
  const text = body.value.slice(start, to).split("\n").map((line) => mark + line).join("\n");
  type(body, text, start, to);
};

const goTo = (button) => {
  const field = button.dataset.in === "subject" ? subject : body;
  const above = field.value.split("\n").slice(0, button.dataset.goto - 1);
  const at = above.reduce((sum, line) => sum + line.length + 1, 0) + Number(button.dataset.column) - 1;
  field.focus();
  field.setSelectionRange(at, at);
};

const replaceAll = (found, instead) => {
  for (const field of [subject, body]) {
    if (field.value.includes(found)) type(field, field.value.replaceAll(found, instead), 0, field.value.length);
  }
};

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("button");
  if (!button) return;
  const { wrap: around, lines: mark, block: alone, insert, if: condition, goto } = button.dataset;
  if (around !== undefined) wrap(body, around, around);
  else if (mark !== undefined) lines(mark);
  else if (alone !== undefined) block(alone);
  else if (insert !== undefined) type(written, insert, ...chosen(written));
  else if (condition !== undefined) wrap(written, `[[si ${condition}]]`, "[[fin]]");
  else if (goto !== undefined) goTo(button);
  else if (button.name === "replace") {
    event.preventDefault();
    replaceAll(...JSON.parse(button.value));
  } else return;
  const menu = button.closest("details.drop");
  if (menu) menu.open = false;
});

// The list of fields, shortened by what one types above it.
for (const filter of document.querySelectorAll("[data-filter]")) {
  const bare = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  filter.addEventListener("input", (event) => {
    event.stopPropagation();
    const words = bare(filter.value).split(/\s+/);
    for (const section of filter.parentElement.querySelectorAll("section")) {
      let any = false;
      for (const button of section.querySelectorAll("button")) {
        button.hidden = !words.every((word) => bare(button.textContent).includes(word));
        any ||= !button.hidden;
      }
      section.hidden = !any;
    }
  });
  filter.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    filter.parentElement.querySelector("section:not([hidden]) button:not([hidden])")?.click();
  });
}

// Leaving with words that were not saved asks first.
const as_shown = () => `${subject.value}\n${body.value}`;
let saved = as_shown();
if (form.dataset.guarded === "typed") saved = null;
let sending = false;
form.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("data-many")) {
    // A page of its own: this one stays, and may be sent again.
    queueMicrotask(() => form.removeAttribute("aria-busy"));
    return;
  }
  sending = true;
});
window.addEventListener("pageshow", () => { sending = false; });
window.addEventListener("beforeunload", (event) => {
  if (!sending && as_shown() !== saved) event.preventDefault();
});
