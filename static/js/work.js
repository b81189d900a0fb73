// The worker's page without signal: what is entered is kept on the phone first, then sent, once. Each entry
// has a key, by which the server knows it again, and the number of the worker to whom it belongs.
import { all, drop, put } from "./work-store.js";

const box = document.getElementById("kept"), words = box.dataset, me = Number(words.worker);
// After these the job's state is another; pictures and messages can be sent again and again.
const STEPS = ["take", "start", "resume", "finish", "wait-parts", "wait-resident", "quote", "give-back"];
const BEGIN = ["take", "start", "resume"];
let sending = null, entering = null, signedOut = false, isLeaving = false;
const TOLD = "work-told";
// Entries of one job, or of one meter, arrive in their order: those after one that is held up wait behind it.
const jobOf = (entry) => entry.url.replace(/[^/]+\/$/, "");
const pauses = () => box.dataset.pauses.split(",").map((seconds) => Number(seconds) * 1000);

const make = (tag, text, css) => {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  if (css) made.className = css;
  return made;
};
const button = (text, css, act) => {
  const made = make("button", text, `btn ${css}`);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
};
// -- What a form holds.
async function read(form) {
  const fields = [], files = [], shown = [], texts = [];
  for (const [name, value] of new FormData(form)) {
    if (name === "csrfmiddlewaretoken" || name === "key" || name === "sender") continue;
    if (!(value instanceof File)) fields.push([name, value]);
    else if (value.size) files.push([name, new Blob([await value.arrayBuffer()], { type: value.type }), value.name]);
  }
  for (const input of form.elements) {
    if (input.type === "radio" && input.checked) shown.push(input.labels[0]?.textContent.trim());
    else if (/^(text|textarea)$/.test(input.type)) {
      if (input.value.trim()) shown.push(input.value.trim());
      texts.push([input.name, input.labels[0]?.textContent.trim() || ""]);
    }
  }
  const job = form.closest("[data-verbs]").dataset;
  return {
    key: crypto.randomUUID(), user: me, state: "waits", url: new URL(form.action).pathname, slug: form.dataset.work,
    title: form.dataset.title, job: `${job.reference} ${job.what}`, fields, files, shown, texts, at: Date.now(),
  };
}

// -- Sending.
async function session() {
  const answer = await fetch(words.session, { cache: "no-store" });
  if (!answer.ok) throw new Error("no answer");
  const who = await answer.json();
  return who.user ? who : null;
}

async function post(entry, token) {
  const body = new FormData();
  for (const [name, value] of entry.fields) body.append(name, value);
  for (const [name, blob, file] of entry.files) body.append(name, blob, file);
  body.append("key", entry.key);
  body.append("sender", entry.user);
  body.append("csrfmiddlewaretoken", token);
  const answer = await fetch(entry.url, { method: "POST", body, headers: { Accept: "application/json" } });
  if (answer.redirected) throw new Error("signed out");
  const told = await answer.json().catch(() => ({}));
  const said = Object.values(told.errors || {}).flat().join(" ");
  if (answer.status === 429) return { later: Number(answer.headers.get("Retry-After") || 60) * 1000 };
  if (answer.status >= 500) return { broken: said || words.broken.replace("{code}", answer.status) };
  if (answer.ok) return { url: told.url || "/work/" };
  const errors = told.errors || { __all__: [answer.status === 404 ? words.gone : words.odd] };
  return { errors };
}

// Everything that waits, in the order in which it was entered; true results by key. Another worker's stays.
async function work() {
  const results = {}, held = new Set();
  const who = await session();
  signedOut = !who;
  if (who && who.user !== me) {
    await window.caches?.delete("linli-work");
    isLeaving = true;
    location.replace("/work/");
    return results;
  }
  if (!who) return results;
  for (const entry of await all()) {
    if (entry.user !== me) continue;
    const job = jobOf(entry);
    if (entry.state !== "waits" || held.has(job) || (entry.next || 0) > Date.now()) {
      held.add(job);
      continue;
    }
    const result = await post(entry, who.token);
    results[entry.key] = result;
    if (result.url) {
      await drop(entry.id);
    } else {
      held.add(job);
      stepAside(entry, result);
      await put(entry);
    }
  }
  await tell(who.token);
  return results;
}

// What the server refuses steps aside at once; what it fails at is tried again a few times before.
function stepAside(entry, result) {
  if (result.later) {
    entry.next = Date.now() + result.later;
    return;
  }
  const tried = (entry.tries || 0) + 1, pause = pauses()[tried - 1];
  entry.tries = tried;
  if (result.broken && pause !== undefined) {
    entry.next = Date.now() + pause;
    entry.problem = result.broken;
    return;
  }
  entry.state = "refused";
  entry.problem = result.broken || Object.values(result.errors).flat().join(" ");
}

