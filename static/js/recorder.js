// A spoken message: recorded here and sent as soon as it is spoken, while the person writes on; the form then
// sends its token. One that did not arrive goes with the form, as any other file.
import { clock } from "./player.js";

const TYPES = ["audio/mp4", "audio/webm;codecs=opus", "audio/webm", "audio/ogg;codecs=opus"];
// After this a stalled message is left to the form.
const PATIENCE = 90000;

export function setUp(box) {
  const find = (name) => box.querySelector(name);
  const button = find("[data-record-button]"), label = find("[data-label]"), remove = find("[data-record-remove]");
  const time = find("[data-clock]"), player = find("[data-player]"), input = find("input[type=file]"), error = find("[data-error]");
  const playback = find("audio"), length = find("[data-length]"), token = find("[data-token]"), status = find("[data-voice]");
  const most = Number(box.dataset.seconds), form = box.closest("form"), ahead = form?.elements.csrfmiddlewaretoken && box.dataset.ahead;
  let recorder = null, ticking = 0, xhr = null, sent = 0, submitter = null;

  const say = (words) => {
    error.hidden = !words;
    find("[data-words]").textContent = words || "";
  };

  const progress = () => {
    if (xhr) status.textContent = `${submitter ? box.dataset.waits : box.dataset.sending} ${Math.floor(100 * sent)}%`;
    else status.textContent = token.value ? box.dataset.sent : "";
    status.hidden = !status.textContent;
  };

  const body = () => {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.append("ticket", box.dataset.ticket);
    for (const name of ["sealed", "for"]) if (form.elements[name]?.value) data.append(name, form.elements[name].value);
    return data;
  };

  // Carries out the press of a button that waited.
  const go_on = () => {
    const button = submitter;
    submitter = null;
    if (button) setTimeout(() => form.requestSubmit(button.isConnected && button !== form ? button : null));
  };

  const send = () => {
    const data = body(), own = (xhr = new XMLHttpRequest());
    data.append("recording", input.files[0]);
    data.append("recording_seconds", length.value);
    sent = 0;
    own.open("POST", ahead);
    own.timeout = PATIENCE;
    own.responseType = "json";
    own.upload.onprogress = (event) => {
      sent = event.lengthComputable ? event.loaded / event.total : 0;
      progress();
    };
    own.onloadend = () => {
      if (xhr !== own) return;
      xhr = null;
      if (own.status === 200 && own.response?.token) {
        token.value = own.response.token;
        input.value = "";
      } else if (own.status === 422 && own.response?.message) {
        clear();
        say(own.response.message);
        return;
      }
      progress();
      go_on();
    };
    own.send(data);
    progress();
  };

  const has = (words) => {
    player.hidden = remove.hidden = false;
    label.textContent = words;
  };

  const keep = (blob, seconds) => {
    const ending = blob.type.includes("mp4") ? "m4a" : blob.type.includes("ogg") ? "ogg" : "webm";
    const files = new DataTransfer();
    files.items.add(new File([blob], `voice.${ending}`, { type: blob.type.split(";")[0] }));
    input.files = files.files;
    length.value = player.dataset.seconds = Math.min(most, Math.max(1, seconds));
    playback.src = URL.createObjectURL(blob);
    time.hidden = true;
    has(box.dataset.again);
    if (ahead) send();
    else go_on();
  };

  const clear = () => {
    const own = xhr;
    xhr = submitter = null;
    own?.abort();
    if (token.value) {
      const data = body();
      data.append("taken_out", token.value);
      fetch(ahead, { method: "POST", body: data }).catch(() => {});
    }
    input.value = length.value = token.value = "";
    playback.pause();
    playback.removeAttribute("src");
    player.hidden = remove.hidden = time.hidden = true;
    label.textContent = box.dataset.first;
    progress();
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
  // Sent while still speaking, or while the message goes up: carried out when it has arrived.
  form?.addEventListener("submit", (event) => {
    const speaking = recorder?.state === "recording";
    if (!(speaking || xhr) || event.submitter?.formNoValidate) return;
    event.preventDefault();
    event.stopPropagation();
    if (speaking) stop();
    submitter = event.submitter || form;
    progress();
  }, true);
}
