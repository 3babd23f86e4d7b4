// Sliders over pictures that were drawn beforehand; publish/player.py writes what this reads.
"use strict";

function setUp(controls) {
  const picture = controls.parentElement.querySelector("img");
  const stored = { src: picture.src, alt: picture.alt };
  const fields = [...controls.querySelectorAll("input")];
  const status = controls.querySelector("[role=status]");
  const titles = JSON.parse(controls.querySelector("script").textContent);
  const address = (places) => `${controls.dataset.pictures}/${places.join("-")}.png`;
  const place = (field) => (field.type === "checkbox" ? Number(field.checked) : Number(field.value));
  const places = () => fields.map(place);
  const start = places().join();

  function write(field) {
    if (field.type !== "range") return;
    const text = JSON.parse(field.dataset.texts)[place(field)];
    field.setAttribute("aria-valuetext", text);
    field.closest("label").nextElementSibling.textContent = text;
  }

  async function show() {
    const wanted = places();
    const title = titles[wanted.join("-")];
    const next = new Image();
    next.src = wanted.join() === start ? stored.src : address(wanted);
    try {
      await next.decode();
    } catch {
      status.textContent = "The picture could not be loaded.";
      return;
    }
    if (wanted.join() !== places().join()) return; // the slider has moved on
    picture.src = next.src;
    picture.alt = wanted.join() === start ? stored.alt : title;
    status.textContent = title;
    fetchAround(wanted);
  }

  // The pictures that one step leads to, so that the next one is there when it is wanted.
  function fetchAround(middle) {
    middle.forEach((value, which) => {
      for (const other of [value - 1, value + 1]) {
        const near = middle.with(which, other);
        if (near.join("-") in titles) new Image().src = address(near);
      }
    });
  }

  // In a deck, a presenter's remote control and Escape lead back to the deck's own keys.
  function release(event) {
    if (!controls.closest(".reveal")) return;
    if (!["Escape", "PageUp", "PageDown"].includes(event.key)) return;
    event.preventDefault();
    event.target.blur();
    if (event.key === "Escape") event.stopPropagation();
  }

  for (const field of fields) {
    write(field);
    field.addEventListener("input", () => {
      write(field);
      show();
    });
    field.addEventListener("keydown", release);
  }
  controls.hidden = false;
}

document.querySelectorAll(".player-controls").forEach(setUp);
