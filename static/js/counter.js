// The counter: the sum of what is ticked as one types, and the change. Without it the next page says the sum.
import { yuan } from "./money.js";
const fenOf = (text) => (/^\d{1,8}(\.\d{1,2})?$/.test(text.trim()) ? Math.round(Number(text) * 100) : NaN);

function sum(form) {
  let fen = 0;
  for (const input of form.querySelectorAll("[data-amount]")) {
    if (input.closest("tr").querySelector("[data-tick]").checked) fen += fenOf(input.value);
  }
  const extra = form.querySelector("[name=extra]")?.value || "";
  if (extra.trim()) fen += fenOf(extra);
  form.querySelector("[data-counter-total]").textContent = Number.isNaN(fen) ? "—" : yuan(fen);
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-counter]");
  if (form) {
    // Who types an amount means to pay it.
    if (event.target.matches("[data-amount]")) event.target.closest("tr").querySelector("[data-tick]").checked = true;
    sum(form);
  }
  if (event.target.matches("[data-received]")) {
    const box = event.target.closest("[data-change]");
    const back = fenOf(event.target.value) - Number(box.dataset.change);
    box.querySelector("[data-return]").textContent = Number.isNaN(back) ? "—" : yuan(back);
  }
});

// What was typed before this script came, or stands there again on the way back.
const again = () => document.querySelectorAll("[data-counter]").forEach((form) => form.querySelector("[data-counter-total]") && sum(form));
again();
addEventListener("pageshow", again);
