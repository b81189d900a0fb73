// Locks a page of staff when nobody has touched it, or another of theirs, for a while: all that it shows is taken out
// of it, and its alarm sounds on. Given again, the second factor puts everything back as it was, half-typed words too.
const box = document.querySelector("[data-lock]"), after = Number(box?.dataset.lock) * 1000;
const CHECK = 5000, PULSE = 240000;
const others = window.BroadcastChannel && new BroadcastChannel("linli-touched");
const title = document.title;
let touched = Date.now(), told = Date.now(), inside = null, mark = null;

const tell = (name) => {
  const data = new FormData(box);
  data.append(name, "1");
  return fetch(box.action, { method: "POST", body: data, keepalive: true }).catch(() => null);
};

function touch(isHere) {
  const now = Date.now();
  if (isHere && now - touched > 1000) others?.postMessage("touched");
  touched = now;
  if (isHere && !inside && now - told > PULSE) {
    told = now;
    tell("here");
  }
}

// The scripts of passkeys come only now; most pages never lock.
function fetchScripts() {
  if (window.webauthnJSON) return;
  const keys = Object.assign(document.createElement("script"), { src: box.dataset.keys });
  document.head.append(keys, Object.assign(document.createElement("script"), { src: box.dataset.passkeyScript, type: "module" }));
}

async function ask(panel) {
  try {
    fetchScripts();
    const next = new URLSearchParams([["next", location.pathname + location.search]]);
    const answer = await fetch(`${box.dataset.again}?${next}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // The session has ended meanwhile.
    const form = page.querySelector("[data-factor]");
    if (!form) return location.reload();
    panel.replaceChildren(...form.childNodes);
    for (const one of panel.querySelectorAll("[data-passkey]")) one.hidden = !window.PublicKeyCredential;
  } catch {
    setTimeout(() => ask(panel), CHECK);
  }
}

async function lock() {
  const shell = document.querySelector(".shell"), alarms = document.querySelector(".alarm-bar");
  const fresh = document.getElementById("lock").content.cloneNode(true), panel = fresh.querySelector("[data-factor]");
  mark = document.createComment("");
  alarms?.replaceWith(mark);
  inside = document.createDocumentFragment();
  inside.append(...shell.childNodes);
  shell.dataset.locked = "yes";
  shell.append(fresh);
  document.title = document.body.dataset.title = shell.querySelector("h1").textContent;
  if (alarms) shell.querySelector("main").prepend(alarms);
  await tell("away");
  ask(panel);
}

function open() {
  const shell = document.querySelector(".shell"), alarms = shell.querySelector(".alarm-bar");
  delete shell.dataset.locked;
  if (alarms) mark.replaceWith(alarms);
  shell.replaceChildren(inside);
  delete document.body.dataset.title;
  document.title = title;
  inside = null;
  touched = told = Date.now();
}

if (box) {
  for (const one of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
    addEventListener(one, () => touch(true), { passive: true, capture: true });
  }
  // The session is open again for all pages of this browser.
  if (others) others.onmessage = ({ data }) => (data === "opened" && inside ? open() : touch(false));
  setInterval(() => !inside && Date.now() - touched > after && lock(), CHECK);
  document.addEventListener("submit", async (event) => {
    const form = event.target, panel = form.closest("[data-factor]");
    if (!inside || !panel) return;
    event.preventDefault();
    const answer = await fetch(box.dataset.again, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => null);
    if (answer?.type === "opaqueredirect") {
      others?.postMessage("opened");
      return open();
    }
    const said = answer && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-factor]");
    if (said) panel.replaceChildren(...said.childNodes);
    else if (answer) location.reload();
  });
}
