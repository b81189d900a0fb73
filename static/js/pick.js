// The total of the bills that are ticked, as one ticks them, beside the button and on it. Without it the next page says it.
import { yuan } from "./money.js";

function add(form) {
  const picked = [...form.querySelectorAll("[data-fen]:checked")];
  const fen = picked.reduce((sum, box) => sum + Number(box.dataset.fen), 0);
  form.querySelector("[data-pick-total]").textContent = yuan(fen);
  const button = form.querySelector("[type=submit]");
  if (!button) return;
  button.disabled = !picked.length;
  const words = form.dataset.pay.replace("{amount}", yuan(fen)), label = [...button.childNodes].findLast((node) => node.textContent.trim());
  if (label.textContent.trim() !== words) label.textContent = words;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-pick]");
  if (form) add(form);
});

// What was ticked before this script came, or stands there again on the way back.
const again = () => document.querySelectorAll("[data-pick]").forEach(add);
again();
addEventListener("pageshow", again);
