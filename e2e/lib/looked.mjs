// Pages that were looked at already. Many journeys pass the same pages, such as those of logging in: one look by axe
// and one pair of pictures is enough for a whole run, as long as a page is built of the same elements.
import { closeSync, openSync } from "node:fs";
import { createHash } from "node:crypto";

// LOOKED is a folder that the files of one run share. Without it, each file looks at all pages itself.
const folder = process.env.LOOKED;

// structure says of which elements a page is built: their names, classes, attributes and whether they hold text, and not
// what the text says. Rows of a list that are built alike count once. It runs in the browser.
function structure() {
  const of = (element) => {
    if (element.matches(".signpost-drawer")) return "drawer"; // the demo's mail, under every page
    const parts = [...element.children].map(of);
    const different = parts.filter((part, i) => part !== parts[i - 1]);
    const text = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const attributes = [...element.attributes].map(({ name }) => name).sort();
    return `${element.tagName}.${element.className}[${attributes}]${text ? "t" : ""}(${different})`;
  };
  return of(document.body);
}

// isNewPage tells whether no journey of this run has looked at a page of the same site that is built like this one.
export async function isNewPage(page) {
  return isNew(`${new URL(page.url()).hostname} ${await page.evaluate(structure)}`);
}

// isNewPicture tells whether no journey of this run has taken pictures by this name.
export function isNewPicture(name) { return isNew(`picture ${name}`); }

function isNew(what) {
  if (!folder) return true;
  try {
    closeSync(openSync(`${folder}/${createHash("sha256").update(what).digest("hex")}`, "wx"));
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}
