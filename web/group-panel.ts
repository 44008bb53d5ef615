import {
  may,
  type GroupClient,
  type Invite,
  type JoinRequest,
  type ParleyClient,
} from "../client/index.ts";
import { BanList, type Banned } from "./ban-list.ts";
import type { Blocks } from "./blocks.ts";
import { button, element } from "./element.ts";
import { FormDialog } from "./form-dialog.ts";
import { InviteList } from "./invite-list.ts";
import { joinLinkTo } from "./join-address.ts";
import { JoinRequestList } from "./join-request-list.ts";
import { linkField } from "./link-field.ts";
import type { MemberAction } from "./member-actions.ts";
import { MemberList } from "./member-list.ts";
import type { Members } from "./members.ts";
import { PeoplePicker } from "./people-picker.ts";
import type { Roster, RosterMember } from "./roster.ts";
import { SettingsForm } from "./settings-form.ts";
import { inWords } from "./words.ts";

/** The group that a panel is about, as the page knows it. */
export interface PanelGroup {
  groupId: string;
  roster: Roster;
  members: Members;
  blocks: Blocks;
  name: () => string;
}

/** What the rest of the page does for the panel. */
export interface PanelListener {
  talk(userId: string): Promise<void>;
  /** The number of people who wait to be let in. */
  waiting(count: number): void;
  /** `hadFocus`: it was in the panel. */
  closed(hadFocus: boolean): void;
}

/** Everything about a group that the reader's role allows, beside its messages, and as it changes. */
export class GroupPanel {
  readonly view: HTMLElement;
  readonly #client: ParleyClient;
  readonly #groups: GroupClient;
  readonly #group: PanelGroup;
  readonly #listener: PanelListener;
  readonly #problem = element("p", { class: "problem", role: "alert" });
  readonly #heading = element("h3");
  readonly #add = button("Add people", () => this.#openAdding(), "quiet");
  readonly #more = button("More members", () => void this.#readMembers(this.#next), "quiet"); // shows its own failures
  readonly #link = element("section", {}, element("h3", {}, "Link of the group"));
  readonly #linkWords = element("p", { class: "hint" });
  readonly #requests: JoinRequestList;
  readonly #list: MemberList;
  readonly #invites: InviteList;
  readonly #bans: BanList;
  readonly #settings: SettingsForm;
  readonly #lock: HTMLButtonElement;
  readonly #dismiss: HTMLButtonElement;
  /** Where the next page of members begins. */
  #next: string | null = null;

