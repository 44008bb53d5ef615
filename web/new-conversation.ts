import type { ConversationSummary, ParleyClient } from "../client/index.ts";
import { element, Field } from "./element.ts";
import { FormDialog } from "./form-dialog.ts";
import { PeoplePicker } from "./people-picker.ts";

const GROUP_NAME_MAX_CHARS = 200;

/** Asks with whom to talk: one person makes a direct conversation, several a group, and so does whoever wants one. */
export class NewConversationDialog {
  readonly #client: ParleyClient;
  readonly #people: PeoplePicker;
  readonly #wantsGroup = element("input", { type: "checkbox" });
  readonly #wish = element("label", { class: "check" }, this.#wantsGroup, "Make it a group");
  readonly #groupName = new Field("Name of the group", {
    name: "groupName",
    required: false,
    maxLength: GROUP_NAME_MAX_CHARS,
  });
  readonly #dialog: FormDialog;

  constructor(client: ParleyClient, made: (conversation: ConversationSummary) => void) {
    this.#client = client;
    this.#people = new PeoplePicker(client, () => this.#showChoice());
    this.#wantsGroup.addEventListener("change", () => this.#showChoice());
    this.#groupName.input.addEventListener("input", () => this.#showChoice());
    this.#dialog = new FormDialog({
      title: "New conversation",
      body: [this.#people.view, this.#wish, this.#groupName.view],
      submit: "Start",
      act: async () => {
        const conversation = await this.#create();
        this.#dialog.close();
        made(conversation);
      },
    });
    this.#showChoice();
  }

  open(): void {
    this.#dialog.open();
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
    this.#dialog.isReady = length > 0 || (this.#isGroup && hasName);
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
