// An administrator's day: requests to decide, eight of them or with PROVE=1 forty, and a list of colleagues to invite.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { asks } from "../lib/asker.mjs";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

const firsts = ["Amina", "Bryn", "Carys", "Dilip", "Elsie", "Farid", "Greta", "Hugo"];
const lasts = ["Abbot", "Burns", "Cole", "Drew", "Ellis"];
const people = (process.env.PROVE ? lasts : lasts.slice(0, 1)).flatMap((last) => firsts.map((first) => ({
  first, last, name: `${first} ${last}`, address: `${first}.${last}@surgery.example`.toLowerCase(),
  reason: "I keep the opening hours of our surgery right.",
})));

// decides does with the request that is looked at what an administrator does with the nth of a day.
async function decides(priya, n) {
  if (n % 8 === 3) {
    await priya.fill("Your question", "Which of our surgeries do you work at?");
    await priya.press("Send the question");
    return "asked back";
  }
  if (n % 8 === 6) {
    await priya.fill("Why you reject it", "Your practice manager does not know you.");
    await priya.press(/^Reject/);
    return "rejected";
  }
  await priya.page.getByLabel("Group").selectOption("Provider user");
  await priya.choose(/The services of .*Z90000/);
  await priya.press(/^Approve/);
  return "approved";
}

test("the requests of a day are decided, and fifty colleagues invited", async (t) => {
  const filed = Date.now();
  for (const [number, one] of people.entries()) await asks(signpost, number, one);
  const began = Date.now();

  const priya = await Person.arrive(signpost);
  await priya.goto(signpost.dos);
  await priya.press("Log in with my Care Identity");
  await signInWithApp(priya, "priya.shah@fenmarch.example");
  await priya.page.waitForURL(`${signpost.dos}/**`);
  await priya.goto(`${signpost.dos}/requests`);
  await priya.sees("Outstanding User Requests", "dos-requests-of-a-day");
  const done = {};
  const took = [];
  for (let n = 0; n < people.length; n++) {
    const since = Date.now();
    await priya.goto(`${signpost.dos}/requests`);
    await priya.press("Look at the request that waits longest");
    await priya.page.waitForURL(/\/requests\/[^/]{10,}$/);
    const what = await decides(priya, n);
    await priya.page.locator(".nhsuk-notification-banner--success").waitFor();
    done[what] = (done[what] ?? 0) + 1;
    took.push(Date.now() - since);
  }
  took.sort((one, other) => one - other);

  await priya.goto(`${signpost.dos}/requests`);
  await priya.reads("Invite colleagues");
  await priya.follow("Invite colleagues");
  const colleagues = Array.from({ length: 50 }, (_, n) => `Robin Colleague, robin${n}@surgery.example`).join("\n");
  await priya.fill("Names and email addresses", colleagues);
  await priya.press("Continue");
  await priya.press("Send 50 invitations");
  await priya.reads("50 colleagues were invited");
  await priya.goto(`${signpost.dos}/requests/times`);
  await priya.sees("How long requests take", "dos-request-times-of-a-day");
  await priya.leave();
  const eighth = people.length / 8;
  assert.deepEqual(done, { approved: 6 * eighth, "asked back": eighth, rejected: eighth });
  const slowest = Math.floor(0.9 * took.length);
  t.diagnostic(`${people.length} requests were filed in ${((began - filed) / 1000).toFixed(1)} s, and decided in ${((Date.now() - began) / 1000).toFixed(1)} s: ` +
    `${JSON.stringify(done)}; one takes ${took[people.length / 2]} ms of clicks at the median, ${took[slowest]} ms at the 90th percentile; 50 colleagues were invited`);
});
