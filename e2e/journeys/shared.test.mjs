// A team of five on one shared account becomes five people, on one computer.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { password, signInWithApp, signInWithKey, typedCode } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

const shared = "riverside.reception";
const zoe = { first: "Zoe", last: "Field", hasCareIdentity: true };
const team = [zoe, ...["Amir Nolan", "Bea Okafor", "Cora Lund", "Dev Patel"].map((name) => {
  const [first, last] = name.split(" ");
  return { first, last };
})].map((one) => ({ ...one, name: `${one.first} ${one.last}`, address: `${one.first}.${one.last}@fenmarch.example`.toLowerCase() }));

async function typesCode(person, address, subject) {
  await person.sendsCode(typedCode(await person.mailTo(address, subject)), "Continue");
}

async function logsInWithPassword(computer) {
  await computer.goto(signpost.dos);
  await computer.fill("Username", shared);
  await computer.fill("Password", password);
  await computer.press(/^Log in$/);
}

// administrates logs an administrator of the directory in.
async function administrates(address) {
  const priya = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, address);
  await priya.page.waitForURL(`${signpost.dos}/**`);
  return priya;
}

// registers has a registration authority manager make a colleague's Care Identity, and gives the link for their key.
async function registers(manager, one) {
  await manager.goto(`${signpost.cim}/people/new?organisation=Z90000`);
  await manager.sees("Create a Care Identity");
  await manager.fill("Given name", one.first);
  await manager.fill("Family name", one.last);
  await manager.fill("Their own work email address", one.address);
  await manager.page.getByLabel("Document with a photo").selectOption("Passport");
  await manager.fill("Last 4 letters or digits of its number", "4821");
  await manager.page.getByLabel("Document with their address").selectOption("Utility bill");
  await manager.page.getByLabel("Third document, of either sort").selectOption("Council tax bill");
  await manager.choose(/I saw the originals/);
  await manager.press("Create the Care Identity");
  await manager.sees(one.name);
  await manager.page.getByRole("link", { name: "Positions", exact: true }).click();
  await manager.choose(/Directory of Services System/);
  await manager.press("Give position");
  await manager.reads("Position given.");
  await manager.page.getByRole("link", { name: "Authenticators", exact: true }).click();
  await manager.choose("Any one of these, as they choose");
  await manager.choose("In person");
  await manager.press("Make a link");
  await manager.sees("Link to add an authenticator");
  return manager.page.locator("code").innerText();
}

// addsKey adds the key of one person, who uses the computer now.
async function addsKey(person, link, address) {
  await person.goto(link);
  await person.sees("Add an authenticator");
  await person.choose("Security Key");
  await person.fill("Email address", address);
  await person.press("Send the code");
  await person.sees(/code/i);
  await typesCode(person, address, /[Cc]ode/);
  await person.sees("Register your authenticator");
  await person.press("Continue");
  await person.sees("Authenticator added");
}

// showsCareIdentity logs one of the team in at CIS2.
async function showsCareIdentity(person, one) {
  if (one.hasCareIdentity) return signInWithApp(person, one.address);
  await signInWithKey(person);
}

// moves takes one of the team from the mail to an account of their own, at the computer that all use.
async function moves(computer, administrator, one) {
  const person = await computer.tab();
  await person.context.clearCookies(); // the browser was closed since the last of them
  if (!one.hasCareIdentity) {
    await person.holdsKey();
    await addsKey(person, one.link, one.address);
  }
  const letter = await person.mailTo(one.address, /Request your own account/);
  assert.ok(team.every((other) => other === one || !letter.includes(other.name)), "nobody else is named");
  await person.goto(/http:\/\/dos\.localhost:\d+\/shared-account\/\S+/.exec(letter)[0]);
  await person.sees("Your own account", "dos-shared-own");
  await person.reads(one.name);
  await person.press("Go on to my request");
  await person.sees("Request a new DoS account", "dos-shared-request");
  assert.equal(await person.page.getByLabel("Email address").inputValue(), one.address);
  await person.page.getByLabel("What you work as").selectOption({ label: "Receptionist or administrator" });
  await person.choose("Fenmarch");
  await person.press("Continue");
  await person.sees("Enter the code from the email");
  await typesCode(person, one.address, /Your code is/);
  await person.sees("Log in with your Care Identity");
  await person.press("Log in with my Care Identity");
  await showsCareIdentity(person, one);
  await person.sees("Your request was sent");

  await administrator.goto(`${signpost.dos}/requests`);
  await administrator.follow(one.name);
  await administrator.sees(`Request of ${one.name}`);
  await administrator.press("Look at this request");
  await administrator.page.getByLabel("Group").selectOption("Provider user");
  await administrator.choose(/The services of/);
  await administrator.press("Approve");
  await administrator.reads(`Approved. ${one.name} can log in with their Care Identity now.`);

  await person.page.reload();
  await person.sees("Your account is ready");
  await person.press("Log in with my Care Identity");
  await person.page.waitForURL(`${signpost.dos}/**`);
  await person.reads(one.name, "Log out");
  await person.page.close();
}

