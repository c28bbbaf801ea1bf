// Somebody of the programme team reads what came of the move, and prints the report of the month.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { password, signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

test("what came of the move, and the report of a month", async () => {
  const hannah = await Person.arrive(signpost);
  await hannah.goto(signpost.dos);
  await hannah.fill("Username", "hannah.walker");
  await hannah.fill("Password", password);
  await hannah.press(/^Log in$/);
  await hannah.sees(/Ask your registration authority for an authenticator/);
  await hannah.goto(`${signpost.dos}/help/ticket`);
  await hannah.sees("Raise a ticket");
  await hannah.choose("Something else");
  await hannah.fill("Short description", "MFA-DoS - A question");
  await hannah.fill("What happened?", "When does my team move?");
  await hannah.press(/^Send$/);
  await hannah.sees("Your ticket was sent");
  await hannah.leave();

  const priya = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.page.waitForURL(`${signpost.dos}/**`);
  await priya.goto(`${signpost.dos}/users`);
  await priya.page.getByRole("link", { name: "What came of the move" }).click();
  await priya.sees("What came of the move", "outcome");
  await priya.reads("Tickets: 1.");
  await priya.reads("Nobody was locked out. That is the target.");
  await priya.fill("First day", "soon");
  await priya.press("Show");
  await priya.sees("There is a problem", "outcome-problem");
  await priya.goto(`${signpost.dos}/outcome`);
  await priya.page.getByRole("link", { name: "The report of a month, to print" }).click();
  await priya.page.goto(`${signpost.dos}/outcome/month`);
  await priya.sees(/^What came of the move/, "outcome-month");
  const paper = await priya.page.pdf({ format: "A4", path: "build/screenshots/outcome-month.pdf" });
  assert.ok(paper.toString("latin1").match(/\/Type\s*\/Page\b/g).length <= 3, "sheets of A4");
  await priya.leave();
});
