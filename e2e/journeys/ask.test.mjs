// Somebody who cannot log in asks their registration authority, by a form that the directory fills in, and follows what
// becomes of it by the link in their mail.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp, typedCode } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => {
  await closeBrowser();
  await signpost.stop();
});

test("a registration authority is asked without a login", async () => {
  const address = "bo.stranger@fenmarch.example";
  const bo = await Person.arrive(signpost);
  await bo.goto(`${signpost.cim}/find-your-ra?q=ZHO`);
  await bo.page.getByRole("link", { name: /Ask this registration authority/ }).click();
  await bo.sees("Ask a registration authority", "cim-ask");
  await bo.page.goto("about:blank"); // as from the checklist, at another site
  await bo.goto(`${signpost.cim}/ask-your-ra?need=grant-position&ods=ZHO#name=Bo+Stranger&email=${encodeURIComponent(address)}`);
  assert.equal(new URL(bo.page.url()).hash, "", "who asks is not left in the address");
  await bo.press("Continue");
  await bo.sees("Your name and organisation", "cim-ask-about");
  assert.equal(await bo.page.getByLabel("Your full name").inputValue(), "Bo Stranger");
  await bo.press("Continue");
  await bo.sees("What your request is about", "cim-ask-details");
  await bo.press("Continue");
  await bo.sees("There is a problem", "cim-ask-details-problem");
  await bo.fill("Say in your own words what you need, and why", "I start on the 111 desk in January.");
  await bo.press("Continue");
  await bo.sees("Your work email address", "cim-ask-email");
  await bo.press("Send me a code");
  await bo.sees("Enter the code from your work email", "cim-ask-code");
  await bo.sendsCode(typedCode(await bo.mailTo(address, /Your code to ask/)), "Continue");
  await bo.sees("Check your answers", "cim-ask-check");
  await bo.press("Send the request");
  await bo.sees("Your request was sent", "cim-ask-sent");
  const link = (await bo.mailTo(address, /Your request .* to a registration authority/)).match(/https?:\/\/\S+my-ask\S+/)[0];
  await bo.goto(link);
  await bo.sees(/^Your request /, "cim-my-ask");
  await bo.reads("waits for your registration authority", "Withdraw the request");

  const manager = await Person.arrive(signpost);
  await manager.goto(signpost.cim);
  await manager.press("Log in with my Care Identity");
  await signInWithApp(manager, "joseph.adeyemi@fenmarch.example");
  await manager.sees("View your profile");
  await manager.goto(`${signpost.cim}/queue`);
  await manager.sees("Queue", "cim-queue");
  await manager.page.getByRole("row", { name: /Bo Stranger/ }).getByRole("link").click();
  await manager.sees(/^Request /, "cim-request-described");
  await manager.press("Look at this request");
  await manager.fill("Notes", "Come to the desk with your passport on Monday.");
  await manager.press("Approve");
  await manager.reads("Request completed.");
  await manager.leave();

  await bo.mailTo(address, /is completed/);
  await bo.goto(link);
  await bo.reads("Your request is completed", "Come to the desk with your passport on Monday.");
  await bo.sees(/^Your request /, "cim-my-ask-done");
  await bo.leave();
});
