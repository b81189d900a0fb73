// Has the browser make or use a passkey, and sends its answer. Without passkeys in the browser the form stays hidden.
async function ask(form) {
  const failed = form.querySelector("[data-passkey-failed]");
  failed.hidden = true;
  try {
    const options = JSON.parse(document.getElementById("passkey-options").textContent);
    const answer = await window.webauthnJSON[form.dataset.passkey](options);
    form.elements.credential.value = JSON.stringify(answer);
    form.requestSubmit();
  } catch {
    failed.hidden = false;
  }
}

for (const form of document.querySelectorAll("[data-passkey]")) form.hidden = !window.PublicKeyCredential;
document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-passkey] button")?.form;
  if (form) ask(form);
});
