// Runs in a page before the page's own scripts and notes when it paints. See probe.rs for what the times mean.
window.probe = (() => {
    const CARD = ".task-card";
    const NAME = "first-card";

    // The first card's text gets a name for the browser's own record of when it is on the screen. A mutation observer is
    // called in the task that put the card in, before any frame shows it.
    const firstCard = new Promise((resolve) => {
        new PerformanceObserver((list) => {
            const entry = list.getEntries().find((entry) => entry.identifier === NAME);
            if (entry) resolve(entry.renderTime);
        }).observe({ type: "element", buffered: true });
        const observer = new MutationObserver(() => {
            const card = document.querySelector(CARD);
            if (!card) return;
            observer.disconnect();
            for (const element of card.querySelectorAll("*")) element.setAttribute("elementtiming", NAME);
        });
        observer.observe(document, { childList: true, subtree: true });
    });

    const longTasks = [];
    new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) longTasks.push({ startTime, duration });
    }).observe({ type: "longtask", buffered: true });

    const cardOf = (task) => document.querySelector(`${CARD}[data-task="${CSS.escape(task)}"]`);

    // When what is in the document now has been painted: the next frame runs its callbacks, then style, layout and paint, and
    // only then the next task.
    const painted = () =>
        new Promise((resolve) => {
            requestAnimationFrame(() => {
                const { port1, port2 } = new MessageChannel();
                port1.onmessage = () => resolve(performance.now());
                port2.postMessage(null);
            });
        });

    const shows = (task, title) =>
        new Promise((resolve) => {
            const look = () => {
                if (!cardOf(task)?.textContent.includes(title)) return false;
                observer.disconnect();
                resolve(performance.now());
                return true;
            };
            const observer = new MutationObserver(look);
            if (!look()) observer.observe(document.body, { childList: true, subtree: true, characterData: true });
        });

    // Writes a title over HTTP, as a script would; gives how many milliseconds later it was answered, in the document and painted.
    const update = async (path, task, title) => {
        const inDocument = shows(task, title);
        const onScreen = inDocument.then(painted);
        const begun = performance.now();
        const answer = await fetch(path, {
            method: "PUT",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ title }),
        });
        const answered = performance.now();
        if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
        return { answered: answered - begun, written: (await inDocument) - begun, painted: (await onScreen) - begun };
    };

    // Cards that are in the window as a whole.
    const visible = () =>
        [...document.querySelectorAll(CARD)]
            .filter((card) => {
                const box = card.getBoundingClientRect();
                return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
            })
            .map((card) => card.dataset.task);

    return { firstCard, longTasks, shows, update, visible };
})();
