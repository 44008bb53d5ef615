import type { ConversationSummary, ParleyClient, User } from "../client/index.ts";
import { element, field } from "./element.ts";
import { inWords } from "./words.ts";

/** Asks with whom to talk: one person makes a direct conversation, several a group. */
export function newConversationDialog(
  client: ParleyClient,
  made: (conversation: ConversationSummary) => void,
): HTMLDialogElement {
  const search = field("Find people", {
    name: "q",
    type: "search",
    autocomplete: "off",
    required: false,
  });
  const title = field("Name of the group", { name: "title", required: false });
  const results = element("ul", { class: "people", ariaLabel: "People found" });
  const chosenLine = element("p", { class: "hint", role: "status" });
  const problem = element("p", { class: "problem", role: "alert" });
  const start = element("button", { type: "submit", disabled: true }, "Start");
  const cancel = element("button", { type: "button", class: "quiet" }, "Cancel");
  const form = element(
    "form",
    {},
    search.row,
    results,
    chosenLine,
    title.row,
    problem,
    start,
    cancel,
  );
  const dialog = element("dialog", { ariaLabel: "New conversation" }, form);
  const chosen = new Map<string, User>();
  let searches = 0;

  function showChosen(): void {
    chosenLine.textContent = [...chosen.values()].map(({ name }) => name).join(", ");
    title.row.hidden = chosen.size < 2;
    start.disabled = chosen.size === 0;
  }

  function person(user: User): HTMLLIElement {
    const box = element("input", { type: "checkbox", checked: chosen.has(user.userId) });
    box.addEventListener("change", () => {
      if (box.checked) chosen.set(user.userId, user);
      else chosen.delete(user.userId);
      showChosen();
    });
    return element("li", {}, element("label", {}, box, `${user.name} (${user.matricule})`));
  }

  async function find(): Promise<void> {
    const mine = ++searches;
    try {
      const { users } = await client.rest.searchUsers(search.input.value);
      if (mine !== searches) return; // a later search has overtaken this one
      const others = users.filter(({ userId }) => userId !== client.user?.userId);
      results.replaceChildren(...others.map(person));
      problem.textContent = "";
    } catch (error) {
      problem.textContent = inWords(error);
    }
  }

  async function create(): Promise<ConversationSummary> {
    const [first, ...others] = [...chosen.keys()];
    if (first === undefined) throw new Error("nobody was chosen");
    if (others.length === 0) return client.rest.createDirect(first);
    const name =
      title.input.value.trim() || [...chosen.values()].map((user) => user.name).join(", ");
    return client.rest.createGroup(name.slice(0, 200), [first, ...others]);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    start.disabled = true;
    try {
      made(await create());
      dialog.close();
    } catch (error) {
      problem.textContent = inWords(error);
      start.disabled = false;
    }
  });
  search.input.addEventListener("input", () => void find()); // shows its own failures
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  showChosen();
  void find();
  return dialog;
}
