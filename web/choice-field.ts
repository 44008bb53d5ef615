import { element } from "./element.ts";

/** A labelled choice of one value out of some. */
export interface ChoiceField<Value extends string | number> {
  view: HTMLElement;
  value: Value;
}

/** A value that is not offered is, once it is set. */
export function choiceField<Value extends string | number>(
  label: string,
  offered: readonly (readonly [label: string, value: Value])[],
  initial: Value,
  nameOther: (value: Value) => string = String,
): ChoiceField<Value> {
  const select = element("select");
  const values: Value[] = [];
  const offer = (text: string, value: Value) => {
    values.push(value);
    select.append(element("option", {}, text));
  };
  for (const [text, value] of offered) offer(text, value);
  const field = {
    view: element("label", { class: "field" }, label, select),
    get value() {
      return values[select.selectedIndex] ?? initial;
    },
    set value(value: Value) {
      if (!values.includes(value)) offer(nameOther(value), value);
      select.selectedIndex = values.indexOf(value);
    },
  };
  field.value = initial;
  return field;
}
