// Somebody whose password no longer opens the directory raises a ticket from the page that says so. The service desk
// reads what happened, answers by mail, and the person goes on by their own link and a code. Whoever names somebody
// else's refusal and gives another address is shown to the desk as that, and gets no steps of the account.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { password, signInWithApp, typedCode } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

// raises fills in the form that the page of a refusal leads to.
async function raises(person, email, happened) {
  await person.page.getByRole("link", { name: "raise a ticket" }).click();
  await person.sees("Raise a ticket", "ticket-raise");
  await person.fill("Your name", "Lucy Barnes");
  await person.fill("Your email address", email);
  await person.choose("I cannot log in");
  await person.fill("Short description", "MFA-DoS - I cannot log in");
  await person.fill("What happened?", happened);
  await person.press(/^Send$/);
  await person.sees("Your ticket was sent", "ticket-sent");
}

// refused has Lucy come with her password, which opens nothing any more.
async function refused(person) {
  await person.goto(signpost.dos);
  await person.fill("Username", "lucy.barnes");
  await person.fill("Password", password);
  await person.press(/^Log in$/);
  await person.reads("Your password no longer opens the Directory of Services");
}

test("a ticket from a refusal to its end, and one in somebody else's name", async () => {
  const lucy = await Person.arrive(signpost);
  await refused(lucy);
  await raises(lucy, "lucy.barnes@fenmarch.example", "It says that my password no longer opens it.");
  await lucy.reads("T1001");
  const other = await Person.arrive(signpost);
  await refused(other);
  await raises(other, "lucy.at.home@elsewhere.example", "Tell me what I have to do.");

  const sam = await Person.arrive(signpost);
  await sam.goto(signpost.dos);
  await sam.press("Log in with my Care Identity");
  await signInWithApp(sam, "sam.doyle@fenmarch.example");
  await sam.page.waitForURL(`${signpost.dos}/**`);
  await sam.goto(`${signpost.dos}/tickets`);
  await sam.sees("Tickets", "tickets");
  await sam.follow("T1002");
  await sam.sees("The answer does not go to the account’s address", "ticket-elsewhere");
  await sam.goto(`${signpost.dos}/tickets?q=T1001`);
  await sam.follow("T1001");
  await sam.sees("Ticket T1001", "ticket-open");
  await sam.reads("has not shown that it is theirs");
  await sam.fill("Answer to the person", "I looked at it.");
  await sam.page.getByLabel("Saved reply").selectOption({ label: "Ask whether it works now" });
  await sam.press("Add it to the answer");
  const answer = sam.page.getByLabel("Answer to the person");
  assert.equal(await answer.inputValue(), "I looked at it.\n\nPlease try again, and tell us whether it works now.");
  await sam.sees("Ticket T1001", "ticket-saved-reply");
  await sam.fill("Answer to the person", "Please log in with your Care Identity.");
  await sam.fill("Note for the service desk", "I called her.");
  await sam.press("Save the note");
  await sam.reads("The note is saved.");
  assert.equal(await answer.inputValue(), "Please log in with your Care Identity.");
  await sam.page.getByLabel("Assigned to").selectOption({ label: "Me" });
  await sam.page.getByRole("button", { name: "Save", exact: true }).click();
  await sam.reads("The ticket is changed.");
  assert.equal(await answer.inputValue(), "Please log in with your Care Identity.");
  await sam.sees("Ticket T1001", "ticket-answer-kept");
  await sam.press("Send the answer");
  await sam.reads("The answer is sent.");

  const link = /http:\/\/dos\.localhost:\d+\/my-ticket\/\S+/.exec(
    await lucy.mailTo("lucy.barnes@fenmarch.example", /an answer/))[0];
  await lucy.goto(link);
  await lucy.sees("Your ticket T1001", "ticket-link");
  await lucy.press("Send me a code");
  await lucy.sees("Enter the code from the email", "ticket-code");
  await lucy.sendsCode(
    typedCode(await lucy.mailTo("lucy.barnes@fenmarch.example", /Your code to open ticket/)), "Continue");
  await lucy.sees("Your ticket T1001", "ticket-mine");
  await lucy.reads("Please log in with your Care Identity.");
  await lucy.fill("Write to the service desk", "Thank you, that worked.");
  await lucy.press(/^Send$/);
  await lucy.reads("Your message was sent.");
  await lucy.fill("Write to the service desk", "It was my old card.");
  await lucy.press("It is solved");
  await lucy.reads("The ticket is solved");
  await sam.page.reload();
  await sam.reads("Thank you, that worked.");
  await sam.reads("It was my old card.");
  assert.match(await sam.text(), /Solved/);
  await sam.sees("Ticket T1001", "ticket-solved");
  await sam.page.getByRole("link", { name: /See account/ }).first().click();
  await sam.sees("If they telephone", "ticket-account");
  await sam.press("Email them their next step");
  await sam.reads("Their next step is sent");
  assert.match(await lucy.mailTo("lucy.barnes@fenmarch.example", /Your next step/), /Link your DoS account/);
  await lucy.leave();
  await other.leave();
  await sam.leave();
});
