// Why somebody cannot sign in: each reason has its page with what to do, a way back and a reference, by
// which the service desk finds it.
import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { Service } from "../lib/service.mjs";
import { password, registers, signInWithApp } from "../lib/steps.mjs";

let signpost, rota;
before(async () => {
  [signpost, rota] = await Promise.all([start(), Service.open("Leave Planner")]);
  await (await registers(signpost, rota, ["email"])).leave();
});
after(async () => { await closeBrowser(); await rota.close(); await signpost.stop(); });

async function asked(more = "", options = {}) {
  const person = await Person.arrive(signpost, options);
  await person.goto(`${rota.address}/sign-in?${more}`);
  await person.reads("Log in to Leave Planner");
  return person;
}

// refused sees a page of refusal, and gives the reference it shows.
async function refused(person, title, picture, ...says) {
  await person.sees(title, picture);
  await person.reads(...says);
  assert.equal(await person.page.getByRole("button", { name: "Cancel and go back to Leave Planner" }).count(), 1, "there is a way back");
  return /quote the reference\W+([A-Z0-9]{4} [A-Z0-9]{4})/.exec(await person.text())[1];
}

async function goesBack(person) {
  await person.press("Cancel and go back to Leave Planner");
  await person.page.getByRole("heading", { name: "Not logged in" }).waitFor();
  await person.reads("access_denied");
  await person.leave();
}

test("a Care Identity that is not active", async () => {
  const grace = await asked();
  await signInWithApp(grace, "grace.mbeki@fenmarch.example");
  await refused(grace, "Your Care Identity is not active", "cis2-refused-inactive", "They can make it active again.", "registration.authority@fenmarch.example");
  await goesBack(grace);
});

test("somebody else than the service asked for", async () => {
  const lucy = await asked();
  await signInWithApp(lucy, "lucy.barnes@fenmarch.example");
  await lucy.reads("Leave Planner of Lucy Barnes");
  const { token } = [...rota.people.values()].at(-1);
  const zoe = await asked(`id_token_hint=${token}`);
  await signInWithApp(zoe, "zoe.field@fenmarch.example");
  await refused(zoe, "You logged in as somebody else", "cis2-refused-wrong-person", "log out there and start again");
  await goesBack(zoe);
  await lucy.leave();
});

test("no way of logging in that will do", async () => {
  const person = await asked("acr_values=AAL3_N3_SMARTCARD");
  await refused(person, "You cannot log in to this service here", "cis2-refused-nothing", "Contact the service's own help desk");
  await goesBack(person);
});

// withKey comes as far as the page that asks for a security key.
async function withKey(options) {
  const person = await asked("", options);
  await person.choose("Security Key");
  await person.press("Continue");
  await person.sees("Use your security key", options ? "cis2-key-no-script" : undefined);
  return person;
}

test("a security key that does not answer, and one that nobody knows", async () => {
  const person = await withKey();
  const authenticator = await person.holdsKey({ verified: false });
  await person.press("Continue");
  await refused(person, "You did not finish logging in", "cis2-refused-cancelled", "touch it when it lights up");
  await person.press("Try again");
  await person.sees("Use your security key");
  await (await person.devtools()).send("WebAuthn.setUserVerified", { authenticatorId: authenticator, isUserVerified: true });
  await (await person.devtools()).send("WebAuthn.addCredential", { authenticatorId: authenticator, credential: strangeKey() });
  await person.press("Continue");
  await refused(person, "We cannot use this authenticator", "cis2-refused-unknown", "Use the authenticator that you registered.");
  await person.press("Log in another way");
  await person.sees("How do you want to log in?");
  await goesBack(person);
});

function strangeKey() {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    credentialId: randomBytes(16).toString("base64"), isResidentCredential: true, rpId: "cis2.localhost", signCount: 1,
    userHandle: randomBytes(16).toString("base64"), privateKey: privateKey.export({ type: "pkcs8", format: "der" }).toString("base64"),
  };
}

test("a browser without JavaScript, and one without WebAuthn", async () => {
  const plain = await withKey({ javaScript: false });
  await plain.reads("JavaScript is switched off", "log in with: Authenticator app");
  await plain.press("Continue");
  await refused(plain, "Your browser could not use your authenticator", "cis2-refused-no-script", "Switch JavaScript on and try again, or log in another way.");
  await plain.press("Log in another way");
  await signInWithApp(plain, "lucy.barnes@fenmarch.example");
  await plain.reads("Leave Planner of Lucy Barnes");
  await plain.leave();
  const old = await withKey();
  await old.page.evaluate(() => { delete window.PublicKeyCredential; });
  await old.press("Continue");
  await refused(old, "This browser cannot use your authenticator", "cis2-refused-unsupported", "Update the browser or use another one");
  await goesBack(old);
});

