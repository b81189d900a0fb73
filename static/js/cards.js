// Cards that are pulled to another place, and short forms that do not leave the page: what the board of
// repairs and the week of care share. Without this script the same forms are sent as plain ones.
export const board = document.querySelector("[data-board]");
const open = new Set();
let pulled = null;

const card = (id) => document.getElementById(`card-${id}`);

function say(text, isBad) {
  let line = document.getElementById("board-said");
  if (!line) {
    line = document.createElement("p");
    line.id = "board-said";
    line.setAttribute("role", "status");
    board.before(line);
  }
  line.className = `alert ${isBad ? "t-help" : "t-brand"}`;
  line.textContent = text;
}

// Focus follows the card to its new column.
async function refresh(id) {
  const answer = await fetch(board.dataset.liveUrl, { cache: "no-store" });
  if (!answer.ok) return;
  open.delete(`give-${id}`);
  board.innerHTML = await answer.text();
  reopen();
  card(id)?.querySelector("a")?.focus({ preventScroll: true });
}

async function send(form) {
  const id = form.closest("[data-card]").dataset.card;
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
  if (answer.redirected) return location.reload();
  const told = await answer.json().catch(() => ({}));
  say(told.message || board.dataset.refused, !answer.ok);
  await refresh(id);
}

document.addEventListener("submit", (event) => {
  if (!board || !event.target.matches("[data-quick]")) return;
  event.preventDefault();
  send(event.target).catch(() => event.target.submit());
});

// -- Folds stay open over an update.
function reopen() {
  for (const id of open) {
    const fold = document.getElementById(id);
    if (fold) fold.open = true;
  }
}
document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.(".give") || !event.target.isConnected) return;
  if (event.target.open) open.add(event.target.id);
  else open.delete(event.target.id);
}, true);
document.addEventListener("live:swapped", reopen);

// -- Pulling: what a card may be dropped on, and what happens then.
const unmark = () => document.querySelectorAll(".over").forEach((one) => one.classList.remove("over"));

export function pulling(targets, drop) {
  const target = (event) => event.target.closest?.(targets);
  board.addEventListener("dragstart", (event) => {
    pulled = event.target.closest?.("[draggable=true]");
    if (!pulled) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", pulled.dataset.card);
    pulled.classList.add("dragging");
    board.classList.add("dragging-one");
    // No update takes the card out of the hand.
    board.dataset.liveHold = "";
  });
  board.addEventListener("dragover", (event) => {
    const over = pulled && target(event);
    if (!over) return;
    event.preventDefault();
    unmark();
    over.classList.add("over");
  });
  board.addEventListener("drop", (event) => {
    const over = pulled && target(event);
    if (!over) return;
    event.preventDefault();
    drop(pulled, over);
  });
  board.addEventListener("dragend", () => {
    pulled?.classList.remove("dragging");
    pulled = null;
    unmark();
    board.classList.remove("dragging-one");
    delete board.dataset.liveHold;
  });
}
