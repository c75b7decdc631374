// The pages as pictures, with the boxes of the record's values; a click on a word gives its text.

const sheet = document.getElementById("sheet");
let boxes = {}; // by path

// A click on the page while a value is typed must not end the typing.
sheet.addEventListener("mousedown", (event) => { if (isEditing()) event.preventDefault(); });

function make(name, className, text) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined && text !== null) element.textContent = text;
  return element;
}

function drawPages(material) {
  sheet.replaceChildren();
  sheet.scrollTop = 0;
  if (material.note) sheet.append(make("p", "note", material.note));
  material.pages.forEach((page, number) => {
    const frame = make("div", "page");
    frame.dataset.number = String(number);
    const image = make("img");
    image.alt = `page ${number + 1}`;
    image.loading = number < 2 ? "eager" : "lazy";
    image.width = page.width;
    image.height = page.height;
    image.draggable = false;
    image.src = store.picture(material.id, number);
    image.addEventListener("error", () => frame.classList.add("broken"), { once: true });
    frame.append(image, make("div", "boxes"), make("span", "number", `${number + 1} / ${material.pages.length}`));
    frame.addEventListener("click", (event) => clickedPage(event, frame, number));
    sheet.append(frame);
  });
  if (material.pages.length === 0 && !material.note) sheet.append(make("p", "note", "this document has no pages to show"));
}

function drawBoxes(material, record) {
  boxes = {};
  for (const layer of sheet.querySelectorAll(".boxes")) layer.replaceChildren();
  if (!record || !record.source) return;
  for (const [path, evidence] of Object.entries(record.source.evidence)) {
    if (!evidence.box) continue;
    const layer = sheet.querySelector(`.page[data-number="${Number(evidence.page) - 1}"] .boxes`);
    if (!layer) continue;
    const [x0, y0, x1, y1] = evidence.box;
    const box = make("button", `box ${shade(evidence)}`);
    box.type = "button";
    box.tabIndex = -1;
    box.title = path;
    box.setAttribute("aria-label", path);
    box.style.left = `${100 * x0}%`;
    box.style.top = `${100 * y0}%`;
    box.style.width = `${100 * Math.max(x1 - x0, 0.002)}%`;
    box.style.height = `${100 * Math.max(y1 - y0, 0.002)}%`;
    box.addEventListener("click", (event) => {
      if (isEditing()) return; // then a click takes the word
      event.stopPropagation();
      select(path);
    });
    layer.append(box);
    boxes[path] = box;
  }
}

// The class of a value's colour: what it was found as.
function shade(evidence) {
  if (evidence.found === "line") return "line";
  return ["exact", "exact_many", "similar", "absent", "derived"].includes(evidence.found) ? evidence.found : "unread";
}

function showBox(path, line) {
  for (const box of sheet.querySelectorAll(".box.on")) box.classList.remove("on");
  for (const band of sheet.querySelectorAll(".band")) band.remove();
  const box = boxes[path] || (line && drawBand(line));
  if (!box) return;
  box.classList.add("on");
  const around = box.getBoundingClientRect();
  const seen = sheet.getBoundingClientRect();
  if (around.top < seen.top + 40 || around.bottom > seen.bottom - 40) {
    sheet.scrollTop += around.top - seen.top - seen.height / 2;
  }
  if (around.left < seen.left || around.right > seen.right) {
    sheet.scrollLeft += around.left - seen.left - seen.width / 2;
  }
}

function drawBand({ page, box: [x0, y0, x1, y1] }) {
  const layer = sheet.querySelector(`.page[data-number="${Number(page) - 1}"] .boxes`);
  if (!layer) return null;
  const band = make("i", "band");
  band.style.left = `${100 * x0}%`;
  band.style.top = `${100 * (y0 - 0.004)}%`;
  band.style.width = `${100 * (x1 - x0)}%`;
  band.style.height = `${100 * (y1 - y0 + 0.008)}%`;
  layer.prepend(band);
  return band;
}

// Where on the page to look for a value that was not found: the line of its item; for an added one the
// line that no item has.
function lineOf(path) {
  const place = placeOf(path);
  const record = currentRecord();
  if (!place || !place.item || !record.source) return null;
  if (place.item.includes("[+")) {
    const missing = record.source.evidence[place.item.slice(0, place.item.lastIndexOf("["))];
    return missing && missing.box ? { found: "line", page: missing.page, box: [0.02, missing.box[1], 0.98, missing.box[3]] } : null;
  }
  const beside = Object.entries(record.source.evidence).filter(([other, each]) => each.box && other.startsWith(`${place.item}.`));
  if (beside.length === 0) return null;
  const { page } = beside[0][1];
  const found = beside.filter(([, each]) => each.page === page).map(([, each]) => each.box);
  const top = Math.min(...found.map((box) => box[1]));
  const bottom = Math.max(...found.map((box) => box[3]));
  return { found: "line", page, box: [0.02, top, 0.98, bottom] };
}

// A part of the page around a value, as large as it can be read.
function drawLens(lens, material, evidence) {
  lens.replaceChildren();
  lens.className = "lens";
  lens.style.backgroundImage = "";
  const page = evidence && evidence.box ? material.pages[evidence.page - 1] : null;
  if (!page) {
    lens.classList.add("empty");
    return;
  }
  const [x0, y0, x1, y1] = evidence.box;
  const width = lens.clientWidth || 400;
  const height = lens.clientHeight || 64;
  const scale = Math.min(1.25, (0.94 * width) / ((x1 - x0) * page.width), (0.7 * height) / ((y1 - y0) * page.height));
  const within = (middle, size, seen) => Math.max(0, Math.min(middle * size * scale - seen / 2, size * scale - seen));
  const left = within((x0 + x1) / 2, page.width, width);
  const top = within((y0 + y1) / 2, page.height, height);
  lens.style.backgroundImage = `url("${store.picture(material.id, evidence.page - 1)}")`;
  lens.style.backgroundSize = `${page.width * scale}px ${page.height * scale}px`;
  lens.style.backgroundPosition = `${-left}px ${-top}px`;
  const mark = make("i", `mark ${shade(evidence)}`);
  mark.style.left = `${x0 * page.width * scale - left - 2}px`;
  mark.style.top = `${y0 * page.height * scale - top - 2}px`;
  mark.style.width = `${(x1 - x0) * page.width * scale + 4}px`;
  mark.style.height = `${(y1 - y0) * page.height * scale + 4}px`;
  lens.append(mark);
}

// While a value is typed, a click on a word of the page takes it over; with Shift it is added.
function clickedPage(event, frame, number) {
  if (!isEditing()) return;
  const around = frame.querySelector(".boxes").getBoundingClientRect();
  const x = (event.clientX - around.left) / around.width;
  const y = (event.clientY - around.top) / around.height;
  const word = shown.material.pages[number].words.find(([x0, y0, x1, y1]) =>
    x >= x0 - 0.003 && x <= x1 + 0.003 && y >= y0 - 0.003 && y <= y1 + 0.003);
  if (word) takeWord(word[4], event.shiftKey);
}