  constructor(client: ParleyClient, group: PanelGroup, listener: PanelListener) {
    this.#client = client;
    this.#groups = client.groups;
    this.#group = group;
    this.#listener = listener;
    const { groupId, roster, members, blocks } = group;
    const groups = client.groups;
    // what is given to `#try` shows its own failures
    this.#requests = new JoinRequestList((request, isIn) => void this.#answer(request, isIn));
    this.#list = new MemberList(roster, members, {
      act: (member, action) => this.#act(member, action),
      block: ({ userId }, isBlocked) => void this.#try(() => blocks.set(userId, isBlocked)),
      isBlocked: (userId) => blocks.has(userId),
    });
    this.#invites = new InviteList({
      make: (terms) => void this.#changeInvites(() => groups.makeInvite(groupId, terms)),
      revoke: (invite: Invite) =>
        void this.#changeInvites(() => groups.revokeInvite(groupId, invite.inviteId)),
    });
    this.#bans = new BanList(({ userId }) => void this.#try(() => groups.unban(groupId, userId)));
    this.#settings = new SettingsForm((change) =>
      this.#try(() => groups.configure(groupId, change)),
    );
    this.#lock = button("", () => void this.#toggleLock(), "quiet");
    this.#dismiss = button("Dismiss the group", () => this.#askToDismiss(), "quiet grave");
    this.#link.append(
      this.#linkWords,
      linkField("Link of the group", joinLinkTo(location.origin, groupId)),
    );
    this.view = this.#layOut();
  }

  get isOpen(): boolean {
    return !this.view.hidden;
  }

  open(): void {
    this.view.hidden = false;
    this.show();
    void this.refresh(); // shows its own failures
    this.view.focus();
  }

  close(): void {
    const hadFocus = this.view.contains(document.activeElement);
    this.view.hidden = true;
    this.#problem.textContent = "";
    this.#listener.closed(hadFocus);
  }

  /** What is known has changed: members, roles, settings, who is here. */
  show(): void {
    const { roster, members, name } = this.#group;
    const { myRole, settings } = roster;
    this.#heading.textContent = members.count === 1 ? "1 member" : `${members.count} members`;
    this.#list.show();
    this.#add.hidden = !may(myRole, "addMembers");
    this.#invites.view.hidden = !may(myRole, "invite");
    this.#settings.view.hidden = !may(myRole, "changeSettings");
    this.#lock.hidden = !may(myRole, "lock");
    this.#dismiss.hidden = !may(myRole, "dismiss");
    if (!may(myRole, "answerRequests")) this.#requests.show([]);
    if (!may(myRole, "banMembers")) this.#bans.show([]);
    if (settings === undefined) return;
    this.#settings.show(name(), settings);
    this.#lock.textContent = settings.locked ? "Unlock the group" : "Lock the group";
    const isOpen = settings.join === "open";
    this.#link.hidden = !isOpen && !settings.requests;
    this.#linkWords.textContent = `Whoever has it can ${isOpen ? "join" : "ask to join"}.`;
  }

  /** Reads what no event tells, as far as the role allows. */
  async refresh(): Promise<void> {
    const reads = [this.readRequests(), this.readBans(), this.readInvites()];
    if (this.isOpen) reads.push(this.#readMembers(null));
    await Promise.all(reads);
  }

  async readRequests(): Promise<void> {
    const { groupId, roster } = this.#group;
    if (!may(roster.myRole, "answerRequests")) return this.#listener.waiting(0);
    await this.#try(async () => {
      const requests = await this.#groups.joinRequests(groupId);
      this.#requests.show(requests);
      this.#listener.waiting(requests.length);
    });
  }

  async readBans(): Promise<void> {
    const { groupId, roster } = this.#group;
    if (!this.isOpen || !may(roster.myRole, "banMembers")) return;
    await this.#try(async () => {
      const userIds = await this.#groups.bans(groupId);
      this.#bans.show(await Promise.all(userIds.map((userId) => this.#named(userId))));
    });
  }

  /** Who was never in the group while this page was open has a name in the directory only. */
  async #named(userId: string): Promise<Banned> {
    const known = this.#group.members.knownNameOf(userId);
    if (known !== undefined) return { userId, name: known };
    const user = await this.#client.rest.user(userId).catch(() => undefined);
    return { userId, name: user?.name ?? userId };
  }

  async #readMembers(cursor: string | null): Promise<void> {
    const { groupId, roster } = this.#group;
    await this.#try(async () => {
      const page = this.#groups.members(groupId, cursor === null ? {} : { cursor });
      this.#next = await roster.read(page);
      this.#more.hidden = this.#next === null;
    });
    this.show();
  }

  async readInvites(): Promise<void> {
    const { groupId, roster } = this.#group;
    if (!this.isOpen || !may(roster.myRole, "invite")) return;
    await this.#try(async () => this.#invites.show(await this.#groups.invites(groupId)));
  }

  async #changeInvites(change: () => Promise<unknown>): Promise<void> {
    if (await this.#try(change)) await this.readInvites();
  }

  async #answer({ userId }: JoinRequest, isLetIn: boolean): Promise<void> {
    const { groupId } = this.#group;
    await this.#try(() =>
      isLetIn
        ? this.#groups.approveRequest(groupId, userId)
        : this.#groups.endRequest(groupId, userId),
    );
    await this.readRequests();
  }

  async #toggleLock(): Promise<void> {
    const { groupId, roster } = this.#group;
    const locked = roster.settings?.locked !== true;
    await this.#try(() => this.#groups.configure(groupId, { locked }));
  }

  #act({ userId, name }: RosterMember, action: MemberAction): void {
    const { groupId } = this.#group;
    const groups = this.#groups;
    const ask = (title: string, body: string, act: () => Promise<unknown>) =>
      this.#ask({ title, body, submit: action.label, act });
    switch (action.type) {
      case "write":
        return void this.#try(() => this.#listener.talk(userId));
      case "role":
        return void this.#try(() => groups.setRole(groupId, userId, action.role));
      case "mute":
        return void this.#try(() => groups.mute(groupId, userId, action.seconds));
      case "transfer":
        return ask(`Hand the group over to ${name}?`, "You stay as an admin.", () =>
          groups.transfer(groupId, userId),
        );
      case "remove":
        return ask(`Remove ${name}?`, "They can be added or invited again.", () =>
          groups.removeMember(groupId, userId),
        );
      case "ban":
        return ask(
          `Ban ${name}?`,
          "They are removed, and stay out until somebody ends the ban.",
          () => groups.ban(groupId, userId),
        );
    }
  }

  #askToLeave(): void {
    const { groupId, name } = this.#group;
    const body = "You will not get its messages any more.";
    const act = () => this.#groups.leave(groupId);
    this.#ask({ title: `Leave ${name()}?`, body, submit: "Leave", act });
  }

  #askToDismiss(): void {
    const { groupId, name } = this.#group;
    const body = "Everybody leaves, and nobody can read it here any more. This cannot be undone.";
    const act = () => this.#groups.dismiss(groupId);
    this.#ask({ title: `Dismiss ${name()}?`, body, submit: "Dismiss", act });
  }

  #ask(question: {
    title: string;
    body: string;
    submit: string;
    act: () => Promise<unknown>;
  }): void {
    const dialog = new FormDialog({
      ...question,
      body: [element("p", {}, question.body)],
      isGrave: true,
      act: async () => {
        await question.act();
        dialog.close();
      },
    });
    dialog.open();
  }

  #openAdding(): void {
    const { groupId } = this.#group;
    const picker = new PeoplePicker(this.#client, () => {
      dialog.isReady = picker.chosen.length > 0;
    });
    const dialog = new FormDialog({
      title: "Add people",
      body: [picker.view],
      submit: "Add",
      act: async () => {
        const userIds = picker.chosen.map(({ userId }) => userId);
        await this.#groups.addMembers(groupId, userIds);
        dialog.close();
      },
    });
    dialog.isReady = false;
    dialog.open();
    void picker.find(); // shows its own failures
  }

  /** Answers whether it succeeded; if not, the reason is on screen. */
  async #try(act: () => Promise<unknown>): Promise<boolean> {
    this.#problem.textContent = "";
    try {
      await act();
      return true;
    } catch (error) {
      this.#problem.textContent = inWords(error);
      return false;
    }
  }

  #layOut(): HTMLElement {
    const close = button("×", () => this.close(), "quiet");
    close.ariaLabel = "Close the group's panel";
    const leave = button("Leave the group", () => this.#askToLeave(), "quiet grave");
    const people = element("section", {}, this.#heading, this.#list.view, this.#more, this.#add);
    const ways = element("section", { class: "ways" }, this.#lock, leave, this.#dismiss);
    const head = element("header", {}, element("h2", {}, "Group"), close);
    this.#more.hidden = true;
    const view = element("section", { class: "panel", role: "complementary", tabIndex: -1 });
    view.ariaLabel = "Group";
    view.hidden = true;
    view.append(head, this.#problem, this.#requests.view, people, this.#link);
    view.append(this.#invites.view, this.#bans.view, this.#settings.view, ways);
    view.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && view.querySelector(":popover-open") === null) this.close();
    });
    return view;
  }
}
