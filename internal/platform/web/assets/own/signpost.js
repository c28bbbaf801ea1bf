// Starts nhsuk-frontend's components. Every page works without this: the script
// only makes it easier to use.
import { initAll } from "./nhsuk-frontend.min.js";
import "./code.js";
import "./fill.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
initAll();
