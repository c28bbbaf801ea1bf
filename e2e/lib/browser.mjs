// A browser as far as clients need one: it keeps cookies and says where an answer leads. fetch will not do, as it says
// that it does not navigate.
import { get } from "node:http";

// browser gives the function with which one person visits addresses.
export function browser() {
  const jar = new Map();
  return async (url) => {
    const headers = { accept: "text/html", cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") };
    const res = await new Promise((resolve, reject) => get(url, { headers }, resolve).on("error", reject));
    let text = "";
    for await (const part of res) text += part;
    for (const line of res.headers["set-cookie"] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value) jar.set(name, value); else jar.delete(name);
    }
    const leads = res.headers.location ?? /http-equiv="refresh" content="0;url=([^"]*)"/.exec(text)?.[1].replaceAll("&amp;", "&");
    return { status: res.statusCode, location: leads && new URL(leads, url).href, headers: res.headers };
  };
}

// lastOf visits an address and where it leads, as long as that is on its own site, and gives the address that is not.
export async function lastOf(visit, url) {
  let { location } = await visit(url);
  while (location && new URL(location).origin === new URL(url).origin) ({ location } = await visit(location));
  return location;
}