test("a shared team of five becomes five people on one computer", async (t) => {
  const priya = await administrates("priya.shah@fenmarch.example");
  await priya.goto(`${signpost.dos}/users?q=${shared}`);
  await priya.follow(shared);
  await priya.follow("Look at the case of this shared account");
  await priya.sees(`Shared account ${shared}`, "dos-shared-no-case");
  await priya.press("Open the case");
  await priya.reads("Case opened.", "0 claimed, 0 confirmed, 0 ready, 0 moved");
  const atCase = priya.page.url();

  const computer = await Person.arrive(signpost);
  for (const one of team) {
    await logsInWithPassword(computer);
    await computer.sees("Who are you?", "dos-shared-who");
    const text = await computer.page.content();
    assert.ok(team.every((other) => !text.includes(other.last)), "nobody else is shown");
    await computer.fill("Your first name", one.first);
    await computer.fill("Your last name", one.last);
    await computer.fill("Your own work email address", one.address);
    await computer.fill("ODS code of the organisation you work for", "Z90000");
    await computer.press("Continue");
    await computer.page.waitForURL(`${signpost.dos}/`);
    assert.ok(!(await computer.page.content()).includes(one.last), "their checklist names nobody");
    await computer.press("Log out");
    await computer.page.waitForURL((url) => url.pathname !== "/" || url.search !== "");
  }
  await logsInWithPassword(computer);
  await computer.sees("Who are you?");
  await computer.press("Tell us another time");
  await computer.page.waitForURL(`${signpost.dos}/`);
  await computer.press("Log out");

  await priya.goto(atCase);
  await priya.reads("5 claimed, 0 confirmed, 0 ready, 0 moved", "6 logins since the case was opened");
  for (const one of team) {
    await priya.page.getByRole("button", { name: `Confirm ${one.name}` }).click();
    await priya.page.getByRole("button", { name: `Send the email again to ${one.name}` }).waitFor();
  }
  await priya.sees(`Shared account ${shared}`, "dos-shared-case");
  await priya.reads("0 claimed, 5 confirmed, 0 ready, 0 moved");

  const manager = await Person.arrive(signpost);
  await manager.goto(signpost.cim);
  await manager.press("Log in with my Care Identity");
  await signInWithApp(manager, "joseph.adeyemi@fenmarch.example");
  await manager.sees("View your profile");
  for (const one of team) if (!one.hasCareIdentity) one.link = await registers(manager, one);
  await manager.leave();

  const begun = Date.now();
  for (const one of team) await moves(computer, priya, one);
  t.diagnostic(`five people, one after the other, in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  await priya.goto(atCase);
  await priya.reads("0 claimed, 0 confirmed, 0 ready, 5 moved");
  await priya.choose("Freeze it");
  await priya.press("Continue");
  await priya.reads("Frozen: looking only");
  await priya.choose("Retire it now");
  await priya.press("Continue");
  await priya.sees("Something has changed", "dos-shared-not-quiet");
  await priya.reads("Somebody used this account in the last 14 days who has not said who they are.");
  await priya.leave();

  await computer.context.clearCookies();
  await logsInWithPassword(computer);
  await computer.sees("Who are you?");
  await computer.leave();
});
