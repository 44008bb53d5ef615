import {
  may,
  type Invite,
  type JoinRequest,
  type ParleyClient,
  type Permission,
} from "../client/index.ts";
import { BanList, type Banned } from "./ban-list.ts";
import type { Blocks } from "./blocks.ts";
import { button, element } from "./element.ts";
import { GroupActions } from "./group-actions.ts";
import { InviteList } from "./invite-list.ts";
import { joinLinkTo } from "./join-address.ts";
import { JoinRequestList } from "./join-request-list.ts";
import { LatestRead } from "./latest-read.ts";
import { linkField } from "./link-field.ts";
import { MemberList } from "./member-list.ts";
import type { Members } from "./members.ts";
import type { Roster } from "./roster.ts";
import { SettingsForm } from "./settings-form.ts";
import { settingsWords } from "./settings-words.ts";
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
  talk: (userId: string) => Promise<void>;
  /** The number of people who wait to be let in. */
  waiting(count: number): void;
  /** `hadFocus`: it was in the panel. */
  closed(hadFocus: boolean): void;
}

/** Everything about a group that the reader's role allows, beside its messages, and as it changes. */
export class GroupPanel {
  readonly view: HTMLElement;
  readonly #client: ParleyClient;
  readonly #group: PanelGroup;
  readonly #listener: PanelListener;
  readonly #actions: GroupActions;
  readonly #problem = element("p", { class: "problem", role: "alert" });
  readonly #heading = element("h3");
  readonly #add: HTMLButtonElement;
  readonly #more: HTMLButtonElement;
  readonly #link = element("section", {}, element("h3", {}, "Link of the group"));
  readonly #linkWords = element("p", { class: "hint" });
  readonly #rules = element("section", { hidden: true });
  readonly #requests: JoinRequestList;
  readonly #list: MemberList;
  readonly #invites: InviteList;
  readonly #bans: BanList;
  readonly #settings: SettingsForm;
  readonly #lock: HTMLButtonElement;
  readonly #dismiss: HTMLButtonElement;
  readonly #requestsRead: LatestRead<JoinRequest[]>;
  readonly #bansRead: LatestRead<Banned[]>;
  readonly #invitesRead: LatestRead<Invite[]>;
  /** Where the next page of members begins. */
  #next: string | null = null;

