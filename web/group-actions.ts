import type { JoinRequest, ParleyClient, SettingsChange } from "../client/index.ts";
import { element } from "./element.ts";
import { FormDialog } from "./form-dialog.ts";
import type { MemberAction } from "./member-actions.ts";
import { PeoplePicker } from "./people-picker.ts";
import type { RosterMember } from "./roster.ts";
import { inWords } from "./words.ts";

/** The group that is acted on, and what the page does about it. */
export interface ActedGroup {
  groupId: string;
  name: () => string;
  /** Whether somebody can be added at all: no member, not banned. */
  isOffered: (userId: string) => boolean;
  /** Opens the direct conversation with somebody. */
  talk: (userId: string) => Promise<void>;
  /** Shows why something did not work; nothing, when something is tried anew. */
  problem: (words: string) => void;
}

/** Carries out what somebody chooses for a group or a member of it, and asks before what is grave. */
export class GroupActions {
  readonly #client: ParleyClient;
  readonly #group: ActedGroup;

  constructor(client: ParleyClient, group: ActedGroup) {
    this.#client = client;
    this.#group = group;
  }

  /** Answers whether it succeeded; if not, the reason is on screen. */
  async attempt(act: () => Promise<unknown>): Promise<boolean> {
    this.#group.problem("");
    try {
      await act();
      return true;
    } catch (error) {
      this.#group.problem(inWords(error));
      return false;
    }
  }

  configure(change: SettingsChange): Promise<boolean> {
    return this.attempt(() => this.#client.groups.configure(this.#group.groupId, change));
  }

  answer({ userId }: JoinRequest, isLetIn: boolean): Promise<boolean> {
    const { groupId } = this.#group;
    const { groups } = this.#client;
    return this.attempt(() =>
      isLetIn ? groups.approveRequest(groupId, userId) : groups.endRequest(groupId, userId),
    );
  }

  async act({ userId, name }: RosterMember, action: MemberAction): Promise<void> {
    const { groupId, talk } = this.#group;
    const { groups } = this.#client;
    const ask = (title: string, words: string, act: () => Promise<unknown>) =>
      this.#ask({ title, words, submit: action.label, act });
    switch (action.type) {
      case "write":
        return void (await this.attempt(() => talk(userId)));
      case "role":
        return void (await this.attempt(() => groups.setRole(groupId, userId, action.role)));
      case "mute":
        return void (await this.attempt(() => groups.mute(groupId, userId, action.seconds)));
      case "transfer":
        return ask(`Hand the group over to ${name}?`, "You stay as an admin.", () =>
          groups.transfer(groupId, userId),
        );
      case "remove":
        return ask(`Remove ${name}?`, "They can be added or invited again.", () =>
          groups.removeMember(groupId, userId),
        );
      case "ban":
        return ask(`Ban ${name}?`, "They stay out until somebody ends the ban.", () =>
          groups.ban(groupId, userId),
        );
    }
  }

  leave(): void {
    const { groupId, name } = this.#group;
    const words = "You will not get its messages any more.";
    const act = () => this.#client.groups.leave(groupId);
    this.#ask({ title: `Leave ${name()}?`, words, submit: "Leave", act });
  }

  dismiss(): void {
    const { groupId, name } = this.#group;
    const words = "Everybody leaves, and nobody can read it here any more. This cannot be undone.";
    const act = () => this.#client.groups.dismiss(groupId);
    this.#ask({ title: `Dismiss ${name()}?`, words, submit: "Dismiss", act });
  }

  add(): void {
    const { groupId, isOffered } = this.#group;
    const changed = () => (dialog.isReady = picker.chosen.length > 0);
    const picker = new PeoplePicker(this.#client, changed, isOffered);
    const dialog = new FormDialog({
      title: "Add people",
      body: [picker.view],
      submit: "Add",
      act: async () => {
        const userIds = picker.chosen.map(({ userId }) => userId);
        await this.#client.groups.addMembers(groupId, userIds);
        dialog.close();
      },
    });
    dialog.isReady = false;
    dialog.open();
    void picker.find(); // shows its own failures
  }

  #ask({
    title,
    words,
    submit,
    act,
  }: {
    title: string;
    words: string;
    submit: string;
    act: () => Promise<unknown>;
  }): void {
    const dialog = new FormDialog({
      title,
      body: [element("p", {}, words)],
      submit,
      isGrave: true,
      act: async () => {
        await act();
        dialog.close();
      },
    });
    dialog.open();
  }
}
