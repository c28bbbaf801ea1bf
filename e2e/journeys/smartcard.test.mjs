// With a smartcard from the link of a registration authority to being logged in, at a door that asks for its
// certificate.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Authority, Holder } from "../lib/cards.mjs";
import { serve } from "../lib/served.mjs";
import { freePort } from "../lib/signpost.mjs";
import { typedCode } from "../lib/steps.mjs";

let authority, system;

before(async () => {
  authority = await Authority.open();
  const port = await freePort();
  process.env.SIGNPOST_PRIVATE_HOSTS = `127.0.0.1:${authority.port}`; // where its list is
  system = await serve({ more: () => authority.settings(port) });
  system.door = port;
  await system.start();
});
after(async () => { await system.stop(); await authority.close(); });

// addsCard adds the card in the reader by a link.
async function addsCard(person, address, given, organisation) {
  const made = await system.run("admin", "first-link", address, "--given-name", given, "--family-name", "Example",
    "--organisation", organisation, "--site", "cim", "--organisation-name", "EXAMPLE TRUST", "--directory");
  assert.equal(made.code, 0, made.said);
  await person.goto(/http:\/\/\S+/.exec(made.said)[0]);
  await person.choose("Smartcard (internet)");
  await person.fill("Email address", address);
  await person.press("Send the code");
  await person.page.locator("input[name=code]").fill(typedCode(await system.mailTo(address)));
  await person.press("Continue");
  await person.sees("Register your smartcard", "cis2-card-bind");
}

// logsIn logs in to Care Identity Management with the card.
async function logsIn(person, pin = async () => {}) {
  await person.goto(system.cim);
  await person.press("Log in with my Care Identity");
  await person.sees("How do you want to log in?", "cis2-card-choose");
  await person.choose("Smartcard (internet)");
  await person.press("Continue");
  await person.sees("Use your smartcard", "cis2-card");
  await person.press("Use your smartcard");
  await pin();
  await person.sees("View your profile");
}

test("a certificate in a file, in a browser without a screen", async (t) => {
  authority.key("ada");
  authority.issue("ada", "Ada Example", "card");
  const holder = await Holder.withFile(system, authority, "ada");
  t.after(() => holder.leave());
  const { person } = holder;
  await addsCard(person, "ada@example.nhs.uk", "Ada", "RXX");
  await person.press("Use your smartcard");
  await person.sees("Authenticator added");
  await logsIn(person);
  await person.reads("Ada Example");
  t.diagnostic("ran headless with a certificate in a file");
});

test("a card with a PIN, in a browser with a screen", async (t) => {
  authority.key("ben");
  authority.issue("ben", "Ben Example", "card");
  const holder = await Holder.onCard(system, authority, "ben", "135790");
  t.after(() => holder.leave());
  const { person } = holder;
  await addsCard(person, "ben@example.nhs.uk", "Ben", "RYY");
  await person.press("Use your smartcard");
  await holder.typesPIN();
  await person.sees("Authenticator added");
  await logsIn(person);
  await person.reads("Ben Example");
  t.diagnostic("ran with a token of SoftHSM2 in place of a card, and the browser's own dialog for its PIN");
});
