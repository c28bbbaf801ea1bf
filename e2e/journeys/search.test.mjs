// The search of the directory, for somebody who has a caller on the phone: the first page, results on the first screen,
// keys, the text for the note of a call, and the capacity of one's own services.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../lib/signpost.mjs";
import { Person, closeBrowser } from "../lib/person.mjs";
import { signInWithApp } from "../lib/steps.mjs";

let signpost;
before(async () => { signpost = await start(); });
after(async () => { await closeBrowser(); await signpost.stop(); });

// comesIn logs somebody in. Their first page is the search.
async function comesIn(address) {
  const person = await Person.arrive(signpost);
  await person.goto(signpost.dos);
  await person.press("Log in with my Care Identity");
  await signInWithApp(person, address);
  await person.sees("Find a service");
  assert.equal(new URL(person.page.url()).pathname, "/services");
  return person;
}

const results = (person) => person.page.locator(".signpost-result");
const rowHeights = (person) => results(person).evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().height));

// onFirstScreen wants the first result to be seen whole without scrolling.
async function onFirstScreen(person, width, height, tallest) {
  await person.page.setViewportSize({ width, height });
  await person.page.evaluate(() => window.scrollTo(0, 0));
  const box = await results(person).first().boundingBox();
  assert.ok(box.y + box.height <= height, `at ${width} × ${height} the first result ends at ${box.y + box.height}`);
  const heights = await rowHeights(person);
  const usual = [...heights].sort((a, b) => a - b)[Math.floor(heights.length / 2)];
  assert.ok(usual <= tallest, `at ${width} × ${height} a row is ${usual} px tall`);
}

for (const javaScript of [true, false]) {
  test(`results are on the first screen, with JavaScript ${javaScript ? "on" : "off"}`, async () => {
    const tomasz = await comesIn("tomasz.nowak@fenmarch.example");
    await tomasz.runsScripts(javaScript);
    await tomasz.fill("Patient's postcode", "FM1 1AA");
    await tomasz.page.getByLabel("Distance", { exact: true }).selectOption({ label: "Up to 20 miles" });
    await tomasz.press("Search");
    await tomasz.sees(/services within 20 miles of FM1/, `dos-search-folded${javaScript ? "" : "-scriptless"}`);
    assert.match(await tomasz.page.title(), /^\d+ services within 20 miles of FM1/);
    await onFirstScreen(tomasz, 1280, 720, 80);
    await onFirstScreen(tomasz, 375, 667, 90);
    const sideways = await tomasz.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(sideways <= 0, `${sideways} px wider than a phone`);
    await tomasz.page.setViewportSize({ width: 1280, height: 720 });

    assert.ok(!await tomasz.page.getByLabel("Distance", { exact: true }).isVisible(), "the form is folded");
    await tomasz.page.getByText("Change: up to 20 miles, any type").click();
    await tomasz.page.getByLabel("Distance", { exact: true }).selectOption({ label: "Up to 2 miles" });
    await tomasz.page.getByRole("button", { name: "Search" }).last().click();
    await tomasz.sees(/services within 2 miles of FM1/);
    await tomasz.goto(signpost.dos);
    await tomasz.sees("Find a service");
    assert.ok(!await tomasz.page.getByLabel("Distance", { exact: true }).isVisible(), "the fold is remembered");
    assert.ok(await tomasz.page.getByLabel("Patient's postcode").isVisible());
    await tomasz.leave();
  });
}

test("keys go to the postcode and open results, and can be switched off", async () => {
  const priya = await comesIn("priya.shah@fenmarch.example");
  const focused = () => priya.page.evaluate(() => document.activeElement.id);
  await priya.page.keyboard.press("/");
  assert.equal(await focused(), "postcode");
  await priya.page.keyboard.type("FM1 1AA");
  await priya.page.keyboard.press("Enter");
  await priya.sees(/services within 10 miles of FM1/, "dos-search-keys");
  const third = await results(priya).nth(2).getByRole("link").first().innerText();
  await priya.page.keyboard.press("/");
  await priya.page.keyboard.type("3");
  assert.equal(await priya.page.getByLabel("Patient's postcode").inputValue(), "3", "a number is typed in a field");
  await priya.page.evaluate(() => document.activeElement.blur());
  await priya.page.keyboard.press("3");
  await priya.sees(third);
  await priya.page.goBack();
  await priya.sees(/services within 10 miles of FM1/);

  await priya.page.getByText("Keyboard shortcuts", { exact: true }).click();
  await priya.press("Turn off keyboard shortcuts");
  await priya.page.evaluate(() => document.activeElement.blur());
  await priya.page.keyboard.press("3");
  await priya.page.keyboard.press("/");
  assert.notEqual(await focused(), "postcode");
  assert.equal(await priya.page.locator(".signpost-result__key:visible").count(), 0);
  await priya.page.reload();
  await priya.sees(/services within 10 miles of FM1/);
  await priya.page.keyboard.press("3");
  await priya.page.getByText("Keyboard shortcuts", { exact: true }).click();
  await priya.press("Turn on keyboard shortcuts");
  await priya.page.evaluate(() => document.activeElement.blur());
  await priya.page.keyboard.press("3");
  await priya.sees(third);
  await priya.leave();
});

test("the text for the note of a call is copied, and a number is called", async () => {
  const priya = await comesIn("priya.shah@fenmarch.example");
  await priya.context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: signpost.dos });
  await priya.goto(`${signpost.dos}/services?name=pharmacy`);
  await priya.sees(/services in England called ‘pharmacy’/, "dos-search-by-name");
  const name = await results(priya).first().getByRole("link").first().innerText();
  await results(priya).first().getByRole("button", { name: "Copy as text" }).click();
  await priya.reads("Copied");
  await results(priya).first().getByRole("button", { name: "Copy as text" }).waitFor(); // it says so again
  const copied = await priya.page.evaluate(() => navigator.clipboard.readText());
  assert.ok(copied.startsWith(`${name}, `), copied);
  assert.match(copied, /, said at \d\d:\d\d on \d+ \w+ 20\d\d$/);
  const number = results(priya).first().locator("a[href^='tel:']").first();
  assert.match(await number.getAttribute("href"), /^tel:0\d{9,10}$/);
  await priya.leave();
});

test("whoever keeps the capacity of a service sets it with one tap", async () => {
  const tomasz = await comesIn("tomasz.nowak@fenmarch.example");
  await tomasz.sees("My services", "dos-my-services");
  const first = tomasz.page.locator(".signpost-mine .signpost-result").first();
  await first.getByRole("button", { name: "Amber" }).click();
  await tomasz.reads("is now amber for 4 hours.");
  const closed = /Closed/.test(await first.innerText()); // at night and on Sundays, when it shows no capacity
  if (!closed) await tomasz.reads("Reported by Tomasz Nowak less than a minute ago");
  await tomasz.look("dos-my-services-set");
  await tomasz.page.setViewportSize({ width: 375, height: 667 });
  const foot = async (part) => { const box = await part.boundingBox(); return box.y + box.height; };
  const above = Math.max(...await Promise.all(await first.locator(".signpost-result__name, .nhsuk-tag, .signpost-reporter").all()
    .then((parts) => parts.map(foot))));
  const gap = (await first.getByRole("button", { name: "Green" }).boundingBox()).y - above;
  assert.ok(gap >= 8, `on a phone the buttons stand ${gap} px below what they change`);
  await tomasz.leave();
});
