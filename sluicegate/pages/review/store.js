// Where documents come from and decisions go: a folder and this browser, or the server.

const folderStore = {
  async material(id) { return data.documents[id]; },
  picture(id, number) { return `pages/${id}-${number}.webp`; },
  async states() {
    const found = {};
    for (const id of Object.keys(data.documents)) {
      const text = kept(id);
      if (text) found[id] = JSON.parse(text);
    }
    return found;
  },
  async keep(id, state) { localStorage.setItem(keyOf(id), JSON.stringify(state)); },
  async save(lines) {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
    link.download = "corrections.jsonl";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    return `${lines.length} lines are in your downloads as corrections.jsonl`;
  },
};

function keyOf(id) {
  return `sluicegate-review/${data.build}/${id}`;
}

function kept(id) {
  try {
    return localStorage.getItem(keyOf(id));
  } catch {
    return null;
  }
}

// One request at a time: decisions arrive in the order in which they were made.
let sending = Promise.resolve();

const serverStore = {
  async material(id) { return (await ask(`document/${id}`)).json(); },
  picture(id, number) { return `page/${id}-${number}.webp`; },
  async states() { return (await ask("states")).json(); },
  keep(id, state, lines, reviewer) {
    const body = JSON.stringify({ id, state, lines, reviewer });
    sending = sending.catch(() => {}).then(() => ask("decide", body));
    return sending;
  },
  async save() { return (await (await ask("save", "{}")).json()).said; },
};

async function ask(path, body) {
  const given = body === undefined ? {} : { method: "POST", body, headers: { "Content-Type": "application/json" } };
  const answer = await fetch(path, { ...given, credentials: "omit", redirect: "error" });
  if (!answer.ok) throw new Error((await answer.text()).slice(0, 300) || `HTTP ${answer.status}`);
  return answer;
}
