// Sends the form that takes an answer back to its service, so that nobody has to press its button.

document.querySelector("form[data-onward]")?.requestSubmit();
