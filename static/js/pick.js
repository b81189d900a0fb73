// The total of the bills that are ticked, as one ticks them. Without it the next page says it.
const yuan = (fen) => `¥${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;

function add(form) {
  const picked = [...form.querySelectorAll("[data-fen]:checked")];
  const fen = picked.reduce((sum, box) => sum + Number(box.dataset.fen), 0);
  form.querySelector("[data-pick-total]").textContent = yuan(fen);
  const button = form.querySelector("[type=submit]");
  if (button) button.disabled = !picked.length;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-pick]");
  if (form) add(form);
});

// What was ticked before this script came, or stands there again on the way back.
const again = () => document.querySelectorAll("[data-pick]").forEach(add);
again();
addEventListener("pageshow", again);
