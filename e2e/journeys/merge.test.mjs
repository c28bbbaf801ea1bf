// Two accounts of one person become one, and two again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { password, signInWithApp, typedCode } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

const stays = { username: "hannah.walker", address: "hannah.walker@fenmarch.example" };
const closes = { username: "lucy.barnes", address: "lucy.barnes@fenmarch.example" };

async function administrator() {
  const priya = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.page.waitForURL(`${signpost.dos}/**`);
  return priya;
}

async function logsIn(username) {
  const person = await Person.arrive(signpost);
  await person.goto(signpost.dos);
  await person.fill("Username", username);
  await person.fill("Password", password);
  await person.press(/^Log in$/);
  await person.page.getByRole("link", { name: "Account", exact: true }).first().waitFor();
  return person;
}

// confirms has the holder confirm the address of their account, where that was not done lately.
async function confirmsAddress(holder) {
  await holder.goto(`${signpost.dos}/account`);
  const ask = holder.page.getByRole("button", { name: "Confirm the address I have" });
  if (await ask.count() === 0) return;
  await ask.click();
  await holder.sendsCode(typedCode(await holder.mailTo(stays.address, /Your Directory of Services code/)), "Save");
  await holder.page.waitForURL(`${signpost.dos}/account`);
}

test("an administrator proposes it, the holder confirms it, and it is done and undone", async () => {
  const priya = await administrator();
  await priya.goto(`${signpost.dos}/users?q=${stays.username}`);
  await priya.follow(stays.username);
  await priya.sees(stays.username);
  await priya.follow("Merge it with another account");
  await priya.sees("Find the other account", "dos-merge-find");
  await priya.fill("Username of the other account", closes.username);
  await priya.press("Compare");
  await priya.sees("Merge accounts", "dos-merge-compare");
  await priya.press("Ask the person");
  await priya.sees("There is a problem", "dos-merge-compare-problem");
  await priya.page.locator("textarea[name=reason]").fill("She married and asked for a second account.");
  await priya.press("Ask the person");
  await priya.page.waitForURL(/\/merges\/[^/]+$/);
  await priya.sees("Merge accounts", "dos-merge-proposed");
  const merge = priya.page.url();

  const hannah = await logsIn(stays.username);
  await confirmsAddress(hannah);
  await hannah.follow("Look at it and answer");
  await hannah.sees("Are both accounts yours?", "dos-merge-own");
  await hannah.press("Both are mine: send the code");
  await hannah.sees("Enter the code", "dos-merge-code");
  await hannah.page.locator("input[name=code]").fill(typedCode(await hannah.mailTo(closes.address, /Your Directory of Services code/)));
  await hannah.press("Confirm that both are mine");
  await hannah.reads("You have shown that both are yours.");
  await hannah.look("dos-merge-own-confirmed");

  await priya.goto(merge);
  await priya.press("Merge the accounts");
  await priya.reads("The accounts are merged. The person is told.");
  await priya.look("dos-merge-done");
  await priya.goto(`${signpost.dos}/merges`);
  await priya.sees("Merge accounts", "dos-merges");
  assert.match(await priya.mailTo(closes.address, /were merged/), /is closed and opens nothing any more/);
  await hannah.goto(`${signpost.dos}/account`);
  await hannah.page.getByLabel("Username", { exact: true }).waitFor();

  await priya.goto(merge);
  await priya.page.locator("textarea[name=reason]").fill("They are two people.");
  await priya.press("Undo the merge");
  await priya.reads("The merge is undone. The person is told.");
  await priya.look("dos-merge-undone");
  await (await logsIn(stays.username)).leave();
  await hannah.leave();
  await priya.leave();
});
