// What the desk's files share: fetching a part again, and what the browser keeps for this agent.
const waiting = new Map();

/** Fetches a part of the desk again, a moment later, so that several reasons are one request; not while somebody is busy in it. */
export function refresh(id, pause = 250) {
  clearTimeout(waiting.get(id));
  waiting.set(id, setTimeout(() => {
    const part = document.getElementById(id);
    if (!part) return;
    const isBusy = part.querySelector('details[open]') || (id !== 'desk-queue' && part.contains(document.activeElement) && document.activeElement !== part);
    if (isBusy || document.hidden) refresh(id, 2000);
    else part.dispatchEvent(new CustomEvent('desk:refresh'));
  }, pause));
}

/** What was kept under a name; `otherwise` where nothing was, or the browser keeps nothing. */
export function kept(store, name, otherwise) {
  try {
    return JSON.parse(window[store].getItem(`desk.${name}`)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function keep(store, name, value) {
  try {
    window[store].setItem(`desk.${name}`, JSON.stringify(value));
  } catch {
    // storage is blocked: it lives as long as the page
  }
}

/** Opens a conversation in the middle, as its line in the list does. */
export function linkTo(link, token) {
  const here = new URLSearchParams(location.search);
  const query = new URLSearchParams([...['queue', 'search', 'page'].map((name) => [name, here.get(name)]).filter(([, value]) => value), ['conversation', token]]);
  link.href = `/support?${query}`;
  for (const [name, value] of [['get', link.getAttribute('href')], ['target', '#desk'], ['swap', 'outerHTML'], ['push-url', 'true']]) link.setAttribute(`hx-${name}`, value);
}
