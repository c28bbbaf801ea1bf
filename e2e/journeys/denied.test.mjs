// Somebody says on a shared account that a colleague's address is theirs; the colleague denies it, in whichever tab.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { password, signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

const shared = "riverside.reception";
const address = "una.late@riverside.example";

test("a claim with somebody's address is denied by its link, which says so in every tab", { timeout: 300_000 }, async () => {
  const priya = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.reads("Priya Shah", "Log out");
  await priya.goto(`${signpost.dos}/users?q=${shared}`);
  await priya.follow(shared);
  await priya.follow("Look at the case of this shared account");
  await priya.press("Open the case");
  await priya.reads("Case opened.");

  const team = await Person.arrive(signpost);
  await team.goto(signpost.dos);
  await team.fill("Username", shared);
  await team.fill("Password", password);
  await team.press(/^Log in$/);
  await team.sees("Who are you?");
  await team.fill("Your first name", "Una");
  await team.fill("Your last name", "Late");
  await team.fill("Your own work email address", address);
  await team.fill("ODS code of the organisation you work for", "Z90000");
  await team.press("Continue");

  const una = await Person.arrive(signpost);
  const link = /http:\/\/dos\.localhost:\d+\/not-me\/\S+/.exec(await una.mailTo(address))[0];
  await una.goto(link);
  await una.sees("Was this not you?", "dos-deny");
  const tab = await una.tab();
  await tab.goto(link);
  for (const one of [una, tab]) {
    await one.press("This was not me");
    await one.sees("You told us that this was not you", "dos-denied");
    await one.page.reload();
    await one.sees("You told us that this was not you");
  }
  await una.goto(`${link.slice(0, -1)}!`);
  await una.sees("This has expired", "dos-deny-another-link");
  await priya.page.reload();
  await priya.reads("Rejected: Whoever reads this email address said that it was not them");
  assert.equal(await priya.page.getByRole("button", { name: "Confirm after all Una Late" }).count(), 1);
  await una.leave();
  await team.leave();
  await priya.leave();
});
