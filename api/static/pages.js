"use strict";

// Everything here saves a click or a flicker; the pages work without it.

// A round that is being worked on: fetch the page anew and put its middle in place, until it is finished.
const PAUSE = 1500;

async function refresh() {
  const here = document.querySelector("[data-live]");
  if (!here) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (answer.status === 404) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const there = page.querySelector("[data-live]");
    if (answer.ok && !there) return location.reload();
    // Whoever is about to press the button keeps it under the finger.
    if (answer.ok && there.innerHTML !== here.innerHTML) {
      const pressed = here.contains(document.activeElement);
      here.replaceWith(there);
      if (pressed) there.querySelector("button")?.focus();
    }
  } catch {
    // No connection for a moment; the next round may have one.
  }
  setTimeout(refresh, PAUSE);
}

setTimeout(refresh, PAUSE);

// The first page: show what was chosen, say at once when it is too large, and take files that are dropped.
const form = document.querySelector("[data-upload]");

if (form) {
  const input = form.querySelector("input[type=file]");
  const area = form.querySelector("[data-drop]");
  const names = form.querySelector("[data-names]");
  const button = form.querySelector("button[type=submit]");

  form.querySelector("[data-drop-words]").hidden = false;

  const show = () => {
    const files = [...input.files];
    const size = files.reduce((sum, file) => sum + file.size, 0);
    const large = size > Number(form.dataset.limit);
    input.setCustomValidity(large ? form.dataset.tooLarge : "");
    names.textContent = large ? form.dataset.tooLarge : files.map((file) => file.name).join(", ");
    names.classList.toggle("alarm", large);
  };

  input.addEventListener("change", show);

  for (const name of ["dragenter", "dragover"]) {
    area.addEventListener(name, (event) => {
      event.preventDefault();
      area.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    area.addEventListener(name, () => area.classList.remove("over"));
  }
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      show();
    }
  });

  // One press is enough; coming back by the browser's button makes it work again.
  form.addEventListener("submit", () => button.setAttribute("disabled", ""));
  addEventListener("pageshow", () => button.removeAttribute("disabled"));
}
