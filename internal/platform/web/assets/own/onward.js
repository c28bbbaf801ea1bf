// Sends the form that goes on to another site, so that nobody has to press its button.

document.querySelector("form[data-onward]")?.requestSubmit();
