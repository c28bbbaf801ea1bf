// Links that a person has to look at, and links to the wrong person, from both sides.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { password, signInWithApp, typedCode } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

const seconds = (since) => ((Date.now() - since) / 1000).toFixed(1);

async function byPassword(username) {
  const person = await Person.arrive(signpost);
  await person.goto(signpost.dos);
  await person.fill("Username", username);
  await person.fill("Password", password);
  await person.press(/^Log in$/);
  return person;
}

async function byCareIdentity(address) {
  const person = await Person.arrive(signpost);
  await person.goto(signpost.dos);
  await person.press("Log in with my Care Identity");
  await signInWithApp(person, address);
  await person.page.waitForURL(`${signpost.dos}/**`);
  return person;
}

// typesCode types the newest code about something that was mailed to an address.
async function typesCode(person, address, about, button) {
  await person.fill("Code from the email", typedCode(await person.mailTo(address, about)));
  await person.press(button);
}

// links goes from the checklist to the page that links, with a Care Identity.
async function links(person, careIdentity) {
  await person.goto(`${signpost.dos}/link`);
  await person.press("Proceed, this account is mine alone");
  await signInWithApp(person, careIdentity);
}

test("a link that a rule holds is looked at, decided with a reason, and then made", async (t) => {
  const began = Date.now();
  const ibrahim = await byPassword("ibrahim.khan");
  await links(ibrahim, "ibrahim.khan@fenmarch.example");
  await ibrahim.sees("Link your account to your Care Identity");
  await ibrahim.press("Link my account");
  await ibrahim.sees("An administrator has to look at this link first", "dos-link-held");
  await ibrahim.reads("ibrahim.khan", "Priya Shah", "priya.shah@fenmarch.example");

  const priya = await byCareIdentity("priya.shah@fenmarch.example");
  await priya.mailTo("priya.shah@fenmarch.example", /waits for you or another administrator/);
  await priya.goto(`${signpost.dos}/link-reviews`);
  await priya.sees("Link reviews", "dos-link-reviews");
  await priya.follow("ibrahim.khan");
  await priya.sees(/./, "dos-link-review");
  await priya.reads("Account", "Care Identity", "Compared", "What the person showed");
  await priya.press("Save the decision");
  await priya.sees("There is a problem", "dos-link-review-problem");
  await priya.choose("Approve");
  await priya.fill("Why", "Telephoned him: the other one was made by mistake and is being closed");
  const atCase = priya.page.url();
  await priya.press("Save the decision");
  await priya.reads("The link is approved.", "No link waits for you.");
  await priya.goto(atCase);
  await priya.reads("What was decided", "the other one was made by mistake");
  await priya.look("dos-link-review-decided");
  await priya.leave();

  await ibrahim.mailTo("ibrahim.khan@fenmarch.example", /You can now link/);
  await links(ibrahim, "ibrahim.khan@fenmarch.example");
  await ibrahim.sees("Link your account to your Care Identity");
  await ibrahim.press("Link my account");
  await ibrahim.sees("Your account is linked");
  await ibrahim.leave();
  t.diagnostic(`a held link, from the first try to the link: ${seconds(began)} s`);
});

// wronglyLinked has Zoe, who has no account, link somebody's account, whose password she knows, as her own.
async function wronglyLinked(username, address) {
  const zoe = await byPassword(username);
  await links(zoe, "zoe.field@fenmarch.example");
  await zoe.sees("Is this your Care Identity?", "dos-link-wrong-person");
  await zoe.reads(username, "Zoe Field");
  await zoe.press("Yes, both are me");
  await zoe.sees("Link your account to your Care Identity");
  await typesCode(zoe, address, /code to link your Care Identity/, "Link my account");
  await zoe.sees("Your account is linked");
  await zoe.press("Log in with my Care Identity");
  await zoe.sees("Find a service");
  return zoe;
}

test("whoever linked the wrong account undoes it, and so does its owner", async (t) => {
  const began = Date.now();
  const daniel = "daniel.price@fenmarch.example";
  let zoe = await wronglyLinked("daniel.price", daniel);
  await zoe.goto(`${signpost.dos}/account`);
  await zoe.page.getByText("This is not my Care Identity").click();
  await zoe.reads("Undo the link if it is to the wrong Care Identity.");
  await zoe.look("dos-account-of-wrong-person");
  await zoe.press("Undo the link");
  await zoe.mailTo(daniel, /link.*undone/i);
  await zoe.leave();

  const sofia = "sofia.rossi@fenmarch.example";
  zoe = await wronglyLinked("sofia.rossi", sofia);
  const owner = await byPassword("sofia.rossi");
  await owner.reads("this account logs in with a Care Identity");
  await owner.follow("Undo a link");
  await owner.fill("Directory of Services username", "sofia.rossi");
  await owner.press("Send the code");
  await owner.sees("Enter the code from the email");
  await typesCode(owner, sofia, /code to undo a link/, "Undo the link");
  await owner.sees("The link is undone");
  await zoe.goto(`${signpost.dos}/account`);
  await zoe.sees("Directory of Services", "dos-wrong-person-logged-out");
  assert.doesNotMatch(await zoe.text(), /Log out/, "the wrong person is out at once");
  await zoe.leave();
  await owner.leave();
  t.diagnostic(`two wrong links, undone by the person and by the owner: ${seconds(began)} s`);
});
