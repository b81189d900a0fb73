// Shows the pictures of a page large: swiped sideways, enlarged by a button or a double tap, with their captions.
// Back closes it, as do Escape and its button. Loaded by viewer.js at the first tap.
let dialog = null, slides = null, links = [], opener = null;

const find = (name) => dialog.querySelector(name);
const at = () => Math.round(slides.scrollLeft / Math.max(1, slides.clientWidth));

function enlarge(on) {
  dialog.classList.toggle("enlarged", on);
  find("[data-zoom]").setAttribute("aria-pressed", String(on));
  for (const sign of find("[data-zoom]").querySelectorAll("[data-when]")) sign.hidden = (sign.dataset.when === "large") !== on;
  [...slides.children].forEach((slide, number) => {
    const here = on && number === at();
    slide.classList.toggle("enlarged", here);
    if (here) slide.tabIndex = 0;
    else slide.removeAttribute("tabindex");
    if (here) slide.scrollTo((slide.scrollWidth - slide.clientWidth) / 2, (slide.scrollHeight - slide.clientHeight) / 2);
  });
}

function tell() {
  const number = at(), image = slides.children[number]?.firstElementChild;
  find("[data-caption]").textContent = image?.alt || "";
  find("[data-count]").textContent = links.length > 1 ? `${number + 1} / ${links.length}` : "";
  for (const button of dialog.querySelectorAll("[data-step]")) {
    const to = number + Number(button.dataset.step);
    button.disabled = to < 0 || to >= links.length;
    button.hidden = links.length < 2;
  }
}

function go(number) {
  enlarge(false);
  slides.scrollTo({ left: number * slides.clientWidth, behavior: "instant" });
  tell();
}

function close() {
  if (!dialog?.open) return;
  dialog.close();
  opener?.isConnected && opener.focus();
}

function make() {
  dialog = document.querySelector("template[data-viewer]").content.firstElementChild.cloneNode(true);
  slides = find(".slides");
  slides.addEventListener("scroll", tell, { passive: true });
  slides.addEventListener("dblclick", () => enlarge(!dialog.classList.contains("enlarged")));
  find("[data-zoom]").addEventListener("click", () => enlarge(!dialog.classList.contains("enlarged")));
  find("[data-close]").addEventListener("click", () => history.back());
  for (const button of dialog.querySelectorAll("[data-step]")) button.addEventListener("click", () => go(at() + Number(button.dataset.step)));
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    history.back();
  });
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || dialog.classList.contains("enlarged")) return;
    event.preventDefault();
    go(Math.min(links.length - 1, Math.max(0, at() + step)));
  });
  document.body.append(dialog);
}

export function open(link) {
  if (!dialog) make();
  opener = link;
  links = [...document.querySelectorAll("a.picture")].filter((one) => one.checkVisibility?.() ?? true);
  slides.replaceChildren(
    ...links.map((one) => {
      const slide = document.createElement("figure"), image = document.createElement("img");
      image.src = one.href;
      image.alt = one.querySelector("img").alt;
      image.decoding = "async";
      if (one !== link) image.loading = "lazy";
      slide.append(image);
      return slide;
    }),
  );
  dialog.showModal();
  go(links.indexOf(link));
  history.pushState({ viewer: true }, "");
  find("[data-close]").focus();
}

addEventListener("popstate", close);
