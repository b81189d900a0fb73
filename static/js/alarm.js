// The desk's alarm: a loud two-tone until somebody takes it. A browser is silent until it is touched, so the
// shift begins with a button that plays a test tone. Nothing flashes: colour, words and the title say it.
const bar = document.querySelector("[data-alarms]"), shift = document.querySelector("[data-shift]");
const silent = document.querySelector("[data-silent]"), lost = document.querySelector("[data-lost]");
const title = document.title;
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
  document.title = number ? `(${number}) ${bar.dataset.title} · ${title}` : isDeaf ? `${lost.dataset.title} · ${title}` : title;
  document.body.dataset.alarm = number ? (isOn() ? "sounding" : "silenced") : "none";
  silent.hidden = isOn();
  shift.setAttribute("aria-pressed", String(isOn()));
  if (isOn()) shift.querySelector("[data-label]").textContent = shift.dataset.on;
  if (number && !ringing) {
    ring();
    ringing = setInterval(ring, 1200);
  } else if (!number) {
    clearInterval(ringing);
    ringing = 0;
  }
}

async function begin(isTouched) {
  audio ??= new AudioContext();
  audio.onstatechange = show;
  if (isTouched) {
    await audio.resume();
    sessionStorage.setItem("shift", "on");
    tone(660, 0, 0.35, 0.4);
  }
  show();
}

async function take(form) {
  // The page behind the answer is for those without this script; here the bar itself tells who has taken it.
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
  if (!answer.ok && answer.type !== "opaqueredirect") throw new Error("not taken");
  const fresh = await fetch(bar.dataset.liveUrl);
  if (fresh.ok) bar.innerHTML = await fresh.text();
}

if (bar && shift) {
  shift.hidden = false;
  shift.addEventListener("click", () => begin(true));
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
  // After a click on a link of ours most browsers let the next page sound at once.
  if (sessionStorage.getItem("shift")) begin(false);
  else show();
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
