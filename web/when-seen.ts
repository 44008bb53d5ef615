const acts = new WeakMap<Element, () => void>();

const observer = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    observer.unobserve(target);
    acts.get(target)?.();
  }
});

/** Acts once, when an element has come on screen. */
export function whenSeen(view: Element, act: () => void): void {
  acts.set(view, act);
  observer.observe(view);
}
