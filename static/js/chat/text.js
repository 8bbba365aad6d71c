// What people wrote is text. Addresses in it become links; nothing else is interpreted.
const ADDRESS = /\bhttps?:\/\/[^\s<>"'`{}|\\^\u0000-\u0020\u007f-\u00a0\u200b-\u200f\u2028-\u202f\u2066-\u2069\ufeff\ufffd]+/gi;

// What ends a sentence is no part of the address, nor is a bracket that was opened before it.
function trimmed(address) {
  let text = address.replace(/[.,;:!?…]+$/, '');
  while (text.endsWith(')') && text.split('(').length < text.split(')').length) text = text.slice(0, -1).replace(/[.,;:!?…]+$/, '');
  return text;
}

function link(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  if (!['http:', 'https:'].includes(url.protocol) || url.username || url.password) return null;
  const made = document.createElement('a');
  made.href = url.href;
  made.rel = 'noopener nofollow ugc';
  made.target = '_blank';
  made.textContent = text;
  made.setAttribute('hx-boost', 'false');
  return made;
}

/** Nodes for a text: its own, with links where addresses are. */
export function nodesOf(text) {
  const nodes = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = trimmed(found);
    const made = link(address);
    if (!made) continue;
    nodes.push(text.slice(from, index), made);
    from = index + address.length;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== '');
}

/** `1.2 MB`, `340 kB`. */
export function sizeOf(bytes) {
  return bytes >= 1_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1000))} kB`;
}

/** An element with a class and what stands in it; never markup. */
export function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}
