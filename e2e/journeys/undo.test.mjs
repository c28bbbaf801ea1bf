// An administrator undoes a link to the wrong person; the owner links again with the code, and has the rights that they
// had.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp, typedCode } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

const tomasz = { username: "tomasz.nowak", address: "tomasz.nowak@fenmarch.example" };

async function comes(address) {
  const person = await Person.arrive(signpost);
  await person.goto(signpost.dos);
  await person.press("Log in with my Care Identity");
  await signInWithApp(person, address);
  await person.page.waitForURL(`${signpost.dos}/**`);
  return person;
}

// groups are what the page of a user says of the groups of an account.
async function groups(priya) {
  const text = await priya.text();
  return /\nGroups\n([^]*?)\n(Give|Deactivate|Activity)/.exec(text)?.[1];
}

// linksWithCode comes with a Care Identity that opens nothing, and with the code that an administrator handed over.
async function linksWithCode(owner, code) {
  await owner.goto(signpost.dos);
  await owner.press("Log in with my Care Identity");
  await owner.follow("I have a code from my administrator");
  await owner.sees("Link with a code from your administrator", "dos-undo-relink");
  await owner.fill("Directory of Services username", tomasz.username);
  await owner.fill("Code from your DoS user administrator", code);
  await owner.press("Continue");
  await signInWithApp(owner, tomasz.address);
  await owner.sees("Link your account to your Care Identity", "dos-undo-relink-code");
  await owner.fill("Code from the email", typedCode(await owner.mailTo(tomasz.address, /code to link your Care Identity/)));
  await owner.press("Link my account");
  await owner.sees("Your account is linked");
  await owner.press("Log in with my Care Identity");
}

test("an administrator undoes a link, and the rights are as before", async () => {
  const owner = await comes(tomasz.address);
  const priya = await comes("priya.shah@fenmarch.example");
  await priya.goto(`${signpost.dos}/users?q=${tomasz.username}`);
  await priya.follow(tomasz.username);
  await priya.sees(tomasz.username, "dos-undo-before");
  const before = await groups(priya);
  assert.match(before, /Provider user/);
  await priya.press("Undo the link");
  await priya.sees("There is a problem", "dos-undo-problem");
  await priya.fill("Why it has to be undone", "He says that a colleague linked it.");
  await priya.press("Undo the link");
  await priya.reads("The link is undone.", "Give this code to the person");
  await priya.look("dos-undo-code");
  const code = typedCode((await priya.text()).split("Give this code to the person")[1]);
  assert.equal(await groups(priya), before, "what the account may do is as it was");
  await owner.goto(`${signpost.dos}/account`);
  assert.doesNotMatch(await owner.text(), /Log out/, "whoever was logged in is out at once");
  await owner.mailTo(tomasz.address, /link.*undone/i);

  await linksWithCode(owner, code);
  await owner.reads("Tomasz Nowak", "Log out");
  await owner.goto(`${signpost.dos}/account`);
  await owner.reads("At the home organisation, Riverside Medical Centre (Z90000)", "change the capacity of services");
  await priya.page.reload();
  await priya.reads(/Care Identity\s+Linked/);
  assert.equal(await groups(priya), before, "what the account may do is as it was before");
  await priya.leave();
  await owner.leave();
});
