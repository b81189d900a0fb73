// The sum of the notes and coins of a till, written into the field of the counted cash as they are typed.
const sum = (form) => {
  const pieces = [...form.querySelectorAll("[data-piece]")];
  if (!pieces.some((piece) => piece.value)) return;
  const fen = pieces.reduce((all, piece) => all + Number(piece.dataset.piece) * Math.max(Number(piece.value) || 0, 0), 0);
  form.elements.counted.value = (fen / 100).toFixed(2);
};

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-piece]")) sum(event.target.form);
});
