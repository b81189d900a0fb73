// The board of repairs: a card is pulled onto a worker or a column.
import { board, pulling } from "./cards.js";

function give(card, worker) {
  const select = card.querySelector("[data-quick=assign] select");
  select.value = worker;
  select.form.requestSubmit();
}

// Dropped on "assigned" without a name: ask for one.
function ask(card) {
  const fold = card.querySelector(".give");
  fold.open = true;
  fold.querySelector("select").focus();
}

if (board) {
  pulling("[data-worker], [data-column=accepted], [data-column=assigned]", (card, over) => {
    if (over.dataset.worker) give(card, over.dataset.worker);
    else if (over.dataset.column === "accepted") card.querySelector("[data-quick=accept]")?.requestSubmit();
    else ask(card);
  });
}
