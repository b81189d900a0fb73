// The alarm of those who answer: a loud two-tone until somebody takes it. A browser may be silent until it is
// touched: the bar says so with a button, which plays a test tone, and any other touch turns the sound on too.
// Nothing flashes: colour, words and the title say it.
const bar = document.querySelector("[data-alarms]"), button = document.querySelector("[data-sound]");
const silent = document.querySelector("[data-silent]"), lost = document.querySelector("[data-lost]");
const given = document.title;
let audio = null, ringing = 0, warning = 0;

const isOn = () => audio?.state === "running";

function tone(pitch, after, length, loudness) {
  const source = audio.createOscillator(), gain = audio.createGain(), begin = audio.currentTime + after;
  source.type = "square";
  source.frequency.value = pitch;
  gain.gain.setValueAtTime(0, begin);
  gain.gain.linearRampToValueAtTime(loudness, begin + 0.02);
  gain.gain.setValueAtTime(loudness, begin + length - 0.03);
  gain.gain.linearRampToValueAtTime(0, begin + length);
  source.connect(gain).connect(audio.destination);
  source.start(begin);
  source.stop(begin + length);
}

function ring() {
  if (!isOn()) return;
  tone(960, 0, 0.45, 0.6);
  tone(720, 0.5, 0.45, 0.6);
}

function show() {
  const number = bar.querySelectorAll("[data-sounding]").length;
  const isDeaf = lost && !lost.hidden;
  // A locked page has another title: its own may name a person.
  const title = document.body.dataset.title || given;
  document.title = number ? `(${number}) ${bar.dataset.title} · ${title}` : isDeaf ? `${lost.dataset.title} · ${title}` : title;
  document.body.dataset.alarm = number ? (isOn() ? "sounding" : "silenced") : "none";
  silent.hidden = isOn();
  if (number && !ringing) {
    ring();
    ringing = setInterval(ring, 1200);
  } else if (!number) {
    clearInterval(ringing);
    ringing = 0;
  }
}

// With no touch before, a browser that knows this page as one that sounds lets it sound at once.
async function begin(isTouched) {
  audio ??= new AudioContext();
  audio.onstatechange = show;
  if (isTouched && !isOn()) await audio.resume();
  show();
}

async function take(form) {
  // The page behind the answer is for those without this script; here the bar itself tells who has taken it.
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
  if (!answer.ok && answer.type !== "opaqueredirect") throw new Error("not taken");
  await fetchBar();
}

async function fetchBar() {
  const fresh = await fetch(bar.dataset.liveUrl, { cache: "no-store" });
  if (fresh.ok && !fresh.redirected) bar.innerHTML = await fresh.text();
}

if (bar) {
  button.addEventListener("click", () => begin(true).then(() => tone(660, 0, 0.35, 0.4)));
  for (const touch of ["pointerup", "keydown"]) addEventListener(touch, () => isOn() || begin(true));
  // A page that was kept on the phone knows nothing of now.
  if ("kept" in bar.dataset && bar.dataset.live) bar.dataset.liveNumber = -1;
  if (!bar.dataset.live) setInterval(() => fetchBar().catch(() => null), 10000);
  new MutationObserver(show).observe(bar, { childList: true, subtree: true });
  bar.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-take-alarm]")) return;
    event.preventDefault();
    // Quiet here at once; if it could not be taken, the plain form says why.
    form.closest("[data-sounding]").removeAttribute("data-sounding");
    show();
    take(form).catch(() => form.submit());
  });
  begin(false);
}

// Not heard from the server: low and falling, again and again, so that nobody trusts a page that is deaf.
function warn() {
  if (!isOn()) return;
  tone(330, 0, 0.6, 0.5);
  tone(220, 0.65, 0.8, 0.5);
}

if (lost) {
  const tell = () => {
    const isLost = (document.body.dataset.liveState || "on") !== "on";
    lost.hidden = !isLost;
    if (isLost && !warning) {
      warn();
      warning = setInterval(warn, 6000);
    } else if (!isLost) {
      clearInterval(warning);
      warning = 0;
    }
    if (bar) show();
  };
  new MutationObserver(tell).observe(document.body, { attributes: true, attributeFilter: ["data-live-state"] });
  tell();
}
