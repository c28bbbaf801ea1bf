// Runs a WebAuthn ceremony when its form is sent: asks the server for the options, the browser for the
// answer, and posts the answer with the form. What goes wrong is posted too, so that a page can say what
// to do about it.

const form = document.querySelector("form[data-ceremony]");
const begun = document.querySelector("[data-ceremony-begun]");

const bytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
};

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const withBytes = (list) => (list ?? []).map((c) => ({ ...c, id: bytes(c.id) }));

function decoded(options) {
  const key = { ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
  if (key.user) key.user = { ...key.user, id: bytes(key.user.id) };
  if (key.excludeCredentials) key.excludeCredentials = withBytes(key.excludeCredentials);
  if (key.allowCredentials) key.allowCredentials = withBytes(key.allowCredentials);
  return { publicKey: key };
}

function encoded(credential) {
  const from = credential.response;
  const response = { clientDataJSON: text(from.clientDataJSON) };
  if (from.attestationObject) {
    response.attestationObject = text(from.attestationObject);
    response.transports = from.getTransports?.() ?? [];
  } else {
    response.authenticatorData = text(from.authenticatorData);
    response.signature = text(from.signature);
    if (from.userHandle) response.userHandle = text(from.userHandle);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
}

async function ask() {
  if (!window.PublicKeyCredential) throw new DOMException("no WebAuthn here", "NotSupportedError");
  const body = new URLSearchParams({ seal: form.dataset.optionsSeal });
  const got = await fetch(form.dataset.options, { method: "POST", body });
  if (!got.ok) throw new DOMException("no options", "AbortError");
  const options = decoded(await got.json());
  const make = form.dataset.ceremony === "create";
  return make ? navigator.credentials.create(options) : navigator.credentials.get(options);
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  begun?.removeAttribute("hidden");
  try {
    form.elements.answer.value = encoded(await ask());
  } catch (wrong) {
    form.elements.failed.value = wrong.name ?? "Error";
  }
  form.submit();
});
