// Serves the built program for real, from an empty folder, with a mail server of its own, for one test file.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./signpost.mjs";

const program = process.env.SIGNPOST ?? fileURLToPath(new URL("../../bin/signpost", import.meta.url));

// mailServer takes every message and keeps it.
async function mailServer() {
  const letters = [];
  const server = createServer((socket) => {
    let text = "";
    let inMessage = false;
    socket.write("220 here\r\n");
    socket.on("error", () => {});
    socket.on("data", (data) => {
      text += data;
      for (;;) {
        const end = inMessage ? text.indexOf("\r\n.\r\n") : text.indexOf("\r\n");
        if (end < 0) return;
        const part = text.slice(0, end);
        text = text.slice(end + (inMessage ? 5 : 2));
        if (inMessage) letters.push(readable(part));
        if (/^QUIT/i.test(part)) return socket.end("221 goodbye\r\n");
        inMessage = !inMessage && /^DATA/i.test(part);
        socket.write(inMessage ? "354 go on\r\n" : "250 well\r\n");
      }
    });
  });
  const port = await freePort();
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { port, letters, stop: () => new Promise((resolve) => server.close(resolve)) };
}

// readable is a message with its lines as they were written (RFC 2045, quoted-printable).
function readable(message) {
  return message.replace(/=\r\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

// ready resolves to true once the node says that it is.
function ready(port) {
  return new Promise((resolve) => {
    get({ host: "127.0.0.1", port, path: "/readyz" }, (res) => { res.resume(); resolve(res.statusCode === 200); })
      .on("error", () => resolve(false));
  });
}

// serve writes a configuration, and gives what starts the node and runs commands on the same system. more gives further
// lines of the configuration, from the directory's address; sites are those that the node runs.
export async function serve({ sites = "dos,cis2,cim", more = () => "" } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "served-"));
  const [port, operations, post] = await Promise.all([freePort(), freePort(), mailServer()]);
  const config = join(folder, "signpost.toml");
  const at = (site) => `http://${site}.localhost:${port}`;
  const addresses = sites.split(",").map((site) => `${site} = "${at(site)}"`).join("\n");
  writeFileSync(config, `
listen = "127.0.0.1:${port}"
operations = "127.0.0.1:${operations}"
data = "${join(folder, "data")}"
[stop]
wait_seconds = 0
[addresses]
${addresses}
[mail]
host = "127.0.0.1"
port = ${post.port}
plain = true
from = "signpost@example.nhs.uk"
${await more(at("dos"))}
`);
  const log = [];
  let node;
  return {
    dos: at("dos"), cis2: at("cis2"), cim: at("cim"),
    // run runs a command to its end.
    run: (...args) => new Promise((resolve) => {
      const child = spawn(program, [...args, "--config", config], { stdio: ["ignore", "pipe", "pipe"] });
      const said = [];
      child.stdout.on("data", (d) => said.push(String(d)));
      child.stderr.on("data", (d) => said.push(String(d)));
      child.once("close", (code) => resolve({ code, said: said.join("") }));
    }),
    start: async () => {
      node = spawn(program, ["serve", "--sites", sites, "--config", config], { stdio: ["ignore", "pipe", "pipe"] });
      node.stdout.on("data", (d) => log.push(String(d)));
      node.stderr.on("data", (d) => log.push(String(d)));
      for (let tries = 0; tries < 600; tries++) {
        if (node.exitCode !== null) throw new Error(`signpost serve ended:\n${log.join("")}`);
        if (await ready(operations)) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`signpost serve did not become ready:\n${log.join("")}`);
    },
    log: () => log.join(""),
    // mailTo waits for the newest message to an address.
    mailTo: async (address) => {
      for (let tries = 0; tries < 200; tries++) {
        const found = post.letters.findLast((letter) => letter.includes(address));
        if (found) {
          post.letters.splice(post.letters.indexOf(found), 1);
          return found;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`no mail to ${address}`);
    },
    stop: async () => {
      if (node) await new Promise((resolve) => { node.once("exit", resolve); node.kill("SIGTERM"); });
      await post.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
