import type { ConversationSummary, ParleyClient } from "../client/index.ts";
import { button, element, Field } from "./element.ts";
import { PeoplePicker } from "./people-picker.ts";
import { inWords } from "./words.ts";

const GROUP_NAME_MAX_CHARS = 200;

/** Asks with whom to talk: one person makes a direct conversation, several a group, and so does whoever wants one. */
export class NewConversationDialog {
  readonly #client: ParleyClient;
  readonly #made: (conversation: ConversationSummary) => void;
  readonly #people: PeoplePicker;
  readonly #groupName = new Field("Name of the group", {
    name: "groupName",
    required: false,
    maxLength: GROUP_NAME_MAX_CHARS,
  });
  readonly #wantsGroup = element("input", { type: "checkbox" });
  readonly #wish = element("label", { class: "check" }, this.#wantsGroup, "Make it a group");
  readonly #problem = element("p", { class: "problem", role: "alert" });
  readonly #submit = element("button", { type: "submit" }, "Start");
  readonly #dialog: HTMLDialogElement;

  constructor(client: ParleyClient, made: (conversation: ConversationSummary) => void) {
    this.#client = client;
    this.#made = made;
    this.#people = new PeoplePicker(client, () => this.#showChoice());
    const cancel = button("Cancel", () => this.#dialog.close(), "quiet");
    const buttons = element("div", { class: "buttons" }, cancel, this.#submit);
    const form = element("form", {}, element("h2", {}, "New conversation"), this.#people.view);
    form.append(this.#wish, this.#groupName.view, this.#problem, buttons);
    form.addEventListener("input", () => this.#showChoice());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#start(); // shows its own failures
    });
    this.#dialog = element("dialog", { ariaLabel: "New conversation" }, form);
    this.#dialog.addEventListener("close", () => this.#dialog.remove());
    this.#showChoice();
  }

  open(): void {
    document.body.append(this.#dialog);
    this.#dialog.showModal();
    void this.#people.find(); // shows its own failures
  }

  get #isGroup(): boolean {
    return this.#wantsGroup.checked || this.#people.chosen.length > 1;
  }

  /** A group may begin with nobody else, if it has a name. */
  #showChoice(): void {
    const { length } = this.#people.chosen;
    this.#wish.hidden = length > 1;
    this.#groupName.view.hidden = !this.#isGroup;
    const hasName = this.#groupName.input.value.trim() !== "";
    this.#submit.disabled = length === 0 && !(this.#isGroup && hasName);
  }

  async #start(): Promise<void> {
    this.#submit.disabled = true;
    try {
      const conversation = await this.#create();
      this.#dialog.close();
      this.#made(conversation);
    } catch (error) {
      this.#problem.textContent = inWords(error);
      this.#submit.disabled = false;
    }
  }

  #create(): Promise<ConversationSummary> {
    const { chosen } = this.#people;
    const ids = chosen.map(({ userId }) => userId);
    const [only] = ids;
    if (only !== undefined && !this.#isGroup) return this.#client.rest.createDirect(only);
    const names = chosen.map(({ name }) => name).join(", ");
    const name = this.#groupName.input.value.trim() || names.slice(0, GROUP_NAME_MAX_CHARS);
    return this.#client.rest.createGroup(name, ids);
  }
}
