// From an empty folder to the first person who is logged in, as docs/running.md says it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serve } from "../lib/served.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { typedCode } from "../lib/steps.mjs";

let system;
before(async () => { system = await serve(); });
after(async () => { await closeBrowser(); await system.stop(); });

const address = "joseph.adeyemi@example.nhs.uk";
const joseph = [address, "--given-name", "Joseph", "--family-name", "Adeyemi", "--organisation", "RXX"];

// firstLink has the command print the link of the first person of a site.
async function firstLink(...flags) {
  const { code, said } = await system.run("admin", "first-link", ...joseph, ...flags);
  assert.equal(code, 0, said);
  return /http:\/\/\S+/.exec(said)[0];
}

async function typesCode(person) {
  await person.page.locator("input[name=code]").fill(typedCode(await system.mailTo(address)));
}

test("from an empty folder to the first people", async (t) => {
  const begun = Date.now();
  const empty = await system.run("doctor");
  assert.equal(empty.code, 0, empty.said);
  assert.match(empty.said, /wait +addresses\.dos/);
  await system.start();
  const running = await system.run("doctor");
  assert.equal(running.code, 0, running.said);
  assert.doesNotMatch(running.said, /^(wait|failed)/m, "all can be looked at once it runs");

  const person = await Person.arrive(system);
  await person.holdsKey();
  await person.goto(await firstLink("--site", "cim", "--organisation-name", "EXAMPLE TRUST", "--directory"));
  await person.sees("Add an authenticator");
  await person.choose("Security Key");
  await person.fill("Email address", address);
  await person.press("Send the code");
  await person.sees(/code/i);
  await typesCode(person);
  await person.press("Continue");
  await person.sees("Register your authenticator");
  await person.press("Continue");
  await person.sees("Authenticator added");
  await system.mailTo(address); // that it was added

  const setUp = await firstLink("--site", "dos");
  await person.goto(setUp);
  await person.sees("Set up the Directory of Services", "dos-set-up");
  await person.reads("Joseph Adeyemi", address);
  await person.press("Log in with my Care Identity");
  await withKey(person);
  await person.sees("Link your account to your Care Identity", "dos-set-up-confirm");
  await typesCode(person);
  await person.press("Link my account");
  await person.sees("Your account is linked", "dos-set-up-linked");
  await person.press("Log in with my Care Identity");
  await withRole(person);
  await person.sees("Find a service");
  await person.follow("Users");
  await person.sees(/Users/, "dos-set-up-users");
  t.diagnostic(`from an empty folder to the list of users in ${((Date.now() - begun) / 1000).toFixed(1)} s`);

  await person.goto(setUp);
  await person.sees("This has expired", "dos-set-up-used");
  await person.reads("This set-up link has been used");
  await person.goto(system.cim);
  await person.press("Log in with my Care Identity");
  await withRole(person);
  await person.sees("View your profile");
  await person.reads("Registration Authority Manager");

  const again = await system.run("admin", "first-link", ...joseph, "--site", "dos");
  assert.equal(again.code, 1, again.said);
  assert.match(again.said, /has a user administrator already/);
  await person.leave();
});

// withKey logs in at CIS2 with the key that the browser holds.
async function withKey(person) {
  await person.sees("How do you want to log in?");
  await person.choose("Security Key");
  await person.press("Continue");
  await person.sees("Use your security key");
  await person.press("Continue");
  await withRole(person);
}

// withRole chooses the position that opens the directory where CIS2 asks for one, and waits until the person is back.
async function withRole(person) {
  const back = person.page.waitForURL((url) => !url.host.startsWith("cis2."), { timeout: 15_000 });
  const asked = person.page.getByRole("radio", { name: /Admin\/Clinical Support/ });
  const first = await Promise.race([back.then(() => "back"), asked.waitFor({ timeout: 15_000 }).then(() => "asked")]);
  if (first === "asked") {
    await asked.check();
    await person.press("Continue");
    await back;
  }
}
