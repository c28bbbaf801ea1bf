// Starts the built program's double on a free port for one test file, and stops it afterwards.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const program = process.env.SIGNPOST ?? here("../../bin/signpost");
const example = process.env.SIGNPOST_DOUBLE_FILE ?? here("../../internal/double/file/example.toml");

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

// startDouble runs a double of the file of docs/double.md, whose service is at an address, with more lines at its end.
export async function startDouble(service, more = "") {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "double-"));
  const file = join(folder, "double.toml");
  writeFileSync(file, readFileSync(example, "utf8").replaceAll("http://localhost:3000", service) + more);
  const record = join(folder, "run.jsonl");
  const child = spawn(program, ["double", "--file", file, "--listen", `127.0.0.1:${port}`, "--record", record], { stdio: ["ignore", "pipe", "pipe"] });
  const said = await new Promise((resolve, reject) => {
    const log = [];
    child.stderr.on("data", (d) => log.push(String(d)));
    child.stdout.on("data", (d) => { log.push(String(d)); if (/recording/.test(log.join(""))) resolve(log.join("")); });
    child.once("exit", () => reject(new Error(`signpost double ended:\n${log.join("")}`)));
  });
  const address = `http://localhost:${port}`;
  return {
    port, address, file, record,
    issuer: /issuer +(\S+)/.exec(said)[1],
    // control asks the control API: posts what is given, or gets.
    async control(path, body) {
      const res = await fetch(`${address}/double/${path}`, body === undefined ? {} : {
        method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
      });
      const answer = await res.json();
      if (!res.ok) throw new Error(`${path}: ${res.status} ${JSON.stringify(answer)}`);
      return answer;
    },
    stop: () => new Promise((resolve) => {
      child.removeAllListeners("exit");
      child.once("exit", () => { rmSync(folder, { recursive: true }); resolve(); });
      child.kill("SIGTERM");
    }),
    // replay stops the double, replays what it recorded, and gives what was printed.
    replay: () => new Promise((resolve) => {
      const again = spawn(program, ["double", "--file", file, "--listen", `127.0.0.1:${port}`, "--replay", record], { stdio: ["ignore", "pipe", "pipe"] });
      const out = [];
      again.stdout.on("data", (d) => out.push(String(d)));
      again.stderr.on("data", (d) => out.push(String(d)));
      again.once("close", (code) => resolve({ code, out: out.join("") }));
    }),
  };
}
