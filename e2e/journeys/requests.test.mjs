// An agent asks for the end of a position, the manager rejects it, the agent fixes it and sends it again, and the manager approves it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Person, closeBrowser } from "../lib/person.mjs";
import { start } from "../lib/signpost.mjs";
import { signInWithApp } from "../lib/steps.mjs";

let signpost;

before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

// at is somebody who is logged in to Care Identity Management.
async function at(address) {
  const person = await Person.arrive(signpost);
  await person.goto(signpost.cim);
  await person.press("Log in with my Care Identity");
  await signInWithApp(person, address);
  await person.sees("View your profile");
  return person;
}

test("a request is rejected, fixed, sent again and approved", async () => {
  const chloe = await at("chloe.evans@fenmarch.example");
  await chloe.goto(`${signpost.cim}/people?at=Z90000&name=Nowak`);
  const [number] = /\b\d{12}\b/.exec(await chloe.text());
  await chloe.page.getByRole("link", { name: "Requests" }).click();
  await chloe.sees("Requests", "cim-requests-none");
  await chloe.page.getByRole("link", { name: "Make a request" }).click();
  await chloe.sees("Make a request", "cim-requests-find");
  await chloe.fill("Care Identity number of the person", number);
  await chloe.choose("End a position");
  await chloe.press("Continue");
  await chloe.sees("Request about Tomasz Nowak", "cim-requests-ask");
  await chloe.choose("Directory of Services System");
  await chloe.fill("Why?", "Leaves the 111 desk");
  await chloe.press("Send the request");
  await chloe.page.waitForURL(/requests/);
  const address = chloe.page.url();
  await chloe.look("cim-request-mine");

  const joseph = await at("joseph.adeyemi@fenmarch.example");
  await joseph.page.getByRole("link", { name: "Requests" }).click();
  await joseph.sees("Open requests", "cim-requests");
  await joseph.goto(address);
  await joseph.press("Look at this request");
  await joseph.sees("Approve", "cim-request-decide");
  await joseph.choose("The dates are wrong");
  await joseph.fill("What can be fixed, or done instead?", "Say when they leave");
  await joseph.press("Reject");
  await joseph.reads("Request rejected.");

  await chloe.goto(address);
  await chloe.sees("Fix it and send it again", "cim-request-fix");
  await chloe.fill("Why?", "Leaves the 111 desk in December");
  await chloe.press("Send it again");
  await chloe.reads("Request sent again.");

  await joseph.goto(address);
  await joseph.press("Look at this request");
  await joseph.press("Approve");
  await joseph.reads("Request completed.");
  assert.match(await joseph.text(), /Completed/);
  await chloe.leave();
  await joseph.leave();
});
