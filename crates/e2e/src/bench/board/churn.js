// The body of a function: scrolls the longest list of the page a screen at a time, opens and closes a
// card's menu on every screen, and ends when `arguments[0]` cards were mounted. Returns the number of
// mounted cards, the milliseconds for mounting them, and the milliseconds that the browser needs to
// copy and insert the same elements, as a baseline.
const [wanted] = arguments;
const lists = [...document.querySelectorAll(".virtual-list")];
const list = lists.reduce((one, other) => (other.scrollHeight > one.scrollHeight ? other : one));

const task = () =>
    new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = resolve;
        port2.postMessage(null);
    });
const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

let mounted = 0;
const observer = new MutationObserver((records) => {
    for (const { addedNodes } of records) {
        for (const node of addedNodes) {
            if (node.nodeType === Node.ELEMENT_NODE && node.querySelector(".task-card")) mounted += 1;
        }
    }
});
observer.observe(list, { childList: true, subtree: true });

const scrollOn = async () => {
    const end = list.scrollHeight - list.clientHeight;
    const next = list.scrollTop + list.clientHeight;
    list.scrollTop = next > end ? 0 : next;
    const begun = performance.now();
    // The browser tells of it with the next frame; the time until then is none of the board's.
    list.dispatchEvent(new Event("scroll"));
    await task();
    return performance.now() - begun;
};

const openAndCloseMenu = async () => {
    const button = list.querySelector(".task-card-menu");
    for (const is_open of [true, false]) {
        button.click();
        await task();
        if (document.querySelector(".menu:popover-open") ? !is_open : is_open) throw new Error("the menu did not toggle");
    }
};

const copy = async (count) => {
    const place = document.createElement("div");
    place.hidden = true;
    document.body.append(place);
    const row = list.querySelector(".task-card").parentElement;
    const begun = performance.now();
    for (let copied = 0; copied < count; copied += 1) place.append(row.cloneNode(true));
    await task();
    const milliseconds = performance.now() - begun;
    place.remove();
    return milliseconds;
};

return (async () => {
    const times = { mounted: 0, mounting: 0, copying: 0 };
    while (mounted < wanted) {
        const before = mounted;
        times.mounting += await scrollOn();
        times.copying += await copy(mounted - before);
        await openAndCloseMenu();
        // Two frames: what was mounted is painted, and what waits for the next frame is done.
        await frame();
        await task();
    }
    observer.disconnect();
    times.mounted = mounted;
    return times;
})();
