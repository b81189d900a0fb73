// Reading aloud: the server's MP3, loaded on tap; else the browser's own voice; else no button at all.
const button = document.querySelector("[data-speak]");
const voice = "speechSynthesis" in window && typeof SpeechSynthesisUtterance === "function";

// What the page says is its heading and its words, unless the page says it better.
function words() {
  return button.dataset.say || [...document.querySelectorAll("h1, main h2, main p, main label, main .body, main .btn, main [role=alert]")]
    .map((part) => part.innerText.trim()).filter((text, at, all) => text && all.indexOf(text) === at).join("。");
}

function pressed(is) {
  button.setAttribute("aria-pressed", is);
}

let audio = null;

function stop() {
  if (audio) audio.pause();
  if (voice) speechSynthesis.cancel();
  pressed(false);
}

function speakHere() {
  if (!voice) {
    button.hidden = true;
    return;
  }
  const said = new SpeechSynthesisUtterance(words());
  said.lang = document.documentElement.lang === "en" ? "en-GB" : "zh-CN";
  said.rate = 0.85;
  said.onend = () => pressed(false);
  said.onerror = (event) => {
    pressed(false);
    // A browser that has the words for it but no voice: a button that does nothing is worse than none.
    if (!["interrupted", "canceled"].includes(event.error)) button.hidden = true;
  };
  speechSynthesis.cancel();
  speechSynthesis.speak(said);
  pressed(true);
}

// The first listener waits while the recording is made: not long where the phone can speak itself.
async function recording() {
  const until = Date.now() + (voice ? 3000 : 15000);
  for (;;) {
    const answer = await fetch(button.dataset.audio, { credentials: "same-origin" });
    if (answer.status === 200) return URL.createObjectURL(await answer.blob());
    if (answer.status !== 202 || Date.now() > until) throw new Error("no recording");
    await new Promise((go) => setTimeout(go, 1000));
  }
}

const isPressed = () => button.getAttribute("aria-pressed") === "true";

async function play() {
  pressed(true);
  try {
    audio ??= new Audio(await recording());
    audio.onended = () => pressed(false);
    audio.currentTime = 0;
    if (isPressed()) await audio.play();
  } catch {
    // None to be had: the phone's own voice instead.
    if (isPressed()) speakHere();
  }
}

if (button && (button.dataset.audio || voice)) {
  button.hidden = false;
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-pressed") === "true") stop();
    else if (button.dataset.audio) play();
    else speakHere();
  });
  addEventListener("pagehide", stop);
}
