// How many messages wait to be seen: in the title of the page, and for whoever shows a badge.
const BEFORE = /^\(\d+\) /;
let count = 0;

function title() {
  const plain = document.title.replace(BEFORE, '');
  const wanted = count > 0 ? `(${count}) ${plain}` : plain;
  if (document.title !== wanted) document.title = wanted;
}

/** Says how many there are. */
export function setUnread(number) {
  count = number;
  title();
  document.dispatchEvent(new CustomEvent('chat:unread', { detail: { count } }));
}

// Another page has another title.
document.addEventListener('htmx:afterSettle', title);