// The desk sees what has not arrived from this phone, and since when; told only when it has changed.
async function tell(token) {
  if (!words.tell) return;
  const mine = (await all()).filter((entry) => entry.user === me), waits = mine.filter((entry) => entry.state === "waits");
  const since = mine.length ? Math.min(...mine.map((entry) => entry.at)) : 0;
  const said = [me, waits.length, mine.length - waits.length, since].join(" ");
  if ((localStorage.getItem(TOLD) || `${me} 0 0 0`) === said) return;
  const body = new FormData();
  body.append("waiting", waits.length);
  body.append("refused", mine.length - waits.length);
  body.append("since", Math.floor(since / 1000));
  body.append("csrfmiddlewaretoken", token);
  const answer = await fetch(words.tell, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.ok) localStorage.setItem(TOLD, said);
}

// One at a time, over all open pages of this phone.
function send() {
  const locked = () => (navigator.locks ? navigator.locks.request("linli-send", work) : work());
  sending ??= locked().catch(() => ({})).finally(() => {
    sending = null;
    show();
  });
  return sending;
}

// -- The forms.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.work || form.dataset.plain) return;
  event.preventDefault();
  if (!form.dataset.busy) entering = enter(form);
});

async function enter(form) {
  form.dataset.busy = "1";
  const wide = form.querySelector("[type=submit] span"), label = wide?.textContent;
  if (wide) wide.textContent = words.sending;
  let isKept = false;
  try {
    const entry = await read(form);
    entry.id = await put(entry);
    isKept = true;
    await sending;
    const result = (await send())[entry.key];
    if (result?.url) return location.assign(result.url);
    if (result?.errors) {
      await drop(entry.id);
      problems(form, result.errors);
    } else {
      await setAside(form);
    }
  } catch {
    // No room or no right to keep anything: send it as a plain form does. What is kept is never sent a second way.
    if (isKept) return;
    form.dataset.plain = "1";
    form.submit();
  } finally {
    delete form.dataset.busy;
    if (wide) wide.textContent = label;
    show();
  }
}

// Kept: the page as it was before, from the phone's own copy if there is one.
async function setAside(form) {
  if (navigator.serviceWorker?.controller && (await caches.match(location.pathname, { ignoreVary: true }))) return location.reload();
  form.reset();
  const fold = form.closest("details");
  if (fold) fold.open = false;
  box.scrollIntoView({ block: "start" });
}

function problems(form, errors) {
  for (const old of form.querySelectorAll("[data-problem]")) old.remove();
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  for (const [name, found] of Object.entries(errors)) {
    const input = form.querySelector(`[name="${CSS.escape(name)}"]:not([type=hidden])`);
    const line = make("p", found.join(" "), "error");
    line.dataset.problem = name;
    line.setAttribute("role", "alert");
    const field = input?.closest(".field, fieldset");
    if (field) field.prepend(line);
    else form.prepend(line);
    input?.setAttribute("aria-invalid", "true");
  }
  form.querySelector("[aria-invalid]")?.focus();
}

// -- What is kept, on the page.
async function show() {
  const kept = (await all().catch(() => [])).filter((entry) => entry.user === me);
  const waits = kept.filter((entry) => entry.state === "waits"), refused = kept.filter((entry) => entry.state === "refused");
  const parts = [];
  if (waits.length) {
    const text = waits.length === 1 ? words.waitsOne : words.waitsMany.replace("{number}", waits.length);
    const note = make("div", "", "alert t-care");
    note.setAttribute("role", "status");
    note.append(make("p", text));
    parts.push(note);
  } else if (!navigator.onLine) {
    parts.push(make("p", words.offline, "alert t-care"));
  }
  if (signedOut && kept.length) parts.push(signIn());
  // A page that is changed just now stays as it is.
  if (box.querySelector("form")) return;
  const stuck = new Set(kept.filter((entry) => entry.state === "refused" || entry.problem).map(jobOf));
  parts.push(...refused.map((entry) => card(entry)), ...waits.map((entry) => card(entry, stuck.has(jobOf(entry)))));
  box.replaceChildren(...parts);
  box.hidden = parts.length === 0;
  box.dataset.waiting = waits.length;
  box.dataset.refusedNumber = refused.length;
  reveal(waits);
}

