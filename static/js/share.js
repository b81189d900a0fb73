// Hands the link of an invitation over to WeChat: the phone's own sharing where it has one, else the clipboard.
const button = document.querySelector("[data-share]");
const link = document.querySelector("[data-share-link]");
const done = document.querySelector("[data-shared]");

async function share() {
  try {
    if (navigator.share && matchMedia("(pointer: coarse)").matches) return await navigator.share({ url: link.value });
    await navigator.clipboard.writeText(link.value);
  } catch (error) {
    if (error.name === "AbortError") return;
    link.select();
    if (!document.execCommand("copy")) return;
  }
  done.hidden = false;
}

button.hidden = false;
button.addEventListener("click", share);
link.addEventListener("focus", () => link.select());
