// Somebody writes to the service desk by email. The desk answers, and they answer back from their mailbox.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp } from "../lib/steps.mjs";
import { deliver, smtpOf } from "../lib/smtp.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

const lucys = "lucy.barnes@fenmarch.example";

test("a ticket by email, answered from the mailbox", async () => {
  const lucy = await Person.arrive(signpost);
  const port = await smtpOf(signpost, lucy.page);
  assert.match(await deliver(port, { from: lucys, to: "desk@dos.fenmarch.example",
    raw: `From: Lucy Barnes <${lucys}>\nSubject: Locked out\nMessage-ID: <1@fenmarch>\n\nMy card is refused.` }), /^250/);
  assert.match(await deliver(port, { from: lucys, to: "desk@elsewhere.example", raw: `From: ${lucys}\n\nx` }), /^5/);
  await lucy.mailTo(lucys, /we have your ticket/);

  const sam = await Person.arrive(signpost);
  await sam.goto(signpost.dos);
  await sam.press("Log in with my Care Identity");
  await signInWithApp(sam, "sam.doyle@fenmarch.example");
  await sam.page.waitForURL(`${signpost.dos}/**`);
  await sam.goto(`${signpost.dos}/tickets`);
  await sam.follow("T1001");
  await sam.sees("Ticket T1001", "ticket-by-mail");
  await sam.reads("By email");
  await sam.reads("My card is refused.");
  await sam.fill("Answer to the person", "Which card reader is it?");
  await sam.press("Send the answer");
  await lucy.mailTo(lucys, /an answer/);

  await lucy.goto(signpost.mail);
  await lucy.page.locator("summary", { hasText: "Answer this mail" }).first().click();
  await lucy.page.getByLabel("Your answer").first().fill("The black one.");
  await lucy.page.getByRole("button", { name: "Send the answer" }).first().click();
  await lucy.sees("Mail that was sent", "mail-answered");
  await sam.page.reload();
  await sam.reads("The black one.");
  await sam.reads("Lucy Barnes (by email)");
  assert.doesNotMatch(await sam.text(), /write above this line/);
  await lucy.leave();
  await sam.leave();
});
