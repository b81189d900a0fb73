// Plays spoken messages with a button, a slider and a clock in the sizes of the page, instead of the browser's
// own player. The sound is fetched whole at the first tap: iOS plays no address that cannot be read in parts.

export function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

function setUp(box) {
  const audio = box.querySelector("audio"), button = box.querySelector("button"), range = box.querySelector("input");
  const time = box.querySelector("[data-time]"), error = box.querySelector("[role=alert]");
  let fetched = "";

  // A recorder's file names no length until it was played to its end.
  const length = () => (Number.isFinite(audio.duration) ? audio.duration : Number(box.dataset.seconds)) || 0;
  const show = () => {
    const at = Math.min(audio.currentTime, length() || audio.currentTime), playing = !audio.paused;
    // In large type there is no room for both.
    time.textContent = at || playing ? clock(at) : clock(length());
    range.max = Math.max(1, Math.ceil(length()));
    range.value = range.defaultValue = Math.floor(at);
    range.setAttribute("aria-valuetext", `${clock(at)} / ${clock(length())}`);
    button.setAttribute("aria-label", playing ? button.dataset.pause : button.dataset.play);
    for (const sign of button.querySelectorAll("[data-when]")) sign.hidden = (sign.dataset.when === "playing") !== playing;
    // A live part of a page is not replaced under somebody who listens.
    box.toggleAttribute("data-live-hold", playing);
  };

  const load = async () => {
    const address = audio.getAttribute("src");
    if (!address || address.startsWith("blob:")) return;
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(answer.status);
    fetched = URL.createObjectURL(await answer.blob());
    audio.src = fetched;
  };
  const play = async () => {
    error.hidden = true;
    // One at a time.
    for (const other of document.querySelectorAll("[data-player] audio")) if (other !== audio) other.pause();
    try {
      await load();
      await audio.play();
    } catch {
      error.hidden = false;
    }
  };

  button.addEventListener("click", () => (audio.paused ? play() : audio.pause()));
  range.addEventListener("input", async () => {
    const to = Number(range.value);
    await load().catch(() => {});
    audio.currentTime = to;
  });
  for (const name of ["play", "pause", "timeupdate", "loadedmetadata", "durationchange", "emptied"]) audio.addEventListener(name, show);
  audio.addEventListener("ended", () => {
    audio.currentTime = 0;
    show();
  });
  audio.controls = false;
  box.querySelector("[data-controls]").hidden = false;
  box.dataset.player = "ready";
  show();
}

const all = () => document.querySelectorAll("[data-player]:not([data-player=ready])").forEach(setUp);
all();
document.addEventListener("live:swapped", all);
