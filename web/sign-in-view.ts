import type { ParleyClient } from "../client/index.ts";
import { element, field } from "./element.ts";
import { inWords } from "./words.ts";

/** Sign in, or make an account: one form, since both ask for nearly the same. */
export function signInView(client: ParleyClient, done: () => void): HTMLElement {
  const matricule = field("Matricule", { name: "matricule", autocomplete: "username" });
  const password = field("Password", { name: "password", type: "password", minLength: 8 });
  const name = field("Your name", { name: "name", autocomplete: "name" });
  const problem = element("p", { class: "problem", role: "alert" });
  const submit = element("button", { type: "submit" });
  const other = element("button", { type: "button", class: "quiet" });
  const title = element("h1");
  let isNew = false;

  function show(): void {
    title.textContent = isNew ? "Join Parley" : "Parley";
    submit.textContent = isNew ? "Create account" : "Sign in";
    other.textContent = isNew ? "I have an account" : "Create an account";
    name.row.hidden = !isNew;
    name.input.required = isNew;
    password.input.autocomplete = isNew ? "new-password" : "current-password";
    problem.textContent = "";
  }

  async function send(): Promise<void> {
    const secret = password.input.value;
    if (isNew) {
      await client.register({
        matricule: matricule.input.value,
        password: secret,
        name: name.input.value,
      });
    } else {
      await client.login({ login: matricule.input.value, password: secret });
    }
  }

  const form = element("form", { class: "sign-in" }, title, matricule.row, name.row, password.row);
  form.append(problem, submit, other);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    problem.textContent = "";
    try {
      await send();
      done();
    } catch (error) {
      problem.textContent = inWords(error);
    } finally {
      submit.disabled = false;
    }
  });
  other.addEventListener("click", () => {
    isNew = !isNew;
    show();
  });
  show();
  return form;
}
