// From an empty folder to the first person who is logged in, as docs/running.md says it.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startDouble } from "../lib/double.mjs";
import { serve } from "../lib/served.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { choosesWay, signInWithKey, typedCode } from "../lib/steps.mjs";

let system;
after(closeBrowser);

const address = "joseph.adeyemi@example.nhs.uk";
const joseph = [address, "--given-name", "Joseph", "--family-name", "Adeyemi", "--organisation", "RXX"];
const ada = [address, "--given-name", "Ada", "--family-name", "Example", "--organisation", "Z99Z9"];

// firstLink has the command print the link of the first person of a site.
async function firstLink(who, ...flags) {
  const { code, said } = await system.run("admin", "first-link", ...who, ...flags);
  assert.equal(code, 0, said);
  return /http:\/\/\S+/.exec(said)[0];
}

async function typesCode(person, to = address) {
  await person.page.locator("input[name=code]").fill(typedCode(await system.mailTo(to)));
}

// addsKey adds the key that the browser holds to a Care Identity, by the link that was handed over.
async function addsKey(person, link, to) {
  await person.goto(link);
  await person.sees("Add an authenticator");
  await person.choose("Security Key");
  await person.fill("Email address", to);
  await person.press("Send the code");
  await person.sees(/code/i);
  await person.sendsCode(typedCode(await system.mailTo(to)), "Continue");
  await person.sees("Register your authenticator");
  await person.press("Continue");
  await person.sees("Authenticator added");
  await system.mailTo(to); // that it was added
}

test("from an empty folder to the first people", async (t) => {
  system = await serve();
  t.after(() => system.stop());
  const begun = Date.now();
  const empty = await system.run("doctor");
  assert.equal(empty.code, 0, empty.said);
  assert.match(empty.said, /wait +addresses\.dos/);
  await system.start();
  const running = await system.run("doctor");
  assert.equal(running.code, 0, running.said);
  // what an operator fetches elsewhere is not there
  assert.doesNotMatch(running.said, /^(wait(?! +(breached passwords|FIDO metadata))|failed)/m, "all can be looked at once it runs");

  const person = await Person.arrive(system);
  await person.holdsKey();
  const link = await firstLink(joseph, "--site", "cim", "--organisation-name", "EXAMPLE TRUST", "--directory");
  await addsKey(person, link, address);

  const setUp = await firstLink(joseph, "--site", "dos");
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
  await makesColleague(person);
  t.diagnostic(`and to the first colleague in ${((Date.now() - begun) / 1000).toFixed(1)} s`);

  const again = await system.run("admin", "first-link", ...joseph, "--site", "dos");
  assert.equal(again.code, 1, again.said);
  assert.match(again.said, /has a user administrator already/);
  await person.leave();
});

// makesColleague has a registration authority manager make a colleague by pages alone, who adds their authenticator, and
// whom the directory then knows by their Care Identity.
async function makesColleague(manager) {
  const theirs = "bea.okafor@example.nhs.uk";
  await manager.page.getByRole("link", { name: "People" }).click();
  await manager.sees("People of EXAMPLE TRUST (RXX)", "cim-people");
  await manager.press("Create a Care Identity");
  await manager.sees("Create a Care Identity", "cim-people-new");
  await manager.fill("Given name", "Bea");
  await manager.fill("Family name", "Okafor");
  await manager.fill("Their own work email address", theirs);
  await manager.page.getByLabel("Document with a photo").selectOption("Passport");
  await manager.fill("Last 4 letters or digits of its number", "4821");
  await manager.page.getByLabel("Document with their address").selectOption("Utility bill");
  await manager.page.getByLabel("Third document, of either sort").selectOption("Council tax bill");
  await manager.choose(/I saw the originals/);
  await manager.press("Create the Care Identity");
  await manager.sees("Bea Okafor", "cim-people-made");
  await manager.reads("Care Identity created.", "Passport ending in 4821");
  await manager.page.getByRole("link", { name: "Positions", exact: true }).click();
  await manager.choose(/Directory of Services System/);
  await manager.press("Give position");
  await manager.reads("Position given.");
  await manager.page.getByRole("link", { name: "Authenticators", exact: true }).click();
  await manager.choose("Any one of these, as they choose");
  await manager.choose("In person");
  await manager.press("Make a link");
  await manager.sees("Link to add an authenticator", "cim-people-link");
  const link = await manager.page.locator("code").innerText();

  const colleague = await Person.arrive(system);
  await colleague.holdsKey();
  await addsKey(colleague, link, theirs);
  await colleague.goto(system.dos);
  await colleague.press("Log in with my Care Identity");
  await withKey(colleague);
  await colleague.sees(/./, "dos-colleague");
  await colleague.reads("Bea Okafor");
  await colleague.leave();

  await manager.page.getByRole("link", { name: "Back" }).click();
  await manager.press("Suspend");
  await manager.choose(/Suspend it/);
  await manager.fill("Why?", "The journey ends here");
  await manager.press("Change the status");
  await manager.reads("The Care Identity is suspended.");
}

