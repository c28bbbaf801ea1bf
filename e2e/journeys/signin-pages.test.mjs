// The sign-in service's own pages, each looked at wide and narrow: choosing, proving, each refusal
// with its way on, where one is signed in, and what the service desk sees of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { approved, password, signInWithApp } from "../lib/steps.mjs";

const realm = "/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

async function atTheChoice(person = undefined) {
  const somebody = person ?? await Person.arrive(signpost);
  await somebody.goto(signpost.cim);
  await somebody.press(/Care Identity/);
  await somebody.sees("How do you want to log in?");
  return somebody;
}

async function choosing(person, way) {
  await person.choose(way);
  await person.press("Continue");
}

// authorize asks for a sign-in as a service does.
const authorize = (changes) => `${signpost.cis2}${realm}/authorize?` + new URLSearchParams({
  response_type: "code", client_id: "230000000002.apps.supplier", redirect_uri: "http://localhost:3001/callback", scope: "openid profile", acr_values: "AAL2_OR_AAL3_ANY", state: "s", nonce: "n", ...changes,
});

test("each way to log in, by keyboard", async () => {
  const one = await atTheChoice();
  await one.look("signin-choose");
  await one.page.getByRole("button", { name: "Continue" }).focus();
  await one.page.keyboard.press("Enter");
  await one.sees("There is a problem", "signin-choose-error");
  await one.follow("Select how you want to log in");
  await one.page.keyboard.press("Space");
  await one.page.keyboard.press("Enter");
  await one.sees("Use your security key", "signin-key");
  for (const [way, heading] of [["Windows Hello", "Use Windows Hello"], ["Passkey", "Use your passkey"]]) {
    await one.press("Log in another way");
    await choosing(one, way);
    await one.sees(heading);
    await one.look(`signin-${way.toLowerCase().replace(" ", "-")}`);
  }
  await one.press("Log in another way");
  await choosing(one, "Authenticator app");
  await one.press("Continue");
  await one.sees("There is a problem", "signin-password-error");
  await one.fill("Email address", "priya.shah@fenmarch.example");
  await one.fill("Password", "not the password");
  await one.press("Continue");
  await one.reads("Your email address or password is not right, or there were too many attempts.");
  await one.fill("Password", password);
  await one.press("Continue");
  await one.sees("Enter verification code", "signin-code");
  await one.sendsCode("000000", "Submit");
  await one.sees("There is a problem", "signin-code-error");
  await one.leave();
});

test("a key that does not answer, and one that nobody registered", async () => {
  const one = await atTheChoice();
  await one.holdsKey();
  await choosing(one, "Security Key");
  await one.press("Continue");
  await one.sees("You did not finish logging in", "refused-cancelled");
  await one.press("Try again");
  await one.sees("Use your security key");
  await one.press("Cancel and go back");
  await one.page.waitForURL(`${signpost.cim}/**`);
  await one.leave();
});

test("without JavaScript the app works, and a key's page names it", async () => {
  const person = await Person.arrive(signpost, { javaScript: false });
  await person.goto(signpost.cim);
  await person.press(/Care Identity/);
  await person.choose("Security Key");
  await person.press("Continue");
  await person.reads(/JavaScript is switched off[\s\S]*or log in with: Authenticator app\./);
  await person.look("signin-key-no-script");
  await person.press("Continue");
  await person.sees("Your browser could not use your authenticator", "refused-no-script");
  await person.press("Log in another way");
  await person.choose("Authenticator app");
  await person.press("Continue");
  await person.sees("Log in with your authenticator app");
  await person.leave();
});

test("refusals of people who have proved who they are", async () => {
  const grace = await atTheChoice();
  await signInWithApp(grace, "grace.mbeki@fenmarch.example");
  await grace.sees("Your Care Identity is not active");
  await grace.reads("Who to ask", "The registration authority of Fenmarch");
  await grace.look("refused-inactive");
  const shown = await grace.page.locator("main .signpost-code").innerText();
  await grace.leave();

  const chloe = await atTheChoice();
  await signInWithApp(chloe, "chloe.evans@fenmarch.example");
  await chloe.follow("Service desk");
  await chloe.sees("Help somebody to log in", "desk-search");
  await chloe.fill("Find a person or a reference", shown);
  await chloe.press("Find");
  await chloe.sees("What happened");
  await chloe.reads("The Care Identity is not active", "Grace Mbeki");
  await chloe.look("desk-reference");
  await chloe.leave();
});

test("pages for what cannot be gone on with", async () => {
  const one = await atTheChoice();
  const two = await Person.arrive(signpost);
  await two.goto(one.page.url());
  await two.sees("This login was started in another browser", "failed-other-browser");
  await two.goto(`${signpost.cis2}/sign-in/0198a0f0-0000-7000-8000-000000000000`);
  await two.sees("This login is over", "failed-over");
  await two.goto(authorize({ client_id: "nobody" }));
  await two.sees("We do not know this service", "failed-unknown-service");
  await two.goto(authorize({ acr_values: "AAL3_N3_SMARTCARD" }));
  await two.sees("You cannot log in to this service here", "refused-no-authenticator");
  await two.goto(`${signpost.cis2}/my-sessions`);
  await two.sees("You are not logged in", "failed-not-signed-in");
  await two.goto(`${signpost.cis2}/bind/nothing`);
  await two.sees("This link cannot be used", "failed-dead-link");
  await two.leave();
  await one.leave();
});