  constructor(client: ParleyClient, group: PanelGroup, listener: PanelListener) {
    const { groupId, roster, members, blocks, name } = group;
    const { groups } = client;
    this.#client = client;
    this.#group = group;
    this.#listener = listener;
    // what it does shows its own failures
    const actions = new GroupActions(client, {
      groupId,
      name,
      isOffered: (userId) => !roster.has(userId) && !this.#bans.has(userId),
      talk: listener.talk,
      problem: (words) => (this.#problem.textContent = words),
    });
    this.#actions = actions;
    this.#requests = new JoinRequestList(async (request, isLetIn) => {
      await actions.answer(request, isLetIn);
      await this.readRequests();
    });
    this.#list = new MemberList(roster, members, {
      act: (member, action) => void actions.act(member, action),
      block: ({ userId }, isBlocked) => void actions.attempt(() => blocks.set(userId, isBlocked)),
      isBlocked: (userId) => blocks.has(userId),
    });
    this.#invites = new InviteList({
      make: (terms) => void this.#changeInvites(() => groups.makeInvite(groupId, terms)),
      revoke: ({ inviteId }) =>
        void this.#changeInvites(() => groups.revokeInvite(groupId, inviteId)),
    });
    this.#bans = new BanList(
      ({ userId }) => void actions.attempt(() => groups.unban(groupId, userId)),
    );
    this.#requestsRead = new LatestRead(
      () => groups.joinRequests(groupId),
      (requests) => {
        const shown = this.#may("answerRequests") ? requests : [];
        this.#requests.show(shown);
        listener.waiting(shown.length);
      },
    );
    this.#bansRead = new LatestRead(
      async () => Promise.all((await groups.bans(groupId)).map((userId) => this.#named(userId))),
      (banned) => this.#bans.show(banned),
    );
    this.#invitesRead = new LatestRead(
      () => groups.invites(groupId),
      (invites) => this.#invites.show(invites),
    );
    this.#settings = new SettingsForm((change) => actions.configure(change));
    this.#add = button("Add people", () => actions.add(), "quiet");
    this.#more = button("More members", () => void this.#readMembers(this.#next), "quiet");
    this.#lock = button("", () => void this.#toggleLock(), "quiet");
    this.#dismiss = button("Dismiss the group", () => actions.dismiss(), "quiet grave");
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
    const { settings } = roster;
    this.#heading.textContent = members.count === 1 ? "1 member" : `${members.count} members`;
    this.#list.show();
    this.#add.hidden = !this.#may("addMembers");
    this.#invites.view.hidden = !this.#may("invite");
    this.#settings.view.hidden = !this.#may("changeSettings");
    this.#lock.hidden = !this.#may("lock");
    this.#dismiss.hidden = !this.#may("dismiss");
    if (!this.#may("answerRequests")) this.#requests.show([]);
    if (!this.#may("banMembers")) this.#bans.show([]);
    if (settings === undefined) return;
    this.#settings.show(name(), settings);
    const words = this.#may("changeSettings") ? [] : settingsWords(settings);
    this.#rules.replaceChildren(...words.map((each) => element("p", { class: "hint" }, each)));
    this.#rules.hidden = words.length === 0;
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

  /** Also while the panel is closed: its button shows how many wait. */
  async readRequests(): Promise<void> {
    if (!this.#may("answerRequests")) return this.#listener.waiting(0);
    await this.#read(() => this.#requestsRead.run());
  }

  async readBans(): Promise<void> {
    if (!this.isOpen || !this.#may("banMembers")) return;
    await this.#read(() => this.#bansRead.run());
  }

  async readInvites(): Promise<void> {
    if (!this.isOpen || !this.#may("invite")) return;
    await this.#read(() => this.#invitesRead.run());
  }

  async #readMembers(cursor: string | null): Promise<void> {
    const { groupId, roster } = this.#group;
    await this.#read(async () => {
      const page = this.#client.groups.members(groupId, cursor === null ? {} : { cursor });
      this.#next = await roster.read(page);
      this.#more.hidden = this.#next === null;
    });
    this.show();
  }

  /** Nobody has asked for it just now, so it leaves what is said of something else until it fails itself. */
  async #read(read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      this.#problem.textContent = inWords(error);
    }
  }

  /** Who was never in the group while this page was open has a name in the directory only. */
  async #named(userId: string): Promise<Banned> {
    const known = this.#group.members.knownNameOf(userId);
    if (known !== undefined) return { userId, name: known };
    const user = await this.#client.rest.user(userId).catch(() => undefined);
    return { userId, name: user?.name ?? userId };
  }

  async #changeInvites(change: () => Promise<unknown>): Promise<void> {
    if (await this.#actions.attempt(change)) await this.readInvites();
  }

  async #toggleLock(): Promise<void> {
    await this.#actions.configure({ locked: this.#group.roster.settings?.locked !== true });
  }

  #may(permission: Permission): boolean {
    return may(this.#group.roster.myRole, permission);
  }

  #layOut(): HTMLElement {
    const close = button("×", () => this.close(), "quiet");
    close.ariaLabel = "Close the group's panel";
    const leave = button("Leave the group", () => this.#actions.leave(), "quiet grave");
    const people = element("section", {}, this.#heading, this.#list.view, this.#more, this.#add);
    const ways = element("section", { class: "ways" }, this.#lock, leave, this.#dismiss);
    const head = element("header", {}, element("h2", {}, "Group"), close);
    this.#more.hidden = true;
    const view = element("section", { class: "panel", role: "complementary", tabIndex: -1 });
    view.ariaLabel = "Group";
    view.hidden = true;
    view.append(head, this.#problem, this.#requests.view, people, this.#rules, this.#link);
    view.append(this.#invites.view, this.#bans.view, this.#settings.view, ways);
    view.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && view.querySelector(":popover-open") === null) this.close();
    });
    return view;
  }
}
