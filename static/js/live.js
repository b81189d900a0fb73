// Live regions. An element with data-live (a signed token), data-live-number and data-live-url is fetched
// again when its number has grown. One socket a page says the numbers, at every change and every 10 s; when
// it falls silent they are asked for by a plain request. Nothing is swapped in while somebody is filling in
// a form in the region, has a dialog open there, or holds it (data-live-hold: something is being dragged, or the form
// shows what was typed a page ago, which no field tells from what it came with).
// After a swap the region sends "live:swapped". body[data-live-state] is "on", or "lost" without an answer.
// A region with data-live-always is watched in the background too, and a session that has ended is "lost".
const BEAT = 11000, SILENT = 25000, OFFLINE = 15000, LONGEST_WAIT = 30000;
// With this code a socket closes whose session has ended; this number says that a token is void: a right of the
// person has ended, and the page must be asked for again, but not while somebody is writing on it.
const SIGNED_OUT = 4401, VOID = -1;
let socket = null, spoke = 0, heard = Date.now(), asked = 0, tries = 0, waiting = 0, ended = false, leaving = false;

const regions = () => [...document.querySelectorAll("[data-live]")];
const always = () => document.querySelector("[data-live-always]") !== null;
const tokens = () => [...new Set(regions().map((region) => region.dataset.live))];
// Two renderings of the same differ in the form's token.
const words = (html) => html.replace(/(csrfmiddlewaretoken" value=")[^"]*/g, "$1").trim();

function isTouched(field) {
  if (field.type === "hidden" || field.type === "submit" || field.type === "button") return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.type === "file") return field.files.length > 0;
  if (field.options) return [...field.options].some((o) => o.selected !== o.defaultSelected) && field.value !== field.options[0]?.value;
  return field.value !== field.defaultValue;
}

function isBusy(region) {
  if (region.closest("[data-live-hold]") || region.querySelector("dialog[open],[data-live-hold]")) return true;
  const active = document.activeElement;
  if (region.contains(active) && active.matches("input:not([type=hidden]),textarea,select")) return true;
  return [...region.querySelectorAll("input,textarea,select")].some(isTouched);
}

function swap(region, html) {
  const page = document.createElement("template");
  page.innerHTML = html;
  const fresh = (region.id && page.content.getElementById(region.id)) || page.content;
  const box = document.createElement("div");
  box.append(...fresh.cloneNode(true).childNodes);
  if (words(box.innerHTML) === words(region.innerHTML)) return;
  const focused = region.contains(document.activeElement) ? document.activeElement.id : "";
  region.replaceChildren(...box.childNodes);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  region.dispatchEvent(new CustomEvent("live:swapped", { bubbles: true }));
}

async function refresh(region, number) {
  region.liveWanted = Math.max(number, region.liveWanted || 0);
  if (region.liveBusy) return;
  region.liveBusy = true;
  try {
    while (region.isConnected && region.liveWanted > Number(region.dataset.liveNumber)) {
      const wanted = region.liveWanted;
      const headers = { "X-Live-Number": region.dataset.liveNumber };
      const answer = await fetch(region.dataset.liveUrl, { credentials: "same-origin", cache: "no-store", headers });
      // 204: the region shows this number already.
      if (answer.status === 204) {
        region.dataset.liveNumber = wanted;
        continue;
      }
      const gone = answer.status === 403 || answer.status === 404;
      if (!gone && (!answer.ok || answer.redirected)) return;
      const html = gone ? "" : await answer.text();
      while (!gone && isBusy(region)) await new Promise((go) => setTimeout(go, 500));
      if (!gone && region.liveWanted === wanted) swap(region, html);
      // What changed while we waited is fetched in the next round.
      if (region.liveWanted === wanted || gone) region.dataset.liveNumber = region.liveWanted;
    }
  } catch {
    // No network just now: the next number brings us here again.
  } finally {
    region.liveBusy = false;
  }
}

function show(state) {
  document.body.dataset.liveState = state;
  for (const note of document.querySelectorAll("[data-live-note]")) note.hidden = state === "on";
}

function take({ numbers = {}, renew = {} }) {
  heard = Date.now();
  show("on");
  for (const region of regions()) {
    const token = region.dataset.live;
    if (renew[token]) region.dataset.live = renew[token];
    // The page slept for more than a day.
    if (numbers[token] === null) {
      // Somebody else is signed in now, or nobody. A page that keeps things on the phone clears them first.
      if (document.dispatchEvent(new CustomEvent("live:refused", { cancelable: true }))) location.reload();
      return;
    }
    if (numbers[token] === VOID) leaving = true;
    else if (numbers[token] > Number(region.dataset.liveNumber)) refresh(region, numbers[token]);
  }
}

function end() {
  ended = true;
  if (always()) show("lost");
  else leaving = true;
}

async function poll() {
  asked = Date.now();
  const query = new URLSearchParams(tokens().map((token) => ["t", token]));
  try {
    const answer = await fetch(`/live/numbers/?${query}`, { credentials: "same-origin", cache: "no-store" });
    if (answer.status === 403) end();
    else if (answer.ok) take(await answer.json());
  } catch {
    // Shown by the note, when it lasts.
  }
}

function drop() {
  const old = socket;
  socket = null;
  if (old) {
    old.onopen = old.onmessage = old.onclose = null;
    old.close();
  }
}

function connect() {
  clearTimeout(waiting);
  waiting = 0;
  if (socket || ended || !regions().length) return;
  const address = new URL("/live/", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  spoke = Date.now();
  socket = new WebSocket(address);
  socket.onopen = () => socket.send(JSON.stringify({ watch: tokens() }));
  socket.onmessage = (event) => {
    spoke = Date.now();
    tries = 0;
    take(JSON.parse(event.data));
  };
  socket.onclose = (event) => {
    socket = null;
    // This page may be the one that has signed out, and on its way to the next.
    if (event.code === SIGNED_OUT) setTimeout(() => poll().then(again), 1000);
    else again();
  };
}

function again() {
  const wait = Math.min(1000 * 2 ** tries++, LONGEST_WAIT);
  if (!waiting) waiting = setTimeout(connect, wait / 2 + (Math.random() * wait) / 2);
}

function watch() {
  if (leaving && !isBusy(document.body)) {
    leaving = false;
    return location.reload();
  }
  if (ended || (document.hidden && !always()) || !regions().length) return;
  const now = Date.now();
  if (socket && now - spoke > SILENT) {
    drop();
    again();
  }
  if (now - heard > BEAT && now - asked > BEAT - 1000) poll();
  if (now - heard > OFFLINE) show("lost");
}

// Back from the background, from another page or from a tunnel: nobody knows what was missed.
function wake() {
  if (ended || document.hidden || !regions().length) return;
  if (Date.now() - spoke > BEAT) drop();
  tries = 0;
  connect();
  if (Date.now() - heard > 2000) poll();
}

if (regions().length) {
  show("on");
  connect();
  setInterval(watch, 1000);
  document.addEventListener("visibilitychange", wake);
  addEventListener("pageshow", (event) => event.persisted && wake());
  addEventListener("online", wake);
  // A page with an open socket is not kept for the way back.
  addEventListener("pagehide", drop);
}
