// What works on a device is looked at without logging in, said by a code to the service desk, and explained from the
// code: with a key and a platform authenticator and without, with a smartcard door and a card and without, and without
// JavaScript. Beside it stands the help, whose pictures are of the pages as they are.
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Authority, Holder } from "../lib/cards.mjs";
import { closeBrowser, Person } from "../lib/person.mjs";
import { serve } from "../lib/served.mjs";
import { freePort } from "../lib/signpost.mjs";

let authority, system;

before(async () => {
  authority = await Authority.open();
  const port = await freePort();
  process.env.SIGNPOST_PRIVATE_HOSTS = `127.0.0.1:${authority.port}`; // where its list is
  // Nobody goes to this provider here: the page that leads there has a picture in the help.
  const elsewhere = `
[[upstreams]]
name = "nhsnet"
label = "NHS.net Connect"
issuer = "http://localhost:${await freePort()}"
client_id = "signpost"
client_secret = "a secret of nobody, of some length"
amr = ["mfa"]
`;
  system = await serve({ more: () => authority.settings(port) + elsewhere });
  system.door = port;
  await system.start();
});
after(async () => { await closeBrowser(); await system.stop(); await authority.close(); });

const code = async (person) => /Result code ((?:\w{3} ?){3}),/.exec(await person.text())[1];

test("a device is looked at, and its code says the same", async () => {
  const person = await Person.arrive(system);
  await person.holdsKey({ transport: "internal" });
  await person.goto(`${system.cis2}/check-device`);
  await person.sees("What works on this device", "cis2-device");
  await person.reads("You can use", "Security Key", "Windows Hello It depends", "We have not looked at your smartcard yet");
  await person.press("Check the smartcard in the reader");
  await person.page.getByText("gets no answer from our smartcard address").waitFor();
  await person.look("cis2-device-unreachable");
  const said = await code(person);
  const explained = await system.run("explain", "device", said, "--config", system.config);
  assert.equal(explained.code, 0, explained.said);
  assert.match(explained.said, /gets no answer from our smartcard address[\s\S]*Windows Hello: It depends/);
  await person.hit("link", "Check this device again");
  await person.sees("What works on this device");
  await person.follow("What local IT has to set up, to print");
  await person.sees("What local IT has to set up", "cis2-device-sheet");
  await person.reads("Let these addresses through", `https://smartcard.localhost:${system.door}`, "AutoSelectCertificateForUrls");
  person.problems.length = 0; // of the door, whose certificate this browser does not trust
  await person.leave();
});

test("without JavaScript it says what it cannot tell, and takes a code that was read out", async () => {
  const person = await Person.arrive(system, { javaScript: false });
  await person.goto(`${system.cis2}/check-device`);
  await person.sees("JavaScript is switched off", "cis2-device-scriptless");
  await person.follow("See what works without JavaScript");
  await person.sees("What works on this device", "cis2-device-without-script");
  await person.reads("Security Key Does not work", "Authenticator app Cannot tell");
  const said = (await code(person)).toLowerCase();
  await person.goto(`${system.cis2}/check-device`);
  await person.fill("Result code", said.slice(0, 9));
  await person.press("Show the result");
  await person.sees("There is a problem", "cis2-device-misheard");
  await person.fill("Result code", said);
  await person.press("Show the result");
  await person.sees("What a check of a device found", "cis2-device-read");
  await person.leave();
});

test("a card in the reader is shown when somebody asks", async () => {
  authority.key("card");
  authority.issue("card", "somebody", "card");
  const holder = await Holder.withFile(system, authority, "card");
  const { person } = holder;
  await person.goto(`${system.cis2}/check-device`);
  await person.sees("What works on this device");
  await person.reads("Smartcard (internet) Cannot tell", "We have not looked at your smartcard yet");
  await person.press("Check the smartcard in the reader");
  await person.page.getByText("Smartcard (internet) Works").waitFor();
  await person.sees("What works on this device", "cis2-device-card");
  await holder.leave();
});

const pictures = fileURLToPath(new URL("../../internal/careid/login/help/pictures/", import.meta.url));
const makes = process.env.SIGNPOST_PICTURES === "make"; // make pictures
const maxPicture = 40_000;

// pictured has the words of a page, and makes its picture anew where that is asked for.
async function pictured(person, kind) {
  const main = person.page.locator("main");
  const words = `${(await main.innerText()).replace(/\s+/g, " ").trim()}\n`;
  if (makes) {
    await person.page.setViewportSize({ width: 520, height: 800 });
    await main.screenshot({ path: `${pictures}${kind}.jpg`, type: "jpeg", quality: 60 });
    await person.page.setViewportSize({ width: 1280, height: 900 });
    writeFileSync(`${pictures}${kind}.txt`, words);
  }
  const cure = `run make pictures: the page for ${kind} is not as it was when its picture was made`;
  assert.ok(existsSync(`${pictures}${kind}.txt`), cure);
  assert.equal(words, readFileSync(`${pictures}${kind}.txt`, "utf8"), cure);
  const { size } = statSync(`${pictures}${kind}.jpg`);
  assert.ok(size > 1000 && size < maxPicture, `the picture for ${kind} has ${size} bytes`);
}

test("the help says how each is used, with a picture of its page as it is", async () => {
  const person = await Person.arrive(system);
  await person.goto(`${system.cis2}/help/authenticators`);
  await person.sees("Help with authenticators", "cis2-help");
  const kinds = await person.page.locator("main ul a").evaluateAll((links) => links.map((a) => a.pathname.split("/").pop()));
  assert.ok(kinds.length >= 7, `the kinds ${kinds}`);
  await person.goto(system.cim);
  await person.press("Log in with my Care Identity");
  await person.sees("How do you want to log in?");
  const choice = person.page.url();
  for (const kind of kinds) {
    await person.page.locator(`input[value="${kind}"]`).first().check();
    await person.press("Continue");
    await person.page.getByRole("heading", { name: "How do you want to log in?" }).waitFor({ state: "detached" });
    await pictured(person, kind);
    await person.goto(`${system.cis2}/help/authenticators/${kind}`);
    if (!makes) assert.ok(await person.page.locator("main img").evaluate((img) => img.complete && img.naturalWidth > 300), `picture of ${kind}`);
    if (kind === "security_key") await person.sees("Help: Security Key", "cis2-help-security-key");
    await person.goto(choice);
    await person.press("Log in another way");
  }
  await person.leave();
});
