// tally.mjs FILE: reads what `go test -json` says, prints the packages and what failed, and writes to FILE
// how many tests passed and failed. A package that fails without a failing test counts as one.
import { createInterface } from "node:readline";
import { writeFileSync } from "node:fs";

const counts = { pass: 0, fail: 0 };
const outputs = new Map(); // of tests that are running
const failing = new Map(); // failed tests by package
const named = new Set(); // packages whose end was said

function ended({ Action, Package, Test }) {
  const key = `${Package} ${Test}`;
  if (Action === "fail") process.stdout.write(outputs.get(key) ?? "");
  outputs.delete(key);
  if (Action in counts) counts[Action]++;
  if (Action === "fail") failing.set(Package, (failing.get(Package) ?? 0) + 1);
}

function read(event) {
  const { Action, Package, Test, Output } = event;
  if (Action === "build-output") return process.stdout.write(Output);
  if (Action === "output") {
    if (Test) outputs.set(`${Package} ${Test}`, (outputs.get(`${Package} ${Test}`) ?? "") + Output);
    else if (!/^(PASS|=== )|\[no test files\]/.test(Output)) {
      process.stdout.write(Output);
      if (Output.startsWith("ok")) named.add(Package);
    }
    return;
  }
  if (Test && ["pass", "fail", "skip"].includes(Action)) return ended(event);
  if (Action === "pass" && !named.has(Package)) console.log(`ok  \t${Package}\t${event.Elapsed}s`);
  if (Action !== "fail" || failing.has(Package)) return;
  counts.fail++;
  for (const [key, said] of outputs) if (key.startsWith(`${Package} `)) process.stdout.write(said); // it broke off
}

for await (const line of createInterface({ input: process.stdin })) {
  let event;
  try {
    event = JSON.parse(line);
  } catch {
    console.log(line);
    continue;
  }
  read(event);
}
writeFileSync(process.argv[2], `${counts.pass} ${counts.fail}\n`);
