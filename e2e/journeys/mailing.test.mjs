// An administrator writes one mail to the users of an organisation, corrects it, and stops another to many.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

test("the users of an organisation get one mail", async () => {
  const priya = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.page.waitForURL(`${signpost.dos}/**`);

  await priya.goto(`${signpost.dos}/users`);
  await priya.sees("Users", "dos-users");
  await priya.fill("Organisation", "nowhere at all");
  await priya.press("Search");
  await priya.sees("There is a problem", "dos-users-no-organisation");
  await priya.fill("Organisation", "fenmarch");
  await priya.press("Search");
  await priya.sees("Which organisation do you mean?", "dos-users-which-organisation");
  await priya.fill("Organisation", "z90000");
  await priya.press("Search");
  await priya.page.waitForURL(/organisation=Z90000/);
  await priya.sees(/users at .*Z90000/, "dos-users-of-organisation");
  await priya.follow("How many users there are");
  await priya.sees("How many users there are", "dos-users-counts-of-organisation");
  await priya.page.goBack();

  await priya.follow("Write to them");
  await priya.sees("Write to users", "dos-mailing-write");
  await priya.press("Continue");
  await priya.sees("There is a problem", "dos-mailing-write-problem");
  await priya.choose("A text of my own");
  await priya.fill("Subject, if it is a text of your own", "The surgery closes early on Friday");
  await priya.fill("Text, if it is one of your own", "Please change the hours, or ring me.");
  await priya.press("Continue");
  await priya.page.waitForURL(/\/mailings\/(?!new)/);
  await priya.sees("The surgery closes early on Friday", "dos-mailing-prepared");
  await priya.reads("Please change the hours, or ring me.", "Mailbox that several people read: 2", "Will get it");
  const mail = priya.page.url();
  await priya.press(/^Send it to \d+ users?$/);
  await priya.reads("What it says");
  await priya.mailTo("tomasz.nowak@fenmarch.example", /The surgery closes early on Friday/);
  for (let tries = 0; tries < 50 && !/Ended/.test(await priya.text()); tries++) await priya.goto(mail);
  await priya.sees("The surgery closes early on Friday", "dos-mailing-sent");
  await priya.reads("Who was mailed", "tomasz.nowak", "Left out");
  assert.doesNotMatch(await priya.text(), /riverside\.reception/, "a mailbox of a team is left out");

  await priya.goto(`${signpost.dos}/mailings/new?organisation=Z90000`);
  await priya.choose("A reminder of their checklist");
  await priya.press("Continue");
  await priya.sees("Get ready to log in", "dos-mailing-nobody-twice");
  await priya.reads("Nobody can get this mail now", "Had such a mail in the last 24 hours",
    "can get another after", "a mail can be corrected once");
  await priya.press("Do not send it");
  await priya.reads("Stopped. Nobody else gets the mail.");

  await priya.goto(mail);
  await priya.follow("Correct it");
  await priya.sees("Correct a mail", "dos-mailing-correct");
  await priya.fill("What is right", "We close at noon on Thursday, and not on Friday.");
  await priya.press("Continue");
  await priya.sees("Correction", "dos-mailing-correction");
  await priya.reads("Corrects the mail The surgery closes early on Friday", "This corrects the mail");
  await priya.press(/^Send it to \d+ users?$/);
  const correction = priya.page.url();
  for (let tries = 0; tries < 50 && !/Ended/.test(await priya.text()); tries++) await priya.goto(correction);
  await priya.mailTo("tomasz.nowak@fenmarch.example", /Correction/);
  await priya.goto(mail);
  await priya.reads("See the mail that corrects it");

  await priya.goto(`${signpost.dos}/mailings/new`);
  await priya.choose("A request to confirm their email address");
  await priya.press("Continue");
  await priya.press(/^Send it to \d+ users?$/);
  await priya.sees("Confirm your email address", "dos-mailing-begins");
  await priya.reads("Waiting to begin", "It begins at", "Until then nobody has it");
  await priya.press("Stop it");
  await priya.sees("Confirm your email address", "dos-mailing-stopped");
  await priya.reads("Stopped. Nobody else gets the mail.", "Stopped by", "Nobody was mailed.");
  await priya.goto(`${signpost.dos}/mailings`);
  await priya.look("dos-mailings");
  await priya.leave();
});
