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
  keep(id, state) {
    try {
      localStorage.setItem(keyOf(id), JSON.stringify(state));
      keptUntil("");
    } catch (error) {
      keptUntil(`save the corrections now: ${error.message}`);
    }
  },
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

// What the server does not have yet: of each document the last state. It is sent one by one, and again
// until it is kept: a server that was ended is given all of it when it is back.
const pending = new Map();
let isSending = false;

async function send() {
  if (isSending) return;
  isSending = true;
  while (pending.size) {
    const [id, body] = pending.entries().next().value;
    try {
      await ask("decide", body);
      if (pending.get(id) === body) pending.delete(id);
      keptUntil("");
    } catch (error) {
      keptUntil(error.message);
      await new Promise((done) => { setTimeout(done, 1000); });
    }
  }
  isSending = false;
}

const serverStore = {
  async material(id) { return (await ask(`document/${id}`)).json(); },
  picture(id, number) { return `page/${id}-${number}.webp`; },
  async states() { return (await ask("states")).json(); },
  keep(id, state, material) {
    pending.set(id, JSON.stringify({ id, state, lines: truthLines(material, state, reviewer()) }));
    send();
  },
  async save() {
    if (pending.size) throw new Error("the server does not answer");
    return (await (await ask("save", "{}")).json()).said;
  },
};

async function ask(path, body) {
  const given = body === undefined ? {} : { method: "POST", body, headers: { "Content-Type": "application/json" } };
  const answer = await fetch(path, { ...given, credentials: "omit", redirect: "error" });
  if (!answer.ok) throw new Error((await answer.text()).slice(0, 300) || `HTTP ${answer.status}`);
  return answer;
}
