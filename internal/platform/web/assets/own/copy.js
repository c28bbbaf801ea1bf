// Shows the buttons that copy a text, which do nothing without a script. Where the page has a place for what a screen
// reader says, it says what was copied.

const said = document.querySelector("[data-said]");

for (const button of document.querySelectorAll("[data-copy]")) {
  const label = button.firstChild;
  const before = label.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      window.prompt("Copy this text", button.dataset.copy); // the browser keeps its clipboard to itself
      return;
    }
    label.textContent = "Copied";
    if (said) said.textContent = `Copied: ${button.dataset.copy}`;
    setTimeout(() => { label.textContent = before; }, 2000);
  });
}
