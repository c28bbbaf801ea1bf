// Somebody of the programme team writes a message for every page, looks at it, puts it up and takes it down again.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

test("a message is written, put up, read by everybody, and taken down", async () => {
  const priya = await Person.arrive(signpost);
  const nobody = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.page.waitForURL(`${signpost.dos}/**`);
  await priya.goto(`${signpost.dos}/users`);
  await priya.page.getByRole("link", { name: "Messages on every page" }).click();
  await priya.sees("Messages on every page", "banners-none");
  await priya.reads("No message is showing");
  await priya.page.getByRole("button", { name: "Write a message" }).click();
  await priya.sees("Write a message", "banner-new");
  await priya.fill("Message", "Logins will be off for an hour on the evening of 1 March.");
  await priya.fill("Page that it leads to, if any", "https://elsewhere.example/");
  await priya.fill("What the link says", "See your checklist");
  await priya.page.getByLabel("Everybody, and on the page to log in").check();
  await priya.fill("Until which day?", tomorrow());
  await priya.fill("Until what time?", "10pm");
  await priya.press("Continue");
  await priya.sees("There is a problem", "banner-elsewhere");
  await priya.fill("Page that it leads to, if any", "/checklist");
  await priya.press("Continue");
  await priya.reads("Nobody sees the message yet");
  await priya.sees("Message: Logins will be off", "banner-looked-at");
  await priya.page.getByRole("button", { name: "Change the message" }).click();
  await priya.sees("Change the message", "banner-change");
  await priya.fill("Message", "Logins will be off for an hour on the evening of 2 March.");
  await priya.press("Continue");
  await priya.reads("2 March");
  await priya.reads("Nobody sees the message yet");
  await nobody.goto(signpost.dos);
  assert.equal(await nobody.page.getByRole("region", { name: "Important" }).count(), 0);
  await priya.press("Put it up");
  await priya.reads("Written by");
  await priya.reads("The message is up until");
  await priya.sees("Message: Logins will be off", "banner-up");
  await priya.goto(`${signpost.dos}/banners`);
  await priya.sees("Messages on every page", "banners");
  await nobody.goto(signpost.dos);
  await nobody.reads("Logins will be off for an hour");
  const region = nobody.page.getByRole("region", { name: "Important" });
  assert.equal(await region.count(), 1);
  assert.equal(await region.getByRole("link", { name: "See your checklist" }).count(), 1);
  await nobody.sees("Directory of Services", "banner-front");
  await priya.page.getByRole("link", { name: "Logins will be off" }).click();
  await priya.press("Take it down");
  await priya.reads("The message is taken down");
  await priya.press("Put it up");
  await priya.reads("The message is up until");
  await priya.page.getByRole("link", { name: "Write another like it" }).click();
  await priya.press("Continue");
  await priya.reads("Nobody sees the message yet");
  await priya.press("Discard it");
  await priya.sees("Messages on every page", "banner-discarded");
  await priya.reads("The message is discarded");
});

function tomorrow() {
  return new Date(Date.now() + 24 * 60 * 60 * 1000).toLocaleDateString("en-GB",
    { day: "numeric", month: "long", year: "numeric", timeZone: "Europe/London" });
}