// The directory alone, whose people log in at a CIS2 that others run: a double stands in for it.
test("the directory with the national CIS2, by configuration alone", async (t) => {
  let national;
  system = await serve({ sites: "dos", more: async (dos) => {
    national = await startDouble("http://localhost:3000", `
[[clients]]
client_id = "111111111111.apps.directory"
client_name = "Directory of Services"
token_endpoint_auth_method = "private_key_jwt"
token_endpoint_auth_signing_alg = "RS512"
jwks_uri = "${dos}/.well-known/jwks.json"
redirect_uris = ["${dos}/signin/callback"]
post_logout_redirect_uris = ["${dos}/signed-out"]
backchannel_logout_uri = "${dos}/backchannel-logout"
scope = ["openid", "profile", "email", "nhsperson", "associatedorgs", "nationalrbacaccess"]
`);
    return `[directory]\nissuer = "${national.issuer}"\nclient_id = "111111111111.apps.directory"`;
  } });
  t.after(async () => { await system.stop(); await national.stop(); });
  const registers = await system.run("keys", "client");
  assert.equal(registers.code, 0, registers.said);
  assert.match(registers.said, /private_key_jwt, RS512/);
  await system.start();
  const running = await system.run("doctor", "--sites", "dos");
  assert.equal(running.code, 0, running.said);
  assert.match(running.said, /ok +client: CIS2 takes the directory for 111111111111\.apps\.directory, by its RS512/);

  const person = await Person.arrive(system);
  await person.goto(await firstLink(ada, "--site", "dos"));
  await person.press("Log in with my Care Identity");
  await asAda(person);
  await person.sees("Link your account to your Care Identity");
  await typesCode(person);
  await person.press("Link my account");
  await person.sees("Your account is linked");
  await person.press("Log in with my Care Identity");
  await withRole(person);
  await person.sees("Find a service");
  await person.leave();
});

// asAda logs in at the double as the person of its file who may open the directory.
async function asAda(person) {
  await choosesWay(person, "Simulated authenticator");
  await person.choose(/Ada/);
  await person.press("Log in as this persona");
  await withRole(person);
}

// withKey logs in at CIS2 with the key that the browser holds.
async function withKey(person) {
  await signInWithKey(person);
  await withRole(person);
}

// withRole chooses the position that opens the directory where CIS2 asks for one, and waits until the person is back.
async function withRole(person) {
  const back = person.page.waitForURL((url) => !/^(cis2\.)?localhost/.test(url.host), { timeout: 15_000 });
  const asked = person.page.getByRole("radio", { name: /Admin\/Clinical Support/ });
  const first = await Promise.race([back.then(() => "back"), asked.waitFor({ timeout: 15_000 }).then(() => "asked")]);
  if (first === "asked") {
    await asked.check();
    await person.press("Continue");
    await back;
  }
}
