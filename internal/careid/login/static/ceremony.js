// Runs a WebAuthn ceremony when its form is sent: asks the server for the options, the browser for the
// answer, and posts the answer with the form. What goes wrong is posted too, so that a page can say what
// to do about it.
//
// On the page on which people choose how to log in, the form of a way that the browser can ask for begins
// the ceremony of that way at once, and authenticators that come up by themselves do.

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

async function options(kind) {
  const body = new URLSearchParams({ seal: form.dataset.optionsSeal, authenticator: kind ?? "" });
  const got = await fetch(form.dataset.options, { method: "POST", body });
  if (!got.ok) throw new DOMException("no options", "AbortError");
  return decoded(await got.json());
}

async function ask(kind) {
  if (!window.PublicKeyCredential) throw new DOMException("no WebAuthn here", "NotSupportedError");
  const asked = await options(kind);
  const make = form.dataset.ceremony === "create";
  return make ? navigator.credentials.create(asked) : navigator.credentials.get(asked);
}

let running = false; // a second press asks nothing more

async function run(kind) {
  if (running) return;
  running = true;
  begun?.removeAttribute("hidden");
  try {
    form.elements.answer.value = encoded(await ask(kind));
  } catch (wrong) {
    form.elements.failed.value = wrong.name ?? "Error";
  }
  form.submit();
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});

// What comes up by itself waits until it is chosen, or until something else is. A browser asks one thing at a time.
const waiting = new AbortController();
let begins; // what it has begun to ask the server

async function comeUp(kind) {
  if (!(await window.PublicKeyCredential?.isConditionalMediationAvailable?.())) return;
  begins = options(kind);
  const asked = { ...(await begins), mediation: "conditional", signal: waiting.signal };
  const credential = await navigator.credentials.get(asked);
  if (waiting.signal.aborted) return;
  form.elements.answer.value = encoded(credential);
  form.submit();
}

for (const way of document.querySelectorAll("form[data-prompt]")) {
  way.addEventListener("submit", async (event) => {
    if (!window.PublicKeyCredential) return; // the page of the way says what to do
    event.preventDefault();
    waiting.abort();
    await begins?.catch(() => {}); // so that the server keeps what is asked last
    run(way.dataset.prompt);
  });
}

if (form?.dataset.comesUp) {
  for (const other of document.forms) other.addEventListener("submit", () => waiting.abort());
  comeUp(form.dataset.comesUp).catch(() => {}); // nothing was chosen: the page has the other ways
}
