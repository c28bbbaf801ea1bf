// Somebody writes to the service desk by email. The desk answers, and they answer back from their mailbox. Mail that
// comes back marks the address.
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

  const picture = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex").toString("base64");
  assert.match(await deliver(port, { from: lucys, to: "desk@dos.fenmarch.example",
    raw: `From: Lucy Barnes <${lucys}>\nSubject: A picture\nMessage-ID: <2@fenmarch>\nMIME-Version: 1.0\n` +
      "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nThis is what I see.\n--b\nContent-Type: image/png\n" +
      "Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"../screen.png\"\n\n" +
      `${picture}\n--b--\n` }), /^250/);
  await sam.goto(`${signpost.dos}/tickets`);
  await sam.follow("T1002");
  await sam.reads("This is what I see.");
  await sam.sees("Ticket T1002", "ticket-with-file");
  const [saved] = await Promise.all([sam.page.waitForEvent("download"), sam.follow("Save screen.png")]);
  assert.equal(saved.suggestedFilename(), "screen.png");
  await sam.fill("Answer to the person", "Please read this.");
  await sam.page.getByLabel("Files (optional)").setInputFiles(
    { name: "guide.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 guide") });
  await sam.press("Send the answer");
  await sam.reads("The answer is sent.");
  await sam.reads("guide.pdf");

  await lucy.goto(signpost.mail);
  const letter = lucy.page.locator("article", { hasText: "we have your ticket" }).first();
  const back = /bounces\+\S+/.exec(await letter.innerText())[0];
  const report = "From: MAILER-DAEMON@mx.fenmarch.example\nContent-Type: multipart/report; " +
    "report-type=delivery-status; boundary=b\n\n--b\n\nNo such user.\n--b\nContent-Type: message/delivery-status\n\n" +
    `Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; ${lucys}\nAction: failed\nStatus: 5.1.1\n\n--b--\n`;
  const faked = back.replace(/\.[0-9a-f]+@/, ".00000000000000000000@");
  assert.match(await deliver(port, { from: "", to: faked, raw: report }), /^250/);
  await sam.follow("See account");
  assert.doesNotMatch(await sam.text(), /Does not arrive/);
  assert.match(await deliver(port, { from: "", to: back, raw: report }), /^250/);
  await sam.page.reload();
  await sam.reads("Does not arrive since");
  await sam.sees("Groups", "user-bounces");
  await lucy.leave();
  await sam.leave();
});
