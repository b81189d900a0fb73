// What every page needs: one tap sends once, a question before what cannot be undone, and the way back
// from the back-forward cache. Every page works without it.

// iOS shows a page again as it was left: give the buttons back.
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[data-once][disabled]")) button.disabled = false;
});

document.addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter;
  const question = button?.dataset.confirm || form.dataset.confirm;
  if (question && !confirm(question)) {
    event.preventDefault();
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  // Signing out leaves no page on the phone (work-sw.js and keep.js kept them).
  if (form.action.endsWith("/sign-out/")) for (const name of ["linli-work", "linli-offline"]) window.caches?.delete(name);
  if (form.method !== "post" || !form.querySelector("[data-once]")) return;
  form.dataset.sent = "1";
  // After the event, so that the pressed button's own name and value are still sent.
  setTimeout(() => {
    if (event.defaultPrevented) {
      delete form.dataset.sent;
      return;
    }
    for (const one of form.querySelectorAll("[data-once]")) one.disabled = true;
  });
});

// A select that filters sends its form by itself; a button stands there for those without JavaScript.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-auto-submit]")) event.target.form.requestSubmit();
});
for (const print of document.querySelectorAll("[data-print]")) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// A session that ended by itself leaves none either: this page belongs to nobody who keeps one.
if (!document.querySelector("script[data-offline],[data-kept-page]")) {
  window.caches?.delete("linli-offline").catch(() => null);
  try {
    localStorage.removeItem("offline-kept");
  } catch {
    // The browser keeps nothing for this site at all.
  }
}
