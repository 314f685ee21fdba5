// What a change must not do: take away the field that has the focus, or what was typed since. And what it must: show what is wrong.
"use strict";

// Nothing is kept in the browser's storage, which is on disk: not even the address that htmx would note there.
Storage.prototype.setItem = () => { throw new DOMException("nothing is kept", "QuotaExceededError"); };

// How many changes were made that are not answered yet; whoever saves, or leads on, does so once none is.
let open = 0, waiting = null;
const counts = (event) => { if (window.htmx && event.target.closest("#visit-form")) open += 1; };
document.addEventListener("change", counts, true);
document.addEventListener("submit", counts, true);
document.addEventListener("htmx:afterRequest", () => {
  open = Math.max(0, open - 1);
  setTimeout(() => {
    if (open > 0 || !waiting) return;
    const next = waiting;
    waiting = null;
    next();
  }, 0);
});
function later(event, next) {
  if (open === 0) return;
  event.preventDefault();
  waiting = next;
}
document.addEventListener("submit", (event) => {
  if (event.target.closest(".actions")) later(event, () => event.target.submit());
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("main a[href]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) later(event, () => link.click());
});

// Fields stay as they are while one of them has the focus, or was changed again; what is wrong is told beside them.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const target = event.detail.target;
  const fields = target.id === "recorded-facts" || target.matches("fieldset");
  if (fields && (open > 1 || target.contains(document.activeElement))) event.detail.shouldSwap = false;
});

// A change sends its own fields, and which questions are shown.
document.addEventListener("htmx:configRequest", (event) => {
  const group = event.detail.elt, sent = event.detail.formData;
  if (!group.matches("fieldset")) return;
  const own = new Set(Array.from(group.querySelectorAll("[name]"), (field) => field.name));
  Array.from(sent.keys()).filter((name) => !own.has(name) && name !== "shown").forEach((name) => sent.delete(name));
});

function markWrong(group) {
  const error = group.querySelector(".error"), name = group.dataset.variable || group.dataset.fact;
  if (!error) return;
  const wrong = (error.dataset.wrong || "").split(" ").filter(Boolean);
  for (const field of group.querySelectorAll("input")) {
    if (wrong.includes(field.name === name ? "value" : field.name.slice(name.length + 1))) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
}

// The questions in their order, around the one that has the focus, which does not move.
function arrange(list, names) {
  const groups = names.map((name) => document.getElementById("question-" + name)).filter(Boolean);
  const focused = groups.findIndex((group) => group.contains(document.activeElement));
  groups.slice(0, Math.max(focused, 0)).forEach((group) => list.insertBefore(group, groups[focused]));
  groups.slice(focused + 1).forEach((group) => list.append(group));
}

document.addEventListener("htmx:afterRequest", () => {
  const order = document.getElementById("question-order"), list = document.getElementById("question-list");
  if (order && list && order.dataset.order !== undefined) arrange(list, order.dataset.order.split(" "));
  document.querySelectorAll("fieldset").forEach(markWrong);
});

// A change that was not taken, as after the end of the visit, is told where changes are told.
function tell(text) {
  const status = document.getElementById("status");
  if (status) status.textContent = text;
}
document.addEventListener("htmx:responseError", (event) => tell(event.detail.xhr.status === 404
  ? "This visit was forgotten: begin again."
  : "The change was not taken: press Update."));
document.addEventListener("htmx:sendError", () => tell("The program has ended: nothing is taken any more."));
