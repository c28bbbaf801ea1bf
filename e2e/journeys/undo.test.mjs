// An administrator undoes a link to the wrong person, and the owner has the rights that they had.
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
  typedCode((await priya.text()).split("Give this code to the person")[1]);
  assert.equal(await groups(priya), before, "what the account may do is as it was");
  await owner.goto(`${signpost.dos}/account`);
  assert.doesNotMatch(await owner.text(), /Log out/, "whoever was logged in is out at once");
  await owner.mailTo(tomasz.address, /link.*undone/i);
  await priya.leave();
  await owner.leave();
});
