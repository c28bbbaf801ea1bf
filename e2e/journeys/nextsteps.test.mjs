// An administrator sends each user their own next step, has one as a test first, and a user stops reminders.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

test("each user gets their own next step, and one wants no more", async () => {
  const priya = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.page.waitForURL(`${signpost.dos}/**`);

  await priya.goto(`${signpost.dos}/mailings/new?organisation=Z90000`);
  await priya.choose("To each their own next step");
  await priya.press("Continue");
  await priya.page.waitForURL(/\/mailings\/(?!new)/);
  await priya.sees("Your next step in the Directory of Services", "dos-nextsteps-prepared");
  await priya.reads("How many get which text", "How it looks", "Reading age", /1 of \d+/, "(a link of their own)");
  const mail = priya.page.url();
  const first = await priya.page.locator("main").innerText();
  await priya.follow("Next person");
  await priya.reads(/2 of \d+/);
  assert.notEqual(await priya.page.locator("main").innerText(), first, "the next person's mail is another");
  await priya.press("Send me this one as a test");
  await priya.reads("The test is on its way");
  const trial = await priya.mailTo("priya.shah@fenmarch.example", /Test: /);
  assert.match(trial, /This is a test, to you alone/);

  await priya.goto(mail);
  await priya.press(/^Send it to \d+ users?$/);
  for (let tries = 0; tries < 50 && !/Ended/.test(await priya.text()); tries++) await priya.goto(mail);
  await priya.reads("How many had which text", "Who was mailed");
  await priya.sees("Your next step in the Directory of Services", "dos-nextsteps-sent");
  const had = await priya.mailTo("hannah.walker@fenmarch.example", /Step \d of 6/);
  const link = /https?:\S+\/reminders\/\S+/.exec(had)[0];

  const hannah = await Person.arrive(signpost);
  await hannah.goto(link);
  await hannah.sees("Stop reminders?", "dos-reminders-stop");
  await hannah.goto(link);
  await hannah.press("Stop reminders");
  await hannah.sees("Reminders are stopped", "dos-reminders-stopped");
  await hannah.press("Send me reminders again");
  await hannah.sees("Stop reminders?");
  await hannah.press("Stop reminders");
  await hannah.reads("Reminders are stopped");
  await hannah.goto(`${link}0`);
  await hannah.sees("This has expired", "dos-reminders-wrong");
  await hannah.leave();
  await priya.leave();
});