function signIn() {
  const note = make("p", `${words.signedOut} `, "alert t-help"), link = make("a", words.link, "btn small");
  link.href = words.signIn;
  note.append(link);
  return note;
}

function card(entry, isBehind) {
  const made = make("article", "", `kept-one ${entry.state}`);
  made.append(make("b", entry.title), make("p", entry.job, "sub num"));
  if (entry.state === "refused") made.append(make("p", `${words.refused}: ${entry.problem}`, "error"));
  else if (entry.problem) made.append(make("p", `${words.retry} ${entry.problem}`, "sub"));
  else if (isBehind) made.append(make("p", words.behind, "sub"));
  if (entry.shown.length) made.append(make("p", entry.shown.join("\n"), "words"));
  if (entry.files.length) made.append(pictures(entry.files));
  if (entry.state === "refused") {
    const line = make("div", "", "actions");
    line.append(button(words.again, "small", () => again(entry)));
    if (entry.texts?.length) line.append(button(words.mend, "small line-btn", () => mend(entry, made)));
    line.append(button(words.drop, "small line-btn", () => away(entry)));
    made.append(line);
  }
  return made;
}

function pictures(files) {
  const made = make("div", "", "pictures");
  for (const [, blob, name] of files) {
    const frame = make("span", "", "picture"), image = make("img");
    image.alt = name;
    image.src = URL.createObjectURL(blob);
    image.onload = () => URL.revokeObjectURL(image.src);
    frame.append(image);
    made.append(frame);
  }
  return made;
}

// The words of an entry as fields, in place of the card's text.
function mend(entry, made) {
  const form = make("form", "", "stack-s");
  for (const [name, label] of entry.texts) {
    const field = make("label", label, "label"), input = make("textarea");
    input.name = name;
    input.rows = 2;
    input.value = entry.fields.find(([one]) => one === name)?.[1] || "";
    field.append(input);
    form.append(field);
  }
  const save = make("button", words.again, "btn small");
  form.append(save);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const texts = new Map(new FormData(form));
    const choices = entry.shown.filter((one) => !entry.fields.some(([name, value]) => texts.has(name) && value.trim() === one));
    entry.fields = [...entry.fields.filter(([name]) => !texts.has(name)), ...texts];
    entry.shown = [...choices, ...[...texts.values()].map((text) => text.trim()).filter(Boolean)];
    form.remove();
    await again(entry);
  });
  made.replaceChildren(make("b", entry.title), make("p", entry.job, "sub num"), form);
  form.querySelector("textarea").focus();
}

async function again(entry) {
  entry.state = "waits";
  delete entry.problem;
  delete entry.next;
  delete entry.tries;
  await put(entry);
  const result = (await send())[entry.key];
  if (result?.url) location.assign(result.url);
}

async function away(entry) {
  if (!confirm(words.sure)) return;
  await drop(entry.id);
  // What waited behind it goes on, and the desk hears of it.
  await send();
}

// What the job would allow once the waiting steps have arrived.
function reveal(waits) {
  const verbs = document.querySelector("[data-verbs]");
  if (!verbs) return;
  const here = waits.filter((entry) => entry.url.startsWith(location.pathname)).map((entry) => entry.slug);
  const last = here.filter((slug) => STEPS.includes(slug)).pop();
  if (!last) return;
  for (const form of verbs.querySelectorAll("[data-work]")) {
    const part = form.closest("details") || form, after = (part.dataset.after || "").split(" ");
    const isStep = STEPS.includes(form.dataset.work);
    part.hidden = isStep && !(BEGIN.includes(last) && after.includes(last));
  }
}

const wake = () => document.visibilityState === "visible" && all()
  .then((kept) => (kept.some((one) => one.user === me && one.state === "waits") ? send() : show()))
  .catch(() => null);
// A try that began without signal may still be failing.
addEventListener("online", () => Promise.resolve(sending).then(wake));
addEventListener("offline", show);
document.addEventListener("live:refused", async (event) => {
  event.preventDefault();
  // What is just being pressed is put aside first: a page that is loaded anew forgets it.
  await entering;
  await sending;
  await send();
  if (!isLeaving) location.reload();
});
document.addEventListener("visibilitychange", wake);
setInterval(wake, 30000);
wake();

// A colleague or the desk has changed the job while its page was open.
const stale = document.querySelector("[data-stale]");
if (stale) {
  new MutationObserver(() => {
    const now = document.querySelector("[data-state]")?.dataset.state;
    stale.hidden = !now || now === stale.dataset.stale;
  }).observe(document.querySelector("[data-state]").parentElement, { childList: true, subtree: true });
}
