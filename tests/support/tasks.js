// A task of the browser without the four milliseconds that a timer takes at least.

const channel = new MessageChannel();
const waiting = [];
channel.port1.onmessage = () => waiting.shift()();

// What is going on by itself: animations, and marks that go out after a while.
export function in_flight() {
  return document.getAnimations().length + document.querySelectorAll(".task-card-flash[data-actor]").length;
}

export function one_task() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}
