// Looks at the browser and its device for the page "Check this device", and goes on to the page that says what was
// found. It decides nothing: the server says what an answer means. On that page it shows the smartcard door a card, when
// somebody asks for that.

const check = document.querySelector("[data-device-check]");
const card = document.querySelector("[data-card]");

// How long to wait for an answer, and for somebody to choose a card, in milliseconds.
const maxWait = 4000;
const maxChoice = 90_000;

const answer = (value) => (typeof value === "boolean" ? (value ? "yes" : "no") : "");

const late = () => new Promise((resolve) => setTimeout(resolve, maxWait));

// asked gives what a promise answers, or nothing where that fails or takes long.
async function asked(ask) {
  try {
    return await Promise.race([ask(), late()]);
  } catch {
    return undefined;
  }
}

// ahead is by how many seconds the clock here is ahead of the server's, whose answers name whole seconds.
async function ahead() {
  const begun = Date.now();
  const got = await fetch(location.href, { method: "HEAD", cache: "no-store" });
  const now = Date.now();
  const there = Date.parse(got.headers.get("date"));
  if (Number.isNaN(there) || now - begun > maxWait) return undefined;
  return Math.round(((begun + now) / 2 - there - 500) / 1000);
}

// atDoor is what the smartcard door answers. The browser may ask for a card and its passcode, which takes people long.
async function atDoor(door) {
  try {
    const signal = AbortSignal.timeout(maxChoice);
    const { problem } = await (await fetch(door, { credentials: "include", cache: "no-store", signal })).json();
    return problem || "accepted";
  } catch {
    return "unreachable";
  }
}

async function look() {
  const Key = window.PublicKeyCredential;
  const [can, builtIn, offers, bluetooth, off] = await Promise.all([
    asked(async () => Key?.getClientCapabilities?.()),
    asked(async () => Key?.isUserVerifyingPlatformAuthenticatorAvailable?.()),
    asked(async () => Key?.isConditionalMediationAvailable?.()),
    asked(async () => navigator.bluetooth?.getAvailability?.()),
    asked(ahead),
  ]);
  return {
    script: "yes",
    webauthn: answer(Boolean(Key)),
    built_in: answer(builtIn ?? can?.userVerifyingPlatformAuthenticator),
    offers: answer(offers ?? can?.conditionalGet),
    nearby: answer(can?.hybridTransport || bluetooth || (can?.hybridTransport ?? bluetooth)),
    ahead: off ?? "",
    cookies: "asked",
  };
}

const goOn = (path, found) => {
  const filled = Object.entries(found).filter(([, value]) => value !== "");
  location.replace(`${path}?${new URLSearchParams(filled)}`);
};

if (check) {
  check.hidden = false;
  goOn(check.dataset.deviceCheck, await look());
}

if (card) {
  card.hidden = false;
  const button = card.querySelector("button");
  button.addEventListener("click", async () => {
    button.disabled = true;
    const door = await atDoor(card.dataset.door);
    goOn(card.dataset.card, { code: card.dataset.code, script: "yes", door });
  });
}
