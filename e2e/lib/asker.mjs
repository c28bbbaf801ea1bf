// Somebody who asks for an account without a browser: for journeys of administrators who have many requests to decide.
import assert from "node:assert/strict";
import { request } from "node:http";
import { typedCode } from "./steps.mjs";

// visitor keeps cookies, and comes from an address of its own, as people do.
function visitor(host, port, localAddress) {
  const jar = new Map();
  return async function visit(method, path, form) {
    const headers = { Host: `${host}:${port}`, Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") };
    const body = form && new URLSearchParams(form).toString();
    if (body) Object.assign(headers, { "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin", "Content-Length": Buffer.byteLength(body) });
    const answer = await new Promise((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port, path, method, headers, localAddress }, resolve).on("error", reject);
      sent.end(body);
    });
    let text = "";
    for await (const part of answer) text += part;
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      jar.set(name, value);
    }
    return { status: answer.statusCode, location: answer.headers.location, text };
  };
}

// hidden is what a browser sends of the form for a path that nobody fills in.
function hidden(page, action) {
  const form = page.split(`action="${action}"`)[1].split("</form>")[0];
  const inputs = [...form.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([input]) =>
    ["name", "value"].map((part) => new RegExp(`${part}="([^"]*)"`).exec(input)?.[1] ?? ""));
  return Object.fromEntries(inputs);
}

// asks sends the request of somebody of a number, confirms its address, and says that there is no Care Identity yet.
export async function asks(signpost, number, { first, last, address, reason }) {
  const from = `127.0.1.${1 + number % 200}`;
  const visit = visitor("dos.localhost", signpost.port, from);
  const form = (await visit("GET", "/request-account")).text;
  const sent = await visit("POST", "/request-account", {
    ...hidden(form, "/request-account"), first_name: first, last_name: last, email: address, phone: "", region: "not-known",
    organisation: "Z90000", profession: "pharmacist", reason,
  });
  assert.equal(sent.location, "/request-account/code", sent.text);
  const page = (await visit("GET", "/request-account/code")).text;
  const code = await mailedCode(signpost, from, address);
  const confirmed = await visit("POST", "/request-account/code", { ...hidden(page, "/request-account/code"), code });
  assert.equal(confirmed.location, "/my-request", confirmed.text);
  const mine = (await visit("GET", "/my-request")).text;
  await visit("POST", "/my-request/without", { ...hidden(mine, "/my-request/without"), identity: "none" });
}

// mailedCode reads the code in the newest mail to an address.
async function mailedCode(signpost, from, address) {
  const visit = visitor("mail.localhost", signpost.port, from);
  for (let tries = 0; tries < 200; tries++) {
    const letters = (await visit("GET", "/")).text.split("<article").filter((one) => one.includes(address) && one.includes("Your code is"));
    if (letters.length > 0) return typedCode(letters[0].split("Your code is")[1]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no code was mailed to ${address}`);
}
