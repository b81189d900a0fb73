// The red button says at once that it was pressed, and soon what to do if no answer comes.
const SLOW = 8000;

for (const form of document.querySelectorAll("[data-pressed]")) {
  const label = form.querySelector(".sos span"), note = form.querySelector("[data-slow]");
  const { pressed } = form.dataset, words = label.textContent;
  let waiting = 0;

  form.addEventListener("submit", () => {
    label.textContent = pressed;
    clearTimeout(waiting);
    waiting = setTimeout(() => (note.hidden = false), navigator.onLine ? SLOW : 0);
  });
  // Shown again from the back-forward cache.
  addEventListener("pageshow", () => {
    clearTimeout(waiting);
    label.textContent = words;
    note.hidden = true;
  });
}
