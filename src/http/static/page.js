// Everything works without this file. It adds dropping a file, showing which, and a button to print.
"use strict";

for (const form of document.querySelectorAll("form[data-drop]")) {
  const input = form.querySelector('.drop input[type="file"]');
  const words = form.querySelector("[data-drop-words]");
  const area = form.querySelector(".drop");
  words.hidden = false;
  let inside = 0;
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  form.addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    inside += 1;
    area.classList.add("over");
  });
  form.addEventListener("dragleave", () => {
    inside = Math.max(0, inside - 1);
    if (inside === 0) area.classList.remove("over");
  });
  form.addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  form.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    inside = 0;
    area.classList.remove("over");
    if (event.dataTransfer.files.length === 0) return;
    input.files = event.dataTransfer.files;
    form.requestSubmit();
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
