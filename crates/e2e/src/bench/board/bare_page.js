// The least that a live page can be: one card, and a socket whose messages are its text.
const card = document.createElement("article");
card.className = "task-card";
card.dataset.task = "bare";
const title = document.createElement("p");
title.textContent = "One card and nothing else";
card.append(title);
document.body.append(card);

const socket = new WebSocket(`ws://${location.host}/socket`);
socket.onopen = () => (document.body.dataset.live = "true");
socket.onmessage = ({ data }) => (title.textContent = data);
