// Two leads who distrust each other: neither decides about whom they invited or about another account of their own, nor
// changes the other's account, and whoever looks afterwards sees who did what.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp, typedCode } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

const priyas = "priya.shah@fenmarch.example";
const gareths = "gareth.lloyd@fenmarch.example";

async function comes(address) {
  const person = await Person.arrive(signpost);
  await person.goto(signpost.dos);
  await person.press("Log in with my Care Identity");
  await signInWithApp(person, address);
  await person.page.waitForURL(`${signpost.dos}/**`);
  return person;
}

// asks fills in the form of a request that is open, and confirms its address.
async function asks(person, { first, last, address }) {
  await person.sees("Request a new DoS account");
  await person.fill("First name", first);
  await person.fill("Last name", last);
  await person.fill("Email address", address);
  await person.fill("Home organisation or service", "Z90000");
  await person.page.getByLabel("What you work as").selectOption("Pharmacist");
  await person.choose("Fenmarch");
  await person.fill("Tell us why you need access to NHS Directory of Services", "I keep the record of our surgery right.");
  await person.press("Continue");
  await person.sees("Enter the code from the email");
  await person.sendsCode(typedCode(await person.mailTo(address, /Your code is/)), "Continue");
  await person.sees("Log in with your Care Identity");
}

// withoutIdentity sends a request without a Care Identity.
async function withoutIdentity(person) {
  await person.choose("I do not have a Care Identity");
  await person.press("Go on without a Care Identity");
  await person.sees("Your request was sent");
}

async function opens(lead, name) {
  await lead.goto(`${signpost.dos}/requests`);
  await lead.follow(name);
  await lead.sees(`Request of ${name}`);
}

// cannotDecide sees why a lead may not decide about somebody: no button is there that would be refused.
async function cannotDecide(lead, name, why, picture) {
  await opens(lead, name);
  await lead.reads(why);
  await lead.look(picture);
  assert.equal(await lead.page.getByRole("button", { name: /Look at this request|Approve|Reject|Take it over/ }).count(), 0);
}

async function approves(lead, name, { group = "Provider user", where = /The services of .*Z90000/, without } = {}) {
  const look = lead.page.getByRole("button", { name: "Look at this request" });
  if (await look.count() > 0) await look.click();
  if (without) {
    const offered = await lead.page.getByLabel("Group").locator("option").allTextContents();
    assert.ok(offered.includes(group) && !offered.includes(without), `offered: ${offered}`);
  }
  await lead.page.getByLabel("Group").selectOption(group);
  await lead.choose(where);
  await lead.press("Approve");
}

// account opens the page of a user.
async function account(lead, username) {
  await lead.goto(`${signpost.dos}/users?q=${username}`);
  await lead.follow(username);
  await lead.sees(username);
}

const zoe = { first: "Zoe", last: "Field", address: "zoe.field@fenmarch.example" };

