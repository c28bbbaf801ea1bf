// Somebody without an account asks for one, with their Care Identity and without.
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp, typedCode } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

const nobodyKnows = "FXX01"; // is asked about once

async function fillsIn(person, first, last, address, organisation) {
  await person.goto(signpost.dos);
  await person.follow("Request access");
  await person.sees("Request a new DoS account", "dos-request");
  await person.press("Continue");
  await person.sees("There is a problem", "dos-request-problems");
  await person.fill("First name", first);
  await person.fill("Last name", last);
  await person.fill("Email address", address);
  await person.fill("Home organisation or service", organisation);
  await person.page.getByLabel("What you work as").selectOption("Pharmacist");
  await person.choose("Fenmarch");
  await person.fill("Tell us why you need access to NHS Directory of Services", "I keep the record of our pharmacy right.");
  await person.press("Continue");
  if (organisation === nobodyKnows) {
    await person.sees("There is a problem", "dos-request-unknown-code");
    await person.page.getByLabel(`${organisation} is right, send it as it is`).check();
    await person.press("Continue");
  }
  await person.sees("Enter the code from the email", "dos-request-code");
  await typesCode(person, address);
}

async function typesCode(person, address) {
  await person.sendsCode(typedCode(await person.mailTo(address, /Your code is/)), "Continue");
}

// administrator comes to the list of requests.
async function administrator() {
  const priya = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.page.waitForURL(`${signpost.dos}/**`);
  await priya.goto(`${signpost.dos}/requests`);
  await priya.sees("Outstanding User Requests", "dos-requests");
  return priya;
}

test("a request with a Care Identity, in one sitting", async () => {
  const address = "zoe.field@fenmarch.example";
  const zoe = await Person.arrive(signpost);
  await fillsIn(zoe, "Zoe", "Field", address, "Z90000");
  await zoe.sees("Log in with your Care Identity", "dos-request-identity");
  await zoe.press("Log in with my Care Identity");
  await signInWithApp(zoe, address);
  await zoe.sees("Your request was sent", "dos-request-sent");
  await zoe.reads("There is nothing else that you have to do");

  const priya = await administrator();
  await priya.follow("Zoe Field");
  await priya.sees("Request of Zoe Field", "dos-request-of");
  await priya.press("Look at this request");
  await priya.sees("Ask the asker something", "dos-request-looked-at");
  await priya.page.getByLabel("Group").selectOption("Provider user");
  await priya.choose(/The services of .*Z90000/);
  await priya.press("Approve");
  await priya.reads("Approved. Zoe Field can log in with their Care Identity now.");
  await priya.leave();

  await zoe.page.reload();
  await zoe.sees("Your account is ready", "dos-request-ready");
  await zoe.press("Log in with my Care Identity");
  await zoe.page.waitForURL(`${signpost.dos}/**`);
  await zoe.reads("Zoe Field", "Log out");
  await zoe.leave();
});

test("a request without a Care Identity, and the way back to it", async () => {
  const address = "nia.newcomer@fenmarch.example";
  const nia = await Person.arrive(signpost);
  await fillsIn(nia, "Nia", "Newcomer", address, nobodyKnows);
  await nia.sees("Log in with your Care Identity");
  await nia.choose("I do not have a Care Identity");
  await nia.press("Go on without a Care Identity");
  await nia.sees("Your request was sent", "dos-request-sent-without");
  await nia.reads("How to get a Care Identity that works");
  const letter = await nia.mailTo(address, /We received your request/);
  await nia.leave();

  const later = await Person.arrive(signpost);
  await later.goto(/http:\/\/dos\.localhost:\d+\/my-request\/\S+/.exec(letter)[0]);
  await later.sees("Your request for a DoS account", "dos-request-own");
  await later.press("Send me a code");
  await later.sees("Enter the code from the email");
  await typesCode(later, address);
  await later.sees("Your request was sent");

  const priya = await administrator();
  await priya.press("Look at the request that waits longest");
  await priya.sees("Request of Nia Newcomer", "dos-request-of-without");
  await priya.fill("Your question", "Which pharmacy do you work for?");
  await priya.press("Send the question");
  await priya.reads("The request waits for the answer");
  await priya.follow("Invite colleagues");
  await priya.sees("Invite colleagues", "dos-invite");
  await priya.fill("Names and email addresses", "Sam Taylor, sam.taylor@fenmarch.example\nreception@fenmarch.example");
  await priya.press("Continue");
  await priya.sees("Check the list of colleagues", "dos-invite-check");
  await priya.press("Send 1 invitation");
  await priya.reads("1 colleague was invited");
  await priya.follow("Change the list");
  await priya.fill("Names and email addresses", "");
  await priya.bring("colleagues.csv", "Email,Name\nsam.jones@fenmarch.example,Sam Jones\n");
  await priya.press("Continue");
  await priya.reads("sam.jones@fenmarch.example");
  await priya.press("Send 1 invitation");
  await priya.reads("1 colleague was invited");
  await priya.goto(`${signpost.dos}/requests/times`);
  await priya.sees("How long requests take", "dos-request-times");
  await priya.leave();

  await later.page.reload();
  await later.sees("We have a question about your request", "dos-request-question");
  await later.fill("Your answer", "The one in Mill Road.");
  await later.press("Send my answer");
  await later.reads("Your answer was sent");
  await later.leave();
});
