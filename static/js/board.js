// The board: pulling a card onto a worker or a column, and short forms that do not leave the page. Without
// this script the same forms are sent as plain ones.
const board = document.querySelector("[data-board]");
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

// -- Pulling.
const target = (event) => event.target.closest?.("[data-worker], [data-column=accepted], [data-column=assigned]");
const unmark = () => document.querySelectorAll(".over").forEach((one) => one.classList.remove("over"));

function give(worker) {
  const select = pulled.querySelector("[data-quick=assign] select");
  select.value = worker;
  select.form.requestSubmit();
}

if (board) {
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
    if (over.dataset.worker) give(over.dataset.worker);
    else if (over.dataset.column === "accepted") pulled.querySelector("[data-quick=accept]")?.requestSubmit();
    else ask(pulled);
  });
  board.addEventListener("dragend", () => {
    pulled?.classList.remove("dragging");
    pulled = null;
    unmark();
    board.classList.remove("dragging-one");
    delete board.dataset.liveHold;
  });
}

// Dropped on "assigned" without a name: ask for one.
function ask(one) {
  const fold = one.querySelector(".give");
  fold.open = true;
  fold.querySelector("select").focus();
}

// -- The page of one repair: a colleague was faster.
const stale = document.querySelector("[data-stale]"), state = document.querySelector("[data-state]");
if (stale && state) {
  new MutationObserver(() => {
    const now = document.querySelector("[data-state]")?.dataset.state;
    stale.hidden = !now || now === stale.dataset.stale;
  }).observe(state.parentElement, { childList: true });
}