test("whom one lead invites, only the other lets in, and only the other reactivates whom one deactivates", { timeout: 600_000 }, async () => {
  const priya = await comes(priyas);
  await priya.goto(`${signpost.dos}/requests/invite`);
  await priya.fill("Names and email addresses", `Zoe Field, ${zoe.address}`);
  await priya.press("Continue");
  await priya.press("Send 1 invitation");
  await priya.reads("1 colleague was invited");

  const asker = await Person.arrive(signpost);
  const letter = await asker.mailTo(zoe.address, /Request your own/);
  await asker.goto(/http:\/\/dos\.localhost:\d+\/request-account\?\S+/.exec(letter)[0]);
  await asks(asker, zoe);
  await asker.press("Log in with my Care Identity");
  await signInWithApp(asker, zoe.address);
  await asker.sees("Your request was sent");

  await cannotDecide(priya, "Zoe Field", "You invited this person, so you cannot decide their request.", "dos-distrust-invited");
  await priya.goto(`${signpost.dos}/requests`);
  await priya.press("Look at the request that waits longest");
  await priya.reads("No request waits for you to decide it.");

  const gareth = await comes(gareths);
  await opens(gareth, "Zoe Field");
  await gareth.reads("Invited by", "Priya Shah");
  await approves(gareth, "Zoe Field", { without: "Programme team" }); // whose permissions he does not hold
  await gareth.reads("Approved. Zoe Field can log in with their Care Identity now.");

  await asker.page.reload();
  await asker.press("Log in with my Care Identity");
  await asker.page.waitForURL(`${signpost.dos}/**`);
  await asker.reads("Zoe Field", "Log out");

  await account(gareth, "zoe.field");
  await gareth.follow("Give a group");
  await gareth.sees("Give a group", "dos-distrust-give");
  await gareth.reads("Groups that you cannot give", "Programme team");
  assert.equal(await gareth.page.getByRole("radio", { name: "Programme team" }).count(), 0);
  await account(gareth, "zoe.field");
  await gareth.fill("Why it is deactivated", "Nobody here knows her.");
  await gareth.press("Deactivate the account");
  await gareth.reads("The account is deactivated.", "You deactivated this account, so another DoS user administrator must activate it again.");
  await gareth.look("dos-distrust-deactivated");
  assert.equal(await gareth.page.getByRole("button", { name: "Activate the account again" }).count(), 0);
  await asker.goto(`${signpost.dos}/account`);
  assert.doesNotMatch(await asker.text(), /Log out/, "she is out at once");

  await account(priya, "zoe.field");
  await priya.reads("by Gareth Lloyd", "Nobody here knows her.");
  await priya.fill("Why it can be used again", "I telephoned her practice manager.");
  await priya.press("Activate the account again");
  await priya.reads("The account can be used again.");

  // Neither changes the account of the other.
  for (const [lead, other] of [[gareth, "priya.shah"], [priya, "gareth.lloyd"]]) {
    await account(lead, other);
    await lead.reads("This account manages users everywhere, so nobody can change it here.");
    assert.equal(await lead.page.getByRole("button", { name: /Deactivate|Take away|Undo the link|Make a code/ }).count(), 0);
  }
  await priya.look("dos-distrust-peer");

  // What was done in her name says who did it, and so does what each of them did.
  await asker.goto(signpost.dos);
  await asker.press("Log in with my Care Identity");
  await asker.reads("Zoe Field", "Log out");
  await asker.goto(`${signpost.dos}/account`);
  await asker.follow("My activity");
  await asker.sees("My activity", "dos-distrust-history");
  await asker.reads(/Account activated again\tYour account\tPriya Shah/, /Account deactivated\tYour account\tGareth Lloyd/,
    /Linked to a Care Identity\tYour account\tGareth Lloyd/);
  await gareth.goto(`${signpost.dos}/account`);
  await gareth.follow("My activity");
  await gareth.reads(/Account deactivated\tZoe Field, username zoe\.field\tYou/,
    /Request for an account approved\tRequest of Zoe Field\tYou/);
  await asker.leave();
  await priya.leave();
  await gareth.leave();
});

test("two leads who let in another account of each other are told of, and neither decides about their own", { timeout: 600_000 }, async () => {
  const somebody = await Person.arrive(signpost);
  await somebody.goto(`${signpost.dos}/request-account`);
  await asks(somebody, { first: "Gareth", last: "Lloyd", address: "g.lloyd@moorland.example" });
  await withoutIdentity(somebody);
  await somebody.leave();
  const priya = await comes(priyas);
  await priya.goto(`${signpost.dos}/request-account`);
  await priya.reads("You are logged in to the account priya.shah, which is your own.");
  await asks(priya, { first: "Penny", last: "Sharp", address: "penny.sharp@moorland.example" });
  await withoutIdentity(priya);

  const gareth = await comes(gareths);
  await cannotDecide(gareth, "Gareth Lloyd", "This request is in your own name, so you cannot decide it.", "dos-distrust-own-name");
  await cannotDecide(priya, "Penny Sharp", "This request is your own, so you cannot decide it.", "dos-distrust-own");

  await opens(priya, "Gareth Lloyd");
  await approves(priya, "Gareth Lloyd");
  await priya.reads("Approved.");
  await opens(gareth, "Penny Sharp");
  await gareth.reads("Logged in while asking", "Priya Shah");
  await approves(gareth, "Penny Sharp");
  await gareth.reads("Approved.");
  for (const address of [priyas, gareths]) {
    const letter = await gareth.mailTo(address, /Two people approved each other's requests within a day/);
    assert.match(letter, /Gareth Lloyd approved the request .* of Penny Sharp \(penny\.sharp@moorland\.example\)/);
    assert.match(letter, /Priya Shah \(priya\.shah\) approved that of Gareth Lloyd \(g\.lloyd@moorland\.example\)/);
  }
  await gareth.goto(`${signpost.dos}/requests?which=decided`);
  await gareth.reads(/Penny Sharp.*flagged/);
  await gareth.follow("Penny Sharp");
  await gareth.sees("Request of Penny Sharp", "dos-distrust-flagged");
  await gareth.reads("Two people approved each other's requests", "by Gareth Lloyd");
  await priya.leave();
  await gareth.leave();
});
