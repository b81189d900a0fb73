// The week of care: a card is pulled to a carer's day.
import { board, pulling } from "./cards.js";

if (board) {
  pulling("[data-day]", (card, over) => {
    const form = card.querySelector("[data-quick=arrange]");
    form.elements.carer.value = over.dataset.carer;
    form.elements.on.value = over.dataset.day;
    form.requestSubmit();
  });
}
