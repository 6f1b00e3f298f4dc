// What a person does: keys, pointers; and what changed in the page meanwhile.

export function press(key, alt, composing) {
  const at = document.activeElement ?? document.body;
  at.dispatchEvent(new KeyboardEvent("keydown", {
    key, altKey: alt, isComposing: composing, bubbles: true, cancelable: true,
  }));
}

// A key with modifiers ("Alt", "Control", "Meta", "Shift"); whether the page took it.
export function press_with(key, modifiers) {
  const at = document.activeElement ?? document.body;
  const down = (name) => modifiers.split("+").includes(name);
  return !at.dispatchEvent(new KeyboardEvent("keydown", {
    key, altKey: down("Alt"), ctrlKey: down("Control"), metaKey: down("Meta"), shiftKey: down("Shift"),
    bubbles: true, cancelable: true,
  }));
}

// A key with what `init` (JSON) says of it; whether the page took it.
export function press_init(init) {
  const at = document.activeElement ?? document.body;
  return !at.dispatchEvent(new KeyboardEvent("keydown", {
    bubbles: true, cancelable: true, ...JSON.parse(init),
  }));
}

// A press of the mouse from one element to another: as browsers do, the click is that of what holds both.
export function drag_mouse(from, to, x, y) {
  const at = (target, type, x, y) => target.dispatchEvent(new MouseEvent(type, {
    clientX: x, clientY: y, bubbles: true, cancelable: true,
  }));
  const middle = (target) => {
    const edges = target.getBoundingClientRect();
    return [edges.left + edges.width / 2, edges.top + edges.height / 2];
  };
  const begin = from.matches("dialog") ? [x, y] : middle(from);
  const end = to.matches("dialog") ? [x, y] : middle(to);
  at(from, "mousedown", ...begin);
  at(to, "mouseup", ...end);
  const shared = from.contains(to) ? from : to.contains(from) ? to : from.parentElement;
  at(shared, "click", ...end);
}

// "pointermove:up" is a move with no button down.
export function pointer(kind, target, x, y, pointerType) {
  const [type, up] = kind.split(":");
  target.dispatchEvent(new PointerEvent(type, {
    pointerId: 7, pointerType, isPrimary: true, button: 0, buttons: up ? 0 : 1,
    clientX: x, clientY: y, bubbles: true, cancelable: true, detail: type === "click" ? 1 : 0,
  }));
}

export function add_style(text) {
  const style = document.createElement("style");
  style.textContent = text;
  document.head.append(style);
}

export function select_text(element) {
  getSelection().selectAllChildren(element);
  return getSelection().toString();
}

let observer;
let changes = [];

export function watch(root) {
  observer?.disconnect();
  changes = [];
  observer = new MutationObserver((records) => changes.push(...records));
  observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
}

// The cards that were changed since `watch`, and "" for each change outside of any card.
export function touched() {
  changes.push(...observer.takeRecords());
  const cards = changes.map((record) => {
    const at = record.target.nodeType === Node.ELEMENT_NODE ? record.target : record.target.parentElement;
    return at?.closest("[data-task]")?.dataset.task ?? "";
  });
  return JSON.stringify([...new Set(cards)]);
}
