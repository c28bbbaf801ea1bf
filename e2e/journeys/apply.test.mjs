// A sponsor's colleague is invited and applies on a phone: something is sent back, corrected and approved, and the number of the Care Identity comes by mail.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Person, closeBrowser } from "../lib/person.mjs";
import { start } from "../lib/signpost.mjs";
import { signInWithApp } from "../lib/steps.mjs";

let signpost;

before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

const mailbox = "bea.okafor@fenmarch.example";
const mobile = "+447700900145";

// at is somebody who is logged in to Care Identity Management.
async function at(address) {
  const person = await Person.arrive(signpost);
  await person.goto(signpost.cim);
  await person.press("Log in with my Care Identity");
  await signInWithApp(person, address);
  await person.sees("View your profile");
  return person;
}

// brings chooses a picture in which there is something to see.
async function brings(person) {
  const drawn = await person.page.evaluate(() => {
    const canvas = document.createElement("canvas");
    canvas.width = 640;
    canvas.height = 640;
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#ddd";
    pen.fillRect(0, 0, 640, 640);
    pen.fillStyle = "#235";
    for (let n = 0; n < 20; n++) pen.fillRect(20, 20 + n * 30, 300 + (n % 5) * 60, 12);
    return canvas.toDataURL("image/jpeg", 0.9);
  });
  await person.page.locator("input[type=file]").setInputFiles({
    name: "picture.jpg", mimeType: "image/jpeg", buffer: Buffer.from(drawn.split(",")[1], "base64"),
  });
}

// enters opens the newest link and types the code that comes as a text message.
async function enters(person, subject) {
  const [link] = /https?:\S+link\/\S+/.exec(await person.mailTo(mailbox, subject));
  const before = (await person.mailTo(mailbox, subject)).length;
  assert.ok(before > 0);
  await person.goto(link);
  await person.sees("Apply for your Care Identity", "apply-link");
  await person.press("Send me a code");
  await person.sees("Enter the code", "apply-code");
  const [code] = /\b\d{6}\b(?= is your code)/.exec(await person.mailTo(mobile, /is your code/));
  await person.fill("Code from the text message", code);
  await person.press("Continue");
  await person.sees("Your application", "apply-home");
}

test("somebody is invited, applies on a phone, corrects and is approved", async () => {
  const chloe = await at("chloe.evans@fenmarch.example");
  await chloe.follow("Applications");
  await chloe.sees("Applications for a Care Identity", "cim-applications-none");
  await chloe.press("Invite somebody to apply");
  await chloe.sees("Invite somebody to apply", "cim-application-invite");
  await chloe.fill("Given name", "Bea");
  await chloe.fill("Family name", "Okafor");
  await chloe.fill("Their own work email address", mailbox);
  await chloe.fill("Their own mobile number", "07700 900 145");
  await chloe.fill("Why do they need a Care Identity?", "Starts on the 111 desk in January");
  await chloe.press("Send the invitation");
  await chloe.reads("Invited. The link was sent to");
  await chloe.look("cim-application-invited");
  const address = chloe.page.url();

  const bea = await Person.arrive(signpost);
  await bea.page.setViewportSize({ width: 375, height: 740 });
  await enters(bea, /Apply for your Care Identity/);
  await bea.press("Continue");
  await bea.sees("Your name", "apply-name");
  await bea.fill("Given name", "Beatrice");
  await bea.fill("Family name", "Okafor");
  await bea.press("Save and continue");
  await bea.fill("Birth date", "31 3 1980");
  await bea.press("Save and continue");
  await bea.sees("Your National Insurance number", "apply-ni");
  await bea.fill("National Insurance number", "CE 12 34 56 A");
  await bea.press("Save and continue");
  await bea.sees("Your photo identity document", "apply-photo-id");
  await bea.choose("Passport");
  await bea.fill("Last 4 letters or digits of its number", "48a1");
  await bea.press("Save and continue");
  for (const [heading, proof] of [["Picture of the front"], ["Picture of your face"], ["First proof", "Council tax bill"],
    ["Second proof", "Utility bill"], ["Photo for a smartcard"]]) {
    await bea.sees(heading, `apply-${heading.toLowerCase().replaceAll(" ", "-")}`);
    if (proof) await bea.choose(proof);
    await brings(bea);
    await bea.press("Save and continue");
  }
  await bea.sees("Check your answers", "apply-check");
  await bea.choose("These answers are true");
  await bea.press("Submit");
  await bea.reads("You have sent everything");
  await bea.look("apply-submitted");

  const joseph = await at("joseph.adeyemi@fenmarch.example");
  await joseph.follow("Applications");
  await joseph.sees("To be checked", "cim-applications");
  await joseph.goto(address);
  await joseph.press("Look at the application");
  await joseph.sees("Check application", "cim-application-check");
  for (const part of ["Name and birth date", "Photo identity document", "Picture of the face", "First proof of address",
    "Photo for a smartcard"]) await joseph.page.getByLabel(`Is it accepted: ${part}`, { exact: true }).selectOption("accepted");
  await joseph.page.getByLabel("Is it accepted: Second proof of address", { exact: true }).selectOption("cut-off");
  await joseph.choose("Send back to be corrected");
  await joseph.press("Save the decision");
  await joseph.reads("Sent back.");

  await enters(bea, /Correct your application/);
  await bea.reads("Second proof of address: Part of the document is not in the picture");
  await bea.press("Continue");
  await bea.choose("Bank or building society statement");
  await brings(bea);
  await bea.press("Save and continue");
  await bea.choose("These answers are true");
  await bea.press("Submit");
  await bea.reads("You have sent everything");

  await joseph.goto(address);
  await joseph.press("Look at the application");
  for (const part of ["Name and birth date", "Photo identity document", "Picture of the face", "First proof of address",
    "Second proof of address", "Photo for a smartcard"]) {
    await joseph.page.getByLabel(`Is it accepted: ${part}`, { exact: true }).selectOption("accepted");
  }
  await joseph.page.getByLabel("Approve", { exact: true }).check();
  await joseph.press("Save the decision");
  await joseph.reads("Approved. The Care Identity is");
  const [uuid] = /\b\d{12}\b/.exec(await joseph.text());
  await joseph.look("cim-application-approved");
  assert.match(await bea.mailTo(mailbox, /Your Care Identity\b/), new RegExp(uuid));
  await chloe.goto(address);
  await chloe.reads("Approved", uuid);
  for (const person of [chloe, bea, joseph]) await person.leave();
});
