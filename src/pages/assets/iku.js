"use strict";
// Makes pages nicer. Every page works without it.

// A form that came back with faults: the reader is taken to them.
document.querySelector("[role=alert]")?.focus();

// On a narrow screen the menu shows where the reader is.
document.querySelector(".menu [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

// A form is sent once, also by two quick presses.
for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
// A page that comes back from the browser's memory can be sent again.
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