test("a sign-in that is over, and one of another browser", async () => {
  const lucy = await asked();
  const flow = lucy.page.url();
  const other = await Person.arrive(signpost);
  await other.goto(flow);
  await other.sees("This login was started in another browser", "cis2-other-browser");
  await other.reads("Go back to that browser", "quote the reference");
  await signInWithApp(lucy, "lucy.barnes@fenmarch.example");
  await lucy.reads("Leave Planner of Lucy Barnes");
  await lucy.goto(flow);
  await lucy.sees("This login has already gone on", "cis2-gone-on");
  await lucy.reads("Leave Planner was told who you are", "Go to Leave Planner", "log in again there");
  await lucy.leave();
  await other.leave();
});

test("a request that is not the service's", async () => {
  const lost = await Person.arrive(signpost);
  const authorize = rota.config.serverMetadata().authorization_endpoint;
  await lost.goto(`${authorize}?client_id=${rota.id}&redirect_uri=https%3A%2F%2Fevil.example&response_type=code&scope=openid`);
  await lost.sees("The service made a mistake", "cis2-redirect-refused");
  await lost.goto(`${authorize}?client_id=999999999999.apps.supplier`);
  await lost.sees("We do not know this service", "cis2-unknown-service");
  await lost.goto(`${signpost.cis2}/sign-out/nothing`);
  await lost.sees("This page has expired", "cis2-sign-out-over");
  await lost.goto(signpost.cis2);
  await lost.sees("Care Identity login", "cis2-front");
  await lost.leave();
});

test("too many wrong codes lock the app, and the service desk finds why and ends a sign-in", async () => {
  const elsewhere = await asked();
  await signInWithApp(elsewhere, "mei.chen@fenmarch.example");
  await elsewhere.reads("Leave Planner of Mei Chen");

  const mei = await asked();
  await mei.choose("Authenticator app");
  await mei.press("Continue");
  await mei.fill("Email address", "mei.chen@fenmarch.example");
  await mei.fill("Password", password);
  await mei.press("Continue");
  for (let tries = 0; tries < 11; tries++) {
    await mei.sendsCode("000000", "Submit");
  }
  const reference = await refused(mei, "Your authenticator is locked", "cis2-refused-locked", "You have an authenticator that you can use: Security Key.", "registration.authority@fenmarch.example");

  const joseph = await Person.arrive(signpost);
  await joseph.goto(signpost.cim);
  await joseph.press("Log in with my Care Identity");
  await signInWithApp(joseph, "joseph.adeyemi@fenmarch.example");
  await joseph.follow("Service desk");
  await joseph.sees("Help somebody to log in", "cim-desk");
  await joseph.fill("Find a person or a reference", "not a reference");
  await joseph.press("Find");
  await joseph.sees("There is a problem", "cim-desk-problem");
  await joseph.fill("Find a person or a reference", reference.toLowerCase());
  await joseph.press("Find");
  await joseph.sees("What happened", "cim-desk-refusal");
  await joseph.reads("Mei Chen", "Authenticator app", "Tell the caller");
  await joseph.follow("See sessions");
  await joseph.sees("Sessions of Mei Chen", "cim-desk-person");
  await joseph.reads("Leave Planner", "Authenticator app, AAL2", reference);
  await joseph.page.getByRole("radio", { name: /^Logged in/ }).first().check();
  await joseph.press("End session");
  await joseph.sees("There is a problem", "cim-desk-person-problem");
  await joseph.fill("Why?", "Lost key, reported by telephone");
  await joseph.press("End session");
  await joseph.reads("Session ended. The services it was used for are being told.", "Mei Chen is not logged in with their Care Identity anywhere.");
  await joseph.reads("Services told that a session ended", "Leave Planner");
  await joseph.look("cim-desk-person-ended");
  await joseph.reads("Locked after too many wrong attempts, until");
  await joseph.page.getByRole("radio").first().check();
  await joseph.fill("Why may it be used again now?", "Mistyped, called back");
  await joseph.press("End lock");
  await joseph.reads("Lock ended. The authenticator can be used again, and its owner is told by email.");
  await joseph.leave();
  await elsewhere.goto(rota.address);
  await elsewhere.reads("You are not logged in.");
  await elsewhere.leave();
  await mei.press("Log in another way");
  await goesBack(mei);
});
