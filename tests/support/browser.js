// Stands in for the browser's WebSocket and fetch in tests of the board: a test decides what opens, what arrives, what is answered, and when.
// Tests with a real server and a real network are in crates/e2e.

const realFetch = window.fetch.bind(window);
const realListen = EventTarget.prototype.addEventListener;
const realSetItem = Storage.prototype.setItem;
const realUnlisten = EventTarget.prototype.removeEventListener;

let sockets = [];
let requests = [];
let routes = new Map();
let held = [];
let listeners = 0;

// How far the page's clock is ahead, in milliseconds. Timers run as they do. It stays so for the tests that follow: no clock goes back.
let ahead = 0;
const realNow = Date.now.bind(Date);

class ScriptedSocket extends EventTarget {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSING = 2;
  static CLOSED = 3;

  constructor(url, protocols) {
    super();
    this.url = url;
    this.protocols = protocols === undefined ? [] : [].concat(protocols);
    this.readyState = 0;
    this.protocol = "";
    this.extensions = "";
    this.bufferedAmount = 0;
    this.sent = [];
    this.closeCode = -1;
    sockets.push(this);
  }

  send(text) {
    if (this.readyState === 0) throw new DOMException("still connecting", "InvalidStateError");
    if (this.readyState === 1) this.sent.push(text);
  }

  close(code, reason) {
    if (code !== undefined && code !== 1000 && (code < 3000 || code > 4999)) {
      throw new DOMException("code not allowed", "InvalidAccessError");
    }
    if (this.readyState >= 2) return;
    this.closeCode = code === undefined ? 1005 : code;
    this.readyState = 2;
    setTimeout(() => this.finish(this.closeCode, reason ?? ""), 0);
  }

  finish(code, reason) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.dispatchEvent(new CloseEvent("close", { code, reason, wasClean: code === 1000 }));
  }
}

function answer(status, headers, body) {
  return new Response(status === 204 ? null : body, { status, headers: JSON.parse(headers) });
}

async function scriptedFetch(input, init) {
  const request = new Request(input, init);
  const url = new URL(request.url);
  if (!url.pathname.startsWith("/api/")) return realFetch(input, init);
  // Firefox has no `Request.body`.
  const body = request.method === "GET" ? "" : await request.clone().text();
  const key = `${request.method} ${url.pathname.slice(5)}`;
  requests.push({ key, query: url.search, body });
  const route = routes.get(key);
  if (route) {
    if (route.status === 0) throw new TypeError("Failed to fetch");
    return answer(route.status, route.headers, route.body);
  }
  return new Promise((resolve, reject) => {
    const waiting = { key, resolve, reject };
    held.push(waiting);
    request.signal.addEventListener("abort", () => {
      held = held.filter((other) => other !== waiting);
      requests.push({ key: `ABORTED ${key}`, query: "", body: "" });
      reject(new DOMException("aborted", "AbortError"));
    });
  });
}

/** Begins anew, with nothing opened, asked or answered. */
export function install() {
  sockets = [];
  requests = [];
  routes = new Map();
  held = [];
  Storage.prototype.setItem = realSetItem;
  for (const key of stored()) localStorage.removeItem(key);
  delete navigator.locks;
  Date.now = () => realNow() + ahead;
  window.WebSocket = ScriptedSocket;
  window.fetch = scriptedFetch;
  const counts = (target) => target === window || target === document;
  EventTarget.prototype.addEventListener = function (...args) {
    if (counts(this)) listeners += 1;
    return realListen.apply(this, args);
  };
  EventTarget.prototype.removeEventListener = function (...args) {
    if (counts(this)) listeners -= 1;
    return realUnlisten.apply(this, args);
  };
}

export function put_clock_forward(milliseconds) { ahead += milliseconds; }
export function socket_count() { return sockets.length; }
export function live_sockets() { return sockets.filter((socket) => socket.readyState < 2).length; }
export function socket_state(index) { return sockets[index].readyState; }
export function socket_url(index) { return sockets[index].url; }
export function socket_protocols(index) { return sockets[index].protocols.join(","); }
export function socket_close_code(index) { return sockets[index].closeCode; }
export function socket_open(index, protocol) {
  const socket = sockets[index];
  socket.protocol = protocol;
  socket.readyState = 1;
  socket.dispatchEvent(new Event("open"));
}
export function socket_receive(index, text) {
  const socket = sockets[index];
  if (socket.readyState === 1) socket.dispatchEvent(new MessageEvent("message", { data: text }));
}
export function socket_finish(index, code) {
  const socket = sockets[index];
  if (socket.readyState === 0) socket.dispatchEvent(new Event("error"));
  socket.finish(code, "");
}
export function socket_sent(index) { return JSON.stringify(sockets[index].sent); }
export function set_buffered(index, bytes) { sockets[index].bufferedAmount = bytes; }

export function route(method, path, status, headers, body) {
  routes.set(`${method} ${path}`, { status, headers, body });
}
export function unroute(method, path) { routes.delete(`${method} ${path}`); }
export function requests_made() { return JSON.stringify(requests); }
export function held_count(method, path) {
  return held.filter((waiting) => waiting.key === `${method} ${path}`).length;
}
export function answer_held(method, path, status, headers, body) {
  const at = held.findIndex((waiting) => waiting.key === `${method} ${path}`);
  if (at < 0) return false;
  const [waiting] = held.splice(at, 1);
  waiting.resolve(answer(status, headers, body));
  return true;
}

/** Takes the locks away, which browsers have only in secure contexts. */
export function hide_locks() {
  Object.defineProperty(navigator, "locks", { value: undefined, configurable: true });
}
function stored() {
  return Object.keys(localStorage).filter((key) => /^tasktree\.(unsent|lease)\./.test(key));
}
function stored_changes() {
  return stored().filter((key) => key.startsWith("tasktree.unsent."));
}
/** Everything that is stored of unsent changes and their owners, as text. */
export function storage_text() {
  return JSON.stringify(Object.fromEntries(stored().map((key) => [key, localStorage[key]])));
}
/** Stores this again, in place of what is there. */
export function set_storage(text) {
  for (const key of stored()) localStorage.removeItem(key);
  Object.assign(localStorage, JSON.parse(text));
}
/** Resumes the page, as the browser does after it was frozen. */
export function resume_page() { document.dispatchEvent(new Event("resume")); }
/** What is kept of changes that are not answered, in the order of their keys. */
export function kept_changes() {
  return JSON.stringify(stored_changes().sort().map((key) => JSON.parse(localStorage[key])));
}
/** From now on the storage has no room. */
export function fill_storage() {
  Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
}

export function listener_count() { return listeners; }
/** Whether the page would ask before it is left. */
export function asks_before_leaving() {
  return !window.dispatchEvent(new Event("beforeunload", { cancelable: true }));
}
