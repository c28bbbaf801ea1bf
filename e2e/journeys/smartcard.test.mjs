// With a smartcard from the link of a registration authority to being logged in, at a door that asks for its
// certificate.
import assert from "node:assert/strict";
import { request } from "node:http";
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
  await person.page.locator("input[name=code]").fill(typedCode(await system.mailTo(address))); // sends itself
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

// issues has a registration authority manager make a person, and a code by which their card is issued at the reader.
async function issues(manager) {
  await manager.page.getByRole("link", { name: "People" }).click();
  await manager.press("Create a Care Identity");
  await manager.fill("Given name", "Bea");
  await manager.fill("Family name", "Okafor");
  await manager.fill("Their own work email address", "bea@example.nhs.uk");
  await manager.page.getByLabel("Document with a photo").selectOption("Passport");
  await manager.fill("Last 4 letters or digits of its number", "4821");
  await manager.page.getByLabel("Document with their address").selectOption("Utility bill");
  await manager.page.getByLabel("Third document, of either sort").selectOption("Council tax bill");
  await manager.choose(/I saw the originals/);
  await manager.press("Create the Care Identity");
  await manager.sees("Bea Okafor");
  await manager.page.getByRole("link", { name: "Authenticators", exact: true }).click();
  await manager.sees("Authenticators of Bea Okafor");
  await manager.page.getByRole("link", { name: "Smartcard", exact: true }).click();
  await manager.sees("Smartcard of Bea Okafor", "cim-card");
  await manager.choose(/Issue a smartcard/);
  await manager.press("Make a code");
  await manager.sees("Code for the reader", "cim-card-code");
  const code = await manager.page.locator(".signpost-code").innerText();
  authority.key("bea");
  const answer = await post(`${system.cim}/smartcards/v1/issue`, {
    code, request: authority.request("bea").toString("base64"), unlock_key: "27182818",
  });
  assert.ok(answer.certificate, JSON.stringify(answer));
  authority.keep("bea", Buffer.from(answer.certificate, "base64"));
  await manager.page.reload();
  await manager.sees("Smartcard of Bea Okafor", "cim-card-issued");
  await manager.reads("has a smartcard.");
}

// post sends JSON, to a host that leads to this machine.
function post(address, content) {
  const { port, hostname, pathname, host } = new URL(address);
  assert.match(hostname, /\.localhost$/);
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path: pathname, method: "POST", headers: { host, "content-type": "application/json" } }, (res) => {
      let text = "";
      res.on("data", (d) => { text += d; });
      res.on("end", () => resolve(JSON.parse(text)));
    });
    sent.on("error", reject);
    sent.end(JSON.stringify(content));
  });
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
  await issues(person);
});

test("a card that was issued here, with a PIN, in a browser with a screen", async (t) => {
  const holder = await Holder.onCard(system, authority, "bea", "135790");
  t.after(() => holder.leave());
  const { person } = holder;
  await logsIn(person, () => holder.typesPIN());
  await person.reads("Bea Okafor");
  t.diagnostic("ran with a token of SoftHSM2 in place of a card, and the browser's own dialog for its PIN");
});
