// A spoken message: recorded here, put into the form's own file input, sent like any other file.
import { clock } from "./player.js";

const TYPES = ["audio/mp4", "audio/webm;codecs=opus", "audio/webm", "audio/ogg;codecs=opus"];

function setUp(box) {
  const find = (name) => box.querySelector(name);
  const button = find("[data-record-button]"), label = find("[data-label]"), remove = find("[data-record-remove]");
  const time = find("[data-clock]"), player = find("[data-player]"), input = find("input[type=file]"), error = find("[data-error]");
  const playback = find("audio"), length = find("[data-length]");
  const most = Number(box.dataset.seconds), first = label.textContent;
  let recorder = null, ticking = 0;

  const say = (words) => {
    error.hidden = !words;
    find("[data-words]").textContent = words || "";
  };

  const keep = (blob, seconds) => {
    const ending = blob.type.includes("mp4") ? "m4a" : blob.type.includes("ogg") ? "ogg" : "webm";
    const files = new DataTransfer();
    files.items.add(new File([blob], `voice.${ending}`, { type: blob.type.split(";")[0] }));
    input.files = files.files;
    length.value = player.dataset.seconds = Math.min(most, Math.max(1, seconds));
    playback.src = URL.createObjectURL(blob);
    player.hidden = remove.hidden = false;
    time.hidden = true;
    label.textContent = box.dataset.again;
  };

  const clear = () => {
    input.value = length.value = "";
    playback.pause();
    playback.removeAttribute("src");
    player.hidden = remove.hidden = time.hidden = true;
    label.textContent = first;
  };

  const stop = () => recorder?.state === "recording" && recorder.stop();

  const begin = async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const type = TYPES.find((one) => MediaRecorder.isTypeSupported(one));
    const parts = [], begun = Date.now();
    recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 24000 });
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = () => {
      clearInterval(ticking);
      stream.getTracks().forEach((track) => track.stop());
      button.setAttribute("aria-pressed", "false");
      keep(new Blob(parts, { type: recorder.mimeType }), Math.round((Date.now() - begun) / 1000));
    };
    clear();
    recorder.start(1000);
    button.setAttribute("aria-pressed", "true");
    label.textContent = box.dataset.stop;
    time.hidden = false;
    const tick = () => {
      const passed = Math.floor((Date.now() - begun) / 1000);
      time.textContent = `${clock(passed)} / ${clock(most)}`;
      if (passed >= most) stop();
    };
    tick();
    ticking = setInterval(tick, 250);
  };

  button.addEventListener("click", () => {
    say("");
    if (recorder?.state === "recording") stop();
    else begin().catch(() => say(box.dataset.denied));
  });
  remove.addEventListener("click", () => {
    clear();
    button.focus();
  });
  // Sent while still speaking: finish first, then send what was said.
  box.closest("form")?.addEventListener("submit", (event) => {
    if (recorder?.state !== "recording") return;
    const submitter = event.submitter;
    event.preventDefault();
    recorder.addEventListener("stop", () => setTimeout(() => event.target.requestSubmit(submitter)));
    stop();
  }, true);
  box.hidden = false;
}

const able = window.MediaRecorder && navigator.mediaDevices?.getUserMedia && typeof DataTransfer === "function";
if (able) document.querySelectorAll("[data-record]").forEach(setUp);
