// Somebody of the programme team looks how far everybody is: all, a region or where none is known, an organisation.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

test("how far everybody is, place by place", async () => {
  const priya = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.page.waitForURL(`${signpost.dos}/**`);
  await priya.goto(`${signpost.dos}/users`);
  await priya.page.getByRole("link", { name: "How far everybody is" }).click();
  await priya.sees("How far everybody is", "board");
  const places = () => priya.page.getByRole("table", { name: "Those with most to do first" });
  await places().getByRole("link").first().click();
  await priya.sees("How far everybody is", "board-region");
  await places().getByRole("link").first().click();
  await priya.reads("Like this since");
  await priya.sees("How far everybody is", "board-people");
  await priya.page.getByRole("link", { name: "Print a page for the wall" }).click();
  await priya.sees("Log in to the Directory of Services as yourself", "board-wall");
  const paper = await priya.page.pdf({ format: "A4", path: "build/screenshots/board-wall.pdf" });
  assert.equal(paper.toString("latin1").match(/\/Type\s*\/Page\b/g).length, 1, "sheets of A4");
  await priya.leave();
});