test("the choice that the device remembers, where one is logged in, and the service desk", async () => {
  const email = "zoe.field@fenmarch.example";
  const here = await atTheChoice();
  await signInWithApp(here, email);
  await here.page.waitForURL(`${signpost.cim}/**`);
  await here.goto(`${signpost.cis2}/my-sessions`);
  await here.sees("Where am I logged in?");
  await here.reads("This browser", "Chrome", "Care Identity Management", "You are not logged in anywhere else.");
  await here.look("sessions-one");

  const there = await atTheChoice();
  await signInWithApp(there, "priya.shah@fenmarch.example");
  await there.page.waitForURL(`${signpost.cim}/**`);
  await there.follow("Log out");
  await there.sees("What do you want to log out of?");
  await there.press("Log out of everything on this computer");
  await there.sees("You are logged out");
  await there.goto(authorize({ prompt: "login" }));
  await there.sees("How do you want to log in?");
  await there.reads("This way was used last on this device.");
  assert.ok(!await there.page.getByLabel("Security Key").isVisible(), "the other ways are folded");
  await there.look("signin-choose-remembered");
  await there.page.locator("summary", { hasText: "Another way to log in" }).focus();
  await there.page.keyboard.press("Enter");
  await there.look("signin-choose-another");
  await there.press("Continue");
  await there.sees("There is a problem", "signin-choose-another-error");
  await there.follow("Select how you want to log in");
  await there.page.keyboard.press("Space");
  await there.page.keyboard.press("Enter");
  await there.sees("Use your security key");
  await there.press("Log in another way");
  await there.press("Log in with Authenticator app");
  await there.sees("Log in with your authenticator app");

  const third = await atTheChoice();
  await signInWithApp(third, email);
  await third.page.waitForURL(`${signpost.cim}/**`);
  await here.page.reload();
  await here.reads("Another browser", "End all other sessions");
  await here.look("sessions-two");

  const chloe = await atTheChoice();
  await signInWithApp(chloe, "chloe.evans@fenmarch.example");
  await chloe.page.waitForURL(`${signpost.cim}/**`);
  await chloe.goto(`${signpost.cim}/desk/sessions?find=${email}`);
  await chloe.sees("Sessions of Zoe Field", "desk-person");
  await chloe.press("End session");
  await chloe.sees("There is a problem", "desk-person-error");
  await chloe.page.locator("input[type=radio]").last().check();
  await chloe.fill("Why?", "lost key, reported by telephone");
  await chloe.press("End session");
  await chloe.reads("Zoe Field is not logged in with their Care Identity anywhere", "Care Identity Management");
  await chloe.look("desk-person-ended");
  await here.page.reload();
  await here.sees("Your session has ended", "sessions-ended-by-desk");
  await here.reads("It was ended for you by the service desk or your registration authority.");
  await here.page.reload();
  await here.sees("You are not logged in");
  for (const person of [here, there, third, chloe]) await person.leave();
});

test("one role of many, for a service that asks for one", async () => {
  const nadia = await atTheChoice();
  await signInWithApp(nadia, "nadia.iqbal@rota.example");
  await nadia.follow("Connections");
  await nadia.follow("Fenmarch Rota Software");
  await nadia.press("Register a client");
  await nadia.fill("Name", "Fenmarch Shifts");
  await nadia.fill("Organisation that owns it", "Fenmarch Rota Software Ltd");
  await nadia.fill("Email address for questions", "connections@rota.example");
  await nadia.choose("With a secret in the form");
  await nadia.fill("Redirect URIs", "http://localhost:3002/callback");
  await nadia.choose("selectedrole");
  await nadia.press("Register");
  await nadia.sees("Copy the secret now");
  const id = /\d{12}\.apps\.supplier/.exec(await nadia.text())[0];
  await approved(signpost, nadia, "Fenmarch Shifts");
  await nadia.leave();

  const leila = await Person.arrive(signpost);
  await leila.goto(authorize({
    client_id: id, redirect_uri: "http://localhost:3002/callback", scope: "openid selectedrole", code_challenge: "A".repeat(43), code_challenge_method: "S256",
  }));
  await signInWithApp(leila, "leila.haddad@fenmarch.example");
  await leila.sees("Which role are you working in?", "signin-role");
  await leila.fill("Search your roles", "no such place");
  await leila.press("Search");
  await leila.reads("None of your roles match the search.");
  await leila.look("signin-role-none");
  await leila.follow("Show all of them");
  await leila.press("Continue");
  await leila.sees("There is a problem", "signin-role-error");
  await leila.leave();
});

test("logging out", async () => {
  const one = await atTheChoice();
  await signInWithApp(one, "lucy.barnes@fenmarch.example");
  await one.page.waitForURL(`${signpost.cim}/**`);
  await one.goto(`${signpost.cis2}${realm}/connect/endSession?client_id=100000000002.apps.national`);
  await one.sees("Do you want to log out of Care Identity?", "sign-out-question");
  await one.press("Log out");
  await one.sees("You are logged out", "signed-out");
  await one.goto(signpost.cis2);
  await one.sees("Care Identity login", "signin-start");
  await one.leave();
});
